r"""Cumulative logit of ordered answers on counted cells, by Fisher scoring (McCullagh 1980, *JRSS B* 42, 109–142).

:math:`P(Y \le k) = \operatorname{logit}^{-1}(\tau_k - x^\top \beta)`. Respondents with the same covariates are one row
of counts, so that a fit of tens of thousands takes milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import DiagnosticsError, InputError

ROUNDS = 60
STILL = 1e-9
LEAST = 1e-12


@dataclass(frozen=True)
class OrderedLogit:
    """A fit: thresholds, slopes, covariance of (thresholds, slopes), maximised log-likelihood, number of answers."""

    thresholds: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    answers: float

    def probabilities(self, covariates: np.ndarray) -> np.ndarray:
        """Return the probabilities of the answers, ``(rows, categories)``."""
        return _cells(self.thresholds, covariates @ self.slopes)[0]


def fit_ordered_logit(counts: np.ndarray, covariates: np.ndarray) -> OrderedLogit:
    """Fit a cumulative logit.

    Parameters
    ----------
    counts
        ``(rows, categories)``: how often each answer was given, not negative; answers that nobody gave are left out.
    covariates
        ``(rows, slopes)``; may have no column. Scaled to about one.

    Raises
    ------
    InputError
        If lengths do not agree, or fewer than two answers were given.
    DiagnosticsError
        If the fit does not converge: covariates that tell the answers apart, or that say the same.

    Examples
    --------
    >>> fit = fit_ordered_logit(np.array([[30.0, 10.0], [10.0, 30.0]]), np.array([[0.0], [1.0]]))
    >>> round(float(fit.slopes[0]), 4), round(2 * float(np.log(3)), 4)
    (2.1972, 2.1972)
    """
    counts = numbers(counts, "counts", ndim=2, low=0.0)
    covariates = numbers(covariates, "covariates", shape=(len(counts), None), empty=True)
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2:
        raise InputError("everybody gave the same answer", found=counts.shape[1], expected="two answers that differ")
    total, k = counts.sum(), counts.shape[1] - 1
    share = np.cumsum(counts.sum(axis=0))[:-1] / total
    x = np.concatenate([logit(np.clip(share, 1e-9, 1 - 1e-9)), np.zeros(covariates.shape[1])])
    value, score, information = _moments(x, counts, covariates, k)
    for _ in range(ROUNDS):
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            raise DiagnosticsError("an ordered logit has covariates that say the same") from None
        decrement = float(score @ step)
        if decrement < STILL * max(1.0, abs(value)) * 1e-3:
            return OrderedLogit(x[:k], x[k:], np.linalg.inv(information), value, float(total))
        size = 1.0
        for _ in range(30):
            renewed = x + size * step
            if (np.diff(renewed[:k]) > 0).all():
                after = _moments(renewed, counts, covariates, k)
                if after[0] >= value - 1e-12 * abs(value):
                    break
            size /= 2
        else:
            break
        x, (value, score, information) = renewed, after
        if np.abs(x).max() > 1e4:
            break
    raise DiagnosticsError("an ordered logit did not converge: covariates may tell the answers apart")


def _cells(thresholds: np.ndarray, predictor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of the answers and the densities at the thresholds."""
    below = expit(thresholds[None, :] - predictor[:, None])
    edges = np.pad(below, ((0, 0), (1, 1)), constant_values=((0, 0), (0, 1)))
    return np.clip(np.diff(edges, axis=1), LEAST, None), below * (1 - below)


def _moments(x: np.ndarray, counts: np.ndarray, covariates: np.ndarray, k: int) -> tuple[float, np.ndarray, np.ndarray]:
    probability, density = _cells(x[:k], covariates @ x[k:])
    value = float((counts * np.log(probability)).sum())
    ratio, inverse = counts / probability, 1.0 / probability
    of_threshold = density * (ratio[:, :-1] - ratio[:, 1:])
    # Information about thresholds is a band: each one touches two answers. That about the predictor follows from it.
    n = counts.sum(axis=1)
    diagonal = density**2 * (inverse[:, :-1] + inverse[:, 1:])
    beside = -density[:, :-1] * density[:, 1:] * inverse[:, 1:-1]
    across = diagonal.copy()
    across[:, :-1] += beside
    across[:, 1:] += beside
    tau = np.zeros((k, k))
    at = np.arange(k)
    tau[at, at] = n @ diagonal
    tau[at[:-1], at[1:]] = tau[at[1:], at[:-1]] = n @ beside
    mixed = -(across * n[:, None]).T @ covariates
    slopes = covariates.T @ (covariates * (n * across.sum(axis=1))[:, None])
    score = np.concatenate([of_threshold.sum(axis=0), -of_threshold.sum(axis=1) @ covariates])
    return value, score, np.block([[tau, mixed], [mixed.T, slopes]])
