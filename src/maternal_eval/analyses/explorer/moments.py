"""The composite score as a linear function of the weights: what stands for an answer, and the moments of a unit.

The moments of a unit of its own give its answers away: mean and covariance of two respondents are their two rows, and
for some dozens of respondents the answers are the only whole numbers with these moments. So the page carries means of
units with enough respondents, and *one* spread of the answers for all of them (:func:`pooled`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Moments:
    """How one unit (a platform in a stage) stands.

    Attributes
    ----------
    mean
        ``(indicators,)``: mean by survey weight, 0–1 and a little beyond, larger is better.
    covariance
        ``(indicators, indicators)``: sampling covariance of these means.
    respondents
        Number of respondents with a positive survey weight and a score.
    effective
        What these count for after unequal weights (Kish 1965).
    """

    mean: np.ndarray
    covariance: np.ndarray
    respondents: int
    effective: float


def linearised_values(values: np.ndarray, weights: np.ndarray, dimension: np.ndarray) -> np.ndarray:
    r"""Return numbers q, respondents × indicators, with which the composite is linear in the weights.

    The composite hands the weight of an unanswered item to its siblings, so it is no linear function of the weights.
    With :math:`D_{rd}` the value of dimension d for respondent r under ``weights``, :math:`a_{ri}` = 1 if answered and
    :math:`A_{rd}` the share of the dimension's weight that was answered,

    .. math:: q_{ri} = D_{rd} + a_{ri}\,(v_{ri} - D_{rd}) / A_{rd}

    is its first-order expansion around ``weights``: :math:`\sum_i w_i q_{ri}` is the composite (exponent 1) exactly for
    ``weights`` and for any other weights of the dimensions, and to first order for other weights inside them. Without
    missing answers q = v. If a dimension has no answer, its q is the respondent's score S, the other dimensions share
    its weight (:math:`D_{rd}` becomes :math:`S_r + (D_{rd} - S_r) / H_r` and :math:`A_{rd}` becomes
    :math:`A_{rd} H_r`, with :math:`H_r` the weight of the dimensions that have an answer), and all is to first order.

    Parameters
    ----------
    values
        Respondents × indicators, in [0, 1]; NaN = not answered.
    weights
        ``(indicators,)`` positive global weights.
    dimension
        ``(indicators,)``: position of each indicator's dimension: 0, 1, ….

    Returns
    -------
    numpy.ndarray
        Same shape as ``values``; a row without any answer is NaN.

    Examples
    --------
    >>> linearised_values(np.array([[1.0, 0.0, np.nan]]), np.array([0.25, 0.25, 0.5]), np.array([0, 0, 0])).tolist()
    [[1.5, -0.5, 0.5]]
    """
    answered = ~np.isnan(values)
    membership = (dimension[:, None] == np.arange(dimension.max() + 1)).astype(float)
    heard = (answered * weights) @ membership
    of_whole = weights @ membership / weights.sum()
    with np.errstate(invalid="ignore"):
        of_dimension = (np.where(answered, values, 0.0) * weights) @ membership / heard
        counted = (heard > 0) @ of_whole[:, None]
        score = np.where(heard > 0, of_dimension * of_whole, 0.0).sum(axis=1, keepdims=True) / counted
        # Where a dimension has no answer, the others count for more: by 1 / counted.
        own = score + np.where(heard > 0, (of_dimension - score) / counted, 0.0)
        within = (values - of_dimension[:, dimension]) / (counted * (heard / (weights @ membership))[:, dimension])
    return own[:, dimension] + np.where(answered, within, 0.0)


def unit_moments(values: np.ndarray, weights: np.ndarray) -> Moments | None:
    r"""Return weighted means and their covariance by linearisation.

    With survey weights :math:`\omega_r`, :math:`m = \sum_r \omega_r q_r / \sum_r \omega_r` has the covariance
    :math:`\frac{n}{n-1} \sum_r z_r z_r^\top` with :math:`z_r = \omega_r (q_r - m) / \sum_r \omega_r` (Särndal,
    Swensson & Wretman 1992, 5.5, sampling with replacement). For weights w on the simplex the score
    :math:`w^\top m` then has the variance :math:`w^\top C w`.

    Parameters
    ----------
    values
        Respondents × indicators of :func:`linearised_values`; rows of NaN do not count.
    weights
        ``(respondents,)``, not negative.

    Returns
    -------
    Moments or None
        None with fewer than two respondents.

    Examples
    --------
    >>> moments = unit_moments(np.array([[0.0, 1.0], [1.0, 1.0]]), np.ones(2))
    >>> moments.mean.tolist(), float(moments.covariance[0, 0])
    ([0.5, 1.0], 0.25)
    """
    used = (weights > 0) & ~np.isnan(values).any(axis=1)
    values, weights = values[used], weights[used]
    count = len(values)
    if count < 2:
        return None
    share = weights[:, None] / weights.sum()
    mean = (share * values).sum(axis=0)
    residual = share * (values - mean)
    return Moments(mean, count / (count - 1) * residual.T @ residual, count, float(1.0 / (share**2).sum()))


ENOUGH = 10
"""Respondents per number of a row of the covariance from which it is published in full."""


def pooled(moments: Sequence[Moments]) -> list[Moments]:
    r"""Return the units with the spread of an answer that they have in common, in place of their own.

    With :math:`\hat C_u` the covariance of the mean of unit u, :math:`n_u` its respondents and :math:`e_u` what they
    count for, the covariance of an answer within units is

    .. math:: S = \sum_u (n_u - 1)\, e_u \hat C_u / \sum_u (n_u - 1),

    and that of a unit's mean :math:`S / e_u`. S holds k (k + 1) / 2 numbers for k indicators: it is taken as it is
    only if :math:`\sum_u (n_u - 1)` is at least :data:`ENOUGH` (k + 1). With fewer respondents only two numbers of it
    are, the mean variance and the mean covariance, both the same for all indicators.

    Returns
    -------
    list of Moments
        In the same order; nothing in the covariances is of a single unit but its size.
    """
    freedom = np.array([one.respondents - 1 for one in moments], dtype=float)
    spreads = np.array([one.effective * one.covariance for one in moments])
    spread = np.tensordot(freedom, spreads, axes=1) / freedom.sum()
    count = len(spread)
    if freedom.sum() < ENOUGH * (count + 1):
        variance = np.trace(spread) / count
        other = (spread.sum() - np.trace(spread)) / max(count * (count - 1), 1)
        spread = np.full_like(spread, other)
        np.fill_diagonal(spread, variance)
    return [replace(one, covariance=spread / one.effective) for one in moments]
