"""Studies whose panel is too large to be read: what is found out about it in its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.panel import CountedPanel, RawPanel, RowsNotRead, is_large
from maternal_eval.panel.contract import ColumnRule
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
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
) -> tuple[RowsNotRead, tuple[int, ...], Timeline]:
    """Hold a large panel to its contract in its file, and find its periods and those that the study uses."""
    columns = definition.columns
    if columns.period_by is not None:
        raise InputError(
            "a panel of this size is counted in its file, where dates cannot be grouped",
            file=folder / FILE_NAME,
            column="columns.period",
            found=f'by = "{columns.period_by}"',
            expected="a column of whole numbers such as 2017, 20174 or 202012",
        )
    counted.check(rules)
    periods: tuple[int, ...] = ()
    timeline = Timeline()
    of_period = [rule for rule in rules if rule.name == "period"]
    if of_period:
        found = counted.tally(of_period)["period"]
        parsed = parse_periods(found, definition.periods.kind, source=counted.path.name, column=str(columns.period))
        timeline = parsed.timeline
        periods = used_periods(folder, definition, timeline)
    return RowsNotRead([rule.name for rule in rules], counted.path.name, counted.rows), periods, timeline
