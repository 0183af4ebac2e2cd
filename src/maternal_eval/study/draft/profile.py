"""What stands in the columns of a file: their values with counts, taken part by part, so that no file is too large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark
from maternal_eval.study.dates import Order, date_in, year_last
from maternal_eval.study.draft.numbers import Written, number_in_words
from maternal_eval.study.draft.opening import BLOCK, Opened
from maternal_eval.study.draft.words import tells
from maternal_eval.study.panel.contract import code_text
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.recoding.answer_sets import means_no_answer

MOST_VALUES = 3000
"""Different values of a column that are counted; a column with more is known by a sample."""

SAMPLED = 400
"""Values of each part that the sample of such a column takes."""

ROWS_KEPT = 20_000
"""Rows, evenly spread, whose answers are kept to see which columns go together."""


_COUNTED: dict[Order, tuple[float, float]] = {"excel": (32_874, 54_789), "unix": (631_152_000, 2_524_608_000_000)}
"""What numbers may count → the first one and the one after the last that are days from 1990 to 2049."""


@dataclass
class ColumnProfile:
    """What stands in a column.

    Attributes
    ----------
    name, wording
        Its name, and the question that stands beside it in the file (SPSS, Stata, two rows of names).
    rows, filled
        Rows of the file, and those in which something stands.
    counts
        Value as text → number of rows; of a column with ``many`` different values those of a sample.
    many
        Whether there are more than :data:`MOST_VALUES` different values.
    repeats
        Whether a value stands in two rows, as far as was seen.
    labels
        Code → label (SPSS, Stata).
    number_type
        Whether the file holds numbers here, and not text.
    """

    name: str
    wording: str = ""
    rows: int = 0
    filled: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    many: bool = False
    repeats: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    number_type: bool = False

    @property
    def told(self) -> str:
        """Name and wording, for what they tell."""
        return f"{self.name} {self.wording}".strip()

    @cached_property
    def words(self) -> list[str]:
        """Different values without those that mean no answer, the frequent ones first."""
        listed = [value for value in self.counts if not means_no_answer(self.labels.get(value, value))]
        return sorted(listed, key=lambda value: -self.counts[value])

    @cached_property
    def no_answers(self) -> list[str]:
        """Different values that are words for no answer."""
        return [value for value in self.counts if means_no_answer(self.labels.get(value, value))]

    @cached_property
    def numbers(self) -> dict[str, Written]:
        """Value → the number that it is, of those that are numbers."""
        found = {value: number_in_words(value) for value in self.words}
        return {value: number for value, number in found.items() if number is not None}

    @property
    def numeric(self) -> bool:
        """Whether all values but those for no answer are numbers."""
        return bool(self.words) and len(self.numbers) == len(self.words)

    @cached_property
    def dates(self) -> tuple[bool, Order | None, bool]:
        """Whether the values are days, what 3/5/2024 is if such are among them, and whether that is open."""
        values = self.words[:MOST_VALUES]
        if (counted := self._counted_days()) is not None:
            return True, counted, False
        late = [found for value in values if date_in(value) is None and (found := year_last(value)) is not None]
        days = sum(date_in(value) is not None for value in values) + len(late)
        if not values or days < 0.95 * len(values):
            return False, None, False
        if not late:
            return True, None, False
        if any(first > 12 for first, _, _ in late):
            return True, "day first", False
        return True, "month first", not any(second > 12 for _, second, _ in late)

    def _counted_days(self) -> Order | None:
        """Return what the numbers of a column count that is called a date: days of a workbook, or Unix time."""
        numbers = [written.number for written in self.numbers.values()]
        named = any(tells(self.told, part) for part in ("period", "submitted", "started", "origin"))
        if not self.numeric or not named or len(numbers) < 2:
            return None
        return next(
            (what for what, (low, high) in _COUNTED.items() if min(numbers) >= low and max(numbers) < high), None
        )

    @property
    def one_a_row(self) -> bool:
        """Whether no value repeats, as far as was seen."""
        return self.filled > 1 and not self.repeats


class Coded(NamedTuple):
    """Values of some rows: places in a list of different texts, −1 where nothing stands."""

    places: np.ndarray
    texts: list[str]


@dataclass(frozen=True)
class Profile:
    """The columns of a file, what a person should hear of its reading, and some rows of it.

    ``rows`` are those in which something stands, ``empty`` the others of delimited text. ``sample``: parts of the file,
    each column → where its values stand in a list of different ones (−1: nothing).
    """

    columns: tuple[ColumnProfile, ...]
    rows: int
    remarks: tuple[Remark, ...]
    sample: tuple[dict[str, Coded], ...]
    empty: int = 0

    def numbers(self, name: str, table: Mapping[str, float]) -> np.ndarray:
        """Return the sampled values of a column as the numbers that a table gives them, NaN where it gives none."""
        found = []
        for part in self.sample:
            places, texts = part[name]
            found.append(np.array([*(table.get(text, np.nan) for text in texts), np.nan])[places])
        return np.concatenate(found)

    def __getitem__(self, name: str) -> ColumnProfile:
        return next(column for column in self.columns if column.name == name)


def profile(opened: Opened) -> Profile:
    """Count what stands in each column of a file.

    Raises
    ------
    InputError
        If it has no rows, or cannot be read.
    """
    columns: dict[str, ColumnProfile] = {}
    kept: list[dict[str, Coded]] = []
    remarks: list[Remark] = []
    rows = held = empty = 0

    def column_of(name: str, part: RawPanel | None = None) -> ColumnProfile:
        if name not in columns:
            wording = (part.variable_labels.get(name) if part is not None else None) or opened.wordings.get(name, "")
            codes = {} if part is None else part.value_labels.get(name, {})
            labels = {code_text(code): str(label) for code, label in codes.items()}
            columns[name] = ColumnProfile(name, wording, labels=labels)
        return columns[name]

    if opened.is_text and opened.long is None:
        parts = max(1, opened.path.stat().st_size // BLOCK)
        for whole in opened.batches():
            something = _holds_something(whole)
            batch = whole if something.all() else whole.filter(pa.array(something))
            empty += int((~something).sum())
            step = max(1, batch.num_rows * parts // ROWS_KEPT)
            for name, values in zip(batch.schema.names, batch.columns, strict=True):
                _count_dictionary(column_of(name), values)
            kept.append({name: _coded(v, step) for name, v in zip(batch.schema.names, batch.columns, strict=True)})
            rows += batch.num_rows
    else:
        for part in opened.parts():
            frame = part.frame
            for name in map(str, frame.columns):
                _count(column_of(name, part), frame[name])
            remarks += part.remarks
            rows += len(frame)
            if held < ROWS_KEPT:
                sample = frame.iloc[:: 1 + len(frame) // ROWS_KEPT]
                kept.append({str(name): _coded_series(sample[name]) for name in sample.columns})
                held += len(sample)
    if not rows:
        raise InputError("the file has no answers", file=opened.path, found="no row below the names")
    for column in columns.values():
        column.rows = rows
    return Profile(tuple(columns.values()), rows, tuple(remarks), tuple(kept), empty)


def _holds_something(batch: pa.RecordBatch) -> np.ndarray:
    """Return which rows of columns as dictionaries hold anything but blanks."""
    found = np.zeros(batch.num_rows, dtype=bool)
    for values in batch.columns:
        blank = [not text.strip() for text in values.dictionary.to_pylist()] if len(values.dictionary) < 50 else []
        places = values.indices.fill_null(-1).to_numpy()
        found |= (places >= 0) & (~np.array([*blank, False])[places] if any(blank) else True)
        if found.all():
            break
    return found


def _count_dictionary(column: ColumnProfile, values: pa.DictionaryArray) -> None:
    """Count values that are numbered already."""
    words = values.dictionary.to_pylist() if len(values.dictionary) <= MOST_VALUES else None
    column.filled += len(values) - values.null_count
    indices = values.indices.drop_null().to_numpy()
    if words is None or column.many:
        column.repeats = column.repeats or (not column.many and len(values.dictionary) < len(indices))
        column.many = True
        # The first and the last ones too: totals and notes stand there.
        chosen = np.r_[indices[:2], indices[:: max(1, len(indices) // SAMPLED)], indices[-4:]]
        for text in values.dictionary.take(pa.array(chosen)).to_pylist():
            text = text.strip()
            if text:
                column.counts[text] = column.counts.get(text, 0) + 1
        return
    for word, number in zip(words, np.bincount(indices, minlength=len(words)).tolist(), strict=True):
        text = word.strip()
        if not number:
            continue
        if not text:
            column.filled -= number
            continue
        before = column.counts.get(text, 0)
        column.repeats = column.repeats or bool(before) or number > 1
        column.counts[text] = before + number
    column.many = len(column.counts) > MOST_VALUES


def _coded(values: pa.DictionaryArray, step: int) -> Coded:
    places = values.indices.fill_null(-1).to_numpy()[::step]
    used = np.unique(places[places >= 0])
    texts = [text.strip() for text in values.dictionary.take(pa.array(used)).to_pylist()]
    return Coded(np.where(places >= 0, np.searchsorted(used, places), -1), texts)


def _coded_series(values: pd.Series) -> Coded:
    codes, different = pd.factorize(values, use_na_sentinel=True)
    return Coded(codes, [_text(value) or "" for value in different])


def _text(value: object) -> str | None:
    return code_text(value).strip() or None


def _count(column: ColumnProfile, values: pd.Series) -> None:
    column.number_type = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    filled = values.dropna()
    if column.many:
        column.filled += len(filled)
        _sample(column, filled)
        return
    found = filled.value_counts(sort=False)
    if len(found) > MOST_VALUES:
        column.filled += len(filled)
        column.repeats = column.repeats or len(found) < len(filled)
        column.many = True
        _sample(column, filled)
        return
    for value, number in zip(found.index, found.to_numpy(), strict=True):
        text = _text(value)
        if text is None:
            continue
        column.filled += int(number)
        before = column.counts.get(text, 0)
        column.repeats = column.repeats or bool(before) or int(number) > 1
        column.counts[text] = before + int(number)
    if len(column.counts) > MOST_VALUES:
        column.many = True


def _sample(column: ColumnProfile, filled: pd.Series) -> None:
    step = max(1, len(filled) // SAMPLED)
    places = np.unique(np.r_[np.arange(0, len(filled), step), np.arange(max(len(filled) - 4, 0), len(filled))])
    for value in filled.iloc[places]:
        text = _text(value)
        if text is not None:
            column.counts[text] = column.counts.get(text, 0) + 1
