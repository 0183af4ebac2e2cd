"""The exact posterior density of stage weights and nuisance parameters together, for where summaries do not do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular

from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood
from maternal_eval.methods.simplex_regression.posterior import StageWeightPosterior
from maternal_eval.methods.simplex_regression.summary import NuisancePrior


@dataclass(frozen=True)
class ExactPosterior:
    """Log density of (y, epsilon): every evaluation passes over all answers.

    y are the whitened coordinates of ``guide``; epsilon are the nuisance parameters of each stage, centred at
    their best values given theta and scaled, both by the quadratic summaries. The summaries serve as coordinates
    only: the density is that of the exact likelihood.

    Attributes
    ----------
    guide
        A whitened posterior of the summaries.
    answers, nuisance_priors
        One per stage.
    """

    guide: StageWeightPosterior
    answers: tuple[StageAnswers, ...]
    nuisance_priors: tuple[NuisancePrior, ...]

    @property
    def names(self) -> list[str]:
        """One name per coordinate: those of the guide come first."""
        extra = [
            f"epsilon{s}_{position}"
            for s, prior in enumerate(self.nuisance_priors)
            for position in range(prior.mean.size)
        ]
        return [*self.guide.names, *extra]

    @cached_property
    def _inverse_roots(self) -> list[np.ndarray]:
        return [
            solve_triangular(summary.root, np.eye(summary.root.shape[0]), lower=True).T
            for summary in self.guide.summaries
        ]

    def log_density(self, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the log density at ``y`` (up to a constant) and its gradient."""
        guide, size = self.guide, self.guide.prior.size
        theta = guide.prior.theta(guide.to_standardised(y[:size]))
        by_theta = np.empty_like(theta)
        value, gradient, position = 0.0, np.empty_like(y), size
        for s, (summary, answers, prior) in enumerate(
            zip(guide.summaries, self.answers, self.nuisance_priors, strict=True)
        ):
            block = slice(position, position + prior.mean.size)
            position = block.stop
            nuisance = summary.best_nuisance(theta[s]) + self._inverse_roots[s] @ y[block]
            likelihood, by_point = log_likelihood(np.concatenate([theta[s], nuisance]), answers)
            value += likelihood + float(prior.log_density(nuisance))
            by_nuisance = by_point[theta.shape[1] :] - prior.precision * (nuisance - prior.mean)
            by_theta[s] = by_point[: theta.shape[1]] + summary.coupling.T @ by_nuisance
            gradient[block] = self._inverse_roots[s].T @ by_nuisance
        value, gradient[:size] = guide.with_likelihood(y[:size], theta, value, by_theta)
        return value, gradient
