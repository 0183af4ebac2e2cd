"""Scores: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult


@dataclass(frozen=True)
class ScoresResult(StudyResult):
    """The scores of a study, 0 (every answer the worst) to 100 (every answer the best).

    A cell's score is the mean of its respondents' composite scores by survey weight. Intervals are equal-tailed with
    probability :data:`~maternal_eval.core.intervals.PROBABILITY`, from a percentile bootstrap of the respondents within
    the cell that keeps their survey weights, with half an answer at either end of the scale so that few or equal
    answers leave it wide (:func:`~maternal_eval.methods.bootstrap.mean_intervals`); empty with fewer than two
    respondents.

    Attributes
    ----------
    scores
        One row per finest unit: the factors that the study has, ``score``, ``low``, ``high``, ``n`` (respondents with
        a score), ``answered`` (mean share of the weight of what was asked that was answered), ``gated`` (the score
        where a must-be that is short is not made up for), ``short`` (share of respondents who are short of any
        must-be) and one column ``dimension_<name>`` per dimension (0–100).
    margins
        The same for coarser units; ``level`` names the factors.
    links
        How scores are linked across changes of indicators (:mod:`~maternal_eval.analyses.scores.linking`); empty where
        the indicators stay the same. ``score`` and ``dimension_…`` are linked, ``gated`` moves with ``score``.
    stars
        Per indicator, for everybody and by stage, in every period: ``stars`` (1–5) with ``low``, ``high``, ``n`` and
        ``status`` (:mod:`~maternal_eval.analyses.scores.stars`); no alarm from fewer than
        :data:`~maternal_eval.analyses.scores.stars.FEWEST_ANSWERS` answers.
    weights
        The global weights used: ``indicator``, ``weight``.
    labels
        Names of stages and dimensions: code → language → name.
    """

    scores: pd.DataFrame
    margins: pd.DataFrame
    links: pd.DataFrame
    stars: pd.DataFrame
    weights: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return one row per platform × stage × period (those the study has)."""
        return self.scores.copy()
