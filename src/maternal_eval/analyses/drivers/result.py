"""Drivers: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, schema, share
from maternal_eval.study import DIMENSIONS
from maternal_eval.study.groups import EVERYONE

_DRIVERS = schema(
    "group set element",
    "dominance share low high mcse relative performance",
    dominance=share("Explained of the latent outcome", "解释的潜在结果方差"),
    share=share("Share of what is explained", "占已解释部分的份额"),
    relative=share("Relative weight", "相对权重"),
    performance=number("Mean answer", "平均评分"),
)

TABLES = {
    "": _DRIVERS,
    "drivers": _DRIVERS,
    "pain_points": schema(
        "group indicator",
        "performance gain low high p_rise rank rank_low rank_high p_top",
        performance=number("Mean answer", "平均评分"),
        gain=number("Gain of the outcome", "结果的提升", decimals=3),
        p_top=chance("Probability of being among the first", "进入前列的概率"),
    ),
    "fits": schema(
        "group",
        "answers clusters categories background explained low high",
        categories=count("Answers of the outcome", "结果档数"),
        background=count("Background columns", "背景变量列数"),
        explained=share("Explained of the latent outcome", "解释的潜在结果方差"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class DriversResult(StudyResult):
    """What drives the outcome.

    ``group`` is everybody (:data:`~maternal_eval.study.groups.EVERYONE`) or a stage. Intervals are equal-tailed, from
    a Bayesian bootstrap of respondents or declared clusters; larger outcomes are better.

    Attributes
    ----------
    drivers
        By group, ``set`` ("dimensions" or "indicators") and ``element``: ``dominance``, the part of the latent
        variance that is its own by general dominance, less its bootstrap bias; ``share`` of what all explain, with
        ``low``, ``high`` and ``mcse``, the Monte-Carlo error of sampled orders (0: all sets enumerated); ``relative``,
        Johnson's relative weights as shares; ``performance``, the mean answer on the indicator's own scale, larger
        better (empty for dimensions).
    pain_points
        By group and indicator: the ``gain`` of the expected outcome, in points of its scale, if every answer rose by
        the step of the settings, with interval; ``p_rise`` that it is a gain at all; ``rank`` (1: largest gain) with
        the ranks that hold 90 % of the draws; ``p_top``, the probability of being among the first ones.
    fits
        By group: answers, clusters, categories of the outcome, columns of the background, and the ``explained`` share
        of the latent variance inside the background with its interval.
    outcome
        Name of the outcome.
    """

    drivers: pd.DataFrame
    pain_points: pd.DataFrame
    fits: pd.DataFrame
    outcome: str

    def table(self) -> pd.DataFrame:
        """Return importance by group, set and element."""
        return self.drivers.copy()

    def of_everybody(self, kind: str) -> pd.DataFrame:
        """Return the drivers of everybody: "dimensions" or "indicators", the most important first."""
        rows = self.drivers[(self.drivers["group"] == EVERYONE) & (self.drivers["set"] == kind)]
        return rows.sort_values("share", ascending=False, kind="stable", ignore_index=True)

    @property
    def has_dimensions(self) -> bool:
        """Whether dimensions have an importance of their own."""
        return bool((self.drivers["set"] == DIMENSIONS).any())

    def pains(self, group: str = EVERYONE) -> pd.DataFrame:
        """Return the pain points of a group, the largest gain first."""
        rows = self.pain_points[self.pain_points["group"] == group]
        return rows.sort_values("rank", ignore_index=True)
