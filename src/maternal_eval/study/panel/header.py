"""How a file is laid out, as study.toml says it, and the names of its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.panel import limits

HEADER_ROWS = 20
"""So many rows are looked at for the names of the columns."""

_SHOWN = 12
"""Unused columns that a remark names; the others are counted."""


@dataclass(frozen=True)
class Layout:
    """How a file is laid out.

    Attributes
    ----------
    delimiter, encoding
        Of text files; the encoding is found where None.
    sheet
        Of workbooks: the only visible one where None.
    header
        The row that holds the names of the columns, as a person counts, or several rows that hold them together
        (:func:`joined_names`); found where None.
    answers
        The row of the first answer, where rows that are neither names nor answers stand between; else the next one.
    of_panel
        Whether this is the panel, whose layout study.toml may declare; ``encoding`` then binds, and is tried last
        for the other files of a study.
    """

    delimiter: str = ","
    encoding: str | None = None
    sheet: str | None = None
    header: int | tuple[int, ...] | None = None
    answers: int | None = None
    of_panel: bool = True

    @property
    def header_rows(self) -> tuple[int, ...]:
        """The rows of the names, empty if they are to be found."""
        if self.header is None:
            return ()
        return (self.header,) if isinstance(self.header, int) else self.header

    def last_above(self, names: int) -> int:
        """Return the last row above the first answer, where the names end in row ``names``."""
        return names if self.answers is None else self.answers - 1

    def mend(self, key: str, value: str | int, otherwise: str) -> str:
        """Return the line of study.toml that would mend a panel, or what to do with any other file."""
        written = str(value) if isinstance(value, int) else f'"{value}"'
        return f"panel.{key} = {written} in study.toml" if self.of_panel else otherwise


def checked_header(path: Path, names: Sequence[str], row: int) -> list[str]:
    """Return the names of the columns, without the spaces around them.

    Raises
    ------
    InputError
        If there are too many or one stands twice.
    """
    limits.check_columns(len(names), path)
    header = [name.strip() for name in names]
    seen: set[str] = set()
    for position, name in enumerate(header):
        if name and name in seen:
            raise InputError(
                "the column stands twice",
                file=path,
                row=row,
                column=name,
                found=f"columns {header.index(name) + 1} and {position + 1}",
                expected="each column once",
                mend="rename or remove one of them",
            )
        seen.add(name)
    return header


def joined_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of columns that stand in several rows.

    A name is what stands lowest over its column. Where it stands over several columns, what stands above it comes
    first, each part once; an empty cell above a filled one has what stands to its left, as merged cells are exported.

    Examples
    --------
    >>> joined_names([["时间", "1. 请评价", "", "2. 请评价", ""], ["", "速度", "态度", "速度", "态度"]])
    ['时间', '1. 请评价 / 速度', '1. 请评价 / 态度', '2. 请评价 / 速度', '2. 请评价 / 态度']
    >>> joined_names([["您的阶段", "请评价", ""], ["Q1", "Q2", "Q3"]])
    ['Q1', 'Q2', 'Q3']
    """
    width = max(map(len, rows), default=0)
    cells = [[*(cell.strip() for cell in row), *[""] * (width - len(row))] for row in rows]
    parts: list[list[str]] = []
    for column in range(width):
        found: list[str] = []
        for number, row in enumerate(cells):
            text = row[column]
            if not text and any(below[column] for below in cells[number + 1 :]):
                text = next((row[left] for left in range(column, -1, -1) if row[left]), "")
            if text and text not in found:
                found.append(text)
        parts.append(found)
    lowest = [found[-1] if found else "" for found in parts]
    alone = {name for name in lowest if lowest.count(name) == 1}
    return [name if name in alone or not name else " / ".join(found) for name, found in zip(lowest, parts, strict=True)]


def refuse_other_header(
    path: Path,
    layout: Layout,
    at: int,
    rows: Sequence[tuple[int, Sequence[str]]],
    columns: Sequence[str] | None,
) -> None:
    """Refuse a header of which another row of the first ones holds all the wanted names.

    Raises
    ------
    InputError
        With the row that holds them.
    """
    wanted = set(columns or ())
    own = next((names for number, names in rows if number == at), ())
    if not wanted or wanted & {name.strip() for name in own}:
        return
    for number, names in rows:
        if number > at and wanted <= {name.strip() for name in names}:
            raise InputError(
                "the names of the columns do not stand in the first row",
                file=path,
                row=at,
                found=", ".join(name for name in own if name)[:80],
                expected=f"the names that stand in row {number}",
                mend=layout.mend("header", number, f"remove the rows above row {number}"),
            )


def positions(header: Sequence[str], columns: Sequence[str] | None) -> list[int]:
    """Return where the wanted columns stand, in the order of the file; those that are absent are left out."""
    wanted = None if columns is None else set(columns)
    return [n for n, name in enumerate(header) if name and (wanted is None or name in wanted)]


def unused(file: str, header: Sequence[str], columns: Sequence[str] | None) -> list[Remark]:
    """Return the remark on columns of the panel that the study does not use."""
    if columns is None:
        return []
    names = [name for name in header if name and name not in set(columns)]
    nameless = sum(not name for name in header)
    found = []
    if names:
        more = len(names) - _SHOWN
        listed = ", ".join(f"“{name}”" if "," in name else name for name in names[:_SHOWN])
        listed_zh = "、".join(f"“{name}”" if "、" in name else name for name in names[:_SHOWN])
        found.append(
            remark(
                f"{file}: {len(names)} columns are not used: {listed}" + (f" and {more} more." if more > 0 else "."),
                f"{file}：{len(names)} 列未使用：{listed_zh}" + (f" 等，另有 {more} 列。" if more > 0 else "。"),
            )
        )
    if nameless:
        found.append(
            remark(
                f"{file}: {nameless} columns have no name and are not used.",
                f"{file}：{nameless} 列没有列名，未使用。",
            )
        )
    return found
