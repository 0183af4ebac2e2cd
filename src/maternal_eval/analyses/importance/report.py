"""What the analysis ``importance`` gives to the papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from maternal_eval.analyses.importance.result import ImportanceResult
from maternal_eval.results.reported import Reported, extreme, names

SMOOTHER_TOLERANCE = 1e-4
"""To what the penalty of the smoother behind the nonlinear importance is found."""


def collect(into: Reported, result: ImportanceResult) -> None:
    """Stated against effective importance, the weights that would do what is stated, and what leaving out does."""
    for row in result.importance[result.importance["set"] == "dimensions"].to_dict("records"):
        name = f"{row['level']}.{row['element']}"
        _measures(into, name, row)
        into.add(f"{name}.own", row["own"] / row["linear"] if row["linear"] else 0.0, unit="share", decimals=0)
    for row in result.reweighted[result.reweighted["set"] == "dimensions"].to_dict("records"):
        into.add(f"{row['level']}.{row['element']}.needed", row["weight"], unit="share", decimals=1)
    for row in result.attainable.to_dict("records"):
        into.add(f"{row['level']}.{row['set']}.gap", row["gap"], unit="share", decimals=1)
    indicators = result.importance[
        (result.importance["set"] == "indicators") & (result.importance["level"] == "respondents")
    ]
    for row in result.importance[result.importance["set"] != "dimensions"].to_dict("records"):
        _measures(into, f"{row['level']}.{row['set']}.{row['element']}", row)
    for name, column in (("nominal", "nominal"), ("effective", "effective")):
        if len(indicators) and indicators[column].min() > 0:
            into.add(f"indicators.{name}.ratio", indicators[column].max() / indicators[column].min(), decimals=1)
    for (units, kind), rows in result.leave_out.groupby(["units", "set"], sort=False):
        most = extreme(rows, "mean_shift")
        into.add(f"leave_out.{units}.{kind}.name", names(result, most["element"]))
        into.add(f"leave_out.{units}.{kind}.shift", most["mean_shift"], decimals=2)
        into.add(f"leave_out.{units}.{kind}.count", int(most["count"]), decimals=0)
    into.add_each("leave_out.{units}.{set}.{element}.shift", result.leave_out, "mean_shift", error=0.0)
    chance = result.wins["probability"].astype(float)
    # The smallest spread that draws show: at 0 and 1 the binomial error is none.
    spread = np.maximum(chance * (1 - chance), 1e-3)
    into.add_each("wins.{units}.{unit}.{other}", result.wins, "probability", unit="share", decimals=0,
                  error=np.sqrt(spread / result.settings["draws"]))  # fmt: skip
    for units, rows in result.ranks.groupby("units", sort=False):
        name = f"ranks.{units!s}"
        into.add(f"{name}.firm", int((rows["low"] == rows["high"]).sum()), decimals=0)
        into.add(f"{name}.count", len(rows), decimals=0)


def _measures(into: Reported, name: str, row: Mapping[Any, Any]) -> None:
    """Importances of one part: exact functions of the data, but for the penalty of the smoother, which is searched."""
    into.add(f"{name}.effective", row["effective"], unit="share", decimals=1, low=row["low"], high=row["high"],
             kind="bootstrap", error=0.0)  # fmt: skip
    into.add(f"{name}.linear", row["linear"], error=0.0)
    into.add(f"{name}.nonlinear", row["nonlinear"], error=SMOOTHER_TOLERANCE)
