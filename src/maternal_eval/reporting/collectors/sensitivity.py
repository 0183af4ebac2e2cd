"""What the analysis ``sensitivity`` gives to the papers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from maternal_eval.reporting.collector import Collector

ALT_TEXTS = {
    "": (
        "Sobol' indices of the factors with intervals and the dummy line, and the elasticity curve",
        "各因素的 Sobol' 指数及区间与虚拟变量基线，以及弹性曲线",
    ),
}
"""Figure (empty: the main one) → its alternative text in English and Chinese."""


def collect_sensitivity(into: Collector, result: Any) -> None:
    """Sobol' indices of the whole, how firm the first rank is, and the elasticity of the outcome."""
    into.add("runs", result.runs, decimals=0, evidence="design")
    for row in result.table().to_dict("records"):
        for index in ("first", "total"):
            low, high = row[f"{index}_low"], row[f"{index}_high"]
            into.add(f"{row['output']}.{row['factor']}.{index}", row[index], low=low, high=high, kind="bootstrap")
    whole = result.ranks[result.ranks["stage"] == ""]
    if not whole.empty:
        first = whole.sort_values("nominal").iloc[0]
        into.add("first.share", first["share_first"], unit="share", decimals=0)
        into.add("platforms", len(whole), decimals=0)
        into.add("firm", int((whole["low"] == whole["high"]).sum()), decimals=0)
    by_stage = result.ranks[result.ranks["stage"] != ""]
    if not by_stage.empty:
        into.add("firm.by_stage", float((by_stage["low"] == by_stage["high"]).mean()), unit="share", decimals=0)
    for row in result.elasticity.to_dict("records"):
        low, high = row["response_low"], row["response_high"]
        into.add(f"elasticity.{row['model']}.response", row["response"], unit="share", decimals=1, low=low, high=high,
                 kind="bootstrap")  # fmt: skip
        if not pd.isna(row["published"]):
            into.add(f"elasticity.{row['model']}.published", row["published"], unit="share", decimals=1,
                     evidence="published")  # fmt: skip
    for model, curve in result.curve.groupby("model") if not result.curve.empty else ():
        end = curve.sort_values("change").iloc[-1]
        into.add(f"curve.{model}.end", end["value"], unit="share", decimals=0, low=end["low"], high=end["high"],
                 kind="bootstrap")  # fmt: skip
        into.add(f"curve.{model}.change", end["change"], unit="share", decimals=0, evidence="design")
