"""Proposal power: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.analyses.proposal_power.rates import RATES
from maternal_eval.results import StudyResult
from maternal_eval.results.schema import TableSchema, count, number, schema, share, text, truth

_TRUE_RATIO = number("True weight over static weight", "真实权重与静态权重之比", decimals=1)

TABLES = {
    "": TableSchema(
        {
            **schema("condition", "effect true_ratio answers indicators replicates", true_ratio=_TRUE_RATIO).columns,
            **{name: share(en, zh) for name, (en, zh) in RATES.items()},
        },
        ("condition",),
    ),
    "rates": schema(
        "condition rate",
        "value low high mcse truth effect true_ratio answers indicators whole replicates",
        rate=text("Rate", "比率"),
        value=share("Value", "取值"),
        truth=text("Truth", "真实情形"),
        true_ratio=_TRUE_RATIO,
        whole=truth("Whole design", "完整设计"),
    ),
    "fits": schema(
        "condition",
        "rhat bulk_ess pareto_k failed replicates",
        pareto_k=number("Largest Pareto k-hat", "最大 Pareto k-hat"),
        failed=count("Replicates that failed their gates", "未过诊断的重复"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ProposalPowerResult(StudyResult):
    """Rates of false proposals, of found changes, and of coverage, by truth and size.

    Attributes
    ----------
    rates
        One row per condition and rate (see :data:`~maternal_eval.analyses.proposal_power.rates.RATES`): ``condition``,
        ``truth``, ``effect``, ``true_ratio`` (true weight over static weight of the raised one), ``answers``,
        ``indicators``, ``rate``, ``value``, ``low``, ``high`` (90 % equal-tailed: Clopper & Pearson over replicates, or
        a normal interval where a rate is a mean over weights), ``mcse``, ``replicates``.
    fits
        One row per condition: largest R-hat, smallest effective sample size, largest Pareto k-hat, and how many
        replicates did not pass their gates and were left out of the rates.
    """

    rates: pd.DataFrame
    fits: pd.DataFrame
    equivalence: float
    credible: float

    def rate(self, condition: str, rate: str) -> pd.Series:
        """Return one row of :attr:`rates`."""
        rows = self.rates[(self.rates["condition"] == condition) & (self.rates["rate"] == rate)]
        return rows.iloc[0]

    def table(self) -> pd.DataFrame:
        """Return one row per condition, one column per rate."""
        index = ["condition", "effect", "true_ratio", "answers", "indicators", "replicates"]
        wide = self.rates.pivot_table("value", index, "rate", sort=False, dropna=False)
        return wide.dropna(how="all")[list(RATES)].reset_index().rename_axis(columns=None)
