"""What the analysis ``items`` gives to the papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maternal_eval.analyses.items.result import TABLES, ItemsResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, with_cells, with_interval
from maternal_eval.results.tables import TableColumn

SIDES = ("lowest", "highest")


def collect(into: Reported, result: ItemsResult) -> None:
    """Expected answers of items and dimensions, their changes, and what published scores imply."""
    into.add("fitted", len(result.items), decimals=0, evidence="design")
    scores = result.scores
    for row in scores.to_dict("records"):
        place = f"{row['name']}.{row['stage']}" + (f".{int(row['period'])}" if result.has_periods else "")
        into.add(f"score.{place}", row["score"], low=row["low"], high=row["high"], error=row["mcse"])
    for row in result.changes.to_dict("records"):
        into.add(f"change.{row['name']}.{row['stage']}", row["change"], low=row["low"], high=row["high"],
                 error=row["mcse"])  # fmt: skip
    for row in result.remaining.to_dict("records"):
        middle = (row["low"] + row["high"]) / 2
        into.add(f"remaining.{row['period']}", middle, low=row["low"], high=row["high"], probability=None, kind="range",
                 error=0.0, evidence="arithmetic")  # fmt: skip
    if result.implied.empty:
        return
    for row in result.implied.to_dict("records"):
        place = f"implied.{row['name']}.{row['stage']}.{int(row['period'])}"
        into.add(f"{place}.figure", row["score"], decimals=1, evidence="published")
        for side in SIDES:
            low, high = row[f"{side}_low"], row[f"{side}_high"]
            into.add(f"{place}.{side}", row[side], unit="share", decimals=0, low=low, high=high,
                     error=row[f"{side}_mcse"])  # fmt: skip
            for end in ("least", "most"):
                into.add(
                    f"{place}.{side}.{end}", row[f"{side}_{end}"], unit="share", decimals=0, evidence="attainability"
                )
    _implied_table(into, result)


def _implied_table(into: Reported, result: ItemsResult) -> None:
    rows = result.implied.to_dict("records")
    table = with_cells(
        result.implied,
        stage_name=[both(result.labels, row["stage"]) for row in rows],
        item_name=[_item(result, row) for row in rows],
        lowest_cell=[with_interval(row, "lowest", "lowest_low", "lowest_high") for row in rows],
        highest_cell=[with_interval(row, "highest", "highest_low", "highest_high") for row in rows],
        lowest_range=[f"{row['lowest_least']:.0%}–{row['lowest_most']:.0%}" for row in rows],
        highest_range=[f"{row['highest_least']:.0%}–{row['highest_most']:.0%}" for row in rows],
    )
    panel = panel_kind(result.simulated)
    into.add_table(
        "implied",
        table,
        {
            "en": "What published mean scores imply for the shares of the two lowest and the two highest answers: any "
            "answers with such a mean (attainable), and with the thresholds fitted to the item named "
            f"({panel['en']}, 90% equal-tailed intervals). An asterisk marks an item that only comes closest to what was "
            "published.",
            "zh": "已发表均值对最低两档与最高两档答案占比的含义：凡均值相同的答案皆可达到的范围，以及采用所列指标拟合阈值时的"
            f"占比（{panel['zh']}，90% 等尾区间）。星号表示该指标仅与已发表内容最为接近。",
        },
        {
            "stage_name": TABLES["implied"]["stage"].written(result.words),
            "period": TABLES["implied"]["period"].written(),
            "score": TABLES["implied"]["score"].written(),
            "item_name": TABLES["implied"]["name"].written(),
            "lowest_cell": TABLES["implied"]["lowest"].written(),
            "lowest_range": TableColumn("Attainable", "可达范围"),
            "highest_cell": TABLES["implied"]["highest"].written(),
            "highest_range": TableColumn("Attainable", "可达范围"),
        },
        evidence="attainability",
    )


def _item(result: ItemsResult, row: Mapping[Any, Any]) -> dict[str, str]:
    return {
        language: text + ("*" if row["proxy"] else "") for language, text in both(result.labels, row["name"]).items()
    }
