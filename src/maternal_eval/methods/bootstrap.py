"""Bootstrap of weighted means: respondents are drawn with their survey weights, all columns at once."""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import increasing, numbers, whole
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import Seed, generator

_CHUNK = 1_000_000
"""Drawn rows held in memory at once."""


def weighted_means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean of each column over its answered rows; NaN without any.

    Raises
    ------
    InputError
        If a weight is negative or not finite, a value infinite, or lengths do not agree.
    """
    values = numbers(values, "values", missing=True, empty=True)
    weights = numbers(weights, "weights", shape=values.shape[:1], low=0.0, empty=True)
    return _ratio(weights[None], *_parts(np.asarray(values, dtype=float)))[0]


def bootstrap_means(values: np.ndarray, weights: np.ndarray, resamples: int, seed: Seed) -> np.ndarray:
    r"""Return the weighted means of bootstrap resamples of the rows, ``(resamples, columns)``.

    Each resample draws n - 1 of the n respondents with replacement, and a respondent keeps the survey weight; the mean
    is :math:`\sum w_i x_i / \sum w_i` over the answered. Drawing n - 1 makes the variance of a mean unbiased in small
    cells, where n draws give (n - 1) / n of it (Rao & Wu 1988, equal-probability case).

    Parameters
    ----------
    values
        ``(rows,)`` or ``(rows, columns)``; NaN = not answered.
    weights
        ``(rows,)`` survey weights, not negative.
    resamples, seed
        How many resamples, drawn from what.

    Returns
    -------
    numpy.ndarray
        ``(resamples,)`` for a single column; NaN where nobody drawn answered.

    Raises
    ------
    ValueError
        With fewer than two rows.
    """
    values = numbers(values, "values", missing=True, empty=True)
    weights = numbers(weights, "weights", shape=values.shape[:1], low=0.0, empty=True)
    whole(resamples, "resamples", low=1)
    values = np.asarray(values, dtype=float)
    table = values[:, None] if values.ndim == 1 else values
    count = len(table)
    if count < 2:
        raise ValueError("a bootstrap needs at least two respondents")
    random = generator(seed)
    parts = _parts(table)
    means = np.empty((resamples, table.shape[1]))
    rows = max(1, _CHUNK // count)
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        drawn = random.integers(count, size=(size, count - 1)) + count * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count)
        means[start : start + size] = _ratio(times * weights, *parts)
    return means[:, 0] if values.ndim == 1 else means


def effective_size(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    r"""Return Kish's effective number of answers of each column, :math:`(\sum w)^2 / \sum w^2` over the answered.

    Raises
    ------
    InputError
        If a weight is negative or not finite, a value infinite, or lengths do not agree.
    """
    values = numbers(values, "values", missing=True, empty=True)
    weights = numbers(weights, "weights", shape=values.shape[:1], low=0.0, empty=True)
    answered = _parts(np.asarray(values, dtype=float))[0]
    mass, squares = weights @ answered, weights**2 @ answered
    return np.divide(mass**2, squares, out=np.zeros_like(mass), where=squares > 0)


def mean_intervals(
    values: np.ndarray, weights: np.ndarray, scale: tuple[float, float], resamples: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return intervals of weighted means of answers on a bounded scale that few or equal answers leave wide.

    A bootstrap knows no answers but those given, so that equal ones leave an interval of width 0. Here each resample is

    .. math:: V\, \bar x^* + (1 - V)\, \{low + (high - low)\, E\},
       \quad V \sim \mathrm{Beta}(n, 1), \quad E \sim \mathrm{Beta}(½, ½),

    with the mean :math:`\bar x^*` of :func:`bootstrap_means` and Kish's effective size n: as if half an answer stood at
    either end of the scale, the widest prior of one answer that the scale allows. For equal answers and for answers at
    the two ends alone it is the beta posterior under Jeffreys' prior (Brown, Cai & DasGupta 2001); with many answers it
    is the bootstrap. An interval always holds the mean itself, so that it ends at the end of the scale where every
    answer does.

    Parameters
    ----------
    values, weights, resamples, seed
        As for :func:`bootstrap_means`; ``(rows, columns)``.
    scale
        Lowest and highest possible value.

    Returns
    -------
    low, high
        ``(columns,)``, in the unit of the values; NaN with fewer than two answers: one answer says nothing of how far
        answers differ.

    Raises
    ------
    InputError
        If the ends of the scale do not increase, or as :func:`bootstrap_means`.
    """
    increasing(numbers(scale, "scale", shape=(2,)), "scale")
    table = np.asarray(values, dtype=float)
    missing = np.full(table.shape[1], np.nan)
    if len(table) < 2:
        return missing, missing.copy()
    random = generator(seed)
    means = bootstrap_means(table, weights, resamples, random)
    size = effective_size(table, weights)
    known = random.random(means.shape) ** (1.0 / np.maximum(size, 1.0))
    ends = scale[0] + (scale[1] - scale[0]) * np.sin(0.5 * np.pi * random.random(means.shape)) ** 2
    # A resample without anybody who answered knows nothing but the scale.
    draws = np.where(np.isnan(means), ends, known * means + (1.0 - known) * ends)
    low, high = interval(draws)
    centre = weighted_means(table, weights)
    enough = (np.isfinite(table) & (weights > 0)[:, None]).sum(axis=0) >= 2
    return np.where(enough, np.minimum(low, centre), np.nan), np.where(enough, np.maximum(high, centre), np.nan)


def counted_mean_interval(
    values: np.ndarray, counts: np.ndarray, scale: tuple[float, float], resamples: int, seed: Seed
) -> tuple[float, float]:
    r"""Return the interval of a mean of counted answers: what :func:`mean_intervals` does without single answers.

    Shares are drawn from the Dirichlet distribution of the counts (the Bayesian bootstrap, Rubin 1981) with half an
    answer more at either end of the scale, so that equal answers are no certainty. Counts need not be whole.

    Parameters
    ----------
    values
        ``(K,)``: the different answers.
    counts
        ``(K,)``: effective number of each.
    scale
        Lowest and highest possible value.
    resamples, seed
        How many draws, from what.

    Returns
    -------
    low, high
        In the unit of the values; NaN with fewer than two answers. The interval holds the mean itself.

    Raises
    ------
    InputError
        If a count is negative, or the ends of the scale do not increase.

    Examples
    --------
    >>> low, high = counted_mean_interval(np.array([1.0, 2.0]), np.array([50.0, 50.0]), (1.0, 2.0), 4000, 0)
    >>> abs(low - 1.5 + 0.08) < 0.01 and abs(high - 1.5 - 0.08) < 0.01
    True
    """
    values = numbers(values, "values", ndim=1)
    counts = numbers(counts, "counts", shape=values.shape, low=0.0)
    increasing(numbers(scale, "scale", shape=(2,)), "scale")
    if counts.sum() < 2.0 - 1e-9:
        return float("nan"), float("nan")
    parts = np.concatenate([counts, [0.5, 0.5]])
    drawn = generator(seed).standard_gamma(parts, (whole(resamples, "resamples", low=1), len(parts)))
    low, high = interval(drawn @ np.concatenate([values, scale]) / drawn.sum(axis=1))
    centre = float(counts @ values / counts.sum())
    return min(float(low), centre), max(float(high), centre)


def _parts(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what was answered (1 or 0) and the answers with 0 in the gaps."""
    answered = np.isfinite(table)
    return answered.astype(float), np.where(answered, table, 0.0)


def _ratio(weights: np.ndarray, answered: np.ndarray, filled: np.ndarray) -> np.ndarray:
    mass = weights @ answered
    return np.divide(weights @ filled, mass, out=np.full(mass.shape, np.nan), where=mass > 0)
