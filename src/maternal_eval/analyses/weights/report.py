"""What the analysis ``weights`` gives to the papers."""

from __future__ import annotations

import pandas as pd

from maternal_eval.analyses.weights.result import TABLES, WeightsResult
from maternal_eval.results.reported import Reported, extreme, names, with_cells, with_interval
from maternal_eval.results.vocabulary import COLUMNS
from maternal_eval.study import DIMENSIONS

VERDICTS = {
    "go on": {"en": "go on", "zh": "继续"},
    "stop": {"en": "stop", "zh": "停止"},
    "stop without agreement": {"en": "stop without agreement", "zh": "停止（未达成一致）"},
}


def collect(into: Reported, result: WeightsResult) -> None:
    """Weights of the experts, how consistent they are, and how far they agree."""
    into.add("experts", result.experts, decimals=0)
    for row in result.dimensions.to_dict("records"):
        name = f"dimension.{row['dimension']}"
        if row["nominal_given"]:
            into.add(f"{name}.nominal", row["nominal"], unit="share", decimals=0, evidence="published")
        if not pd.isna(row["experts"]):
            into.add(f"{name}.experts", row["experts"], unit="share", decimals=1, low=row["low"], high=row["high"],
                     error=0.0)  # fmt: skip
    into.add_each("weight.{indicator}", result.weights, "weight", unit="share", decimals=1, low="low", high="high",
                  error=0.0)  # fmt: skip
    ordered = result.weights.sort_values("weight")
    for name, end in (("smallest", ordered.iloc[0]), ("largest", ordered.iloc[-1])):
        into.add(f"{name}.name", names(result, end["indicator"]))
        into.add(f"{name}.weight", end["weight"], unit="share", decimals=1, low=end["low"], high=end["high"])
    if not result.consistency.empty:
        _collect_rounds(into, result)
        _collect_experts(into, result)
        _collect_ranks(into, result)
    table = with_cells(
        result.weights,
        name=[names(result, code) for code in result.weights["indicator"]],
        dimension_name=[names(result, name) for name in result.weights["dimension"]],
        weight_cell=[with_interval(row, "weight") for row in result.weights.to_dict("records")],
    )
    into.add_table(
        "weights",
        table,
        _caption(result),
        {
            "indicator": TABLES["weights"]["indicator"].written(width=10),
            "name": COLUMNS["indicator"].written(width=40),
            "dimension_name": TABLES["weights"]["dimension"].written(width=18),
            "weight_cell": TABLES["weights"]["weight"].written(width=32),
        },
    )
    if not result.consistency.empty:
        _add_delphi_table(into, result)


def _caption(result: WeightsResult) -> dict[str, str]:
    """Return what the table of weights says: where they come from."""
    if result.basis != "experts":
        return {
            "en": "Static weights: weight of the dimension × weight of the indicator inside it, as the study states "
            "them and equal where it states none; nobody was asked for judgements, so they have no interval.",
            "zh": "静态权重：维度权重 × 维度内指标权重，取研究的声明值，未声明处等权；未征询专家判断，故无区间。",
        }
    experts_en, experts_zh = ("(simulated) ", "（模拟）") if result.simulated else ("", "")
    return {
        "en": f"Static weights: published dimension weight × group weight of the {experts_en}experts inside it, with "
        "90% equal-tailed posterior intervals of the group.",
        "zh": f"静态权重：公布的维度权重 × 维度内{experts_zh}专家群体权重，附群体权重的 90% 等尾后验区间。",
    }


def _collect_rounds(into: Reported, result: WeightsResult) -> None:
    last = int(result.consistency["round"].max())
    into.add("rounds", last, decimals=0)
    for of_round, group in result.consistency.groupby("round"):
        into.add(f"round_{of_round}.acceptable", group["acceptable"].mean(), unit="share", decimals=0)
    rounds = result.concordance
    into.add_each("round_{round}.w.{set}", rounds, "w", error=0.0)
    into.add_each("round_{round}.ratio.{set}", rounds, "ratio", error=0.0)
    into.add_each("round_{round}.disagreement.{set}", rounds, "disagreement", low="disagreement_low",
                  high="disagreement_high", error="disagreement_mcse")  # fmt: skip
    into.add_each("round_{round}.change.{set}", rounds, "largest_relative_change", unit="share", decimals=0)
    into.add_each("round_{round}.mean.{set}.{element}", result.group, "mean", unit="share", decimals=1, low="low",
                  high="high", error="mcse")  # fmt: skip
    for row in result.stopping.to_dict("records"):
        into.add(f"round_{row['round']}.verdict", VERDICTS[row["verdict"]])
        into.add(f"round_{row['round']}.stable", row["stable"], decimals=0)
        into.add(f"round_{row['round']}.agreed", row["agreed"], decimals=0)
    into.add("sets", result.stopping["sets"].iloc[-1], decimals=0)


def _collect_experts(into: Reported, result: WeightsResult) -> None:
    """Who is outlying in the last round, and whose judgements contradict each other most over all rounds."""
    last = result.outlying[(result.outlying["round"] == result.outlying["round"].max()) & result.outlying["outlying"]]
    found = sorted(last["expert"].unique())
    listed = ", ".join(name.replace("_", " ") for name in found)
    into.add("outlying", len(found), decimals=0)
    into.add("outlying.names", {"en": listed or "none", "zh": listed.replace(", ", "、") or "无"})
    into.add("outlying.sets", last["set"].nunique(), decimals=0)
    refused = result.to_revise()
    into.add("inconsistent.matrices", len(refused), decimals=0)
    if len(refused):
        by_expert = refused["expert"].value_counts()
        into.add("inconsistent.name", str(by_expert.index[0]).replace("_", " "))
        into.add("inconsistent.count", int(by_expert.iloc[0]), decimals=0)
        worst = refused.iloc[0]
        into.add("inconsistent.largest", worst["ratio"], decimals=2)
        into.add("inconsistent.largest.row", names(result, worst["row"]))
        into.add("inconsistent.largest.column", names(result, worst["column"]))
        into.add("inconsistent.largest.judgement", worst["judgement"], decimals=2)
        into.add("inconsistent.largest.implied", worst["implied"], decimals=2)


def _collect_ranks(into: Reported, result: WeightsResult) -> None:
    """Which element is first in each set, with its probability."""
    ranks = result.credible_ranks()
    for name, elements in ranks.groupby("set", sort=False):
        first = extreme(elements, "first")
        into.add(f"first.{name}.name", names(result, first["element"]))
        into.add(f"first.{name}.probability", first["first"], unit="share", decimals=0)
    inside = ranks[ranks["set"] != DIMENSIONS]
    into.add("ranks.width", (inside["rank_high"] - inside["rank_low"]).mean() + 1, decimals=1)


def _p_text(value: float) -> str | None:
    return None if pd.isna(value) else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _add_delphi_table(into: Reported, result: WeightsResult) -> None:
    table = result.concordance.merge(result.stopping[["round", "verdict"]], on="round")
    simulated = ("simulated ", "模拟") if result.simulated else ("", "")
    table = with_cells(
        table,
        set_name=[
            {"en": "dimensions", "zh": "维度之间"} if name == DIMENSIONS else names(result, name)
            for name in table["set"]
        ],
        disagreement_cell=[
            with_interval(row, "disagreement", "disagreement_low", "disagreement_high")
            for row in table.to_dict("records")
        ],
        verdict_name=table["verdict"].map(VERDICTS),
        p_cell=[_p_text(value) for value in table["p_value"]],
    )
    into.add_table(
        "delphi",
        table,
        {
            "en": f"Delphi rounds of the {simulated[0]}experts: Kendall's W with its p-value, the experts' disagreement "
            "(standard deviation of a log weight, posterior mean with 90% equal-tailed interval), the largest "
            "coefficient of variation, the largest change of a group weight, and the stopping rule's verdict.",
            "zh": f"{simulated[1]}专家的德尔菲各轮：Kendall W 及 p 值、专家分歧（对数权重的标准差，后验均值与 90% 等尾"
            "区间）、最大变异系数、群体权重的最大变化，以及停止规则的结论。",
        },
        {
            "round": TABLES["concordance"]["round"].written(width=9),
            "set_name": TABLES["concordance"]["set"].written(width=17),
            "w": TABLES["concordance"]["w"].written(width=8),
            "p_cell": TABLES["concordance"]["p_value"].written(width=10),
            "disagreement_cell": TABLES["concordance"]["disagreement"].written(width=26),
            "largest_variation": TABLES["concordance"]["largest_variation"].written(width=12),
            "largest_relative_change": TABLES["concordance"]["largest_relative_change"].written(width=11),
            "verdict_name": TABLES["stopping"]["verdict"].written(width=12),
        },
    )
