"""Do several sources say the same, does an item follow what was logged, and what does "accurate" mean?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.agreement import sources
from maternal_eval.analyses.agreement.log import log_tables
from maternal_eval.analyses.agreement.objective import precision_table
from maternal_eval.analyses.agreement.records import Records, read_records
from maternal_eval.analyses.agreement.result import AgreementResult
from maternal_eval.analyses.agreement.settings import AgreementSettings
from maternal_eval.analyses.items.settings import ledger_of
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import named
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.agreement.sources import FEWEST_SOURCES, SourceErrors
from maternal_eval.study import Study
from maternal_eval.study.labels import described
from maternal_eval.study.values import linear_remarks

OF_SOURCES = (
    *("sources", "limits", "correlations", "alphas", "shared", "curve", "tolerances", "dropped"),
    "precision",
)
"""Tables that need triangulation records; empty without."""


def analyse_agreement(
    study: Study,
    settings: AgreementSettings | None = None,
    seed: int | np.random.SeedSequence = 0,
    progress: Progress | None = None,
) -> AgreementResult:
    """Compare the sources of the triangulation records with each other, and items with the log.

    Parameters
    ----------
    study
        A study with triangulation records, a platform log, or both.
    settings, seed, progress
        See :class:`AgreementSettings`; the seed serves the bootstraps.

    Raises
    ------
    InputError
        If there is neither, or the records cannot be compared: see
        :func:`~maternal_eval.analyses.agreement.records.read_records`.
    """
    settings = settings or AgreementSettings()
    settings = replace(settings, fewest=max(settings.fewest, study.definition.disclosure.minimum))
    if study.triangulation is None and study.platform_log is None:
        raise InputError("nothing to compare", file=study.folder, expected="[files] triangulation or platform_log")
    report(progress, "agreement: sources", 0, 2)
    share = _share(study, settings)
    tables: dict[str, Any] = {name: pd.DataFrame() for name in OF_SOURCES}
    agreed, remarks = (float("nan"), float("nan")), list[Remark]()
    if study.triangulation is not None:
        records = read_records(study, settings)
        errors = sources.errors_of(records, settings, named(seed, "errors"))
        tables = _of_sources(study, records, errors, settings, share, named(seed, "alpha"))
        agreed = sources.kept_agreement(records, settings)
        remarks += records.remarks + _remarks(records, errors, settings, study)
    report(progress, "agreement: log", 1, 2)
    log, columns, said = log_tables(study, settings, named(seed, "log"))
    report(progress, "agreement", 2, 2)
    return AgreementResult(
        **tables,
        log=log,
        log_columns=columns,
        asked=share,
        published=settings.claim is not None,
        agreed_all=None if np.isnan(agreed[0]) else agreed[0],
        agreed_kept=None if np.isnan(agreed[1]) else agreed[1],
        **described(study, settings),
        remarks=[*remarks, *said],
    )


def _share(study: Study, settings: AgreementSettings) -> float:
    if settings.claim is None:
        return settings.share
    value = ledger_of(study)[settings.claim].value
    assert value is not None
    return float(value) / 100


def _of_sources(
    study: Study,
    records: Records,
    errors: SourceErrors | None,
    settings: AgreementSettings,
    share: float,
    seed: np.random.SeedSequence,
) -> dict[str, Any]:
    table = sources.source_table(records, errors)
    precision = pd.DataFrame()
    place = settings.objective
    if place is not None and errors is not None and place.source in records.sources:
        row = table[table["source"] == place.source].iloc[0]
        if 0 < row["reliability"] < 1:
            precision = precision_table(study, place, float(row["error"]), float(row["reliability"]))
    return {
        "sources": table,
        "limits": sources.limits_table(records),
        "correlations": sources.correlation_table(records),
        "alphas": sources.alpha_table(records, settings, seed),
        "shared": sources.shared_table(records, errors),
        "curve": sources.curve_table(records, errors),
        "tolerances": sources.tolerance_table(records, settings, share),
        "dropped": sources.dropped_table(records, settings),
        "precision": precision,
    }


def _remarks(records: Records, errors: SourceErrors | None, settings: AgreementSettings, study: Study) -> list[Remark]:
    if errors is None:
        return [
            remark(
                f"With fewer than {FEWEST_SOURCES} sources nothing says whose the error is: no error variances.",
                f"来源不足 {FEWEST_SOURCES} 个，无法判断误差属于谁：不给出误差方差。",
            )
        ]
    said = []
    below = [name for name, one in zip(records.sources, errors.variance, strict=True) if one <= 0]
    if below:
        said.append(
            remark(
                f"{', '.join(below)}: the estimated error variance is below zero and shown as none; two sources that "
                "share their errors make a third look so.",
                f"{'、'.join(below)}：误差方差估计值小于零，按零显示；两个来源共有误差时，第三个会呈现此种情形。",
            )
        )
    said.append(
        remark(
            "Error variances hold if the sources err independently of each other and of what they read. "
            + (
                "With three sources only a pair that shares its errors, one at a time, can be told from the table of "
                "shared errors."
                if len(records.sources) == FEWEST_SOURCES
                else "What a pair shares beyond that stands in the table of shared errors."
            ),
            "误差方差以各来源误差相互独立且与被测量无关为前提。"
            + (
                "只有三个来源时，共有误差只能逐对假设，见共有误差表。"
                if len(records.sources) == FEWEST_SOURCES
                else "各对来源共有的部分见共有误差表。"
            ),
        )
    )
    if settings.objective is not None:
        said += linear_remarks(study.model_settings.aggregation)
        said.append(
            study.words.remark(
                "The precision of an objective reading presupposes that every item of the composite errs, as a share "
                f"of its variance, like the source {settings.objective.source}, independently of the others, and that "
                "the objective reading is unbiased.",
                f"客观读数所需精度的前提：综合值各指标的误差占其方差的比例与来源 {settings.objective.source} 相同，"
                "且相互独立，客观读数无偏。",
            )
        )
    return said
