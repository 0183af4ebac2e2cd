"""What the analysis ``drivers`` gives to the papers."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.drivers.result import TABLES, DriversResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, names, with_cells, with_interval
from maternal_eval.study import DIMENSIONS


def collect(into: Reported, result: DriversResult) -> None:
    """Explained variance, importance by group, gains and the chance of being among the first pain points."""
    draws = result.settings["resamples"]
    for row in result.fits.to_dict("records"):
        error = (row["high"] - row["low"]) / 3.3 / np.sqrt(draws)
        into.add(f"explained.{row['group']}", row["explained"], unit="share", decimals=1, low=row["low"],
                 high=row["high"], kind="bootstrap", error=error)  # fmt: skip
    for row in result.drivers.to_dict("records"):
        # The bias correction is sampled: its error is that of a mean over the resamples.
        error = float(np.hypot(row["mcse"], (row["high"] - row["low"]) / 3.3 / np.sqrt(draws)))
        into.add(f"share.{row['group']}.{row['set']}.{row['element']}", row["share"], unit="share", decimals=1,
                 low=row["low"], high=row["high"], kind="bootstrap", error=error)  # fmt: skip
    pains = result.pain_points
    into.add_each("gain.{group}.{indicator}", pains, "gain", low="low", high="high", decimals=3, kind="bootstrap",
                  error=0.0)  # fmt: skip
    spread = np.sqrt(np.maximum(pains["p_top"] * (1 - pains["p_top"]), 1e-2) / draws)
    into.add_each("top.{group}.{indicator}", pains, "p_top", error=spread)
    into.add("step", result.settings["step"], decimals=1, evidence="design")
    into.add("top", result.settings["top"], decimals=0, evidence="design")
    everybody = result.of_everybody("indicators")
    for place, row in enumerate(everybody.head(3).to_dict("records"), 1):
        into.add(f"first.{place}.name", names(result, row["element"]))
        into.add(f"first.{place}.share", row["share"], unit="share", decimals=1, low=row["low"], high=row["high"],
                 kind="bootstrap")  # fmt: skip
    if result.has_dimensions:
        first = result.of_everybody(DIMENSIONS).iloc[0]
        into.add("dimension.name", names(result, first["element"]))
    shown = result.pains().head(10)
    for place, row in enumerate(shown.head(5).to_dict("records"), 1):
        into.add(f"pain.{place}.name", names(result, row["indicator"]))
        into.add(f"pain.{place}.gain", row["gain"], decimals=3, low=row["low"], high=row["high"], kind="bootstrap")
        into.add(f"pain.{place}.probability", row["p_top"])
    into.add("pain.sure", int((result.pains()["p_top"] >= 0.9).sum()), decimals=0)
    into.add("pain.possible", int((result.pains()["p_top"] >= 0.05).sum()), decimals=0)
    importance = everybody.set_index("element")
    table = with_cells(
        shown,
        name=[names(result, code) for code in shown["indicator"]],
        gain_cell=[with_interval(row, "gain") for row in shown.to_dict("records")],
        share_cell=[with_interval(row, "share") for row in importance.loc[shown["indicator"]].to_dict("records")],
    )
    panel = panel_kind(result.simulated)
    outcome = names(result, result.outcome)
    step, top = result.settings["step"], result.settings["top"]
    into.add_table(
        "pain-points",
        table,
        result.words.remark(
            f"Pain points ({panel['en']}): gain of {outcome['en']} if every answer to the indicator rose by {step:g} "
            f"points, probability of being among the first {top}, share of what the indicators explain; intervals 90%.",
            f"痛点清单（{panel['zh']}）：该指标的每份评分提高 {step:g} 分时{outcome['zh']}的提升、进入前 {top} 名的概率、"
            "占指标解释部分的份额；区间为 90%。",
        ),
        {
            "name": TABLES["pain_points"]["indicator"].written(width=34),
            "performance": TABLES["pain_points"]["performance"].written(width=12),
            "gain_cell": TABLES["pain_points"]["gain"].written(width=26),
            "p_top": TABLES["pain_points"]["p_top"].written(
                width=16, en=f"P(first {top})", zh=f"进入前 {top} 名的概率"
            ),
            "share_cell": TABLES["drivers"]["share"].written(width=26, en="Importance", zh="重要性"),
        },
    )
