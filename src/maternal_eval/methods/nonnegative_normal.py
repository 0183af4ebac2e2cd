r"""Draws of a normal vector of which no part is negative: coefficients of a regression that are weights.

The density is that of :math:`N(m, V)` on the orthant :math:`b \ge 0`. Each draw is the end of a chain of its own, which
redraws one part after the other from its exact conditional distribution, a normal one cut at 0 (Geweke 1991; Robert
1995): with :math:`Q = V^{-1}` the part i given the others has the variance :math:`1 / Q_{ii}` and the mean
:math:`b_i - (Q (b - m))_i / Q_{ii}`. The density is log-concave and its chains forget their beginning fast; they
begin at draws of the normal distribution that is not cut, every other one with what is negative taken for 0, the rest
with its sign turned; whether they have forgotten is asked by comparing the two kinds.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.randomness import Seed, generator

SMALLEST = 1e-300

UNLIKE = 5.0
"""Standard errors by which the means of the two kinds of chains may differ at most."""


def nonnegative_draws(mean: np.ndarray, covariance: np.ndarray, draws: int, seed: Seed, sweeps: int = 60) -> np.ndarray:
    """Return independent draws, draws × parts, none of them negative.

    Parameters
    ----------
    mean, covariance
        Of the normal distribution before it is cut.
    draws, seed
        How many, from what.
    sweeps
        Times that every part is drawn anew, at least 2.

    Raises
    ------
    InputError
        If shapes do not fit.
    DiagnosticsError
        If the end of a chain still depends on its beginning.
    """
    mean = numbers(mean, "mean", ndim=1)
    covariance = numbers(covariance, "covariance", shape=(len(mean), len(mean)))
    whole(sweeps, "sweeps", low=2)
    random = generator(seed)
    precision = np.linalg.inv(covariance)
    spread = 1.0 / np.sqrt(np.diag(precision))
    wide = np.sqrt(np.diag(covariance))
    turned = np.arange(draws) % 2 == 1
    free = mean + random.standard_normal((draws, len(mean))) @ np.linalg.cholesky(covariance).T
    found = np.where(turned[:, None], np.abs(free), np.maximum(free, 0.0))
    for _ in range(sweeps):
        for part in range(len(mean)):
            centre = found[:, part] - ((found - mean) @ precision[:, part]) * spread[part] ** 2
            inside = np.maximum(ndtr(centre / spread[part]), SMALLEST)
            found[:, part] = centre - spread[part] * ndtri(inside * (1.0 - random.random(draws)))
        np.maximum(found, 0.0, out=found)
    if draws < 2:
        return found
    # Cutting a normal distribution at a convex set makes no variance larger.
    error = wide * np.sqrt(1.0 / turned.sum() + 1.0 / (~turned).sum())
    moved = np.abs(found[turned].mean(axis=0) - found[~turned].mean(axis=0)) / error
    if moved.max() > UNLIKE:
        raise DiagnosticsError(
            f"draws of weights still depend on where they began: {moved.max():.1f} standard errors after {sweeps} "
            f"sweeps (at most {UNLIKE:g}); more sweeps settle it"
        )
    return found
