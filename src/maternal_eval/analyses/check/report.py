"""What the analysis ``check`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.check.result import CheckResult
from maternal_eval.results.reported import Reported


def collect(into: Reported, result: CheckResult) -> None:
    """What the study holds."""
    facts = result.facts
    for name in ("answers", "indicators", "dimensions", "platforms"):
        if name in facts:
            into.add(name, int(facts[name]), decimals=0, error=0.0, evidence="design" if name != "answers" else None)
    shares = result.answers["share_answered"]
    into.add("answered.smallest", float(shares.min()), unit="share", decimals=0, error=0.0)
    into.add("answered.largest", float(shares.max()), unit="share", decimals=0, error=0.0)
    into.add_each("answered.of.{column}", result.answers, "share_answered", unit="share", decimals=1, error=0.0)
