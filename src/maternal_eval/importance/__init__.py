"""Importance: what the weights do, against what they say."""

from maternal_eval.importance.measures import (
    LinearImportance,
    correlation_ratio,
    effective_weights,
    fill_unanswered,
    own_share,
    weights_for_importance,
)
from maternal_eval.importance.result import ImportanceResult, ImportanceSettings, analyse_importance

__all__ = [
    "ImportanceResult",
    "ImportanceSettings",
    "LinearImportance",
    "analyse_importance",
    "correlation_ratio",
    "effective_weights",
    "fill_unanswered",
    "own_share",
    "weights_for_importance",
]
