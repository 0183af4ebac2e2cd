"""Stage weights: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import (
    Chains,
    Draws,
    Kappa,
    Majority,
    Positive,
    PriorScale,
    Probability,
    Ranged,
    RHat,
    Tune,
)
from maternal_eval.methods.simplex_regression.sampling import METHODS
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class StageWeightsSettings(Ranged):
    """How stage weights are estimated.

    Attributes
    ----------
    outcome
        Name of the outcome; the study's primary outcome if None.
    kappa
        Shape of the value functions.
    shift_scale
        Prior standard deviation of the shift of a log weight that all stages share. None: the covariance by which one
        more expert's log weights would differ from the group's, or 0.5 without experts
        (:mod:`~maternal_eval.analyses.stage_weights.anchor`).
    step_median
        Prior median of tau, the typical size of a log weight's deviation from its average over the stages: with
        0.15 a weight typically stays within 15 % of that average.
    effect_scale
        Prior standard deviation of period, platform and segment effects, in logits.
    equivalence
        Relative change of a weight that is practically no change.
    credible
        Probability of a change beyond ``equivalence`` from which it is called credible.
    claim
        A published weight to be examined: ``{"indicator": …, "stage": …, "level": …}``, or None.
    method
        "auto", "summary" or "exact": see :mod:`maternal_eval.methods.simplex_regression.sampling`.
    chains, tune, draws
        Length of the chains.
    kept
        Number of draws kept, corrected to the exact posterior.
    rhat, bulk_ess
        Gates.
    """

    outcome: str | None = None
    kappa: Kappa = 2.0
    shift_scale: PriorScale | None = None
    step_median: Probability = 0.15
    effect_scale: PriorScale = 1.0
    equivalence: Probability = 0.20
    credible: Majority = 0.95
    claim: dict[str, Any] | None = None
    method: str = "auto"
    chains: Chains = 4
    tune: Tune = 400
    draws: Draws = 1500
    kept: Draws = 1000
    rhat: RHat = 1.01
    bulk_ess: Positive = 400.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in METHODS:
            raise InputError("unknown method", column="method", found=self.method, expected=" or ".join(METHODS))

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look: shorter chains, the same gates."""
        return cls(tune=300, draws=800, kept=500)

    def check(self, study: Study) -> None:
        """Hold outcome and claim to the study; raises :class:`~maternal_eval.core.errors.InputError`."""
        _outcome(study, self)
        _checked_claim(study, self)


def _outcome(study: Study, settings: StageWeightsSettings) -> Outcome:
    if settings.outcome is None:
        return study.primary_outcome
    if settings.outcome not in study.outcomes:
        known = "one of " + ", ".join(study.outcomes)
        raise InputError("unknown outcome", column="outcome", found=settings.outcome, expected=known)
    outcome = study.outcomes[settings.outcome]
    if not OUTCOME_KINDS[outcome.kind].ordered_categories:
        raise InputError(
            "the stage weights need ordered answers",
            column="outcome",
            found=f"{outcome.name}, which is {outcome.kind}",
            expected="an outcome with ordered answers",
        )
    return outcome


def _checked_claim(study: Study, settings: StageWeightsSettings) -> dict[str, Any] | None:
    claim = settings.claim
    if claim is None:
        return None
    if set(claim) != {"indicator", "stage", "level"}:
        raise InputError("a claim has indicator, stage and level", column="claim", found=", ".join(sorted(claim)))
    if claim["indicator"] not in study.model.codes or claim["stage"] not in study.stages:
        raise InputError(
            "the claim names an indicator or stage that the study does not have",
            column="claim",
            found=f"{claim['indicator']}, {claim['stage']}",
        )
    return claim
