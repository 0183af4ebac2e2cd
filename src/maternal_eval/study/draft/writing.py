"""A proposal written down: study.toml with each guess marked, the indicators, the Kano pairs, the doubts."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from maternal_eval.study.definition import FILE_NAME
from maternal_eval.study.draft.answers import Answers
from maternal_eval.study.draft.opening import Opened, shown
from maternal_eval.study.draft.proposal import Item, Proposal
from maternal_eval.study.evaluation_model import OUTCOME_KINDS

_TITLES_ZH = {"satisfaction": "总体满意度", "recommend": "推荐意愿", "again": "再次使用意愿"}


FEWEST_PERIODS = 3
"""Periods from which a backtest is possible: two to learn from, one to forecast."""


def files_of(folder: Path, opened: Opened, draft: Proposal) -> dict[str, str]:
    """Return name → content of the files of the study."""
    found = {FILE_NAME: _study(folder, opened, draft)}
    if draft.indicators:
        found["indicators.csv"] = _indicators(draft)
    if draft.kano:
        rows = [
            (element, functional, dysfunctional, title, title)
            for element, functional, dysfunctional, title in draft.kano
        ]
        found["kano.csv"] = _csv(("element", "functional", "dysfunctional", "name_zh", "name_en"), rows)
    if draft.doubts:
        en, zh = ("".join(f"- {one[language]}\n" for one in draft.doubts) for language in ("en", "zh"))
        found["doubts.md"] = f"# What was guessed and has to be looked at\n\n{en}\n# 需要人工核对的推断\n\n{zh}"
    return found


def written(text: str) -> str:
    """Return a text as study.toml writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else written(text)


def _list(values: list[str] | list[str | float] | tuple[str, ...]) -> str:
    return "[" + ", ".join(written(value) if isinstance(value, str) else f"{value:g}" for value in values) + "]"


def _path(folder: Path, file: Path) -> str:
    relative = os.path.relpath(os.path.realpath(file), os.path.realpath(folder))
    return relative.replace(os.sep, "/") if relative.count("..") <= 3 else os.path.realpath(file).replace(os.sep, "/")


def _study(folder: Path, opened: Opened, draft: Proposal) -> str:
    name = re.sub(r"[^a-z0-9_]+", "_", folder.resolve().name.lower()).strip("_")
    name = name if re.match(r"[a-z]", name) else f"study_{name}".strip("_")
    title = shown(opened.path.name.split(".")[0].replace("_", " "), 60) or name
    lines = [
        f"# A first study of {shown(opened.path.name)}. What is marked as guessed rests on names and values in it:",
        "# look at each such line; doubts.md has what could be told in two ways. Then: maternal-eval check.",
        "",
        "[study]",
        f"name = {written(name[:60])}",
        f"zh = {written(title)}",
        f"en = {written(title)}",
        "",
        "[panel]",
        f"file = {written(_path(folder, opened.path))}",
        *_layout(opened),
    ]
    if draft.counts or draft.wide:
        lines.insert(lines.index("[panel]") + 1, f'kind = "{draft.kind}"  # guessed')
    if draft.filled:
        lines.append(f"filled = {_list(draft.filled)}  # rows in which one of these is empty are left out")
    if draft.leave_out:
        inner = ", ".join(f"{_key(name)} = {_list(values)}" for name, values in draft.leave_out.items())
        lines.append(f"leave_out = {{ {inner} }}  # guessed: totals and notes, no answers")
    if draft.long:
        inner = ", ".join(f"{key} = {written(value)}" for key, value in draft.long.items())
        lines.append(f"long = {{ {inner} }}  # guessed: one row per answer")
    for part in (
        _counts(draft),
        _recode(draft),
        _columns(draft),
        _stages(draft),
        _periods(draft),
        _dimensions(draft),
        _outcomes(draft),
    ):
        if part:
            lines += ["", *part]
    if draft.kano:
        lines += ["", "[files]", 'kano_columns = "kano.csv"  # guessed: pairs of questions']
    not_used = _not_used(draft)
    return "\n".join([*lines, *(["", *not_used] if not_used else [])]) + "\n"


def _layout(opened: Opened) -> list[str]:
    layout, lines = opened.layout, []
    if layout.delimiter != ",":
        lines.append(f"delimiter = {written(layout.delimiter)}")
    if layout.encoding is not None:
        lines.append(f"encoding = {written(layout.encoding)}")
    if layout.sheet is not None:
        lines.append(f"sheet = {written(layout.sheet)}")
    if layout.header is not None or layout.answers is not None:
        rows = layout.header_rows or (1,)
        lines.append(f"header = {rows[0] if len(rows) == 1 else list(rows)}  # guessed: the rows of the names")
    if layout.answers is not None:
        lines.append(f"answers = {layout.answers}  # guessed: the row of the first answer")
    return lines


def _counts(draft: Proposal) -> list[str]:
    if not draft.counts and not draft.wide:
        return []
    lines = ["[counts]  # guessed", *(f"{part} = {written(column)}" for part, column in draft.counts.items())]
    if draft.wide:
        inner = ", ".join(f"{_key(name)} = {number:g}" for name, number in draft.wide.items())
        lines.append(f"answers = {{ {inner} }}")
    lines += ["percent = true"] if draft.wide_percent else []
    return [*lines, *([f"add_over = {_list(list(draft.add_over))}"] if draft.add_over else [])]


def _recode(draft: Proposal) -> list[str]:
    lines = []
    if draft.missing:
        lines.append(f"missing = {_list(draft.missing)}  # guessed: these mean that nothing was answered")
    if draft.percent:
        lines.append('percent = "number"  # 85% is 85')
    if draft.fullwidth:
        lines.append("fullwidth = true  # ５ is 5")
    if draft.decimal_comma:
        lines.append("decimal_comma = true  # 3,5 is 3.5")
    if lines:
        lines = ["[recode]", *lines]
    for name, (columns, answers) in rules_of(draft).items():
        lines += ["", f"[recode.{_key(name)}]  # guessed: the order of these answers"]
        lines.append("columns = " + _wrapped([written(column) for column in columns]))
        pairs = sorted(answers.numbers.items(), key=lambda item: item[1])
        lines.append("answers = { " + ", ".join(f"{written(text)} = {number:g}" for text, number in pairs) + " }")
        if answers.unsure:
            lines.append(f"missing = {_list(answers.unsure)}  # guessed: not the middle of the scale")
    for column, codes in draft.own_missing.items():
        lines += ["", f"[recode.{_key(column)}]", f"missing = {_list(codes)}  # guessed"]
    return lines[1:] if lines and not lines[0] else lines


def rules_of(draft: Proposal) -> dict[str, tuple[list[str], Answers]]:
    """Return name of a rule → the columns whose answers in words it turns into numbers, and the answers."""
    items = [(one.column, one.answers) for one in draft.indicators]
    items += [(one.column, one.answers) for _, one in draft.outcomes] + list(draft.recoded.items())
    rules: dict[str, tuple[list[str], Answers]] = {}
    for column, answers in items:
        if not answers.numbers:
            continue
        same = next((rule for rule in rules.values() if rule[1].numbers == answers.numbers), None)
        if same is not None:
            same[0].append(column)
            continue
        name, number = answers.kind, 2
        while name in rules or name in draft.own_missing:
            name, number = f"{answers.kind}_{number}", number + 1
        rules[name] = ([column], answers)
    return rules


def _wrapped(entries: list[str]) -> str:
    if sum(map(len, entries)) < 100:
        return "[" + ", ".join(entries) + "]"
    return "[\n" + "".join(f"    {entry},\n" for entry in entries) + "]"


def _columns(draft: Proposal) -> list[str]:
    lines = ["[columns]"]
    for part in ("respondent", "period", "quarter", "stage", "platform", "weight"):
        if part not in draft.parts:
            continue
        value = written(draft.parts[part])
        if part == "period" and draft.period_by:
            dates = f", dates = {written(draft.period_dates)}" if draft.period_dates else ""
            value = f"{{ column = {value}, by = {written(draft.period_by)}{dates} }}"
        lines.append(f"{part} = {value}  # guessed: {draft.why.get(part, 'its name')}")
        if part == "weight" and draft.leave_out_unweighted:
            lines.append('missing_weight = "leave_out"')
    lines += [f"# {choice}" for choice in draft.choices if choice.startswith("period")]
    if draft.segments:
        plain = all(key == column for key, column in draft.segments.items())
        pairs = ", ".join(f"{_key(key)} = {written(column)}" for key, column in draft.segments.items())
        value = _list(list(draft.segments)) if plain else f"{{ {pairs} }}"
        lines.append(f"segments = {value}  # guessed: few values each")
    return lines if len(lines) > 1 else []


def _stages(draft: Proposal) -> list[str]:
    if not draft.stages:
        return []
    lines = ["[stages]"]
    lines.append(
        "ordered = false  # groups; if they follow each other: this line out, and the next one in the right order"
    )
    lines.append(f"# order = {_list(draft.stages)}")
    return lines


def _periods(draft: Proposal) -> list[str]:
    lines = [] if draft.period_kind is None else [f"kind = {written(draft.period_kind)}  # guessed"]
    if len(draft.known_periods) >= FEWEST_PERIODS:
        *train, test = [str(one) if isinstance(one, int) else written(one) for one in draft.known_periods]
        lines += [
            "# For the backtest, and what needs it, take the signs in front of the next two lines away:",
            f"# train = [{', '.join(train)}]",
            f"# test = {test}",
        ]
    return ["[periods]", *lines] if lines else []


def _dimensions(draft: Proposal) -> list[str]:
    if not draft.indicators:
        return []
    lines = ["[dimensions]  # guessed: by the names of the columns"]
    for key, title in draft.dimensions.items():
        zh = {"service": "服务", "others": "其他"}.get(key, title)
        lines.append(f"{_key(key)} = {{ zh = {written(zh)}, en = {written(title)} }}")
    low, high = usual_scale(draft)
    return [*lines, "", "[indicators]", 'file = "indicators.csv"', f"scale = [{low:g}, {high:g}]  # guessed"]


def usual_scale(draft: Proposal) -> tuple[float, float]:
    """Return the scale that most indicators have."""
    ends = Counter((one.answers.low, one.answers.high) for one in draft.indicators)
    return ends.most_common(1)[0][0]


def _outcomes(draft: Proposal) -> list[str]:
    if not draft.outcomes:
        return []
    lines = ["[outcomes]  # guessed; the first one is the overall satisfaction"]
    for key, one in draft.outcomes:
        kind = kind_of_outcome(one)
        entries = [f"column = {written(one.column)}", f"kind = {written(kind)}"]
        if not OUTCOME_KINDS[kind].fixed:
            entries.append(f"range = [{one.answers.low:g}, {one.answers.high:g}]")
        if one.answers.downwards:
            entries.append("reversed = true")
        base = key.split("_")[0]
        entries += [f"zh = {written(_TITLES_ZH.get(base, one.title))}", f"en = {written(_english(base, one))}"]
        lines.append(f"{_key(key)} = {{ {', '.join(entries)} }}")
    return lines


def _english(base: str, one: Item) -> str:
    named = {"satisfaction": "Overall satisfaction", "recommend": "Recommendation", "again": "Would come again"}
    return named.get(base, one.title)


def kind_of_outcome(one: Item) -> str:
    """Return the kind of an outcome by its answers."""
    if one.answers.kind == "score":
        return "continuous"
    if (one.answers.low, one.answers.high) == (0, 1):
        return "binary"
    if one.code.startswith("recommend") and (one.answers.low, one.answers.high) == (0, 10):
        return "recommendation"
    return "ordinal"


def _not_used(draft: Proposal) -> list[str]:
    lines = []
    if draft.identifiers:
        lines.append("# Not used, because they name persons:")
        lines += [f"#   {shown(name, 60)} ({kind})" for name, kind in draft.identifiers.items()]
    by_reason: dict[str, list[str]] = {}
    for name, reason in draft.dropped.items():
        by_reason.setdefault(reason, []).append(shown(name, 40))
    if by_reason:
        lines.append("# Not used:")
        lines += [f"#   {', '.join(names[:12])}{' …' * (len(names) > 12)}: {why}" for why, names in by_reason.items()]
    return lines


def _indicators(draft: Proposal) -> str:
    usual = usual_scale(draft)
    several = any((one.answers.low, one.answers.high) != usual for one in draft.indicators)
    head = ["code", "column", "dimension", "name_zh", "name_en", "kind", *(["low", "high"] if several else [])]
    rows = []
    for one in draft.indicators:
        if one.answers.kind == "score":
            kind = "cost" if one.answers.downwards else "measure"
        else:
            kind = "burden" if one.answers.downwards else "rating"
        ends = [f"{one.answers.low:g}", f"{one.answers.high:g}"] if several else []
        rows.append((one.code, one.column, one.dimension, one.title, one.title, kind, *ends))
    return _csv(head, rows)


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
