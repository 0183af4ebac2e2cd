"""Tables of statistics: a column for each answer, with counts or shares of it, a row for each unit and period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from maternal_eval.core.errors import InputError
from maternal_eval.study.draft.answers import FEWEST, Answers, words_on_scale
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.profile import ColumnProfile, Profile
from maternal_eval.study.draft.proposal import Item, Proposal
from maternal_eval.study.draft.roles import find_groups, leave_aside
from maternal_eval.study.draft.when import find_period
from maternal_eval.study.draft.words import tells
from maternal_eval.study.recoding.answer_sets import says_how_much

_OF_SHARES = re.compile(
    r"[（(]?\s*[%％]\s*[）)]?|占比|比例|比重|百分比|人数|\b(?:per ?cent|percent|share|pct|proportion)\b", re.IGNORECASE
)
_SIZE = re.compile(r"样本|人数|有效|答卷数|总数|base|sample|size|count|respondents|^n$|^N\b|answers", re.IGNORECASE)

OFF = 0.015
"""How far, of the whole, shares of a row may add up beside it by their rounding."""


def propose_wide_counts(file: Path, found: Profile) -> Proposal | None:
    """Return what a first study says of a table with a column for each answer; None if it is none.

    Raises
    ------
    InputError
        If it holds shares, and no column says of how many answers.
    """
    named = {one.name: shown(_OF_SHARES.sub(" ", one.name)).strip() for one in found.columns if one.numeric}
    scale = _scale([label for label in named.values() if label])
    if scale is None:
        return None
    answers = {name: scale[label] for name, label in named.items() if label in scale}
    values = np.column_stack([_numbers(found, name) for name in answers])
    sums = values.sum(axis=1)
    known = sums[np.isfinite(sums)]
    if not len(known) or np.nanmin(values) < 0:
        return None
    draft = Proposal()
    whole = next((one for one in (100.0, 1.0) if np.mean(np.abs(known - one) <= OFF * one) >= 0.9), None)
    if whole is None and not np.array_equal(values, np.round(values), equal_nan=True):
        return None
    draft.wide = answers
    draft.percent = any(one.percent for name in answers for one in found[name].numbers.values())
    rest = [one for one in found.columns if one.name not in answers]
    if whole is not None:
        draft.kind, draft.wide_percent = "shares", whole == 100.0
        size = next((one for one in rest if _is_size(one)), None)
        if size is None:
            raise InputError(
                "shares, and no column says of how many answers",
                file=file,
                found=", ".join(shown(name, 20) for name in answers),
                expected="a column with the number of answers behind the shares of a row",
                mend="add a column n",
            )
        rest.remove(size)
        draft.counts["number"] = size.name
    else:
        draft.kind = "counts"
    rest = leave_aside({one.name: one for one in rest}, draft)
    find_period(rest, draft)
    _take_units(rest, draft)
    find_groups(rest, draft)
    high = float(len(answers))
    labels = {f"{number:g}": named[name] for name, number in answers.items()}
    own = Answers("numbers", 1.0, high, labels=labels)
    draft.outcomes.append(("satisfaction", Item("satisfaction", "satisfaction", "Overall satisfaction", own)))
    listed = ", ".join(f"{shown(name, 30)} = {number:g}" for name, number in answers.items())
    what = ("shares", "占比") if whole is not None else ("counts", "计数")
    draft.doubt(
        f"The file is taken for {what[0]}, a column for each answer: {listed}; what needs the joint answers of one "
        "respondent cannot be had of it.",
        f"该文件按{what[1]}处理，每列为一档答案：{listed}；需要同一受访者多个答案的分析无法进行。",
    )
    return draft


def _scale(labels: Sequence[str]) -> dict[str, float] | None:
    """Return label → place, from 1, of the labels that are answers on one scale in words."""
    graded = [label for label in dict.fromkeys(labels) if says_how_much(label)]
    if len(graded) < FEWEST:
        return None
    scale = words_on_scale(graded)
    if scale is None or scale.kind in ("numbered", "ends", "yes_no", "kano"):
        return None
    # All answers that could be given stand beside each other, so that they are the whole scale.
    order = sorted(scale.numbers, key=lambda label: scale.numbers[label])
    return {label: float(place) for place, label in enumerate(order, start=1)}


def _numbers(found: Profile, name: str) -> np.ndarray:
    return found.numbers(name, {value: one.number for value, one in found[name].numbers.items()})


def _is_size(column: ColumnProfile) -> bool:
    numbers = [one.number for one in column.numbers.values()]
    named = _SIZE.search(column.name.strip()) is not None or tells(column.name, "count")
    return column.numeric and named and min(numbers) > 0 and all(number == round(number) for number in numbers)


def _take_units(rest: list[ColumnProfile], draft: Proposal) -> None:
    """Take the column of names for the units: the one that says so, or the first one."""
    names = [one for one in rest if not one.numeric and one.filled == one.rows and not one.no_answers]
    if names:
        unit = next((one for one in names if tells(one.name, "platform")), names[0])
        draft.parts["platform"], draft.why["platform"] = unit.name, "the column of names"
        rest.remove(unit)
