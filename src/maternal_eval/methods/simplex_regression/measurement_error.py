r"""Answers that are noisy readings of an experience: regression calibration before weights are learned.

Where an outcome follows the experience :math:`\xi` and an answer is :math:`v = \xi + u`, a regression on v draws heavy
weights down and gives what they lose to correlated siblings. Regression calibration puts in place of v what is expected
of the experience given all answers of the respondent (Fuller 1987; Carroll, Ruppert, Stefanski & Crainiceanu 2006,
chapter 4):

.. math:: v^* = \mu + \Sigma_\xi (\Sigma_\xi + \Sigma_u)^{-1} (v - \mu), \qquad
          \Sigma_\xi = \Sigma_v - \Sigma_u,

with means :math:`\mu` by the levels of period, platform and segments and covariances within them, over the answered
items of each respondent. The errors follow from the reliability :math:`\rho`, the share of the variance of an item
within these levels that belongs to the experience:

.. math:: \Sigma_u = (1 - \lambda) \operatorname{diag}(e^2) + \lambda\, e e^\top,
          \qquad e_j^2 = (1 - \rho) \Sigma_{v,jj},

:math:`\lambda` being the share of the error that a respondent's answers have in common (leniency). What an error shares
with the outcome itself is not corrected, and the reliability is taken as known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from maternal_eval.core.arguments import number
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers

LEAST = 1e-3
"""Least variance of the experience in any direction, as a share of the mean variance of an item."""


@dataclass(frozen=True)
class Calibrated:
    """Answers in whose place the expected experience stands.

    Attributes
    ----------
    answers
        The same respondents with calibrated values.
    contradicted
        Share of the items' variance that had to be added because the answers are more alike than the reliability
        allows; 0 where they agree.
    """

    answers: StageAnswers
    contradicted: float


def calibrate_answers(answers: StageAnswers, reliability: float, shared: float = 0.0) -> Calibrated:
    """Return the answers of a stage with the experience expected behind them.

    Parameters
    ----------
    answers
        Values in [0, 1], what was answered, and the levels of the effects.
    reliability
        Share of an item's variance within the levels of the effects that belongs to the experience, above 0, at most
        1; with 1 nothing changes.
    shared
        Share of the error variance that all answers of a respondent have in common, 0 to 1.

    Raises
    ------
    InputError
        If a share is out of its range.
    """
    number(reliability, "reliability", above=0.0, high=1.0)
    number(shared, "shared error", low=0.0, high=1.0)
    if reliability == 1.0:
        return Calibrated(answers, 0.0)
    known = answers.answered > 0
    values = np.where(known, answers.values.astype(float), np.nan)
    means = level_means(values, answers.effects, answers.effect_count)
    left = np.where(known, values - means, 0.0)
    count = known.T.astype(float) @ known
    covariance = (left.T @ left) / np.maximum(count, 1.0)
    size = np.sqrt((1.0 - reliability) * np.diag(covariance))
    error = (1.0 - shared) * np.diag(size**2) + shared * np.outer(size, size)
    experience, contradicted = _possible(covariance - error, float(np.trace(covariance)))
    found = means + _expected(left, known, experience, error)
    inside = np.where(known, np.clip(found, 0.0, 1.0), 0.0).astype(np.float32)
    return Calibrated(replace(answers, values=inside), contradicted)


def level_means(values: np.ndarray, effects: np.ndarray, effect_count: int) -> np.ndarray:
    """Return the additive means of every item by the levels of the effects, for every respondent.

    Parameters
    ----------
    values
        Respondents × items, NaN where not answered.
    effects
        Respondents × columns: positions of levels; ``effect_count`` stands for "not known", an own level here.
    effect_count
        Number of levels of all columns together.

    Returns
    -------
    numpy.ndarray
        Respondents × items, from least squares on the answered ones; 0 for an item that nobody answered.
    """
    respondents = len(values)
    design = np.zeros((respondents, effect_count + 2))
    design[:, -1] = 1.0
    for column in effects.T:
        design[np.arange(respondents), column] = 1.0
    means = np.zeros(values.shape)
    for item in range(values.shape[1]):
        known = np.isfinite(values[:, item])
        if known.any():
            means[:, item] = design @ np.linalg.lstsq(design[known], values[known, item], rcond=None)[0]
    return means


def _possible(covariance: np.ndarray, total: float) -> tuple[np.ndarray, float]:
    """Return the nearest covariance with a positive variance in every direction, and the share of the total added."""
    values, directions = np.linalg.eigh(covariance)
    least = LEAST * max(total / len(values), np.finfo(float).tiny)
    lifted = np.maximum(values, least)
    added = float((lifted - values)[values < 0].sum())
    return (directions * lifted) @ directions.T, added / total if total > 0 else 0.0


def _expected(left: np.ndarray, known: np.ndarray, experience: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return the expected departure of the experience from its mean, from what each respondent answered."""
    found = np.zeros_like(left)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    order = np.argsort(which, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(which, minlength=len(patterns)))[:-1])
    for pattern, rows in zip(patterns, groups, strict=True):
        have = np.flatnonzero(pattern)
        of_answers = experience[np.ix_(have, have)]
        gain = np.linalg.solve(of_answers + error[np.ix_(have, have)], of_answers)
        found[np.ix_(rows, have)] = left[np.ix_(rows, have)] @ gain
    return found
