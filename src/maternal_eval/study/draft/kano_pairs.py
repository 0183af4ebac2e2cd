"""Pairs of Kano questions among the columns: what if it were there, what if it were not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from maternal_eval.study.draft.answers import FEWEST, Answers
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.profile import ColumnProfile
from maternal_eval.study.draft.proposal import Proposal, few_of

_FUNCTIONS = "f(?:unc(?:tional)?)?|pos(?:itive)?|正向?"
_DYSFUNCTIONS = "d(?:ys(?:func(?:tional)?|f)?)?|neg(?:ative)?|反向?"
_WITHOUT = re.compile(
    r"不提供|没有|不具备|若无|如果不|不能|without|did not|didn't|absent|not have|no longer|反向", re.IGNORECASE
)


def find_kano(columns: Mapping[str, ColumnProfile], found: dict[str, Answers], draft: Proposal) -> None:
    """Find pairs of Kano questions: by words of their answers, or by names that end in pos/neg and the like."""
    worded = [name for name, answers in found.items() if answers.kind == "kano"]
    pairs: list[tuple[str, str]] = []
    ends = re.compile(rf"(?P<stem>.*?)[\s_.\-]?(?:(?P<f>{_FUNCTIONS})|(?P<d>{_DYSFUNCTIONS}))", re.IGNORECASE)
    sides: dict[str, dict[str, str]] = {}
    for name, answers in found.items():
        one = ends.fullmatch(name)
        numbers = answers.kind == "kano" or (answers.kind == "numbers" and answers.low == 1 and answers.high <= 5)
        if one is not None and numbers and re.search(r"\d", one["stem"]):
            sides.setdefault(one["stem"], {})["f" if one["f"] else "d"] = name
    whole = [(pair["f"], pair["d"]) for pair in sides.values() if len(pair) == 2]
    if len(whole) >= FEWEST or any("kano" in functional.lower() for functional, _ in whole):
        pairs = whole
    elif len(worded) >= 2 and len(worded) % 2 == 0:
        halves = list(zip(worded[::2], worded[1::2], strict=True))
        told = [bool(_WITHOUT.search(columns[b].told)) > bool(_WITHOUT.search(columns[a].told)) for a, b in halves]
        pairs = halves if all(told) else []
    for number, (functional, dysfunctional) in enumerate(pairs, start=1):
        title = shown(columns[functional].wording or functional)
        draft.kano.append((f"K{number:02d}", functional, dysfunctional, title))
        for name in (functional, dysfunctional):
            draft.recoded[name] = found.pop(name)
    open_ones = [name for name in worded if name in found]
    for name in open_ones:
        found.pop(name)
        draft.dropped[name] = "an answer to a Kano question without its pair"
    if open_ones:
        draft.doubt(
            f"Kano answers without a pair that can be told: {few_of(open_ones)}; kano_columns in [files] names pairs.",
            f"卡诺题无法配对：{few_of(open_ones)}；可用 [files] 的 kano_columns 指定。",
        )
