"""Files that hold counts: how many gave which answer, by period, stage, platform and the like."""

from __future__ import annotations

from dataclasses import replace

from maternal_eval.study.draft.answers import FEWEST, USUAL_ENDS, Answers, answers_of
from maternal_eval.study.draft.indicators import settle_names
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.profile import ColumnProfile, Profile
from maternal_eval.study.draft.proposal import Item, Proposal
from maternal_eval.study.draft.roles import find_groups, leave_aside
from maternal_eval.study.draft.when import find_period
from maternal_eval.study.draft.words import is_called, is_question, tells


def propose_counts(found: Profile) -> Proposal | None:
    """Return what a first study says of a file of counts; None if it holds none."""
    count = next((one for one in found.columns if is_called(one.name, "count") and _whole(one)), None)
    if count is None or count.filled < found.rows or any(tells(one.name, "respondent") for one in found.columns):
        return None
    others = [one for one in found.columns if one is not count]
    scales = {one.name: answers for one in others if (answers := _on_scale(one)) is not None}
    named = [one for one in others if one.name in scales and _named(one)]
    if len(named) != 1 or len([one for one in scales.values() if one.kind != "numbers"]) >= FEWEST:
        return None
    answer = named[0]
    draft = Proposal()
    draft.counts = {"answer": answer.name, "count": count.name}
    rest = leave_aside({one.name: one for one in others if one is not answer}, draft)
    question = next((one for one in rest if _asks(one)), None)
    if question is not None:
        rest.remove(question)
        draft.counts["question"] = question.name
    find_period(rest, draft)
    find_groups(rest, draft)
    _items(answer, scales[answer.name], question, draft)
    settle_names(draft)
    draft.add_over = [one.name for one in others if one.name not in (*draft.used, answer.name, *draft.counts.values())]
    draft.doubt(
        f"The file is taken for counts: {count.name} says how many gave the answer in {answer.name}; what needs the "
        "joint answers of one respondent cannot be had of it.",
        f"该文件按计数处理：{count.name} 为给出 {answer.name} 中答案的人数；需要同一受访者多个答案的分析无法进行。",
    )
    if draft.add_over:
        names = ", ".join(shown(name, 40) for name in draft.add_over)
        draft.doubt(
            f"Counts are added up over {names} (add_over under [counts]).",
            f"计数已在 {names} 上合并（[counts] 的 add_over）。",
        )
    return draft


def _whole(column: ColumnProfile) -> bool:
    numbers = [written.number for written in column.numbers.values()]
    return column.numeric and all(number >= 0 and number == round(number) for number in numbers)


def _on_scale(column: ColumnProfile) -> Answers | None:
    answers = answers_of(column)
    return answers if answers is not None and answers.high in USUAL_ENDS else None


def _named(column: ColumnProfile) -> bool:
    return not is_question(column.name) and any(
        tells(column.name, part) for part in ("answer", "rating", "stars", "recommend")
    )


def _asks(column: ColumnProfile) -> bool:
    return tells(column.name, "question") and not column.many and 2 <= len(column.words) <= 300 and not column.numeric


def _items(answer: ColumnProfile, answers: Answers, question: ColumnProfile | None, draft: Proposal) -> None:
    """Make outcomes and indicators of the questions; without questions the answer is the only one."""
    if answers.numbers:
        draft.recoded[answer.name] = answers
    own = replace(answers, numbers={})
    if question is None:
        key = "recommend" if tells(answer.name, "recommend") else "satisfaction"
        draft.outcomes.append((key, Item(key, answer.name, shown(answer.name), own)))
        return
    overall = next((value for value in question.words if tells(value, "overall")), None)
    if overall is not None:
        draft.outcomes.append(("satisfaction", Item("satisfaction", overall, shown(overall), own)))
    draft.dimensions = {"service": "Service"}
    for number, value in enumerate(sorted(value for value in question.words if value != overall), start=1):
        draft.indicators.append(Item(f"F{number:02d}", value, shown(value), own))
