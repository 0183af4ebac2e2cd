"""What the analysis ``backtest`` gives to the papers."""

from __future__ import annotations

from typing import Any

from maternal_eval.reporting.collector import Collector, names
from maternal_eval.reporting.tables import TableColumn

READINGS = {
    "one_minus_mape": TableColumn("1 − MAPE", "1 − MAPE", decimals=1, unit="share", width=12),
    "within_tolerance": TableColumn("Within ±5%", "误差±5%以内", decimals=1, unit="share", width=12),
    "right_direction": TableColumn("Right direction", "方向正确", decimals=1, unit="share", width=12),
    "crps": TableColumn("CRPS", "CRPS", decimals=3, width=12),
    "crps_skill": TableColumn("CRPS skill", "CRPS 技巧评分", decimals=2, signed=True, width=12),
    "coverage_80": TableColumn("Coverage of 80%", "80% 区间覆盖率", decimals=1, unit="share", width=12),
}
"""Scores of the backtest that the papers' tables show, with how they are written."""

ALT_TEXTS = {
    "": (
        "Left: forecasts with intervals against observed means. Right: three readings of accuracy by forecaster",
        "左：预测值及区间与观测均值的对照；右：各预测方法的三种准确率",
    ),
}
"""Figure (empty: the main one) → its alternative text in English and Chinese."""


def collect_backtest(into: Collector, result: Any) -> None:
    """Scores of the main split: every reading of accuracy, CRPS, skill and coverage."""
    main = result.main_scores.dropna(subset=["value"])
    for row in main[main["score"].isin(READINGS)].to_dict("records"):
        column = READINGS[row["score"]]
        into.add(
            f"{row['target']}.{row['forecaster']}.{row['score']}",
            row["value"],
            unit=column.unit,
            decimals=column.decimals,
            low=row["low"],
            high=row["high"],
            kind="bootstrap",
        )
    into.add("cells", int(main["cells"].max()), decimals=0)
    into.add("clusters", int(main["clusters"].max()), decimals=0)
    into.add("origins", int(result.cells["split"].nunique()), decimals=0)
    target = str(main["target"].iloc[0])
    wide = main[main["target"] == target].pivot_table("value", "forecaster", "score", aggfunc="first").reset_index()
    order = list(dict.fromkeys(main["forecaster"]))
    wide = wide.sort_values("forecaster", key=lambda names: names.map(order.index)).reset_index(drop=True)
    wide = wide.reindex(columns=["forecaster", *READINGS])
    wide["name"] = [names(result, name) for name in wide["forecaster"]]
    train, test = str(main["split"].iloc[0]).split(" to ")
    split_en, split_zh = f"{train.replace('-', '–')} to {test}", f"{train.replace('-', '—')} → {test}"
    simulated_en, simulated_zh = (
        (" (simulated panel)", "（模拟面板）") if result.simulated else (" (real data)", "（真实数据）")
    )
    into.add_table(
        "backtest",
        wide,
        {
            "en": f"Backtest of {names(result, target)['en'].lower()}, {split_en}{simulated_en}: three readings of accuracy, "
            "continuous ranked probability score (smaller is better), skill against the last value, coverage.",
            "zh": f"{names(result, target)['zh']}回测，{split_zh}{simulated_zh}：三种准确率读法、"
            "连续分级概率评分（越小越好）、相对上期值的技巧评分与区间覆盖率。",
        },
        {"name": TableColumn("Forecaster", "预测方法", width=30), **READINGS},
    )
