"""Settings of the satisfaction model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from maternal_eval.analyses.satisfaction.margins import check_margins
from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Chains, Draws, PriorScale, Probability, Ranged, RHat, Tune
from maternal_eval.methods.ordinal.families import family_named
from maternal_eval.methods.ordinal.leave_one_out import ALTERNATIVES
from maternal_eval.methods.sampling import Gates, SamplerSettings
from maternal_eval.study import Study


@dataclass(frozen=True)
class SatisfactionSettings(Ranged):
    """What is fitted, with which priors, and for how long.

    Attributes
    ----------
    segments
        Segments in the model; all of the study's, and the platform where there are platforms, if None.
    family
        Family of the answers, a name of :data:`maternal_eval.methods.ordinal.families.FAMILIES`.
    margins
        Population shares to poststratify to: segment → level → share. Empty: the composition of the sample, by
        survey weights.
    stage_scale, period_scale, stage_period_scale, segment_scale
        Typical size, in logits, of a step between stages, a step between periods, a stage's own departure per
        period, and the difference of a segment's level from the average. Half a logit moves the mean of a
        five-point answer by about 0.3 to 0.4.
    latent_scale
        Typical size of the log latent scale of a stage: 0.15 is a spread 16 % wider than average.
    degrees
        Degrees of freedom of the Student-t that these scales belong to: with 3, effects five times as large
        are rare but possible.
    chains, tune, draws, target_accept
        See :class:`maternal_eval.methods.sampling.SamplerSettings`.
    rhat
        Largest R-hat that a fit may have.
    alternatives
        Other models that predictions are compared with, names of
        :data:`maternal_eval.methods.ordinal.leave_one_out.ALTERNATIVES`; fitted with a quarter of the draws.
    kept_draws
        Number of posterior draws that are stored (evenly thinned); tables use all.
    """

    segments: tuple[str, ...] | None = None
    family: str = "cumulative_logit"
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    stage_scale: PriorScale = 0.3
    period_scale: PriorScale = 0.2
    stage_period_scale: PriorScale = 0.1
    segment_scale: PriorScale = 0.3
    latent_scale: PriorScale = 0.15
    degrees: PriorScale = 3.0
    chains: Chains = 4
    tune: Tune = 400
    draws: Draws = 1000
    target_accept: Probability = 0.95
    rhat: RHat = 1.01
    alternatives: tuple[str, ...] = ("no_stage_period", "equal_spread", "no_segments", "adjacent_logit")
    kept_draws: Draws = 1000

    def __post_init__(self) -> None:
        """Refuse what cannot be fitted.

        Raises
        ------
        InputError
            Naming the setting, what was found and what is expected.
        """
        super().__post_init__()
        family_named(self.family)
        unknown = [name for name in self.alternatives if name not in ALTERNATIVES]
        if unknown:
            raise InputError("unknown alternative model", found=unknown[0], expected=", ".join(ALTERNATIVES))

    def check(self, study: Study) -> None:
        """Refuse segments and margins that the study does not have, before anything is counted or sampled.

        Raises
        ------
        InputError
            Naming the setting, what was found and what is expected.
        """
        known = (*study.segments, *(["platform"] if study.has_platforms else []))
        for segment in self.segments or ():
            if segment not in known:
                expected = "one of " + ", ".join(known) if known else "none: the study has no segments"
                raise InputError("unknown segment", column="segments", found=segment, expected=expected)
        if study.counted is None:
            used = known if self.segments is None else self.segments
            check_margins({name: sorted(map(str, study.panel[name].dropna().unique())) for name in used}, self.margins)

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a first look: a third of the draws, R-hat up to 1.03, no other models."""
        return cls(tune=300, draws=350, rhat=1.03, kept_draws=400, alternatives=())

    @property
    def sampler(self) -> SamplerSettings:
        """Settings of the sampler."""
        return SamplerSettings(chains=self.chains, tune=self.tune, draws=self.draws, target_accept=self.target_accept)

    @property
    def short_sampler(self) -> SamplerSettings:
        """Settings of the sampler for the other models, whose predictions are compared and nothing else."""
        return SamplerSettings(
            chains=self.chains, tune=self.tune, draws=max(150, self.draws // 4), target_accept=self.target_accept
        )

    @property
    def gates(self) -> Gates:
        """Gates that the fit has to keep."""
        return Gates(rhat=self.rhat)
