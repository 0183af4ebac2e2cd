"""What a study declares about its answers: values that mean no answer, percentages, full-width digits.

Nothing is guessed: a value is changed only because study.toml says so, and every change is said with its number of
answers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.printable import quoted
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.coherence import CANONICAL
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.evaluation_model import EvaluationModel
from maternal_eval.study.panel import RawPanel
from maternal_eval.study.panel.contract import ColumnRule, as_text, code_text, violation
from maternal_eval.study.panel.remedies import PERCENT
from maternal_eval.study.rules import panel_rules

_KEPT = ("respondent", "period", "quarter", "platform", "weight")
"""Columns that values of ``panel.missing`` do not touch: they say who, when and where, not what was answered."""


def recoded(raw: RawPanel, definition: StudyDefinition, rules: Sequence[ColumnRule], folder: Path) -> RawPanel:
    """Return the panel with the declared values in place of those of the file, and remarks that say what changed.

    ``panel.missing`` holds for the answers of all columns in which such a number is off the scale, its words for
    stages and segments too; ``[missing]`` names a column.

    Raises
    ------
    InputError
        If ``[missing]`` names a column that the study does not use.
    """
    _check_columns(definition, rules, folder)
    panel = definition.panel
    if not (panel.missing or panel.percent or panel.fullwidth or definition.missing):
        return raw
    frame, said = raw.frame.copy(deep=False), _Said()
    for rule in rules:
        if list(frame.columns).count(rule.source) != 1:
            continue
        column = frame[rule.source]
        answers = rule.numeric and rule.name not in CANONICAL
        if answers and not pd.api.types.is_numeric_dtype(column):
            column = _numbers_in_words(column, rule.source, definition, said)
        column = _without_missing(column, rule, definition, answers, said)
        frame[rule.source] = column
    return replace(raw, frame=frame, remarks=[*raw.remarks, *said.remarks()])


def refuse_recoding(folder: Path, definition: StudyDefinition) -> None:
    """Refuse declared recoding for a panel that is only counted in its file.

    Raises
    ------
    InputError
        With the first key that would have to change answers.
    """
    panel = definition.panel
    declared = {
        "panel.missing": panel.missing,
        "panel.percent": panel.percent,
        "panel.fullwidth": panel.fullwidth,
        "missing": definition.missing,
    }
    for key, entry in declared.items():
        if entry:
            raise InputError(
                "a panel of this size is counted in its file, where answers cannot be recoded",
                file=folder / FILE_NAME,
                column=key,
                expected="a file with the recoded answers",
            )


class _Said:
    """Counts what was changed."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], dict[str, int]] = {}

    def add(self, what: str, value: str, column: str, number: int) -> None:
        if number:
            columns = self.counts.setdefault((what, value), {})
            columns[column] = columns.get(column, 0) + number

    def remarks(self) -> list[Remark]:
        sentences = {
            "missing": ("count as not answered", "按未作答处理"),
            "kept": ("stay answers, because the scale there holds them", "在该列量表之内，仍作为答案"),
            "percent": ("are read from percentages", "由百分数读入"),
            "fullwidth": ("are read from full-width digits", "由全角数字读入"),
        }
        found = []
        for (what, value), columns in self.counts.items():
            number, names = sum(columns.values()), ", ".join(quoted(name, 30) for name in columns)
            shown = f" {quoted(value, 30)}" if value else ""
            en, zh = sentences[what]
            found.append(
                remark(
                    f"{number:,} answers{shown} in {names} {en}, as study.toml declares.",
                    f"{names} 中 {number:,} 个答案{shown} {zh}（study.toml 的声明）。",
                )
            )
        return found


def _check_columns(definition: StudyDefinition, rules: Sequence[ColumnRule], folder: Path) -> None:
    problems, known = Problems(), [rule.source for rule in rules]
    for name in definition.missing:
        if name not in known:
            problems.add(
                "the column is not one that the study uses",
                file=folder / FILE_NAME,
                column=f"missing.{name}",
                found=name,
                expected="one of " + ", ".join(known),
            )
    problems.refuse()


def _numbers_in_words(column: pd.Series, name: str, definition: StudyDefinition, said: _Said) -> pd.Series:
    """Return a column of answers with percentages and full-width digits as numbers, where study.toml says so."""
    found: dict[object, object] = {}
    for value, number in column.dropna().value_counts().items():
        text = str(value)
        plain = unicodedata.normalize("NFKC", text) if definition.panel.fullwidth else text
        percentage = PERCENT.fullmatch(plain) if definition.panel.percent else None
        if percentage:
            found[value] = float(percentage[1]) / (100 if definition.panel.percent == "share" else 1)
            said.add("percent", "", name, int(number))
        elif plain != text:
            found[value] = plain
            said.add("fullwidth", "", name, int(number))
    if not found:
        return column
    return column.astype(object).map(lambda value: found.get(value, value), na_action="ignore")


def _without_missing(
    column: pd.Series, rule: ColumnRule, definition: StudyDefinition, answers: bool, said: _Said
) -> pd.Series:
    """Return a column with what is declared to mean no answer as missing."""
    own = definition.missing.get(rule.source, ())
    words = [value for value in definition.panel.missing if answers or isinstance(value, str)]
    general = [] if rule.name in _KEPT else words
    if not own and not general:
        return column
    values = column.dropna().unique()
    texts = dict(zip(values, as_text(pd.Series(values, dtype=object)), strict=True))
    gone: set[object] = set()
    for declared in dict.fromkeys([*own, *general]):
        alike = {value for value, text in texts.items() if _means(declared, value, text, rule.numeric)}
        if not alike:
            continue
        number = int(column.isin(list(alike)).sum())
        if declared not in own and answers and _on_scale(declared, rule):
            said.add("kept", code_text(declared), rule.source, number)
            continue
        said.add("missing", code_text(declared), rule.source, number)
        gone |= alike
    return column.mask(column.isin(list(gone))) if gone else column


def _means(declared: int | float | str, value: object, text: object, numeric: bool) -> bool:
    if str(declared).strip() == text or code_text(declared) == text:
        return True
    if isinstance(declared, str) or not numeric:
        return False
    return bool(pd.to_numeric(pd.Series([value], dtype=object), errors="coerce").iloc[0] == declared)


def _on_scale(declared: int | float | str, rule: ColumnRule) -> bool:
    if isinstance(declared, str):
        return False
    return (rule.low is None or declared >= rule.low) and (rule.high is None or declared <= rule.high)


def rows_used(
    definition: StudyDefinition, raw: RawPanel, frame: pd.DataFrame, periods: Sequence[int]
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Return the rows of a checked panel in the periods used that have a survey weight, and what was left out.

    Raises
    ------
    InputError
        If a row has no survey weight, with its number; unless study.toml says ``missing_weight = "leave_out"`` in
        [columns].
    """
    used = frame["period"].isin(periods).to_numpy() if "period" in frame else np.ones(len(frame), dtype=bool)
    if "weight" not in frame:
        return frame[used].reset_index(drop=True), ()
    missing = frame["weight"].isna().to_numpy() & used
    if missing.any() and definition.columns.missing_weight == "refuse":
        rule = next(rule for rule in panel_rules(definition, EvaluationModel((), ()), {}) if rule.name == "weight")
        needed = replace(rule, required=True)
        raise violation(raw, needed, int(missing.argmax()), "nothing", "the value is missing")
    said = left_out_remark(int(missing.sum()), int(used.sum()))
    return frame[used & ~missing].reset_index(drop=True), said


def left_out_remark(number: int, rows: int) -> tuple[Remark, ...]:
    """Return the remark on rows without survey weight, none if there are none.

    Raises
    ------
    InputError
        If no row has one.
    """
    if rows and number == rows:
        raise InputError("no row has a survey weight", column="weight", found=f"{rows:,} rows without", expected="some")
    if not number:
        return ()
    return (
        remark(
            f"{number:,} of {rows:,} rows have no survey weight and are left out of every analysis.",
            f"{rows:,} 行中有 {number:,} 行没有抽样权重，未计入任何分析。",
        ),
    )
