"""Whatif: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, relative, schema, share, text

_CHANGED = {
    "before": number("Before", "干预前"),
    "relative": relative("Relative change", "相对变化"),
    "probability": chance("Probability of improvement", "改善概率"),
}
_EFFECT = (
    "before before_low before_high before_mcse change change_low change_high change_mcse relative relative_low "
    "relative_high relative_mcse probability"
)

TABLES = {
    "": schema("scenario weights outcome quantity", _EFFECT, **_CHANGED),
    "effects": schema("scenario weights outcome quantity platform stage", _EFFECT, **_CHANGED),
    "scenarios": schema(
        "scenario",
        "status reason_en reason_zh changes platform stage period touched clipped",
        changes=text("Changes", "改动"),
        period=text("Period", "时期"),
        touched=share("{Respondents} touched", "涉及的{respondent}占比", decimals=0),
        clipped=share("Answers at the end of the scale", "到达量尺端点的答案占比", decimals=0),
    ),
    "ranks": schema(
        "scenario weights platform",
        "score score_low score_high score_mcse change change_low change_high change_mcse rank_before rank_before_low "
        "rank_before_high wins_before first_before rank_after rank_after_low rank_after_high wins_after first_after "
        "rank_change rank_change_mcse probability_rank",
        rank_before=number("Rank before", "干预前名次", decimals=1),
        rank_after=number("Rank after", "干预后名次", decimals=1),
        wins_before=chance("Share of the others below, before", "干预前胜出比例"),
        wins_after=chance("Share of the others below, after", "干预后胜出比例"),
        first_before=chance("Probability of rank 1 before", "干预前居首概率"),
        first_after=chance("Probability of rank 1 after", "干预后居首概率"),
        rank_change=number("Change of rank", "名次变化", decimals=1),
        probability_rank=chance("Probability of a better rank", "名次上升概率"),
    ),
    "published": schema(
        "scenario outcome weights claim",
        "reading published quantity value low high mcse furthest furthest_low furthest_high probability_reached "
        "probability_attainable",
        reading=text("Unit", "单位"),
        value=number("Model", "模型"),
        furthest=number("Furthest", "最大", decimals=1),
        probability_reached=chance("Probability that it is reached", "达到的概率"),
        probability_attainable=chance("Probability that it is attainable", "可达的概率"),
    ),
    "links": schema(
        "operation",
        "indicator column slope low high left cells platforms reason_en reason_zh",
        operation=text("Operation", "运营量"),
        slope=number("Slope", "斜率"),
        left=number("Degrees of freedom", "自由度", decimals=0),
        cells=number("Cells", "单元数", decimals=0),
        platforms=number("{Platforms}", "{platform}数", decimals=0),
    ),
    "fits": schema(
        "weights outcome quantity",
        "respondents parameters answers observed error predicted predicted_low predicted_high tolerance",
        parameters=count("Parameters", "参数数"),
        predicted=number("Predicted", "预测值"),
        tolerance=number("Tolerance", "容差"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class WhatIfResult(StudyResult):
    """Consequences of interventions under fitted models: not causal effects; ``assumptions`` would make them so.

    Intervals ("_low", "_high") are equal-tailed with probability :data:`~maternal_eval.core.intervals.PROBABILITY`;
    "_mcse" is the Monte-Carlo standard error of a mean. Levels and changes stand on the scale of the outcome, scores
    are larger-is-better; ``probability`` is that of an improvement, which is a fall where less of an outcome is better.

    Attributes
    ----------
    scenarios
        One row per scenario: ``status`` ("carried" or "refused") with the reason (en, zh), ``changes`` in words (en,
        zh), place, period, ``touched`` (weighted share of the respondents there whose answers change) and ``clipped``
        (share of the changed answers that end at the end of the scale).
    effects
        One row per scenario, scheme of weights, outcome, quantity and unit (everybody, each platform, each stage that
        is touched): ``before``, ``change``, ``relative`` change, ``probability`` of improvement.
    ranks
        One row per scenario, scheme and platform: composite ``score`` (0–100) and its ``change``, rank before and
        after, ``wins`` (mean share of the other platforms that it beats), ``first`` (probability of being first),
        ``probability_rank`` (of a better rank). Empty with fewer than two platforms.
    published
        One row per published effect and scheme, among the respondents that the scenario is about (in its place, with an
        answer to the indicator): ``value`` in its reading, ``furthest`` (all of them at the end of the scale),
        ``probability_reached`` and ``probability_attainable`` (at the furthest): attainability, not proof.
    links
        One row per operation: slope of its link with interval, or why there is none.
    fits
        One row per outcome, quantity and scheme: respondents of the regression; among those who answered in the period
        that is changed, ``observed`` level with its standard ``error`` and the ``predicted`` one with interval, which
        may differ by ``tolerance`` (:mod:`~maternal_eval.analyses.whatif.levels`).
    """

    scenarios: pd.DataFrame
    effects: pd.DataFrame
    ranks: pd.DataFrame
    published: pd.DataFrame
    links: pd.DataFrame
    fits: pd.DataFrame
    RETIRED: ClassVar = ("skipped",)
    assumptions: list[dict[str, str]]

    def table(self) -> pd.DataFrame:
        """Return the effects on everybody, one row per scenario, scheme, outcome and quantity."""
        whole = (self.effects["platform"] == "") & (self.effects["stage"] == "")
        return self.effects[whole].drop(columns=["platform", "stage"]).reset_index(drop=True)

    def in_place(self) -> pd.DataFrame:
        """Return the effects where each scenario applies: on its platform, else in its stage, else on everybody."""
        place = self.scenarios.set_index("scenario")[["platform", "stage"]]
        place.loc[place["platform"] != "", "stage"] = ""
        wanted = place.loc[self.effects["scenario"]].to_numpy()
        here = (self.effects[["platform", "stage"]].to_numpy() == wanted).all(axis=1)
        return self.effects[here].reset_index(drop=True)
