"""Scores: from answers to values by Kano class, and from values to a composite.

``answer_value`` and ``composite`` are the mathematics on plain arrays; ``score_respondents`` and ``score_study`` apply
them to a study.
"""

from maternal_eval.scoring.composite import FULL_SCORE, Composite, composite
from maternal_eval.scoring.ranks import RankDistribution, rank_shift, ranks_by_run, scores_under_weights
from maternal_eval.scoring.result import (
    ScoresResult,
    ScoresSettings,
    bootstrap_means,
    score_respondents,
    score_study,
    survey_weights,
)
from maternal_eval.scoring.value import KANO_CLASSES, KAPPA, KanoClass, answer_value

__all__ = [
    "FULL_SCORE",
    "KANO_CLASSES",
    "KAPPA",
    "Composite",
    "KanoClass",
    "RankDistribution",
    "ScoresResult",
    "ScoresSettings",
    "answer_value",
    "bootstrap_means",
    "composite",
    "rank_shift",
    "ranks_by_run",
    "score_respondents",
    "score_study",
    "scores_under_weights",
    "survey_weights",
]
