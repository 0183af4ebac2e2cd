"""What ``new --from`` prints: the parts of the columns, what is not used, the doubts, and what is still refused."""

from __future__ import annotations

import pandas as pd

from maternal_eval.app.console import say_line, show_table
from maternal_eval.core.languages import Language, say
from maternal_eval.core.printable import quoted
from maternal_eval.study.draft.drafting import Drafted
from maternal_eval.study.draft.proposal import Item
from maternal_eval.study.draft.reasons import kind_name, part_name, reason
from maternal_eval.study.draft.writing import kind_of_outcome

MOST_NAMED = 20
"""Columns that are not used and are named in the terminal; study.toml names all."""


def show_draft(drafted: Drafted, language: Language = "en") -> None:
    """Print what was guessed, every doubt at the end, and what to do next."""
    draft = drafted.proposal
    rows = [(part, column, reason(draft.why.get(part, ""), language)) for part, column in draft.parts.items()]
    rows += [("segment", column, key if key != column else "") for key, column in draft.segments.items()]
    rows += [(f"outcome {key}", one.column, _scale(kind_of_outcome(one), one, language)) for key, one in draft.outcomes]
    rows += [("indicator", one.column, _scale(one.answers.kind, one, language)) for one in draft.indicators]
    if draft.kano:
        first, second = draft.kano[0][1:3]
        pairs = say(language, f"{len(draft.kano)} pairs", f"{len(draft.kano)} 对")
        rows.append(("Kano pairs", pairs, say(language, f"{first} with {second} …", f"{first} 与 {second} ……")))
    table = pd.DataFrame(
        [(part_name(part, language), quoted(column, 60), how) for part, column, how in rows],
        columns=[say(language, "part", "用途"), say(language, "column", "列"), say(language, "how", "依据")],
    )
    show_table(
        table,
        say(
            language,
            f"{drafted.rows:,} rows, {drafted.columns} columns: what each column was taken for",
            f"{drafted.rows:,} 行、{drafted.columns} 列：各列的用途",
        ),
    )
    _say_dropped(draft.dropped, language)
    names = say(language, ", ", "、").join(drafted.files)
    say_line(say(language, f"wrote {drafted.folder}: {names}", f"已写入 {drafted.folder}：{names}"))
    for doubt in draft.doubts:
        say_line(say(language, "doubt: ", "存疑：") + doubt[language])
    for refusal in drafted.refusals:
        say_line(say(language, f"to mend: {refusal}", f"待修改：{refusal}"))
    if drafted.tried and not drafted.refusals:
        say_line(say(language, "the study can be read as it stands", "研究现状即可读取"))
    file = drafted.folder / "study.toml"
    say_line(
        say(
            language,
            f"look at every line marked as guessed in {file}, then 'maternal-eval check {drafted.folder}'",
            f"请核对 {file} 中标有 guessed 的各行，然后运行 'maternal-eval check {drafted.folder}'",
        )
    )


def _say_dropped(dropped: dict[str, str], language: Language) -> None:
    if not dropped:
        return
    listed = list(dropped.items())[:MOST_NAMED]
    more = len(dropped) - len(listed)
    named = [(quoted(name, 40), reason(why, language)) for name, why in listed]
    line = say(
        language,
        "not used: " + ", ".join(f"{name} ({why})" for name, why in named),
        "未使用：" + "、".join(f"{name}（{why}）" for name, why in named),
    )
    rest = say(language, f" and {more} more, named in study.toml", f"，另有 {more} 列，见 study.toml")
    say_line(line + (rest if more else ""))


def _scale(kind: str, one: Item, language: Language) -> str:
    low, high = f"{one.answers.low:g}", f"{one.answers.high:g}"
    name = kind_name(kind, language)
    return say(language, f"{name}, {low} to {high}", f"{name}，{low} 至 {high}")
