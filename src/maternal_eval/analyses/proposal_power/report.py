"""What the analysis ``proposal_power`` gives to the papers."""

from __future__ import annotations

from typing import Any

from maternal_eval.results.reported import Reported


def collect(into: Reported, result: Any) -> None:
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
