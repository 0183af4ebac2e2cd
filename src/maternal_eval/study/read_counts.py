"""Reading a panel of counts or shares: held to what they can be, and brought into a :class:`CountTable`.

Nothing is repaired: a count below zero, shares that do not add up or an interval that does not hold its share are
refused with their row. What is taken for granted (independent answers where there is no interval) is a remark.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError, Problems
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.count_rules import makes_cells, part_of, rules_for_reading
from maternal_eval.study.count_table import ANSWER, MASSES, QUESTION, ROW, CountTable
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.evaluation_model import EvaluationModel
from maternal_eval.study.kinds import used_periods, with_period_codes
from maternal_eval.study.large import CountedInFile
from maternal_eval.study.panel import RawPanel, RowsNotRead, check_panel
from maternal_eval.study.panel.contract import ColumnRule, code_text, violation
from maternal_eval.study.shares import masses_of_shares
from maternal_eval.study.validity import check_validity

WRITTEN = "[written]"
"""Column that keeps a date as it is written, where dates are grouped into periods."""

_SHOWN = 6


def counts_of(
    folder: Path, definition: StudyDefinition, raw: RawPanel, rules: Sequence[ColumnRule], model: EvaluationModel
) -> CountedInFile:
    """Return what a panel of counts or shares holds, in the form of a panel that is counted in its file.

    Raises
    ------
    InputError
        If the panel breaks its contract.
    """
    written = raw
    raw, timeline = with_period_codes(raw, definition)
    periods: tuple[int, ...] = ()
    if definition.columns.period is not None:
        check_panel(raw, [rule for rule in rules if rule.name == "period"])
        periods = used_periods(folder, definition, timeline)
    table, said = read_count_table(folder, definition, raw, rules, periods, written)
    check_validity(folder, definition, model, _answered_when(table, model), timeline)
    stand_in = RowsNotRead([rule.name for rule in rules], table.refusal)
    return CountedInFile(table, stand_in, periods, timeline, said)


def _answered_when(table: CountTable, model: EvaluationModel) -> pd.DataFrame:
    """Return one row per line of the counts, with its answer under the name of its question."""
    frame = table.frame
    return frame.assign(**{code: frame[ANSWER].where(frame[QUESTION] == code) for code in model.codes})


def read_count_table(
    folder: Path,
    definition: StudyDefinition,
    raw: RawPanel,
    rules: Sequence[ColumnRule],
    periods: Sequence[int],
    written: RawPanel,
) -> tuple[CountTable, tuple[Remark, ...]]:
    """Return the counts of a panel in the periods used, and what was left out or taken for granted.

    Parameters
    ----------
    raw
        The file, its periods as codes.
    rules
        The rules of all columns of the study, its questions among them: their ``source`` stands in the file's column of
        questions.
    periods
        The periods used; all where the study has none.
    written
        The file, its periods as they are written: dates that are grouped tell lines apart, whose counts are added up.

    Raises
    ------
    InputError
        At what cannot be: file, row, column, what was found, what was expected, and the line that would mend it.
    """
    reading = rules_for_reading(definition, [one for one in rules if makes_cells(one, definition)])
    frame = check_panel(raw, reading)
    frame[ROW] = np.arange(len(frame))
    if definition.columns.period_by is not None and definition.columns.period is not None:
        frame[WRITTEN] = written.frame[definition.columns.period].reset_index(drop=True)
    if periods:
        frame = frame[frame["period"].isin(periods)]
    said: list[Remark] = []
    questions = {rule.name: rule for rule in rules if not makes_cells(rule, definition)}
    frame = _with_questions(folder, definition, raw, frame, list(questions.values()), said)
    lines = _as_lines(definition, raw, frame, questions, said)
    cells = [rule.name for rule in reading if makes_cells(rule, definition)]
    _refuse_doubles(definition, raw, lines, reading)
    if definition.panel.kind == "counts":
        table = _counted(definition, raw, lines)
    else:
        table = masses_of_shares(definition, raw, lines, cells, questions, said)
    table = table[table["weight"] > 0]
    if table.empty:
        raise InputError("there is no answer in the panel", file=raw.source, expected="a count above 0")
    table = table.groupby([*cells, QUESTION, ANSWER], dropna=False, sort=True)[list(MASSES)].sum().reset_index()
    return CountTable(table, raw.source), (*said, _said_of_counts(definition, table, cells))


def _with_questions(
    folder: Path,
    definition: StudyDefinition,
    raw: RawPanel,
    frame: pd.DataFrame,
    rules: Sequence[ColumnRule],
    said: list[Remark],
) -> pd.DataFrame:
    """Return the lines of the study's questions with their canonical names."""
    columns = definition.counts.questions
    if not columns:
        if len(rules) != 1:
            raise InputError(
                "nothing says which question a line is about",
                file=folder / FILE_NAME,
                column="counts.question",
                found=f"{len(rules)} questions in the study",
                mend='question = "COLUMN" in [counts]',
            )
        return frame.assign(**{QUESTION: rules[0].name})
    parts = [frame[part_of(f"question {at}")] for at in range(len(columns))]
    asked = parts[0]
    for part in parts[1:]:
        asked = asked.str.cat(part, sep=" / ")
    present = list(asked.dropna().unique())
    for rule in rules:
        if rule.source not in present:
            close = difflib.get_close_matches(rule.source, present, n=1, cutoff=0.4)
            raise InputError(
                f"no line of the panel is about {rule.name}",
                file=raw.source,
                column=" / ".join(columns),
                found="; ".join(present[:_SHOWN]) + (" …" if len(present) > _SHOWN else ""),
                expected=rule.source,
                mend=f'column = "{close[0]}" for {rule.name}' if close else None,
            )
    known = asked.map({rule.source: rule.name for rule in rules})
    left = int(known.isna().sum())
    if left:
        others = asked[known.isna()].nunique()
        said.append(
            remark(
                f"{left:,} lines of {raw.source} are about {others:,} questions that the study does not use.",
                f"{raw.source} 中有 {left:,} 行涉及本研究未使用的 {others:,} 个问题。",
            )
        )
    return frame.assign(**{QUESTION: known})[known.notna()]


def _as_lines(
    definition: StudyDefinition,
    raw: RawPanel,
    frame: pd.DataFrame,
    questions: dict[str, ColumnRule],
    said: list[Remark],
) -> pd.DataFrame:
    """Return one line per cell, question and answer: ``[value]`` holds the count or share, ANSWER the answer."""
    counts, kind = definition.counts, definition.panel.kind
    value = part_of("count" if kind == "counts" else "share")
    if counts.answers:
        parts = []
        for column, answer in counts.answers.items():
            part = frame.copy()
            part[ANSWER], part["[value]"], part["[column]"] = answer, frame[part_of(f"answers {column}")], column
            parts.append(part)
        lines = pd.concat(parts, ignore_index=True)
    else:
        lines = frame.copy()
        lines[ANSWER] = frame[part_of("answer")] if counts.answer is not None else np.nan
        lines["[value]"], lines["[column]"] = frame[value], counts.numeric[value[1:-1]]
    if counts.answer is not None and lines[ANSWER].isna().any():
        nothing = lines[ANSWER].isna()
        said.append(
            remark(
                f"{int(nothing.sum()):,} lines without an answer are left out.",
                f"{int(nothing.sum()):,} 行没有答案，未计入。",
            )
        )
        lines = lines[~nothing]
    missing = lines["[value]"].isna()
    if missing.any() and kind == "counts":
        first = lines[missing].iloc[0]
        raise InputError(
            "the count is missing",
            file=raw.source,
            row=raw.row(int(first[ROW])),
            column=first["[column]"],
            found="nothing",
            expected="a whole number of at least 0",
            mend="write 0 where nobody gave the answer, or leave the line out",
        )
    if missing.any():
        said.append(
            remark(
                f"{int(missing.sum()):,} lines without a share (not published) are left out.",
                f"{int(missing.sum()):,} 行没有占比（未公布），未计入。",
            )
        )
        lines = lines[~missing]
    _refuse_off_scale(definition, raw, lines, questions)
    return lines.reset_index(drop=True)


def _refuse_off_scale(
    definition: StudyDefinition, raw: RawPanel, lines: pd.DataFrame, questions: dict[str, ColumnRule]
) -> None:
    """Refuse answers that are off the scale of their question, with the line that sets it."""
    problems = Problems()
    for name, of_question in lines.groupby(QUESTION, sort=False):
        rule, answers = questions[str(name)], of_question[ANSWER]
        wrong = answers.notna() & ((answers < _end(rule.low, -np.inf)) | (answers > _end(rule.high, np.inf)))
        if rule.whole:
            wrong |= answers.notna() & (answers != answers.round())
        if wrong.any():
            first = of_question[wrong].iloc[0]
            counts = definition.counts
            column = first["[column]"] if counts.answers else str(counts.answer)
            problem = f"the answer is off the scale of {name}"
            values = answers[wrong].unique().tolist()
            problems.found.append(
                violation(raw, replace(rule, source=column), int(first[ROW]), first[ANSWER], problem, values)
            )
    problems.refuse()


def _end(end: float | None, otherwise: float) -> float:
    return otherwise if end is None else end


def _refuse_doubles(
    definition: StudyDefinition, raw: RawPanel, lines: pd.DataFrame, reading: Sequence[ColumnRule]
) -> None:
    """Refuse two lines for one answer in one cell."""
    over = [part_of(f"over {column}") for column in definition.counts.add_over]
    told = [one for one in reading if makes_cells(one, definition) or one.name in over]
    keys = [*(one.name for one in told), *([WRITTEN] if WRITTEN in lines else []), QUESTION, ANSWER]
    doubled = lines.duplicated(keys, keep=False)
    if not doubled.any():
        return
    first = lines[doubled].iloc[0]
    rows = _rows_like(lines[doubled], keys)
    shown = [
        f"{one.source} {code_text(raw.frame[one.source].iloc[rows[0]])}" for one in told if pd.notna(first[one.name])
    ]
    shown += [str(first[QUESTION])] + ([f"answer {first[ANSWER]:g}"] if pd.notna(first[ANSWER]) else [])
    mend = "keep one of the lines, or name the column that tells them apart under [columns] segments"
    if definition.panel.kind == "counts":
        mend += ', or under [counts] add_over = ["COLUMN"] to add them up'
    raise InputError(
        "a cell stands twice",
        file=raw.source,
        row=raw.row(rows[1]),
        found=f"{', '.join(shown)}, as in row {raw.row(rows[0])}",
        expected="one line for each answer in each cell",
        mend=mend,
    )


def _rows_like(lines: pd.DataFrame, keys: Sequence[str]) -> list[int]:
    """Return the positions in the file of the first group of equal lines."""
    number = lines.groupby(list(keys), dropna=False, sort=False).ngroup()
    return lines.loc[number == number.iloc[0], ROW].astype(int).tolist()


def _counted(definition: StudyDefinition, raw: RawPanel, lines: pd.DataFrame) -> pd.DataFrame:
    """Return counts with their masses, which are all the count."""
    value = lines["[value]"]
    for wrong, problem, mend in (
        (value < 0, "a count is below zero", "correct the line, or leave it out"),
        (value != value.round(), "a count is not a whole number", 'kind = "shares" under [panel] if these are shares'),
    ):
        if wrong.any():
            first = lines[wrong].iloc[0]
            raise InputError(
                problem,
                file=raw.source,
                row=raw.row(int(first[ROW])),
                column=first["[column]"],
                found=f"{first['[value]']:g}",
                expected="a whole number of at least 0",
                mend=mend,
            )
    return lines.assign(counted=value.astype("int64"), weight=value.astype(float), weight_squares=value.astype(float))


def _said_of_counts(definition: StudyDefinition, table: pd.DataFrame, cells: Sequence[str]) -> Remark:
    size = len(table.drop_duplicates(list(cells))) if cells else 1
    questions, answers = table[QUESTION].nunique(), int(table["counted"].sum())
    what, chinese = ("counts", "计数") if definition.panel.kind == "counts" else ("shares", "占比")
    return remark(
        f"The panel holds {what}: {answers:,} answers in {size:,} cells, questions: {questions}. "
        "Who gave which answers together is not known: what needs that is left out.",
        f"面板为{chinese}：{size:,} 个单元、{questions} 个问题、{answers:,} 个答案。"
        "同一受访者同时给出哪些答案不得而知，凡需此信息者均不计算。",
    )
