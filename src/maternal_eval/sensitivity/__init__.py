"""Sensitivity: uncertain weights and choices against the verdict; levels of indicators against outcomes.

``run_sensitivity`` does the analysis of a study. ``SobolDesign``, ``analyse`` and ``sobol_indices`` are Sobol' indices
of any model, here or on a Dask cluster; ``shapley_values``, ``shapley_effects``, ``explained_variance`` and ``pawn``
are
for inputs that are not independent.
"""

from maternal_eval.sensitivity.analysis import run_sensitivity
from maternal_eval.sensitivity.cluster import connect
from maternal_eval.sensitivity.design import SobolDesign
from maternal_eval.sensitivity.explained import explained_variance
from maternal_eval.sensitivity.moment_free import pawn
from maternal_eval.sensitivity.result import SensitivityResult
from maternal_eval.sensitivity.settings import SensitivitySettings
from maternal_eval.sensitivity.shapley import shapley_effects, shapley_values
from maternal_eval.sensitivity.sobol import SobolEstimates, analyse, sobol_indices

__all__ = [
    "SensitivityResult",
    "SensitivitySettings",
    "SobolDesign",
    "SobolEstimates",
    "analyse",
    "connect",
    "explained_variance",
    "pawn",
    "run_sensitivity",
    "shapley_effects",
    "shapley_values",
    "sobol_indices",
]
