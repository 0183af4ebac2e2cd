"""The ledger of published figures: one claim a row, with the digits as they were printed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.methods.interval_arithmetic import LARGEST, Interval
from maternal_eval.study.panel.encoding import read_text
from maternal_eval.study.panel.files import regular_file

COLUMNS = (
    *("id", "seed", "section", "scope", "stage", "dimension", "indicator", "metric", "period", "base_period"),
    *("value", "low", "high", "unit", "kind", "comparator", "note_en", "note_zh"),
)
UNITS = (
    *("percent", "percentage_points", "points", "ratio", "count", "score_1_5", "score_0_100", "score_nps"),
    *("cny", "cny_100m", "tonnes", "kg", "seconds", "minutes", "hours", "class_hours", "days", "weeks"),
    *("months", "years", "times_per_day", "times_per_week", "times_per_month", "times_per_quarter"),
    "significance_flag",
)
KINDS = (
    *("level", "share", "change", "growth_rate", "effect", "accuracy", "elasticity"),
    *("threshold", "target", "sample_size", "weight"),
)
RESTATED = "restated"
"""Word in ``note_en`` that marks a repeat of an earlier row: not independent evidence."""


@dataclass(frozen=True)
class Claim:
    """One published figure. Either ``value`` or both ``low`` and ``high`` are given, as exact decimals."""

    id: str
    seed: str
    section: str
    scope: str
    stage: str
    dimension: str
    indicator: str
    metric: str
    period: str
    base_period: str
    value: Fraction | None
    low: Fraction | None
    high: Fraction | None
    unit: str
    kind: str
    comparator: str
    note_en: str
    note_zh: str
    printed: str
    """The digits of ``value`` as printed: "3.0" is more precise than "3"."""

    @property
    def restated(self) -> bool:
        """Whether the figure repeats an earlier one, so that it must not count twice."""
        return RESTATED in self.note_en.lower()

    @property
    def is_range(self) -> bool:
        """Whether the figure was published as a range from ``low`` to ``high``."""
        return self.value is None

    @property
    def stated(self) -> Interval:
        """The figure at face value: the printed number, or the middle of a published range."""
        if self.value is not None:
            return Interval(self.value, self.value)
        middle = self.published_range.middle
        return Interval(middle, middle)

    @property
    def published_range(self) -> Interval:
        """The range as published; of a single number, that number."""
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        assert low is not None
        assert high is not None
        return Interval(low, high)


class Ledger(Mapping[str, Claim]):
    """All published figures, by id.

    Examples
    --------
    >>> ledger = Ledger.read("data/maternal/claims.csv")            # doctest: +SKIP
    >>> ledger["s000-3.3-satisf-2020"].printed                      # doctest: +SKIP
    '3.2'
    """

    def __init__(self, claims: Mapping[str, Claim]) -> None:
        self._claims = dict(claims)

    def __getitem__(self, identifier: str) -> Claim:
        return self._claims[identifier]

    def __iter__(self) -> Iterator[str]:
        return iter(self._claims)

    def __len__(self) -> int:
        return len(self._claims)

    @property
    def independent(self) -> tuple[Claim, ...]:
        """The figures without those marked as restated."""
        return tuple(claim for claim in self.values() if not claim.restated)

    @classmethod
    def read(cls, path: str | Path) -> Ledger:
        """Read and check a ledger (CSV, UTF-8).

        Raises
        ------
        InputError
            At the first slip: file, row, column, what was found and what was expected.
        """
        claims: dict[str, Claim] = {}
        for row, entry in read_rows(Path(path), COLUMNS):
            claim = _read_claim(Path(path), row, entry)
            if claim.id in claims:
                raise InputError(
                    "the id stands twice", file=path, row=row, column="id", found=claim.id, expected="each id once"
                )
            claims[claim.id] = claim
        return cls(claims)

    def table(self) -> pd.DataFrame:
        """Return the ledger as a table: numbers as floats, with the printed digits and the restated mark."""
        rows = [
            {
                **{name: getattr(claim, name) for name in COLUMNS},
                **{name: _float(getattr(claim, name)) for name in ("value", "low", "high")},
                "printed": claim.printed,
                "restated": claim.restated,
            }
            for claim in self.values()
        ]
        return pd.DataFrame(rows)


def read_rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file as text, each with its row number (the header is row 1).

    Raises
    ------
    InputError
        If the file is missing, its encoding cannot be told, or its columns are not exactly ``columns``.
    """
    text, _ = read_text(regular_file(path, "a CSV file"))
    lines = list(csv.reader(io.StringIO(text, newline="")))
    header = lines[0] if lines else []
    for column in columns:
        if column not in header:
            raise InputError("the column is missing", file=path, row=1, column=column, expected=", ".join(columns))
    for column in header:
        if column not in columns:
            raise InputError("the column is unknown", file=path, row=1, column=column, expected=", ".join(columns))
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise InputError(
                "the row has the wrong number of cells", file=path, row=number, found=len(line), expected=len(header)
            )
        rows.append((number, {name: cell.strip() for name, cell in zip(header, line, strict=True)}))
    return rows


def _read_claim(path: Path, row: int, entry: dict[str, str]) -> Claim:
    def fail(problem: str, column: str, expected: str) -> InputError:
        return InputError(problem, file=path, row=row, column=column, found=repr(entry[column]), expected=expected)

    if not entry["id"] or " " in entry["id"]:
        raise fail("the id is not an id", "id", "a word without spaces")
    for column, known in (("unit", UNITS), ("kind", KINDS)):
        if entry[column] not in known:
            raise fail(f"the {column} is unknown", column, "one of " + ", ".join(known))
    numbers: dict[str, Fraction | None] = {}
    for column in ("value", "low", "high"):
        text = entry[column]
        try:
            numbers[column] = Fraction(text) if text else None
        except (ValueError, ZeroDivisionError):
            raise fail("the figure is not a number", column, "a decimal number such as -3.2") from None
        if "/" in text or "e" in text.lower():
            raise fail("the figure is not written as a decimal", column, "a decimal number such as -3.2")
        if not -LARGEST <= (numbers[column] or 0) <= LARGEST:
            raise fail("the figure is too large", column, f"a number of at most {LARGEST:.0e}")
    value, low, high = numbers["value"], numbers["low"], numbers["high"]
    if value is None and (low is None or high is None):
        raise fail("the row has no figure", "value", "a value, or both low and high")
    if value is not None and (low is not None or high is not None):
        raise fail("the row has a value and a range", "value", "a value, or both low and high")
    if low is not None and high is not None and low > high:
        raise fail("the range runs backwards", "low", f"at most high ({entry['high']})")
    words = {name: entry[name] for name in COLUMNS if name not in numbers}
    return Claim(**words, value=value, low=low, high=high, printed=entry["value"])


def _float(number: Fraction | None) -> float:
    return float("nan") if number is None else float(number)
