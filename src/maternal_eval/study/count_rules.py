"""What [counts] of study.toml may say, and what the columns that it names have to hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from maternal_eval.core.errors import Problems
from maternal_eval.study.coherence import CANONICAL
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.panel.contract import ColumnRule


def part_of(name: str) -> str:
    """Return the canonical name of a part of [counts]: none that a column of a study can have."""
    return f"[{name}]"


def check_count_columns(folder: Path, definition: StudyDefinition, problems: Problems) -> None:
    """Gather what [counts] and [columns] say that cannot be with the kind of the panel."""
    kind, counts, place = definition.panel.kind, definition.counts, folder / FILE_NAME
    if kind == "answers":
        if counts.model_fields_set:
            problems.add(
                "[counts] describes a panel of counts or shares, and the panel is said to hold answers",
                file=place,
                column="counts",
                mend='kind = "counts" (or "shares") under [panel], or leave [counts] out',
            )
        return
    for name in ("respondent", "weight"):
        if getattr(definition.columns, name) is not None:
            problems.add(
                f"a panel of {kind} has no {name}: a line stands for many",
                file=place,
                column=f"columns.{name}",
                found=getattr(definition.columns, name),
                mend=f"leave {name} out of [columns]",
            )
    if definition.files.kano_columns is not None:
        problems.add(
            "Kano classes need both answers of one respondent, which a panel of counts does not hold",
            file=place,
            column="files.kano_columns",
            mend="leave kano_columns out, or give the answers in a file of their own ([files] kano)",
        )
    own, other = ("count", "share") if kind == "counts" else ("share", "count")
    if getattr(counts, own) is None and not counts.answers:
        problems.add(
            f"nothing says where the {kind} stand",
            file=place,
            column=f"counts.{own}",
            mend=f'{own} = "COLUMN" in [counts]',
        )
    reason = "the columns of answers hold the numbers" if counts.answers else f"the panel holds {kind}"
    for name in ([own, "answer"] if counts.answers else []) + [other]:
        if getattr(counts, name) is not None:
            problems.add(
                f"one column too many: {reason}",
                file=place,
                column=f"counts.{name}",
                found=getattr(counts, name),
                mend=f"leave {name} out of [counts]",
            )
    if kind == "counts" and counts.answer is None and not counts.answers:
        problems.add(
            "nothing says which answer a count is of", file=place, column="counts.answer",
            mend='answer = "COLUMN" in [counts], or answers = { COLUMN = 1, … } for a column of counts per answer',
        )  # fmt: skip
    if (counts.low is None) != (counts.high is None):
        problems.add(
            "an interval has two ends", file=place, column="counts", found="low" if counts.high is None else "high",
            mend='low = "COLUMN" and high = "COLUMN" in [counts]',
        )  # fmt: skip
    if kind == "shares" and counts.number is None and counts.low is None:
        problems.add(
            "a share says nothing without the number of answers behind it", file=place, column="counts.number",
            found="neither number nor low and high",
            mend='number = "COLUMN" in [counts], or low = "COLUMN" and high = "COLUMN" of its interval',
        )  # fmt: skip
    if kind == "shares" and counts.add_over:
        problems.add(
            "shares cannot be added up", file=place, column="counts.add_over", found=", ".join(counts.add_over),
            mend="leave add_over out and name the columns under [columns] segments",
        )  # fmt: skip


def rules_for_reading(definition: StudyDefinition, rules: Sequence[ColumnRule]) -> list[ColumnRule]:
    """Return the rules of the file's columns: those that make cells, and those that [counts] names."""
    counts = definition.counts
    questions = [rule for rule in rules if not makes_cells(rule, definition)]
    ends = [(rule.low, rule.high) for rule in questions if rule.low is not None and rule.high is not None]
    found = [rule for rule in rules if makes_cells(rule, definition)]
    found += [ColumnRule(one, part_of(f"question {at}"), numeric=False) for at, one in enumerate(counts.questions)]
    for name, column in counts.numeric.items():
        rule = ColumnRule(column, part_of(name))
        if name == "answer" and ends:  # what is off every scale may be declared to mean no answer
            rule = replace(rule, low=min(low for low, _ in ends), high=max(high for _, high in ends))
        found.append(rule)
    found += [ColumnRule(column, part_of(f"answers {column}")) for column in counts.answers]
    return found + [ColumnRule(column, part_of(f"over {column}"), numeric=False) for column in counts.add_over]


def makes_cells(rule: ColumnRule, definition: StudyDefinition) -> bool:
    """Whether a column of the study makes cells, and is no question."""
    return rule.name in (*CANONICAL, *definition.columns.segments)
