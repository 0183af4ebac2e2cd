"""What the fits of single items and dimensions found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from maternal_eval.core.remarks import Remark
from maternal_eval.results import Result
from maternal_eval.results.schema import count, number, schema, share, text, truth

_SCORE = number("Expected answer", "期望得分")
_SIDES = {"lowest": share("Two lowest", "最低两档"), "highest": share("Two highest", "最高两档")}
_ATTAINABLE = {
    f"{side}_{end}": share(f"{_SIDES[side].en}, {en} attainable", f"{_SIDES[side].zh}可达{zh}")
    for side in _SIDES
    for end, en, zh in (("least", "least", "下限"), ("most", "most", "上限"))
}

TABLES = {
    "": schema("kind name stage period?", "score low high top top_low top_high answers", score=_SCORE),
    "scores": schema(
        "kind name stage period?",
        "score low high mcse top top_low top_high observed answers effective forecast",
        score=_SCORE,
    ),
    "changes": schema(
        "kind name stage",
        "first last change low high mcse p_rise",
        first=count("First period", "首期"),
        last=count("Last period", "末期"),
    ),
    "checks": schema("kind name check", "status value threshold text"),
    "implied": schema(
        "claim",
        "name proxy stage period score score_low score_high lowest lowest_low lowest_high lowest_mcse highest "
        "highest_low highest_high highest_mcse lowest_least lowest_most highest_least highest_most",
        name=text("Thresholds of", "阈值来源"),
        proxy=truth("Only comes closest", "仅最为接近"),
        period=count("Year", "年份"),
        score=number("Published", "已发表", decimals=1),
        **_SIDES,
        **_ATTAINABLE,
    ),
    "remaining": schema(
        "period",
        "stages share low high attainable",
        stages=text("{Stages} with a figure", "有数字的{stage}"),
        attainable=truth("Attainable", "可达"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ItemsResult(Result):
    """Items and dimensions by stage and period.

    Scores are expected answers on the scale of the answers (larger is better); that of a dimension is the equally
    weighted mean over its items. Intervals are equal-tailed with the stated probability.

    Attributes
    ----------
    study, simulated
        Where the answers come from; whether they are simulated.
    labels
        Names of stages, items and dimensions by language.
    items
        Kind (``item`` or ``dimension``) and name of what was fitted, in order.
    has_periods
        Whether the study has periods.
    scale
        Lowest and highest answer of the first item.
    probability, interval_kind
        Of all intervals.
    settings
        Settings of the fits.
    scores
        Kind, name and the columns of :func:`maternal_eval.methods.ordinal.summaries.score_table`.
    changes
        Kind, name and the columns of :func:`maternal_eval.methods.ordinal.summaries.change_table`.
    checks
        Kind, name, check, status, value, threshold, text: every gate of every fit.
    implied
        One row per published score: claim, name (of the item whose thresholds are taken), proxy (whether that item
        only comes closest to what was published), stage, period, score (as printed), score_low, score_high (what it
        can stand for); lowest and highest, the shares of the two lowest and the two highest answers under the
        fitted thresholds, with interval and Monte-Carlo error; lowest_least … highest_most, the shares that any
        answers with such a mean can have, without a model.
    remaining
        One row per period with a published score of all stages and of some: the mean that the other stages (share
        of the respondents: one minus ``share``) must have if the stage scores are read as the same overall score;
        arithmetic on rounding intervals and the shares of the weighted sample.
    remarks
        What was left out, pooled or predicted without answers, by item.
    """

    study: str
    simulated: bool
    labels: dict[str, dict[str, str]]
    items: list[dict[str, str]]
    has_periods: bool
    scale: list[float]
    probability: float
    interval_kind: str
    settings: dict[str, Any]
    scores: pd.DataFrame
    changes: pd.DataFrame
    checks: pd.DataFrame
    implied: pd.DataFrame
    remaining: pd.DataFrame
    remarks: list[Remark] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return expected answer, share of the two highest answers and number, by item, stage and period."""
        columns = ["kind", "name", "stage", "period", "score", "low", "high", "top", "top_low", "top_high", "answers"]
        return self.scores[[column for column in columns if self.has_periods or column != "period"]]

    def label(self, name: str, language: str) -> str:
        """Return the name of a stage, item or dimension in ``language``."""
        return self.labels.get(name, {}).get(language, name)
