"""Stage weights: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Draws, Majority, Probability, Reliability, Share
from maternal_eval.methods.sampling import Adaptation, SampledSettings
from maternal_eval.methods.simplex_regression.sampling import METHODS
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study


@dataclass(frozen=True)
class StageWeightsSettings(SampledSettings):
    """How stage weights are estimated, beside values and priors of the study's [model].

    See :class:`~maternal_eval.methods.sampling.SampledSettings` for chains and gates.

    Attributes
    ----------
    outcome
        Name of the outcome; the study's primary outcome if None.
    equivalence
        Relative change of a weight that is practically no change.
    credible
        Probability of a change beyond ``equivalence`` from which it is called credible.
    claim
        A published weight to be examined: ``{"indicator": …, "stage": …, "level": …}``, or None.
    reliability
        Share of an item's variance (within period, platform and segments) that belongs to the experience; below 1
        answers are calibrated (:mod:`~maternal_eval.methods.simplex_regression.measurement_error`). 1 takes them as
        they are.
    shared_error
        Share of the error that all answers of a respondent have in common (leniency).
    method
        "auto", "summary" or "exact": see :mod:`maternal_eval.methods.simplex_regression.sampling`.
    kept
        Number of draws kept, corrected to the exact posterior.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation", "stage_weights")

    outcome: str | None = None
    equivalence: Probability = 0.20
    credible: Majority = 0.95
    claim: dict[str, Any] | None = None
    reliability: Reliability = 1.0
    shared_error: Share = 0.0
    method: str = "auto"
    draws: Draws = 1500
    kept: Draws = 1000
    target_accept: Probability = 0.8
    adaptation: ClassVar[Adaptation] = "diag"

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
