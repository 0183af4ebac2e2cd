"""Linear regression with a normal prior of known width: closed form, with as many features as one likes."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve, cholesky

from maternal_eval.core.arguments import numbers


def ridge_posterior(
    rows: np.ndarray, response: np.ndarray, variance: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return posterior mean and covariance of the coefficients of a linear regression without an intercept.

    :math:`y_i \sim N(x_i^\top b, v_i)` with :math:`b_j \sim N(0, s_j^2)` gives covariance
    :math:`C = (X^\top V^{-1} X + S^{-2})^{-1}` and mean :math:`C X^\top V^{-1} y`: ridge regression (Hoerl & Kennard
    1970, *Technometrics* 12) with a penalty that the prior says and no search.

    Parameters
    ----------
    rows, response, variance
        ``(n, features)``, ``(n,)``, ``(n,)``: features, response, and the positive variance of each response.
    scale
        ``(features,)``: positive prior standard deviation of each coefficient.

    Raises
    ------
    InputError
        If a number is not finite, or a variance or scale not positive.

    Examples
    --------
    Two responses of 1 with variance 1 and a prior of variance 1: two thirds of the mean.

    >>> mean, covariance = ridge_posterior(np.ones((2, 1)), np.ones(2), np.ones(2), np.ones(1))
    >>> round(float(mean[0]), 6), round(float(covariance[0, 0]), 6)
    (0.666667, 0.333333)
    """
    rows = numbers(rows, "rows", ndim=2)
    response = numbers(response, "response", shape=rows.shape[:1])
    variance = numbers(variance, "variance", shape=rows.shape[:1], above=0.0)
    scale = numbers(scale, "scale", shape=rows.shape[1:], above=0.0)
    weighted = rows / variance[:, None]
    factor = (cholesky(rows.T @ weighted + np.diag(scale**-2.0), lower=True), True)
    return cho_solve(factor, weighted.T @ response), cho_solve(factor, np.eye(len(scale)))
