r"""The six intraclass correlations of Shrout & Fleiss (1979, *Psychol. Bull.* 86, 420–428) with F-based intervals.

From the mean squares of an analysis of variance of n records by k sources: between records (B), within records (W),
between sources (J) and residual (E),

.. math::
   \mathrm{ICC}(1,1) = \frac{B - W}{B + (k-1) W}, \quad
   \mathrm{ICC}(2,1) = \frac{B - E}{B + (k-1) E + k (J - E) / n}, \quad
   \mathrm{ICC}(3,1) = \frac{B - E}{B + (k-1) E},

and for the mean of k sources :math:`(B-W)/B`, :math:`(B-E)/(B+(J-E)/n)`, :math:`(B-E)/B`. Case 1: every record has its
own sources; case 2: the sources are a sample, and their bias is error; case 3: these sources alone, bias apart.
Intervals of case 2 follow McGraw & Wong (1996, *Psychol. Methods* 1, 30–46), table 7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.stats import f as fisher

from maternal_eval.core.intervals import PROBABILITY, tails
from maternal_eval.methods.agreement.readings import complete_readings


class Correlation(NamedTuple):
    """An intraclass correlation with its interval, at most 1; a negative one says that records differ less than chance
    would make them."""

    value: float
    low: float
    high: float


class MeanSquares(NamedTuple):
    """Mean squares of records by sources: between records, within records, between sources, residual."""

    records: float
    within: float
    sources: float
    residual: float


def mean_squares(readings: np.ndarray) -> MeanSquares:
    """Return the mean squares of a complete table, ``(records, sources)``."""
    n, k = readings.shape
    grand = readings.mean()
    by_record, by_source = readings.mean(axis=1), readings.mean(axis=0)
    records = k * float(((by_record - grand) ** 2).sum()) / (n - 1)
    sources = n * float(((by_source - grand) ** 2).sum()) / (k - 1)
    inside = float(((readings - by_record[:, None]) ** 2).sum())
    residual = (inside - sources * (k - 1)) / ((n - 1) * (k - 1))
    return MeanSquares(records, inside / (n * (k - 1)), sources, residual)


def intraclass_correlations(readings: np.ndarray, probability: float = PROBABILITY) -> dict[str, Correlation]:
    """Return the six intraclass correlations by name: ``ICC(1,1)`` … ``ICC(3,k)``.

    Parameters
    ----------
    readings
        ``(records, sources)``, larger or smaller alike; records with a gap (NaN) are left out.
    probability
        Content of the intervals.

    Raises
    ------
    InputError
        See :func:`~maternal_eval.methods.agreement.readings.complete_readings`.

    Examples
    --------
    >>> table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
    >>> [round(one.value, 2) for one in intraclass_correlations(table).values()]
    [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    """
    table = complete_readings(readings)
    n, k = table.shape
    squares = mean_squares(table)
    high = tails(probability)[1]

    def one_way(error: float, freedom: float) -> tuple[float, float, float]:
        """Return the ratio of mean squares and its ends."""
        if error <= 0:
            return float("inf"), float("inf"), float("inf")
        ratio = squares.records / error
        return (
            ratio,
            ratio / float(fisher.ppf(high, n - 1, freedom)),
            ratio * float(fisher.ppf(high, freedom, n - 1)),
        )

    def of(ratios: tuple[float, float, float], form: Callable[[float], float]) -> Correlation:
        return Correlation(*(1.0 if np.isinf(one) else form(one) for one in ratios))

    def single(ratio: float) -> float:
        return (ratio - 1) / (ratio + k - 1)

    def average(ratio: float) -> float:
        return 1 - 1 / ratio if ratio > 0 else float("nan")

    case_1 = one_way(squares.within, n * (k - 1))
    case_3 = one_way(squares.residual, (n - 1) * (k - 1))
    case_2 = _random_sources(squares, n, k, high)
    return {
        "ICC(1,1)": of(case_1, single),
        "ICC(2,1)": case_2,
        "ICC(3,1)": of(case_3, single),
        "ICC(1,k)": of(case_1, average),
        "ICC(2,k)": Correlation(*(k * one / (1 + (k - 1) * one) for one in case_2)),
        "ICC(3,k)": of(case_3, average),
    }


def _random_sources(squares: MeanSquares, n: int, k: int, high: float) -> Correlation:
    between, _, source, residual = squares
    value = (between - residual) / (between + (k - 1) * residual + k * (source - residual) / n)
    if residual <= 0:
        return Correlation(value, value, value)
    ratio = source / residual
    part = n * (1 + (k - 1) * value) - k * value
    freedom = (k - 1) * (n - 1) * (k * value * ratio + part) ** 2
    freedom /= (n - 1) * k**2 * value**2 * ratio**2 + part**2
    up, down = float(fisher.ppf(high, n - 1, freedom)), float(fisher.ppf(high, freedom, n - 1))
    rest = k * source + (k * n - k - n) * residual
    low = n * (between - up * residual) / (up * rest + n * between)
    top = n * (down * between - residual) / (rest + n * down * between)
    return Correlation(value, low, top)
