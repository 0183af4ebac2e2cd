"""The whole way from a file to a study folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from maternal_eval.core.errors import InputError, problems_in
from maternal_eval.core.files import write_whole
from maternal_eval.core.identifiers import KINDS
from maternal_eval.core.remarks import remark
from maternal_eval.study.draft.answers import Answers, answers_of
from maternal_eval.study.draft.battery import find_answers
from maternal_eval.study.draft.counted import propose_counts
from maternal_eval.study.draft.indicators import settle_names
from maternal_eval.study.draft.not_answers import find_not_answers
from maternal_eval.study.draft.opening import open_file, shown
from maternal_eval.study.draft.profile import Profile, profile
from maternal_eval.study.draft.proposal import Proposal
from maternal_eval.study.draft.roles import find_groups, find_respondent, find_weight, leave_aside
from maternal_eval.study.draft.when import find_period, refuse_side_by_side
from maternal_eval.study.draft.wide_counts import propose_wide_counts
from maternal_eval.study.draft.words import is_question, tells
from maternal_eval.study.draft.writing import files_of, kind_of_outcome
from maternal_eval.study.recoding.answer_sets import MISSING_NUMBERS
from maternal_eval.study.study import Study

TRIED = 5_000_000
"""Cells of the columns used up to which the study is read at once, to say what is still wrong with it."""


_OF_MEANS = re.compile(r"均值|平均|(?:^|[^A-Za-z])(?:mean|avg|average)(?:[^A-Za-z]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Drafted:
    """What was written: the proposal, the doubts of it, and what the study is still refused for."""

    folder: Path
    proposal: Proposal
    rows: int
    columns: int
    files: tuple[str, ...]
    refusals: tuple[InputError, ...]
    tried: bool


def draft_study(
    folder: Path, file: Path, sheet: str | None = None, header: int | None = None, encoding: str | None = None
) -> Drafted:
    """Write a first study of a file into a new or empty folder.

    Parameters
    ----------
    folder
        Where to; new or empty.
    file
        The answers; the file stays where it is.
    sheet, header, encoding
        See :func:`~maternal_eval.study.draft.opening.open_file`.

    Raises
    ------
    InputError
        If the folder holds anything, or the file cannot be read or holds nothing that a study could be about.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("the folder is not empty", file=folder, expected="a new or empty folder")
    opened = open_file(file, sheet, header, encoding)
    found = profile(opened)
    not_answers, said = find_not_answers(found)
    if said is not None:
        opened = replace(opened, leave_out=not_answers)
        found = profile(opened)
    refuse_side_by_side(file, found)
    form = None if propose_counts(found) is not None else find_long(found)
    if form is not None and found.rows <= TRIED:
        try:
            opened = replace(opened, long=form)
            found = profile(opened)
        except InputError:
            opened, form = replace(opened, long=None), None  # it only looks so
    draft = propose_counts(found) or propose_wide_counts(file, found) or propose(found)
    if form is not None:
        draft.long = {"question": form[0], "answer": form[1]}
        draft.parts["respondent"], draft.why["respondent"] = form[2][0], "whose answers belong together"
        draft.dropped.pop(form[2][0], None)
    draft.leave_out = dict(not_answers)
    draft.doubts[:0] = [*opened.doubts, *found.remarks, *([] if said is None else [said])]
    if not draft.indicators and not draft.outcomes:
        names = ", ".join(shown(one.name, 30) for one in found.columns[:8])
        raise InputError(
            "no column holds answers on a scale",
            file=file,
            found=f"columns {names}" + (" …" if len(found.columns) > 8 else ""),
            expected="answers such as 1 to 5, 0 to 10, or words from 非常不满意 to 非常满意",
            mend="maternal-eval new DIR writes a study to fill in by hand; --header N says how many rows stand above "
            "the answers",
        )
    texts = files_of(folder, opened, draft)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        write_whole(folder / name, partial(Path.write_text, data=text, encoding="utf-8"))
    refusals: tuple[InputError, ...] = ()
    tried = found.rows * max(len(draft.used), 1) <= TRIED
    if tried:
        try:
            Study.read(folder)
        except InputError as error:
            refusals = problems_in(error)
    return Drafted(folder, draft, found.rows, len(found.columns), tuple(texts), refusals, tried)


def find_long(found: Profile) -> tuple[str, str, tuple[str, ...]] | None:
    """Return question, answer and respondent of a file that has one row per answer, if it looks like one."""
    named = {
        part: [one for one in found.columns if not is_question(one.name) and tells(one.name, part)]
        for part in ("question", "answer", "respondent")
    }
    questions = [one for one in named["question"] if not one.many and 2 <= len(one.counts) <= 300 and one.repeats]
    answers = [one for one in named["answer"] if one not in questions and answers_of(one) is not None]
    people = [one for one in named["respondent"] if one.repeats and one not in (*questions, *answers)]
    if len(questions) != 1 or len(answers) != 1 or not people:
        return None
    return questions[0].name, answers[0].name, (people[0].name,)


def propose(found: Profile) -> Proposal:
    """Return what a first study says of the columns of a file."""
    draft = Proposal()
    rest = leave_aside({one.name: one for one in found.columns}, draft)
    find_weight(rest, draft)
    find_respondent(rest, draft)
    find_period(rest, draft)
    find_answers(found, rest, draft)
    find_groups(rest, draft)
    settle_names(draft)
    _leave_out_empty(found, draft)
    _declare_missing(found, draft)
    _declare_writing(found, draft)
    _say_direction(draft)
    _say_left_out(draft)
    return draft


def _leave_out_empty(found: Profile, draft: Proposal) -> None:
    """Declare that rows in which nothing stands are left out, by a column that is filled in all others."""
    whole = [one for one in found.columns if one.filled == found.rows and one.name not in draft.identifiers]
    whole.sort(key=lambda one: one.name not in draft.used)
    if found.empty and whole:
        draft.filled.append(whole[0].name)
        draft.doubt(
            f"{found.empty:,} rows in which nothing stands are left out ([panel] filled).",
            f"{found.empty:,} 个空行已排除（[panel] 的 filled）。",
        )


def _answered(draft: Proposal) -> list[tuple[str, Answers]]:
    items = [*draft.indicators, *(one for _, one in draft.outcomes)]
    return [(one.column, one.answers) for one in items] + list(draft.recoded.items())


def _declare_missing(found: Profile, draft: Proposal) -> None:
    """Declare what stands for no answer: words and codes off all scales for all columns, others for their column."""
    answered = _answered(draft)
    groups = [draft.parts["stage"]] if "stage" in draft.parts else []
    groups += list(draft.segments.values())
    words: dict[str, int] = {}
    for name in [*(name for name, _ in answered), *groups]:
        column = found[name]
        for value in column.no_answers:
            if value in column.labels:
                draft.own_missing.setdefault(name, []).append(_as_code(value))
            else:
                words[value] = words.get(value, 0) + column.counts[value]
    codes: dict[float, int] = {}
    for name, answers in answered:
        for number in answers.missing:
            if any(other.low <= number <= other.high for _, other in answered):
                draft.own_missing.setdefault(name, []).append(number)
            else:
                codes[number] = codes.get(number, 0) + 1
    for name in groups:
        column = found[name]
        if column.numeric and not column.labels:
            numbers = [one.number for one in column.numbers.values()]
            usual = [number for number in numbers if number not in MISSING_NUMBERS]
            gone = [value for value, one in column.numbers.items() if one.number in MISSING_NUMBERS]
            if gone and usual and max(usual) < 60:
                draft.own_missing.setdefault(name, []).extend(_as_code(value) for value in gone)
    draft.missing = [*sorted(codes), *words]
    if draft.missing or draft.own_missing:
        listed = ", ".join(f"{one:g}" if isinstance(one, float) else one for one in draft.missing)
        own = "; ".join(
            f"{', '.join(f'{c:g}' if isinstance(c, float) else str(c) for c in codes)} in {shown(name, 40)}"
            for name, codes in draft.own_missing.items()
        )
        said = "; ".join(part for part in (listed, own) if part)
        draft.doubt(f"Taken for no answer ([recode] missing): {said}.", f"视为未作答（[recode] missing）：{said}。")


def _as_code(value: str) -> str | float:
    try:
        return float(value)
    except ValueError:
        return value


def _declare_writing(found: Profile, draft: Proposal) -> None:
    """Declare percentages, full-width digits and decimal commas where the columns used have them."""
    names = [name for name, answers in _answered(draft) if not answers.numbers]
    names += [draft.parts["weight"]] if "weight" in draft.parts else []
    numbers = [one for name in names for one in found[name].numbers.values()]
    draft.percent = any(one.percent for one in numbers)
    draft.fullwidth = any(one.fullwidth for one in numbers)
    draft.decimal_comma = any(one.comma for one in numbers)


def _say_direction(draft: Proposal) -> None:
    downwards = [one.column for one in draft.indicators if one.answers.downwards]
    downwards += [one.column for _, one in draft.outcomes if one.answers.downwards]
    if downwards:
        names = ", ".join(shown(name, 40) for name in downwards[:10]) + (" …" if len(downwards) > 10 else "")
        draft.doubt(
            f"The labels or names of {names} say that a smaller number is the better answer: declared so (kind = "
            "burden, reversed = true).",
            f"{names} 的标签或列名表明数字越小越好，已如此声明（kind = burden，reversed = true）。",
        )
    ends = [one.column for one in draft.indicators if one.answers.kind == "ends"]
    ends += [one.column for _, one in draft.outcomes if one.answers.kind == "ends"]
    if ends:
        names = ", ".join(shown(name, 40) for name in ends[:10]) + (" …" if len(ends) > 10 else "")
        draft.doubt(
            f"Only the ends of the scale of {names} are in words: the worse one is taken for the smaller number.",
            f"{names} 的量表仅两端为文字：较差的一端按较小的数处理。",
        )
    means = [column for column, one in _answered(draft) if one.kind == "score" and _OF_MEANS.search(column)]
    if means:
        names = ", ".join(shown(name, 40) for name in means[:10])
        draft.doubt(
            f"{names} is called a mean: each row is taken for one answer, and how far answers differ inside a cell is "
            "not known; give the answers themselves, or their counts or shares, if they can be had.",
            f"{names} 的名称像均值：每行按一个答案处理，单元内答案相差多少不得而知；"
            "如有可能，请改用原始答案或其计数、占比。",
        )
    for key, one in draft.outcomes:
        if kind_of_outcome(one) == "binary" and key == "satisfaction":
            draft.doubt(
                f"{one.column} has two answers: a binary outcome.", f"{one.column} 只有两个答案：按二值结果处理。"
            )


def _say_left_out(draft: Proposal) -> None:
    if draft.identifiers:
        en = ", ".join(f"{shown(name, 40)} ({kind})" for name, kind in draft.identifiers.items())
        chinese = {one.name_en: one.name_zh for one in KINDS.values()}
        zh = "、".join(f"{shown(name, 40)}（{chinese.get(kind, kind)}）" for name, kind in draft.identifiers.items())
        draft.doubts.append(remark(f"Dropped, because they name persons: {en}.", f"以下列可识别个人，已丢弃：{zh}。"))
    timed = [name for name, why in draft.dropped.items() if why.startswith("how long")]
    if timed:
        names = [shown(name, 40) for name in timed]
        draft.doubts.append(
            remark(
                f"Dropped, because they are durations: {', '.join(names)}.",
                f"以下列为用时，已丢弃：{'、'.join(names)}。",
            )
        )
