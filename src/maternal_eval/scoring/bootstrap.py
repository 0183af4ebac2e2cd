"""Bootstrap of weighted means: respondents are drawn with their survey weights, all columns at once."""

from __future__ import annotations

import numpy as np

from maternal_eval.randomness import Seed, generator

_CHUNK = 1_000_000
"""Drawn rows held in memory at once."""


def weighted_means(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean of each column over its answered rows; NaN without any."""
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


def _parts(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what was answered (1 or 0) and the answers with 0 in the gaps."""
    answered = np.isfinite(table)
    return answered.astype(float), np.where(answered, table, 0.0)


def _ratio(weights: np.ndarray, answered: np.ndarray, filled: np.ndarray) -> np.ndarray:
    mass = weights @ answered
    return np.divide(weights @ filled, mass, out=np.full(mass.shape, np.nan), where=mass > 0)
