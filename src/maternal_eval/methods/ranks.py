"""Ranks of units under uncertain weights: one matrix product and a sort, in blocks of draws.

Rank 1 is the highest score. Units with equal scores share the better rank, so that no order of rows decides; in a
win probability an equal score counts half for either side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY, tails

BLOCK = 2_000_000
"""Scores (draws × units) that are held in memory at a time."""


def ranks_by_run(scores: np.ndarray) -> np.ndarray:
    """Return ranks (runs × units; 1 is the highest score) for scores of the same shape; equal scores share one.

    Raises
    ------
    ValueError
        If a score is not a number: it has no rank.

    Examples
    --------
    >>> ranks_by_run(np.array([[3.0, 9.0, 5.0, 5.0]])).tolist()
    [[4, 1, 2, 2]]
    """
    scores = np.asarray(scores, dtype=float)
    if np.isnan(scores).any():
        raise ValueError("a score is not a number and has no rank")
    return rankdata(-scores, method="min", axis=-1).astype(int)


def scores_under_weights(values: np.ndarray, weights: np.ndarray) -> Iterator[np.ndarray]:
    r"""Yield the scores of units under draws of the weights, :math:`S_{ru} = \sum_i w_{ri} v_{ui}`, in blocks of draws.

    Parameters
    ----------
    values
        Units × indicators, complete, any scale with larger = better.
    weights
        Draws × indicators, not negative.

    Yields
    ------
    numpy.ndarray
        Draws of the block × units, in the unit of ``values`` if the weights sum to 1; at most :data:`BLOCK` scores.

    Raises
    ------
    InputError
        If a value is not finite, or weights are negative or not one per indicator.
    """
    values = numbers(values, "values", ndim=2)
    weights = numbers(weights, "weights", shape=(None, values.shape[1]), low=0.0, empty=True)
    columns = np.asarray(values, dtype=float).T
    size = max(1, BLOCK // max(1, columns.shape[1]))
    for start in range(0, len(weights), size):
        yield weights[start : start + size] @ columns


@dataclass(frozen=True)
class RankDistribution:
    """How often each unit takes each rank, and how often it beats each other one.

    Attributes
    ----------
    ranks
        Units × ranks: share of the draws in which the unit has rank 1, 2, …; rows sum to 1.
    wins
        Units × units: probability that the row's unit scores above the column's, equal scores counting half; so
        ``wins + wins.T`` is 1, the diagonal ½.
    draws
        Number of draws.
    """

    ranks: np.ndarray
    wins: np.ndarray
    draws: int

    @classmethod
    def of(cls, scores: Iterable[np.ndarray]) -> RankDistribution:
        """Return the distribution over blocks of scores (draws × units); nothing but counts is kept of a block.

        Raises
        ------
        ValueError
            If there is no draw, or a score is not a number.
        """
        ranks: np.ndarray | int = 0
        above: np.ndarray | int = 0
        draws = 0
        for block in scores:
            of_block = ranks_by_run(block)
            units = of_block.shape[1]
            place = of_block - 1 + units * np.arange(units)
            counts = np.bincount(place.ravel(), minlength=units**2).reshape(units, units)
            # Units × draws: comparisons then run along contiguous memory, one row of the result at a time.
            columns = np.ascontiguousarray(block.T)
            more = np.array([np.count_nonzero(column > columns, axis=1) for column in columns])
            ranks, above, draws = ranks + counts, above + more, draws + len(block)
        if not (isinstance(ranks, np.ndarray) and isinstance(above, np.ndarray)):
            raise ValueError("ranks need at least one draw of the weights")
        return cls(ranks / draws, 0.5 + 0.5 * (above - above.T) / draws, draws)

    @property
    def share_first(self) -> np.ndarray:
        """Probability of rank 1 per unit; shared first ranks make the sum larger than 1."""
        return self.ranks[:, 0]

    @property
    def mean(self) -> np.ndarray:
        """Mean rank per unit."""
        return self.ranks @ np.arange(1, self.ranks.shape[1] + 1)

    def interval(self, probability: float = PROBABILITY) -> tuple[np.ndarray, np.ndarray]:
        """Return the narrowest whole ranks that leave at most half of 1 - ``probability`` at either end.

        Raises
        ------
        InputError
            If the probability is not strictly between 0 and 1.
        """
        levels = tails(probability)
        cumulated = self.ranks.cumsum(axis=1)
        # Sums of shares are exact up to rounding, which must not decide.
        low, high = (1 + np.argmax(cumulated >= share - 1e-9, axis=1) for share in levels)
        return low, high


def rank_table(units: pd.DataFrame, nominal: np.ndarray, draws: np.ndarray) -> pd.DataFrame:
    """Return the ranks of platforms, over all stages (``stage`` empty) and inside each stage.

    Parameters
    ----------
    units
        ``platform`` and ``stage`` of every score.
    nominal
        Scores under the nominal weights.
    draws
        Draws of the weights × scores.

    Returns
    -------
    pandas.DataFrame
        ``stage``, ``platform``, ``nominal`` rank, ``low`` and ``high`` (see :meth:`RankDistribution.interval`),
        ``share_first``. Empty with fewer than two platforms.
    """
    parts = []
    for stage, rows in units[units["platform"] != ""].groupby("stage", sort=False):
        if len(rows) < 2:
            continue
        columns = rows.index.to_numpy()
        distribution = RankDistribution.of([draws[:, columns]])
        low, high = distribution.interval()
        parts.append(
            pd.DataFrame(
                {
                    "stage": stage,
                    "platform": rows["platform"].to_numpy(),
                    "nominal": ranks_by_run(nominal[columns]),
                    "low": low,
                    "high": high,
                    "share_first": distribution.share_first,
                }
            )
        )
    columns_of_table = ["stage", "platform", "nominal", "low", "high", "share_first"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns_of_table)


def rank_shift(nominal: np.ndarray, scores: np.ndarray) -> np.ndarray:
    r"""Return the mean absolute change of rank over units, :math:`\frac1U \sum_u |R_{ru} - R_u|`, per run.

    Parameters
    ----------
    nominal
        ``(units,)`` scores to compare with.
    scores
        (Runs ×) units.

    Raises
    ------
    InputError
        If a score is not finite, or there is not one per unit.

    Examples
    --------
    >>> rank_shift(np.array([3.0, 2.0, 1.0]), np.array([[3.0, 1.0, 2.0]])).round(3)
    array([0.667])
    """
    nominal = numbers(nominal, "nominal", ndim=1)
    scores = numbers(scores, "scores")
    if scores.shape[-1:] != nominal.shape:
        raise InputError("scores: wrong shape", found=scores.shape, expected=f"(…, {nominal.size})")
    return np.abs(ranks_by_run(scores) - ranks_by_run(nominal)).mean(axis=-1)
