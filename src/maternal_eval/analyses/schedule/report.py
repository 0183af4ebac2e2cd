"""What the analysis ``schedule`` gives to the papers."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.schedule.result import TABLES, ScheduleResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, with_cells, with_interval


def collect(into: Reported, result: ScheduleResult) -> None:
    """How many weights are proposed to move, the backtest behind it, and the proposals as a table."""
    proposals, comparison = result.proposals, result.comparison
    into.add("proposed", len(proposals), decimals=0)
    into.add("likely", int(result.weights["likely"].sum()), decimals=0)
    into.add("shadows", int((result.weights["reason"] == "shadow").sum()), decimals=0)
    into.add("expected_false", result.expected_false, unit="share", decimals=1)
    into.add("false_discovery", result.settings["false_discovery"], unit="share", decimals=0, evidence="design")
    into.add("weights", len(result.weights), decimals=0)
    into.add("quarters", int(result.stages["quarters"].max()), decimals=0)
    into.add("cap", result.settings["cap"], unit="share", decimals=0, evidence="design")
    into.add("margin.share", result.settings["margin"], unit="share", decimals=0, evidence="design")
    if comparison:
        into.add("crps.static", comparison["static"], decimals=4)
        into.add("crps.stage", comparison["stage"], decimals=4)
        into.add("margin", comparison["margin"], decimals=4)
        into.add(
            "difference",
            comparison["difference"],
            decimals=4,
            low=comparison["low"],
            high=comparison["high"],
            kind="clustered",
            error=comparison["mcse"],
        )
    # The weights that follow jump where a probability passes the threshold, so that they are not compared.
    chance = result.weights["probability_own"]
    # One draw more or less at the ends, where the binomial error is zero.
    spread = chance * (1.0 - chance) + 1.0 / result.effective
    into.add_each("probability.{stage}.{indicator}", result.weights, "probability_own",
                  error=np.sqrt(spread / result.effective))  # fmt: skip
    if proposals.empty:
        return
    table = with_cells(
        proposals,
        stage_name=[both(result.labels, stage) for stage in proposals["stage"]],
        name=[both(result.labels, code) for code in proposals["indicator"]],
        weight_cell=[with_interval(row, "weight") for row in proposals.to_dict("records")],
    )
    panel = panel_kind(result.simulated)
    into.add_table(
        "schedule",
        table,
        result.words.remark(
            f"{{Stage}} weights proposed to move ({panel['en']}): static weight, proposed weight with its 90% "
            "equal-tailed interval, probability of a relevant change of its own.",
            f"建议调整的{{stage}}权重（{panel['zh']}）：静态权重、建议权重及其 90% 等尾区间、自身发生实质变化的概率。",
        ),
        {
            "stage_name": TABLES["weights"]["stage"].written(result.words, width=23),
            "name": TABLES["weights"]["indicator"].written(width=32),
            "static": TABLES["weights"]["static"].written(width=12),
            "weight_cell": TABLES["weights"]["weight"].written(width=28),
            "probability_own": TABLES["weights"]["probability_own"].written(width=12),
        },
    )
