r"""The outcome of one group explained by all indicators at once, and draws of what follows from it.

A survey-weighted cumulative logit of the outcome on the places of all answers and on the background. Behind it stands a
latent outcome :math:`y^* = x^\top \beta + z^\top \gamma + e` with :math:`\operatorname{Var} e = \pi^2 / 3`. Inside
the background (what is left of x after a weighted regression on z) the indicators have the covariance Σ, their
covariance with :math:`y^*` is :math:`r = \Sigma \beta`, and :math:`\beta^\top \Sigma \beta / (\beta^\top \Sigma \beta +
\pi^2 / 3)` is the explained share of the latent variance (McKelvey & Zavoina 1975).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from maternal_eval.analyses.drivers.answers import GroupAnswers
from maternal_eval.analyses.stage_weights.anchor import symmetric_root
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.dominance import correlations
from maternal_eval.methods.ordinal.influence import by_cluster, clustered_covariance, exponential_sums, influence
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalFit, OrdinalProblem, fit_ordinal

NOISE = np.pi**2 / 3
"""Variance of the logistic error of the latent outcome."""


@dataclass(frozen=True)
class DriverFit:
    """A fitted group.

    Attributes
    ----------
    answers, problem, fit
        The answers, the regression and its mode: thresholds, indicators, background.
    inside
        Rows × indicators: places less what the background predicts of them.
    """

    answers: GroupAnswers
    problem: OrdinalProblem
    fit: OrdinalFit
    inside: np.ndarray

    @classmethod
    def of(cls, answers: GroupAnswers, prior_scale: float) -> DriverFit:
        """Fit the group; raises as :func:`~maternal_eval.methods.ordinal.maximum_likelihood.fit_ordinal`."""
        filled = answers.filled
        design = np.hstack([filled, answers.background])
        problem = OrdinalProblem(design, answers.category, answers.weight, len(answers.points), prior_scale)
        fit = fit_ordinal(problem)
        root = np.sqrt(answers.weight)[:, None]
        known = np.hstack([np.ones((len(filled), 1)), answers.background])
        explained = known @ np.linalg.lstsq(known * root, filled * root, rcond=None)[0]
        return cls(answers, problem, fit, filled - explained)

    @property
    def coefficients(self) -> slice:
        """Where the indicators' coefficients stand among the parameters."""
        begin = len(self.answers.points) - 1
        return slice(begin, begin + len(self.answers.codes))

    def matrix(self) -> np.ndarray:
        """Return the latent correlations of (indicators, outcome), see :func:`correlations`."""
        weight = self.answers.weight / self.answers.weight.sum()
        covariance = (self.inside * weight[:, None]).T @ self.inside
        return _latent(covariance, self.fit.parameters[self.coefficients])

    @cached_property
    def influences(self) -> np.ndarray:
        """Clusters × parameters, see :mod:`~maternal_eval.methods.ordinal.influence`."""
        return influence(self.problem, self.fit, self.answers.cluster)

    def covariance(self) -> np.ndarray:
        """Return the covariance of the parameters, clustered, with the prior's part."""
        return clustered_covariance(self.influences, self.fit, self.problem.precision())

    def coefficient_draws(self, draws: int, seed: Seed) -> np.ndarray:
        """Return normal draws of the indicators' coefficients around the mode, draws × indicators."""
        chosen = self.coefficients
        root = symmetric_root(self.covariance()[chosen, chosen])
        return self.fit.parameters[chosen] + generator(seed).standard_normal((draws, len(root))) @ root

    def matrix_draws(self, resamples: int, seed: Seed) -> np.ndarray:
        """Return draws of :meth:`matrix` by the Bayesian bootstrap, resamples × its shape."""
        upper = np.triu_indices(self.inside.shape[1])
        products = self.inside[:, upper[0]] * self.inside[:, upper[1]]
        moments = np.hstack([np.ones((len(products), 1)), self.inside, products]) * self.answers.weight[:, None]
        clustered = by_cluster(moments, self.answers.cluster)
        moved, sums = exponential_sums([self.influences[:, self.coefficients], clustered], resamples, seed)
        beta = self.fit.parameters[self.coefficients] + moved - self.influences[:, self.coefficients].sum(axis=0)
        size = self.inside.shape[1]
        sums = sums / sums[:, :1]
        mean, covariance = sums[:, 1 : size + 1], np.empty((resamples, size, size))
        covariance[:, upper[0], upper[1]] = covariance[:, upper[1], upper[0]] = sums[:, size + 1 :]
        covariance -= mean[:, :, None] * mean[:, None, :]
        return _latent(covariance, beta)

    def gains(self, step: np.ndarray) -> np.ndarray:
        """Return by how much the expected outcome rises, ``(indicators,)``, in points of its scale.

        Each answer to ONE indicator is raised by ``step`` (shares of its scale), at most to the top; who did not answer
        it stays. Means over the answers by survey weight.
        """
        begin = self.coefficients.start
        thresholds, beta = self.fit.parameters[:begin], self.fit.parameters[begin:]
        eta, weight = self.problem.design @ beta, self.answers.weight / self.answers.weight.sum()
        before = _expected(eta, thresholds, self.answers.points)
        found = np.empty(len(step))
        for column, by in enumerate(step):
            room = np.nan_to_num(np.minimum(by, 1.0 - self.answers.place[:, column]))
            after = _expected(eta + beta[column] * room, thresholds, self.answers.points)
            found[column] = weight @ (after - before)
        return found


def _latent(covariance: np.ndarray, beta: np.ndarray) -> np.ndarray:
    edge = np.einsum("...ij,...j->...i", covariance, beta)
    return correlations(covariance, edge, (edge * beta).sum(axis=-1) + NOISE)


def _expected(eta: np.ndarray, thresholds: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the expected outcome of each row."""
    below = expit(thresholds[None, :] - eta[:, None])
    return points[-1] - below @ np.diff(points)
