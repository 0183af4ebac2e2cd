"""Weights of the evaluation model: analytic hierarchy process, its posterior, and Delphi rounds.

``compute_weights`` gives the whole result, ``static_weights`` the global weights alone, ``weight_posterior`` the
posterior that other analyses draw weights from; ``ahp``, ``bayesian`` and ``delphi`` hold the mathematics on plain
arrays.
"""

from maternal_eval.weighting.hierarchy import dimension_index
from maternal_eval.weighting.labels import name_of, study_labels
from maternal_eval.weighting.posterior import NOMINAL, OF_EXPERTS, WeightPosterior, weight_posterior
from maternal_eval.weighting.result import EQUAL, EXPERTS, GIVEN, WeightsResult, compute_weights, static_weights
from maternal_eval.weighting.settings import WeightsSettings

__all__ = [
    "EQUAL",
    "EXPERTS",
    "GIVEN",
    "NOMINAL",
    "OF_EXPERTS",
    "WeightPosterior",
    "WeightsResult",
    "WeightsSettings",
    "compute_weights",
    "dimension_index",
    "name_of",
    "static_weights",
    "study_labels",
    "weight_posterior",
]
