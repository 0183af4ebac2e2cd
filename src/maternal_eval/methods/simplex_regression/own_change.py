r"""Which weights have moved themselves, and which only make room for the others.

Weights of a sibling set sum to 1, so that one that rises pushes all others down: their shares change although nobody
judges them differently. What an element does itself shows in its log-ratio to its siblings. With the log change
:math:`\ell_e = \log(w_e / w_e^{static})` of an element, its *own change* is

.. math:: d_e = \ell_e - \operatorname{median}_{k \in S(e)} \ell_k,

S(e) being its sibling set, the element among them: if fewer than half of the set have moved, d is 0 for those that
have not and the whole move for those that have. Inside a dimension the log change of the dimension cancels, so that
weights of the whole can be taken. In a set of two nobody can say which one has moved: each has half of the log-ratio.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from maternal_eval.core.arguments import number, numbers
from maternal_eval.core.errors import InputError


def own_changes(weights: np.ndarray, static: np.ndarray, dimension_start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the own log changes of indicators and of dimensions.

    Parameters
    ----------
    weights
        ``(..., indicators)``: weights of the whole, positive, each row with sum 1; indicators sorted by dimension.
    static
        ``(indicators,)``: what they are compared with, positive.
    dimension_start
        Dimensions + 1: where the indicators of each dimension begin, and their number.

    Returns
    -------
    indicators, dimensions
        ``(..., indicators)`` and ``(..., dimensions)``: log of the factor by which each moved against the median of its
        sibling set; 0 is no move, positive is up.

    Raises
    ------
    InputError
        If a weight is not positive, or the arrays do not belong together.

    Examples
    --------
    One of three rises from 1/3 to 1/2; the two others make room:

    >>> found, _ = own_changes(np.array([0.5, 0.25, 0.25]), np.full(3, 1 / 3), np.array([0, 3]))
    >>> np.exp(found).round(3).tolist()
    [2.0, 1.0, 1.0]
    """
    static = numbers(static, "static")
    weights = numbers(weights, "weights", shape=(*np.shape(weights)[:-1], static.size))
    if (static <= 0).any() or (weights <= 0).any():
        raise InputError("own changes need positive weights", found="a weight of 0 or below")
    change = np.log(weights / static)
    indicators = np.empty_like(change)
    for start, stop in pairwise(dimension_start):
        part = change[..., start:stop]
        indicators[..., start:stop] = part - np.median(part, axis=-1, keepdims=True)
    sums = np.add.reduceat(weights, dimension_start[:-1], axis=-1) / np.add.reduceat(static, dimension_start[:-1])
    of_dimension = np.log(sums)
    return indicators, of_dimension - np.median(of_dimension, axis=-1, keepdims=True)


def moved_itself(
    weights: np.ndarray, static: np.ndarray, dimension_start: np.ndarray, equivalence: float
) -> tuple[np.ndarray, np.ndarray]:
    """Say which weights of the whole have moved beyond practical equivalence by a move of their own.

    Up: the weight is larger than ``static * (1 + equivalence)``, and so is its own change, or that of its dimension;
    down: the same with ``1 / (1 + equivalence)``. A weight that only makes room for another has moved neither way.

    Parameters
    ----------
    weights, static, dimension_start
        See :func:`own_changes`.
    equivalence
        Relative change that is practically none, not negative.

    Returns
    -------
    up, down
        ``(..., indicators)`` of bool; never both.

    Examples
    --------
    >>> up, down = moved_itself(np.array([0.5, 0.25, 0.25]), np.full(3, 1 / 3), np.array([0, 3]), 0.2)
    >>> up.tolist(), down.tolist()
    ([True, False, False], [False, False, False])
    """
    reach = np.log1p(number(equivalence, "equivalence", low=0.0))
    own, of_dimension = own_changes(weights, static, dimension_start)
    dimension = np.repeat(np.arange(len(dimension_start) - 1), np.diff(dimension_start))
    change, of_dimension = np.log(weights / static), of_dimension[..., dimension]
    up = (change > reach) & ((own > reach) | (of_dimension > reach))
    down = (change < -reach) & ((own < -reach) | (of_dimension < -reach))
    return up, down


def probability_moved(
    draws: np.ndarray, static: np.ndarray, dimension_start: np.ndarray, equivalence: float
) -> np.ndarray:
    """Return the probability that a weight has moved itself, on its likelier side: see :func:`moved_itself`.

    Parameters
    ----------
    draws
        Draws × ... × indicators, each draw counting the same.
    static, dimension_start, equivalence
        See :func:`moved_itself`.

    Returns
    -------
    numpy.ndarray
        ``(..., indicators)``. Mass on both sides says that nothing is known, not that there is a change.
    """
    up, down = moved_itself(draws, static, dimension_start, equivalence)
    return np.maximum(up.mean(axis=0), down.mean(axis=0))


def within_false_discovery_rate(probability: np.ndarray, least: float, rate: float) -> np.ndarray:
    """Choose the largest set of discoveries whose expected share of false ones is at most ``rate``.

    The expected share is the mean of 1 - probability over the set (Newton et al. 2004; Müller et al. 2004), taken over
    all that are looked at together; nothing below ``least`` is chosen, however sure the others are.

    Parameters
    ----------
    probability
        Posterior probability of each discovery, any shape.
    least
        Least probability of each one.
    rate
        Largest expected share of false discoveries in the set.

    Returns
    -------
    numpy.ndarray
        True where chosen, in the shape of ``probability``.

    Examples
    --------
    >>> within_false_discovery_rate(np.array([0.99, 0.9, 0.85, 0.5]), 0.8, 0.06).tolist()
    [True, True, False, False]
    """
    probability = numbers(probability, "probability", shape=np.shape(probability), low=0.0, high=1.0)
    number(least, "least", low=0.0, high=1.0)
    number(rate, "rate", low=0.0, high=1.0)
    flat = probability.ravel()
    order = np.argsort(-flat, kind="stable")
    false = np.cumsum(1.0 - flat[order]) / np.arange(1, flat.size + 1)
    chosen = np.zeros(flat.size, dtype=bool)
    # the running mean never falls, since the probabilities do: what is within the rate is a first part
    chosen[order] = (false <= rate + 1e-12) & (flat[order] >= least)
    return chosen.reshape(probability.shape)
