"""Days as people and programs write them: 2024-03-05, 2024/3/5 14:22, 2024年3月5日, 20240305, 5 Mar 2024, 3/5/2024."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Literal

Order = Literal["day first", "month first"]
"""What 3/5/2024 is."""

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T\s,，(（].*)?")
_DIGITS = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:[ T]?\d{2}:?\d{2}(?::?\d{2})?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4}|\d{2})(?:[T\s,].*)?")
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[-\s./]+(?P<month>[A-Za-z]{3,9})\.?,?[-\s./]+"
    r"|(?P<month2>[A-Za-z]{3,9})\.?[-\s./]+(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?[-\s./]+)(?P<year>\d{4})(?:[T\s,].*)?"
)
_CENTURY = 70
"""Years of two digits from this one on belong to the last century."""


def date_in(text: str, order: Order | None = None) -> date | None:
    """Return the day that a text says, or None: it says none, or nothing says whether day or month comes first.

    Examples
    --------
    >>> [str(date_in(text)) for text in ("2024/3/5 14:22", "2024年3月5日", "20240305", "5 Mar 2024", "March 5, 2024")]
    ['2024-03-05', '2024-03-05', '2024-03-05', '2024-03-05', '2024-03-05']
    >>> date_in("3/5/2024"), str(date_in("3/5/2024", "month first")), str(date_in("25.12.23", "day first"))
    (None, '2024-03-05', '2023-12-25')
    """
    text = text.strip()
    found = _YEAR_FIRST.fullmatch(text) or _DIGITS.fullmatch(text)
    if found is not None:
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if order is not None and (late := year_last(text)) is not None:
        first, second, year = late
        return _day(year, *((second, first) if order == "day first" else (first, second)))
    named = _NAMED.fullmatch(text)
    if named is not None:
        month = _MONTHS.get((named["month"] or named["month2"])[:3].capitalize())
        return None if month is None else _day(int(named["year"]), month, int(named["day"] or named["day2"]))
    return None


def year_last(text: str) -> tuple[int, int, int] | None:
    """Return the first number, the second one and the year of a date such as 3/5/2024, of which the order is open."""
    found = _YEAR_LAST.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[3])
    return int(found[1]), int(found[2]), year if year > 99 else year + (1900 if year >= _CENTURY else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
