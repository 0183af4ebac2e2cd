"""Tables that the papers print, kept beside the findings and rendered as Markdown."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES, check_language, say
from maternal_eval.core.printable import visible
from maternal_eval.core.words import Words
from maternal_eval.results.numbers import interval_text, number, unit_of

Evidence = Literal["simulated", "arithmetic", "attainability", "replication", "published", "design"]
"""What a number can show.

``simulated``: found on the built-in panel, whose truth is known. ``arithmetic``: consistency of published
figures. ``attainability``: what published figures would need. ``replication``: the method on real public
surveys. ``published``: printed by others, taken over. ``design``: chosen by us, not found.
"""

EVIDENCE: dict[Evidence, tuple[str, str]] = {
    "simulated": ("simulated", "模拟"),
    "arithmetic": ("arithmetic", "算术核验"),
    "attainability": ("attainability", "可达性"),
    "replication": ("replication", "真实数据复现"),
    "published": ("published", "已发表"),
    "design": ("design", "设计"),
}
"""Names of the evidence classes in English and Chinese."""

Cell = str | int | float | dict[str, Any] | None
"""A number, a text, ``{"en": ..., "zh": ...}``, ``{"value": ..., "low": ..., "high": ...}`` or nothing."""

NAME = re.compile(r"[a-z][a-z0-9_-]*")
EMPTY = "–"


@dataclass(frozen=True)
class TableColumn:
    """A column: its headings, and how its numbers are written.

    ``width`` is the column's share of the table width (any scale); when no column has one, columns are as
    wide as their content. ``markdown`` says that texts of the column are Markdown and not escaped.
    """

    en: str
    zh: str
    decimals: int = 2
    unit: str = ""
    signed: bool = False
    width: float | None = None
    markdown: bool = False

    @classmethod
    def in_words(cls, words: Words, en: str, zh: str, **layout: Any) -> TableColumn:
        """Return a column whose headings hold the words of a study (``{stage}``); ``layout``: the other fields."""
        return cls(*words.pair(en, zh), **layout)

    def format(self, cell: Cell, language: str) -> str:
        """Return a cell as text."""
        if isinstance(cell, dict) and set(cell) == set(LANGUAGES):
            cell = cell[check_language(language)]
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            return EMPTY
        if isinstance(cell, str):
            return cell if self.markdown else escape(cell)
        unit = unit_of(self.unit)
        suffix = say(language, unit.en, unit.zh)
        if isinstance(cell, dict):
            low, high = cell["low"] * unit.factor, cell["high"] * unit.factor
            ends = interval_text(low, high, self.decimals, suffix=suffix if unit.in_interval else "")
            return f"{self.format(cell['value'], language)} {escape(ends)}"
        return number(cell * unit.factor, self.decimals, signed=self.signed) + suffix


@dataclass(frozen=True)
class FindingsTable:
    """A table with its caption, headings and cells in both languages, and where it comes from.

    In the prose ``{{table:name}}`` on a line of its own inserts it, and ``@tbl:name`` refers to it.
    """

    name: str
    caption: dict[str, str]
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    evidence: Evidence
    step: str
    source: str
    input_hash: str = ""

    def __post_init__(self) -> None:
        problem = None
        if not NAME.fullmatch(self.name):
            problem = ("malformed name", self.name, "lower-case letters, digits, - and _")
        elif set(self.caption) != set(LANGUAGES):
            problem = ("a caption needs both languages", ", ".join(self.caption), "en and zh")
        elif self.evidence not in get_args(Evidence):
            problem = ("unknown evidence class", self.evidence, "one of " + ", ".join(get_args(Evidence)))
        elif wrong := [len(row) for row in self.rows if len(row) != len(self.columns)]:
            problem = ("a row of the wrong length", str(wrong[0]), f"{len(self.columns)} cells")
        if problem is not None:
            raise InputError(f"table {self.name}: {problem[0]}", found=problem[1], expected=problem[2])

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        name: str,
        caption: dict[str, str],
        columns: Mapping[str, TableColumn],
        evidence: Evidence,
        step: str,
        source: str,
        input_hash: str = "",
    ) -> FindingsTable:
        """Return a table of the columns of ``frame`` that ``columns`` names, in that order."""
        if missing := [column for column in columns if column not in frame.columns]:
            raise InputError(f"table {name}: no such column", found=missing[0], expected=", ".join(frame.columns))
        rows = tuple(
            tuple(_plain(cell) for cell in row) for row in frame[list(columns)].itertuples(index=False, name=None)
        )
        return cls(name, caption, tuple(columns.values()), rows, evidence, step, source, input_hash)

    def to_json(self) -> dict[str, Any]:
        """Return the table as plain JSON values, without its name."""
        return {key: value for key, value in asdict(self).items() if key != "name"}

    @classmethod
    def from_json(cls, name: str, values: Mapping[str, Any]) -> FindingsTable:
        """Return the table that :meth:`to_json` described."""
        rest = {key: value for key, value in values.items() if key not in ("columns", "rows")}
        columns = tuple(TableColumn(**column) for column in values["columns"])
        return cls(name=name, columns=columns, rows=tuple(tuple(row) for row in values["rows"]), **rest)

    def markdown(self, language: str) -> str:
        """Return the table as a Markdown pipe table with caption and id ``tbl:name``.

        Columns of numbers are aligned to the right.
        """
        cells = [[column.format(cell, language) for column, cell in self._pairs(row)] for row in self.rows]
        headings = [escape(say(language, column.en, column.zh)) for column in self.columns]
        rules = [
            "---:" if any(_is_number(row[position]) for row in self.rows) else ":---"
            for position in range(len(self.columns))
        ]
        lines = ["| " + " | ".join(row) + " |" for row in [headings, rules, *cells]]
        widths = ",".join(f"{column.width:g}" for column in self.columns if column.width is not None)
        attributes = f'#tbl:{self.name} widths="{widths}"' if widths else f"#tbl:{self.name}"
        caption = escape(self.caption[check_language(language)])
        return "\n".join([*lines, "", f": {caption} {{{attributes}}}"])

    def _pairs(self, row: tuple[Cell, ...]) -> zip[tuple[TableColumn, Cell]]:
        return zip(self.columns, row, strict=True)


def escape(text: str) -> str:
    """Return ``text`` so that Markdown prints it as it stands, on one line and with its control signs written out."""
    text = re.sub(r"([\\`*_{}\[\]<>#|$@~^&])", r"\\\1", visible(text))
    # What typographic reading would make a dash or an ellipsis of.
    return re.sub(r"-(?=-)|(?<=-)-|\.(?=\.\.)", r"\\\g<0>", text)


def _is_number(cell: Cell) -> bool:
    if isinstance(cell, dict):
        return "value" in cell
    return isinstance(cell, (int, float))


def _plain(cell: Any) -> Cell:
    """Return a cell of a data frame as a plain JSON value; missing values become None."""
    value = cell.item() if hasattr(cell, "item") else cell
    if value is pd.NA or value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value if isinstance(value, (int, float, dict)) else str(value)
