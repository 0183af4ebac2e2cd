r"""What each cluster of answers does to a cumulative regression: resampling and clustered errors without refitting.

The mode :math:`\hat\theta` solves :math:`\sum_g s_g(\theta) + \text{prior} = 0`, with :math:`s_g` the score of a
cluster of answers (a respondent, a ward). With weights :math:`\omega_g` on the clusters one Newton step from the mode
gives

.. math:: \hat\theta_\omega = \hat\theta + \sum_g (\omega_g - 1)\, d_g, \qquad d_g = H^{-1} s_g,

the infinitesimal resampling of Efron (1982); with standard exponential weights it is the Bayesian bootstrap (Rubin
1981), and :math:`\sum_g d_g d_g^\top` is the sandwich covariance clustered by g (Liang & Zeger 1986), here times
G / (G - 1). The error of the step is of the order 1/G, beside standard errors of the order :math:`1/\sqrt G`.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalFit, OrdinalProblem

BLOCK = 4096
"""Clusters whose random weights are drawn at a time."""


def by_cluster(columns: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return the sums of rows × columns over clusters 0, 1, …: clusters × columns."""
    count = int(cluster.max()) + 1
    if count == len(cluster) and np.array_equal(cluster, np.arange(count)):
        return columns
    return np.stack([np.bincount(cluster, column, count) for column in columns.T], axis=1)


def influence(problem: OrdinalProblem, fit: OrdinalFit, cluster: np.ndarray) -> np.ndarray:
    """Return d: clusters × parameters (thresholds, then coefficients), in the unit of the parameters.

    Parameters
    ----------
    problem, fit
        What was fitted, and the fit.
    cluster
        Number 0, 1, … of the cluster of each row.
    """
    return by_cluster(problem.scores(fit.parameters), cluster) @ np.linalg.inv(fit.curvature)


def clustered_covariance(influences: np.ndarray, fit: OrdinalFit, precision: np.ndarray | None = None) -> np.ndarray:
    r"""Return the covariance of the parameters, parameters × parameters.

    Parameters
    ----------
    influences
        As :func:`influence` returns them.
    fit
        The fit.
    precision
        Prior precision of each parameter. If it is given, :math:`H^{-1} \Lambda H^{-1}` is added: where the data say
        nothing the covariance is then that of the prior, and not 0.
    """
    count = len(influences)
    found = influences.T @ influences * (count / max(count - 1, 1))
    if precision is not None:
        inverse = np.linalg.inv(fit.curvature)
        found = found + (inverse * precision) @ inverse
    return found


def exponential_sums(tables: list[np.ndarray], resamples: int, seed: Seed) -> list[np.ndarray]:
    """Return Σ ω_g row_g of each table under ``resamples`` draws of exponential weights, the same for all tables.

    Parameters
    ----------
    tables
        Clusters × columns each.
    resamples, seed
        Number of draws.

    Returns
    -------
    list of numpy.ndarray
        Resamples × columns each.
    """
    random = generator(seed)
    sums = [np.zeros((resamples, table.shape[1])) for table in tables]
    for begin in range(0, len(tables[0]), BLOCK):
        part = slice(begin, begin + BLOCK)
        weights = random.standard_exponential((resamples, len(tables[0][part])))
        for total, table in zip(sums, tables, strict=True):
            total += weights @ table[part]
    return sums
