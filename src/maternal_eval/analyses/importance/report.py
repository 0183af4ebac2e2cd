"""What the analysis ``importance`` gives to the papers."""

from __future__ import annotations

from typing import Any

from maternal_eval.results.reported import Reported, names


def collect(into: Reported, result: Any) -> None:
    """Stated against effective importance, the weights that would do what is stated, and what leaving out does."""
    for row in result.importance[result.importance["set"] == "dimensions"].to_dict("records"):
        name = f"{row['level']}.{row['element']}"
        into.add(f"{name}.effective", row["effective"], unit="share", decimals=1, low=row["low"], high=row["high"],
                 kind="bootstrap")  # fmt: skip
        into.add(f"{name}.linear", row["linear"], decimals=2)
        into.add(f"{name}.own", row["own"] / row["linear"] if row["linear"] else 0.0, unit="share", decimals=0)
    for row in result.reweighted[result.reweighted["set"] == "dimensions"].to_dict("records"):
        into.add(f"{row['level']}.{row['element']}.needed", row["weight"], unit="share", decimals=1)
    for row in result.attainable.to_dict("records"):
        into.add(f"{row['level']}.{row['set']}.gap", row["gap"], unit="share", decimals=1)
    indicators = result.importance[
        (result.importance["set"] == "indicators") & (result.importance["level"] == "respondents")
    ]
    for name, column in (("nominal", "nominal"), ("effective", "effective")):
        if len(indicators) and indicators[column].min() > 0:
            into.add(f"indicators.{name}.ratio", indicators[column].max() / indicators[column].min(), decimals=1)
    for (units, kind), rows in result.leave_out.groupby(["units", "set"], sort=False):
        most = rows.loc[rows["mean_shift"].idxmax()]
        into.add(f"leave_out.{units}.{kind}.name", names(result, most["element"]))
        into.add(f"leave_out.{units}.{kind}.shift", most["mean_shift"], decimals=2)
        into.add(f"leave_out.{units}.{kind}.count", int(most["count"]), decimals=0)
    for units, rows in result.ranks.groupby("units", sort=False):
        into.add(f"ranks.{units}.firm", int((rows["low"] == rows["high"]).sum()), decimals=0)
        into.add(f"ranks.{units}.count", len(rows), decimals=0)
