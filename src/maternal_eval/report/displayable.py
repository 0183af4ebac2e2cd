"""Signs that the fonts of the papers have: a name in another script, or with a picture in it, stops no paper."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from matplotlib import font_manager

from maternal_eval.results.findings import Findings
from maternal_eval.results.plotting.fonts import font_files
from maternal_eval.results.tables import FindingsTable

INSTEAD = "□"
"""Stands where a sign cannot be shown; one for signs that follow each other."""

_NO_SHAPE = frozenset("\n\t\u200b\u200d\ufe0e\ufe0f")


@functools.cache
def _known() -> frozenset[int]:
    maps = [set(font_manager.get_font(str(path)).get_charmap()) for path in font_files().values()]
    return frozenset(set.intersection(*maps))


def undisplayable(text: str) -> str:
    """Return the signs of a text that the fonts of the papers lack, each once.

    Examples
    --------
    >>> undisplayable("满意 good 😀😀"), undisplayable("café – 90%")
    ('😀', '')
    """
    return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in _known() and sign not in _NO_SHAPE))


def displayable(text: str) -> str:
    """Return a text with :data:`INSTEAD` where its signs cannot be shown.

    Examples
    --------
    >>> displayable("Survey 😀😀 of clinics"), displayable("90% 满意")
    ('Survey □ of clinics', '90% 满意')
    """
    if not undisplayable(text):
        return text
    signs: list[str] = []
    for sign in text:
        if ord(sign) in _known() or sign in _NO_SHAPE:
            signs.append(sign)
        elif not signs or signs[-1] != INSTEAD:
            signs.append(INSTEAD)
    return "".join(signs)


def make_displayable(findings: Findings) -> str:
    """Make all texts and tables of findings displayable, in place; return the signs that were replaced, each once."""
    gone: list[str] = []

    def shown(value: Any) -> Any:
        if isinstance(value, str):
            gone.append(undisplayable(value))
            return displayable(value)
        if isinstance(value, dict):
            return {key: shown(one) for key, one in value.items()}
        return value

    for key in list(findings):
        value = findings[key].value
        if isinstance(value, (str, dict)) and shown(value) != value:
            findings.put(replace(findings[key], value=shown(value)))
    for name, table in findings.tables.items():
        findings.tables[name] = _table(table, shown)
    findings.names = shown(findings.names)
    return "".join(dict.fromkeys("".join(gone)))


def _table(table: FindingsTable, shown: Any) -> FindingsTable:
    rows = tuple(tuple(shown(cell) for cell in row) for row in table.rows)
    return table if rows == table.rows else replace(table, rows=rows, caption=shown(table.caption))
