"""What the analysis ``scores`` gives to the papers."""

from __future__ import annotations

from typing import Any

from maternal_eval.reporting.collector import Collector

ALT_TEXTS = {
    "": (
        "Lines of the composite score by stage over the periods with bootstrap intervals",
        "各阶段综合得分随时期变化的折线图，附自助法区间",
    ),
}
"""Figure (empty: the main one) → its alternative text in English and Chinese."""


def collect_scores(into: Collector, result: Any) -> None:
    """Scores by stage and over all, first and last period."""
    margins = result.margins
    by_period = margins[margins["level"] == "period"]
    if by_period.empty:
        return
    for row in by_period.to_dict("records"):
        into.add(f"all.{int(row['period'])}", row["score"], decimals=1, low=row["low"], high=row["high"],
                 kind="bootstrap")  # fmt: skip
    by_stage = margins[margins["level"] == "stage × period"]
    last = by_stage[by_stage["period"] == by_stage["period"].max()]
    for row in last.to_dict("records"):
        into.add(f"{row['stage']}.last", row["score"], decimals=1, low=row["low"], high=row["high"], kind="bootstrap")
