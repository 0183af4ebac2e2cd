"""Periods of validity of indicators: answers outside them are slips."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.definition import FILE_NAME, StudyDefinition
from maternal_eval.study.evaluation_model import EvaluationModel
from maternal_eval.study.periods import Timeline


def check_validity(
    folder: Path,
    definition: StudyDefinition,
    model: EvaluationModel,
    frame: pd.DataFrame,
    timeline: Timeline,
) -> None:
    """Refuse answers outside an indicator's period of validity, and periods of validity that cannot be placed."""
    for indicator in model.indicators:
        limits = [limit for limit in (indicator.valid_from, indicator.valid_to) if limit is not None]
        of_quarters = any(limit.quarter is not None for limit in limits)
        # Periods that are quarters or months name their quarter themselves.
        needed = ["period"] + ["quarter"] * (of_quarters and timeline.kind not in ("quarter", "month"))
        for name in needed if limits else []:
            if name not in frame:
                raise InputError(
                    f"the period of validity of indicator {indicator.code} cannot be placed in time",
                    file=folder / FILE_NAME,
                    column=f"columns.{name}",
                    found="none",
                    expected=f"the column of the panel that holds the {name}",
                )
        if not limits:
            continue
        if timeline.kind == "wave":
            raise InputError(
                f"the period of validity of indicator {indicator.code} cannot be placed in time",
                file=folder / FILE_NAME,
                column="periods",
                found="numbers of waves",
                expected="periods that are years, quarters or months",
            )
        if frame[needed].isna().any(axis=None):
            raise InputError(
                f"the period of validity of indicator {indicator.code} needs the quarter of every answer",
                file=folder / FILE_NAME,
                column="columns.quarter",
                found=f"{int(frame[needed].isna().any(axis=1).sum())} answers without a quarter",
            )
        moments = frame[needed].drop_duplicates().astype(int).to_dict("records")
        for moment in moments:
            if indicator.valid_at(*timeline.year_and_quarter(moment["period"], moment.get("quarter"))):
                continue
            at = (frame[needed] == pd.Series(moment)[needed]).all(axis=1)
            if frame.loc[at, indicator.code].notna().any():
                raise InputError(
                    f"indicator {indicator.code} has answers outside its period of validity",
                    file=folder / (definition.indicators.file if definition.indicators else FILE_NAME),
                    column="valid_from, valid_to",
                    found="answers in "
                    + " Q".join([timeline.label(moment["period"]), *(str(moment[name]) for name in needed[1:])]),
                    expected=f"{indicator.valid_from or 'the beginning'} to {indicator.valid_to or 'the end'}",
                )
