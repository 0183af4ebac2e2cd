"""Importance: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from maternal_eval.core.ranges import Count, Kappa, Positive, Ranged, Several
from maternal_eval.methods.value import KAPPA

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ImportanceSettings(Ranged):
    """How importance is computed.

    Attributes
    ----------
    kappa
        Shape of the Kano value functions.
    draws
        Draws of the experts' weights for ranks.
    resamples
        Bootstrap resamples of respondents, and of platforms.
    attained
        Largest gap between a wished and an attained share that still counts as attained.
    """

    kappa: Kappa = KAPPA
    draws: Count = 10_000
    resamples: Several = 200
    attained: Positive = 0.005

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=1000, resamples=50)
