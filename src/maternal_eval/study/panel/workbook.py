"""Excel workbooks: the one visible sheet, its values as a person sees them, a sentence with the cell where none is."""

from __future__ import annotations

import datetime
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.panel import limits
from maternal_eval.study.panel.files import opened_or_refused
from maternal_eval.study.panel.header import (
    HEADER_ROWS,
    Layout,
    checked_header,
    joined_names,
    positions,
    refuse_other_header,
)
from maternal_eval.study.panel.raw import RawPanel


@dataclass(frozen=True)
class Merged:
    """A range of merged cells."""

    ref: str
    first_column: int
    first_row: int
    last_column: int
    last_row: int


def read_workbook(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
    """Read the named columns (all, if None) of a sheet of an Excel workbook.

    Raises
    ------
    InputError
        If it is no whole workbook, which sheet or row of names is meant cannot be told, or a cell that is needed
        holds an error, a formula without its value, or belongs to merged cells: with the cell.
    """
    try:
        with opened_or_refused(path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(path, layout, columns)
    except InputError:
        raise
    except Exception as error:
        # The parsers of a damaged workbook raise whatever they happen to meet.
        raise InputError(
            "the file is cut off or no Excel workbook",
            file=path,
            found=(str(error).splitlines() or [type(error).__name__])[0][:80],
            expected="a whole .xlsx file",
        ) from None


def _read(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
    with zipfile.ZipFile(path) as archive:
        limits.check_bytes(sum(entry.file_size for entry in archive.infolist()), path)
        book = _opened(path, data_only=True)
        try:
            sheet, said = _choose(path, layout, book)
            inside = str(sheet._worksheet_path).lstrip("/")
            merged, has_formulas = _look_through(archive, inside)
            formulas = Formulas(path, sheet.title) if has_formulas else None
            return _read_sheet(path, layout, columns, sheet, said, merged, formulas)
        finally:
            book.close()


def _choose(path: Path, layout: Layout, book: Any) -> tuple[Any, list[Remark]]:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    if layout.sheet is not None:
        if layout.sheet not in sheets:
            raise InputError(
                "there is no such sheet",
                file=path,
                found=layout.sheet,
                expected="one of " + ", ".join(sheets),
                mend="panel.sheet in study.toml",
            )
        chosen = sheets[layout.sheet]
    else:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        filled = [sheet for sheet in visible if _has_cells(sheet)]
        if not filled:
            raise InputError("the panel is empty", file=path, found="no header", expected="a header and answers")
        if len(filled) > 1:
            named = ", ".join(sheet.title for sheet in filled)
            raise InputError(
                "the workbook has several sheets",
                file=path,
                found=named[:80],
                expected="one visible sheet",
                mend=layout.mend("sheet", filled[0].title, "keep one sheet, or hide the others"),
            )
        chosen = filled[0]
    others = [
        title + (" (hidden)" if sheet.sheet_state != "visible" else "")
        for title, sheet in sheets.items()
        if sheet is not chosen
    ]
    if not others:
        return chosen, []
    chinese = "、".join(other.replace(" (hidden)", "（隐藏）") for other in others)
    return chosen, [
        remark(
            f"{path.name}: sheet {chosen.title} is read; not used: {', '.join(others)}.",
            f"{path.name}：读取工作表 {chosen.title}；未使用：{chinese}。",
        )
    ]


def _has_cells(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(cell.value is not None for row in itertools.islice(sheet.iter_rows(), 1000) for cell in row)


def _look_through(archive: zipfile.ZipFile, inside: str) -> tuple[list[Merged], bool]:
    """Find merged cells in the text of a sheet, and whether it has formulas: both are lost when it is streamed."""
    merged: list[Merged] = []
    formulas, rest = False, b""
    with archive.open(inside) as stream:
        while block := stream.read(1 << 20):
            piece = rest + block
            formulas = formulas or re.search(rb"<(\w+:)?f[ >/]", piece) is not None
            cut = piece.rfind(b"<")
            found = re.finditer(rb'<(?:\w+:)?mergeCell ref="([A-Z0-9:]+)"', piece[:cut])
            merged += [_merged(one[1].decode()) for one in found]
            rest = piece[cut:]
            if len(rest) > limits.LONGEST_LINE:
                break
    return merged, formulas


def _opened(path: Path, *, data_only: bool) -> Any:
    """Open a workbook. What reads it is imported here: most studies have none."""
    import openpyxl

    return openpyxl.load_workbook(path, read_only=True, data_only=data_only)


def _merged(ref: str) -> Merged:
    from openpyxl.utils import range_boundaries

    first_column, first_row, last_column, last_row = range_boundaries(ref)
    return Merged(ref, int(first_column or 1), int(first_row or 1), int(last_column or 1), int(last_row or 1))


def _read_sheet(
    path: Path,
    layout: Layout,
    columns: Sequence[str] | None,
    sheet: Any,
    said: list[Remark],
    merged: list[Merged],
    formulas: Formulas | None,
) -> RawPanel:
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(), start=1)
    above = list(itertools.islice(rows, max(HEADER_ROWS, layout.answers or 0, *layout.header_rows)))
    named = [(number, [_name(cell.value) for cell in row]) for number, row in above]
    rows_of_names = layout.header_rows or tuple(number for number, names in named if any(names))[:1]
    filled = [number for number in rows_of_names if 0 < number <= len(named) and any(named[number - 1][1])]
    if not filled:
        found = "no header" if not layout.header_rows else f"no header in row {layout.header_rows[0]}"
        raise InputError("the panel is empty", file=path, found=found, expected="a header and answers")
    if len(rows_of_names) > 1:
        names = joined_names([_filled_across(named, number, merged) for number in rows_of_names])
    else:
        _refuse_merged_header(path, layout, columns, sheet, merged, named, filled[0])
        names = _filled_down(named, filled[0], merged)
    if layout.header is None:
        refuse_other_header(path, layout, filled[0], [(n, _filled_down(named, n, merged)) for n, _ in named], columns)
    at = layout.last_above(rows_of_names[-1])
    header = checked_header(path, names, at)
    wanted = positions(header, columns)
    _refuse_merged_cells(path, sheet, merged, header, wanted, at)
    values: list[list[Any]] = [[] for _ in wanted]
    numbers: list[int] = []
    empty: list[int] = []
    last, looked = at, 0
    for number, row in itertools.chain(above[at:], rows):
        looked += len(row)
        limits.check_cells(1, looked, path, limits.MOST_WORKBOOK_CELLS)
        of_row = formulas.of_row(number) if formulas is not None else {}
        if not of_row and all(cell.value is None or cell.value == "" for cell in row):
            empty.append(number)
            continue
        last = number
        numbers.append(number)
        for place, position in enumerate(wanted):
            cell = row[position] if position < len(row) else None
            values[place].append(_value(path, sheet.title, header[position], number, position, cell, of_row))
    empty = [number for number in empty if number < last]
    if empty:
        said.append(
            remark(
                f"{path.name}: {len(empty)} empty rows are left out (the first is row {empty[0]}).",
                f"{path.name}：略去 {len(empty)} 个空行（首个为第 {empty[0]} 行）。",
            )
        )
    frame = pd.DataFrame({place: _series(column) for place, column in enumerate(values)}, index=range(len(numbers)))
    return RawPanel(
        frame.set_axis([header[position] for position in wanted], axis=1),
        path.name,
        first_row=at + 1,
        remarks=said,
        header=tuple(header),
        row_numbers=numbers if empty else None,
    )


def _refuse_merged_header(
    path: Path,
    layout: Layout,
    columns: Sequence[str] | None,
    sheet: Any,
    merged: list[Merged],
    named: list[tuple[int, list[str]]],
    at: int,
) -> None:
    across = [m for m in merged if m.first_row <= at <= m.last_row and m.last_column > m.first_column]
    if not across:
        return
    below = [number for number, names in named if number > max(m.last_row for m in across) and any(names)]
    better = [n for n in below if columns and set(columns) <= set(_filled_down(named, n, merged))]
    row = (better or below or [at + 1])[0]
    raise InputError(
        f"row {at} has merged cells",
        file=f"{path.name}, sheet {sheet.title}, cell {across[0].ref}",
        found=f"{', '.join(m.ref for m in across[:3])}",
        expected="one row with a name over each column",
        mend=layout.mend("header", row, f"remove the rows above row {row}"),
    )


def _filled_down(named: list[tuple[int, list[str]]], at: int, merged: list[Merged]) -> list[str]:
    """Return the names in row ``at``, with those of cells merged downwards into it; without empty ones at the end."""
    names = list(named[at - 1][1])
    for one in merged:
        if one.first_row < at <= one.last_row and one.first_column == one.last_column:
            names += [""] * (one.first_column - len(names))
            above = named[one.first_row - 1][1]
            names[one.first_column - 1] = above[one.first_column - 1] if one.first_column <= len(above) else ""
    while names and not names[-1]:
        names.pop()
    return names


@dataclass(frozen=True)
class FirstRows:
    """The first rows of a sheet as text, merged cells over each of their places; about how many cells it has."""

    rows: list[tuple[int, list[str]]]
    cells: int
    visible: bool


def first_rows(path: Path, most: int) -> dict[str, FirstRows]:
    """Return title → the first rows of each sheet of a workbook."""
    found: dict[str, FirstRows] = {}
    with zipfile.ZipFile(path) as archive:
        limits.check_bytes(sum(entry.file_size for entry in archive.infolist()), path)
        book = _opened(path, data_only=True)
        try:
            for sheet in book.worksheets:
                merged, _ = _look_through(archive, str(sheet._worksheet_path).lstrip("/"))
                sheet.reset_dimensions()
                rows, cells = [], 0
                for number, row in enumerate(itertools.islice(sheet.iter_rows(), 100 * most), start=1):
                    cells += sum(cell.value is not None for cell in row)
                    if number <= most:
                        rows.append((number, [_name(cell.value) for cell in row]))
                whole = [(number, _filled_across(rows, number, merged)) for number, _ in rows]
                found[sheet.title] = FirstRows(whole, cells, sheet.sheet_state == "visible")
        finally:
            book.close()
    return found


def _filled_across(named: list[tuple[int, list[str]]], at: int, merged: list[Merged]) -> list[str]:
    """Return the names in row ``at``, those of merged cells over each of their columns."""
    names = list(named[at - 1][1])
    for one in merged:
        if one.first_row <= at <= one.last_row:
            above = named[one.first_row - 1][1]
            text = above[one.first_column - 1] if one.first_column <= len(above) else ""
            names += [""] * (one.last_column - len(names))
            names[one.first_column - 1 : one.last_column] = [text] * (one.last_column - one.first_column + 1)
    while names and not names[-1]:
        names.pop()
    return names


def _refuse_merged_cells(
    path: Path, sheet: Any, merged: list[Merged], header: list[str], wanted: list[int], at: int
) -> None:
    for one in merged:
        inside = [n for n in wanted if one.first_column <= n + 1 <= one.last_column]
        if one.first_row > at and inside:
            raise InputError(
                "cells are merged",
                file=f"{path.name}, sheet {sheet.title}, cell {one.ref}",
                column=header[inside[0]],
                expected="one value in each cell",
                mend="undo the merging and write the value into each cell",
            )


class Formulas:
    """Which cells hold formulas, row by row as they are asked for in order."""

    def __init__(self, path: Path, title: str) -> None:
        self.book = _opened(path, data_only=False)
        sheet = self.book[title]
        sheet.reset_dimensions()
        self.rows: Iterator[tuple[int, Any]] = enumerate(sheet.iter_rows(), start=1)
        self.at: tuple[int, Any] = (0, ())

    def of_row(self, number: int) -> dict[int, str]:
        """Return position → formula of a row; rows are asked for in order."""
        while self.at[0] < number:
            following = next(self.rows, None)
            if following is None:
                return {}
            self.at = following
        if self.at[0] != number:
            return {}
        return {n: str(cell.value) for n, cell in enumerate(self.at[1]) if cell.data_type == "f"}


def _value(
    path: Path, sheet: str, name: str, number: int, position: int, cell: Any, formulas: dict[int, str]
) -> object:
    from openpyxl.utils import get_column_letter

    value = None if cell is None else cell.value
    place = f"{path.name}, sheet {sheet}, cell {get_column_letter(position + 1)}{number}"
    if value is None:
        # A formula whose value is an empty text has the type of text; without a value it has none.
        if position in formulas and (cell is None or cell.data_type == "n"):
            raise InputError(
                "the formula has no stored value",
                file=place,
                column=name,
                found=formulas[position][:80],
                expected="a value",
                mend="open the file in a spreadsheet program and save it, or paste the values",
            )
        return None
    if cell.data_type == "e":
        raise InputError(
            "the cell holds an error",
            file=place,
            column=name,
            found=str(value)[:80],
            expected="a value or nothing",
            mend="mend the cell, or empty it",
        )
    if isinstance(value, datetime.time | datetime.timedelta):
        return str(value)
    if isinstance(value, str):
        return value or None
    return value


def _name(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()


def _series(values: list[Any]) -> pd.Series:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return pd.Series(values, dtype="str")
    if kinds <= {int, float}:
        return pd.Series(values, dtype="float64") if None in values or float in kinds else pd.Series(values)
    if kinds <= {datetime.datetime}:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="object")))
    return pd.Series(values, dtype="object")
