"""Periods as an ordered index with labels: which step of time each one is, and how a study writes it.

A period has a whole number as its code (2017; 20174 for the fourth quarter of 2017; 202012 for December 2020; the
number of a wave), so that codes sort by time, and a label: what the study writes. Codes are no distances: 20181 is one
quarter after 20174. Whoever counts steps, spaces a walk or draws an axis asks :class:`Timeline`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.dates import Order
from maternal_eval.study.period_forms import BY, KINDS, Reading, code_of, grouped, read_period, shape_of, year_and_part

NAMES = {
    "year": "years",
    "quarter": "quarters",
    "month": "months",
    "wave": "waves in order",
    "": "numbers",
}
"""Kind → what a reader is told the periods are."""


@dataclass(frozen=True)
class Timeline:
    """The order and the distances of a study's periods.

    Attributes
    ----------
    kind
        A row of :data:`KINDS`; empty: the codes are numbers on a line, one step apart where they differ by 1.
    known
        All periods of the panel in order, whether the study uses them or not: waves are counted among these.
    labels
        How the study writes a period, where it does not write the code.
    declared
        Whether the study says which kind its periods are; else it was inferred from how they are written.
    """

    kind: str = ""
    known: tuple[int, ...] = ()
    labels: dict[int, str] = field(default_factory=dict)
    declared: bool = False

    def positions(self, periods: Sequence[int]) -> np.ndarray:
        """Return the step of time of each period, ``(T,)`` whole numbers: their differences are elapsed steps.

        Examples
        --------
        >>> np.diff(Timeline("quarter").positions([20173, 20174, 20181])).tolist()
        [1, 1]
        >>> np.diff(Timeline("month").positions([202011, 202012, 202101])).tolist()
        [1, 1]
        >>> np.diff(Timeline("year").positions([1994, 1996])).tolist()
        [2]
        >>> np.diff(Timeline("wave", (2, 4, 6)).positions([2, 4, 6])).tolist()
        [1, 1]
        """
        codes = np.asarray(list(periods), dtype=np.int64)
        if self.kind == "quarter":
            return 4 * (codes // 10) + codes % 10 - 1
        if self.kind == "month":
            return 12 * (codes // 100) + codes % 100 - 1
        if self.kind == "wave":
            return np.searchsorted(np.union1d(np.array(self.known, dtype=np.int64), codes), codes)
        return codes

    def elapsed(self, first: int, last: int) -> int:
        """Return how many steps lie between two periods."""
        start, end = self.positions((first, last))
        return int(end - start)

    def label(self, period: int) -> str:
        """Return the period as the study writes it."""
        return self.labels.get(int(period), str(int(period)))

    def names(self) -> dict[str, dict[str, str]]:
        """Return code → language → label of the periods that the study does not write as their codes."""
        return {str(code): {"en": label, "zh": label} for code, label in self.labels.items()}

    def shown(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table of a result with its column ``period`` as the study writes the periods."""
        if "period" not in table or not self.labels:
            return table
        return table.assign(period=[one if pd.isna(one) else self.label(one) for one in table["period"]])

    def code(self, entry: int | str) -> int:
        """Return the code of a period that study.toml or a table names, by its code or as the panel writes it.

        Raises
        ------
        ValueError
            If it cannot be read as a period of this kind.
        """
        if not isinstance(entry, str):
            return int(entry)
        for code, label in self.labels.items():
            if label == entry.strip():
                return code
        reading = read_period(entry)
        if reading is None:
            raise ValueError(f"no period: {entry!r}")
        return code_of(reading, self.kind or "wave")

    def of_date(self, text: str) -> int | None:
        """Return the period that a date or a part of one belongs to; None where that cannot be known.

        A date that is no finer than the periods (a year where they are quarters) belongs to none.
        """
        reading = read_period(text)
        if reading is None or self.kind not in BY:
            return None
        try:
            if reading.form == "digits" and shape_of(reading.text) == self.kind:
                return code_of(reading, self.kind)
            return grouped(reading, self.kind)
        except ValueError:
            return None

    def year_and_quarter(self, period: int, quarter: int | None = None) -> tuple[int, int | None]:
        """Return the year of a period and its quarter; ``quarter`` is that of the answer where periods are years.

        Raises
        ------
        ValueError
            If the periods are waves, which have no year.
        """
        if self.kind == "wave":
            raise ValueError("waves have no year")
        if self.kind == "quarter":
            return period // 10, period % 10
        if self.kind == "month":
            return period // 100, (period % 100 - 1) // 3 + 1
        return int(period), quarter

    def missing(self) -> list[str]:
        """Return the steps of time without answers between the first and the last period, as ranges in words.

        Examples
        --------
        >>> Timeline("year", (2010, 2011, 2014, 2016)).missing()
        ['2012 to 2013', '2015']
        """
        if self.kind not in BY:
            return []
        found = []
        for before, after in zip(self.known, self.known[1:], strict=False):
            start, end = self.positions((before, after))
            if end - start > 1:
                ends = dict.fromkeys(self.label(self._at(step)) for step in (start + 1, end - 1))
                found.append(" to ".join(ends))
        return found

    def _at(self, position: int) -> int:
        """Return the code of a step of time."""
        size = {"quarter": 4, "month": 12}.get(self.kind)
        if size is None:
            return int(position)
        return int(position // size) * (10 if size == 4 else 100) + int(position % size) + 1


NUMBERS = Timeline()
"""A timeline on which periods that differ by 1 are one step apart."""


class Parsed(NamedTuple):
    """The code of every row (NaN where nothing stands), and what the codes mean."""

    codes: pd.Series
    timeline: Timeline


def parse_periods(
    values: pd.Series,
    kind: str | None = None,
    by: str | None = None,
    dates: Order | None = None,
    *,
    source: str = "the panel",
    column: str = "period",
    first_row: int = 2,
    rows: Sequence[int] | None = None,
) -> Parsed:
    """Read a column of periods.

    Parameters
    ----------
    values
        Numbers, texts or dates, one a row; what is empty stays NaN.
    kind
        One of :data:`KINDS`; None: inferred from how the periods are written, where that leaves one reading only.
    by
        One of :data:`BY`: what dates are grouped by; None: dates are refused.
    dates
        What 3/5/2024 is; None: such dates are refused.
    source, column, first_row, rows
        Where the values stand, for refusals: ``rows`` where their rows do not simply follow ``first_row``.

    Returns
    -------
    Parsed
        Codes (``float64``, whole) and the timeline.

    Raises
    ------
    InputError
        If a value is no period, a date while the study does not say what dates are grouped by, a month 13 or quarter
        5, if two forms are mixed, or if the kind is neither declared nor clear.
    """
    text = values.reset_index(drop=True).map(_as_text, na_action="ignore")
    text = text.where(text.notna() & (text != ""), None)
    distinct = list(dict.fromkeys(text.dropna()))
    place = _Place(text, source, column, rows if rows is not None else range(first_row, first_row + len(text)))
    readings = {value: _reading_or_refusal(value, place, by, dates) for value in distinct}
    what = _one_form(readings, kind, by, place)
    codes: dict[str, int] = {}
    for value, reading in readings.items():
        try:
            codes[value] = grouped(reading, by) if by else code_of(reading, what)
        except ValueError as error:
            raise place.refusal(value, str(error), f"a {what}") from None
    labels = {code: value for value, code in codes.items() if value != str(code)} if not by else labels_of(codes, by)
    known = tuple(sorted(set(codes.values())))
    return Parsed(text.map(codes).astype("float64"), Timeline(what, known, labels, place.declared))


@dataclass
class _Place:
    """Where a value stands, for refusals."""

    text: pd.Series
    source: str
    column: str
    rows: Sequence[int]
    declared: bool = True

    def refusal(self, value: str, problem: str, expected: str, mend: str | None = None) -> InputError:
        row = int(self.rows[int((self.text == value).to_numpy().argmax())])
        return InputError(
            problem, file=self.source, row=row, column=self.column, found=value, expected=expected, mend=mend
        )


def _as_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    # A program that wrote a column with gaps as floating-point numbers meant whole ones.
    return text.removesuffix(".0") if text.removesuffix(".0").isdecimal() else text


def _reading_or_refusal(value: str, place: _Place, by: str | None, dates: Order | None) -> Reading:
    reading = read_period(value, dates)
    grouped = f'period = {{ column = "{place.column}", by = "month" }} under [columns] (or by = "quarter", "year")'
    if reading is None:
        raise place.refusal(
            value, "this is no period", "a year (2017), quarter (2017Q4), month (2020-12) or the number of a wave"
        )
    if reading.form == "day first":
        raise place.refusal(
            value,
            "this is no date" if dates else "the order of day and month is not known",
            f"dates with the {dates}" if dates and " " in dates else "dates such as 2024-03-05, or what comes first",
            mend=f'period = {{ column = "{place.column}", by = "{by or "month"}", dates = "day first" }} '
            'under [columns] (or dates = "month first")',
        )
    if reading.form == "date" and by is None:
        raise place.refusal(
            value, "a date is no period unless the study says what dates are grouped by", "a period", mend=grouped
        )
    return reading


def _one_form(readings: dict[str, Reading], kind: str | None, by: str | None, place: _Place) -> str:
    """Return the kind of all values, which have to be written in one form."""
    forms = {value: _form_of(reading) for value, reading in readings.items()}
    first = next(iter(forms), "")
    for value, form in forms.items():
        if form != forms[first] and not (kind in ("year", "wave") and _is_number(forms[first]) and _is_number(form)):
            raise place.refusal(
                value, "periods are written in two forms", f"the form of {first!r} in the first row of the column"
            )
    if by is not None:
        if kind not in (None, by):
            raise InputError(
                "the study says twice what its periods are",
                file="study.toml",
                column="periods.kind",
                found=f'"{kind}", and dates grouped by "{by}"',
                expected=f'kind = "{by}", or none',
            )
        return by
    if kind is not None:
        return kind
    place.declared = False
    return _inferred(readings, place)


def _form_of(reading: Reading) -> str:
    if reading.form == "digits":
        return f"digits {shape_of(reading.text)}"
    return f"wave {reading.text}" if reading.form == "wave" else reading.form


def _is_number(form: str) -> bool:
    return form.startswith("digits")


def _inferred(readings: dict[str, Reading], place: _Place) -> str:
    if not readings:
        return ""
    value, reading = next(iter(readings.items()))
    found = shape_of(reading.text) if reading.form == "digits" else reading.form
    options = [f'kind = "{one}"' for one in KINDS]
    if found == "month" or found == "two numbers":
        pairs = {year_and_part(one) for one in readings.values()}
        if len({year for year, _ in pairs}) > 1 and max(part for _, part in pairs) <= 4:
            raise place.refusal(
                value,
                "it is not clear whether these periods are quarters or months",
                "the study to say it",
                mend=f"write {options[1]} or {options[2]} under [periods] in study.toml",
            )
        return "month"
    if found not in KINDS:
        raise place.refusal(
            value,
            "it is not clear what these periods are",
            "years (2017), quarters (20174), months (202012) or numbers of waves",
            mend=f"write {', '.join(options[:-1])} or {options[-1]} under [periods] in study.toml",
        )
    return found


def labels_of(codes: dict[str, int], by: str) -> dict[int, str]:
    """Return how a grouped period is written: 2017, 2017Q4, 2020-12."""
    write: dict[str, Callable[[int], str]] = {
        "year": str,
        "quarter": lambda code: f"{code // 10}Q{code % 10}",
        "month": lambda code: f"{code // 100}-{code % 100:02d}",
    }
    return {code: write[by](code) for code in codes.values() if by != "year"}


def inferred_positions(codes: Sequence[int]) -> np.ndarray:
    """Return steps of time for an axis on which nothing but the codes of the periods is known.

    Codes that look like quarters or months are spaced as such, other numbers stand where they are.
    """
    shapes = {shape_of(str(int(code))) for code in codes}
    kind = shapes.pop() if len(shapes) == 1 else ""
    return Timeline(kind if kind in ("quarter", "month") else "").positions(codes)
