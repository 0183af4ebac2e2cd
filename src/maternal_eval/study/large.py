"""Studies whose panel is too large to be read: what is found out about it in its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from maternal_eval.panel import CountedPanel, RawPanel, RowsNotRead, is_large
from maternal_eval.panel.contract import ColumnRule
from maternal_eval.study.definition import StudyDefinition
from maternal_eval.study.kinds import used_periods
from maternal_eval.study.periods import Timeline, parse_periods


def counted_panel(folder: Path, definition: StudyDefinition, panel: Path | None) -> CountedPanel | None:
    """Return the panel's file if it is too large to be read."""
    source = definition.panel
    path = panel or (folder / source.file if source.file is not None and source.package is None else None)
    if path is None or not is_large(path, layout=source.layout):
        return None
    return CountedPanel(path, source.layout)


def stages_of(counted: CountedPanel, definition: StudyDefinition, columns: Sequence[str]) -> RawPanel:
    """Return a panel that holds nothing but the names of the columns and, where they are not declared, the stages.

    ``columns`` names those that the study uses.
    """
    frame = pd.DataFrame(columns=counted.columns)
    stage = definition.columns.stage
    if stage is not None and stage in frame and not definition.stages.levels:
        values = counted.tally([ColumnRule(stage, "stage", numeric=False)])["stage"]
        frame = pd.DataFrame({stage: values}).reindex(columns=frame.columns)
    return RawPanel(frame, counted.path.name, first_row=1, remarks=counted.remarks(columns), header=counted.columns)


def counted_in_file(
    folder: Path, definition: StudyDefinition, counted: CountedPanel, rules: list[ColumnRule]
) -> tuple[CountedPanel, RowsNotRead, tuple[int, ...], Timeline]:
    """Hold a large panel to its contract in its file, and find its periods and those that the study uses.

    What is returned first counts the codes of the periods in place of what they are written as.
    """
    column = definition.columns.period
    periods: tuple[int, ...] = ()
    timeline = Timeline()
    if column is not None and counted.columns.count(column) == 1:  # absent or twice: the contract refuses it
        written = counted.distinct(column)
        parsed = parse_periods(
            written["value"],
            definition.periods.kind,
            definition.columns.period_by,
            source=counted.path.name,
            column=column,
            rows=written["row"].tolist(),
        )
        timeline = parsed.timeline
        codes = dict(zip(written["value"], parsed.codes, strict=True))
        counted = replace(counted, recoded={**counted.recoded, column: codes})
    counted.check(rules)
    if column is not None:
        periods = used_periods(folder, definition, timeline)
    return counted, RowsNotRead([rule.name for rule in rules], counted.path.name, counted.rows), periods, timeline
