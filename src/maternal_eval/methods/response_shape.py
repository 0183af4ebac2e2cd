r"""Is a relation concave, straight or convex? The bend of a response over a scale, and its power form.

An item with place x in [0, 1] on its scale acts on a latent outcome through :math:`f(x) = b\,x + g\,x(1-x)`: b is what
the whole scale is worth, and the *bulge* :math:`g / (4 b)` is how much of that the middle of the scale is worth beyond
one half. The value functions of the Kano classes with shape 2 are members of it: :math:`1-(1-x)^2` has the bulge
+1/4, :math:`x^2` has -1/4, a straight one 0. A bulge is called concave above a bound, convex below minus the bound, and
straight between (a region of practical equivalence, Kruschke 2018). All of it holds for b > 0 only: then
:math:`\text{bulge} > r \iff g - 4 r b > 0`, a linear condition, so that no ratio of two uncertain numbers is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maternal_eval.core.arguments import number, numbers

CONCAVE, STRAIGHT, CONVEX, NONE = "concave", "straight", "convex", "none"
"""The shapes; none: the relation is not positive."""

SHAPES = (CONCAVE, STRAIGHT, CONVEX, NONE)

OPEN = "open"
"""No shape is probable enough to be declared."""


class ShapeProbabilities(NamedTuple):
    """Probability of each shape, ``(items,)`` each; they add up to 1."""

    concave: np.ndarray
    straight: np.ndarray
    convex: np.ndarray
    none: np.ndarray


def bend(place: np.ndarray) -> np.ndarray:
    """Return x (1 - x): 0 at both ends of the scale, 1/4 in the middle; NaN stays NaN."""
    return place * (1.0 - place)


def shape_probabilities(whole: np.ndarray, bent: np.ndarray, bound: float) -> ShapeProbabilities:
    """Return the share of draws in which each item has each shape.

    Parameters
    ----------
    whole, bent
        Draws × items: b and g.
    bound
        Of the bulge, positive: what is straight lies within.

    Examples
    --------
    >>> shape_probabilities(np.array([[1.0], [1.0]]), np.array([[1.0], [0.1]]), 0.125).concave.tolist()
    [0.5]
    """
    whole = numbers(whole, "whole", ndim=2)
    bent = numbers(bent, "bent", shape=whole.shape)
    edge = 4.0 * number(bound, "bound", above=0.0) * whole
    up = whole > 0
    concave, convex = up & (bent > edge), up & (bent < -edge)
    straight = up & ~concave & ~convex
    return ShapeProbabilities(*(one.mean(axis=0) for one in (concave, straight, convex, ~up)))


def declared(probabilities: ShapeProbabilities, credible: float) -> list[str]:
    """Return the shape of each item whose probability is at least ``credible`` (above one half), else ``open``."""
    table = np.stack(probabilities, axis=1)
    best = table.argmax(axis=1)
    return [SHAPES[at] if row[at] >= credible else OPEN for at, row in zip(best, table, strict=True)]


def power_value(place: np.ndarray, kappa: float, concave: bool) -> np.ndarray:
    r"""Return :math:`1 - (1 - x)^\kappa` where ``concave``, else :math:`x^\kappa`; NaN stays NaN."""
    return 1.0 - (1.0 - place) ** kappa if concave else place**kappa


def power_slope(place: np.ndarray, kappa: float, concave: bool) -> np.ndarray:
    """Return the derivative of :func:`power_value` by log κ; 0 at both ends of the scale."""
    base = 1.0 - place if concave else place
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(base > 0, base**kappa * np.log(np.where(base > 0, base, 1.0)), base * 0.0)
    return (-kappa if concave else kappa) * grown
