"""What is asked, and how it is computed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Self

from maternal_eval.analyses.whatif.scenarios import Operation, Scenario, check_scenarios
from maternal_eval.core.ranges import Concentration, PriorScale, Ranged, Several
from maternal_eval.study import Study


@dataclass(frozen=True)
class WhatIfSettings(Ranged):
    """What is asked, and how it is computed.

    Attributes
    ----------
    scenarios
        The interventions.
    operations
        Operations by name; a scenario may change these as well as indicators.
    draws, sets
        Number of draws in all, and of sets of weights (and slopes of links) that they share; ``sets`` divides
        ``draws``.
    concentration
        Of the Dirichlet distribution of the static weights around the nominal ones, where no experts say how sure
        these are; with experts their posterior is drawn from.
    prior_scale
        Prior standard deviation of the regression coefficients, in logits; the columns run from 0 to 1.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    scenarios: tuple[Scenario, ...] = ()
    operations: dict[str, Operation] = field(default_factory=dict)
    draws: Several = 4000
    sets: Several = 40
    concentration: Concentration = 100.0
    prior_scale: PriorScale = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sets < 2 or self.draws < self.sets or self.draws % self.sets:
            raise ValueError("at least two sets of weights, and a number of draws that they divide")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=500, sets=10)

    def check(self, study: Study) -> None:
        """Hold the scenarios to the study; raises :class:`~maternal_eval.core.errors.InputError`."""
        check_scenarios(study, self.scenarios, self.operations)
