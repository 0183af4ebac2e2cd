"""Schedule: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import count, number, schema, share, truth

_WEIGHTS = schema(
    "stage indicator",
    "dimension static mean low high probability_change probability_own likely proposed weight reason reason_en "
    "reason_zh",
    likely=truth("Own change credible", "自身变化可信"),
    mean=share("Posterior mean", "后验均值"),
    weight=share("Proposed", "建议"),
)

TABLES = {
    "": _WEIGHTS,
    "weights": _WEIGHTS,
    "stages": schema(
        "stage",
        "proposed rest_factor quarters",
        proposed=count("Weights proposed to move", "建议调整的权重数"),
        rest_factor=number("Factor of the other weights", "其余权重的系数"),
        quarters=count("Quarters", "季度数"),
    ),
    "quarters": schema("quarter stage indicator", "weight", quarter=count("Quarter", "季度")),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ScheduleResult(StudyResult):
    """What should move, and why the rest should not.

    Attributes
    ----------
    weights
        One row per stage and indicator: ``static`` weight of the whole, posterior ``mean``, ``low``, ``high`` of the
        stage, ``probability_change`` (beyond the region of practical equivalence), ``probability_own`` (that it moved
        itself and does not only make room), ``likely`` (the first condition), ``proposed``, ``weight`` (after
        adopting what is proposed; each stage sums to 1), and ``reason`` with its words in both languages.
    stages
        One row per stage: ``proposed`` (how many), ``rest_factor`` (what the other weights of the stage are multiplied
        by to make room) and ``quarters`` (until it is reached).
    quarters
        One row per quarter (0 = now), stage and indicator: ``weight``. Each stage sums to 1 in each quarter.
    comparison
        The backtest of stage weights against static ones, see
        :class:`~maternal_eval.analyses.schedule.comparison.Comparison`; empty where the backtest does not hold both.
    holds
        Whether the backtest is not worse with stage weights.
    effective
        Effective number of draws behind the probabilities.
    text
        The proposal as a paragraph, by language.
    """

    weights: pd.DataFrame
    stages: pd.DataFrame
    quarters: pd.DataFrame
    comparison: dict[str, Any]
    holds: bool
    effective: float
    equivalence: float
    text: dict[str, str]
    outcome: str

    @property
    def expected_false(self) -> float:
        """Expected share of false ones among the weights that meet the first condition; NaN if there is none."""
        likely = self.weights.loc[self.weights["likely"], "probability_own"]
        return float((1.0 - likely).mean())

    @property
    def proposals(self) -> pd.DataFrame:
        """The rows of :attr:`weights` that are proposed to move."""
        return self.weights[self.weights["proposed"]].reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """Return one row per stage and indicator; see :attr:`weights`."""
        return self.weights.copy()

    def paragraph(self, language: str = "en") -> str:
        """Return the proposal as a paragraph in ``language`` ("en" or "zh")."""
        return self.text[language]
