"""The triangulation records of a study, held to what can be compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.agreement.settings import AgreementSettings
from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study

SCALE = (0.0, 100.0)
MOST_SPREAD = 5.0
"""By how many times the spread of one source may exceed that of another: beyond it they are not on one scale."""

GROUPS = ("period", "stage")
"""Columns of the records by which what is left out is shown."""


@dataclass(frozen=True)
class Records:
    """Complete records: ``readings`` (records × sources), their groups, and what has to be said of them."""

    readings: np.ndarray
    sources: tuple[str, ...]
    groups: pd.DataFrame
    remarks: list[Remark]


def read_records(study: Study, settings: AgreementSettings) -> Records:
    """Return the complete records of a study.

    Raises
    ------
    InputError
        If fewer than two of the sources are in the table, a reading is no number of the scale, a source never varies or
        is on another scale, or fewer records are complete than ``settings.fewest``.
    """
    table = study.triangulation
    assert table is not None
    file = study.folder / str(study.definition.files.triangulation)
    present = tuple(name for name in settings.sources if name in table)
    if len(present) < 2:
        raise InputError(
            "one source alone agrees with nothing",
            file=file,
            found=", ".join(present) or "no source",
            expected="at least two of the columns " + ", ".join(settings.sources),
            mend='name the columns of the table under [analysis.agreement]: sources = ["COLUMN", "COLUMN"]',
        )
    readings = np.column_stack([_numbers(table, name, str(file)) for name in present])
    complete = np.isfinite(readings).all(axis=1)
    kept = readings[complete]
    if len(kept) < settings.fewest:
        raise InputError(
            "too few records have a reading of every source",
            file=file,
            found=f"{len(kept)} of {len(readings)}",
            expected=f"at least {settings.fewest}",
            mend="leave out the source that is missing most: sources under [analysis.agreement]",
        )
    spread = kept.std(axis=0)
    for name, one, reading in zip(present, spread, kept.T, strict=True):
        if one == 0:
            raise InputError("a source never varies", file=file, column=name, found=f"{reading[0]:g} in every record",
                             expected="readings that differ")  # fmt: skip
    if spread.max() > MOST_SPREAD * spread.min():
        wide, narrow = present[int(spread.argmax())], present[int(spread.argmin())]
        ends = np.ptp(kept, axis=0)
        raise InputError(
            "the sources are not on one scale",
            file=file,
            column=narrow,
            found=f"readings over {ends[spread.argmin()]:g} points, of {wide} over {ends[spread.argmax()]:g}",
            expected=f"all sources from {SCALE[0]:g} to {SCALE[1]:g}",
            mend="bring them to one scale, or name under [analysis.agreement] sources only those that are",
        )
    said: list[Remark] = []
    left = len(readings) - len(kept)
    if left:
        said.append(
            remark(
                f"{left} of {len(readings)} records lack a reading of a source and are left out.",
                f"{len(readings)} 条记录中有 {left} 条缺少某一来源的读数，未计入。",
            )
        )
    missing = [name for name in settings.sources if name not in table]
    if missing:
        said.append(
            remark(
                f"The records have no source {', '.join(missing)}: the others are compared.",
                f"记录中没有来源 {'、'.join(missing)}：只比较其余来源。",
            )
        )
    names = [name for name in GROUPS if name in table]
    return Records(kept, present, table.loc[complete, names].astype(str).reset_index(drop=True), said)


def _numbers(table: pd.DataFrame, name: str, file: str) -> np.ndarray:
    """Return a column as numbers of the scale: columns that the table must not have are read as they are written."""
    column = table[name]
    found = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    empty = (column.isna() | (column.astype(str).str.strip() == "")).to_numpy()
    wrong = (np.isnan(found) & ~empty) | (found < SCALE[0]) | (found > SCALE[1])
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError("a reading is off the scale", file=file, row=row + 2, column=name, found=column.iloc[row],
                         expected=f"a number from {SCALE[0]:g} to {SCALE[1]:g} or nothing")  # fmt: skip
    return found
