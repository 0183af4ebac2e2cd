"""Answers of a panel turned into what study.toml says they mean, column by column.

Nothing is guessed: a value is changed only because study.toml says so, and every change is said with its number of
answers. Each different value is looked at once, so that a large panel that is only counted in its file is recoded part
by part (:class:`Recoder`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.printable import quoted
from maternal_eval.study.panel.contract import ColumnRule, as_text, code_text, coded
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.remedies import PERCENT, named_answers
from maternal_eval.study.recoding.answer_sets import number_in, plain
from maternal_eval.study.recoding.changes import Changes
from maternal_eval.study.recoding.declared import RecodeRule, Recoding

NO_ANSWERS = ("respondent", "period", "quarter", "stage", "platform", "weight")
"""Columns of the panel that are no answers (segments, which are none either, are no numbers)."""

_KEPT = ("respondent", "period", "quarter", "platform", "weight")
"""Columns that the general ``missing`` does not touch: they say who, when and where, not what was answered."""

_COMMA = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+)?,\d+(?=\s*[%％]?$)|[-+]?\d{1,3}(?:\.\d{3})+(?=\s*[%％]?$)")
_SHOWN = 8


class _Value(NamedTuple):
    """What a value became, and why: pairs of a kind of change and what it was."""

    value: object
    changes: tuple[tuple[str, str], ...] = ()


@dataclass
class Recoder:
    """All that study.toml says on the answers of a panel, applied to the whole of it or to its parts.

    Attributes
    ----------
    file
        The study.toml.
    recoding
        Its table.
    rules
        The columns that the study uses: the general rules hold for these.
    changes
        Grows with every part that is recoded.
    """

    file: Path
    recoding: Recoding
    rules: Sequence[ColumnRule] = ()
    changes: Changes = field(default_factory=Changes)

    def __post_init__(self) -> None:
        self._own = self.recoding.of_column()
        self._contract = {rule.source: rule for rule in reversed(self.rules)}
        self._seen: dict[str, dict[object, _Value]] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that have a rule of their own: these have to be read."""
        return tuple(self._own)

    @property
    def says_nothing(self) -> bool:
        """Whether nothing at all is declared."""
        general = (self.recoding.missing, self.recoding.percent, self.recoding.fullwidth, self.recoding.decimal_comma)
        return not self._own and not any(general)

    def recoded(self, raw: RawPanel) -> RawPanel:
        """Return a panel, or a part of one, with its answers recoded.

        Raises
        ------
        InputError
            If a rule names a column that is not there, or an answer that has no number: file, row and column.
        """
        if self.says_nothing:
            return raw
        problems, present = Problems(), raw.columns
        for name, rules in self._own.items():
            if name not in present:
                problems.add(
                    "study.toml names a column that the panel does not have",
                    file=self.file,
                    column=rules[0].place or f"recode.{name}",
                    found=name,
                    expected="one of " + ", ".join(present[:_SHOWN]) + (" …" if len(present) > _SHOWN else ""),
                )
        frame, labels = raw.frame.copy(deep=False), dict(raw.value_labels)
        named = list(frame.columns)
        for name in dict.fromkeys([*self._own, *self._contract]):
            if named.count(name) != 1:
                continue
            with problems.gathered():
                frame[name] = self._column(raw, name, frame[name])
            own = self._own.get(name, ())
            if any(rule.answers or rule.answer_set or rule.cut for rule in own):
                labels.pop(name, None)
            if any(rule.answers or rule.answer_set for rule in own) and not any(rule.cut for rule in own):
                labels[name] = self.labels(name)
        problems.refuse()
        return replace(raw, frame=frame, value_labels=labels)

    def labels(self, name: str) -> dict[object, str]:
        """Return number → the answers in words that became it, as far as they were seen."""
        words: dict[float, list[str]] = {}
        for found in self._seen.get(name, {}).values():
            for what, said in found.changes:
                if what == "answer" and isinstance(found.value, float):
                    words.setdefault(found.value, []).append(said.rpartition(" = ")[0])
        return {number: " / ".join(dict.fromkeys(words[number])) for number in sorted(words)}

    def _column(self, raw: RawPanel, name: str, column: pd.Series) -> pd.Series:
        if not self._touches(name, column):
            return column
        codes, different = coded(column)
        counts = np.bincount(codes[codes >= 0], minlength=len(different))
        labels = {code_text(code): label for code, label in raw.value_labels.get(name, {}).items()}
        seen = self._seen.setdefault(name, {})
        texts = as_text(pd.Series(different)).tolist() if len(different) else []
        became: list[object] = []
        for place, (value, text) in enumerate(zip(different, texts, strict=True)):
            key = value if isinstance(value, str) else text
            if key not in seen:
                try:
                    seen[key] = self._value(name, value, text, labels.get(text))
                except _NoNumberError as error:
                    position = int(np.flatnonzero(codes == place)[0])
                    raise InputError(
                        error.problem,
                        file=raw.source,
                        row=raw.row(position),
                        column=name,
                        found=text,
                        expected=error.expected,
                        mend=error.mend,
                    ) from None
            became.append(seen[key].value)
            for what, of in seen[key].changes:
                self.changes.add(what, of, name, int(counts[place]))
        self._refuse_merged(raw, name)
        if all(a is b for a, b in zip(became, different, strict=True)):
            return column
        return _series(became, codes, column)

    def _touches(self, name: str, column: pd.Series) -> bool:
        """Whether anything that is declared could change the column."""
        if name in self._own:
            return True
        rule = self._contract[name]
        if rule.name in _KEPT and not (rule.name == "weight" and self.recoding.decimal_comma):
            return False
        numeric = pd.api.types.is_numeric_dtype(column) and not rule.numeric
        return bool(self.recoding.missing) or not numeric

    def _value(self, name: str, value: object, text: object, label: str | None) -> _Value:
        """Return what one value of a column means."""
        if not isinstance(text, str):
            return _Value(np.nan)  # nothing but blanks
        own, contract = self._own.get(name, []), self._contract.get(name)
        gone, changes = self._no_answer(name, value, text, label)
        if gone:
            return _Value(np.nan, changes)
        by_answer = next((rule for rule in own if rule.answers or rule.answer_set), None)
        result = value
        if by_answer is not None:
            number = _number_of(by_answer, name, text, label)
            result = number
            changes += (("answer", f"{label or text} = {number:g}"),)
        elif isinstance(value, str):
            numeric = contract is None or contract.numeric
            general = self.recoding if numeric and (contract is None or contract.name not in NO_ANSWERS) else None
            if contract is not None and contract.name == "weight":
                general = Recoding(decimal_comma=self.recoding.decimal_comma)
            read, what = _number_in_words(value, [*own, *([general] if general is not None else [])])
            if what:
                result = read
                changes += ((what, ""),)
        for rule in own:
            if rule.cap is None and not rule.cut:
                continue
            number = _as_number(result, rule, name)
            if rule.cap is not None and not rule.cap[0] <= number <= rule.cap[1]:
                changes += (("cap", f"{rule.cap[0]:g}–{rule.cap[1]:g}"),)
                number = min(max(number, rule.cap[0]), rule.cap[1])
            result = number
            if rule.cut:
                place = int(np.searchsorted(rule.cut, number, side="right"))
                result = rule.labels[place] if rule.labels else float(place + 1)
                changes += (("cut", rule.labels[place] if rule.labels else f"{place + 1}"),)
        return _Value(result, changes)

    def _no_answer(
        self, name: str, value: object, text: str, label: str | None
    ) -> tuple[bool, tuple[tuple[str, str], ...]]:
        """Return whether a value means that nothing was answered, and what is to be said of it."""
        own, contract = self._own.get(name, []), self._contract.get(name)
        if any(text in rule.answers or label in rule.answers for rule in own):
            return False, ()
        numeric = contract is None or contract.numeric
        for declared in dict.fromkeys(code for rule in own for code in rule.missing):
            if _means(declared, value, text, label, numeric):
                return True, (("missing", code_text(declared)),)
        if contract is not None and contract.name in _KEPT:
            return False, ()
        answers = numeric and (contract is None or contract.name not in NO_ANSWERS)
        shaped = any(rule.answers or rule.answer_set or rule.cut for rule in own)
        kept: tuple[tuple[str, str], ...] = ()
        for declared in dict.fromkeys(self.recoding.missing):
            if not (answers or isinstance(declared, str)) or not _means(declared, value, text, label, numeric):
                continue
            if not answers or shaped or contract is None or not _on_scale(declared, contract):
                return True, (("missing", code_text(declared)),)
            kept = (("kept", code_text(declared)),)
        return False, kept

    def _refuse_merged(self, raw: RawPanel, name: str) -> None:
        """Refuse a built-in set that gives two different answers one number."""
        rule = next((one for one in self._own.get(name, ()) if one.answer_set), None)
        if rule is None:
            return
        answers: dict[object, dict[str, str]] = {}
        for text, found in self._seen[name].items():
            if any(what == "answer" for what, _ in found.changes):
                answers.setdefault(found.value, {})[plain(str(text))] = str(text)
        for number, alike in answers.items():
            if len(alike) < 2:
                continue
            everything = [text for of_one in answers.values() for text in of_one.values()]
            raise InputError(
                f"the set {rule.answer_set} gives two answers one number",
                file=raw.source,
                column=name,
                found=" and ".join(list(alike.values())[:3]) + f", both {number:g}",
                expected="a number for each answer",
                mend=named_answers(name, everything),
            )


class _NoNumberError(Exception):
    """A value for which a rule has no number: told with its row by whoever knows it."""

    def __init__(self, problem: str, expected: str, mend: str) -> None:
        super().__init__(problem)
        self.problem, self.expected, self.mend = problem, expected, mend


def _number_of(rule: RecodeRule, name: str, text: str, label: str | None) -> float:
    if rule.answers:
        for word in (text, label):
            if word is not None and word in rule.answers:
                return float(rule.answers[word])
        expected = "one of " + ", ".join(list(rule.answers)[:_SHOWN]) + (" …" if len(rule.answers) > _SHOWN else "")
    else:
        for word in (text, label):
            number = None if word is None else number_in(str(rule.answer_set), rule.points, word)
            if number is not None:
                return float(number)
        expected = f"an answer of the set {rule.answer_set} with {rule.points} points"
    place = rule.place or f"recode.{name}"
    shown = '"' + quoted(text, 30).replace("\\", "\\\\").replace('"', '\\"') + '"'
    where = f"[{place}]" + (" answers" if rule.columns else "")
    mend = f"{shown} = a number in {where}, or missing = [{shown}] in [recode] if it means not answered"
    if rule.answer_set:
        mend = (
            f"answers = {{ {shown} = a number, … }} in [{place}], or missing = [{shown}] there if nothing was answered"
        )
    raise _NoNumberError(f"the answer has no number in [{place}]", expected, mend)


def _number_in_words(value: str, rules: Sequence[RecodeRule | Recoding]) -> tuple[object, str]:
    """Return a value with its percent sign, decimal comma and full-width digits read, and which of these it had."""
    text, what = value.strip(), ""
    if any(rule.fullwidth for rule in rules):
        narrow = unicodedata.normalize("NFKC", text)
        text, what = narrow, "fullwidth" if narrow != text else ""
    if any(rule.decimal_comma for rule in rules) and _COMMA.match(text):
        text, what = text.replace(".", "").replace(",", "."), "comma"
    percent = next((rule.percent for rule in rules if rule.percent), None)
    percentage = PERCENT.fullmatch(text) if percent else None
    if percentage:
        return float(percentage[1]) / (100 if percent == "share" else 1), "percent"
    return text, what


def _as_number(value: object, rule: RecodeRule, name: str) -> float:
    number = _plain_number(value)
    if not np.isfinite(number):
        place = rule.place or f"recode.{name}"
        shown = '"' + quoted(str(value), 30).replace('"', '\\"') + '"'
        what = "cut" if rule.cut else "cap"
        raise _NoNumberError(
            f"{what} of [{place}] takes numbers", "a number or nothing", f"missing = [{shown}] in [{place}]"
        )
    return number


def _means(declared: int | float | str, value: object, text: str, label: str | None, numeric: bool) -> bool:
    if str(declared).strip() in (text, label) or code_text(declared) == text:
        return True
    if isinstance(declared, str) or not numeric:
        return False
    return _plain_number(value) == declared


def _plain_number(value: object) -> float:
    """Return a value as a number, NaN if it is none."""
    try:
        return float("nan") if isinstance(value, str) and "_" in value else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def _on_scale(declared: int | float | str, rule: ColumnRule) -> bool:
    if isinstance(declared, str):
        return False
    return (rule.low is None or declared >= rule.low) and (rule.high is None or declared <= rule.high)


def _series(became: list[object], codes: np.ndarray, column: pd.Series) -> pd.Series:
    """Return a column of which each different value became another; numbers where all of them are."""
    numbers = all(isinstance(one, float | int | np.integer) and not isinstance(one, bool) for one in became)
    if numbers:
        table = np.array([*became, np.nan], dtype=np.float64)
        return pd.Series(table[codes], index=column.index)
    words = np.empty(len(became) + 1, dtype=object)
    words[:-1] = became
    words[-1] = np.nan
    found = pd.Series(words[codes], index=column.index, dtype=object)
    texts = isinstance(column.dtype, pd.StringDtype) and all(isinstance(one, str) or one != one for one in became)
    return found.astype(column.dtype) if texts else found
