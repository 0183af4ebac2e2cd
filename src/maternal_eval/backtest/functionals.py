"""What else is forecast of an outcome beside its mean: functionals of the distribution of its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maternal_eval.study import Outcome


@dataclass(frozen=True)
class Functional:
    """A mean of what each answer is worth.

    Attributes
    ----------
    name
        Ending of the target's name.
    name_en, name_zh
        What a reader sees.
    kinds
        Kinds of outcome that have it.
    values
        From the answers to what they are worth.
    """

    name: str
    name_en: str
    name_zh: str
    kinds: frozenset[str]
    values: Callable[[np.ndarray], np.ndarray]

    def name_for(self, target: str) -> str:
        """Return the name of the target that is this functional of another."""
        return f"{target}_{self.name}"


def net_promoter_worth(answers: np.ndarray) -> np.ndarray:
    """Return 100 for a promoter (9, 10), −100 for a detractor (0 … 6), else 0: the mean is the net promoter score.

    Examples
    --------
    >>> net_promoter_worth(np.array([6.0, 7.0, 8.0, 9.0])).tolist()
    [-100.0, 0.0, 0.0, 100.0]
    """
    return np.where(answers >= 9, 100.0, np.where(answers <= 6, -100.0, 0.0))


FUNCTIONALS = (
    Functional("nps", "Net promoter score", "净推荐值（NPS）", frozenset({"recommendation"}), net_promoter_worth),
)
"""The functionals, one row each."""


def functionals_of(outcome: Outcome) -> tuple[Functional, ...]:
    """Return the functionals that an outcome has."""
    return tuple(row for row in FUNCTIONALS if outcome.kind in row.kinds)
