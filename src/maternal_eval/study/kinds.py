"""Columns that name periods, stages, platforms and segments: their kinds, and the periods that a study uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.panel import RawPanel
from maternal_eval.study.periods import Timeline, parse_periods


def with_period_codes(raw: RawPanel, definition: StudyDefinition) -> tuple[RawPanel, Timeline]:
    """Return the panel with codes in place of what its periods are written as, and what the codes mean."""
    column = definition.columns.period
    if column is None or list(raw.frame.columns).count(column) != 1:  # absent or twice: the contract refuses it
        return raw, Timeline()
    parsed = parse_periods(
        raw.frame[column],
        definition.periods.kind,
        definition.columns.period_by,
        definition.columns.period_dates,
        source=raw.source,
        column=column,
        first_row=raw.first_row,
        rows=raw.row_numbers,
    )
    return replace(raw, frame=raw.frame.assign(**{column: parsed.codes.to_numpy()})), parsed.timeline


def used_periods(folder: Path, definition: StudyDefinition, timeline: Timeline) -> tuple[int, ...]:
    """Return the periods that the study uses of those in the panel, in order.

    Raises
    ------
    InputError
        If study.toml names a period that is none or has no answers, or a test period that is not after all training
        periods.
    """
    named = definition.periods
    use, train, tests = (
        [_code(folder, timeline, entry) for entry in entries]
        for entries in (named.use, named.train, () if named.test is None else (named.test,))
    )
    wanted = set(use or timeline.known)
    for period in (*use, *train, *tests):
        if period not in wanted.intersection(timeline.known):
            raise InputError(
                "the study names a period that it does not use or that has no answers",
                file=folder / FILE_NAME,
                column="periods",
                found=timeline.label(period),
                expected="one of " + ", ".join(timeline.label(one) for one in timeline.known if one in wanted),
            )
    if tests and train and max(train) >= tests[0]:
        raise InputError(
            "the test period must come after all training periods",
            file=folder / FILE_NAME,
            column="periods.test",
            found=timeline.label(tests[0]),
            expected=f"later than {timeline.label(max(train))}",
        )
    return tuple(period for period in timeline.known if period in wanted)


def _code(folder: Path, timeline: Timeline, entry: int | str) -> int:
    try:
        return timeline.code(entry)
    except ValueError:
        raise InputError(
            "the study names what is no period",
            file=folder / FILE_NAME,
            column="periods",
            found=entry,
            expected="one of " + ", ".join(map(timeline.label, timeline.known)),
        ) from None


def with_kinds(definition: StudyDefinition, frame: pd.DataFrame, stages: Sequence[str], ordered: bool) -> pd.DataFrame:
    """Give periods, stages, platforms and segments their kinds of columns."""
    if "period" in frame:
        frame["period"] = frame["period"].astype("int64")
    if "stage" in frame:
        frame["stage"] = pd.Categorical(frame["stage"], list(stages), ordered=ordered)
    for name in ("platform", *definition.columns.segments):
        if name in frame:
            frame[name] = frame[name].astype("category")
    return frame
