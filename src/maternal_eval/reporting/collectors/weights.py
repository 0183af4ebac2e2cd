"""What the analysis ``weights`` gives to the papers."""

from __future__ import annotations

from typing import Any

import pandas as pd

from maternal_eval.reporting.collector import Collector, names, with_interval
from maternal_eval.reporting.tables import TableColumn

ALT_TEXTS = {
    "": (
        "Dot plot of the static weight of each indicator with its interval over the experts, grouped by dimension",
        "各指标静态权重点图，附专家间区间，按维度分组",
    ),
}
"""Figure (empty: the main one) → its alternative text in English and Chinese."""


def collect_weights(into: Collector, result: Any) -> None:
    """Weights of the experts, how consistent they are, and how far they agree."""
    into.add("experts", result.experts, decimals=0)
    for row in result.dimensions.to_dict("records"):
        name = f"dimension.{row['dimension']}"
        if row["nominal_given"]:
            into.add(f"{name}.nominal", row["nominal"], unit="share", decimals=0, evidence="published")
        if not pd.isna(row["experts"]):
            into.add(f"{name}.experts", row["experts"], unit="share", decimals=1, low=row["low"], high=row["high"],
                     kind="bootstrap")  # fmt: skip
    ordered = result.weights.sort_values("weight")
    for name, row in (("smallest", ordered.iloc[0]), ("largest", ordered.iloc[-1])):
        into.add(f"{name}.name", names(result, row["indicator"]))
        into.add(f"{name}.weight", row["weight"], unit="share", decimals=1, low=row["low"], high=row["high"],
                 kind="bootstrap")  # fmt: skip
    if not result.consistency.empty:
        last = int(result.consistency["round"].max())
        into.add("rounds", last, decimals=0)
        for of_round, group in result.consistency.groupby("round"):
            into.add(f"round_{of_round}.acceptable", group["acceptable"].mean(), unit="share", decimals=0)
        for row in result.concordance[result.concordance["round"].isin([1, last])].to_dict("records"):
            into.add(f"round_{row['round']}.w.{row['set']}", row["w"], decimals=2)
    table = result.weights.assign(
        name=[names(result, code) for code in result.weights["indicator"]],
        dimension_name=[names(result, name) for name in result.weights["dimension"]],
        weight_cell=[with_interval(row, "weight") for row in result.weights.to_dict("records")],
    )
    into.add_table(
        "weights",
        table,
        {
            "en": "Static weights: published dimension weight × group weight of the (simulated) experts inside it, with "
            "90% bootstrap intervals over the experts.",
            "zh": "静态权重：公布的维度权重 × 维度内（模拟）专家群体权重，附专家自助法 90% 区间。",
        },
        {
            "indicator": TableColumn("Code", "代码", width=10),
            "name": TableColumn("Indicator", "指标", width=40),
            "dimension_name": TableColumn("Dimension", "维度", width=18),
            "weight_cell": TableColumn("Weight", "权重", decimals=1, unit="share", width=32),
        },
    )
