"""The one place where posteriors are sampled and their diagnostics are judged."""

from maternal_eval.fitting.diagnostics import Check, Diagnostics, Gates, check_table, diagnose, require
from maternal_eval.fitting.sampling import (
    POSTERIOR,
    STATISTICS,
    CompiledModel,
    LogDensity,
    SamplerSettings,
    compile_model,
    sample,
)

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
