"""Topics: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maternal_eval.core.ranges import Count, Positive, Probability, Ranged, Several


@dataclass(frozen=True)
class TopicsSettings(Ranged):
    """When a topic counts as rising.

    Attributes
    ----------
    before, latest
        How many quarters the latest ones are compared with, and how many are the latest.
    false_discovery
        Rate of false signals among all signals of a quarter, over all topics, by group and over all.
    sizes
        Factors on the rate of one topic for which the delay is simulated.
    replicates
        Simulated streams for each size, and without a rise.
    ahead
        Quarters within which a simulated rise has to be noticed.
    """

    before: Several = 8
    latest: Count = 2
    false_discovery: Probability = 0.05
    sizes: tuple[Positive, ...] = (1.25, 1.5, 2.0, 3.0)
    replicates: Several = 400
    ahead: Count = 6

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a first look: fewer simulated streams."""
        return cls(replicates=100)
