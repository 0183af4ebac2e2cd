r"""Pareto-smoothed importance sampling, with one sign: log importance RATIOS, target over what was drawn from.

Draws from a density g stand for a density f with weights in proportion to :math:`r = f / g`. The largest ratios are
replaced by quantiles of the generalised Pareto distribution fitted to them, whose shape :math:`\hat k` says whether the
weighted means can be relied on (Vehtari, Simpson, Gelman, Yao & Gabry 2024, *Journal of Machine Learning Research* 25).
To leave an observation out is to divide by its likelihood: its log ratios are MINUS its log-likelihoods.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maternal_eval.core.errors import InputError

RELIABLE_K = 0.7
"""Largest Pareto k of an importance sampling that can be relied on (Vehtari et al. 2024)."""


class Smoothed(NamedTuple):
    """Smoothed importance weights.

    Attributes
    ----------
    log_weights
        Logs of the weights (…, draws); the weights sum to 1 over the draws.
    k
        Pareto shape (…): reliable up to :data:`RELIABLE_K`.
    """

    log_weights: np.ndarray
    k: np.ndarray


def pareto_smoothed(log_ratios: np.ndarray) -> Smoothed:
    """Return the smoothed importance weights of draws.

    Parameters
    ----------
    log_ratios
        Log of target density over density drawn from, up to a constant (…, draws): LARGER where a draw counts for more,
        minus infinity where it counts for nothing.

    Raises
    ------
    InputError
        If there is no draw, or a log ratio is not a number or infinite.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal(4000)  # drawn from N(0, 1), to stand for N(0.5, 1)
    >>> found = pareto_smoothed(0.5 * x)
    >>> round(float(np.exp(found.log_weights) @ x), 1), bool(found.k < RELIABLE_K)
    (0.5, True)
    """
    from arviz_stats.base import array_stats

    ratios = np.asarray(log_ratios, dtype=float)
    if ratios.ndim == 0 or ratios.size == 0:
        raise InputError("log_ratios: empty", found=ratios.shape, expected="at least one draw")
    if not (ratios < np.inf).all():
        raise InputError("log_ratios: not finite", expected="numbers below infinity")
    # arviz takes log-likelihoods to be left out, whose ratios are their inverses: it turns the sign round
    log_weights, k = array_stats.psislw(-ratios, axis=-1)
    return Smoothed(np.asarray(log_weights), np.asarray(k))
