"""Importance: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.core.ranges import Count, Positive, Ranged, Several


@dataclass(frozen=True)
class ImportanceSettings(Ranged):
    """How importance is computed.

    Attributes
    ----------
    draws
        Draws of the experts' weights for ranks.
    resamples
        Bootstrap resamples of respondents, and of platforms.
    attained
        Largest gap between a wished and an attained share that still counts as attained.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    draws: Count = 10_000
    resamples: Several = 200
    attained: Positive = 0.005

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=1000, resamples=50)
