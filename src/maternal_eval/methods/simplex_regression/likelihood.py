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

_FAST = {"reassoc", "contract", "nsz"}
# Lets the compiler add up in vectors. NaN and infinity keep their meaning, unlike with full fast-math.

_FLUSH = 1e200

_ARRAYS = {
    "values": np.float32,
    "answered": np.float32,
    "outcome": np.int64,
    "effects": np.int64,
    "dimension_start": np.int64,
}


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
    ValueError
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
        for name, kind in _ARRAYS.items():
            array = np.asarray(getattr(self, name))
            if array.dtype.kind not in ("f" if kind == np.float32 else "iu"):
                raise ValueError(f"{name} has to hold {np.dtype(kind).name}, found {array.dtype}")
            object.__setattr__(self, name, np.ascontiguousarray(array, dtype=kind))
        self._check_lengths()
        self._check_ranges()

    def _check_lengths(self) -> None:
        if self.values.ndim != 2 or self.answered.shape != self.values.shape:
            raise ValueError(
                "values and answered have to be respondents × indicators alike, "
                f"found {self.values.shape} and {self.answered.shape}"
            )
        respondents = self.values.shape[0]
        if self.outcome.shape != (respondents,):
            raise ValueError(f"outcome needs one category for each of {respondents} respondents: {self.outcome.shape}")
        if self.effects.ndim != 2 or self.effects.shape[0] != respondents:
            raise ValueError(f"effects need one row for each of {respondents} respondents: {self.effects.shape}")
        starts = self.dimension_start
        if starts.ndim != 1 or starts.size < 2 or starts[0] != 0 or starts[-1] != self.values.shape[1]:
            raise ValueError(f"dimension_start has to lead from 0 to {self.values.shape[1]} indicators: {starts}")
        if (np.diff(starts) <= 0).any():
            raise ValueError(f"dimension_start has to increase: {starts}")

    def _check_ranges(self) -> None:
        if self.categories < 2 or self.effect_count < 0 or not np.isfinite(self.centre):
            raise ValueError(
                "two categories, no negative number of effects and a finite centre are needed: "
                f"{self.categories}, {self.effect_count}, {self.centre}"
            )
        if self.outcome.size and not (self.outcome.min() >= 0 and self.outcome.max() < self.categories):
            raise ValueError(f"outcome has to lie in 0 … {self.categories - 1}")
        if self.effects.size and not (self.effects.min() >= 0 and self.effects.max() <= self.effect_count):
            raise ValueError(f"effects have to lie in 0 … {self.effect_count}")
        # 1e-6: values are rounded to single precision
        if self.values.size and not (self.values.min() >= -1e-6 and self.values.max() <= 1 + 1e-6):
            raise ValueError("values have to be numbers in [0, 1]")
        if not ((self.answered == 0) | (self.answered == 1)).all() or not self.answered.any(axis=1).all():
            raise ValueError("answered has to be 0 or 1, with at least one 1 in each row")

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
