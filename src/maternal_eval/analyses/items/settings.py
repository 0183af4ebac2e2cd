"""Settings of the fits of single items and dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.core.errors import InputError
from maternal_eval.methods.sampling import SampledSettings
from maternal_eval.study import FILE_NAME, Study


@dataclass(frozen=True)
class PublishedScore:
    """A published mean score whose implications are asked for.

    Attributes
    ----------
    claim
        Its id in the ledger of published figures.
    period
        The period that it speaks of.
    stage
        The stage that it speaks of; None: all together.
    indicator
        The indicator whose thresholds are taken; None: those of the primary outcome.
    proxy
        Whether that indicator only comes closest to what was published.
    """

    claim: str
    period: int
    stage: str | None = None
    indicator: str | None = None
    proxy: bool = False


@dataclass(frozen=True)
class ItemsSettings(SampledSettings):
    """Which items are fitted and for how long, beside family and priors of the study's [model].

    See :class:`~maternal_eval.methods.sampling.SampledSettings` for chains and gates.

    Attributes
    ----------
    indicators
        Codes; all of the study's if empty.
    dimensions
        Whether each dimension is fitted as well: all its indicators at once, the item as a zero-sum effect.
    segments
        Segments in the model beside stage and period. Without any, a stage in a period is one cell whose
        survey-weighted answers are already composed as the weighted sample is; with them cells are smaller and
        pooled more.
    published
        Published scores whose implications are asked for.
    """

    model_parts: ClassVar[tuple[str, ...]] = ("ordinal",)

    indicators: tuple[str, ...] = ()
    dimensions: bool = True
    segments: tuple[str, ...] = ()
    published: tuple[PublishedScore, ...] = ()

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a first look: a third of the draws, R-hat up to 1.03."""
        return cls(tune=300, draws=350, rhat=1.03)

    def codes(self, study: Study) -> tuple[str, ...]:
        """Return the codes of the indicators that are fitted, in the order of the study.

        Raises
        ------
        InputError
            If the study has no indicators.
        """
        known = tuple(indicator.code for indicator in study.model.indicators)
        if not known:
            raise InputError(
                "the study has no indicators to fit", file=study.folder / FILE_NAME, expected="[indicators]"
            )
        return tuple(code for code in known if code in self.indicators) if self.indicators else known

    def check(self, study: Study) -> None:
        """Refuse what the study does not have, before anything is sampled.

        Raises
        ------
        InputError
            Naming the setting, what was found and what is expected.
        """
        file, fitted = study.folder / FILE_NAME, self.codes(study)
        known = [indicator.code for indicator in study.model.indicators]

        def refuse(message: str, column: str, found: object, expected: str) -> None:
            raise InputError(message, file=file, column=f"analysis.items.{column}", found=found, expected=expected)

        for code in self.indicators:
            if code not in known:
                refuse("unknown indicator", "indicators", code, "one of " + ", ".join(known))
        ledger = ledger_of(study) if self.published else {}
        for number, score in enumerate(self.published):
            place = f"published.{number}"
            if score.claim not in ledger:
                refuse("the ledger has no such figure", f"{place}.claim", score.claim, "an id of the ledger")
            if ledger[score.claim].value is None:
                refuse("a published range is no mean score", f"{place}.claim", score.claim, "a single figure")
            if score.stage is not None and score.stage not in study.stages:
                refuse("unknown stage", f"{place}.stage", score.stage, "one of " + ", ".join(study.stages))
            if score.period not in study.periods:
                refuse(
                    "unknown period", f"{place}.period", score.period, f"one of {', '.join(map(str, study.periods))}"
                )
            if score.indicator is not None and score.indicator not in fitted:
                refuse("this indicator is not fitted", f"{place}.indicator", score.indicator, ", ".join(fitted))


def ledger_of(study: Study) -> Ledger:
    """Return the study's ledger of published figures, digits as printed; an empty one if it has none."""
    file = study.definition.files.claims
    return Ledger({}) if file is None else Ledger.read(study.folder / file)
