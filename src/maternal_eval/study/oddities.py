"""What is odd about a panel though no rule forbids it: said wherever its numbers stand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.core.words import Words
from maternal_eval.study.definition import Columns
from maternal_eval.study.evaluation_model import INDICATOR_KINDS, OUTCOME_KINDS, EvaluationModel, Outcome
from maternal_eval.study.orientation import turned

FEW = 10
"""Answers below which a cell is called small."""

LEAST_CORRELATION = -0.1
"""An item whose correlation with the others is below this, and surely below 0, runs against them."""

SURE = 3.0
"""So many standard errors below 0 (of Fisher's z) are no chance."""

LEAST_ANSWERS = 30

MOST_LEVELS = 1000
"""Levels of a segment or of the platforms: beyond it, models of them would take hours and say nothing."""

FEW_LEVELS = 20
"""So many levels never make a segment a list of respondents."""

_SHOWN = 6


def check_segments(frame: pd.DataFrame, columns: Columns, source: str) -> None:
    """Refuse a stage, segment or platform that has a value for (almost) each row of the panel.

    Raises
    ------
    InputError
        With the column, the number of its values and the line that would leave it out.
    """
    for name in ("stage", "platform", *columns.segments):
        if name not in frame:
            continue
        column = columns.source(name) if name in columns.segments else getattr(columns, name)
        answered, levels = int(frame[name].notna().sum()), frame[name].nunique()
        if levels > MOST_LEVELS or (levels > FEW_LEVELS and 2 * levels > answered):
            key = name if name in ("stage", "platform") else f'"{name}" out of segments'
            line = f"leave {key} {'out of' if key == name else 'in'} [columns], or give a column of groups"
            raise InputError(
                "the column has a value for almost each row and makes no groups"
                if levels <= MOST_LEVELS
                else "the column has too many values to make groups",
                file=source,
                column=column,
                found=f"{levels:,} different values in {answered:,} rows",
                expected=f"at most {MOST_LEVELS:,}, each in several rows",
                mend=line,
            )


def oddities(
    frame: pd.DataFrame, model: EvaluationModel, outcomes: Mapping[str, Outcome], source: str = "panel"
) -> list[Remark]:
    """Return remarks on columns without variation and items that run against the others.

    Parameters
    ----------
    frame
        The panel in canonical columns.
    model, outcomes
        Of the study.
    source
        What an error message calls the panel.

    Raises
    ------
    InputError
        If a recommendation is plainly not answered from 0 to 10.
    """
    return [
        *_without_variation(frame, [*model.codes, *outcomes]),
        *_narrow_recommendations(frame, outcomes, source),
        *_against_the_rest(frame, model, outcomes),
    ]


def doubled(frame: pd.DataFrame) -> list[Remark]:
    """Return a remark on rows that stand in the panel twice, the respondent among what is alike."""
    if "respondent" not in frame:
        return []
    number = int(frame.duplicated().sum())
    if not number:
        return []
    return [
        remark(
            f"{number:,} rows stand in the panel twice, respondent and all; each counts.",
            f"有 {number:,} 行（含受访者编号）完全重复；每行均计入。",
        )
    ]


def small_cells(cells: pd.DataFrame, words: Words) -> list[Remark]:
    """Return a remark on cells of period and stage with few answers."""
    if cells.empty or "answers" not in cells:
        return []
    few = cells[cells["answers"] < FEW]
    if few.empty:
        return []
    return [
        words.remark(
            f"{len(few)} of {len(cells)} cells of period and {{stage}} have fewer than {FEW} answers: what is said of "
            "each alone is uncertain.",
            f"{len(cells)} 个时期与{{stage}}单元中有 {len(few)} 个答案少于 {FEW} 个，单独就其所作的结论很不确定。",
        )
    ]


def _without_variation(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[Remark]:
    answered = frame[list(names)].notna().sum()
    empty = [name for name in names if answered[name] == 0]
    constant = [name for name in names if answered[name] > 1 and frame[name].min() == frame[name].max()]
    if empty:
        listed = ", ".join(empty)
        yield remark(f"Nobody answered {listed}.", f"{listed} 没有任何答案。")
    if constant:
        listed = ", ".join(f"{name} ({frame[name].dropna().iloc[0]:g})" for name in constant)
        yield remark(f"Every answer is the same in {listed}.", f"{listed} 的答案全部相同。")


def _narrow_recommendations(frame: pd.DataFrame, outcomes: Mapping[str, Outcome], source: str) -> Iterator[Remark]:
    """Yield remarks on recommendations that nobody answered above 5; on 1–5, where 0 is missing too, they are none."""
    for one in outcomes.values():
        answers = frame[one.name].dropna()
        if not OUTCOME_KINDS[one.kind].net_promoter or len(answers) < LEAST_ANSWERS or answers.max() > 5:
            continue
        low, high = answers.min(), answers.max()
        if low >= 1:
            raise InputError(
                "a recommendation is answered from 0 to 10, and these answers are on another scale: they make no net "
                "promoter score",
                file=source,
                column=one.column,
                found=f"{len(answers):,} answers from {low:g} to {high:g}",
                expected="answers from 0 to 10",
                mend=f'kind = "ordinal", range = [1, 5] in [outcomes.{one.name}]',
            )
        yield remark(
            f"{one.name} is a recommendation on 0–10, but its answers run from {low:g} to {high:g}: on a scale of "
            f"0–5 it is no net promoter score.",
            f"{one.name} 声明为 0–10 的推荐意愿，但答案只在 {low:g}–{high:g} 之间：若实为 0–5 量表，"
            "则不能计算净推荐值。",
        )


def _against_the_rest(frame: pd.DataFrame, model: EvaluationModel, outcomes: Mapping[str, Outcome]) -> Iterator[Remark]:
    columns = {}
    for one in model.indicators:
        answers = turned(frame[one.code].to_numpy(dtype=float), one.low, one.high, one.reversed)
        columns[one.code] = (answers - one.low) / (one.high - one.low)
    for outcome in outcomes.values():
        if outcome.low is not None and outcome.high is not None:
            answers = outcome.oriented(frame[outcome.name].to_numpy(dtype=float))
            columns[outcome.name] = (answers - outcome.low) / (outcome.high - outcome.low)
    if len(columns) < 2:
        return
    total, number = np.zeros(len(frame)), np.zeros(len(frame), dtype=int)
    for answers in columns.values():
        known = np.isfinite(answers)
        total += np.where(known, answers, 0.0)
        number += known
    for one in model.indicators:
        both = np.flatnonzero(np.isfinite(columns[one.code]) & (number > 1))
        item = columns[one.code][both]
        rest = (total[both] - item) / (number[both] - 1)
        size = len(item)
        if size < LEAST_ANSWERS or item.std() == 0 or rest.std() == 0:
            continue
        correlation = float(np.corrcoef(item, rest)[0, 1])
        if correlation > LEAST_CORRELATION or math.atanh(max(correlation, -0.999999)) * math.sqrt(size - 3) > -SURE:
            continue
        own = INDICATOR_KINDS[one.kind]
        turned_kinds = [k for k, v in INDICATOR_KINDS.items() if v.whole == own.whole and v.mirrored != own.mirrored]
        kind = turned_kinds[0] if turned_kinds else ("measure" if own.mirrored else "cost")
        other = "larger" if one.reversed else "smaller"
        en = f"if a {other} answer is the better one, write kind = {kind} for it in the file of the indicators"
        zh = f"若其答案越{'大' if one.reversed else '小'}越好，请在指标文件中写 kind = {kind}"
        yield remark(
            f"{one.code} runs against the other items (item–rest correlation {correlation:.2f} in {size:,} answers): "
            f"{en}.",
            f"{one.code} 与其余题目方向相反（题项与其余题目的相关为 {correlation:.2f}，{size:,} 个答案）：{zh}。",
        )
