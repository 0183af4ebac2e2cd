"""Stages: their levels and whether they have an order — declared, taken from the file, or none at all.

An order is never made up: text that is sorted puts "high" before "low" and "10" before "2". Stages follow each other
where study.toml lists them (``levels`` or ``order``), where the file has an ordered column or labels its codes (then in
the order of the codes); else they are segments, which are exchangeable in every model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.printable import quoted
from maternal_eval.core.remarks import Remark
from maternal_eval.core.words import Words
from maternal_eval.study.coherence import MOST_STAGES
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.evaluation_model import Stage
from maternal_eval.study.panel import RawPanel
from maternal_eval.study.panel.contract import ColumnRule, as_text, code_text


class Stages(NamedTuple):
    """The stages of a study in order (or in any, where they have none), and what a person should hear about it."""

    levels: tuple[Stage, ...]
    ordered: bool
    remarks: tuple[Remark, ...]


def read_stages(folder: Path, definition: StudyDefinition, raw: RawPanel) -> Stages:
    """Return the stages that study.toml declares, or those of the panel.

    Raises
    ------
    InputError
        If ``ordered = true`` without an order, or the panel has too many stages.
    """
    declared, column = definition.stages, definition.columns.stage
    wanted = declared.ordered is not False
    if column is None:
        return Stages((), wanted, ())
    if declared.levels:
        levels = tuple(Stage(str(level.value), level.zh, level.en) for level in declared.levels)
        return Stages(levels, wanted, ())
    if definition.columns.stage_dates is not None:
        return Stages(_named(definition.columns.stage_dates.names, {}), wanted, ())
    if list(raw.frame.columns).count(column) != 1:
        return Stages((), wanted, ())
    labels = {code_text(code): str(label) for code, label in raw.value_labels.get(column, {}).items()}
    found = list(as_text(raw.frame[column]).dropna().unique())
    if len(found) > MOST_STAGES:
        raise InputError(
            "the column has too many values for stages",
            file=raw.source,
            column=column,
            found=f"{len(found):,} different values",
            expected=f"at most {MOST_STAGES}",
            mend="leave stage out of [columns], or give a column of groups",
        )
    if declared.order:
        return Stages(_named([str(value) for value in declared.order], labels), True, ())
    in_file = _order_of_file(raw.frame[column], found, labels)
    values = in_file or _sorted(found)
    if in_file and wanted:
        return Stages(_named(values, labels), True, (_taken(definition.called, values, labels),))
    if declared.ordered:
        raise InputError(
            "the stages are said to have an order, but nothing says which",
            file=folder / FILE_NAME,
            column="stages.order",
            found="ordered = true",
            expected="the values in their order",
            mend=f"[stages] order = [{_listed(values)}], in the right order",
        )
    said = (_unordered(definition.called, values),) if declared.ordered is None and len(values) > 1 else ()
    return Stages(_named(values, labels), False, said)


def with_stages(rule: ColumnRule, levels: Iterable[Stage]) -> ColumnRule:
    """Return the rule of the stage column with the stages as its values."""
    names = tuple(stage.name for stage in levels) or None
    line = "the value in [stages] levels (or order), or in [recode] missing if it means not answered"
    return replace(rule, values=names, scale_line=line)


def _order_of_file(column: pd.Series, found: list[str], labels: dict[str, str]) -> list[str]:
    """Return the order that the file gives its values: an ordered column, or codes with labels; empty if none."""
    if isinstance(column.dtype, pd.CategoricalDtype) and column.cat.ordered:
        return [text for text in map(code_text, column.cat.categories) if text in found]
    if labels and all(value in labels for value in found):
        return _sorted(found)
    return []


def _sorted(values: Iterable[str]) -> list[str]:
    """Return values sorted as numbers where they are numbers, as text otherwise: for showing, not for meaning."""
    listed = list(values)
    numbers = pd.to_numeric(pd.Series(listed, dtype=object), errors="coerce")
    if listed and numbers.notna().all():
        return [value for _, value in sorted(zip(numbers, listed, strict=True))]
    return sorted(listed)


def _named(values: Iterable[str], labels: dict[str, str]) -> tuple[Stage, ...]:
    return tuple(Stage(value, labels.get(value, value), labels.get(value, value)) for value in values)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f'"{quoted(value, 40)}"' for value in values)


def _taken(words: Words, values: list[str], labels: dict[str, str]) -> Remark:
    shown = " < ".join(quoted(labels.get(value, value), 40) for value in values)
    return words.remark(
        "The order of the {stages} is that of the file's codes and labels: {shown}; "
        "where they have none, say so: [stages] ordered = false.",
        "{stage}顺序取自文件的编码与标签：{shown}；若并无顺序，请声明：[stages] ordered = false。",
        shown=shown,
    )


def _unordered(words: Words, values: list[str]) -> Remark:
    shown = ", ".join(quoted(value, 40) for value in values)
    line = f"[stages] order = [{_listed(values)}]"
    return words.remark(
        "The {stages} {shown} are taken for segments without an order, because study.toml declares none; "
        "to declare it, in the right order: {line}.",
        "study.toml 未声明{stage}顺序，{shown} 按无序细分人群处理；如有顺序，请按正确次序声明：{line}。",
        shown=shown,
        line=line,
    )
