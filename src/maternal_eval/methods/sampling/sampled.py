"""What every analysis with a fit may set: its chains and its gates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, Self

from maternal_eval.core.ranges import Chains, Draws, Positive, Probability, Ranged, RHat, Share, Tally, Tune
from maternal_eval.methods.sampling.diagnostics import Gates
from maternal_eval.methods.sampling.sampling import Adaptation, SamplerSettings


class Stated(Protocol):
    """What is stated about chains and gates for all analyses at once."""

    @property
    def sampler_stated(self) -> dict[str, Any]:
        """Chains: name → value."""

    @property
    def gates_stated(self) -> dict[str, Any]:
        """Gates: name → value."""


@dataclass(frozen=True)
class SampledSettings(Ranged):
    """Base of the settings of an analysis with a fit.

    Attributes
    ----------
    chains, tune, draws, target_accept
        See :class:`SamplerSettings`.
    rhat, bulk_ess, tail_ess, divergences, ebfmi
        See :class:`~maternal_eval.methods.sampling.Gates`: limits that the fit has to keep.
    adaptation
        How the sampler adapts; of the model, and nothing to set.
    """

    sampled: ClassVar[bool] = True
    adaptation: ClassVar[Adaptation] = "low_rank"

    chains: Chains = 4
    tune: Tune = 400
    draws: Draws = 1000
    target_accept: Probability = 0.95
    rhat: RHat = 1.01
    bulk_ess: Positive = 400.0
    tail_ess: Positive = 400.0
    divergences: Tally = 0
    ebfmi: Share = 0.3

    def under(self, stated: Stated) -> Self:
        """Return the settings with what is stated for all analyses in place of their own."""
        return replace(self, **stated.sampler_stated | stated.gates_stated)

    @property
    def sampler(self) -> SamplerSettings:
        """Settings of the sampler."""
        return SamplerSettings(self.chains, self.tune, self.draws, self.target_accept, self.adaptation)

    @property
    def gates(self) -> Gates:
        """Gates that the fit has to keep."""
        return Gates(self.rhat, self.bulk_ess, self.tail_ess, self.divergences, self.ebfmi)
