"""What the analysis ``scores`` gives to the papers."""

from __future__ import annotations

from typing import Any

from maternal_eval.analyses.scores.stars import STAR_STATUS
from maternal_eval.results.reported import Reported, names


def collect(into: Reported, result: Any) -> None:
    """Scores by stage and over all, first and last period; the gate, and what falls below three stars."""
    margins = result.margins
    into.add("links", len(result.links), decimals=0)
    stars = result.stars
    if "period" in stars:
        stars = stars[stars["period"] == stars["period"].max()]
    for name, rows in (("all", stars[stars["stage"] == ""]), ("by_stage", stars[stars["stage"] != ""])):
        if not rows.empty:
            alarms = rows[rows["status"].map(lambda status: STAR_STATUS[status].alarm)]
            into.add(f"stars.{name}", len(rows), decimals=0)
            into.add(f"stars.{name}.alarms", len(alarms), decimals=0)
            least = rows.loc[rows["stars"].idxmin()]
            into.add(f"stars.{name}.least.name", names(result, least["indicator"]))
            into.add(f"stars.{name}.least.stage", names(result, least["stage"]) if least["stage"] else "")
            into.add(f"stars.{name}.least", least["stars"], decimals=2, low=least["low"], high=least["high"],
                     kind="bootstrap")  # fmt: skip
    by_period = margins[margins["level"] == "period"]
    if by_period.empty:
        return
    for row in by_period.to_dict("records"):
        into.add(f"all.{int(row['period'])}", row["score"], decimals=1, low=row["low"], high=row["high"],
                 kind="bootstrap")  # fmt: skip
    last = by_period.loc[by_period["period"].idxmax()]
    into.add("gated", last["gated"], decimals=1)
    into.add("short", last["short"], unit="share", decimals=0)
    platforms = margins[(margins["level"] == "platform × period") & (margins["period"] == last["period"])]
    for name, at in (("first", "idxmax"), ("last", "idxmin")):
        if len(platforms) > 1:
            row = platforms.loc[getattr(platforms["score"], at)()]
            into.add(f"platform.{name}", row["score"], decimals=1, low=row["low"], high=row["high"], kind="bootstrap")
    by_stage = margins[margins["level"] == "stage × period"]
    last = by_stage[by_stage["period"] == by_stage["period"].max()]
    for row in last.to_dict("records"):
        into.add(f"{row['stage']}.last", row["score"], decimals=1, low=row["low"], high=row["high"], kind="bootstrap")
