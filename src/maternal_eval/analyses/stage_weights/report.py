"""What the analysis ``stage_weights`` gives to the papers."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.stage_weights.result import TABLES, StageWeightsResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, with_cells, with_interval


def collect(into: Reported, result: StageWeightsResult) -> None:
    """Stage weights: the largest credible changes, and the published claim under both readings."""
    weights = result.weights
    credible = weights[weights["credible_change"]]
    into.add("credible", len(credible), decimals=0)
    into.add("weights", len(weights), decimals=0)
    into.add("stage_credible", int(weights["credible_stage_change"].sum()), decimals=0)
    into.add("threshold", result.settings["credible"], unit="share", decimals=0, evidence="design")
    for level in result.claim["level"].unique() if not result.claim.empty else ():
        into.add("claim.level", level, unit="share", decimals=0, evidence="published")
    into.add("equivalence", result.settings["equivalence"], unit="share", decimals=0, evidence="design")
    into.add("informed.median", weights["informed"].median(), decimals=2)
    draws = np.sqrt(result.effective)
    into.add_each("tau", result.tau, "mean", low="low", high="high", error=result.tau["sd"] / draws)
    for kind, table in (("indicator", weights), ("dimension", result.dimensions)):
        name = f"{'weight' if kind == 'indicator' else kind}.{{stage}}.{{{kind}}}"
        into.add_each(name, table, "mean", unit="share", decimals=1, low="low", high="high", error=table["sd"] / draws)
    into.add("anchor.median", result.anchor["spread"].median(), decimals=2)
    into.add("pairs.not_apart", int((~result.pairs["told_apart"]).sum()), decimals=0)
    for row in result.claim.to_dict("records"):
        into.add(f"claim.{row['reading']}", row["mean"], unit="share", decimals=1, low=row["low"], high=row["high"])
        into.add(f"claim.{row['reading']}.probability", row["probability"], decimals=2)
    shown = weights.reindex(weights["relative_change"].abs().sort_values(ascending=False).index)
    shown = (shown[shown["credible_change"]] if len(credible) >= 5 else shown).head(10)
    table = with_cells(
        shown,
        stage_name=[both(result.labels, stage) for stage in shown["stage"]],
        name=[both(result.labels, code) for code in shown["indicator"]],
        weight_cell=[with_interval(row, "mean") for row in shown.to_dict("records")],
    )
    panel = panel_kind(result.simulated)
    into.add_table(
        "stage-weights",
        table,
        result.words.remark(
            f"{{Stage}} weights that move most against the static ones ({panel['en']}): posterior mean with 90% "
            "equal-tailed interval, probability of a relevant change, share of information from the answers.",
            f"与静态权重相比变动最大的{{stage}}权重（{panel['zh']}）：后验均值与 90% 等尾区间、发生实质变化的概率、来自{{answer}}的"
            "信息占比。",
        ),
        {
            "stage_name": TABLES["weights"]["stage"].written(result.words, width=23),
            "name": TABLES["weights"]["indicator"].written(width=28),
            "static": TABLES["weights"]["static"].written(width=10),
            "weight_cell": TABLES["weights"]["mean"].written(result.words, width=26),
            "probability_change": TABLES["weights"]["probability_change"].written(width=12),
            "informed": TABLES["weights"]["informed"].written(width=12),
        },
    )
