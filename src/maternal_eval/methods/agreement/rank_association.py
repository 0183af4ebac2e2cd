r"""Rank association of two quantities of cells, within clusters and within times.

What differs between clusters (platforms) for other reasons, and what everybody shares at a time, is taken away first:
both quantities are residuals of cluster means, or of cluster and time means. Spearman's correlation of the residuals is
what is left: where one rises more than elsewhere, does the other? Intervals are percentiles over resampled clusters,
with the ranks of the whole sample kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import Seed, generator


@dataclass(frozen=True)
class Association:
    """Spearman's correlation of residuals, with its interval over clusters; NaN where nothing varies.

    ``kept`` is the share of degrees of freedom that the residuals have left.
    """

    value: float
    low: float
    high: float
    cells: int
    clusters: int
    kept: float


def residuals(values: np.ndarray, *groups: np.ndarray) -> np.ndarray:
    """Return values less the least-squares effects of the groups of each row, ``(rows,)``.

    Examples
    --------
    >>> residuals(np.array([1.0, 3.0, 10.0, 14.0]), np.array([0, 0, 1, 1])).round(9).tolist()
    [-1.0, 1.0, -2.0, 2.0]
    """
    design = _design(len(values), groups)
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def _design(rows: int, groups: tuple[np.ndarray, ...]) -> np.ndarray:
    columns = [np.ones((rows, 1))]
    for group in groups:
        names, place = np.unique(group, return_inverse=True)
        columns.append((place[:, None] == np.arange(1, len(names))).astype(float))
    return np.concatenate(columns, axis=1)


def rank_association(
    first: np.ndarray,
    second: np.ndarray,
    cluster: np.ndarray,
    *others: np.ndarray,
    within: bool = True,
    resamples: int = 1000,
    seed: Seed = 0,
) -> Association:
    """Return the rank association of two quantities of cells.

    Parameters
    ----------
    first, second
        ``(cells,)``, without gaps.
    cluster
        ``(cells,)``: what is resampled.
    others
        Further groups whose effects are taken away, ``(cells,)`` each: the times.
    within
        Whether the effects of the clusters are taken away.
    resamples, seed
        Of the bootstrap.

    Raises
    ------
    InputError
        If lengths do not agree, a number is missing, or there are fewer than three clusters: two always agree or not.
    """
    first = numbers(first, "first", ndim=1)
    second = numbers(second, "second", shape=first.shape)
    whole(resamples, "resamples", low=1)
    names, place = np.unique(cluster, return_inverse=True)
    if len(names) < 3:
        raise InputError("too few clusters for an association", found=len(names), expected="at least 3")
    groups = ((cluster,) if within else ()) + others
    ranks = np.stack([rankdata(np.round(residuals(one, *groups), 12)) for one in (first, second)])
    kept = 1.0 - (np.linalg.matrix_rank(_design(len(first), groups)) - 1) / max(len(first) - 1, 1)
    random = generator(seed)
    times = random.multinomial(len(names), np.full(len(names), 1.0 / len(names)), size=resamples)
    value = float(_correlation(ranks, np.ones((1, len(first))))[0])
    draws = _correlation(ranks, times[:, place].astype(float))
    draws = draws[np.isfinite(draws)]
    low, high = interval(draws) if len(draws) >= resamples / 2 else (np.nan, np.nan)
    return Association(value, float(low), float(high), len(first), len(names), float(kept))


def _correlation(ranks: np.ndarray, times: np.ndarray) -> np.ndarray:
    mass = times.sum(axis=1)
    one, two = ((times @ rank) / mass for rank in ranks)
    spreads = [times @ rank**2 / mass - mean**2 for rank, mean in zip(ranks, (one, two), strict=True)]
    product = times @ (ranks[0] * ranks[1]) / mass - one * two
    spread = np.sqrt(np.clip(spreads[0] * spreads[1], 0.0, None))
    return np.divide(product, spread, out=np.full_like(product, np.nan), where=spread > 1e-9)
