r"""Factors of the linear predictor: levels, and the basis that turns free coefficients into their effects.

The coefficients :math:`z` of a factor share one unknown scale, so that factors which hardly matter are pooled
towards no effect:

.. math:: z \mid \sigma \sim N(0, \sigma^2 I), \quad \sigma^2 \sim \text{Scaled-Inv-}\chi^2(\nu, s^2)
          \;\Longrightarrow\; z \sim t_\nu(0, s^2 I).

The scale is integrated out in closed form (a multivariate Student-t), which takes away the funnel between a scale
and its effects that makes chains diverge when a factor has few levels. Effects of a factor sum to zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import increasing, numbers, whole
from maternal_eval.core.errors import InputError


@dataclass(frozen=True)
class Factor:
    """A factor of the linear predictor.

    Attributes
    ----------
    name
        E.g. ``"stage"``.
    basis
        Levels × coefficients: effects are ``basis @ coefficients``.
    level
        Level of each cell.
    scale
        Typical size s of a coefficient before the data speak, in logits.
    """

    name: str
    basis: np.ndarray
    level: np.ndarray
    scale: float


def exchangeable_basis(levels: int) -> np.ndarray:
    """Return an orthonormal basis of the effects that sum to zero (levels × levels - 1).

    Independent standard normal coefficients give exchangeable effects with variance 1 - 1/levels.

    Raises
    ------
    InputError
        If there is no level.
    """
    whole(levels, "levels", low=1)
    helmert = np.zeros((levels, levels - 1))
    for column in range(levels - 1):
        helmert[: column + 1, column] = 1.0
        helmert[column + 1, column] = -(column + 1.0)
        helmert[:, column] /= np.sqrt((column + 1.0) * (column + 2.0))
    return helmert


def nested_basis(parent: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the effects that sum to zero inside each level of another factor.

    A level that is alone inside its parent has no effect of its own: it cannot be told from the parent's.

    Parameters
    ----------
    parent
        Level of the other factor that each level belongs to.
    """
    inside = [np.flatnonzero(parent == level) for level in np.unique(parent)]
    basis = np.zeros((parent.size, parent.size - len(inside)))
    column = 0
    for levels in inside:
        basis[levels, column : column + levels.size - 1] = exchangeable_basis(levels.size)
        column += levels.size - 1
    return basis


def parent_of(child: np.ndarray, parent: np.ndarray, levels: int) -> np.ndarray | None:
    """Return the level of ``parent`` that each level of ``child`` belongs to; None unless there is exactly one each.

    Parameters
    ----------
    child, parent
        Level of each cell in either factor.
    levels
        Number of levels of ``child``.
    """
    pairs = np.unique(np.stack([child, parent]), axis=1)
    if pairs.shape[1] != levels or len(np.unique(pairs[1])) in (1, levels):
        return None
    return pairs[1]


def random_walk_basis(
    positions: Sequence[float], centre: np.ndarray | None = None, unit: float | None = None
) -> np.ndarray:
    """Return the basis of a random walk over ordered levels (levels × levels - 1).

    Parameters
    ----------
    positions
        Increasing positions of the levels; a step has variance proportional to the distance, 1 for the
        smallest distance.
    centre
        Weights (one per level) with which effects average to zero; equal weights if None. Levels that have no
        answers get weight 0, so that the level of the walk is anchored where there are data.
    unit
        Distance over which a step has variance 1; the smallest distance if None.

    Raises
    ------
    InputError
        If the positions do not increase, or the weights of the centre are negative or all 0.
    """
    places = increasing(numbers(positions, "positions", ndim=1), "positions")
    if centre is not None:
        centre = numbers(centre, "centre", shape=places.shape, low=0.0)
        if not centre.sum() > 0:
            raise InputError("centre: no level has a weight", expected="a positive sum")
    distances = np.diff(places)
    levels = distances.size + 1
    steps = np.tril(np.ones((levels, levels)), -1)[:, : levels - 1]
    if distances.size:
        steps = steps * np.sqrt(distances / (distances.min() if unit is None else unit))
    weights = np.full(levels, 1.0) if centre is None else np.asarray(centre, dtype=float)
    return steps - (weights / weights.sum()) @ steps


def trend_basis(positions: Sequence[float]) -> np.ndarray:
    """Return the basis of a straight line over ordered levels (levels × 1; no column for a single level).

    The coefficient is the slope per unit of distance; effects average to zero.

    Raises
    ------
    InputError
        If the positions do not increase.

    Examples
    --------
    >>> trend_basis([0.0, 1.0, 5.0]).ravel().tolist()
    [-2.0, -1.0, 3.0]
    """
    places = increasing(numbers(positions, "positions", ndim=1), "positions")
    return (places - places.mean())[:, None] if places.size > 1 else np.zeros((places.size, 0))


def interaction_basis(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the basis of the interaction of two factors.

    The level of the interaction is level of the first × levels of the second + level of the second.
    """
    return np.kron(first, second)
