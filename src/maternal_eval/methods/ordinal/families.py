r"""The families of ordered answers as a table with flags, and their answer probabilities on plain arrays.

A family says how the thresholds, the location and the latent scale of a cell give the probability of each answer.
A new one is one row here and its likelihood with gradient in :mod:`maternal_eval.methods.ordinal.density`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri, softmax

from maternal_eval.core.arguments import increasing, numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.ordinal.density import ADJACENT_LOGIT, CUMULATIVE_LOGIT, CUMULATIVE_PROBIT


@dataclass(frozen=True)
class Family:
    """A family of ordered answers.

    Attributes
    ----------
    name, name_en, name_zh
        How settings, tables and papers call it.
    kernel
        Its likelihood in :mod:`maternal_eval.methods.ordinal.density`.
    probabilities
        (thresholds (..., K - 1), location (..., cells), scale (..., cells)) → probabilities (..., cells, K).
    thresholds
        Its inverse at location 0 and scale 1: probabilities (..., K) → thresholds (..., K - 1).
    ordered_thresholds
        Whether thresholds must increase.
    unit
        Size of an effect relative to the same effect in the cumulative logit, about: the logistic distribution is
        1.7 times as wide as the normal one; a step between adjacent answers is a part of the whole way.
    for_top_box
        Whether an effect is about the odds of one answer against the next one, as claims about the share of the
        highest answer are.
    """

    name: str
    name_en: str
    name_zh: str
    kernel: int
    probabilities: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    thresholds: Callable[[np.ndarray], np.ndarray]
    ordered_thresholds: bool
    unit: float
    for_top_box: bool


def _cumulative(distribution: Callable[[np.ndarray], np.ndarray]) -> Callable[..., np.ndarray]:
    def probabilities(thresholds: np.ndarray, location: np.ndarray, scale: np.ndarray) -> np.ndarray:
        below = distribution((thresholds[..., None, :] - location[..., None]) / scale[..., None])
        edge = np.zeros((*below.shape[:-1], 1))
        return np.diff(below, prepend=edge, append=edge + 1.0, axis=-1)

    return probabilities


def _at_quantiles(quantile: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    return lambda probabilities: quantile(np.cumsum(probabilities, axis=-1)[..., :-1])


def _adjacent(thresholds: np.ndarray, location: np.ndarray, scale: np.ndarray) -> np.ndarray:
    steps = (location[..., None] - thresholds[..., None, :]) / scale[..., None]
    edge = np.zeros((*steps.shape[:-1], 1))
    return softmax(np.concatenate([edge, np.cumsum(steps, axis=-1)], axis=-1), axis=-1)


FAMILIES = {
    family.name: family
    for family in (
        Family(
            "cumulative_logit",
            "cumulative logit",
            "累积 logit",
            CUMULATIVE_LOGIT,
            _cumulative(expit),
            _at_quantiles(logit),
            ordered_thresholds=True,
            unit=1.0,
            for_top_box=False,
        ),
        Family(
            "cumulative_probit",
            "cumulative probit",
            "累积 probit",
            CUMULATIVE_PROBIT,
            _cumulative(ndtr),
            _at_quantiles(ndtri),
            ordered_thresholds=True,
            unit=0.59,
            for_top_box=False,
        ),
        Family(
            "adjacent_logit",
            "adjacent-category logit",
            "相邻类别 logit",
            ADJACENT_LOGIT,
            _adjacent,
            lambda probabilities: -np.diff(np.log(probabilities), axis=-1),
            ordered_thresholds=False,
            unit=0.6,
            for_top_box=True,
        ),
    )
}
"""Every family by name."""


def family_named(name: str) -> Family:
    """Return the family called ``name``.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in FAMILIES:
        raise InputError("unknown family of answers", found=name, expected="one of " + ", ".join(FAMILIES))
    return FAMILIES[name]


def answer_probabilities(
    thresholds: np.ndarray, location: np.ndarray, scale: np.ndarray, family: str = "cumulative_logit"
) -> np.ndarray:
    """Return the probability of each answer.

    Parameters
    ----------
    thresholds
        (..., K - 1) numbers, in the unit of the family's latent scale (logits, or standard deviations for probit).
    location, scale
        (..., cells), in the same unit; all leading dimensions broadcast.
    family
        A name of :data:`FAMILIES`.

    Returns
    -------
    numpy.ndarray
        (..., cells, K), lowest answer first; sums to 1 over the last axis.

    Raises
    ------
    InputError
        If the thresholds of a cumulative family do not increase (an answer would have a negative probability), a scale
        is not positive, or a number is not finite.

    Examples
    --------
    >>> answer_probabilities(np.array([-1.0, 1.0]), np.array([0.0]), np.array([1.0])).round(4).tolist()
    [[0.2689, 0.4621, 0.2689]]
    """
    found = family_named(family)
    thresholds = numbers(thresholds, "thresholds")
    if thresholds.ndim == 0:
        raise InputError("thresholds: one number per step between answers is needed", found=float(thresholds))
    if found.ordered_thresholds:
        increasing(thresholds, "thresholds")
    return found.probabilities(thresholds, numbers(location, "location"), numbers(scale, "scale", above=0.0))
