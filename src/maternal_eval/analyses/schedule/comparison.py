"""The second condition of the schedule: the backtest does not get worse with stage weights than with static ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from maternal_eval.analyses.backtest.result import BacktestResult

STAGE_FORECASTER, STATIC_FORECASTER = "stage_weights", "ahp_weights"
"""The forecasters that are compared: the composite with weights by stage, and with the static ones."""

SCORE = "crps"
"""The score that decides: continuous ranked probability score, smaller is better, in units of the outcome."""


@dataclass(frozen=True)
class Comparison:
    """What the backtest says of stage weights against static ones.

    Attributes
    ----------
    static, stage
        Mean score of the two forecasters; smaller is better.
    difference, low, high
        Stage less static (negative: stage weights are better) with its interval, paired by cell.
    margin
        Largest upper end of the interval that is not yet worse.
    mcse
        Monte-Carlo standard error of the difference, as if the two were independent.
    split, target, cells, clusters
        Where it was measured, on how many cells of how many clusters.
    """

    static: float
    stage: float
    difference: float
    low: float
    high: float
    margin: float
    mcse: float
    split: str
    target: str
    cells: int
    clusters: int

    @property
    def holds(self) -> bool:
        """Whether stage weights are not worse: the upper end of the interval stays within the margin."""
        return bool(self.high <= self.margin)


def compare_in_backtest(backtest: BacktestResult, target: str, margin: float) -> Comparison | None:
    """Return the comparison on the study's own split, or None where the backtest does not hold both forecasters.

    Not worse means: the upper end of the 90 % interval of the mean difference, paired by cell and clustered by unit,
    lies above zero by no more than ``margin`` times the score of the static weights (a test of
    non-inferiority at the level of 5 %). Without an interval (a single cluster) nothing is shown, and the condition
    fails.

    Parameters
    ----------
    backtest
        Its result.
    target
        The outcome from which the stage weights were learned.
    margin
        Share of the static weights' score that counts as no difference.
    """
    compared, scores = backtest.comparisons, backtest.main_scores
    if compared.empty:
        return None
    of_score = compared["main"] & (compared["target"] == target) & (compared["score"] == SCORE)
    of_pair = (compared["forecaster"] == STAGE_FORECASTER) & (compared["other"] == STATIC_FORECASTER)
    rows = compared[of_score & of_pair]
    of_target = scores[(scores["target"] == target) & (scores["score"] == SCORE)]
    value = dict(zip(of_target["forecaster"], of_target["value"].astype(float), strict=True))
    error = dict(zip(of_target["forecaster"], of_target["mcse"].astype(float).fillna(0.0), strict=True))
    if rows.empty or not {STAGE_FORECASTER, STATIC_FORECASTER} <= set(value):
        return None
    row, static = rows.iloc[0], value[STATIC_FORECASTER]
    return Comparison(
        static=static,
        stage=value[STAGE_FORECASTER],
        difference=float(row["difference"]),
        low=float(row["low"]),
        high=float(row["high"]),
        margin=margin * static,
        mcse=math.hypot(error[STAGE_FORECASTER], error[STATIC_FORECASTER]),
        split=str(row["split"]),
        target=target,
        cells=int(row["cells"]),
        clusters=int(row["clusters"]),
    )
