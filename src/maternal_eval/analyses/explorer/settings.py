"""Explorer: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maternal_eval.core.ranges import Draws, Kappa, Ranged
from maternal_eval.methods.value import KAPPA


@dataclass(frozen=True)
class ExplorerSettings(Ranged):
    """How the page's data are prepared.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions.
    draws
        Number of weight draws that the page carries: the uncertainty it shows is of that fineness.
    """

    kappa: Kappa = KAPPA
    draws: Draws = 200

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=50)
