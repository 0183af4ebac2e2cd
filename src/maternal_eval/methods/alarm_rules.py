"""The rules that a review may follow, one row each: when is a score said to have fallen below the limit?

All of them look at quarterly means of answers. The null hypothesis is the worst that is still allowed: a true mean
exactly at the limit. So "false alarm" is the same for all: an alarm while the true mean is not below it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from maternal_eval.methods.cusum import average_run_length, threshold

LARGEST_REFERENCE = 1.0
"""With a larger reference value the sum forgets everything at once, and small falls stay unseen however many answer."""


@dataclass(frozen=True)
class Chart:
    """What a rule is told about the stream of means.

    Attributes
    ----------
    limit
        The score that must not be passed, e.g. 3.
    spread
        Standard deviation of one answer, as known from the panel.
    count
        Answers a quarter.
    fall
        Distance below the limit that should be noticed soon.
    """

    limit: float
    spread: float
    count: int
    fall: float

    @property
    def error(self) -> float:
        """Standard deviation of a quarterly mean."""
        return self.spread / np.sqrt(self.count)

    @property
    def reference(self) -> float:
        """Reference value of the cumulative sum: half of the fall, in standard deviations of a mean (at most 1)."""
        return min(self.fall / (2 * self.error), LARGEST_REFERENCE)


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes
    ----------
    name, en, zh
        Key and names.
    default
        Its usual threshold for a chart, given the one-sided confidence.
    alarms
        (means, standard deviations, chart, threshold) → alarm or not, replicates × quarters; memory starts at 0 and
        starts anew after an alarm.
    run_length
        (true mean, chart, threshold, true standard deviation of a quarterly mean) → average number of quarters to an
        alarm, by the normal approximation.
    threshold_en, threshold_zh
        What the threshold is.
    largest
        Chart → the largest threshold that is thought of: it gives an alarm practically never.
    """

    name: str
    en: str
    zh: str
    default: Callable[[Chart, float], float]
    alarms: Callable[[np.ndarray, np.ndarray, Chart, float], np.ndarray]
    run_length: Callable[[float, Chart, float, float], float]
    threshold_en: str
    threshold_zh: str
    largest: Callable[[Chart], float]


def _naive(means: np.ndarray, deviations: np.ndarray, chart: Chart, margin: float) -> np.ndarray:
    return means < chart.limit - margin - 1e-9


def _naive_length(mean: float, chart: Chart, margin: float, error: float) -> float:
    return float(1 / max(norm.cdf((chart.limit - margin - mean) / error), 1e-12))


def _upper_end(means: np.ndarray, deviations: np.ndarray, chart: Chart, z: float) -> np.ndarray:
    # Equal answers are no certainty: their spread is taken to be the one known from the panel.
    spread = np.where(deviations > 0, deviations, chart.spread)
    return means + z * spread / np.sqrt(chart.count) < chart.limit - 1e-9


def _upper_end_length(mean: float, chart: Chart, z: float, error: float) -> float:
    return float(1 / max(norm.cdf((chart.limit - mean) / error - z), 1e-12))


def _cumulated(means: np.ndarray, deviations: np.ndarray, chart: Chart, h: float) -> np.ndarray:
    steps = (chart.limit - means) / chart.error - chart.reference
    alarms = np.zeros(means.shape, dtype=bool)
    held = np.zeros(means.shape[0])
    for quarter in range(means.shape[1]):
        held = np.maximum(held + steps[:, quarter], 0.0)
        alarms[:, quarter] = held > h
        held[alarms[:, quarter]] = 0.0
    return alarms


def _cumulated_length(mean: float, chart: Chart, h: float, error: float) -> float:
    # the chart counts in its own standard errors; the run length wants those of the means
    scale = chart.error / error
    return average_run_length(chart.reference * scale, h * scale, (chart.limit - mean) / error)


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "naive",
            "point estimate below the limit",
            "点估计低于界限",
            lambda chart, confidence: 0.0,
            _naive,
            _naive_length,
            "points below the limit",
            "低于界限的分值",
            lambda chart: 40.0 * chart.error,
        ),
        Rule(
            "interval",
            "upper end of the interval below the limit",
            "区间上端低于界限",
            lambda chart, confidence: float(norm.ppf(confidence)),
            _upper_end,
            _upper_end_length,
            "standard errors",
            "标准误倍数",
            lambda chart: 10.0,
        ),
        Rule(
            "cusum",
            "cumulative sum",
            "累积和",
            lambda chart, confidence: threshold(chart.reference, 1 / (1 - confidence)),
            _cumulated,
            _cumulated_length,
            "standard errors, cumulated",
            "累积标准误倍数",
            lambda chart: 50.0,
        ),
    )
}
"""Rules by name; a new one is one more row."""
