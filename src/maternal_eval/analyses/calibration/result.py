"""What simulation-based calibration found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.results import Result
from maternal_eval.results.schema import TableSchema, chance, count, number, schema, share

TABLES = {
    "": schema("check", "status value threshold text"),
    "checks": schema("check", "status value threshold text"),
    "ranks": TableSchema({"*": count("Rank of the truth", "真值的秩")}),
    "uniformity": schema(
        "quantity",
        "group mean_rank mcse p p_holm",
        mean_rank=number("Mean rank", "平均秩", decimals=1),
        p=chance("p", "p"),
        p_holm=chance("p after Holm", "Holm 校正 p"),
    ),
    "coverage": schema(
        "quantity probability",
        "group covered mcse low high inside",
        probability=share("Interval", "区间", decimals=0),
        covered=share("Covered (mean)", "覆盖率（均值）", decimals=0),
        low=share("Limit, low", "界限（下）", decimals=0),
        high=share("Limit, high", "界限（上）", decimals=0),
    ),
    "sampler": schema(
        "",
        "rhat bulk_ess divergences times_as_long",
        divergences=count("Divergences", "发散次数"),
        times_as_long=number("Times as long", "延长倍数", decimals=0),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class CalibrationResult(Result):
    """Ranks of the truth among posterior draws, and coverage of intervals, over replicates.

    Attributes
    ----------
    study
        Study whose model (answers, order of stages, priors) was put to the test.
    simulated
        True: every answer here was drawn from the model; no panel was looked at.
    stages_ordered
        Whether the stages of the design follow each other.
    design
        Numbers of stages, periods, segment_levels, cells, answers, answers_per_cell, levels (of an answer), parameters.
    settings
        Settings of the calibration.
    replicates, ranked_among
        Number of replicates, and of draws among which each truth was ranked.
    alarm
        Probability that a right fit fails the check of the ranks, and as much for the coverage.
    ranks
        Replicate × quantity: 0 … ``ranked_among``.
    uniformity
        See :func:`maternal_eval.analyses.calibration.tables.uniformity_table`.
    coverage
        See :func:`maternal_eval.analyses.calibration.tables.coverage_table`.
    sampler
        By replicate: rhat, bulk_ess, divergences, times_as_long (as planned).
    checks
        Verdicts: check, status, value, threshold, text.
    """

    study: str
    simulated: bool
    stages_ordered: bool
    design: dict[str, int]
    settings: dict[str, Any]
    replicates: int
    ranked_among: int
    alarm: float
    ranks: pd.DataFrame
    uniformity: pd.DataFrame
    coverage: pd.DataFrame
    sampler: pd.DataFrame
    checks: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return bool((self.checks["status"] != "failed").all())

    def require_printable(self) -> None:
        """Refuse to print anything of a satisfaction model that is not calibrated.

        Raises
        ------
        DiagnosticsError
            If a check failed.
        """
        failed = self.checks[self.checks["status"] == "failed"]
        if len(failed):
            first = failed.iloc[0]
            raise DiagnosticsError(
                f"the satisfaction model of {self.study} is not calibrated: {first['check']} {first['value']:g} "
                f"(limit {first['threshold']:g}), {first['text']}; look for a mistake in prior, likelihood or sampler "
                "before using its intervals"
            )

    def table(self) -> pd.DataFrame:
        """Return the verdicts."""
        return self.checks

    def coverage_by_group(self) -> pd.DataFrame:
        """Return the coverage of scores and of changes: group, probability, covered (mean), lowest, highest."""
        grouped = self.coverage.groupby(["group", "probability"])["covered"]
        return grouped.agg(covered="mean", lowest="min", highest="max").reset_index()
