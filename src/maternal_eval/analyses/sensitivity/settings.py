"""How sensitivity is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.analyses.sensitivity.generators import GENERATORS
from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Concentration, Kappa, Number, Positive, Ranged, Several, Share
from maternal_eval.study import Study


@dataclass(frozen=True)
class SensitivitySettings(Ranged):
    """How sensitivity is computed.

    What is nominal is the study's [model]; the levels of the choices are what else might have been decided.

    Attributes
    ----------
    base
        Largest N of the Sobol' sample, a power of two; the model runs N × (2 × factors + 2) times.
    start
        N at which the sample begins to grow, a power of two.
    width
        The sample stops growing when no interval of a total index of the whole is wider and the order is settled.
    alone
        N of the samples in which the weights vary alone.
    resamples
        Bootstrap resamples of the Sobol' indices.
    generator
        How the weights are uncertain when everything is (row of
        :data:`~maternal_eval.analyses.sensitivity.generators.GENERATORS`); without experts "dirichlet".
    concentration
        Of the Dirichlet weights of every sibling set around the nominal ones where there are no experts whose
        disagreement would say it: with 100, a nominal weight of 0.45 has a standard deviation of 0.05, one of 0.08 of
        0.027.
    exponents, shapes, normalisations, unanswered
        Levels of the choices (see :mod:`~maternal_eval.analyses.sensitivity.choices`), equally probable.
    leave_out
        Probability that one indicator, any with the same chance, is left out.
    orders
        Orders sampled for Shapley effects.
    predicted
        Outcomes that are predicted and explained; None: the binary ones and recommendations.
    indicator, outcome
        Code of the indicator and name of the binary outcome whose elasticity is examined; None: left out.
    bootstrap
        Bootstrap resamples of the respondents.
    published_step, published_response
        Ledger ids of a published elasticity: the step of the indicator and the response of the outcome, both in
        percent.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("values", "aggregation")

    base: Several = 2048
    start: Several = 512
    width: Positive = 0.12
    alone: Several = 1024
    resamples: Several = 1000
    generator: str = "expert_posterior"
    concentration: Concentration = 100.0
    exponents: tuple[Number, ...] = (0.5, 1.0, 2.0)
    shapes: tuple[Kappa, ...] = (1.0, 1.5, 2.0, 3.0)
    normalisations: tuple[str, ...] = ("scale", "ridit", "standard")
    unanswered: tuple[str, ...] = ("siblings", "all", "mean")
    leave_out: Share = 0.5
    orders: Several = 512
    predicted: tuple[str, ...] | None = None
    indicator: str | None = None
    outcome: str | None = None
    bootstrap: Several = 200
    published_step: str | None = None
    published_response: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("base", "start", "alone"):
            size = getattr(self, name)
            if size < 2 or size & (size - 1):
                raise InputError(
                    "the size of a Sobol' sample has to be a power of two",
                    column=name,
                    found=size,
                    expected="e.g. 1024",
                )
        if self.start > self.base:
            raise InputError(
                "the sample begins larger than it may grow",
                column="start",
                found=self.start,
                expected=f"at most {self.base}",
            )
        if self.generator not in GENERATORS:
            raise InputError(
                "no such generator of weights",
                column="generator",
                found=self.generator,
                expected="one of " + ", ".join(GENERATORS),
            )

    def check(self, study: Study) -> None:
        """Refuse settings that name what the study does not have, before anything is computed.

        Raises
        ------
        InputError
            If the indicator or an outcome is unknown, or the outcome of the elasticity is not binary.
        """
        named = [("predicted", name, list(study.outcomes)) for name in self.predicted or ()]
        named += [("indicator", self.indicator, study.model.codes)] if self.indicator is not None else []
        named += [("outcome", self.outcome, list(study.outcomes))] if self.outcome is not None else []
        for column, name, known in named:
            if name not in known:
                raise InputError(
                    "sensitivity names an indicator or outcome that the study does not have",
                    column=column,
                    found=name,
                    expected="one of " + ", ".join(known),
                )
        if self.outcome is not None and study.outcomes[self.outcome].kind != "binary":
            kind = study.outcomes[self.outcome].kind
            raise InputError("the outcome of the elasticity has to be binary", column="outcome", found=kind)

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(base=256, start=128, alone=128, resamples=200, orders=64, bootstrap=50)
