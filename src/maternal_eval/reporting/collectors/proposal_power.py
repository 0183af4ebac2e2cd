"""What the analysis ``proposal_power`` gives to the papers."""

from __future__ import annotations

from typing import Any

from maternal_eval.reporting.collector import Collector

ALT_TEXTS = {
    "": (
        "Share of replicates in which a raised weight is proposed, over the size of the change",
        "被升高的权重得到建议的重复占比随变化幅度的变化",
    ),
}
"""Figure (empty: the main one) → its alternative text in English and Chinese."""


def collect_proposal_power(into: Collector, result: Any) -> None:
    """Rates of every condition: false proposals, found changes, coverage."""
    for row in result.rates.dropna(subset=["value"]).to_dict("records"):
        into.add(
            f"{row['condition']}.{row['rate']}",
            row["value"],
            unit="share",
            decimals=1,
            low=row["low"],
            high=row["high"],
        )
    into.add("replicates", result.settings["replicates"], decimals=0, evidence="design")
    into.add("effect", result.settings["stated_effect"], decimals=1, evidence="design")
    into.add("answers", result.settings["answers"], decimals=0, evidence="design")
