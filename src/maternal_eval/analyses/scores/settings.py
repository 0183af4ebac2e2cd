"""Scores: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.analyses.scores.linking import LINKING_RULES
from maternal_eval.core.ranges import Count, Ranged


@dataclass(frozen=True)
class ScoresSettings(Ranged):
    """How scores are computed, beside the values and the aggregation of the study's [model].

    Attributes
    ----------
    linking
        How scores across a change of indicators are made comparable: a row of
        :data:`~maternal_eval.analyses.scores.linking.LINKING_RULES`.
    resamples
        Number of bootstrap resamples of the respondents of a cell.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    linking: str = "difference"
    resamples: Count = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.linking not in LINKING_RULES:
            raise ValueError(f"linking is one of {', '.join(LINKING_RULES)}, not {self.linking!r}")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(resamples=200)
