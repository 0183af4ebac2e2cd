r"""Average run length of the one-sided cumulative sum, and the threshold that gives a wished one.

:math:`S_t = \max(0, S_{t-1} + X_t - k)` with X normal with mean :math:`\delta` and standard deviation 1 gives an alarm
when :math:`S_t > h`. The average run length from S = z solves (Page 1954; Goel & Wu 1971)

.. math:: L(z) = 1 + L(0)\,\Phi(k - \delta - z) + \int_0^h L(y)\,\varphi(y + k - \delta - z)\,dy,

here by Gauss–Legendre quadrature.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from maternal_eval.core.arguments import number
from maternal_eval.methods.optimise import find_root

NODES = 48
"""Quadrature points: the published tables are met to all their digits."""

LONGEST = 1e9
"""Run lengths are not told apart beyond this."""

HIGHEST = 60.0


def average_run_length(k: float, h: float, delta: float = 0.0) -> float:
    """Return the average number of steps to an alarm from S = 0.

    Parameters
    ----------
    k
        Reference value, in standard deviations of X.
    h
        Threshold, not negative; 0 gives a memoryless chart.
    delta
        Mean of X.

    Raises
    ------
    InputError
        If the threshold is negative, or a number is not finite.

    Examples
    --------
    >>> round(average_run_length(0.5, 5.0, 1.0), 1)
    10.4
    """
    number(k, "k")
    number(h, "h", low=0.0)
    number(delta, "delta")
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    places, weights = 0.5 * h * (nodes + 1), 0.5 * h * weights
    at = np.concatenate([[0.0], places])
    moved = at[:, None]
    kernel = np.hstack([norm.cdf(k - delta - moved), weights * norm.pdf(places + k - delta - moved)])
    try:
        length = np.linalg.solve(np.eye(NODES + 1) - kernel, np.ones(NODES + 1))[0]
    except np.linalg.LinAlgError:  # an alarm has no probability that a number could hold
        return LONGEST
    return float(length) if 1.0 <= length < LONGEST else LONGEST


def threshold(k: float, run_length: float) -> float:
    """Return the h whose average run length without a shift is ``run_length``; 0 if even that lasts longer.

    Raises
    ------
    InputError
        If the run length is below 1 or not finite.
    """
    number(run_length, "run_length", low=1.0)
    if average_run_length(k, 0.0) >= run_length:
        return 0.0
    return find_root(
        lambda h: float(np.log(average_run_length(k, h) / run_length)),
        0.0,
        HIGHEST,
        what=f"the threshold for a run length of {run_length:g}",
        tolerance=1e-8,
    )
