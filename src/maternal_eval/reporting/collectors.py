"""What each analysis gives to the papers: one function an analysis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from maternal_eval.plotting import say
from maternal_eval.reporting.collect import Collector, both, with_interval
from maternal_eval.reporting.tables import TableColumn
from maternal_eval.results import Result

ALL = "all"

READINGS = {
    "one_minus_mape": TableColumn("1 − MAPE", "1 − MAPE", decimals=1, unit="share", width=12),
    "within_tolerance": TableColumn("Within ±5%", "误差±5%以内", decimals=1, unit="share", width=12),
    "right_direction": TableColumn("Right direction", "方向正确", decimals=1, unit="share", width=12),
    "crps": TableColumn("CRPS", "CRPS", decimals=3, width=12),
    "crps_skill": TableColumn("CRPS skill", "CRPS 技巧评分", decimals=2, signed=True, width=12),
    "coverage_80": TableColumn("Coverage of 80%", "80% 区间覆盖率", decimals=1, unit="share", width=12),
}
"""Scores of the backtest that the papers' tables show, with how they are written."""


def _names(result: Any, name: str) -> dict[str, str]:
    return both(result.labels, str(name))


def collect_check(into: Collector, result: Any) -> None:
    """What the study holds."""
    facts = result.facts
    for name in ("answers", "indicators", "dimensions", "platforms"):
        if name in facts:
            into.add(name, int(facts[name]), decimals=0, evidence="design" if name != "answers" else None)
    shares = result.answers["share_answered"]
    into.add("answered.smallest", float(shares.min()), unit="share", decimals=0)
    into.add("answered.largest", float(shares.max()), unit="share", decimals=0)


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
        into.add(f"{name}.name", _names(result, row["indicator"]))
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
        name=[_names(result, code) for code in result.weights["indicator"]],
        dimension_name=[_names(result, name) for name in result.weights["dimension"]],
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


def collect_scores(into: Collector, result: Any) -> None:
    """Scores by stage and over all, first and last period."""
    margins = result.margins
    by_period = margins[margins["level"] == "period"]
    if by_period.empty:
        return
    for row in by_period.to_dict("records"):
        into.add(f"{ALL}.{int(row['period'])}", row["score"], decimals=1, low=row["low"], high=row["high"],
                 kind="bootstrap")  # fmt: skip
    by_stage = margins[margins["level"] == "stage × period"]
    last = by_stage[by_stage["period"] == by_stage["period"].max()]
    for row in last.to_dict("records"):
        into.add(f"{row['stage']}.last", row["score"], decimals=1, low=row["low"], high=row["high"], kind="bootstrap")


def collect_claims(into: Collector, result: Any) -> None:
    """The audit of published figures: counts of verdicts, and the key claims."""
    checks = result.checks
    computed = checks[checks["source"] == "computed"]
    independent = computed[computed["independent"]]
    counts = {
        "figures": result.figures,
        "independent_figures": result.independent_figures,
        "checks": len(checks),
        "computed": len(computed),
        "independent": len(independent),
        "carried": len(checks) - len(computed),
        "differs": int(checks["differs"].sum()),
    }
    for verdict in ("consistent", "only with rounding", "inconsistent", "undecidable"):
        counts[f"independent.{verdict}"] = int((independent["verdict"] == verdict).sum())
    for name, count in counts.items():
        into.add(name, count, decimals=0, evidence="arithmetic")
    against = result.key_claims.dropna(subset="right").to_dict("records")
    for row in against:
        name = f"{row['number'].removeprefix('key:')}.against"
        into.add(name, row["right"], decimals=0, evidence="published")
    for row in result.key_claims.dropna(subset="left").to_dict("records"):
        into.add(row["number"].removeprefix("key:"), row["left"], decimals=1, low=row["left_low"], high=row["left_high"],
                 probability=None, kind="range", evidence="arithmetic")  # fmt: skip
    verdicts = {
        "consistent": "一致",
        "only with rounding": "仅在舍入内一致",
        "inconsistent": "不一致",
        "undecidable": "无法判定",
    }
    keys = result.key_claims
    table = keys.assign(
        what=[{"en": en, "zh": zh} for en, zh in zip(keys["what_en"], keys["what_zh"], strict=True)],
        computed=[
            None if pd.isna(row["left"]) else {"value": row["left"], "low": row["left_low"], "high": row["left_high"]}
            for row in keys.to_dict("records")
        ],
        verdict_cell=[{"en": verdict, "zh": verdicts[verdict]} for verdict in keys["verdict"]],
    )
    into.add_table(
        "key-claims",
        table,
        {
            "en": "Key claims of the reports: the figure computed from the published ones, the range that rounding "
            "allows, what it is held against, and the verdict on arithmetic under the ledger's stated assumption.",
            "zh": "各报告的关键论断：由已发表数字算得的数值、舍入允许的取值范围、对照值，以及在台账所列假设下的算术判定。",
        },
        {
            "what": TableColumn("Claim", "论断", width=44),
            "computed": TableColumn("Computed", "算得", decimals=1, width=24),
            "right": TableColumn("Against", "对照", decimals=1, width=12),
            "verdict_cell": TableColumn("Verdict", "判定", width=20),
        },
        evidence="arithmetic",
    )


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
    wide["name"] = [_names(result, name) for name in wide["forecaster"]]
    train, test = str(main["split"].iloc[0]).split(" to ")
    split_en, split_zh = f"{train.replace('-', '–')} to {test}", f"{train.replace('-', '—')} → {test}"
    simulated_en, simulated_zh = (
        (" (simulated panel)", "（模拟面板）") if result.simulated else (" (real data)", "（真实数据）")
    )
    into.add_table(
        "backtest",
        wide,
        {
            "en": f"Backtest of {_names(result, target)['en'].lower()}, {split_en}{simulated_en}: three readings of accuracy, "
            "continuous ranked probability score (smaller is better), skill against the last value, coverage.",
            "zh": f"{_names(result, target)['zh']}回测，{split_zh}{simulated_zh}：三种准确率读法、"
            "连续分级概率评分（越小越好）、相对上期值的技巧评分与区间覆盖率。",
        },
        {"name": TableColumn("Forecaster", "预测方法", width=30), **READINGS},
    )


def collect_satisfaction(into: Collector, result: Any) -> None:
    """Expected answers by stage and period, and their change."""
    into.add("answers", result.answers, decimals=0)
    into.add("cells", result.cells, decimals=0)
    scores = result.scores
    for row in scores.to_dict("records"):
        place = f"{row['stage']}.{int(row['period'])}" if result.has_periods else str(row["stage"])
        into.add(f"score.{place}", row["score"], low=row["low"], high=row["high"])
        into.add(f"top.{place}", row["top"], unit="share", decimals=0, low=row["top_low"], high=row["top_high"])
    for row in result.changes.to_dict("records"):
        into.add(f"change.{row['stage']}", row["change"], low=row["low"], high=row["high"])
        into.add(f"rise.{row['stage']}", row["p_rise"])
    stages = scores[scores["stage"] != ALL]
    last = stages[stages["period"] == stages["period"].max()] if result.has_periods else stages
    ordered = last.sort_values("score")
    for name, row in (("lowest", ordered.iloc[0]), ("highest", ordered.iloc[-1])):
        into.add(f"{name}.name", both(result.labels, row["stage"]))
        into.add(f"{name}.score", row["score"], low=row["low"], high=row["high"])
    table = last.assign(
        name=[both(result.labels, stage) for stage in last["stage"]],
        score_cell=[with_interval(row, "score") for row in last.to_dict("records")],
        top_cell=[with_interval(row, "top", "top_low", "top_high") for row in last.to_dict("records")],
    )
    columns = {
        "name": TableColumn("Stage", "阶段"),
        "score_cell": TableColumn("Expected answer", "期望得分"),
        "top_cell": TableColumn("Two highest answers", "最高两档占比", decimals=0, unit="share"),
        "answers": TableColumn("Answers", "答卷数", decimals=0),
    }
    if not result.changes.empty:
        changes = result.changes.set_index("stage")
        table["change_cell"] = [with_interval(changes.loc[stage], "change") for stage in table["stage"]]
        columns["change_cell"] = TableColumn("Change since the first period", "较首期变化", signed=True)
    simulated_en, simulated_zh = ("simulated panel", "模拟面板") if result.simulated else ("real data", "真实数据")
    into.add_table(
        "satisfaction",
        table,
        {
            "en": f"{both(result.labels, result.outcome)['en']} by stage, latest period ({simulated_en}): expected answer, "
            "probability of the two highest answers, 90% equal-tailed intervals.",
            "zh": f"最近一期各阶段{both(result.labels, result.outcome)['zh']}（{simulated_zh}）：期望得分、最高两档概率及 90% "
            "等尾区间。",
        },
        columns,
    )


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


def collect_stage_weights(into: Collector, result: Any) -> None:
    """Stage weights: the largest credible changes, and the published claim under both readings."""
    weights = result.weights
    credible = weights[weights["credible_change"]]
    into.add("credible", len(credible), decimals=0)
    into.add("weights", len(weights), decimals=0)
    into.add("threshold", result.settings["credible"], unit="share", decimals=0, evidence="design")
    for level in result.claim["level"].unique() if not result.claim.empty else ():
        into.add("claim.level", level, unit="share", decimals=0, evidence="published")
    into.add("informed.median", weights["informed"].median(), decimals=2)
    for row in result.claim.to_dict("records"):
        into.add(f"claim.{row['reading']}", row["mean"], unit="share", decimals=1, low=row["low"], high=row["high"])
        into.add(f"claim.{row['reading']}.probability", row["probability"], decimals=2)
    shown = weights.reindex(weights["relative_change"].abs().sort_values(ascending=False).index)
    shown = (shown[shown["credible_change"]] if len(credible) >= 5 else shown).head(10)
    table = shown.assign(
        stage_name=[both(result.labels, stage) for stage in shown["stage"]],
        name=[both(result.labels, code) for code in shown["indicator"]],
        weight_cell=[with_interval(row, "mean") for row in shown.to_dict("records")],
    )
    simulated_en, simulated_zh = ("simulated panel", "模拟面板") if result.simulated else ("real data", "真实数据")
    into.add_table(
        "stage-weights",
        table,
        {
            "en": f"Stage weights that move most against the static ones ({simulated_en}): posterior mean with 90% "
            "equal-tailed interval, probability of a relevant change, share of information from the answers.",
            "zh": f"与静态权重相比变动最大的阶段权重（{simulated_zh}）：后验均值与 90% 等尾区间、发生实质变化的概率、来自答卷的"
            "信息占比。",
        },
        {
            "stage_name": TableColumn("Stage", "阶段", width=23),
            "name": TableColumn("Indicator", "指标", width=28),
            "static": TableColumn("Static", "静态", decimals=1, unit="share", width=10),
            "weight_cell": TableColumn("By stage", "分阶段", decimals=1, unit="share", width=26),
            "probability_change": TableColumn("P(change)", "变化概率", width=12),
            "informed": TableColumn("Informed", "数据信息", width=12),
        },
    )


COLLECTORS: dict[str, Callable[[Collector, Any], None]] = {
    "check": collect_check,
    "weights": collect_weights,
    "scores": collect_scores,
    "claims": collect_claims,
    "backtest": collect_backtest,
    "sensitivity": collect_sensitivity,
    "satisfaction": collect_satisfaction,
    "stage_weights": collect_stage_weights,
}
"""Analysis → function that adds its findings."""


def alt_text(step: str, result: Result, language: str) -> str:
    """Return what a reader who cannot see the main figure of an analysis should know."""
    simulated = bool(getattr(result, "simulated", False))
    panel = say(language, "simulated panel" if simulated else "real data", "模拟面板" if simulated else "真实数据")
    texts = {
        "weights": (
            "Dot plot of the static weight of each indicator with its interval over the experts, grouped by dimension",
            "各指标静态权重点图，附专家间区间，按维度分组",
        ),
        "scores": (
            "Lines of the composite score by stage over the periods with bootstrap intervals",
            "各阶段综合得分随时期变化的折线图，附自助法区间",
        ),
        "claims": (
            "Stacked bars of the verdicts on the checks of published figures by report, computed ones beside carried ones",
            "各报告已发表数字核验判定的堆叠条形图，区分计算所得与人工判读",
        ),
        "backtest": (
            "Left: forecasts with intervals against observed means. Right: three readings of accuracy by forecaster",
            "左：预测值及区间与观测均值的对照；右：各预测方法的三种准确率",
        ),
        "sensitivity": (
            "Sobol' indices of the factors with intervals and the dummy line, and the elasticity curve",
            "各因素的 Sobol' 指数及区间与虚拟变量基线，以及弹性曲线",
        ),
        "satisfaction": (
            "Expected answers by stage and period with intervals; open marks are observed weighted means",
            "各阶段各时期的期望得分及区间；空心标记为加权观测均值",
        ),
        "stage_weights": (
            "Weights by stage with intervals against the static weights",
            "各阶段权重及区间与静态权重的对照",
        ),
    }
    text = say(language, *texts.get(step, (step, step)))
    return say(language, f"{text} ({panel}).", f"{text}（{panel}）。")
