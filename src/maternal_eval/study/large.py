"""Studies whose panel is too large to be read: what is found out about it in its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.kinds import used_periods
from maternal_eval.study.panel import CountedPanel, RawPanel, RowsNotRead, Tallied, is_large
from maternal_eval.study.panel.contract import ColumnRule
from maternal_eval.study.panel.limits import LARGEST_READ, MOST_CELLS
from maternal_eval.study.panel.warehouse import WarehousePanel
from maternal_eval.study.periods import Timeline, parse_periods
from maternal_eval.study.recoding.changes import Changes
from maternal_eval.study.recoding.columns import Recoder
from maternal_eval.study.used_rows import left_out_remark

type InPlace = CountedPanel | WarehousePanel
"""A panel that is counted where it lies."""


def counted_panel(
    folder: Path, definition: StudyDefinition, panel: Path | WarehousePanel | None, columns: int = 1
) -> InPlace | None:
    """Return the panel if it is counted where it lies: in a warehouse, or in a file too large to be read.

    Too large: in rows, or in cells of the ``columns`` that are used.

    Raises
    ------
    InputError
        If a table in a warehouse is said to hold counts.
    """
    source = definition.panel
    if isinstance(panel, WarehousePanel):
        if source.kind != "answers":
            raise InputError(
                "a table in a warehouse is counted, and this one is said to hold counts",
                file=folder / FILE_NAME,
                column="panel.kind",
                found=source.kind,
                mend='kind = "answers" under [panel], or give the counts as a file',
            )
        return panel
    if source.kind != "answers":
        return None  # a row is no answer there, and a file of counts is small
    path = panel or (folder / source.file if source.file is not None and source.package is None else None)
    if path is None:
        return None
    most = MOST_CELLS // max(columns, 1)
    wide = most < LARGEST_READ and is_large(path, most, layout=source.layout)
    if not wide and not is_large(path, layout=source.layout):
        return None
    return CountedPanel(path, source.layout)


def with_recoding(folder: Path, definition: StudyDefinition, counted: InPlace, rules: Sequence[ColumnRule]) -> InPlace:
    """Return the panel with what study.toml says of its answers, applied wherever it is counted.

    Raises
    ------
    InputError
        If a table in a warehouse would have to be recoded, which an engine does not do.
    """
    recoder = Recoder(folder / FILE_NAME, definition.recode, rules)
    if recoder.says_nothing:
        return counted
    if isinstance(counted, CountedPanel):
        return replace(counted, recoder=recoder)
    raise InputError(
        "a table in a warehouse is counted where it lies, where answers cannot be recoded",
        file=folder / FILE_NAME,
        column="recode",
        expected="a table with the recoded answers",
    )


def stages_of(counted: InPlace, definition: StudyDefinition, columns: Sequence[str]) -> RawPanel:
    """Return a panel that holds nothing but the names of the columns and, where they are not declared, the stages.

    ``columns`` names those that the study uses.
    """
    frame = pd.DataFrame(columns=counted.columns)
    stage = definition.columns.stage
    if stage is not None and stage in frame and not definition.stages.levels:
        if isinstance(counted, CountedPanel):
            both = [name for name in (stage, definition.columns.period) if name is not None and name in frame]
            values = counted.different(both)[stage]["value"]
        else:
            values = counted.tally([ColumnRule(stage, "stage", numeric=False)])["stage"]
        frame = pd.DataFrame({stage: values}).reindex(columns=frame.columns)
    return RawPanel(frame, counted.source, first_row=1, remarks=counted.remarks(columns), header=counted.columns)


class CountedInFile(NamedTuple):
    """What is known of a panel that is only counted."""

    counted: Tallied
    """The panel without the rows that study.toml leaves out."""
    stand_in: RowsNotRead
    periods: tuple[int, ...]
    timeline: Timeline
    left_out: tuple[Remark, ...]


def counted_in_file(
    folder: Path, definition: StudyDefinition, counted: InPlace, rules: list[ColumnRule]
) -> CountedInFile:
    """Hold a large panel to its contract in its file, and find its periods and those that the study uses.

    What is returned first counts the codes of the periods in place of what they are written as, and no row that
    study.toml leaves out.

    Raises
    ------
    InputError
        If the file breaks its contract, or rows of the periods used have no survey weight and are not left out.
    """
    column = definition.columns.period
    periods: tuple[int, ...] = ()
    timeline = Timeline()
    if column is not None and counted.columns.count(column) == 1:  # absent or twice: the contract refuses it
        written = counted.distinct(column)
        try:
            parsed = parse_periods(
                written["value"],
                definition.periods.kind,
                definition.columns.period_by,
                definition.columns.period_dates,
                source=counted.source,
                column=column,
                rows=written["row"].tolist(),
            )
        except InputError as error:
            raise counted.placed(error) from None
        timeline = parsed.timeline
        codes = dict(zip(written["value"], parsed.codes, strict=True))
        counted = replace(counted, recoded={**counted.recoded, column: codes})
    recoder = counted.recoder if isinstance(counted, CountedPanel) else None
    if recoder is not None:
        recoder.changes = Changes()  # what was recoded is counted in one scan of all columns
    counted = counted.check(rules)
    changed = recoder.changes.remarks() if recoder is not None else []
    if column is not None:
        periods = used_periods(folder, definition, timeline)
    weight = next((rule for rule in rules if rule.name == "weight"), None)
    period = next((rule for rule in rules if rule.name == "period"), None)
    left_out: tuple[Remark, ...] = ()
    if weight is not None:
        everything = counted.rows_in(period, periods)
        counted = replace(counted, needs=weight)
        missing = everything - counted.rows_in(period, periods)
        if missing and definition.columns.missing_weight == "refuse":
            raise InputError(
                "survey weights are missing",
                file=counted.source,
                column=weight.source,
                found=f"{missing:,} of {everything:,} rows without",
                expected="a weight in every row",
                mend=weight.required_line,
            )
        left_out = left_out_remark(missing, everything)
    stand_in = RowsNotRead([rule.name for rule in rules], counted.refusal)
    return CountedInFile(counted, stand_in, periods, timeline, (*changed, *left_out))
