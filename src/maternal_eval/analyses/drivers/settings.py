"""Drivers: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from maternal_eval.analyses.drivers.answers import ordered_outcome
from maternal_eval.core.ranges import Count, Draws, Positive, PriorScale, Ranged, Several
from maternal_eval.study import Study


@dataclass(frozen=True)
class DriversSettings(Ranged):
    """How importance for the outcome and gains are computed.

    Attributes
    ----------
    outcome
        Name of the outcome; the study's first one if None.
    orders
        Sampled orders of the indicators where there are too many to enumerate all sets.
    resamples
        Draws of the Bayesian bootstrap over respondents (or declared clusters).
    resample_orders
        Orders that each draw is computed with.
    draws
        Draws of the coefficients for gains and their ranks.
    step
        By how much an indicator is raised, in points of its own scale.
    top
        How many pain points are called the first ones.
    prior_scale
        Prior standard deviation of a coefficient, in logits over the whole scale of an indicator: weak.
    """

    outcome: str | None = None
    orders: Several = 6000
    resamples: Several = 200
    resample_orders: Several = 64
    draws: Draws = 4000
    step: Positive = 0.5
    top: Count = 5
    prior_scale: PriorScale = 10.0

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(orders=400, resamples=50, resample_orders=32, draws=500)

    def check(self, study: Study) -> None:
        """Hold the outcome to the study; raises :class:`~maternal_eval.core.errors.InputError`."""
        ordered_outcome(study, self.outcome)
