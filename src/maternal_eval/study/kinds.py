"""Columns that name periods, stages, platforms and segments: their kinds, and the periods that a study uses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.study.definition import FILE_NAME, StudyDefinition


def used_periods(folder: Path, definition: StudyDefinition, values: pd.Series) -> tuple[int, ...]:
    """Return the periods that the study uses of those in the panel, in order."""
    present = sorted(int(period) for period in values.unique())
    wanted = definition.periods.use or tuple(present)
    for period in (*wanted, *definition.periods.train, definition.periods.test):
        if period is not None and period not in set(present) & set(wanted):
            raise InputError(
                "the study names a period that it does not use or that has no answers",
                file=folder / FILE_NAME,
                column="periods",
                found=period,
                expected="one of " + ", ".join(str(p) for p in present if p in wanted),
            )
    return tuple(period for period in present if period in wanted)


def with_kinds(definition: StudyDefinition, frame: pd.DataFrame, stages: Sequence[str]) -> pd.DataFrame:
    """Give periods, stages, platforms and segments their kinds of columns."""
    if "period" in frame:
        frame["period"] = frame["period"].astype("int64")
    if "stage" in frame:
        frame["stage"] = pd.Categorical(frame["stage"], list(stages), ordered=definition.stages.ordered)
    for name in ("platform", *definition.columns.segments):
        if name in frame:
            frame[name] = frame[name].astype("category")
    return frame
