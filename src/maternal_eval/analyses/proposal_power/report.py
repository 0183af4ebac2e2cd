"""What the analysis ``proposal_power`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.proposal_power.result import ProposalPowerResult
from maternal_eval.results.reported import Reported


def collect(into: Reported, result: ProposalPowerResult) -> None:
    """Rates of every condition: false proposals, found changes, coverage."""
    into.add_each("{condition}.{rate}", result.rates, "value", unit="share", decimals=1, low="low", high="high",
                  error="mcse")  # fmt: skip
    into.add("replicates", result.settings["replicates"], decimals=0, evidence="design")
    into.add("effect", result.settings["stated_effect"], decimals=1, evidence="design")
    into.add("answers", result.settings["answers"], decimals=0, evidence="design")
