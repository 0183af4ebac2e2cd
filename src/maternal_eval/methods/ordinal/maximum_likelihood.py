r"""Survey-weighted cumulative logistic regression with a weak normal prior: mode, covariance, draws.

.. math:: P(y_i \le k) = F(\kappa_k - \eta_i), \qquad \eta_i = x_i^\top \beta, \qquad F(z) = 1 / (1 + e^{-z}),

with categories 0 … K-1. The penalised log-likelihood is strictly concave in (thresholds, coefficients) (Pratt 1981),
and the prior makes its maximum exist where that of the likelihood alone does not: with a column that separates the
answers. A category that nobody chose has to be taken out: the thresholds around it would be drawn past each other.
Newton's method with step halving finds it from anywhere; it has arrived when the
Newton decrement :math:`\lambda = (g^\top H^{-1} g)^{1/2}` (gradient g, negative Hessian H; Boyd & Vandenberghe 2004,
section 9.5) is below :data:`TOLERANCE`, that is, when no direction is left in which the mode lies farther than that
many standard deviations away. With survey weights or a model that is not quite right the inverse curvature is the wrong
covariance; draws therefore come from the normal distribution around the mode with the sandwich covariance
(Müller 2013), which for thousands of respondents is the posterior to be reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import expit

from maternal_eval.core.errors import DiagnosticsError, InputError

ITERATIONS = 60
"""Newton steps before the fit is refused; five to ten are usual."""

TOLERANCE = 1e-4
"""Newton decrement below which the next step is the last: there each step squares what is missing, so that the mode is
then less than a millionth of a standard deviation away."""

HALVINGS = 40
"""Times that a step is halved before the fit is refused."""

SHORT = 0.1
"""Newton decrement below which a fit that began near its mode keeps the curvature for the last steps, as long as each
leaves a tenth at most: over a tenth of a standard deviation it changes by a few parts in ten thousand."""

THRESHOLD_SPREAD = 5.0
"""Prior standard deviation of a threshold around the logit of its share: wide."""

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
    decrement
        Newton decrement before the last step, below :data:`TOLERANCE`.
    """

    parameters: np.ndarray
    covariance: np.ndarray
    curvature: np.ndarray
    categories: int
    decrement: float

    @property
    def root(self) -> np.ndarray:
        """Symmetric square root of the covariance: the same on every machine, whatever the signs of eigenvectors."""
        values, directions = np.linalg.eigh(self.covariance)
        return (directions * np.sqrt(np.maximum(values, 0.0))) @ directions.T


class Parts(NamedTuple):
    """F and its density at the upper and at the lower threshold of each answer, and the answer's probability."""

    upper: np.ndarray
    lower: np.ndarray
    at_upper: np.ndarray
    at_lower: np.ndarray
    probability: np.ndarray


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
        K; every one of them is given by somebody.
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

    def parts(self, parameters: np.ndarray) -> Parts:
        """Return what value, gradient and curvature have in common at these parameters.

        An answer between two thresholds on the upper side is taken in the mirrored tail, where the difference of two
        numbers close to 1 keeps its digits.
        """
        thresholds, coefficients = np.split(parameters, [self.categories - 1])
        eta = self.design @ coefficients
        bounds = np.concatenate([[-np.inf], thresholds, [np.inf]])
        above, below = bounds[self.category + 1] - eta, bounds[self.category] - eta
        mirrored = above + below > 0
        side = np.where(mirrored, -1.0, 1.0)
        upper, lower = expit(side * above), expit(side * below)
        at_upper, at_lower, probability = upper * (1 - upper), lower * (1 - lower), side * (upper - lower)
        upper, lower = np.where(mirrored, 1 - upper, upper), np.where(mirrored, 1 - lower, lower)
        return Parts(upper, lower, at_upper, at_lower, np.maximum(probability, SMALLEST))

    def log_posterior(
        self, parameters: np.ndarray, start: np.ndarray, precision: np.ndarray, parts: Parts | None = None
    ) -> float:
        """Return the penalised log-likelihood; minus infinity where an answer that was given is impossible.

        ``parts``, here and below: :meth:`parts` of the parameters, if they are known already.
        """
        probability = (self.parts(parameters) if parts is None else parts).probability
        if probability.min() <= SMALLEST:
            return -np.inf
        return float(self.weight @ np.log(probability) - 0.5 * ((parameters - start) ** 2 @ precision))

    def scores(self, parameters: np.ndarray) -> np.ndarray:
        """Return the derivative of each respondent's log-likelihood (respondents × parameters), weighted."""
        by_threshold, by_eta = self._by_respondent(self.parts(parameters))
        return np.hstack([by_threshold[:, 1:-1].toarray(), by_eta[:, None] * self.design])

    def meat(self, parameters: np.ndarray, parts: Parts | None = None) -> np.ndarray:
        """Return the sum of the outer products of :meth:`scores`, without forming them."""
        by_threshold, by_eta = self._by_respondent(self.parts(parameters) if parts is None else parts)
        by_design = self.design * by_eta[:, None]
        of_thresholds, mixed = (by_threshold.T @ by_threshold).toarray(), by_threshold.T @ by_design
        return _whole(of_thresholds[1:-1, 1:-1], mixed[1:-1], by_design.T @ by_design)

    def _by_respondent(self, parts: Parts) -> tuple[sparse.csr_array, np.ndarray]:
        """Return the weighted derivatives by the bounds (respondents × K + 1) and by η."""
        upper, lower, at_upper, at_lower, probability = parts
        of_bounds = self._on_bounds(self.weight * at_upper / probability, -self.weight * at_lower / probability)
        return of_bounds, self.weight * (upper + lower - 1)

    def _on_bounds(self, upper: np.ndarray, lower: np.ndarray) -> sparse.csr_array:
        """Return respondents × bounds with a value at the upper and at the lower one of each answer.

        The first and the last bound are the infinities, which are no parameters.
        """
        rows = len(self.category)
        places = np.stack([self.category, self.category + 1], axis=1).ravel()
        values = np.stack([lower, upper], axis=1).ravel()
        return sparse.csr_array((values, places, 2 * np.arange(rows + 1)), shape=(rows, self.categories + 1))

    def score(self, parameters: np.ndarray, parts: Parts | None = None) -> np.ndarray:
        """Return the gradient of the log-likelihood, without forming each respondent's."""
        upper, lower, at_upper, at_lower, probability = self.parts(parameters) if parts is None else parts
        size = self.categories + 1
        up = np.bincount(self.category + 1, self.weight * at_upper / probability, size)
        down = np.bincount(self.category, self.weight * at_lower / probability, size)
        return np.concatenate([(up - down)[1:-1], self.design.T @ (self.weight * (upper + lower - 1))])

    def curvature(self, parameters: np.ndarray, parts: Parts | None = None) -> np.ndarray:
        """Return the negative Hessian of the log-likelihood."""
        upper, lower, at_upper, at_lower, probability = self.parts(parameters) if parts is None else parts
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
        mixed = -(self._on_bounds(weight * at_upper, weight * at_lower).T @ self.design)
        halved = self.design * np.sqrt(weight * (at_upper + at_lower))[:, None]
        return _whole(of_thresholds[1:-1, 1:-1], mixed[1:-1], halved.T @ halved)


def _whole(of_thresholds: np.ndarray, mixed: np.ndarray, of_design: np.ndarray) -> np.ndarray:
    """Return the symmetric matrix of three blocks; ``mixed`` is thresholds × columns."""
    split = len(of_thresholds)
    whole = np.empty((split + len(of_design),) * 2)
    whole[:split, :split], whole[split:, split:] = of_thresholds, of_design
    whole[:split, split:], whole[split:, :split] = mixed, mixed.T
    return whole


def fit_ordinal(problem: OrdinalProblem, begin: np.ndarray | None = None) -> OrdinalFit:
    """Return mode, curvature and sandwich covariance.

    Parameters
    ----------
    problem
        Data and prior.
    begin
        Where to begin: the mode under a similar design, such as a composite under other weights. It saves steps and
        changes nothing else; from the thresholds of the shares if not given, or if an answer is impossible there.

    Raises
    ------
    InputError
        If all answers are the same.
    ValueError
        If a category is empty.
    DiagnosticsError
        If Newton's method does not arrive.
    """
    given = np.unique(problem.category).size
    if given < 2:
        raise InputError("the outcome does not vary", found="one answer", expected="at least two different answers")
    if given < problem.categories:
        raise ValueError(f"{problem.categories - given} categories are empty: their thresholds would cross")
    start, precision = problem.start(), problem.precision()
    parameters, value = start, -np.inf
    if begin is not None:
        parameters, parts = begin, problem.parts(begin)
        value = problem.log_posterior(begin, start, precision, parts)
    if not np.isfinite(value):
        parameters, parts = start, problem.parts(start)
        value = problem.log_posterior(start, start, precision, parts)
    curvature, kept, last = np.empty(0), False, np.inf
    for _ in range(ITERATIONS):
        gradient = problem.score(parameters, parts) - precision * (parameters - start)
        if not kept:
            curvature = problem.curvature(parameters, parts) + np.diag(precision)
        step = np.linalg.solve(curvature, gradient)
        decrement = float(np.sqrt(max(gradient @ step, 0.0)))
        if decrement < TOLERANCE:
            inverse = np.linalg.inv(curvature)
            covariance = inverse @ problem.meat(parameters, parts) @ inverse
            return OrdinalFit(parameters + step, covariance, curvature, problem.categories, decrement)
        kept, last = begin is not None and decrement < min(SHORT, last / 10), decrement
        for _ in range(HALVINGS):
            parts = problem.parts(parameters + step)
            moved = problem.log_posterior(parameters + step, start, precision, parts)
            # a twentieth of what the gradient promises, less the rounding of a sum of thousands of logarithms
            if moved >= value + 0.05 * (gradient @ step) - 1e-10 * abs(value):
                break
            step = step / 2
        else:
            break
        parameters, value = parameters + step, moved
    raise DiagnosticsError(
        f"the cumulative regression did not converge: the Newton decrement is {decrement:.1e} "
        f"(below {TOLERANCE:g} is asked for) after at most {ITERATIONS} steps"
    )
