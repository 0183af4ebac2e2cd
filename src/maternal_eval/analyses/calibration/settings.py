"""Calibration: what can be set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Chains, Count, Draws, Probability, Ranged, Several, Tune
from maternal_eval.methods.sampling import (
    SamplerSettings,
)


@dataclass(frozen=True)
class CalibrationSettings(Ranged):
    """How many replicates, of which size.

    Attributes
    ----------
    replicates
        Number of draws from the prior, each with its own answers and fit.
    stages, periods, segment_levels
        Levels of the design; a study with fewer stages or without periods has fewer.
    answers_per_cell
        Number of answers in each combination of stage, period and segment level.
    ranked_among
        Number of posterior draws, evenly thinned, among which the truth is ranked.
    chains, tune, draws, target_accept
        See :class:`maternal_eval.methods.sampling.SamplerSettings`.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("ordinal",)

    replicates: Several = 300
    stages: Several = 4
    periods: Count = 5
    segment_levels: Count = 2
    answers_per_cell: Count = 10
    ranked_among: Several = 99
    chains: Chains = 2
    tune: Tune = 300
    draws: Draws = 500
    target_accept: Probability = 0.95

    def __post_init__(self) -> None:
        """Refuse what cannot be computed.

        Raises
        ------
        InputError
            If a number is too small.
        """
        super().__post_init__()
        least = {"replicates": 20, "stages": 2, "periods": 1, "segment_levels": 1, "answers_per_cell": 1, "chains": 2}
        for name, smallest in (least | {"ranked_among": 19, "tune": 100}).items():
            if getattr(self, name) < smallest:
                raise InputError("setting too small", column=name, found=getattr(self, name), expected=f"≥ {smallest}")
        if self.chains * self.draws < 2 * self.ranked_among:
            raise InputError(
                "too few draws for ranks that are nearly independent",
                column="draws",
                found=self.draws,
                expected=f"at least {-(-2 * self.ranked_among // self.chains)}",
            )

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a first look: 40 replicates."""
        return cls(replicates=40)

    @property
    def sampler(self) -> SamplerSettings:
        """Settings of the sampler."""
        return SamplerSettings(
            chains=self.chains, tune=self.tune, draws=self.draws, target_accept=self.target_accept, cores=self.chains
        )
