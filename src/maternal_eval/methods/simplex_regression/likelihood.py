r"""The log-likelihood of one stage and its exact gradient, on plain arrays.

Respondent i of the stage has the composite value

.. math:: c_i = \frac{\sum_d a_{id} T_d\, m_{id}}{\sum_d a_{id} T_d}, \qquad
          m_{id} = \frac{\sum_{j \in d} o_{ij} \theta_j v_{ij}}{\sum_{j \in d} o_{ij} \theta_j},

with values v in [0, 1], o = 1 where the item was answered, a = 1 where anything in dimension d was answered
and T the sum of theta over d: weights are renormalised over the answered items of a dimension, then over the
answered dimensions, exactly as in the composite score. Theta is slope × weight: its direction is the weights
of the stage, its sum the slope. The answer y in 0 … K-1 follows the cumulative logistic regression

.. math:: P(y_i \le k) = \operatorname{logit}^{-1}(\kappa_k - \eta_i), \qquad
          \eta_i = \Bigl(\sum_j \theta_j\Bigr) (c_i - \bar c) + \sum_e \gamma_{e(i)}.

In theta the log-likelihood is nearly quadratic (without missing answers eta is linear in theta), which
:mod:`maternal_eval.methods.simplex_regression.summary` makes use of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from maternal_eval.core.arguments import number, whole
from maternal_eval.core.errors import InputError
from maternal_eval.methods import kernels
from maternal_eval.methods.kernels import Slot

_FAST = {"reassoc", "contract", "nsz"}
# Lets the compiler add up in vectors. NaN and infinity keep their meaning, unlike with full fast-math.

_FLUSH = 1e200

ROUNDING = 1e-6
"""Values are rounded to single precision."""

SLOTS = (
    Slot("values", ("respondents", "indicators"), np.float32, low=-ROUNDING, high=1.0 + ROUNDING),
    Slot("answered", ("respondents", "indicators"), np.float32, low=0.0, high=1.0),
    Slot("outcome", ("respondents",), np.int64, inside="categories"),
    Slot("effects", ("respondents", "columns"), np.int64, inside="levels"),
    Slot("dimension_start", ("dimensions+1",), np.int64, starts="indicators", filled=True),
)
"""What the compiled pass reads of the answers."""


@dataclass(frozen=True)
class StageAnswers:
    """The answers of one stage as the likelihood reads them; indicators are sorted by dimension.

    Attributes
    ----------
    values
        Respondents × indicators, float32 in [0, 1]; 0 where not answered.
    answered
        Respondents × indicators, float32: 1 where answered, else 0. Every row has at least one 1.
    outcome
        Category 0 … K-1 of each respondent.
    effects
        Respondents × effect columns: position of the respondent's level in the vector of effects; the
        position after the last effect stands for "not known" and has effect 0.
    dimension_start
        Dimensions + 1: where the indicators of each dimension begin, and their number.
    categories
        Number K of categories.
    effect_count
        Length of the vector of effects.
    centre
        The composite value that is subtracted, so that slope and thresholds are nearly independent.

    Raises
    ------
    InputError
        If lengths do not agree, a position points outside of its array, or a value is not a number in its range: the
        compiled likelihood takes every array at its word.
    """

    values: np.ndarray
    answered: np.ndarray
    outcome: np.ndarray
    effects: np.ndarray
    dimension_start: np.ndarray
    categories: int
    effect_count: int
    centre: float

    def __post_init__(self) -> None:
        # Once per object, here, because the compiled pass looks at no length: what is wrong would be read as numbers.
        lengths = {
            "categories": whole(self.categories, "categories", low=2),
            "levels": whole(self.effect_count, "effects: their number", low=0) + 1,  # the last one: not known
        }
        number(self.centre, "centre of the values")
        arrays = kernels.enter("a stage", SLOTS, {slot.name: getattr(self, slot.name) for slot in SLOTS}, lengths)
        for name, array in arrays.items():
            object.__setattr__(self, name, array)
        if not ((self.answered == 0) | (self.answered == 1)).all() or not self.answered.any(axis=1).all():
            raise InputError("answered: every row needs a 1", expected="0 or 1, with at least one 1 in each row")

    @property
    def indicators(self) -> int:
        """Number of indicators."""
        return self.values.shape[1]

    @property
    def size(self) -> int:
        """Length of the parameter vector: theta, thresholds, effects."""
        return self.indicators + self.categories - 1 + self.effect_count


def log_likelihood(parameters: np.ndarray, answers: StageAnswers) -> tuple[float, np.ndarray]:
    """Return the log-likelihood of one stage and its gradient.

    Parameters
    ----------
    parameters
        Theta (indicators, positive), thresholds (K - 1, increasing), effects: one vector of
        ``answers.size`` numbers on the logit scale.
    answers
        The stage's answers.

    Returns
    -------
    value
        Sum of the log probabilities of the answers; minus infinity where the thresholds do not increase.
    gradient
        Derivatives by ``parameters``.

    Raises
    ------
    ValueError
        If ``parameters`` is not a vector of ``answers.size`` numbers.
    """
    parameters = np.ascontiguousarray(parameters, dtype=float)
    if parameters.shape != (answers.size,):
        raise ValueError(f"the likelihood of these answers takes {answers.size} parameters, found {parameters.shape}")
    theta, thresholds, effect = np.split(parameters, [answers.indicators, answers.indicators + answers.categories - 1])
    if np.any(np.diff(thresholds) <= 0):
        return -np.inf, np.zeros(answers.size)
    value, *parts = _pass(
        theta,
        thresholds,
        np.append(effect, 0.0),
        answers.centre,
        answers.values,
        answers.answered,
        answers.outcome,
        answers.effects,
        answers.dimension_start,
    )
    parts[2] = parts[2][:-1]
    return value, np.concatenate(parts)


@numba.njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")
def _pass(
    theta: np.ndarray,
    thresholds: np.ndarray,
    effect: np.ndarray,
    centre: float,
    values: np.ndarray,
    answered: np.ndarray,
    outcome: np.ndarray,
    effects: np.ndarray,
    dimension_start: np.ndarray,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Value and derivatives by theta, thresholds and effects, in one pass over the respondents."""
    indicators = theta.size
    dimensions = dimension_start.size - 1
    last = thresholds.size
    value = 0.0
    by_theta = np.zeros(indicators)
    by_thresholds = np.zeros(last)
    by_effect = np.zeros(effect.size)
    mean = np.empty(dimensions)
    share = np.empty(dimensions)
    held = np.zeros(dimensions)
    by_held = np.zeros(dimensions)
    log_gap = np.zeros(last + 1)
    odds_gap = np.zeros(last + 1)
    for d in range(dimensions):
        for j in range(dimension_start[d], dimension_start[d + 1]):
            held[d] += theta[j]
    slope = held.sum()
    for k in range(1, last):
        gap = thresholds[k] - thresholds[k - 1]
        log_gap[k] = np.log(-np.expm1(-gap))
        odds_gap[k] = 1.0 / np.expm1(gap)
    by_slope = 0.0
    product = 1.0  # of terms between 1 and 2: one logarithm for many respondents
    for i in range(values.shape[0]):
        row, have = values[i], answered[i]
        present = 0.0
        numerator = 0.0
        for d in range(dimensions):
            top = 0.0
            bottom = 0.0
            for j in range(dimension_start[d], dimension_start[d + 1]):
                top += theta[j] * row[j]
                bottom += theta[j] * have[j]
            share[d] = 0.0
            if bottom > 0.0:
                mean[d] = top / bottom
                share[d] = held[d] / bottom
                present += held[d]
                numerator += held[d] * mean[d]
        composite = numerator / present
        eta = slope * (composite - centre)
        for e in range(effects.shape[1]):
            eta += effect[effects[i, e]]
        k = outcome[i]
        by_eta = 0.0
        if k < last:
            x = thresholds[k] - eta
            t = np.exp(-abs(x))
            value += min(x, 0.0)
            product *= 1.0 + t
            up = (t if x >= 0.0 else 1.0) / (1.0 + t) + odds_gap[k]
            by_thresholds[k] += up
            by_eta -= up
        if k > 0:
            x = eta - thresholds[k - 1]
            t = np.exp(-abs(x))
            value += min(x, 0.0)
            product *= 1.0 + t
            down = (t if x >= 0.0 else 1.0) / (1.0 + t) + (odds_gap[k] if k < last else 0.0)
            by_thresholds[k - 1] -= down
            by_eta += down
        value += log_gap[k]
        if product > _FLUSH:
            value -= np.log(product)
            product = 1.0
        for e in range(effects.shape[1]):
            by_effect[effects[i, e]] += by_eta
        by_slope += by_eta * (composite - centre)
        by_composite = by_eta * slope / present
        for d in range(dimensions):
            if share[d] > 0.0:
                by_held[d] += by_composite * (mean[d] - composite)
                rise = by_composite * share[d]
                fall = rise * mean[d]
                for j in range(dimension_start[d], dimension_start[d + 1]):
                    by_theta[j] += rise * row[j] - fall * have[j]
    for d in range(dimensions):
        for j in range(dimension_start[d], dimension_start[d + 1]):
            by_theta[j] += by_slope + by_held[d]
    return value - np.log(product), by_theta, by_thresholds, by_effect
