"""Settings of the backtest, checked before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from maternal_eval.analyses.backtest.registry import FORECASTERS, usual
from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Count, Probability, Ranged, Several
from maternal_eval.study import Study
from maternal_eval.study.counts import factors
from maternal_eval.study.model_settings import PARTS

CASE_KEYS = frozenset({"platform", "indicator", "outcome", "forecast", "observed"})
"""What a worked case has to say."""


@dataclass(frozen=True)
class BacktestSettings(Ranged):
    """How the backtest runs, beside values, aggregation, priors, chains and gates of the study's [model].

    Attributes
    ----------
    forecasters
        Names in :data:`~maternal_eval.analyses.backtest.registry.FORECASTERS`; the reference is always added.
        Without names all but those that run on request alone (``ordinal_drift``).
    outcomes
        Outcomes to forecast; empty = all that the study has.
    units
        Columns that make a unit; empty = the finest that fits, see ``unit_choice``.
    minimum
        Cells with fewer answers are left out and counted.
    draws
        Predictive draws, an even number.
    tolerance
        What "within ± 5 %" means.
    innovation_scale
        Prior guess of the change of a mean in one period, as a share of the outcome's range.
    replicates
        Simulated studies at each point of "what would that accuracy need".
    published_accuracy
        An accuracy (0–1) that somebody published, to be asked what it needs; None without one.
    case
        A published example of a forecast to be worked through: ``{"platform", "indicator", "outcome", "forecast",
        "observed"}``, the last two as relative changes (−0.15 for −15 %); None without one.
    """

    model_parts: ClassVar[tuple[str, ...]] = tuple(PARTS)

    forecasters: tuple[str, ...] = field(default_factory=usual)
    outcomes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    minimum: Count = 20
    draws: Several = 2000
    tolerance: Probability = 0.05
    innovation_scale: Probability = 0.025
    replicates: Several = 400
    published_accuracy: Probability | None = None
    case: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = set(self.forecasters) - set(FORECASTERS)
        if unknown:
            raise ValueError(f"no such forecaster: {', '.join(sorted(unknown))}; known are {', '.join(FORECASTERS)}")
        if self.draws < 2 or self.draws % 2 or self.minimum < 1 or self.replicates < 2:
            raise ValueError("a backtest needs an even number of draws, a minimum of at least 1, and 2 replicates")
        if self.case is not None and set(self.case) != CASE_KEYS:
            raise ValueError(f"a worked case has the keys {', '.join(sorted(CASE_KEYS))}")

    @classmethod
    def quick(cls) -> Self:
        """Return settings for a fast look."""
        return cls(draws=400, replicates=100)

    def check(self, study: Study) -> None:
        """Hold the settings to the study; raises :class:`~maternal_eval.core.errors.InputError`."""
        check_settings(self, study)


def check_settings(settings: BacktestSettings, study: Study) -> None:
    """Hold the settings to the study.

    Raises
    ------
    InputError
        If an outcome, a unit column, or a part of the worked case is not in the study.
    """
    named: list[tuple[str, tuple[str, ...], list[str]]] = [
        ("outcomes", settings.outcomes, list(study.outcomes)),
        ("units", settings.units, [one for one in factors(study) if one not in ("period", "quarter")]),
    ]
    for name, found, known in named:
        unknown = [one for one in found if one not in known]
        if unknown:
            raise InputError(
                "the backtest names what the study does not have",
                column=f"analysis.backtest.{name}",
                found=unknown[0],
                expected="one of " + ", ".join(known),
            )
    case = settings.case
    if case is None:
        return
    if study.counted is not None:
        raise InputError(
            "a worked case follows the answers of single respondents, and the panel holds counts",
            column="analysis.backtest.case",
            found=case["platform"],
            mend="leave case out of [analysis.backtest]",
        )
    platforms = list(study.panel["platform"].cat.categories) if study.has_platforms else []
    for key, known in (
        ("platform", platforms),
        ("indicator", study.model.codes),
        ("outcome", list(study.outcomes)),
    ):
        if case[key] not in known:
            raise InputError(
                "the worked case names what the study does not have",
                column=f"analysis.backtest.case.{key}",
                found=case[key],
                expected="one of " + ", ".join(known),
            )
