"""What else is forecast of an outcome beside its mean: functionals of the distribution of its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from maternal_eval.study import OUTCOME_KINDS, Outcome
from maternal_eval.study.evaluation_model import OutcomeKind
from maternal_eval.study.net_promoter import net_promoter_worth


@dataclass(frozen=True)
class Functional:
    """A mean of what each answer is worth.

    Attributes
    ----------
    name
        Ending of the target's name.
    name_en, name_zh
        What a reader sees.
    of
        Whether a kind of outcome has it.
    values
        From the answers to what they are worth.
    """

    name: str
    name_en: str
    name_zh: str
    of: Callable[[OutcomeKind], bool]
    values: Callable[[np.ndarray], np.ndarray]

    def name_for(self, target: str) -> str:
        """Return the name of the target that is this functional of another."""
        return f"{target}_{self.name}"


FUNCTIONALS = (
    Functional("nps", "Net promoter score", "净推荐值（NPS）", lambda kind: kind.net_promoter, net_promoter_worth),
)
"""The functionals, one row each."""


def functionals_of(outcome: Outcome) -> tuple[Functional, ...]:
    """Return the functionals that an outcome has; none where less is better: nobody is promoted by a 9 then."""
    return tuple(row for row in FUNCTIONALS if row.of(OUTCOME_KINDS[outcome.kind]) and not outcome.reversed)
