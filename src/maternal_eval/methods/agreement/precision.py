r"""How precise an objective reading has to be to improve a weighted composite.

The composite :math:`C = \sum_i w_i x_i` holds an item with weight w and error standard deviation :math:`\sigma_s`. An
objective reading of the same thing, unbiased and with an independent error :math:`\sigma_o`, joined to it with the best
weights, leaves :math:`\sigma_s^2 \sigma_o^2 / (\sigma_s^2 + \sigma_o^2)`. So the error variance V of the composite
falls by

.. math:: \Delta = \frac{w^2 \sigma_s^4}{\sigma_s^2 + \sigma_o^2}, \qquad
   \sigma_o^2 = \frac{w^2 \sigma_s^4}{g V} - \sigma_s^2 \quad\text{for a gain } \Delta = g V,

at most :math:`w^2 \sigma_s^2`, with a perfect reading. Joined, any unbiased reading helps; in place of the item it
helps only where :math:`\sigma_o < \sigma_s`. A bias b that nobody corrects enters as :math:`\sigma_o^2 + b^2`.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import number


def joined_gain(weight: float, own: float, objective: float, total: float) -> float:
    """Return by which share of the composite's error variance the joined reading lowers it.

    Parameters
    ----------
    weight
        Of the item in the composite.
    own, objective
        Standard deviations of the item's error and of the objective reading's, in one unit.
    total
        Error variance of the composite, in that unit squared.

    Examples
    --------
    >>> joined_gain(0.5, 2.0, 2.0, 2.0)
    0.25
    """
    number(total, "total", above=0.0)
    return weight**2 * own**4 / (own**2 + objective**2) / total


def largest_gain(weight: float, own: float, total: float) -> float:
    """Return the share that a perfect reading would take away: no objective reading can do more."""
    return joined_gain(weight, own, 0.0, total) if own > 0 else 0.0


def required_error(weight: float, own: float, total: float, gain: float) -> float:
    """Return the largest error standard deviation that still gives the gain, joined; NaN where no reading can.

    Examples
    --------
    >>> required_error(0.5, 2.0, 2.0, 0.25)
    2.0
    >>> required_error(0.5, 2.0, 2.0, 0.6)
    nan
    """
    number(gain, "gain", above=0.0)
    square = weight**2 * own**4 / (gain * total) - own**2
    return float(np.sqrt(square)) if square >= 0 else float("nan")
