"""From an answer on its scale to the value it brings, by Kano class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

KAPPA = 2.0
"""Default shape of the value functions; 1 makes every class linear."""


def _concave(x: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    return 1.0 - (1.0 - x) ** kappa


def _linear(x: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    return x * np.ones_like(kappa)


def _convex(x: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    return x**kappa


@dataclass(frozen=True)
class KanoClass:
    """One Kano class: how an indicator of this class turns its rating into value.

    Attributes
    ----------
    name
        The code used in ``indicators.csv``.
    name_en, name_zh
        What a reader sees.
    value
        Function of the position x in [0, 1] on the scale and of the shape ``kappa``; 0 at x = 0, 1 at x = 1,
        increasing.
    gates
        Being short of it is not made up for by anything else where the gate is used (the class of necessities).
    shaped
        The value depends on ``kappa``.
    """

    name: str
    name_en: str
    name_zh: str
    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    gates: bool
    shaped: bool


KANO_CLASSES: dict[str, KanoClass] = {
    row.name: row
    for row in (
        KanoClass("must_be", "must-be", "必备型", _concave, gates=True, shaped=True),
        KanoClass("performance", "performance", "期望型", _linear, gates=False, shaped=False),
        KanoClass("attractive", "attractive", "魅力型", _convex, gates=False, shaped=True),
        KanoClass("indifferent", "indifferent", "无差异型", _linear, gates=False, shaped=False),
        KanoClass("unknown", "unknown", "未知", _linear, gates=False, shaped=False),
    )
}
"""The classes, one row each; a new class is a new row."""


def answer_value(
    answers: np.ndarray,
    kano: Sequence[str],
    low: float | np.ndarray,
    high: float | np.ndarray,
    kappa: float | np.ndarray = KAPPA,
) -> np.ndarray:
    r"""Return the value of each answer, between 0 (worst) and 1 (best).

    With :math:`x = (a - low) / (high - low)`: must-be :math:`v = 1 - (1 - x)^\kappa` (most value is won by
    being met at all), performance :math:`v = x`, attractive :math:`v = x^\kappa` (value grows once it is met
    well), indifferent and unknown :math:`v = x`.

    Parameters
    ----------
    answers
        Respondents × indicators on the indicators' scales; NaN = not answered, and stays NaN.
    kano
        Class of each indicator, a key of :data:`KANO_CLASSES`.
    low, high
        Ends of the scale; one number or one per indicator.
    kappa
        Shape, positive; one number or one per indicator. 1 makes all classes linear.

    Returns
    -------
    numpy.ndarray
        Same shape as ``answers``; larger is better.

    Raises
    ------
    ValueError
        If a class is not in the table, the shape is not positive, the scale is empty, an answer lies off it
        or the number of classes is not the number of indicators.

    Examples
    --------
    >>> answer_value(np.array([[3.0, 3.0, 3.0]]), ["must_be", "performance", "attractive"], 1, 5)
    array([[0.75, 0.5 , 0.25]])
    """
    answers = np.asarray(answers, dtype=float)
    count = answers.shape[-1]
    if len(kano) != count:
        raise ValueError(f"{len(kano)} Kano classes for {count} indicators")
    unknown = sorted(set(kano) - set(KANO_CLASSES))
    if unknown:
        raise ValueError(f"no such Kano class: {', '.join(unknown)}; known are {', '.join(KANO_CLASSES)}")
    low, high, kappa = (np.broadcast_to(np.asarray(part, float), (count,)) for part in (low, high, kappa))
    if not np.all(high > low) or not np.all(kappa > 0) or not np.isfinite([low, high, kappa]).all():
        raise ValueError("a scale needs high > low and a shape kappa > 0, all finite")
    position = (answers - low) / (high - low)
    if np.any((position < 0) | (position > 1)):
        raise ValueError("an answer lies off the scale of its indicator")
    value = np.empty_like(position)
    classes = np.asarray(kano)
    for name in np.unique(classes):
        columns = classes == name
        value[..., columns] = KANO_CLASSES[str(name)].value(position[..., columns], kappa[columns])
    return value


def short_of(answers: np.ndarray, kano: Sequence[str], low: np.ndarray, high: np.ndarray, gate: float) -> np.ndarray:
    """Return where an answer falls short of a necessity: its class gates and its place on the scale is below ``gate``.

    Parameters
    ----------
    answers, kano, low, high
        See :func:`answer_value`; what is not answered is not short.
    gate
        Place on the scale from 0 to 1; ½ is the middle (3 of 5).

    Examples
    --------
    >>> short_of(np.array([[2.0, 2.0]]), ["must_be", "performance"], np.array([1, 1]), np.array([5, 5]), 0.5)
    array([[ True, False]])
    """
    gates = np.array([KANO_CLASSES[name].gates for name in kano])
    with np.errstate(invalid="ignore"):
        return gates & ((answers - low) / (high - low) < gate)
