"""What the analysis ``whatif`` gives to the papers."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.whatif.result import TABLES, WhatIfResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, names, with_interval

READINGS = {
    "relative": {"en": "% of level", "zh": "占原水平 %"},
    "points_of_100": {"en": "points of 100", "zh": "百分制分"},
}


def collect(into: Reported, result: WhatIfResult) -> None:
    """What-if: effects where each scenario applies, links, refusals, and the published effects beside them."""
    scenarios = result.scenarios
    into.add("scenarios", len(scenarios), decimals=0, evidence="design")
    into.add("refused", int((scenarios["status"] == "refused").sum()), decimals=0)
    into.add("draws", result.settings["draws"], decimals=0, evidence="design")
    for row in scenarios[scenarios["status"] == "carried"].to_dict("records"):
        into.add(f"{row['scenario']}.clipped", row["clipped"], unit="share", decimals=0)
    for row in result.in_place().to_dict("records"):
        name = f"{row['scenario']}.{row['weights']}.{row['outcome']}.{row['quantity']}"
        if not pd.isna(row["relative"]):
            into.add(f"{name}.relative", row["relative"], unit="share", decimals=1, low=row["relative_low"],
                     high=row["relative_high"])  # fmt: skip
        into.add(f"{name}.probability", row["probability"], decimals=2)
    into.add_each("everybody.{scenario}.{weights}.{outcome}.{quantity}", result.table(), "change", low="change_low",
                  high="change_high", error="change_mcse")  # fmt: skip
    for row in result.links.to_dict("records"):
        if not pd.isna(row["slope"]):
            into.add(f"link.{row['operation']}", row["slope"], decimals=2, low=row["low"], high=row["high"],
                     kind="confidence")  # fmt: skip
    _ranks(into, result)
    _published(into, result)


def _ranks(into: Reported, result: WhatIfResult) -> None:
    """Ranks of the platforms that a scenario is about."""
    if result.ranks.empty:
        return
    for column in ("change", "rank_change"):
        into.add_each(f"rank.{{scenario}}.{{weights}}.{{platform}}.{column}", result.ranks, column,
                      error=f"{column}_mcse")  # fmt: skip
    place = result.scenarios.set_index("scenario")["platform"]
    own = result.ranks[result.ranks["platform"] == place.loc[result.ranks["scenario"]].to_numpy()]
    for row in own.to_dict("records"):
        name = f"rank.{row['scenario']}.{row['weights']}"
        for when in ("before", "after"):
            into.add(f"{name}.{when}", row[f"rank_{when}"], decimals=1, low=row[f"rank_{when}_low"],
                     high=row[f"rank_{when}_high"])  # fmt: skip
            into.add(f"{name}.wins_{when}", row[f"wins_{when}"], decimals=2)
        into.add(f"{name}.probability", row["probability_rank"], decimals=2)


def _published(into: Reported, result: WhatIfResult) -> None:
    published = result.published
    for row in published.to_dict("records"):
        relative = row["reading"] == "relative"
        unit, decimals = ("share", 1) if relative else ("points", 2)
        name = f"published.{row['scenario']}.{row['outcome']}.{row['weights']}"
        into.add(f"{name}.model", row["value"], unit=unit, decimals=decimals, low=row["low"], high=row["high"])
        into.add(f"{name}.furthest", row["furthest"], unit=unit, decimals=decimals, low=row["furthest_low"],
                 high=row["furthest_high"])  # fmt: skip
        into.add(f"{name}.figure", row["published"], unit=unit, decimals=1, evidence="published")
    if published.empty:
        return
    shown = published[published["weights"] == "static"]
    cells = []
    for row in shown.to_dict("records"):
        scale = 100.0 if row["reading"] == "relative" else 1.0
        scaled = {name: scale * value for name, value in row.items() if isinstance(value, float)}
        cells.append(
            {
                "scenario_name": names(result, row["scenario"]),
                "outcome_name": names(result, row["outcome"]),
                "reading_name": READINGS[row["reading"]],
                "published": scaled["published"],
                "model": with_interval(scaled, "value"),
                "furthest": with_interval(scaled, "furthest", "furthest_low", "furthest_high"),
            }
        )
    panel = panel_kind(result.simulated)
    into.add_table(
        "what-if",
        pd.DataFrame(cells),
        {
            "en": f"Published effects of interventions beside the model's consequence ({panel['en']}, static weights, 90% "
            "equal-tailed intervals), and beside the furthest that the scale allows. A consequence of the model is "
            "no causal effect.",
            "zh": f"已发表的干预效应与模型推论的对照（{panel['zh']}，静态权重，90% 等尾区间），以及量表所允许的最大变化。"
            "模型的推论并非因果效应。",
        },
        {
            "scenario_name": TABLES["published"]["scenario"].written(width=27),
            "outcome_name": TABLES["published"]["outcome"].written(width=17),
            "reading_name": TABLES["published"]["reading"].written(width=12),
            "published": TABLES["published"]["published"].written(width=11, signed=True),
            "model": TABLES["published"]["value"].written(width=19, signed=True),
            "furthest": TABLES["published"]["furthest"].written(width=20, signed=True),
        },
        evidence="attainability",
    )
