"""Users' weights: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.analyses.drivers.answers import ordered_outcome
from maternal_eval.core.ranges import Count, Draws, PriorScale, Probability, Ranged, Several, Share
from maternal_eval.methods.weight_agreement import COSINE, FIRST, LARGEST, SPEARMAN
from maternal_eval.study import DIMENSIONS, Study


@dataclass(frozen=True)
class UserWeightsSettings(Ranged):
    """How the users' weights are found and what counts as agreement. Bounds are fixed before the answers are read.

    Attributes
    ----------
    outcome
        Name of the outcome; the study's first one if None.
    cosine, spearman
        Cosine and rank correlation from which two sets of weights agree highly.
    dimension_difference, indicator_difference
        Largest difference of a dimension's, or an indicator's, weight up to which they do.
    draws, sweeps
        Draws of the weights, and of how many sweeps each is the end.
    refills
        Times that unanswered items are filled anew under the users' own weights.
    prior_scale
        Prior standard deviation of a coefficient, in logits over the whole value: flat beside the data.
    experts_of_group
        Fewest experts of a profession whose weights are set beside the users'.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    outcome: str | None = None
    cosine: Probability = 0.95
    spearman: Share = 0.8
    dimension_difference: Probability = 0.05
    indicator_difference: Probability = 0.02
    draws: Draws = 4000
    sweeps: Several = 30
    refills: Count = 3
    prior_scale: PriorScale = 10.0
    experts_of_group: Several = 3

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=1000, sweeps=20)

    def bound(self, reading: str, kind: str) -> float:
        """Return the bound of a reading among dimensions or indicators."""
        largest = self.dimension_difference if kind == DIMENSIONS else self.indicator_difference
        return {COSINE: self.cosine, SPEARMAN: self.spearman, LARGEST: largest, FIRST: 1.0}[reading]

    def check(self, study: Study) -> None:
        """Hold the outcome to the study; raises :class:`~maternal_eval.core.errors.InputError`."""
        ordered_outcome(study, self.outcome)
