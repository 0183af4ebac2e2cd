"""The one place where posteriors are sampled and their diagnostics are judged."""

from maternal_eval.fitting.diagnostics import Diagnostics, Gates, diagnose, require
from maternal_eval.fitting.sampling import (
    POSTERIOR,
    STATISTICS,
    CompiledModel,
    LogDensity,
    SamplerSettings,
    compile_model,
    sample,
)
from maternal_eval.results.checks import Check, check_table

__all__ = [
    "POSTERIOR",
    "STATISTICS",
    "Check",
    "CompiledModel",
    "Diagnostics",
    "Gates",
    "LogDensity",
    "SamplerSettings",
    "check_table",
    "compile_model",
    "diagnose",
    "require",
    "sample",
]
