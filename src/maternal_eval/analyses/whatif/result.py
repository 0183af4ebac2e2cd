"""Whatif: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from maternal_eval.results import StudyResult


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
