"""The composite score on plain arrays: a weighted power mean up the two levels of the hierarchy, with a gate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers
from maternal_eval.core.errors import InputError

FULL_SCORE = 100.0
"""Score of a respondent who gives every indicator the best answer; the worst gives 0."""


@dataclass(frozen=True)
class AggregationRule:
    """A way to aggregate values: the power mean with one exponent, and what that means.

    ``compensates``: a low value can be made up for in full by high ones. ``annihilates``: one value of 0 makes the
    mean 0.
    """

    name: str
    name_en: str
    name_zh: str
    exponent: float
    compensates: bool
    annihilates: bool


AGGREGATION_RULES = {
    rule.name: rule
    for rule in (
        AggregationRule("arithmetic", "arithmetic mean", "算术平均", 1.0, compensates=True, annihilates=False),
        AggregationRule("geometric", "geometric mean", "几何平均", 0.0, compensates=False, annihilates=True),
        AggregationRule("harmonic", "harmonic mean", "调和平均", -1.0, compensates=False, annihilates=True),
        AggregationRule("minimum", "minimum", "最小值", -np.inf, compensates=False, annihilates=True),
        AggregationRule("maximum", "maximum", "最大值", np.inf, compensates=True, annihilates=False),
    )
}
"""Aggregation rules, one row each; a new exponent is a new row."""


UNANSWERED = ("siblings", "all", "mean")
"""What becomes of the weight of an unanswered item: its answered siblings take it; all answered items take it; it keeps
it, with the indicator's mean value in its place (:func:`with_means`)."""


@dataclass(frozen=True)
class Composite:
    """Scores of respondents.

    Attributes
    ----------
    score
        ``(respondents,)`` on 0–100, larger is better; NaN without any answer.
    dimensions
        ``(respondents, dimensions)`` on 0–100; NaN where a dimension has no answer.
    answered
        ``(respondents,)``: the share of the weight of what was asked that was answered, 0–1.
    """

    score: np.ndarray
    dimensions: np.ndarray
    answered: np.ndarray


def composite(
    values: np.ndarray,
    weights: np.ndarray,
    dimension: np.ndarray,
    exponent: float | tuple[float, float] = 1.0,
    *,
    short: np.ndarray | None = None,
    asked: np.ndarray | None = None,
    unanswered: str = "siblings",
) -> Composite:
    r"""Return the composite score of each respondent.

    Inside dimension d, over the answered indicators i:
    :math:`D_d = (\sum_i w_i v_i^\rho / \sum_i w_i)^{1/\rho}`; then over the dimensions that have an answer:
    :math:`S = 100\,(\sum_d W_d D_d^\varrho / \sum_d W_d)^{1/\varrho}` with :math:`W_d` the weight of all
    indicators of d. So an unanswered item hands its weight to its siblings, never to another dimension, unless all of
    them are unanswered.

    With ``short`` the must-be gate holds: a dimension is worth at most the least of its values that are short,
    :math:`D_d' = \min(D_d, \min_{i\ \mathrm{short}} v_i)`. Being short is then not made up for by the siblings.

    Parameters
    ----------
    values
        Respondents × indicators, values in [0, 1] (see :func:`~maternal_eval.methods.value.answer_value`); NaN = not
        answered.
    weights
        ``(indicators,)`` global weights, not negative, any scale.
    dimension
        ``(indicators,)`` position of each indicator's dimension: 0, 1, ….
    exponent
        ρ inside the dimensions and ϱ over them, one number for both or two: 1 arithmetic (compensating), 0 geometric,
        −1 harmonic, −∞ the minimum, ∞ the maximum (:data:`AGGREGATION_RULES`). With ρ ≤ 0 one worthless answer makes
        its dimension worthless.
    short
        Respondents × indicators: where the must-be gate closes; none if not given.
    asked
        Respondents × indicators: what was asked at all (indicators have periods of validity); everything if not given.
    unanswered
        Who takes the weight of an unanswered item: a row of :data:`UNANSWERED`. With "all" a dimension weighs
        :math:`W_d` = the weight of its *answered* items. With "mean" values hold no gaps any more, and it is as
        "siblings".

    Raises
    ------
    ValueError
        If a weight is negative, or all are 0.
    InputError
        If a value or weight is infinite, a weight or exponent NaN, the treatment of unanswered items unknown, or
        lengths do not agree.

    Examples
    --------
    >>> composite(np.array([[1.0, 0.0, np.nan, 0.5]]), np.array([0.3, 0.1, 0.2, 0.4]), np.array([0, 0, 0, 1])).score
    array([65.])
    """
    values = numbers(values, "values", ndim=2, missing=True, empty=True)
    weights = numbers(weights, "weights", shape=(values.shape[1],))
    dimension = whole_numbers(dimension, "dimension", shape=weights.shape, low=0)
    if np.isnan(exponent).any():
        raise InputError("exponent: not a number", found=exponent)
    if unanswered not in UNANSWERED:
        raise InputError("no such treatment", column="unanswered", found=unanswered, expected=", ".join(UNANSWERED))
    if np.any(weights < 0) or not weights.sum() > 0:
        raise ValueError("weights must not be negative and need a positive sum")
    within, across = exponent if isinstance(exponent, tuple) else (exponent, exponent)
    membership = (np.asarray(dimension)[:, None] == np.arange(np.max(dimension) + 1)).astype(float)
    answered = ~np.isnan(values)
    # A mean over groups is a mean in which every other group weighs nothing.
    of_dimension = [_power_mean(values, np.where(answered, weights * column, 0.0), within) for column in membership.T]
    if short is not None:
        ceilings = np.where(short & answered & (weights > 0), values, np.inf)
        of_dimension = [
            np.minimum(mean, ceilings[:, column > 0].min(axis=1))
            for mean, column in zip(of_dimension, membership.T, strict=True)
        ]
    dimensions = np.stack(of_dimension, axis=-1)
    held = answered @ (weights[:, None] * membership) if unanswered == "all" else weights @ membership
    heard = np.where(np.isnan(dimensions), 0.0, held)
    score = _power_mean(dimensions, heard, across)
    total = weights.sum() if asked is None else asked @ weights
    share = np.divide(answered @ weights, total, out=np.zeros(len(values)), where=total > 0)
    return Composite(FULL_SCORE * score, FULL_SCORE * dimensions, share)


def with_means(values: np.ndarray, weights: np.ndarray, asked: np.ndarray | None = None) -> np.ndarray:
    r"""Return values in which an unanswered item has the indicator's mean value.

    :math:`\bar v_i = \sum_r w_r v_{ri} / \sum_r w_r` over the respondents who answered it. Who answered nothing is left
    as it is, and so is what was not asked.

    Parameters
    ----------
    values
        Respondents × indicators in [0, 1]; NaN = not answered.
    weights
        ``(respondents,)`` survey weights, not negative.
    asked
        Respondents × indicators: what was asked; everything if not given.

    Raises
    ------
    InputError
        If a value is infinite, a weight negative or not finite, or lengths do not agree.

    Examples
    --------
    >>> with_means(np.array([[1.0, np.nan], [0.5, 0.2], [np.nan, np.nan]]), np.ones(3))
    array([[1. , 0.2],
           [0.5, 0.2],
           [nan, nan]])
    """
    values = numbers(values, "values", ndim=2, missing=True, empty=True)
    weights = numbers(weights, "weights", shape=(values.shape[0],), low=0.0, empty=True)
    answered = np.isfinite(values)
    total = weights @ answered
    sums = weights @ np.where(answered, values, 0.0)
    mean = np.divide(sums, total, out=np.full(values.shape[1], np.nan), where=total > 0)
    gaps = ~answered & answered.any(axis=1, keepdims=True)
    return np.where(gaps if asked is None else gaps & asked, mean, values)


def _power_mean(values: np.ndarray, weights: np.ndarray, exponent: float) -> np.ndarray:
    """Return the weighted power mean along the last axis; what weighs nothing does not count, NaN if all does."""
    total = weights.sum(axis=-1, keepdims=True)
    shares = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    counted = shares > 0
    if np.isinf(exponent):
        extreme = np.where(counted, values, np.copysign(np.inf, -exponent))
        mean = extreme.max(axis=-1) if exponent > 0 else extreme.min(axis=-1)
    elif exponent == 1:
        mean = (shares * np.where(counted, values, 0.0)).sum(axis=-1)
    else:
        with np.errstate(divide="ignore"):  # a value of 0 is the limit: log 0 = -inf, 0 to a negative power = inf
            if exponent == 0:
                logs = np.log(np.where(counted, values, 1.0))
                mean = np.exp(np.where(counted, shares * logs, 0.0).sum(axis=-1))
            else:
                powers = np.where(counted, values, 1.0) ** exponent
                mean = np.where(counted, shares * powers, 0.0).sum(axis=-1)
                # Without any counted value the sum is 0, which the last line turns into NaN anyway.
                mean = mean ** (1.0 / exponent)
    return np.where(total[..., 0] > 0, mean, np.nan)
