"""Shapes: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.analyses.drivers.answers import ordered_outcome
from maternal_eval.core.ranges import Draws, Majority, PriorScale, Probability, Ranged, Several
from maternal_eval.study import Study


@dataclass(frozen=True)
class ShapesSettings(Ranged):
    """How shapes are judged. Bounds are fixed before the answers are looked at.

    Attributes
    ----------
    outcome
        Name of the outcome; the study's first one if None.
    straight
        Bulge below which a relation is practically straight: the middle of the scale is worth one half of the whole
        scale, give or take this. The value functions with shape 2 have a bulge of 0.25; the bound is half of that.
    credible
        Probability from which a shape is declared.
    bend_scale
        Prior standard deviation of a bend, in logits by unit of x (1 - x), around a straight relation: 3 is three
        quarters of a logit in the middle of the scale, weak. Narrower ones pull strong bends so far to the straight
        line that intervals of simulated panels miss them.
    prior_scale
        Prior standard deviation of what a whole scale is worth, in logits: weak.
    draws
        Draws of the coefficients.
    points
        Points of the profile of each shape.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    outcome: str | None = None
    straight: Probability = 0.125
    credible: Majority = 0.95
    bend_scale: PriorScale = 3.0
    prior_scale: PriorScale = 10.0
    draws: Draws = 4000
    points: Several = 9

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=1000, points=5)

    def check(self, study: Study) -> None:
        """Hold the outcome to the study; raises :class:`~maternal_eval.core.errors.InputError`."""
        ordered_outcome(study, self.outcome)
