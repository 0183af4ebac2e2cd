"""Weights of the evaluation model: analytic hierarchy process and Delphi rounds.

``compute_weights`` gives the whole result, ``static_weights`` the global weights alone; ``ahp`` and ``delphi`` hold
the mathematics on plain arrays.
"""

from maternal_eval.weighting.labels import name_of, study_labels
from maternal_eval.weighting.result import (
    EQUAL,
    EXPERTS,
    GIVEN,
    WeightsResult,
    WeightsSettings,
    compute_weights,
    dimension_index,
    static_weights,
)

__all__ = [
    "EQUAL",
    "EXPERTS",
    "GIVEN",
    "WeightsResult",
    "WeightsSettings",
    "compute_weights",
    "dimension_index",
    "name_of",
    "static_weights",
    "study_labels",
]
