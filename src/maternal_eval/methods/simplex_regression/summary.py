r"""The log-likelihood of a stage as a quadratic function of theta, the nuisance parameters integrated out.

With thousands of answers the log-likelihood is nearly quadratic in theta (slope × weight), thresholds and
effects, even where it is far from quadratic in the weights themselves, which are bounded. Expanded at a
point, with gradient g and negative Hessian H (central differences of the exact gradient),

.. math:: \ell(\theta, \nu) \approx \ell_0 + g^\top u - \tfrac12 u^\top H u

with u the distance from the point of expansion :math:`(\theta_0, \nu_0)`.

A normal prior of the nuisance parameters :math:`\nu` is added and they are integrated out in closed form. What
is neglected is put back afterwards by importance weights (:mod:`maternal_eval.methods.simplex_regression.sampling`),
for which :meth:`QuadraticSummary.draw_nuisance` supplies the nuisance parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood

THRESHOLD_SPREAD = 3.0
"""Prior standard deviation of a threshold around the logit of its category's share: wide, only for stability."""

RELATIVE_STEP = 1e-4


@dataclass(frozen=True)
class NuisancePrior:
    """Independent normal priors of thresholds and effects."""

    mean: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(cls, answers: StageAnswers, effect_scale: float) -> NuisancePrior:
        """Thresholds around the logits of the cumulative shares (half an answer added), effects around 0."""
        counts = np.bincount(answers.outcome, minlength=answers.categories) + 0.5
        below = np.cumsum(counts)[:-1] / counts.sum()
        effects = np.zeros(answers.effect_count)
        return cls(
            np.concatenate([np.log(below / (1 - below)), effects]),
            np.concatenate([np.full(below.size, THRESHOLD_SPREAD**-2), effects + effect_scale**-2]),
        )

    def log_density(self, nuisance: np.ndarray) -> np.ndarray:
        """Return the log prior density (up to a constant) of nuisance vectors (..., size)."""
        return -0.5 * ((nuisance - self.mean) ** 2 * self.precision).sum(axis=-1)


@dataclass(frozen=True)
class QuadraticSummary:
    """Quadratic log-likelihood of one stage around ``(theta_0, nuisance_0)``.

    Attributes
    ----------
    theta_0, nuisance_0
        Where it was expanded; ``nuisance_0`` is already the best nuisance at ``theta_0``.
    linear, curvature
        Log-likelihood of theta with the nuisance integrated out: ``linear @ u - u @ curvature @ u / 2``.
    coupling
        Change of the best nuisance with theta.
    root
        Lower Cholesky factor of the nuisance precision given theta.
    """

    theta_0: np.ndarray
    nuisance_0: np.ndarray
    linear: np.ndarray
    curvature: np.ndarray
    coupling: np.ndarray
    root: np.ndarray

    def best_nuisance(self, theta: np.ndarray) -> np.ndarray:
        """Return the nuisance parameters of highest density given one theta."""
        return self.nuisance_0 + self.coupling @ (theta - self.theta_0)

    def draw_nuisance(self, theta: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw the nuisance parameters given theta (draws × indicators).

        Returns
        -------
        nuisance
            Draws × nuisance parameters.
        log_density
            Quadratic log-likelihood of (theta, nuisance) with the nuisance prior, up to a constant.
        """
        u = theta - self.theta_0
        noise = generator.standard_normal((theta.shape[0], self.nuisance_0.size))
        nuisance = self.nuisance_0 + u @ self.coupling.T + solve_triangular(self.root.T, noise.T, lower=False).T
        marginal = u @ self.linear - 0.5 * ((u @ self.curvature) * u).sum(axis=1)
        return nuisance, marginal - 0.5 * (noise**2).sum(axis=1)


def summarise(theta: np.ndarray, nuisance: np.ndarray, answers: StageAnswers, prior: NuisancePrior) -> QuadraticSummary:
    """Expand the log-likelihood of a stage at ``(theta, nuisance)`` and integrate the nuisance out.

    Parameters
    ----------
    theta
        Indicators, positive.
    nuisance
        Thresholds (increasing) and effects.
    answers, prior
        The stage's answers and the prior of its nuisance parameters.
    """
    point = np.concatenate([theta, nuisance])
    split = theta.size
    gradient = log_likelihood(point, answers)[1]
    step = RELATIVE_STEP * np.concatenate([np.full(split, theta.mean()), np.ones(nuisance.size)])
    step[:split] = np.minimum(step[:split], 0.5 * theta)
    hessian = np.empty((point.size, point.size))
    for column, move in enumerate(np.diag(step)):
        above, below = log_likelihood(point + move, answers)[1], log_likelihood(point - move, answers)[1]
        hessian[column] = (below - above) / (2 * step[column])
    hessian = 0.5 * (hessian + hessian.T)
    precision = hessian[split:, split:] + np.diag(prior.precision)
    pull = gradient[split:] - prior.precision * (nuisance - prior.mean)
    factor = cho_factor(precision, lower=True)
    coupling = -cho_solve(factor, hessian[split:, :split])
    return QuadraticSummary(
        theta_0=theta,
        nuisance_0=nuisance + cho_solve(factor, pull),
        linear=gradient[:split] + coupling.T @ pull,
        curvature=_convex(hessian[:split, :split] + hessian[:split, split:] @ coupling),
        coupling=coupling,
        root=np.tril(factor[0]),
    )


def _convex(curvature: np.ndarray) -> np.ndarray:
    """Return the curvature without its negative part, which missing answers can bring and which has no maximum."""
    values, directions = np.linalg.eigh(0.5 * (curvature + curvature.T))
    return (directions * np.maximum(values, 0.0)) @ directions.T
