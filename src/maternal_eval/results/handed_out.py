"""Tables of results for other programs: a DataFrame that knows its labels and units, and one call for any file.

A table keeps the names of its columns; what they are called in both languages, their units and decimals stand in
``attrs``, which pandas hands on and Parquet keeps.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.files import write_whole
from maternal_eval.core.languages import check_language
from maternal_eval.results.base import Result, flat, spreadsheet_table

LABELS, UNITS, DECIMALS = "labels", "units", "decimals"
"""Keys of ``attrs``: column → {"en": …, "zh": …}; column → unit; column → decimals."""

SHARE = "share"


def table_of(result: Result, name: str = "") -> pd.DataFrame:
    """Return a table of a result with labels, units and decimals of its columns in ``attrs``.

    Parameters
    ----------
    result
        Any result.
    name
        Field that holds the table; the main one if empty.

    Raises
    ------
    InputError
        If the result has no such table.
    """
    tables = {one: value for one, value in vars(result).items() if isinstance(value, pd.DataFrame)}
    if name and name not in tables:
        raise InputError("the result has no such table", found=name, expected="one of " + ", ".join(tables))
    table = flat(result.table() if not name else tables[name]).copy()
    schemas = result.schemas()
    about: dict[str, Any] = {"study": getattr(result, "study", ""), "simulated": bool(getattr(result, "simulated", 0))}
    if name in schemas:
        rows = schemas[name].described(table, result.words).to_dict("records")
        about[LABELS] = {row["column"]: {"en": row["en"], "zh": row["zh"]} for row in rows}
        about[UNITS] = {row["column"]: row["unit"] for row in rows if row["unit"]}
        about[DECIMALS] = {row["column"]: int(row["decimals"]) for row in rows if pd.notna(row["decimals"])}
    table.attrs |= about
    return table


def for_readers(table: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """Return a table as text: headings in ``language``, numbers with their decimals, shares in per cent.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    check_language(language)
    labels, units, decimals = (table.attrs.get(key, {}) for key in (LABELS, UNITS, DECIMALS))
    columns: dict[str, list[str]] = {}
    for place, name in enumerate(map(str, table.columns)):
        heading = labels.get(name, {}).get(language, name)
        while heading in columns:
            heading = f"{heading} ({name})"
        percent, digits = units.get(name) == SHARE, decimals.get(name)
        columns[heading] = [_written(value, percent, digits) for value in table.iloc[:, place]]
    return pd.DataFrame(columns)


def _written(value: Any, percent: bool, digits: int | None) -> str:
    if pd.isna(value):
        return ""
    if digits is None or not isinstance(value, int | float) or isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return f"{100.0 * value:.{digits}f}%" if percent else f"{value:.{digits}f}"


def write_table(table: pd.DataFrame, path: str | Path, *, language: str = "en") -> Path:
    """Write a table as its ending says: ``.xlsx``, ``.csv``, ``.parquet``, ``.tex`` or ``.html``.

    Spreadsheets and CSV hold all digits and the names of the columns, no text that a spreadsheet would compute; Parquet
    holds the table as it is, ``attrs`` included; LaTeX (booktabs) and HTML are for readers: see :func:`for_readers`.

    Returns
    -------
    pathlib.Path
        The file, put in place when it is whole.

    Raises
    ------
    InputError
        If the ending is none of these.
    """
    target = Path(path)
    writers: dict[str, Callable[[Path], object]] = {
        ".xlsx": lambda file: spreadsheet_table(table).to_excel(file, index=False, engine="openpyxl"),
        ".csv": lambda file: spreadsheet_table(table).to_csv(file, index=False, encoding="utf-8"),
        ".parquet": lambda file: table.to_parquet(file),
        ".tex": lambda file: file.write_text(as_latex(table, language), encoding="utf-8"),
        ".html": lambda file: file.write_text(as_html(table, language) + "\n", encoding="utf-8"),
    }
    suffix = target.suffix.lower()
    if suffix not in writers:
        raise InputError("no such kind of table", file=target, found=suffix or "no ending", expected=", ".join(writers))
    write_whole(target, writers[suffix])
    return target


_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def as_latex(table: pd.DataFrame, language: str = "en") -> str:
    """Return a table as a LaTeX ``tabular`` with the rules of booktabs; numbers stand to the right."""

    def escaped(text: str) -> str:
        return re.sub(r"[\\~^&%$#_{}]", lambda found: _LATEX.get(found[0], "\\" + found[0]), text)

    shown = for_readers(table, language)
    sides = "".join("r" if pd.api.types.is_numeric_dtype(kind) else "l" for kind in table.dtypes)
    lines = [" & ".join(escaped(str(cell)) for cell in row) + r" \\" for row in (shown.columns, *shown.to_numpy())]
    parts = [rf"\begin{{tabular}}{{{sides}}}", r"\toprule", lines[0], r"\midrule", *lines[1:], r"\bottomrule"]
    return "\n".join([*parts, r"\end{tabular}", ""])


def as_html(table: pd.DataFrame, language: str = "en", most: int | None = None) -> str:
    """Return a table as HTML, every text escaped; the first ``most`` rows if given."""
    shown = for_readers(table if most is None else table.head(most), language)
    head = "".join(f"<th>{html.escape(str(name))}</th>" for name in shown.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) + "</tr>" for row in shown.to_numpy()
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
