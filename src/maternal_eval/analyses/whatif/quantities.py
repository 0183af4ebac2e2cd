"""What is reported of an outcome: linear functions of the probabilities of passing its thresholds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maternal_eval.study import OUTCOME_KINDS, Outcome


@dataclass(frozen=True)
class Quantity:
    """A reported quantity: ``constant + sum_k coefficient_k P(y > k)``; it points as the outcome's own scale does.

    Attributes
    ----------
    name
        Key.
    en, zh
        What a reader sees.
    coefficients
        Number of thresholds → coefficient of each.
    constant
        Outcome → constant.
    unit
        Unit of its changes in the papers ("points": of the answer scale; "share").
    """

    name: str
    en: str
    zh: str
    coefficients: Callable[[int], np.ndarray]
    constant: Callable[[Outcome], float]
    unit: str


def _at(*places: int) -> Callable[[int], np.ndarray]:
    def coefficients(thresholds: int) -> np.ndarray:
        result = np.zeros(thresholds)
        result[list(places)] = 1.0
        return result

    return coefficients


def _low(outcome: Outcome) -> float:
    return float(outcome.low or 0.0)


MEAN = Quantity("mean", "expected answer", "期望得分", np.ones, _low, "points")
SHARE = Quantity("share", "share", "比例", np.ones, lambda outcome: 0.0, "share")
PROMOTERS = Quantity("promoters", "share answering 9–10", "回答 9—10 的比例", _at(8), lambda outcome: 0.0, "share")
NET = Quantity("net", "net promoter share", "净推荐比例", _at(6, 8), lambda outcome: -1.0, "share")

QUANTITIES: dict[str, tuple[Quantity, ...]] = {
    "ordinal": (MEAN,),
    "binary": (SHARE,),
    "recommendation": (PROMOTERS, NET),
}
"""Kind of outcome → what is reported of it; the first one is held against published figures."""


def quantities_of(outcome: Outcome) -> tuple[Quantity, ...]:
    """Return the quantities of an outcome.

    A recommendation has its mean only where it is not asked from 0 to 10, or where less is better.
    """
    if OUTCOME_KINDS[outcome.kind].net_promoter and (outcome.levels != 11 or outcome.reversed):
        return (MEAN,)
    # A kind that has no row of its own: its mean, where its answers are ordered categories.
    return QUANTITIES.get(outcome.kind, (MEAN,) if OUTCOME_KINDS[outcome.kind].ordered_categories else ())
