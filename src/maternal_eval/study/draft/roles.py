"""Which part each column plays: respondent, period, stage, platform, segment, weight, or none of these.

A part is told by what stands in a column and by words in its name (``vocabulary.toml``); what can be told in two
ways is a doubt, and an order of stages is never taken for granted.
"""

from __future__ import annotations

import itertools
import json
import re

import numpy as np

from maternal_eval.core.identifiers import Identifier, kind_of_column, kind_of_header
from maternal_eval.core.printable import quoted
from maternal_eval.study.coherence import RESERVED
from maternal_eval.study.draft.answers import answers_of
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.profile import ColumnProfile
from maternal_eval.study.draft.proposal import Proposal
from maternal_eval.study.draft.words import is_called, is_question, place_in_order, tells
from maternal_eval.study.recoding.answer_sets import MISSING_NUMBERS, plain

FEW, MOST = 2, 12
"""Levels that make a column a stage or a segment of their own."""

MOST_UNITS = 1000
"""Levels that platforms may have."""

MOST_SEGMENTS = 4
"""Segments that a first study uses: every one more makes the models of it larger."""

_DURATION = re.compile(
    r"\d+(?:\.\d+)?\s*(?:秒|分钟|s|sec|secs|seconds|min|mins|minutes)|\d{1,2}:\d{2}:\d{2}|(?:\d+分)?\d+秒"
)
_OF_RECOMMENDATION = frozenset(
    (
        *("promoter", "promoters", "passive", "passives", "detractor", "detractors"),
        *("推荐者", "被动者", "中立者", "贬损者", "批评者"),
    )
)
_SEVERAL = re.compile(r"[┋┆|;；]")


def leave_aside(columns: dict[str, ColumnProfile], draft: Proposal) -> list[ColumnProfile]:
    """Return the columns that may play a part; names what names persons, tells of the filling in, or tells nothing."""
    rest = []
    for column in columns.values():
        name = column.name
        values = list(column.counts)
        if not column.filled or not column.counts:
            draft.dropped[name] = "empty"
            continue
        kind = None if column.labels else (kind_of_column(name, values) or _by_wording(column, values))
        persons = len(column.counts) > max(MOST, 0.2 * column.filled) or column.many
        if kind is None and kind_of_header(name) is not None and persons and answers_of(column) is None:
            kind = kind_of_header(name)
        if kind is not None:
            draft.identifiers[name] = kind.name_en
            continue
        timed = sum(_DURATION.fullmatch(value.strip()) is not None for value in values)
        short = not is_question(name)
        if short and not column.dates[0] and (tells(name, "duration") or timed >= 0.9 * len(values)):
            draft.dropped[name] = "how long the filling in took"
            continue
        if len(column.counts) == 1 and not column.many and column.rows > 1:
            draft.dropped[name] = (
                f"the same in every row ({quoted(values[0], 30)})"
                if column.filled == column.rows
                else f"ticked or empty ({quoted(values[0], 30)})"
            )
            continue
        if not column.numeric and not column.labels and _several_in_one(values):
            draft.dropped[name] = "several answers in one cell"
            continue
        if {plain(value) for value in values} <= _OF_RECOMMENDATION:
            draft.dropped[name] = "made from the recommendation"
            continue
        if is_called(name, "filling"):
            draft.dropped[name] = "tells of the filling in"
            continue
        rest.append(column)
    return rest


def _several_in_one(values: list[str]) -> bool:
    """Whether cells hold several answers each: with a sign between them, the parts standing in other cells as well."""
    parts = {value: [part.strip() for part in _SEVERAL.split(value)] for value in values if _SEVERAL.search(value)}
    if len(parts) > max(1, 0.2 * len(values)):
        return True
    others = {part for value in values for part in parts.get(value, [value])}
    return bool(parts) and len(others) < sum(len(parts.get(value, [value])) for value in values)


def _by_wording(column: ColumnProfile, values: list[str]) -> Identifier | None:
    """Return the kind of identifier that the question asks for, if the values look like it."""
    return kind_of_column(shown(column.wording), values) if column.wording else None


def find_weight(rest: list[ColumnProfile], draft: Proposal) -> None:
    """Find the survey weight: named so, positive numbers of which some are no whole ones."""
    for column in list(rest):
        numbers = [written.number for written in column.numbers.values()]
        if not is_question(column.name) and tells(column.name, "weight") and column.numeric and min(numbers) >= 0:
            rest.remove(column)
            if all(number == round(number) for number in numbers) and float(np.median(numbers)) > 20:
                draft.dropped[column.name] = "whole numbers of the size of a body's weight"
                draft.doubt(
                    f"{column.name} holds whole numbers and is not taken for a survey weight; if it is one, write "
                    f'weight = "{column.name}" under [columns].',
                    f'{column.name} 均为整数，未视为抽样权重；若是，请在 [columns] 写 weight = "{column.name}"。',
                )
                continue
            if "weight" in draft.parts:
                draft.dropped[column.name] = "a second column of weights"
                continue
            draft.parts["weight"], draft.why["weight"] = column.name, "its name, and positive numbers"
            missing = column.rows - column.filled
            if missing:
                draft.leave_out_unweighted = True
                draft.doubt(
                    f"{missing:,} of {column.rows:,} rows have no weight in {column.name}; missing_weight = "
                    '"leave_out" leaves them out of everything: take the weight out of [columns] if that is too many.',
                    f'{column.rows:,} 行中有 {missing:,} 行缺少权重（{column.name}）；missing_weight = "leave_out" '
                    "将其全部排除；若过多，请从 [columns] 中去掉权重。",
                )


def find_respondent(rest: list[ColumnProfile], draft: Proposal) -> None:
    """Find who answered: one value a row, or a name that says so."""
    named = [one for one in rest if not is_question(one.name) and tells(one.name, "respondent")]
    unique = [one for one in rest if one.one_a_row and one.filled == one.rows and _is_code(one)]
    best = next((one for one in unique if one in named), None)
    if best is None:
        best = next(
            (
                one
                for one in named
                if one.filled == one.rows
                and (one.many or len(one.counts) > max(MOST, 0.1 * one.rows))
                and _is_code(one)
            ),
            None,
        )
    if best is None and unique and unique[0].rows > MOST:
        best = unique[0]
    if best is not None:
        draft.parts["respondent"] = best.name
        draft.why["respondent"] = "one value a row" if best.one_a_row else "its name; values repeat"
        if not best.one_a_row:
            draft.doubt(
                f"Values of {best.name} repeat: rows with the same one are taken for those of one person; if it names "
                f'what is judged, write platform = "{best.name}" under [columns] instead of respondent.',
                f"{best.name} 的取值有重复：同值各行视为同一人的答案；若它标明的是被评价的对象，请在 [columns] 中改写 "
                f'platform = "{best.name}"。',
            )
    for one in list(rest):
        if one is best or (one in unique and one.rows > MOST and (best is not None or one in named)):
            rest.remove(one)
            if one is not best:
                draft.dropped[one.name] = "a value of its own in every row"


def _is_code(column: ColumnProfile) -> bool:
    """Whether values are codes: short, without blanks, no dates and no broken numbers."""
    values = list(column.counts)[:200]
    if column.dates[0]:
        return False
    return all(len(value) <= 40 and not re.search(r"\s\S+\s", value) for value in values) and not any(
        "." in value and value.replace(".", "", 1).isdigit() and not value.endswith(".0") for value in values
    )


def find_groups(rest: list[ColumnProfile], draft: Proposal) -> None:
    """Find stage, platform and segments among the columns that are no answers; the others are named as not used."""
    grouping = [one for one in rest if _makes_groups(one)]
    stages = [one for one in grouping if _is(one, "stage") and len(_levels(one)) <= 30]
    if stages:
        stage = min(stages, key=lambda one: (is_question(one.name), not tells(one.name, "stage"), len(_levels(one))))
        _take_stage(stage, draft)
        grouping.remove(stage)
    units = [one for one in grouping if _is(one, "platform") and one.filled == one.rows and not one.no_answers]
    if units:
        unit = max(units, key=lambda one: (not is_question(one.name), len(one.words)))
        draft.parts["platform"], draft.why["platform"] = unit.name, "its name"
        grouping.remove(unit)
        if len(units) > 1:
            others = ", ".join(one.name for one in units if one is not unit)
            draft.doubt(
                f"{unit.name} is the platform (what is compared); {others} could be too.",
                f"以 {unit.name} 为平台（被比较的单位）；{others} 也可能是。",
            )
    small = [one for one in grouping if FEW <= len(_levels(one)) <= MOST]
    ranked = sorted(small, key=lambda one: (not _is(one, "group"), one.filled < 0.5 * one.rows, len(one.words)))
    for one in ranked[:MOST_SEGMENTS]:
        draft.segments[segment_name(one, draft)] = one.name
    left = list(ranked[MOST_SEGMENTS:])
    if left:
        names = ", ".join(one.name for one in left)
        draft.doubt(
            f"More columns could be segments: {names} (add them to segments under [columns]).",
            f"还有可作细分的列：{names}（可加入 [columns] 的 segments）。",
        )
    for one in rest:
        if one.name in draft.used:
            continue
        draft.dropped.setdefault(one.name, _why_not(one, one in left))
    if draft.origins:
        days = (
            [draft.parts["period"]]
            if draft.period_by
            else [n for n, why in draft.dropped.items() if "not the period" in why]
        )
        day = days[0] if days else "the day of the answer"
        line = f'stage = {{ from = "{day}", origin = "{draft.origins[0]}", cuts = [0, 42, 365] }}'
        draft.doubt(
            f"Stages could follow from the days since {draft.origins[0]}: {line} under [columns].",
            f"阶段可由距 {draft.origins[0]} 的天数推出：在 [columns] 写 {line}。",
        )
    counted = next((one for one in rest if one.name in draft.dropped and _counts_age(one)), None)
    if "stage" not in draft.parts and not draft.origins and counted is not None:
        _say_cut(counted, draft)
    elif "stage" not in draft.parts and not draft.origins:
        options = [one.name for one in small][:6]
        taken = bool(options) and options[0] in draft.segments.values()
        out, out_zh = (", and taken out of its segments", "，并从 segments 中移出") if taken else ("", "")
        lines = f' ({", ".join(options)} could be: stage = "{options[0]}" under [columns]{out})' if options else ""
        written = f'在 [columns] 写 stage = "{options[0]}"{out_zh}' if options else ""
        lines_zh = f"（可能的列：{'、'.join(options)}，{written}）" if options else ""
        draft.doubt(f"No column tells the stage{lines}.", f"没有哪一列表明阶段{lines_zh}。")


def _counts_age(column: ColumnProfile) -> bool:
    """Whether numbers are called a stage: months of a baby, weeks of a pregnancy."""
    return column.numeric and len(column.words) > MOST and _is(column, "stage")


def _say_cut(column: ColumnProfile, draft: Proposal) -> None:
    """Offer the lines that make stages of numbers."""
    most = max(one.number for one in column.numbers.values())
    weeks = re.search(r"周|week|gestation", column.told, re.IGNORECASE) is not None
    usual = (14, 28) if weeks else (6, 12, 24) if most <= 72 else (most // 3, 2 * most // 3)
    cuts = [int(cut) for cut in usual if 0 < cut < most]
    if not cuts:
        return
    ends = [*(f"{low}–{high - 1}" for low, high in itertools.pairwise([0, *cuts])), f"{cuts[-1]}+"]
    name = json.dumps(column.name, ensure_ascii=False)
    lines = (
        f"stage = {name} under [columns], and [recode.{name}] with cut = {cuts} and "
        f"labels = {json.dumps(ends, ensure_ascii=False)}"
    )
    draft.doubt(
        f"{column.name} counts, and stages could be classes of it: {lines}.",
        f"{column.name} 为数值，可分档作为阶段：{lines.replace(' under [columns], and ', '（[columns]），以及 ')}。",
    )


def _take_stage(stage: ColumnProfile, draft: Proposal) -> None:
    draft.parts["stage"], draft.why["stage"] = stage.name, "its name"
    levels = _levels(stage)
    places = [place_in_order(stage.labels.get(value, value)) for value in levels]
    known = len({place for place in places if place is not None}) == len(levels)
    draft.stages = (
        [value for _, value in sorted(zip(places, levels, strict=True), key=lambda pair: pair[0] or 0)]
        if known
        else sorted(levels, key=_by_number)
    )
    draft.stage_labels = {value: stage.labels[value] for value in draft.stages if value in stage.labels}
    listed = ", ".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in draft.stages)
    draft.doubt(
        f"Whether the stages in {stage.name} follow each other is not known: they count as groups without an order. "
        f"If they do, write in the right order: [stages] order = [{listed}].",
        f"{stage.name} 的阶段是否有先后未知，按无序处理。如有先后，请按正确次序写：[stages] order = [{listed}]。",
    )


def _by_number(value: str) -> tuple[float, str]:
    found = re.search(r"\d+(?:\.\d+)?", value)
    return (float(found[0]) if found else 0.0, value)


def _levels(column: ColumnProfile) -> list[str]:
    """Return the values of a column that make groups: not those that stand for no answer."""
    return [value for value in column.words if not _is_missing(column, value)]


def _is_missing(column: ColumnProfile, value: str) -> bool:
    if not column.numeric or column.labels:
        return False
    numbers = {written.number for written in column.numbers.values()}
    number = column.numbers[value].number
    return number in MISSING_NUMBERS and max((n for n in numbers if n not in MISSING_NUMBERS), default=99) < 60


def _makes_groups(column: ColumnProfile) -> bool:
    levels = len(_levels(column))
    if column.many or levels < FEW or levels > MOST_UNITS or (levels > 20 and 2 * levels > column.filled):
        return False
    long_texts = sum(len(value) > 60 for value in column.words)
    if long_texts > 0.2 * levels or (tells(column.name, "text") and levels > MOST):
        return False
    broken = [written.number for written in column.numbers.values() if written.number != round(written.number)]
    return not broken and (not column.numeric or levels <= MOST or _is(column, "platform"))


def _is(column: ColumnProfile, part: str) -> bool:
    return tells(column.name, part) or (bool(column.wording) and tells(column.wording, part))


def segment_name(column: ColumnProfile, draft: Proposal) -> str:
    """Return a name for a segment that no other part of the study has."""
    name = shown(column.name, 40).replace("/", "-").replace("\\", "-")
    taken = {*RESERVED, *draft.segments, *(one.code for one in draft.indicators), *(key for key, _ in draft.outcomes)}
    taken |= set(draft.dimensions)
    base, number = name, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _why_not(column: ColumnProfile, could: bool) -> str:
    if could:
        return "could be a segment"
    if column.many and not column.numeric:
        return "free text"
    if column.numeric and len(column.words) > MOST:
        return "numbers that make no groups: [recode] cut makes classes of them"
    if len(column.words) > MOST:
        return "too many values for groups"
    return "no part was found for it"
