"""Which answers are indicators: their names, codes, scales and dimensions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from maternal_eval.study.coherence import RESERVED
from maternal_eval.study.draft.answers import FEWEST, Answers
from maternal_eval.study.draft.opening import shown
from maternal_eval.study.draft.outcomes import with_ends
from maternal_eval.study.draft.profile import ColumnProfile
from maternal_eval.study.draft.proposal import Item, Proposal, few_of
from maternal_eval.study.draft.roles import segment_name
from maternal_eval.study.draft.words import tells


def keep_indicators(
    columns: Mapping[str, ColumnProfile],
    found: Mapping[str, Answers],
    battery: Mapping[str, list[str]],
    draft: Proposal,
) -> None:
    """Keep the answers of batteries as indicators, those apart that ask for importance or expectation."""
    chosen: list[tuple[str, Answers]] = []
    asked_else: dict[str, str] = {}
    for key, names in battery.items():
        for name in names:
            answers = with_ends(columns[name], found[name], key)
            what = _what_is_asked(columns[name], answers)
            if what:
                asked_else[name] = what
            else:
                chosen.append((name, answers))
    rated = [(name, answers) for name, answers in chosen if not answers.binary]
    flags = [name for name, answers in chosen if answers.binary]
    if rated and flags:
        chosen = rated
        draft.doubt(
            f"Columns of two values are no indicators beside ratings: {few_of(flags)}; if they are asked of everybody, "
            "add them to indicators.csv with low 0 and high 1.",
            f"除评分题外，两值列不作指标：{few_of(flags)}；若人人作答，可加入 indicators.csv（low 0，high 1）。",
        )
        draft.dropped |= dict.fromkeys(flags, "two values, beside ratings")
    if not chosen and asked_else:
        chosen = [(name, with_ends(columns[name], found[name], "")) for name in asked_else]
        draft.doubt(
            f"Nothing but {', '.join(sorted(set(asked_else.values())))} is asked; these are the indicators.",
            "只问了重要性或期望，以此为指标。",
        )
        asked_else = {}
    if asked_else:
        by_what: dict[str, list[str]] = {}
        for name, what in asked_else.items():
            by_what.setdefault(what, []).append(name)
        for what, names in by_what.items():
            draft.doubt(
                f"{what} is no experience: {few_of(names)} are not used; add them to indicators.csv if they should "
                "count.",
                f"重要性或期望并非体验：{few_of(names)} 未使用；如需计入，请加入 indicators.csv。",
            )
        draft.dropped |= dict(asked_else.items())
    if len(chosen) == 1 and not draft.outcomes:
        name, answers = chosen.pop()
        draft.outcomes.append(
            ("satisfaction", Item("satisfaction", name, shown(columns[name].wording or name), answers))
        )
        draft.doubts = [one for one in draft.doubts if not one["en"].startswith("No column tells the overall")]
    _low_ends(columns, chosen, draft)
    _in_dimensions(columns, chosen, draft)


def _what_is_asked(column: ColumnProfile, answers: Answers) -> str:
    if answers.kind == "importance" or tells(column.name, "importance"):
        return "importance"
    return "expectation" if tells(column.name, "expectation") else ""


def _low_ends(columns: Mapping[str, ColumnProfile], chosen: list[tuple[str, Answers]], draft: Proposal) -> None:
    """Settle whether 0 is an answer: where most columns of a battery have none, it is none in the others."""
    ends = Counter(answers.high for _, answers in chosen if answers.kind == "numbers")
    for place, (name, answers) in enumerate(chosen):
        alike = [a for _, a in chosen if a.kind == "numbers" and a.high == answers.high]
        zero = [a for a in alike if a.low == 0]
        if answers.kind != "numbers" or answers.low != 0 or answers.high < 3 or ends[answers.high] < FEWEST:
            continue
        share = columns[name].counts.get("0", 0) / max(columns[name].filled, 1)
        if len(zero) <= 0.4 * len(alike):
            chosen[place] = (name, replace(answers, low=1.0, missing=(*answers.missing, 0.0)))
            draft.doubt(
                f"0 stands for no answer in {name} ({share:.0%}), because most columns on its scale have none.",
                f"{name} 中的 0（{share:.0%}）视为未作答，因为同一量表的多数列没有 0。",
            )
    zeros = [
        name for name, answers in chosen if answers.kind == "numbers" and answers.low == 0 and answers.high in (4, 5, 7)
    ]
    if len(zeros) >= FEWEST:
        draft.doubt(
            f"0 counts as the lowest answer in {few_of(zeros)}; if it means not answered, write low 1 in "
            "indicators.csv and missing = [0] in [recode].",
            f"{few_of(zeros)} 中 0 按最低答案处理；若表示未作答，请在 indicators.csv 写 low 1，"
            "并在 [recode] 写 missing = [0]。",
        )


def _in_dimensions(
    columns: Mapping[str, ColumnProfile], chosen: Sequence[tuple[str, Answers]], draft: Proposal
) -> None:
    groups = _grouped(columns, [name for name, _ in chosen])
    draft.dimensions = {key: title for key, (title, _) in groups.items()}
    dimension_of = {name: key for key, (_, names) in groups.items() for name in names}
    taken: set[str] = {key for key, _ in draft.outcomes} | set(draft.dimensions)
    for number, (name, answers) in enumerate(chosen, start=1):
        short = shown(name, 200)
        code = short if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.\-]{0,24}", short) else f"F{number:02d}"
        while code in taken or code in RESERVED:
            code = (
                f"F{number:02d}" if code != f"F{number:02d}" and f"F{number:02d}" not in taken else f"{code}_{number}"
            )
        taken.add(code)
        draft.indicators.append(Item(code, name, _title(columns[name]), answers, dimension_of[name]))
    incomplete = [one for one in draft.indicators if not one.answers.complete and one.answers.kind != "score"]
    if incomplete:
        listed = few_of([one.column for one in incomplete])
        draft.doubt(
            f"Not every step of the scale was answered in {listed}: its ends are taken from the other columns or from "
            "usual scales (low and high in indicators.csv).",
            f"{listed} 并非每一级都有人选：量表两端取自其他列或常用量表（见 indicators.csv 的 low 与 high）。",
        )


def _title(column: ColumnProfile) -> str:
    own = shown(column.name)
    wording = shown(column.wording)
    if not wording:
        return own
    coded = re.fullmatch(r"[A-Za-z]{0,8}[_.]?\d[\w.]*", column.name) is not None
    return wording if coded else own


def _grouped(columns: Mapping[str, ColumnProfile], names: Sequence[str]) -> dict[str, tuple[str, list[str]]]:
    """Return dimension → title and columns: by the question above them, by their names, else one dimension."""
    if not names:
        return {}
    above = [columns[name].wording for name in names]
    parts = list(dict.fromkeys(above))
    if all(above) and 2 <= len(parts) <= len(names) / 2:
        return {f"D{n}": (shown(part, 60), [name for name in names if columns[name].wording == part])
                for n, part in enumerate(parts, start=1)}  # fmt: skip
    stems: dict[str, list[str]] = {}
    for name in names:
        found = re.fullmatch(r"(.*?\d+)[_.\-]\d+\D*|(\D+?)_?\d+(_\D+)?", name)
        key = "" if found is None else (found[1] or f"{found[2]}{found[3] or ''}")
        stems.setdefault(key, []).append(name)
    stems.setdefault("", [])
    several = {key: members for key, members in stems.items() if key and len(members) >= 2}
    if len(several) >= 2 and sum(map(len, several.values())) >= 0.7 * len(names):
        result: dict[str, tuple[str, list[str]]] = {}
        rest = [name for name in names if not any(name in members for members in several.values())]
        for n, (key, members) in enumerate(several.items(), start=1):
            own = key if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,20}", key) and key not in names else f"D{n}"
            result[own] = (shown(key, 60), members)
        if rest:
            result["others"] = ("Others", rest)
        return result
    return {"service": ("Service", list(names))}


def settle_names(draft: Proposal) -> None:
    """Give segments names that nothing else has, once all others are known."""
    segments = dict(draft.segments)
    draft.segments = {}
    for column in segments.values():
        draft.segments[segment_name(ColumnProfile(column), draft)] = column
