"""What study.toml says on the rows and columns of a panel: recoded answers, derived columns, rows that are kept.

Three tables, applied in this order to a panel as its file says it; none of them runs anything:

- ``[recode]`` says what answers mean (:mod:`maternal_eval.study.recoding.declared`): ``"not too happy" = 1``.
- ``[derive.NAME]`` makes a column from others: the first rule that holds gives the value.
- ``[panel] where`` keeps the rows in which columns have the values stated.

What they did stands in the panel's remarks, and refusals go on naming the rows of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.definition import FILE_NAME, DerivedColumn, DeriveRule, StudyDefinition
from maternal_eval.study.long_form import wide
from maternal_eval.study.panel import RawPanel, read_panel, read_panel_from_package
from maternal_eval.study.panel.contract import ColumnRule, as_text
from maternal_eval.study.recoding.columns import Recoder
from maternal_eval.study.stage_dates import stages_from_dates

_SHOWN = 8


def read_prepared(
    folder: Path,
    definition: StudyDefinition,
    panel: Path | None,
    columns: Sequence[str] | None = None,
    rules: Sequence[ColumnRule] = (),
) -> RawPanel:
    """Read the panel that study.toml names, or ``panel`` in its place, and :func:`prepare` it.

    Only the ``columns`` that the study needs are read; all if None.

    Raises
    ------
    InputError
        If there is none or it cannot be read; and as :func:`prepare`.
    """
    return prepare(folder, definition, _read_raw_panel(folder, definition, panel, columns), rules)


def prepare(folder: Path, definition: StudyDefinition, raw: RawPanel, rules: Sequence[ColumnRule] = ()) -> RawPanel:
    """Return the panel with its answers recoded, its derived columns and the rows that the study keeps.

    ``rules`` are the columns that the study uses; what ``[recode]`` says of all answers holds for these.

    Raises
    ------
    InputError
        If a column that study.toml names is not in the panel, a derived one already is, an answer is not named by
        ``[recode]``, a value that study.toml names stands in no row, or no row is left.
    """
    path = folder / FILE_NAME
    form, roles = definition.panel.long, definition.columns
    if form is not None:
        if roles.respondent is None:
            raise InputError(
                "nothing says whose answers belong together",
                file=path,
                column="columns.respondent",
                found="none",
                mend='respondent = "COLUMN" in [columns]',
            )
        raw = wide(
            raw, form.question, form.answer, [one for one in (roles.respondent, roles.period) if one is not None]
        )
    remarks = list(raw.remarks)
    recoder = Recoder(path, definition.recode, rules)
    raw = recoder.recoded(raw)
    remarks += recoder.changes.remarks()
    frame = raw.frame.copy(deep=False)
    for name in definition.derive:
        if name in raw.columns:
            raise InputError(
                "a derived column has the name of a column of the panel",
                file=path,
                column=f"derive.{name}",
                found=f"{name} in {raw.source}",
                expected="another name",
            )
    derived = {name: _derived(path, name, table, raw, frame) for name, table in definition.derive.items()}
    frame = frame.assign(**derived)
    dates = definition.columns.stage_dates
    if dates is not None and definition.columns.stage is not None:
        stage, said = stages_from_dates(path, dates, raw, frame)
        frame, remarks = frame.assign(**{definition.columns.stage: stage}), remarks + said
    kept = np.ones(len(frame), dtype=bool)
    for column, wanted in definition.panel.where.items():
        kept &= _where(path, f"panel.where.{column}", column, _several(wanted), raw, frame)
    gone = np.zeros(len(frame), dtype=bool)
    for column, unwanted in definition.panel.leave_out.items():
        gone |= _where(path, f"panel.leave_out.{column}", column, _several(unwanted), raw, frame)
    for column in definition.panel.filled:
        if column not in frame:
            _require(path, "panel.filled", column, raw)
        empty = as_text(frame[column]).isna().to_numpy()
        if empty.any():
            remarks.append(_said_filled(column, int(empty.sum()), len(empty)))
        kept &= ~empty
    numbers = raw.row_numbers
    if gone.any():
        remarks.append(_said_left_out(raw, definition, int((kept & gone).sum())))
    if definition.panel.where or gone.any() or not kept.all():
        said_kept = [_said_kept(raw, definition, kept, frame)] if definition.panel.where else []
        kept &= ~gone
        if not kept.any():
            named = next(f"panel.{key}" for key in ("where", "leave_out", "filled") if getattr(definition.panel, key))
            found = f"0 of {len(frame):,} rows of {raw.source}"
            raise InputError("no row is left", file=path, column=named, found=found)
        remarks += said_kept
        numbers = [raw.row(position) for position in np.flatnonzero(kept).tolist()]
        frame = frame[kept].reset_index(drop=True)
    remarks += [_said_derived(name, table, frame[name]) for name, table in definition.derive.items()]
    return replace(raw, frame=frame, remarks=remarks, row_numbers=numbers)


def columns_prepared(definition: StudyDefinition) -> tuple[str, ...]:
    """Return the columns of the file that :func:`prepare` needs, whether another part of the study uses them or not."""
    derived = [rule.column for table in definition.derive.values() for rule in table.first]
    dates = definition.columns.stage_dates
    of_stage = [] if dates is None else [dates.date, dates.origin]
    panel = definition.panel
    in_long = [] if panel.long is None else [panel.long.question, panel.long.answer]
    named = dict.fromkeys(
        [*definition.recode.of_column(), *derived, *of_stage, *panel.where, *panel.leave_out, *panel.filled, *in_long]
    )
    return tuple(column for column in named if column not in definition.derive)


def refuse_prepared(folder: Path, definition: StudyDefinition) -> None:
    """Refuse a study that derives columns or keeps some rows of a panel that is too large to be read.

    Raises
    ------
    InputError
        Naming the table of study.toml.
    """
    tables: dict[str, Iterable[str]] = {
        "panel.where": definition.panel.where,
        "panel.leave_out": definition.panel.leave_out,
        "panel.filled": definition.panel.filled,
        "panel.long": [] if definition.panel.long is None else ["question and answer"],
        "derive": definition.derive,
        "columns.stage": [] if definition.columns.stage_dates is None else [str(definition.columns.stage)],
    }
    for name, table in tables.items():
        if table:
            raise InputError(
                "a panel of this size is counted in its file, where its rows and columns are taken as they are",
                file=folder / FILE_NAME,
                column=name,
                found=", ".join(table),
                expected="a panel prepared before, without this table",
            )


def _require(path: Path, place: str, column: str, raw: RawPanel) -> None:
    if column not in raw.columns:
        raise InputError(
            "study.toml names a column that the panel does not have",
            file=path,
            column=place,
            found=column,
            expected="one of " + _few(raw.columns),
        )


def _derived(path: Path, name: str, table: DerivedColumn, raw: RawPanel, frame: pd.DataFrame) -> pd.Series:
    """Return the value of the first rule that holds in each row; missing where a column is empty before that."""
    value = pd.Series(table.otherwise, index=frame.index, dtype="object")
    waiting = np.ones(len(frame), dtype=bool)
    for number, rule in enumerate(table.first, 1):
        place = f"derive.{name}.first (rule {number})"
        _require(path, place, rule.column, raw)
        holds, empty = _holds(path, place, rule, raw, frame[rule.column])
        value[waiting & holds] = rule.value
        value[waiting & empty] = None
        waiting &= ~(holds | empty)
    return value


def _holds(path: Path, place: str, rule: DeriveRule, raw: RawPanel, column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return in which rows a rule holds and in which its column is empty."""
    text = as_text(column)
    empty = text.isna().to_numpy()
    if rule.at_least is None:
        _require_values(path, place, rule.column, rule.one_of, text)
        return text.isin([str(value) for value in rule.one_of]).to_numpy(), empty
    number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    wrong = ~np.isfinite(number) & ~empty
    if wrong.any():
        position = int(wrong.argmax())
        raise InputError(
            f"a rule of {place.partition(' ')[0]} compares what is no number",
            file=raw.source,
            row=raw.row(position),
            column=rule.column,
            found=text.iloc[position],
            expected="a number or nothing",
        )
    return number >= rule.at_least, empty


def _several[T](values: T | tuple[T, ...]) -> tuple[T, ...]:
    return values if isinstance(values, tuple) else (values,)


def _where(
    path: Path, place: str, column: str, wanted: tuple[str | int, ...], raw: RawPanel, frame: pd.DataFrame
) -> np.ndarray:
    if column not in frame:  # a derived column may stand here too
        _require(path, place, column, raw)
    text = as_text(frame[column])
    _require_values(path, place, column, wanted, text)
    return text.isin([str(value) for value in wanted]).to_numpy()


def _require_values(path: Path, place: str, column: str, wanted: tuple[str | int, ...], text: pd.Series) -> None:
    """Refuse a value that stands in no row: it is a slip of the pen rather than a wish for nothing."""
    present = text.dropna().unique()
    for value in wanted:
        if str(value) not in present:
            raise InputError(
                f"the value stands in no row of column {column}",
                file=path,
                column=place,
                found=value,
                expected="one of " + _few(sorted(map(str, present))),
            )


def _few(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:_SHOWN]) + (" …" if len(listed) > _SHOWN else "")


def _said_filled(column: str, empty: int, rows: int) -> Remark:
    return remark(
        f"{empty:,} of {rows:,} rows are left out, because {column} is empty there.",
        f"{rows:,} 行中有 {empty:,} 行因 {column} 为空而未计入。",
    )


def _said_kept(raw: RawPanel, definition: StudyDefinition, kept: np.ndarray, frame: pd.DataFrame) -> Remark:
    wanted = {
        column: [str(value) for value in (values if isinstance(values, tuple) else (values,))]
        for column, values in definition.panel.where.items()
    }
    empty = np.any([as_text(frame[column]).isna().to_numpy() for column in wanted], axis=0)
    left, unknown = len(kept) - int(kept.sum()), int((empty & ~kept).sum())
    en = "; ".join(f"{column} is {' or '.join(values)}" for column, values in wanted.items())
    zh = "；".join(f"{column} 为 {' 或 '.join(values)}" for column, values in wanted.items())
    return remark(
        f"Of {len(kept):,} rows in {raw.source} {int(kept.sum()):,} are kept ({en}); {left:,} are left out, "
        f"{unknown:,} of them because the column is empty.",
        f"{raw.source} 共 {len(kept):,} 行，保留 {int(kept.sum()):,} 行（{zh}）；其余 {left:,} 行未计入，"
        f"其中 {unknown:,} 行因该列为空。",
    )


def _said_left_out(raw: RawPanel, definition: StudyDefinition, number: int) -> Remark:
    unwanted = {column: [*map(str, _several(values))] for column, values in definition.panel.leave_out.items()}
    en = "; ".join(f"{column} is {' or '.join(values)}" for column, values in unwanted.items())
    zh = "；".join(f"{column} 为 {' 或 '.join(values)}" for column, values in unwanted.items())
    return remark(
        f"{number:,} rows of {raw.source} are left out ({en}).", f"{raw.source} 中有 {number:,} 行未计入（{zh}）。"
    )


def _said_derived(name: str, table: DerivedColumn, column: pd.Series) -> Remark:
    counts = column.value_counts()
    names = list(dict.fromkeys([*(rule.value for rule in table.first), *filter(None, [table.otherwise])]))
    listed = [f"{value} {int(counts.get(value, 0)):,}" for value in names]
    sources = list(dict.fromkeys(rule.column for rule in table.first))
    empty = int(column.isna().sum())
    return remark(
        f"Column {name} is derived from {', '.join(sources)}: rows with {', '.join(listed)}; "
        f"without a value {empty:,}.",
        f"列 {name} 由 {'、'.join(sources)} 推出，各取值的行数：{'，'.join(listed)}；无值 {empty:,} 行。",
    )


def _read_raw_panel(
    folder: Path, definition: StudyDefinition, panel: Path | None, columns: Sequence[str] | None
) -> RawPanel:
    source = definition.panel
    if panel is not None:
        return read_panel(panel, source.layout, columns)
    if source.package is not None:
        return read_panel_from_package(source.package, source.item or "", columns)
    if source.file is None:
        raise InputError(
            "the panel of this study is not in the repository",
            file=folder / FILE_NAME,
            column="panel.file",
            expected=source.obtain,
        )
    return read_panel(folder / source.file, source.layout, columns)
