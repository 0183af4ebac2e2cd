r"""From an operation to the indicator it should reach: a link fitted on the platform log, or a refusal.

The log holds what the platform did, the panel what respondents answered. Per platform p and period t

.. math:: \bar a_{pt} = \alpha_p + \gamma_t + b\, z_{pt} + c\, \bar o_{pt} + \text{error},

with the mean answer to the indicator (on its own scale: b is in points of it), the operation z (its logarithm, or
itself), effects of platform and period and the mean o of all other indicators (place on the scale, 0–1, larger is
better): platforms that differ for other reasons, years in which everything gets better and a platform that gets better
at everything say nothing about b. What is left is how far a platform departs from its own level and the common path in
this alone. Cells count by their answers; the covariance is clustered by platform and draws follow Student's t with
platforms - 1 degrees of freedom (Cameron & Miller 2015). Where nothing is left, or too few platforms, there is no link
and the scenario is refused: no slope is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from maternal_eval.analyses.whatif.scenarios import Operation, Scenario
from maternal_eval.core.intervals import tails
from maternal_eval.study import Study
from maternal_eval.study.log_months import period_of_month

FEWEST_PLATFORMS = 6
"""With fewer clusters a clustered covariance means nothing."""

FEWEST_CELLS = 4
"""Cells per platform on average that a link needs at least: platform and period effects take most of them."""

_ENDS = ("low", "high")

LEFT = 0.01
"""Least standard deviation of the operation after the effects, as share of its whole."""


@dataclass(frozen=True)
class Link:
    """How an indicator follows an operation.

    Attributes
    ----------
    slope, error
        Points of the indicator's scale per unit of the transformed operation, and its clustered standard error.
    freedom
        Degrees of freedom of the draws.
    left
        Standard deviation of the operation after effects and other answers.
    cells, platforms
        Number of platform × period cells and of platforms.
    """

    slope: float
    error: float
    freedom: int
    left: float
    cells: int
    platforms: int

    @property
    def interval(self) -> tuple[float, float]:
        """Equal-tailed interval of the slope with probability :data:`~maternal_eval.core.intervals.PROBABILITY`."""
        half = student.ppf(tails()[1], self.freedom) * self.error
        return self.slope - half, self.slope + half

    def strata(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Return ``count`` slopes, one from each of as many equally probable strata, in random order."""
        points = (np.arange(count) + random.random(count)) / count
        return random.permutation(self.slope + self.error * student.ppf(points, self.freedom))


@dataclass(frozen=True)
class Refusal:
    """Why there is no link, in both languages."""

    en: str
    zh: str


def transformed(operation: Operation, level: np.ndarray) -> np.ndarray:
    """Return the operation as it enters the link."""
    return np.log(level) if operation.transform == "log" else level


def operation_levels(study: Study, operation: Operation) -> pd.Series:
    """Return the operation's mean by platform and period, each month by its enquiries; empty cells are left out.

    A month belongs to the period of the study that holds it (to its year where periods are plain numbers). A row of the
    log without the operation or without enquiries says nothing and weighs nothing.
    """
    log = study.platform_log
    assert log is not None
    assert operation.column is not None
    frame = pd.DataFrame(
        {
            "platform": log["platform"].astype(str),
            "period": log["month"].astype(str).map(lambda month: period_of_month(study, month)),
            "weight": log["enquiries"].astype(float),
            "level": log["enquiries"] * log[operation.column].astype(float),
        }
    )
    frame = frame.dropna().astype({"period": int})
    sums = frame[frame["weight"] > 0].groupby(["platform", "period"])[["level", "weight"]].sum()
    return (sums["level"] / sums["weight"]).rename("level")


def fit_link(study: Study, operation: Operation) -> Link | Refusal:
    """Fit the link of an operation, or say why there is none."""
    refusal = _not_recorded(study, operation)
    if refusal is not None:
        return refusal
    levels = operation_levels(study, operation)
    if operation.transform == "log" and not (levels > 0).all():
        return Refusal(
            f"the log has values of {operation.column} that are not positive", f"日志中 {operation.column} 有非正值"
        )
    cells = _cells(study, operation.indicator).join(levels, how="inner").reset_index()
    platforms = cells["platform"].nunique()
    if platforms < FEWEST_PLATFORMS or len(cells) < FEWEST_CELLS * platforms:
        return Refusal(
            *study.words.pair(
                f"only {len(cells)} cells of {platforms} {{platforms}} have both log and answers",
                f"同时有日志与{{answer}}的单元仅 {len(cells)} 个，涉及 {platforms} 个{{platform}}",
            )
        )
    weight = cells["size"].to_numpy(dtype=float)
    dummies = pd.get_dummies(cells[["platform", "period"]].astype(str), drop_first=True, dtype=float)
    effects = np.column_stack([np.ones(len(cells)), dummies.to_numpy(), cells["others"]])
    operation_value = transformed(operation, cells["level"].to_numpy(dtype=float))
    return _within(
        operation_value, cells["answer"].to_numpy(dtype=float), effects, weight, cells["platform"].to_numpy()
    )


def _cells(study: Study, code: str) -> pd.DataFrame:
    """Return by platform and period: mean answer to the indicator and to the others, and number of answers."""
    others = [other for other in study.model.codes if other != code]
    frame = pd.DataFrame(
        {
            "platform": study.panel["platform"].astype(str),
            "period": study.panel["period"],
            "answer": study.panel[code],
            "others": _places(study, others).mean(axis=1) if others else 0.0,
        }
    ).dropna()
    grouped = frame.groupby(["platform", "period"])
    return grouped[["answer", "others"]].mean().assign(size=grouped.size())


def _places(study: Study, codes: list[str]) -> pd.DataFrame:
    """Return the place of each answer on its scale, 0–1, larger is better: only so can scales be averaged."""
    low, high = (pd.Series([getattr(study.model.indicator(code), end) for code in codes], codes) for end in _ENDS)
    return (study.oriented(codes) - low) / (high - low)


def _not_recorded(study: Study, operation: Operation) -> Refusal | None:
    if operation.column is None or study.platform_log is None:
        return Refusal(
            *study.words.pair(
                "the {platform} log does not record it, so nothing links it to an indicator",
                "{platform}日志没有记录这一运营量，无法与任何指标建立联系",
            )
        )
    if operation.column not in study.platform_log:
        return Refusal(
            *study.words.pair(
                f"the {{platform}} log has no column {operation.column}, so nothing links it to an indicator",
                f"{{platform}}日志没有 {operation.column} 一列，无法与任何指标建立联系",
            )
        )
    if not study.has_platforms or len(study.periods) < 2:
        return Refusal(
            *study.words.pair("the panel has no {platforms} or periods to compare", "面板没有可比较的{platform}或时期")
        )
    return None


def _within(
    operation: np.ndarray, answer: np.ndarray, effects: np.ndarray, weight: np.ndarray, cluster: np.ndarray
) -> Link | Refusal:
    """Return the weighted within slope with its covariance clustered by platform."""
    root = np.sqrt(weight)[:, None]
    projected = np.linalg.lstsq(effects * root, np.column_stack([operation, answer]) * root, rcond=None)[0]
    left, residual = (np.column_stack([operation, answer]) - effects @ projected).T
    whole = np.sqrt(np.average((operation - np.average(operation, weights=weight)) ** 2, weights=weight))
    spread = np.sqrt(np.average(left**2, weights=weight))
    if not spread > LEFT * whole:
        return Refusal(
            "after platform and period effects the operation does not vary: the link cannot be identified",
            "扣除平台与时期效应后，这一运营量不再变化：联系无法识别",
        )
    information = weight @ left**2
    slope = float(weight @ (left * residual) / information)
    influence = weight * left * (residual - slope * left)
    names, place = np.unique(cluster, return_inverse=True)
    clusters, cells, columns = len(names), len(answer), effects.shape[1] + 1
    meat = (np.bincount(place, influence) ** 2).sum()
    correction = clusters / (clusters - 1) * (cells - 1) / (cells - columns)
    error = float(np.sqrt(correction * meat) / information)
    return Link(slope, error, clusters - 1, float(spread), cells, clusters)


def refusal_of(scenario: Scenario, links: Mapping[str, Link | Refusal]) -> Refusal | None:
    """Return why a scenario cannot be carried through; None if it can."""
    for target in scenario.changes:
        link = links.get(target)
        if isinstance(link, Refusal):
            return link
    return None
