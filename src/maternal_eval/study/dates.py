"""Days as people and programs write them: 2024-03-05, 2024/3/5 14:22, 2024年3月5日, 20240305, 5 Mar 2024, 3/5/2024.

Spreadsheets and programs may have written the number of days or seconds instead: 45356 is 5 March 2024 in a workbook
(days since 30 December 1899), 1709596800 in Unix time (seconds, or milliseconds, since 1970). Nothing in such a number
says so: it is a day where the study says ``dates = "excel"`` or ``dates = "unix"``.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal

Order = Literal["day first", "month first", "excel", "unix"]
"""What 3/5/2024 is, or what a number counts."""

_FIRST_DAY = date(1899, 12, 30)
"""Day 0 of a workbook; from 1 March 1900 on its numbers are days since then."""

_MILLISECONDS = 100_000_000_000
"""From this number on Unix time is in milliseconds."""

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
    >>> str(date_in("45356", "excel")), str(date_in("1709596800", "unix"))
    ('2024-03-05', '2024-03-05')
    """
    text = text.strip()
    if order in ("excel", "unix"):
        return _counted(text, order)
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


def _counted(text: str, what: str) -> date | None:
    """Return the day that a number of days or seconds is."""
    if not re.fullmatch(r"\d+(?:\.\d*)?", text):
        return date_in(text)
    number = float(text)
    try:
        if what == "excel":
            return _FIRST_DAY + timedelta(days=int(number)) if number >= 61 else None
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC).date()
    except (OverflowError, ValueError, OSError):
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
