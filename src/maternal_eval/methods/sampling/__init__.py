"""The one place where posteriors are sampled and their diagnostics are judged."""

from maternal_eval.core.checks import Check, check_table
from maternal_eval.methods.sampling.attempts import (
    ONCE,
    Attempt,
    Sampled,
    SamplerSeed,
    judge,
    parameters_of,
    sample_until_passed,
)
from maternal_eval.methods.sampling.diagnostics import Diagnostics, Gates, diagnose, require
from maternal_eval.methods.sampling.pareto import RELIABLE_K, Smoothed, pareto_smoothed
from maternal_eval.methods.sampling.rank_uniformity import rank_band, rank_counts, rank_p_value
from maternal_eval.methods.sampling.replicates import Replicate, run_replicates
from maternal_eval.methods.sampling.sampled import SampledSettings
from maternal_eval.methods.sampling.sampling import (
    POSTERIOR,
    STATISTICS,
    Adaptation,
    CompiledModel,
    LogDensity,
    SamplerSettings,
    compile_model,
    sample,
)

__all__ = [
    "ONCE",
    "POSTERIOR",
    "RELIABLE_K",
    "STATISTICS",
    "Adaptation",
    "Attempt",
    "Check",
    "CompiledModel",
    "Diagnostics",
    "Gates",
    "LogDensity",
    "Replicate",
    "Sampled",
    "SampledSettings",
    "SamplerSeed",
    "SamplerSettings",
    "Smoothed",
    "check_table",
    "compile_model",
    "diagnose",
    "judge",
    "parameters_of",
    "pareto_smoothed",
    "rank_band",
    "rank_counts",
    "rank_p_value",
    "require",
    "run_replicates",
    "sample",
    "sample_until_passed",
]
