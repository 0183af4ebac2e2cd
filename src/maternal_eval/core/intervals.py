"""The interval that every result states: one probability and one kind for the whole project."""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import probability as content
from maternal_eval.core.errors import InputError

PROBABILITY = 0.90
"""Probability content of every reported interval unless a table says otherwise."""

KIND = "equal-tailed"
"""Kind of every reported interval: equal probability is cut off at both ends."""


def tails(probability: float = PROBABILITY) -> tuple[float, float]:
    """Return the probabilities below the lower and the upper end of an equal-tailed interval.

    Raises
    ------
    InputError
        If the probability is not strictly between 0 and 1.

    Examples
    --------
    >>> [round(one, 6) for one in tails(0.90)]
    [0.05, 0.95]
    """
    tail = (1.0 - content(probability, "probability")) / 2.0
    return tail, 1.0 - tail


def normal_reach(probability: float = PROBABILITY) -> float:
    """Return how many standard errors a normal interval reaches to either side of the estimate.

    Raises
    ------
    InputError
        If the probability is not strictly between 0 and 1.

    Examples
    --------
    >>> round(normal_reach(0.90), 6), round(normal_reach(0.95), 6)
    (1.644854, 1.959964)
    """
    from scipy.special import ndtri

    return float(ndtri(tails(probability)[1]))


def interval(
    draws: np.ndarray, axis: int | tuple[int, ...] = 0, probability: float = PROBABILITY
) -> tuple[np.ndarray, np.ndarray]:
    """Return the equal-tailed interval of ``draws`` along ``axis``.

    Parameters
    ----------
    draws
        Draws of a quantity, any shape; ``axis`` runs over the draws and disappears from the result.
    probability
        Content of the interval, between 0 and 1: 0.90 leaves 5 % at either end.

    Returns
    -------
    low, high
        Lower and upper end, in the unit of ``draws``; NaN where a draw is NaN.

    Raises
    ------
    InputError
        If the probability is not strictly between 0 and 1 (1 would be an interval without end), or there is no draw.

    Examples
    --------
    >>> low, high = interval(np.arange(101.0))
    >>> round(float(low), 6), round(float(high), 6)
    (5.0, 95.0)
    """
    draws = np.asarray(draws)
    ends = tails(probability)
    if not all(draws.shape[one] for one in np.atleast_1d(axis)):
        raise InputError("draws: empty", expected="at least one draw")
    low, high = np.quantile(draws, ends, axis=axis)
    return low, high
