"""What the analysis ``scores`` gives to the papers."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.scores.result import ScoresResult
from maternal_eval.analyses.scores.stars import STAR_STATUS
from maternal_eval.analyses.scores.tables import FACTORS
from maternal_eval.results.reported import Reported, extreme, names


def collect(into: Reported, result: ScoresResult) -> None:
    """Scores by stage and over all, first and last period; the gate, and what falls below three stars."""
    margins = result.margins
    for table in (result.scores, margins):
        _scores(into, table)
    into.add("links", len(result.links), decimals=0)
    stars = result.stars
    if "period" in stars:
        stars = stars[stars["period"] == stars["period"].max()]
    for name, rows in (("all", stars[stars["stage"] == ""]), ("by_stage", stars[stars["stage"] != ""])):
        if not rows.empty:
            alarms = rows[rows["status"].map(lambda status: STAR_STATUS[status].alarm)]
            into.add(f"stars.{name}", len(rows), decimals=0)
            into.add(f"stars.{name}.alarms", len(alarms), decimals=0)
            least = extreme(rows, "stars", largest=False)
            into.add(f"stars.{name}.least.name", names(result, least["indicator"]))
            into.add(f"stars.{name}.least.stage", names(result, least["stage"]) if least["stage"] else "")
            into.add(f"stars.{name}.least", least["stars"], decimals=2, low=least["low"], high=least["high"],
                     kind="bootstrap")  # fmt: skip
    by_period = margins[margins["level"] == "period"]
    if by_period.empty:
        return
    last = extreme(by_period, "period")
    into.add("gated", last["gated"], decimals=1)
    into.add("short", last["short"], unit="share", decimals=0)
    platforms = margins[(margins["level"] == "platform × period") & (margins["period"] == last["period"])]
    for name, largest in (("first", True), ("last", False)):
        if len(platforms) > 1:
            row = extreme(platforms, "score", largest=largest)
            into.add(f"platform.{name}", row["score"], decimals=1, low=row["low"], high=row["high"], kind="bootstrap")


def _scores(into: Reported, table: pd.DataFrame) -> None:
    """The score of every unit; the scores themselves are not sampled."""
    factors = [factor for factor in FACTORS if factor in table]
    for row in table.to_dict("records"):
        place = {factor: row[factor] for factor in factors if not pd.isna(row[factor])}
        # The level stands in the name: a platform may be called as a stage is.
        level = f"score.{'_by_'.join(place)}" if place.keys() - {"period"} else "all"
        name = ".".join([level, *map(str, place.values())])
        into.add(name, row["score"], decimals=1, low=row["low"], high=row["high"], kind="bootstrap", error=0.0)
