"""What the analysis ``instrument`` gives to the papers."""

from __future__ import annotations

from maternal_eval.analyses.instrument.mixture import SCORE
from maternal_eval.analyses.instrument.names import MODELS, SIZES, column_names, level_names, pair_of
from maternal_eval.analyses.instrument.result import TABLES, InstrumentResult
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, extreme, names, with_cells, with_interval

FIT = 1e-4
"""To what a factor model is found: what two processors may differ by."""

AXES = 1e-5
"""The same of omega, whose axes are iterated."""

SHOWN_ITEMS = 12
"""Items in the table of the papers."""


def collect(into: Reported, result: InstrumentResult) -> None:
    """Reliability, structure, items that differ, what correcting them does, segments."""
    into.add("items", result.items, decimals=0, error=0.0)
    _reliability(into, result)
    if not result.models.empty:
        _structure(into, result)
    if not result.differential.empty:
        _differential(into, result)
    if not result.segments.empty:
        _segments(into, result)


def _reliability(into: Reported, result: InstrumentResult) -> None:
    whole = result.everybody()
    for name in ("alpha", "omega"):
        into.add_each(f"{name}.{{dimension}}", whole, name, low=f"{name}_low", high=f"{name}_high", error=AXES)
        groups = result.reliability[result.reliability["column"] != ""]
        into.add_each(f"{name}.{{dimension}}.{{column}}.{{group}}", groups, name, low=f"{name}_low",
                      high=f"{name}_high", error=AXES)  # fmt: skip
    into.add_each("observed.{dimension}", whole, "observed", error=0.0)
    for column in result.reliability["column"].unique():
        of_column = result.reliability[result.reliability["column"] == column]
        if column:
            into.add(f"omega.least.{column}", of_column["omega"].min(), error=AXES)
            into.add(f"omega.most.{column}", of_column["omega"].max(), error=AXES)
    if whole.empty:
        return
    rows = whole.to_dict("records")
    panel = panel_kind(result.simulated)
    into.add_table(
        "reliability",
        with_cells(
            whole,
            name=[names(result, row["dimension"]) for row in rows],
            alpha_cell=[with_interval(row, "alpha", "alpha_low", "alpha_high") for row in rows],
            omega_cell=[with_interval(row, "omega", "omega_low", "omega_high") for row in rows],
        ),
        {
            "en": f"Reliability of the dimensions from polychoric correlations ({panel['en']}; 90% jackknife intervals), "
            "and that of the answers as they are.",
            "zh": f"由多分格相关得到的各维度信度（{panel['zh']}；90% 刀切法区间），以及按实测答案计算的信度。",
        },
        {
            "name": TABLES["reliability"]["dimension"].written(width=20),
            "items": TABLES["reliability"]["items"].written(width=8),
            "alpha_cell": TABLES["reliability"]["alpha"].written(width=20),
            "omega_cell": TABLES["reliability"]["omega"].written(width=20),
            "observed": TABLES["reliability"]["observed"].written(width=16),
        },
    )


def _structure(into: Reported, result: InstrumentResult) -> None:
    table = result.models
    into.add_each("model.{model}.gained", table, "gained", unit="share", decimals=1, error=FIT)
    into.add_each("model.{model}.held_out", table, "held_out", decimals=4, error=FIT)
    into.add_each("model.{model}.difference", table, "difference", decimals=2, low="low", high="high", error=100 * FIT)
    into.add("model.best", pair_of(MODELS[str(result.best)]))
    into.add_each("factor.{dimension}.{other}", result.factors, "value", low="low", high="high", error=FIT)
    into.add_each("loading.{indicator}", result.loadings, "loading", error=FIT)
    if not result.factors.empty:
        into.add("factor.least", result.factors["value"].min(), error=FIT)
        into.add("factor.most", result.factors["value"].max(), error=FIT)
    for name, value in result.general.items():
        into.add(f"general.{name}", value, unit="share", decimals=0, error=FIT)
    into.add("redundant", int(result.pairs["redundant"].sum()), decimals=0, error=0.0)
    into.add("redundant.limit", result.settings["redundant"], error=0.0, evidence="design")
    if not result.pairs.empty:
        most = extreme(result.pairs, "residual")
        into.add("redundant.largest", most["residual"], low=most["low"], high=most["high"], error=0.0)
        into.add("redundant.pair", {
            language: say.join(names(result, most[end])[language] for end in ("indicator", "other"))
            for language, say in (("en", " and "), ("zh", "与"))
        })  # fmt: skip
    rows = table.to_dict("records")
    panel = panel_kind(result.simulated)
    into.add_table(
        "models",
        with_cells(
            table,
            name=[pair_of(MODELS[row["model"]]) for row in rows],
            difference_cell=[with_interval(row, "difference") for row in rows],
        ),
        {
            "en": f"Factor models by how well they predict pairs of answers that they have not seen ({panel['en']}): the "
            "way from no relation to a correlation for every pair, and the difference to the best one in thousandths of "
            "log-likelihood a pair, with 90% intervals over the folds.",
            "zh": f"各因子模型对未见答案对的预测（{panel['zh']}）：从互不相关到逐对相关之间所达到的比例，以及与最优模型的差"
            "（每对答案对数似然的千分之一，附折间 90% 区间）。",
        },
        {
            "name": TABLES["models"]["model"].written(width=34),
            "parameters": TABLES["models"]["parameters"].written(width=16),
            "gained": TABLES["models"]["gained"].written(width=20),
            "difference_cell": TABLES["models"]["difference"].written(width=28),
        },
    )


def _differential(into: Reported, result: InstrumentResult) -> None:
    table = result.differential
    for column in table["column"].unique():
        mine = table[table["column"] == column]
        name = f"differ.{column}"
        into.add(f"{name}.items", len(mine), decimals=0, error=0.0)
        into.add(f"{name}.flagged", int(mine["flagged"].sum()), decimals=0, error=0.0)
        for size in SIZES:
            into.add(f"{name}.{size}", int((mine["size"] == size).sum()), decimals=0, error=0.0)
        into.add(f"{name}.larger", int((mine["size"] != "negligible").sum()), decimals=0, error=0.0)
        into.add(f"{name}.r2_larger", int((mine["r2_size"] != "negligible").sum()), decimals=0, error=0.0)
        into.add(f"{name}.slopes", int((mine["slope_q"] <= result.settings["false_discoveries"]).sum()), decimals=0,
                 error=0.0)  # fmt: skip
        most = extreme(mine, "spread")
        into.add(f"{name}.most.name", names(result, most["indicator"]))
        into.add(f"{name}.most", most["spread"], error=0.0)
        into.add(f"{name}.most.r2", most["r2_change"], decimals=3, error=0.0)
        moved = result.corrected[result.corrected["column"] == column]
        for units in ("platform", column):
            placed = moved[moved["units"] == units]
            if len(placed):
                into.add(f"{name}.score.{units}", placed["change"].abs().max(), unit="points", error=0.0)
                changed = int((placed["rank_before"] != placed["rank_after"]).sum())
                into.add(f"{name}.ranks.{units}", changed, decimals=0, error=0.0)
    into.add_each("effect.{column}.{indicator}.{group}", result.effects, "effect", low="low", high="high", error=0.0)
    largest = table.sort_values("spread", ascending=False).head(SHOWN_ITEMS)
    rows = largest.to_dict("records")
    panel = panel_kind(result.simulated)
    into.add_table(
        "differential",
        with_cells(
            largest,
            name=[names(result, row["indicator"]) for row in rows],
            by=[column_names(row["column"], result.words) for row in rows],
            size_name=[pair_of(SIZES[row["size"]]) for row in rows],
            r2_name=[pair_of(SIZES[row["r2_size"]]) for row in rows],
        ),
        {
            "en": f"The {len(rows)} largest differences of items between groups at the same anchor ({panel['en']}). Sizes "
            "of logits by the classes of the Educational Testing Service, of R² by Jodoin and Gierl.",
            "zh": f"同锚分下各组之间差异最大的 {len(rows)} 项（{panel['zh']}）。对数优势的大小按美国教育考试服务中心的分级，"
            "R² 按 Jodoin 与 Gierl 的分级。",
        },
        {
            "name": TABLES["differential"]["indicator"].written(width=30),
            "by": TABLES["differential"]["column"].written(width=16),
            "spread": TABLES["differential"]["spread"].written(width=16),
            "size_name": TABLES["differential"]["size"].written(width=12),
            "r2_change": TABLES["differential"]["r2_change"].written(width=12, decimals=3),
            "r2_name": TABLES["differential"]["r2_size"].written(width=14),
        },
    )


def _segments(into: Reported, result: InstrumentResult) -> None:
    table = result.segments
    for part in ("gap", "mix", "within"):
        into.add_each(f"segment.{{column}}.{{group}}.{{quantity}}.{part}", table, part, low=f"{part}_low",
                      high=f"{part}_high", error=0.0)  # fmt: skip
    into.add_each("segment.{column}.{group}.{quantity}", table, "mean", low="low", high="high", error=0.0)
    rows = table.to_dict("records")
    panel = panel_kind(result.simulated)
    quantities = {SCORE: {"en": "Composite score (0–100)", "zh": "综合得分（0–100）"}}
    into.add_table(
        "segments",
        with_cells(
            table,
            by=[column_names(row["column"], result.words) for row in rows],
            level=[level_names(row["column"], row["group"], result.labels) for row in rows],
            what=[quantities.get(row["quantity"]) or names(result, row["quantity"]) for row in rows],
            mean_cell=[with_interval(row, "mean") for row in rows],
            **{
                f"{part}_cell": [with_interval(row, part, f"{part}_low", f"{part}_high") for row in rows]
                for part in ("gap", "mix", "within")
            },
        ),
        {
            "en": f"Results by segment ({panel['en']}; 90% jackknife intervals): mean, gap to everybody, and what of it is "
            "another mix and what is within.",
            "zh": f"按细分人群的结果（{panel['zh']}；90% 刀切法区间）：均值、与总体之差，以及其中构成与组内两部分。",
        },
        {
            "by": TABLES["segments"]["column"].written(width=12),
            "level": TABLES["segments"]["group"].written(width=16),
            "what": TABLES["segments"]["quantity"].written(width=14),
            "mean_cell": TABLES["segments"]["mean"].written(width=16),
            "gap_cell": TABLES["segments"]["gap"].written(width=16, signed=True),
            "mix_cell": TABLES["segments"]["mix"].written(width=16, signed=True),
            "within_cell": TABLES["segments"]["within"].written(width=16, signed=True),
        },
    )
