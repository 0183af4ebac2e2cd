"""Means of the indicator values of a unit and their sampling covariance, on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """How one unit (a platform in a stage) stands.

    Attributes
    ----------
    mean
        ``(indicators,)``: mean value of the answers by survey weight, 0–1, larger is better.
    covariance
        ``(indicators, indicators)``: sampling covariance of these means.
    respondents
        Number of respondents with a positive survey weight.
    """

    mean: np.ndarray
    covariance: np.ndarray
    respondents: int


def available_moments(values: np.ndarray, weights: np.ndarray) -> Moments | None:
    r"""Return the means of the available answers and their covariance by linearisation.

    With :math:`a_{ri}` = 1 where respondent r answered indicator i and survey weights :math:`\omega_r`, the mean is
    :math:`m_i = \sum_r \omega_r a_{ri} v_{ri} / A_i` with :math:`A_i = \sum_r \omega_r a_{ri}`. Its linearised
    residual is :math:`z_{ri} = \omega_r a_{ri} (v_{ri} - m_i) / A_i`, and the covariance of the means is
    :math:`\frac{n}{n-1} \sum_r z_r z_r^\top` (Särndal, Swensson & Wretman 1992, 5.5, sampling with replacement).
    For any weights w on the simplex the score :math:`w^\top m` then has the variance :math:`w^\top C w`.

    Parameters
    ----------
    values
        Respondents × indicators, in [0, 1]; NaN = not answered.
    weights
        ``(respondents,)``, not negative.

    Returns
    -------
    Moments or None
        None if an indicator has no answer, or there are fewer than two respondents: then no score can be formed
        without guessing.

    Examples
    --------
    >>> moments = available_moments(np.array([[0.0, 1.0], [1.0, np.nan]]), np.ones(2))
    >>> moments.mean.tolist(), float(moments.covariance[0, 0])
    ([0.5, 1.0], 0.25)
    """
    used = weights > 0
    values, weights = values[used], weights[used]
    answered = ~np.isnan(values)
    share = answered * weights[:, None]
    total = share.sum(axis=0)
    count = len(values)
    if count < 2 or not np.all(total > 0):
        return None
    filled = np.where(answered, values, 0.0)
    mean = (share * filled).sum(axis=0) / total
    residual = share * (filled - mean) / total
    return Moments(mean, count / (count - 1) * residual.T @ residual, count)
