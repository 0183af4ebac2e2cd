"""How a period may be written, and what it says: texts and numbers → year, quarter, month, date or wave."""

from __future__ import annotations

import calendar
import re
from typing import NamedTuple

from maternal_eval.study.dates import Order, date_in

KINDS = ("year", "quarter", "month", "wave")
"""Kinds of periods that a study may declare."""

BY = ("year", "quarter", "month")
"""What dates may be grouped by."""

YEARS = range(1800, 2200)
"""Four digits in this range are taken for a year where no kind is declared."""

LARGEST_WAVE = 999
"""A number up to this one is taken for that of a wave where no kind is declared."""


class Reading(NamedTuple):
    """A value as it was read: its form, and the numbers in it."""

    form: str
    text: str
    year: int = 0
    part: int = 0


_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}

_MONTH_NAMES = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_NAMED_MONTH = re.compile(
    r"(?P<name>[A-Za-z]{3,9})\.?[-\s/.,]*(?P<year>[0-9]{4}|[0-9]{2})|(?P<year2>[0-9]{4})[-\s/.,]*(?P<name2>[A-Za-z]{3,9})\.?"
)

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("digits", re.compile(r"-?[0-9]{1,18}")),
    ("quarter", re.compile(r"(?P<year>[0-9]{4})\s*[-_/]?\s*[Qq]\s*0?(?P<part>[0-9])")),
    ("quarter", re.compile(r"[Qq]\s*0?(?P<part>[0-9])\s*[-_/]?\s*(?P<year>[0-9]{4})")),
    ("quarter", re.compile(r"(?P<year>[0-9]{4})\s*(?:年\s*第?|第|[-_/.])\s*(?P<part>[0-9]|[一二三四])\s*季度?")),
    ("month", re.compile(r"(?P<year>[0-9]{4})\s*[-_/]?\s*[Mm]\s*(?P<part>[0-9]{1,2})")),
    ("month", re.compile(r"(?P<year>[0-9]{4})\s*年\s*(?P<part>[0-9]{1,2})\s*月份?")),
    ("two numbers", re.compile(r"(?P<year>[0-9]{4})\s*[-/]\s*(?P<part>[0-9]{1,2})")),
    ("year", re.compile(r"(?P<year>[0-9]{4})\s*年度?")),
    (
        "date",
        re.compile(r"(?P<year>[0-9]{4})\s*[-/.年]\s*(?P<part>[0-9]{1,2})\s*[-/.月]\s*[0-9]{1,2}\s*日?(?:[T\s].*)?"),
    ),
    ("day first", re.compile(r"[0-9]{1,2}\s*[-/.]\s*[0-9]{1,2}\s*[-/.]\s*[0-9]{2,4}(?:[T\s].*)?")),
    ("wave", re.compile(r"(?P<before>[^0-9]*)(?P<part>[0-9]{1,3})(?P<after>[^0-9]*)")),
)
"""Forms of a period, tried in this order on the whole text."""


def read_period(text: str, dates: Order | None = None) -> Reading | None:
    """Return what a text says, or None if it is no period; ``dates`` says what 3/5/2024 is."""
    text = text.strip()
    if (dates in ("excel", "unix") or not text.isdigit()) and (day := date_in(text, dates)) is not None:
        return Reading("date", text, day.year, day.month)
    if (month := _named_month(text)) is not None:
        return month
    for form, pattern in _FORMS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        parts = found.groupdict()
        if form == "digits" and len(text) == 8 and int(text[:4]) in YEARS and _is_date(text):
            return Reading("date", text, int(text[:4]), int(text[4:6]))
        if form == "date" and not 1 <= int(parts["part"]) <= 12:
            return None
        if form == "wave":
            return Reading("wave", f"{parts['before'].strip()}#{parts['after'].strip()}", 0, int(parts["part"]))
        part = parts.get("part") or "0"
        return Reading(form, text, int(parts.get("year") or 0), _CHINESE.get(part) or int(part))
    return None


def _named_month(text: str) -> Reading | None:
    """Return the month that is written with its name: Jan-23, January 2023, 2023 Jan."""
    found = _NAMED_MONTH.fullmatch(text)
    if found is None:
        return None
    name = (found["name"] or found["name2"]).lower()
    month = next((number for full, number in _MONTH_NAMES.items() if full.startswith(name)), None)
    if name == "sept":
        month = 9
    year = int(found["year"] or found["year2"])
    return None if month is None else Reading("month", text, year if year > 99 else 2000 + year, month)


def _is_date(digits: str) -> bool:
    return 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:]) <= 31


def shape_of(digits: str) -> str:
    """Return what a whole number looks like: a year, quarter (20174), month (202012), wave, or nothing known."""
    number = int(digits)
    if abs(number) <= LARGEST_WAVE:
        return "wave"
    shapes = {4: "year", 5: "quarter", 6: "month"}
    return shapes.get(len(digits), "") if int(digits[:4]) in YEARS else ""


def year_and_part(reading: Reading) -> tuple[int, int]:
    """Return the year, and the quarter or month in it."""
    if reading.form == "digits":
        return int(reading.text[:4]), int(reading.text[4:])
    return reading.year, reading.part


def code_of(reading: Reading, kind: str) -> int:
    """Return the code of a period of a known kind; ValueError in words if it is none."""
    if kind == "wave":
        if reading.form not in ("digits", "wave"):
            raise ValueError("this is no number of a wave")
        return int(reading.text) if reading.form == "digits" else reading.part
    if kind == "year":
        if reading.form not in ("digits", "year"):
            raise ValueError("this is no year")
        return int(reading.text) if reading.form == "digits" else reading.year
    if reading.form == "digits" and len(reading.text) not in ((5, 6) if kind == "quarter" else (6,)):
        raise ValueError(f"this is no {kind}")
    if reading.form not in ("digits", "two numbers", kind):
        raise ValueError(f"this is no {kind}")
    year, part = year_and_part(reading)
    last = 4 if kind == "quarter" else 12
    if not 1 <= part <= last:
        raise ValueError(f"there is no {kind} {part}")
    return year * 10 + part if kind == "quarter" else year * 100 + part


def grouped(reading: Reading, by: str) -> int:
    """Return the code of the period of kind ``by`` that a date, month, quarter or year belongs to."""
    month_in_digits = reading.form == "digits" and shape_of(reading.text) == "month"
    if month_in_digits or reading.form in ("date", "two numbers", "month"):
        year, month = year_and_part(reading)
        if not 1 <= month <= 12:
            raise ValueError(f"there is no month {month}")
        return {"year": year, "quarter": year * 10 + (month - 1) // 3 + 1, "month": year * 100 + month}[by]
    if reading.form == "quarter" and by in ("year", "quarter"):
        code = code_of(reading, "quarter")
        return code if by == "quarter" else reading.year
    if reading.form == "year" and by == "year":
        return reading.year
    raise ValueError(f"this cannot be grouped by {by}")
