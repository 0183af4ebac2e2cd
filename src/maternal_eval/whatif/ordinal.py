r"""Survey-weighted cumulative logistic regression with a weak normal prior: mode, covariance, draws.

.. math:: P(y_i \le k) = F(\kappa_k - \eta_i), \qquad \eta_i = x_i^\top \beta, \qquad F(z) = 1 / (1 + e^{-z}),

with categories 0 … K-1. The penalised log-likelihood is concave in (thresholds, coefficients) (Pratt 1981), so Newton's
method finds its one maximum. With survey weights or a model that is not quite right the inverse curvature is the
wrong covariance; draws therefore come from the normal distribution around the mode with the sandwich covariance
(Müller 2013), which for thousands of respondents is the posterior to be reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from maternal_eval.errors import InputError

ITERATIONS = 60
TOLERANCE = 1e-8
"""Largest change of a parameter, in logits, at which Newton's method stops: convergence is quadratic."""

THRESHOLD_SPREAD = 5.0
"""Prior standard deviation of a threshold around the logit of its share: wide, so that empty categories stay finite."""

SMALLEST = 1e-300


@dataclass(frozen=True)
class OrdinalFit:
    """The fitted regression.

    Attributes
    ----------
    parameters
        Thresholds (K - 1), then coefficients.
    covariance
        Sandwich covariance of the parameters.
    curvature
        Negative Hessian of the penalised log-likelihood at the mode.
    categories
        K.
    """

    parameters: np.ndarray
    covariance: np.ndarray
    curvature: np.ndarray
    categories: int


@dataclass(frozen=True)
class OrdinalProblem:
    """Data and prior of a regression.

    Attributes
    ----------
    design
        Respondents × columns, without a constant (the thresholds are it).
    category
        Codes 0 … K-1.
    weight
        Survey weights; used with mean 1.
    categories
        K; a category may be empty.
    prior_scale
        Prior standard deviation of the coefficients, in logits by unit of the column.
    """

    design: np.ndarray
    category: np.ndarray
    weight: np.ndarray
    categories: int
    prior_scale: float

    def start(self) -> np.ndarray:
        """Return the thresholds of the shares (half an answer added to each category) and coefficients of 0."""
        counts = np.bincount(self.category, weights=self.weight, minlength=self.categories) + 0.5
        below = np.cumsum(counts)[:-1] / counts.sum()
        return np.concatenate([np.log(below / (1 - below)), np.zeros(self.design.shape[1])])

    def precision(self) -> np.ndarray:
        """Return the prior precision of the parameters; the prior mean is :meth:`start`."""
        return np.concatenate(
            [
                np.full(self.categories - 1, THRESHOLD_SPREAD**-2),
                np.full(self.design.shape[1], self.prior_scale**-2),
            ]
        )

    def _parts(self, parameters: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return F and its density at the upper and at the lower threshold of each answer, and its probability."""
        thresholds, coefficients = np.split(parameters, [self.categories - 1])
        eta = self.design @ coefficients
        bounds = np.concatenate([[-np.inf], thresholds, [np.inf]])
        upper, lower = expit(bounds[self.category + 1] - eta), expit(bounds[self.category] - eta)
        probability = np.maximum(upper - lower, SMALLEST)
        return upper, lower, upper * (1 - upper), lower * (1 - lower), probability

    def log_posterior(self, parameters: np.ndarray, start: np.ndarray, precision: np.ndarray) -> float:
        """Return the penalised log-likelihood; minus infinity where an answer that was given is impossible."""
        probability = self._parts(parameters)[4]
        if probability.min() <= SMALLEST:
            return -np.inf
        return float(self.weight @ np.log(probability) - 0.5 * ((parameters - start) ** 2 @ precision))

    def scores(self, parameters: np.ndarray) -> np.ndarray:
        """Return the derivative of each respondent's log-likelihood (respondents × parameters), weighted."""
        upper, lower, at_upper, at_lower, probability = self._parts(parameters)
        rows, last = np.arange(len(self.category)), self.categories - 1
        by_threshold = np.zeros((len(self.category), last + 2))
        by_threshold[rows, self.category + 1] = at_upper / probability
        by_threshold[rows, self.category] -= at_lower / probability
        by_eta = upper + lower - 1
        return self.weight[:, None] * np.hstack([by_threshold[:, 1:-1], by_eta[:, None] * self.design])

    def score(self, parameters: np.ndarray) -> np.ndarray:
        """Return the gradient of the log-likelihood, without forming each respondent's."""
        upper, lower, at_upper, at_lower, probability = self._parts(parameters)
        size = self.categories + 1
        up = np.bincount(self.category + 1, self.weight * at_upper / probability, size)
        down = np.bincount(self.category, self.weight * at_lower / probability, size)
        return np.concatenate([(up - down)[1:-1], self.design.T @ (self.weight * (upper + lower - 1))])

    def curvature(self, parameters: np.ndarray) -> np.ndarray:
        """Return the negative Hessian of the log-likelihood."""
        upper, lower, at_upper, at_lower, probability = self._parts(parameters)
        weight, size = self.weight, self.categories + 1
        ratio_up, ratio_down = at_upper / probability, at_lower / probability
        bend_up = weight * (ratio_up**2 - ratio_up * (1 - 2 * upper))
        bend_down = weight * (ratio_down**2 + ratio_down * (1 - 2 * lower))
        diagonal = np.bincount(self.category + 1, bend_up, size) + np.bincount(self.category, bend_down, size)
        beside = -np.bincount(self.category, weight * ratio_up * ratio_down, size)
        # beside[k] couples the thresholds below and above category k, which stand at k and k + 1 of the bounds
        of_thresholds = np.diag(diagonal)
        places = np.arange(size - 1)
        of_thresholds[places, places + 1] = of_thresholds[places + 1, places] = beside[:-1]
        beside_design = np.zeros((len(self.category), size))
        rows = np.arange(len(self.category))
        beside_design[rows, self.category + 1] = weight * at_upper
        beside_design[rows, self.category] += weight * at_lower
        mixed = -beside_design.T @ self.design
        of_design = (self.design * (weight * (at_upper + at_lower))[:, None]).T @ self.design
        return np.block([[of_thresholds[1:-1, 1:-1], mixed[1:-1]], [mixed[1:-1].T, of_design]])


def fit_ordinal(problem: OrdinalProblem) -> OrdinalFit:
    """Return mode, curvature and sandwich covariance.

    Raises
    ------
    InputError
        If all answers are the same.
    """
    if np.unique(problem.category).size < 2:
        raise InputError("the outcome does not vary", found="one answer", expected="at least two different answers")
    start, precision = problem.start(), problem.precision()
    parameters = start.copy()
    value = problem.log_posterior(parameters, start, precision)
    for _ in range(ITERATIONS):
        gradient = problem.score(parameters) - precision * (parameters - start)
        curvature = problem.curvature(parameters) + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        while (moved := problem.log_posterior(parameters + step, start, precision)) < value - 1e-9 * abs(value):
            step = step / 2
        parameters, value = parameters + step, moved
        if np.abs(step).max() < TOLERANCE:
            break
    else:
        raise InputError("the regression of the outcome does not converge", found=f"{ITERATIONS} steps of Newton")
    curvature = problem.curvature(parameters) + np.diag(precision)
    scores = problem.scores(parameters)
    inverse = np.linalg.inv(curvature)
    return OrdinalFit(parameters, inverse @ (scores.T @ scores) @ inverse, curvature, problem.categories)


def refit(problem: OrdinalProblem, fit: OrdinalFit, steps: int = 3) -> np.ndarray:
    """Return the mode for a design close to that of ``fit``, by steps with the curvature of ``fit``.

    Each step divides what is missing by about the relative difference of the curvatures: a composite under slightly
    other weights needs no new curvature.
    """
    start, precision = problem.start(), problem.precision()
    parameters = fit.parameters
    inverse = np.linalg.inv(fit.curvature)
    for _ in range(steps):
        parameters = parameters + inverse @ (problem.score(parameters) - precision * (parameters - start))
    return parameters
