r"""The share of records that count as accurate, as a curve over the tolerance, under three definitions.

"92 % accurate" says neither how near readings have to be nor whose. With readings of k sources, a record is accurate to
τ if

- ``all``: no two sources lie more than τ apart;
- ``majority``: more than half of the sources lie within τ of each other;
- ``first``: the first source (the respondent) lies within τ of the mean of the others.

Each gives a record its own least tolerance, and the curve is the distribution of these. None of them speaks of the
truth: that all sources agree does not say that they are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

from maternal_eval.core.arguments import numbers, probability
from maternal_eval.core.intervals import PROBABILITY, normal_reach, tails
from maternal_eval.methods.agreement.readings import complete_readings


def _all(table: np.ndarray) -> np.ndarray:
    return np.ptp(table, axis=1)


def _majority(table: np.ndarray) -> np.ndarray:
    ordered = np.sort(table, axis=1)
    size = table.shape[1] // 2 + 1
    return (ordered[:, size - 1 :] - ordered[:, : table.shape[1] - size + 1]).min(axis=1)


def _first(table: np.ndarray) -> np.ndarray:
    return np.abs(table[:, 0] - table[:, 1:].mean(axis=1))


@dataclass(frozen=True)
class Definition:
    """A reading of "accurate": ``distance`` gives each record, ``(records, sources)``, its least tolerance."""

    name: str
    en: str
    zh: str
    distance: Callable[[np.ndarray], np.ndarray]


DEFINITIONS = {
    one.name: one
    for one in (
        Definition("all", "no two sources further apart", "任意两个来源之差不超过容差", _all),
        Definition("majority", "a majority of the sources as close", "多数来源相互之差不超过容差", _majority),
        Definition("first", "self-report so close to the others", "自评与其余来源均值之差不超过容差", _first),
    )
}
"""Definitions of an accurate record; a new one is one more row."""


def accuracy_curve(distance: np.ndarray, tolerances: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the share of records within each tolerance, with Wilson's interval.

    Parameters
    ----------
    distance
        ``(records,)``: the least tolerance of each record.
    tolerances
        In the unit of the readings.

    Returns
    -------
    share, low, high
        One number per tolerance.

    Examples
    --------
    >>> accuracy_curve(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 2.0, 9.0]))[0].tolist()
    [0.0, 0.5, 1.0]
    """
    distance = numbers(distance, "distance", ndim=1, low=0.0)
    n = len(distance)
    share = np.searchsorted(np.sort(distance), np.asarray(tolerances, dtype=float), side="right") / n
    z = normal_reach(PROBABILITY)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return share, np.clip(centre - half, 0.0, share), np.clip(centre + half, share, 1.0)


def tolerance_for(distance: np.ndarray, share: float) -> tuple[float, float, float]:
    """Return the least tolerance at which this share of the records is accurate, with the interval of that quantile.

    The interval is that of order statistics, without any distribution.

    Examples
    --------
    >>> tolerance_for(np.arange(100.0), 0.92)[0]
    91.0
    """
    ordered = np.sort(numbers(distance, "distance", ndim=1, low=0.0))
    probability(share, "share")
    n = len(ordered)
    at = int(np.ceil(share * n - 1e-9)) - 1
    low, high = (int(binom.ppf(end, n, share)) for end in tails())
    return float(ordered[at]), float(ordered[max(low - 1, 0)]), float(ordered[min(high, n - 1)])


def within_truth(error: np.ndarray, tolerances: np.ndarray) -> np.ndarray:
    r"""Return the probability that a normal error of no bias stays within each tolerance, :math:`2\Phi(\tau/\sigma)-1`.

    Parameters
    ----------
    error
        Standard deviations of the errors, ``(sources,)``.
    tolerances
        ``(tolerances,)``.

    Returns
    -------
    numpy.ndarray
        Sources × tolerances.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(tolerances, dtype=float)[None, :] / np.asarray(error, dtype=float)[:, None]
    return 2 * norm.cdf(np.where(np.isnan(ratio), np.inf, ratio)) - 1


@dataclass(frozen=True)
class Dropped:
    """What leaving out discordant records does to the mean of each column, ``(columns,)``, with its interval."""

    kept: np.ndarray
    before: np.ndarray
    after: np.ndarray
    change: np.ndarray
    change_low: np.ndarray
    change_high: np.ndarray


def dropping(readings: np.ndarray, values: np.ndarray, tolerance: float) -> Dropped:
    r"""Leave out the records in which two sources differ by more than the tolerance, and compare means.

    The change :math:`\bar v_{kept} - \bar v` is a function of two means of the same records; its standard error is that
    of its influence :math:`(v_i - \bar v_{kept}) k_i / \bar k - (v_i - \bar v)`.

    Parameters
    ----------
    readings
        ``(records, sources)``, complete.
    values
        ``(records, columns)``: what is averaged.
    tolerance
        In the unit of the readings.
    """
    table = complete_readings(readings)
    columns = numbers(values, "values", shape=(len(table), None))
    kept = _all(table) <= tolerance
    before = columns.mean(axis=0)
    if not kept.any():
        missing = np.full(columns.shape[1], np.nan)
        return Dropped(kept, before, missing, missing, missing, missing)
    after = columns[kept].mean(axis=0)
    influence = (columns - after) * kept[:, None] / kept.mean() - (columns - before)
    reach = normal_reach() * influence.std(axis=0) / np.sqrt(len(table))
    change = after - before
    return Dropped(kept, before, after, change, change - reach, change + reach)
