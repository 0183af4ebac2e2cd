"""Settings of the satisfaction model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Self

from maternal_eval.analyses.satisfaction.margins import check_margins
from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Draws
from maternal_eval.methods.ordinal.leave_one_out import ALTERNATIVES
from maternal_eval.methods.sampling import SampledSettings, SamplerSettings
from maternal_eval.study import Study


@dataclass(frozen=True)
class SatisfactionSettings(SampledSettings):
    """What is fitted and for how long, beside family and priors of the study's [model].

    See :class:`~maternal_eval.methods.sampling.SampledSettings` for chains and gates.

    Attributes
    ----------
    segments
        Segments in the model; all of the study's, and the platform where there are platforms, if None.
    margins
        Population shares to poststratify to: segment → level → share. Empty: the composition of the sample, by
        survey weights.
    alternatives
        Other models that predictions are compared with, names of
        :data:`maternal_eval.methods.ordinal.leave_one_out.ALTERNATIVES`; fitted with a quarter of the draws.
    kept_draws
        Number of posterior draws that are stored (evenly thinned); tables use all.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("ordinal",)

    segments: tuple[str, ...] | None = None
    margins: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
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
    def short_sampler(self) -> SamplerSettings:
        """Settings of the sampler for the other models, whose predictions are compared and nothing else."""
        return SamplerSettings(
            chains=self.chains, tune=self.tune, draws=max(150, self.draws // 4), target_accept=self.target_accept
        )
