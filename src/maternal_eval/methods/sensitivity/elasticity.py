r"""From the level of an indicator to an outcome: a logistic regression, its elasticity, and where it bends.

The question here is what a better indicator does to the outcome, not what uncertain weights do to scores. The model

.. math:: \operatorname{logit} P(y_i = 1) = b_0 + b_1 x_i + b_2 x_i^2 + b_3 c_i + \text{controls}

with x the position of the answer a on its scale (0 to 1; the square lets the effect saturate) holds the composite
value c of the *other* indicators fixed, and period, stage and platform as controls ("adjusted"); without these it
is the plain association ("raw"). It is fitted by survey-weighted maximum likelihood; intervals are a
bootstrap of the respondents.
An association of answers with the outcome is no causal effect, adjusted or not.

If every answer a is multiplied by a common factor 1 + t, the mean predicted outcome is P(t); the elasticity is
:math:`d \log P / d \log (1 + t)` at t = 0, and the curve is :math:`P(t)/P(0) - 1` with answers capped at the end of
their scale, because nobody can answer more than the best.

"A rise of 10 % gives so much" is read as a straight line through the response to that step. The relation counts as
linear as long as the curve stays within :data:`LINEAR` of that line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from maternal_eval.core.arguments import increasing, number, numbers
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import Seed, generator

ITERATIONS = 50
TOLERANCE = 1e-6
"""Newton's last step: convergence is quadratic, so the coefficients are far closer than this."""

LARGEST = 30.0
"""Logits beyond which a coefficient has run away (positions, composite and dummies all lie between 0 and 1)."""


def logistic_coefficients(design: np.ndarray, outcome: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the coefficients of a weighted logistic regression, by Newton's method.

    Parameters
    ----------
    design
        Respondents × columns, the constant included.
    outcome
        0 or 1.
    weight
        Survey weights; only their ratios matter.

    Raises
    ------
    InputError
        If the outcome does not vary, or the coefficients run away because a column separates it.
    """
    design = numbers(design, "design", ndim=2)
    outcome = numbers(outcome, "outcome", shape=design.shape[:1], low=0.0, high=1.0)
    weight = numbers(weight, "weight", shape=design.shape[:1], low=0.0)
    if not weight.sum() > 0:
        raise InputError("weight: nobody counts", expected="a positive sum")
    share = np.average(outcome, weights=weight)
    if not 0 < share < 1:
        raise InputError("the outcome does not vary", found=float(share), expected="both 0 and 1")
    coefficients = np.zeros(design.shape[1])
    for _ in range(ITERATIONS):
        probability = expit(design @ coefficients)
        score = design.T @ (weight * (outcome - probability))
        information = (design * (weight * probability * (1 - probability))[:, None]).T @ design
        try:
            step = np.linalg.solve(information, score)
        except np.linalg.LinAlgError:
            break
        coefficients = coefficients + step
        if np.abs(coefficients).max() > LARGEST:
            break
        if np.abs(step).max() < TOLERANCE:
            return coefficients
    raise InputError("the logistic regression has no finite solution: a column predicts the outcome perfectly")


def one_step_coefficients(
    design: np.ndarray, outcome: np.ndarray, weights: np.ndarray, coefficients: np.ndarray
) -> np.ndarray:
    """Return the coefficients of many reweighted fits, one Newton step from those of the data.

    The one-step bootstrap (Moulton & Zeger 1991): its error is of the order of one over the number of
    respondents, where the coefficients scatter by one over its root.

    Parameters
    ----------
    design, outcome
        As for :func:`logistic_coefficients`.
    weights
        Fits × respondents.
    coefficients
        Where the step starts.

    Returns
    -------
    numpy.ndarray
        Fits × columns.
    """
    probability = expit(design @ coefficients)
    curved = design * (probability * (1 - probability))[:, None]
    scores = weights @ (design * (outcome - probability)[:, None])
    information = np.stack([weights @ (curved * column[:, None]) for column in design.T], axis=1)
    # a resample may lack a level of a control altogether: its coefficient then stays where it is
    return coefficients + (np.linalg.pinv(information, hermitian=True) @ scores[..., None])[..., 0]


@dataclass(frozen=True)
class Response:
    """Respondents with an answer to the indicator and the outcome, ready for the regressions.

    Attributes
    ----------
    answer
        The indicator's answers, on a scale from ``low`` to ``high``.
    others
        Composite value of the other indicators, 0–1.
    controls
        Respondents × dummies of period, stage and platform (first level left out).
    outcome, weight
        0 or 1, and survey weights.
    target
        True for the respondents that predictions are averaged over (the latest period).
    """

    answer: np.ndarray
    low: float
    high: float
    others: np.ndarray
    controls: np.ndarray
    outcome: np.ndarray
    weight: np.ndarray
    target: np.ndarray

    def design(self, adjusted: bool) -> np.ndarray:
        """Return constant, position, its square and, if ``adjusted``, composite of the others and controls."""
        level = np.column_stack([np.ones_like(self.answer), self.level(self.answer)])
        return np.column_stack([level, self.others, self.controls]) if adjusted else level

    def level(self, answer: np.ndarray) -> np.ndarray:
        """Return position on the scale and its square (..., 2) for answers; above the scale they are capped."""
        position = (np.minimum(answer, self.high) - self.low) / (self.high - self.low)
        return np.stack([position, position**2], axis=-1)


LEVEL = slice(1, 3)
"""Columns of the design that belong to the indicator's level."""

LINEAR = 0.10
"""Share of the straight line by which the curve may fall short of it and still count as linear."""


def control_names(panel: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return those of the columns that the panel has and that vary."""
    return [name for name in names if name in panel and len(panel[name].unique()) > 1]


def control_columns(panel: pd.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Return dummies (first level left out) of those of the columns that the panel has and that vary."""
    present = control_names(panel, names)
    if not present:
        return np.empty((len(panel), 0))
    return pd.get_dummies(panel[present].astype(str), drop_first=True, dtype=float).to_numpy()


def elasticity(response: Response, linear: np.ndarray, coefficients: np.ndarray, weight: np.ndarray) -> float:
    """Return the elasticity of the mean predicted outcome by a common factor on all answers, at factor 1.

    Parameters
    ----------
    linear
        Linear predictor of every respondent; only those of the target count.
    coefficients
        Of the design.
    weight
        Weights of all respondents.
    """
    weight = weight * response.target
    probability = expit(linear)
    position = response.level(response.answer)[:, 0]
    per_answer = (coefficients[1] + 2 * coefficients[2] * position) / (response.high - response.low)
    rise = weight @ (probability * (1 - probability) * per_answer * response.answer)
    return float(rise / (weight @ probability))


def response_curve(
    response: Response, linear: np.ndarray, coefficients: np.ndarray, weight: np.ndarray, changes: np.ndarray
) -> np.ndarray:
    """Return the relative change of the mean predicted outcome for relative changes of all answers, capped."""
    target = response.target
    linear, weight, answer = linear[target], weight[target], response.answer[target]
    rest = linear - response.level(answer) @ coefficients[LEVEL]
    before = weight @ expit(linear)
    moved = [rest + response.level(answer * (1 + change)) @ coefficients[LEVEL] for change in changes]
    return np.array([weight @ expit(after) / before - 1 for after in moved])


def linear_until(changes: np.ndarray, curves: np.ndarray, step: float, tolerance: float = LINEAR) -> np.ndarray:
    r"""Return the change at which the response stops being linear, per curve; infinite where it never does.

    The straight line goes through the origin and the response to ``step``. It is the first change t beyond the step at
    which the curve deviates from the line by more than ``tolerance`` of it, between two changes by interpolation.

    Parameters
    ----------
    changes
        Increasing, ``step`` among them.
    curves
        ``(..., changes)``.

    Raises
    ------
    InputError
        If the changes do not increase, or curves do not have one number per change.

    Examples
    --------
    >>> changes = np.array([0.1, 0.2, 0.3, 0.4])
    >>> linear_until(changes, np.array([0.10, 0.20, 0.30, 0.32]), 0.1).round(3).tolist()
    0.35
    """
    changes = increasing(numbers(changes, "changes", ndim=1), "changes")
    curves = numbers(curves, "curves", missing=True)
    if curves.shape[-1:] != changes.shape:
        raise InputError("curves: wrong shape", found=curves.shape, expected=f"(…, {changes.size})")
    number(tolerance, "tolerance", above=0.0)
    place = int(np.argmin(np.abs(changes - step)))
    line = curves[..., place, None] * changes / changes[place]
    beyond = changes > changes[place]
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.where(beyond, np.abs(curves / line - 1.0), 0.0)
    bent = gap > tolerance
    first = bent.argmax(axis=-1)[..., None]
    before = np.maximum(first - 1, 0)
    low, high = np.take_along_axis(gap, before, -1)[..., 0], np.take_along_axis(gap, first, -1)[..., 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (tolerance - low) / (high - low)
        at = changes[before[..., 0]] + share * (changes[first[..., 0]] - changes[before[..., 0]])
    return np.where(bent.any(axis=-1), at, np.inf)


def bootstrap_elasticity(
    response: Response, adjusted: bool, changes: np.ndarray, resamples: int, seed: Seed
) -> tuple[np.ndarray, np.ndarray]:
    """Return elasticity and curve of the data (row 0) and of each bootstrap resample of the respondents.

    Returns
    -------
    elasticities
        1 + resamples.
    curves
        (1 + resamples) × changes.
    """
    random = generator(seed)
    count = len(response.outcome)
    design = response.design(adjusted)
    of_data = logistic_coefficients(design, response.outcome, response.weight)
    weights = np.empty((1 + resamples, count))
    weights[0] = response.weight
    for row in range(1, 1 + resamples):
        weights[row] = response.weight * np.bincount(random.integers(count, size=count), minlength=count)
    fits = one_step_coefficients(design, response.outcome, weights, of_data)
    linear = [design @ coefficients for coefficients in fits]
    elasticities = np.array([elasticity(response, *parts) for parts in zip(linear, fits, weights, strict=True)])
    curves = np.array([response_curve(response, *parts, changes) for parts in zip(linear, fits, weights, strict=True)])
    return elasticities, curves
