"""Interventions as data: what a study may ask "what if", read from study.toml and checked before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, cast

import numpy as np
import pandas as pd
from pydantic import ConfigDict

from maternal_eval.core.errors import InputError
from maternal_eval.core.ranges import Plain
from maternal_eval.study import FILE_NAME, Indicator, Study

_STRICT = ConfigDict(extra="forbid")

Amount = Annotated[float, Plain]
"""A number; true is none."""

READINGS = ("relative", "points_of_100")
"""How a published effect may be meant: per cent of the level before, or points on a scale of 0–100."""


@dataclass(frozen=True)
class Change:
    """One change of an indicator's answers or of an operation; exactly one of the three is given.

    Attributes
    ----------
    add
        Points of the scale that was answered (an operation: its own units), e.g. 1 or -10; one point less of a burden
        is -1.
    relative
        Share of the level, e.g. 0.10 for ten per cent more.
    set
        The level that everybody has afterwards.
    """

    __pydantic_config__ = _STRICT

    add: Amount | None = None
    relative: Amount | None = None
    set: Amount | None = None

    @property
    def given(self) -> list[str]:
        """Names of the entries that are given."""
        return [name for name in ("add", "relative", "set") if getattr(self, name) is not None]

    @property
    def rises(self) -> bool | None:
        """Whether the level goes up; None for ``set``, which may do either."""
        step = self.add if self.add is not None else self.relative
        return None if step is None else step > 0

    def apply(self, level: np.ndarray) -> np.ndarray:
        """Return the new levels, not yet held to any scale; NaN (not answered) stays NaN."""
        if self.add is not None:
            return level + self.add
        if self.relative is not None:
            return level * (1.0 + self.relative)
        return np.where(np.isnan(level), np.nan, cast(float, self.set))


@dataclass(frozen=True)
class Operation:
    """Something that the platform does and its log records, and the indicator it is meant to reach.

    Attributes
    ----------
    zh, en
        Names.
    indicator
        Code of the indicator that follows the operation.
    column
        Column of the platform log; None where the log does not hold the operation: then it cannot be linked.
    transform
        How the operation enters the link: "log" (a ratio counts) or "linear".
    units
        How many units of a change make one unit of the column: 60 where changes are seconds and the log minutes.
    """

    __pydantic_config__ = _STRICT

    zh: str
    en: str
    indicator: str
    column: str | None = None
    transform: Literal["log", "linear"] = "log"
    units: Amount = 1.0


@dataclass(frozen=True)
class PublishedEffect:
    """A published effect that a scenario is held against: id in the ledger, outcome, and how it is read."""

    __pydantic_config__ = _STRICT

    claim: str
    outcome: str
    reading: Literal["relative", "points_of_100"] = "relative"


@dataclass(frozen=True)
class Scenario:
    """An intervention with its names.

    Attributes
    ----------
    name, zh, en
        Key and names.
    changes
        Indicator code or operation → change; several make a combination.
    platform, stage
        Where it applies; None: everywhere.
    period
        Period whose respondents are changed, as its code or as the panel writes it; None: the latest.
    published
        Published effects of it.
    """

    __pydantic_config__ = _STRICT

    name: str
    zh: str
    en: str
    changes: dict[str, Change]
    platform: str | None = None
    stage: str | None = None
    period: int | str | None = None
    published: tuple[PublishedEffect, ...] = ()


def check_scenarios(study: Study, scenarios: Sequence[Scenario], operations: Mapping[str, Operation]) -> None:
    """Hold scenarios and operations to the study.

    Raises
    ------
    InputError
        With the entry of study.toml: an unknown indicator, operation, platform, stage, period, outcome or ledger id,
        a name used twice or taken, a number that is not finite, two changes of one indicator, a scenario that changes
        nothing or nobody, or an intervention beyond the scale.
    """
    for name, operation in operations.items():
        _check_operation(study, name, operation)
    taken = {*study.outcomes, *study.model.codes, *operations}  # one name would stand for two things in the figures
    for position, scenario in enumerate(scenarios):
        entry = f"scenarios.{position}"
        if not scenario.name.strip():
            _refuse(study, f"{entry}.name", "the scenario has no name", "nothing", "a name")
        if scenario.name in taken:
            _refuse(study, f"{entry}.name", "the name is taken in this study", scenario.name, "a name of its own")
        if scenario.name in [earlier.name for earlier in scenarios[:position]]:
            _refuse(study, f"{entry}.name", "the scenario stands twice", scenario.name, "each name once")
        _check_place(study, scenario, entry)
        if not scenario.changes:
            _refuse(study, f"{entry}.changes", "the scenario changes nothing", "no change", "at least one change")
        for target, change in scenario.changes.items():
            _check_change(study, scenario, target, change, operations, f"{entry}.changes.{target}")
        _check_once(study, scenario, operations, f"{entry}.changes")
        for place, effect in enumerate(scenario.published):
            _check_published(study, effect, f"{entry}.published.{place}")


def inside(panel: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    """Return which rows are on the platform and in the stage of the scenario; its period apart."""
    here = np.ones(len(panel), dtype=bool)
    for column, value in (("platform", scenario.platform), ("stage", scenario.stage)):
        if value is not None:
            here &= (panel[column].astype(str) == value).to_numpy()
    return here


def rows_of(study: Study, scenario: Scenario) -> np.ndarray:
    """Return which rows of the panel the scenario changes (as far as they answered the indicator)."""
    here = inside(study.panel, scenario)
    if study.periods:
        here &= (study.panel["period"] == target_period(study, scenario)).to_numpy()
    return here


def target_period(study: Study, scenario: Scenario) -> int | None:
    """Return the code of the period whose respondents are changed; None where the study has no periods."""
    if scenario.period is not None:
        return study.timeline.code(scenario.period)
    return max(study.periods) if study.periods else None


def _check_operation(study: Study, name: str, operation: Operation) -> None:
    entry = f"operations.{name}"
    if name in study.model.codes:
        _refuse(study, entry, "the operation has the code of an indicator", name, "a name of its own")
    if operation.indicator not in study.model.codes:
        _refuse(study, f"{entry}.indicator", "unknown indicator", operation.indicator, study.model.codes)
    if not 0 < operation.units < np.inf:
        found = f"{operation.units:g}"
        _refuse(
            study, f"{entry}.units", "units are no number that changes can be divided by", found, "a number above 0"
        )


def _check_place(study: Study, scenario: Scenario, entry: str) -> None:
    platforms = sorted(study.panel["platform"].astype(str).unique()) if study.has_platforms else []
    if scenario.platform is not None and scenario.platform not in platforms:
        _refuse(study, f"{entry}.platform", "unknown platform", scenario.platform, platforms)
    if scenario.stage is not None and scenario.stage not in study.stages:
        _refuse(study, f"{entry}.stage", "unknown stage", scenario.stage, study.stages)
    try:
        period = target_period(study, scenario)
    except ValueError:
        period = None
    if scenario.period is not None and period not in study.periods:
        known = [study.timeline.label(one) for one in study.periods]
        _refuse(study, f"{entry}.period", "unknown period", scenario.period, known)
    if not rows_of(study, scenario).any():
        place = ", ".join(str(one) for one in (scenario.platform, scenario.stage, scenario.period) if one is not None)
        _refuse(study, entry, "nobody is there whom the scenario could change", place, "a place with respondents")


def _check_change(
    study: Study, scenario: Scenario, target: str, change: Change, operations: Mapping[str, Operation], entry: str
) -> None:
    if len(change.given) != 1:
        found = " and ".join(change.given) or "none"
        _refuse(study, entry, "a change is one of add, relative and set", found, "exactly one")
    amount = getattr(change, change.given[0])
    if not np.isfinite(amount):
        _refuse(study, f"{entry}.{change.given[0]}", "the change is no finite number", amount, "a number such as 0.1")
    if change.add == 0 or change.relative == 0:
        _refuse(study, entry, "the scenario changes nothing", "a change of 0", "a change")
    if change.relative is not None and change.relative < -1:
        found = f"{100 * change.relative:g} %"
        _refuse(study, f"{entry}.relative", "nothing can fall by more than all of it", found, "a share of at least -1")
    if target in operations:
        return
    if target not in study.model.codes:
        known = [*study.model.codes, *operations]
        _refuse(study, entry, "unknown indicator, and no operation with a link", target, known)
    _check_scale(study, scenario, study.model.indicator(target), change, entry)


def _check_once(study: Study, scenario: Scenario, operations: Mapping[str, Operation], entry: str) -> None:
    """Refuse two changes of one indicator, whose order would matter; several operations may reach the same one."""
    direct = [target for target in scenario.changes if target not in operations]
    for target in scenario.changes:
        if target in operations and operations[target].indicator in direct:
            found = f"{operations[target].indicator} itself and {target}, which reaches it"
            _refuse(study, entry, "an indicator is changed twice", found, "one change of an indicator")


def _check_scale(study: Study, scenario: Scenario, indicator: Indicator, change: Change, entry: str) -> None:
    low, high = indicator.low, indicator.high
    scale = f"{low:g} to {high:g}"
    if change.set is not None and not low <= change.set <= high:
        _refuse(study, entry, "the intervention goes beyond the scale", change.set, f"a level from {scale}")
    if change.relative is not None and low < 0:
        found = f"a scale from {scale}"
        _refuse(study, f"{entry}.relative", "a share means nothing on a scale below 0", found, "add or set")
    answers = study.panel.loc[rows_of(study, scenario), indicator.code].dropna().to_numpy(dtype=float)
    if not len(answers):
        _refuse(study, entry, "nobody there answered the indicator", "no answers", "at least one answer")
    if change.add is not None and not low <= answers.mean() + change.add <= high:
        found = f"{answers.mean():.2f} {change.add:+g} on average"
        _refuse(study, entry, "the intervention goes beyond the scale", found, f"a mean answer from {scale}")
    if np.array_equal(np.clip(change.apply(answers), low, high), answers):
        _refuse(study, entry, "the scenario changes nothing", "answers that stay as they are", "a change")


def _check_published(study: Study, effect: PublishedEffect, entry: str) -> None:
    if effect.outcome not in study.outcomes:
        _refuse(study, f"{entry}.outcome", "unknown outcome", effect.outcome, list(study.outcomes))
    if study.claims is None or effect.claim not in set(study.claims["id"]):
        _refuse(study, f"{entry}.claim", "the ledger has no such figure", effect.claim, "an id of the ledger")


def _refuse(study: Study, entry: str, problem: str, found: object, expected: str | Sequence[str]) -> None:
    words = expected if isinstance(expected, str) else "one of " + ", ".join(expected)
    raise InputError(
        problem, file=study.folder / FILE_NAME, column=f"analysis.whatif.{entry}", found=found, expected=words
    )
