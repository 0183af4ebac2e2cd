r"""Krippendorff's alpha for nominal, ordinal and interval codes (Krippendorff 2011, *Computing Krippendorff's
alpha-reliability*), with a bootstrap interval over the units.

.. math:: \alpha = 1 - D_o / D_e, \qquad
   D_o = \frac1n \sum_u \frac{1}{m_u - 1} \sum_{i \ne j} \delta^2(v_{ui}, v_{uj}), \qquad
   D_e = \frac{1}{n (n-1)} \sum_{v \ne w} \delta^2(v, w),

over the n values of all units with at least two. Ordinal distances
:math:`\delta_{ck} = \sum_{g=c}^{k} n_g - (n_c + n_k)/2` are differences of midranks, so that the ordinal alpha is the
interval alpha of the midranks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY, interval
from maternal_eval.core.randomness import Seed, generator

LEVELS = ("nominal", "ordinal", "interval")
"""What may be compared in codes: whether they are equal, their order, their distance."""


@dataclass(frozen=True)
class Alpha:
    """Krippendorff's alpha: 1 = the sources always agree, 0 = no more than chance; with its bootstrap interval."""

    level: str
    value: float
    low: float
    high: float
    units: int


def krippendorff_alpha(
    readings: np.ndarray,
    level: str = "ordinal",
    *,
    resamples: int = 0,
    seed: Seed = 0,
    probability: float = PROBABILITY,
) -> Alpha:
    """Return the alpha of codes.

    Parameters
    ----------
    readings
        ``(units, sources)``: codes as numbers; NaN = not coded. Units with fewer than two codes say nothing.
    level
        One of :data:`LEVELS`.
    resamples, seed
        Of the bootstrap over the units; without resamples there is no interval (NaN).
    probability
        Content of the interval.

    Raises
    ------
    InputError
        If the level is unknown, no unit has two codes, or all codes are the same: then chance explains everything.

    Examples
    --------
    >>> nan = np.nan
    >>> codes = np.array([[1, 1, nan], [2, 2, 3], [3, 3, 3], [1, 2, 1]])
    >>> round(krippendorff_alpha(codes, "nominal").value, 3), round(krippendorff_alpha(codes, "interval").value, 3)
    (0.5, 0.773)
    """
    if level not in LEVELS:
        raise InputError("no such level of measurement", found=level, expected=", ".join(LEVELS))
    table = numbers(readings, "readings", ndim=2, missing=True)
    whole(resamples, "resamples", low=0)
    table = table[np.isfinite(table).sum(axis=1) >= 2]
    if not len(table):
        raise InputError("no unit has two codes", found="none", expected="units that two sources have coded")
    values, codes = np.unique(table[np.isfinite(table)], return_inverse=True)
    if len(values) < 2:
        raise InputError("all codes are the same", found=f"{values[0]:g}", expected="codes that differ")
    counts = np.zeros((len(table), len(values)))
    rows = np.nonzero(np.isfinite(table))[0]
    np.add.at(counts, (rows, codes), 1.0)
    value = float(_alpha(counts, values, level, np.ones((1, len(table))))[0])
    low = high = float("nan")
    if resamples:
        units = len(table)
        random = generator(seed)
        times = random.multinomial(units, np.full(units, 1.0 / units), size=resamples)
        draws = _alpha(counts, values, level, times.astype(float))
        draws = draws[np.isfinite(draws)]
        if len(draws):
            low, high = (float(end) for end in interval(draws, probability=probability))
    return Alpha(level, value, low, high, len(table))


def _alpha(counts: np.ndarray, values: np.ndarray, level: str, times: np.ndarray) -> np.ndarray:
    """Return alpha when each unit counts so often: ``(resamples,)`` from units × values and resamples × units."""
    size = counts.sum(axis=1)
    total = times @ counts
    n = total.sum(axis=1)
    if level == "nominal":
        # pairs of unequal codes in a unit, each pair in both orders
        observed = times @ ((size**2 - (counts**2).sum(axis=1)) / (size - 1)) / n
        expected = (n**2 - (total**2).sum(axis=1)) / (n * (n - 1))
        return _one_minus(observed, expected)
    midrank = np.cumsum(total, axis=1) - total / 2
    place = np.broadcast_to(values, total.shape) if level == "interval" else midrank
    mean = (total * place).sum(axis=1) / n
    expected = 2 * ((total * place**2).sum(axis=1) - n * mean**2) / (n - 1)
    observed = np.empty(len(times))
    weight = times * (2 * size**2 / (size - 1))
    for at, one in enumerate(place):
        first, second = counts @ one / size, counts @ one**2 / size
        observed[at] = weight[at] @ np.clip(second - first**2, 0.0, None) / n[at]
    return _one_minus(observed, expected)


def _one_minus(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    ratio = np.divide(observed, expected, out=np.full_like(observed, np.nan), where=expected > 0)
    return 1.0 - ratio
