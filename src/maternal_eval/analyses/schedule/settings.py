"""Schedule: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from maternal_eval.core.ranges import NotNegative, Ranged, Share

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ScheduleSettings(Ranged):
    """When a change is proposed, and how fast it comes.

    The region of practical equivalence is that of the stage weights (``equivalence`` there).

    Attributes
    ----------
    credible
        Least posterior probability that a weight has moved itself beyond the region of practical equivalence.
    false_discovery
        Largest expected share of false ones among all proposals of a study; binds only where ``credible`` is below
        1 - ``false_discovery``.
    margin
        What the backtest may lose before it counts as worse, as a share of the static weights' score.
    cap
        Largest change of a weight of the whole in one quarter: 0.02 is two percentage points.
    """

    credible: float = 0.95
    false_discovery: Share = 0.05
    margin: NotNegative = 0.02
    cap: Share = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0.5 < self.credible <= 1 and self.margin >= 0 and 0 < self.cap <= 1):
            raise ValueError("a schedule needs 0.5 < credible <= 1, margin >= 0 and 0 < cap <= 1")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look: the same, since nothing is sampled here."""
        return cls()
