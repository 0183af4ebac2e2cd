"""Kano: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from maternal_eval.core.ranges import Majority, Positive, Ranged

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class KanoSettings(Ranged):
    """How Kano answers are read.

    Attributes
    ----------
    like
        The answer that means "I like it", 1 or 5.
    prior
        Dirichlet prior per class; ½ is Jeffreys'.
    threshold
        Probability that decides: of the model's class being the most frequent one (confirmed), or of another one being
        it (questioned).
    """

    like: int = 1
    prior: Positive = 0.5
    threshold: Majority = 0.95

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.like not in (1, 5):
            raise ValueError("like is 1 or 5")

    @classmethod
    def quick(cls) -> Self:
        """Return the settings themselves: nothing here takes long."""
        return cls()
