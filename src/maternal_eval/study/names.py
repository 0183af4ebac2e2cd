"""Names that a study may give: what may stand in a title, a key or a level, so that every place can show it."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

LONGEST_TITLE = 120
LONGEST_KEY = 60
LONGEST_COLUMN = 200


def is_showable(text: str) -> bool:
    """Whether a text holds no control, format or unassigned signs and no line breaks, and is not blank."""
    return bool(text.strip()) and all(
        unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for sign in text
    )


def _showable(text: str) -> str:
    if not is_showable(text):
        raise ValueError("text in one line without control signs, not empty")
    return text


def _key(text: str) -> str:
    if text != text.strip() or "/" in text or "\\" in text:
        raise ValueError("a name without blanks at its ends and without / and \\")
    return _showable(text)


def _level(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError('text or a whole number; write other values as text, e.g. "true" or "1.5"')
    return value


Title = Annotated[str, StringConstraints(max_length=LONGEST_TITLE), AfterValidator(_showable)]
"""A title or label, shown in tables, figures and papers."""

Key = Annotated[str, StringConstraints(max_length=LONGEST_KEY), AfterValidator(_key)]
"""The name of an outcome, dimension or segment: a column of the panel and a part of the names of results."""

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_COLUMN)]
"""A column of the panel's file, as the file calls it."""

_ShownText = Annotated[str, StringConstraints(max_length=LONGEST_TITLE), AfterValidator(_showable)]

LevelValue = Annotated[_ShownText | int, BeforeValidator(_level)]
"""A value of a stage or segment, as the panel holds it: 1 finds 1 and 1.0, "01" finds 01."""
