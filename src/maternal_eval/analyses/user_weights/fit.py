r"""What one group of users weighs: coefficients of the values, none negative, divided by their sum.

A survey-weighted cumulative logit :math:`\eta = \sum_j b_j v_j + \text{background}`, with every :math:`b_j \ge 0`.
The weight of an indicator is :math:`b_j / \sum b`, and the slope of the composite :math:`\sum b`: no anchor, neither
experts nor stated weights. Around the mode the likelihood is normal with the clustered covariance. Two priors serve two
questions. What ONE indicator weighs is told under a flat one, whose intervals hold each weight as often as they say.
How far ALL weights lie from others is told under a hierarchy in which the indicators of a dimension are alike until the
answers tell them apart (:mod:`~maternal_eval.methods.exchangeable_weights`): under the flat one the errors of all
weights add up, and weights that agree look as if they did not.

An unanswered item hands its weight to its siblings, as in the composite: its value is the mean of what was answered
under the users' own weights, which are found by filling and fitting in turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from maternal_eval.analyses.drivers.answers import GroupAnswers
from maternal_eval.analyses.user_weights.settings import UserWeightsSettings
from maternal_eval.core.randomness import named
from maternal_eval.methods.effective_weights import fill_unanswered
from maternal_eval.methods.exchangeable_weights import exchangeable_draws
from maternal_eval.methods.nonnegative_normal import nonnegative_draws
from maternal_eval.methods.ordinal.influence import clustered_covariance, influence
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalProblem, fit_ordinal

LEAST = 1e-3
"""Smallest weight, as a share of an equal one, that an item has while gaps are filled: an item with none would leave
its dimension without any."""


@dataclass(frozen=True)
class UserWeights:
    """The weights of a group.

    Attributes
    ----------
    answers
        Its answers.
    coefficients
        Draws × indicators under the flat prior, in logits over the whole value; none is negative.
    joint
        The same under the hierarchy.
    covariance
        Of the coefficients before any prior of the hierarchy.
    sets
        Number of the dimension of each indicator.
    pulled
        ``(indicators,)``: probability that a coefficient would be negative if it were allowed to.
    """

    answers: GroupAnswers
    coefficients: np.ndarray
    joint: np.ndarray
    covariance: np.ndarray
    sets: np.ndarray
    pulled: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Draws × indicators; rows sum to 1."""
        return self.coefficients / self.slope[:, None]

    @property
    def joint_weights(self) -> np.ndarray:
        """The same of :attr:`joint`."""
        return self.joint / self.joint.sum(axis=1, keepdims=True)

    @property
    def slope(self) -> np.ndarray:
        """``(draws,)``: logits over the whole composite."""
        return self.coefficients.sum(axis=1)


def user_weights(
    answers: GroupAnswers,
    values: np.ndarray,
    sharing: np.ndarray,
    dimension: np.ndarray,
    start: np.ndarray,
    settings: UserWeightsSettings,
    seed: np.random.SeedSequence,
) -> UserWeights:
    """Return what a group weighs.

    Parameters
    ----------
    answers
        The answers; gaps are none of their background.
    values
        Rows × indicators of the group in [0, 1]; NaN where unanswered.
    sharing
        Number of the set whose answered items share the weight of an unanswered one, per indicator.
    dimension
        Number of the dimension of each indicator.
    start
        Weights under which gaps are filled first.
    """
    weights = start / start.sum()
    first = len(answers.points) - 1
    begin: np.ndarray | None = None
    for _ in range(settings.refills + 1):
        filled = fill_unanswered(values, weights, sharing)
        design = np.hstack([filled, answers.background])
        problem = OrdinalProblem(design, answers.category, answers.weight, len(answers.points), settings.prior_scale)
        fit = fit_ordinal(problem, begin)
        begin = fit.parameters
        mode = fit.parameters[first : first + len(weights)]
        weights = np.maximum(mode, LEAST * np.abs(mode).mean())
        weights = weights / weights.sum()
    covariance = clustered_covariance(influence(problem, fit, answers.cluster), fit, problem.precision())
    chosen = slice(first, first + len(weights))
    covariance = covariance[chosen, chosen]
    pulled = ndtr(-mode / np.sqrt(np.diag(covariance)))
    drawn = nonnegative_draws(mode, covariance, settings.draws, named(seed, "flat"), settings.sweeps)
    joint = exchangeable_draws(mode, covariance, dimension, settings.draws, named(seed, "joint"), settings.sweeps)
    return UserWeights(answers, drawn, joint, covariance, dimension, pulled)
