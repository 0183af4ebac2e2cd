"""Scores: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import count, number, schema, share, text

_SCORES = (
    "score low high n answered gated short dimension_*",
    {
        "answered": share("Share of what was asked that was answered", "作答比例", decimals=0),
        "gated": number("Score with the gate", "门槛得分", decimals=1),
        "short": share("{Respondents} short of a must-be", "未达必备要求的{respondent}占比", decimals=0),
        "dimension_": number("Score of the dimension", "维度得分", decimals=1),
    },
)

TABLES = {
    "": schema("platform? stage? period?", _SCORES[0], **_SCORES[1]),
    "scores": schema("platform? stage? period?", _SCORES[0], **_SCORES[1]),
    "margins": schema("platform? stage? period? level", _SCORES[0], **_SCORES[1]),
    "links": schema(
        "moment",
        "entered left common link standard_error n_before n_after",
        moment=text("Period of the change", "变更时期"),
        entered=text("Indicators that entered", "新增指标"),
        left=text("Indicators that left", "退出指标"),
        common=count("Indicators in common", "共同指标数"),
        link=number("Link", "链接值", decimals=1),
        standard_error=number("Standard error", "标准误"),
        n_before=count("{Answers} before", "变更前{answer}数"),
        n_after=count("{Answers} after", "变更后{answer}数"),
    ),
    "stars": schema("indicator stage? period?", "stars low high n status", stars=number("Stars", "星级")),
    "weights": schema("indicator", "weight"),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


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
