"""Which indicators drive the outcome, and what would raising one of them bring?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.drivers.answers import groups_of, ordered_outcome
from maternal_eval.analyses.drivers.fit import DriverFit
from maternal_eval.analyses.drivers.remarks import driver_remarks
from maternal_eval.analyses.drivers.result import TABLES, DriversResult
from maternal_eval.analyses.drivers.settings import DriversSettings
from maternal_eval.analyses.drivers.tables import group_tables
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.study import Study, turned_remark
from maternal_eval.study.groups import EVERYONE, ONE_GROUP
from maternal_eval.study.labels import described


def find_drivers(
    study: Study,
    settings: DriversSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> DriversResult:
    """Say how much of the outcome each indicator explains, and what half a point more of it would bring.

    Parameters
    ----------
    study
        A study with at least two indicators and an outcome with ordered answers.
    settings, seed, progress
        See :class:`DriversSettings`; the seed serves the orders and the bootstrap.

    Raises
    ------
    InputError
        If there are fewer than two indicators, too few answers, or the outcome or all indicators do not vary.
    DiagnosticsError
        If a regression does not converge.
    """
    settings = settings or DriversSettings()
    outcome = ordered_outcome(study, settings.outcome)
    codes = study.model.codes
    if len(codes) < 2:
        raise InputError(
            "one indicator has no share beside others", found=len(codes), expected="two or more indicators"
        )
    groups, notes = groups_of(study, outcome, codes)
    parts: dict[str, list[pd.DataFrame]] = {"drivers": [], "pain_points": [], "fits": []}
    for at, answers in enumerate(groups):
        report(progress, f"drivers: {answers.group}", at, len(groups))
        found = DriverFit.of(answers, settings.prior_scale)
        for name, table in group_tables(study, found, settings, named(seed, f"group {answers.group}")).items():
            parts[name].append(table)
    report(progress, "drivers", len(groups), len(groups))
    tables = {name: pd.concat(found, ignore_index=True)[list(TABLES[name].columns)] for name, found in parts.items()}
    names = described(study, settings)
    names["labels"] |= {EVERYONE: {"en": ONE_GROUP.name_en, "zh": ONE_GROUP.name_zh}}
    return DriversResult(
        drivers=tables["drivers"],
        pain_points=tables["pain_points"],
        fits=tables["fits"],
        outcome=outcome.name,
        **names,
        remarks=[
            *turned_remark([*study.model.indicators, outcome]),
            *notes,
            *driver_remarks(study, groups, tables["fits"], settings),
        ],
    )
