"""Scores: from answers to values by Kano class, and from values to a composite.

``answer_value`` and ``composite`` are the mathematics on plain arrays; ``score_respondents`` and ``score_study`` apply
them to a study.
"""

from maternal_eval.scoring.bootstrap import bootstrap_means, effective_size, mean_intervals, weighted_means
from maternal_eval.scoring.composite import AGGREGATION_RULES, FULL_SCORE, Composite, composite
from maternal_eval.scoring.linking import LINKING_RULES
from maternal_eval.scoring.ranks import RankDistribution, rank_shift, ranks_by_run, scores_under_weights
from maternal_eval.scoring.result import (
    ScoresResult,
    ScoresSettings,
    indicator_values,
    score_respondents,
    score_study,
)
from maternal_eval.scoring.stars import ALARM, STAR_STATUS
from maternal_eval.scoring.value import KANO_CLASSES, KAPPA, KanoClass, answer_value

__all__ = [
    "AGGREGATION_RULES",
    "ALARM",
    "FULL_SCORE",
    "KANO_CLASSES",
    "KAPPA",
    "LINKING_RULES",
    "STAR_STATUS",
    "Composite",
    "KanoClass",
    "RankDistribution",
    "ScoresResult",
    "ScoresSettings",
    "answer_value",
    "bootstrap_means",
    "composite",
    "effective_size",
    "indicator_values",
    "mean_intervals",
    "rank_shift",
    "ranks_by_run",
    "score_respondents",
    "score_study",
    "scores_under_weights",
    "weighted_means",
]
