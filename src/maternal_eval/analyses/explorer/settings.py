"""Explorer: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.core.ranges import Draws, Ranged


@dataclass(frozen=True)
class ExplorerSettings(Ranged):
    """How the page's data are prepared.

    Attributes
    ----------
    draws
        Number of weight draws that the page carries: the uncertainty it shows is of that fineness.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    draws: Draws = 200

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=50)
