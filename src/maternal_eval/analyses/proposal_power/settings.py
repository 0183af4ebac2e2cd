"""Proposal power: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.core.ranges import Count, Draws, Positive, Ranged, Reliability, RHat, Several, Tally, Tune


@dataclass(frozen=True)
class ProposalPowerSettings(Ranged):
    """Size of the simulation study.

    Attributes
    ----------
    effects
        Factors by which one weight of the last stage is multiplied: the power curve.
    stated_effect
        The factor at which the power is stated, with as many replicates as the truths without a raised weight.
    whole_effects
        Factors by which the weight is multiplied in the whole design.
    replicates, curve_replicates, whole_replicates
        How many for the static, drawn and stated-effect truths; for each other effect; for each truth in the whole
        design.
    reliability, error_replicates
        Reliability of answers that are noisy readings of an experience, and replicates for each such truth, taken as
        they are and corrected; none with 0.
    answers
        Answers fitted in a replicate of the small design. The information on a weight goes with weight × the root of
        the answers in its stage: 9 indicators on 4,000 answers in 4 stages know 1.5 times as much of each weight as 30
        indicators on 25,000 answers in 5 stages (with half the answers the quadratic summary is too coarse).
    stages, per_dimension
        Size of the small design: the last stages, and the first indicators of each dimension.
    quarter_answers
        Answers of one quarterly review, fitted alone in the whole design.
    tune, draws, corrected
        Length of the two chains, and number of corrected draws.
    rhat, bulk_ess
        Gates of a replicate; wider than those of the analysis, since a rate over replicates averages their Monte-Carlo
        errors.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation", "stage_weights")

    effects: tuple[Positive, ...] = (2.0, 3.0, 4.0)
    stated_effect: Positive = 4.0
    replicates: Count = 100
    curve_replicates: Count = 20
    whole_replicates: int = 20
    whole_effects: tuple[Positive, ...] = (4.0, 8.0)
    reliability: Reliability = 0.7
    error_replicates: Tally = 60
    answers: Count = 4000
    stages: Several = 4
    per_dimension: Several = 3
    quarter_answers: Count = 2000
    tune: Tune = 300
    draws: Draws = 700
    corrected: Draws = 400
    rhat: RHat = 1.02
    bulk_ess: Positive = 200.0

    def __post_init__(self) -> None:
        super().__post_init__()
        counts = (self.replicates, self.curve_replicates, self.answers, self.stages - 1, self.per_dimension - 1)
        if min(counts) < 1 or self.whole_replicates < 0 or min(self.effects, default=0.0) <= 1.0:
            raise ValueError("the power study needs replicates, two stages and indicators, and effects above 1")
        if self.stated_effect not in self.effects:
            raise ValueError("stated_effect has to be one of the effects")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look: few replicates, the small design only."""
        return cls(effects=(4.0,), replicates=4, curve_replicates=4, whole_replicates=0, error_replicates=2)
