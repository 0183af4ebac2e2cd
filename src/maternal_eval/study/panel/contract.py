"""The panel contract: which columns a panel must have and which values may stand in them."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.remedies import remedy_for_numbers, remedy_for_text


@dataclass(frozen=True)
class ColumnRule:
    """What one column of the panel has to hold.

    ``source`` is the column's name in the file, ``name`` its canonical name. Numeric columns lie in
    [``low``, ``high``] and are whole numbers if ``whole``; a column with ``values`` holds one of them. ``scale_line``
    is where study.toml sets the scale, with ``{low}`` and ``{high}`` for its ends, or the ``values``;
    ``required_line`` what study.toml would say if rows without the value were no slip.
    """

    source: str
    name: str
    low: float | None = None
    high: float | None = None
    whole: bool = False
    numeric: bool = True
    values: tuple[str, ...] | None = None
    required: bool = False
    scale_line: str = ""
    required_line: str = ""

    @property
    def expected(self) -> str:
        """The rule in words, as the end of an error sentence."""
        if self.values is not None:
            return "one of " + ", ".join(self.values)
        if not self.numeric:
            return "text"
        kind = "a whole number" if self.whole else "a number"
        if self.low is not None and self.high is not None:
            kind += f" from {self.low:g} to {self.high:g}"
        elif self.low is not None:
            kind += f" of at least {self.low:g}"
        return kind + ("" if self.required else " or nothing")


def check_panel(raw: RawPanel, rules: Sequence[ColumnRule]) -> pd.DataFrame:
    """Hold a panel to its rules and return it with canonical column names.

    Numeric columns become ``float64`` with NaN for unanswered; columns with ``values`` and text columns become
    strings: text as it is written (``007`` is not ``7``), whole numbers of other files than CSV without a point. Where
    ``values`` are declared, a value label is accepted in place of its code, and ``2.0`` in place of ``2``.

    Raises
    ------
    InputError
        With the first violation in each column: file, row, column, what was found, what was expected, and the line of
        study.toml that would mend it.
    """
    problems = Problems()
    with problems.gathered():
        require_columns(raw, rules)
    if raw.frame.empty:
        # Of a file without any of the columns no rows are read: that it is empty would be untrue.
        if not problems.found:
            problems.add("the panel is empty", file=raw.source, found="no rows", expected="at least one answer")
        problems.refuse()
    present = list(raw.frame.columns)
    columns: dict[str, pd.Series] = {}
    violations = Problems()
    for rule in rules:
        if present.count(rule.source) == 1:
            with violations.gathered():
                columns[rule.name] = _convert(raw, rule)
    frame = pd.DataFrame(columns)
    for rule in rules:
        if rule.name in columns:
            violations.found += _violations(raw, rule, frame[rule.name])
    problems.found += sorted(violations.found, key=lambda one: one.row if isinstance(one.row, int) else 0)
    problems.refuse()
    return frame


def require_columns(raw: RawPanel, rules: Iterable[ColumnRule]) -> None:
    """Refuse a panel that lacks columns of ``rules`` or has one twice."""
    problems, present = Problems(), raw.columns
    for column in sorted({column for column in present if column and present.count(column) > 1}):
        problems.add("the column stands twice", file=raw.source, column=column, expected="each column once")
    for rule in rules:
        if rule.source not in present:
            close = difflib.get_close_matches(rule.source, present, n=1)
            found = f"no such column; the nearest is {close[0]}" if close else f"columns {_few(present)}"
            problems.add(
                "a column is missing",
                file=raw.source,
                column=rule.source,
                found=found,
                expected=f"a column {rule.source!r} ({rule.expected})",
            )
    problems.refuse()


def _few(names: Sequence[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


def _convert(raw: RawPanel, rule: ColumnRule) -> pd.Series:
    column = raw.frame[rule.source].reset_index(drop=True)
    if rule.numeric:
        return _numbers(raw, rule, column)
    text = as_text(column)
    labels = {code_text(code): label for code, label in raw.value_labels.get(rule.source, {}).items()}
    if rule.values is None:
        return text.map(lambda value: labels.get(value, value), na_action="ignore") if labels else text
    codes_by_label = {label: code for code, label in labels.items()}
    known = set(rule.values)

    def declared(value: str) -> str:
        options = (value, codes_by_label.get(value), labels.get(value), value.removesuffix(".0"))
        return next((option for option in options if option in known), value)

    return text.map({value: declared(value) for value in text.dropna().unique()}, na_action="ignore")


def _numbers(raw: RawPanel, rule: ColumnRule, column: pd.Series) -> pd.Series:
    """Return a column as numbers; a value is read once, however many rows have it."""
    places, different = coded(column)
    values = pd.Series(different)
    # The last one stands for what is missing, whose place is -1.
    numbers = np.full(len(values) + 1, np.nan)
    empty = (values.astype(str).str.strip() == "").to_numpy()
    if not pd.api.types.is_datetime64_any_dtype(column):
        numbers[:-1] = pd.to_numeric(values, errors="coerce").astype("float64")
    refused = np.append((np.isnan(numbers[:-1]) & ~empty) | np.isinf(numbers[:-1]), False)
    if refused.any():
        position = int(refused[places].argmax())
        raise violation(raw, rule, position, column.iloc[position], "not a number", values[~empty].tolist())
    return pd.Series(numbers[places], column.index)


def as_text(column: pd.Series) -> pd.Series:
    """Return a column of codes as strings (``2.0`` as ``2``); what is empty becomes missing."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return column.astype("str")
    if not isinstance(column.dtype, pd.StringDtype):
        column = column.map(code_text, na_action="ignore").astype("str")
    text = column.str.strip()
    return text.where(text != "")


def coded(values: pd.Series, *, with_missing: bool = False) -> tuple[np.ndarray, Any]:
    """Return the place of each value among the different ones, and these; a coded column is not looked through again.

    What is missing has the place −1, or with ``with_missing`` one among the others.
    """
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return pd.factorize(values, use_na_sentinel=not with_missing)
    codes, different = np.asarray(values.cat.codes, dtype=np.int64), values.cat.categories.array
    used = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(different)))
    if len(used) < len(different):
        codes, different = np.where(codes < 0, -1, np.searchsorted(used, codes)), different.take(used)
    if not with_missing or not (codes < 0).any():
        return codes, different
    missing = pd.Series([*different, None], dtype=values.cat.categories.dtype).array
    return np.where(codes < 0, len(different), codes), missing


def code_text(code: object) -> str:
    """Return a code as a string: ``2.0`` as ``2``, a truth value as ``true``, a day without its midnight."""
    if isinstance(code, bool | np.bool_):
        return str(code).lower()
    if isinstance(code, datetime.datetime) and code.time() == datetime.time():
        return code.date().isoformat()
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code)


def _violations(raw: RawPanel, rule: ColumnRule, column: pd.Series) -> list[InputError]:
    """Return the first violation in a column, with all values that break its rule; none if it is kept."""
    missing = column.isna().to_numpy()
    broken = missing.copy() if rule.required else np.zeros(len(column), dtype=bool)
    if rule.values is not None:
        broken |= ~missing & ~column.isin(rule.values).to_numpy()
    elif rule.numeric:
        numbers = column.to_numpy(dtype=float)
        # NaN is neither below nor above anything, and none of them is a part of a whole number.
        if rule.low is not None:
            broken |= numbers < rule.low
        if rule.high is not None:
            broken |= numbers > rule.high
        if rule.whole:
            broken |= ~missing & (numbers != np.round(numbers))
    if not broken.any():
        return []
    first, values = int(broken.argmax()), column[broken].dropna().unique().tolist()
    if missing[first]:
        return [violation(raw, rule, first, "nothing", "the value is missing", values)]
    problem = "the value is unknown" if rule.values is not None else "the value is off the scale"
    return [violation(raw, rule, first, raw.frame[rule.source].iloc[first], problem, values)]


def violation(
    raw: RawPanel, rule: ColumnRule, position: int, found: object, problem: str, values: Sequence[Any] = ()
) -> InputError:
    """Return the error for a value that breaks ``rule`` in row ``position`` (from 0) of the data.

    ``values`` are all that break the rule; what would mend them ends the sentence.
    """
    if problem == "not a number":
        mend = remedy_for_text(rule.source, [str(value) for value in values], rule.low, rule.high)
    elif problem == "the value is missing":
        mend = rule.required_line
    elif rule.values is not None:
        mend = rule.scale_line
    else:
        mend = remedy_for_numbers([float(value) for value in values], rule.low, rule.high, rule.scale_line)
    return InputError(
        problem,
        file=raw.source,
        row=raw.row(position),
        column=rule.source,
        found=code_text(found),
        expected=rule.expected,
        mend=mend or None,
    )
