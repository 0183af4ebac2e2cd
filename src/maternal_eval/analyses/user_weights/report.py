"""What the analysis ``user_weights`` gives to the papers."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.user_weights.result import TABLES, UserWeightsResult
from maternal_eval.methods.weight_agreement import READINGS
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, both, names, with_cells, with_interval
from maternal_eval.study.groups import EVERYONE

REFERENCES = {
    "stated": {"en": "stated weights", "zh": "名义权重"},
    "experts": {"en": "all experts", "zh": "全体专家"},
}

SETS = {"dimensions": {"en": "dimensions", "zh": "维度"}, "indicators": {"en": "indicators", "zh": "指标"}}


def collect(into: Reported, result: UserWeightsResult) -> None:
    """Users' weights, and the probability of each reading of agreement with its bound."""
    draws = result.settings["draws"]
    into.add_each("weight.{group}.{set}.{element}", result.weights, "weight", unit="share", decimals=1, low="low",
                  high="high", error="mcse")  # fmt: skip
    everybody = result.weights[result.weights["group"] == EVERYONE]
    into.add_each("experts.{set}.{element}", everybody, "experts", unit="share", decimals=1, low="experts_low",
                  high="experts_high", error=0.005)  # fmt: skip
    table = result.agreement
    chance = table["probability"]
    spread = np.sqrt(np.maximum(chance * (1 - chance), 1e-3) / draws)
    into.add_each("agreement.{group}.{set}.{reference}.{reading}.probability", table, "probability", error=spread)
    of_all = table[table["group"] == EVERYONE]
    into.add_each("agreement.{set}.{reference}.{reading}", of_all, "value", low="low", high="high",
                  error=(of_all["high"] - of_all["low"] + 1e-3) / 3.3 / np.sqrt(draws))  # fmt: skip
    into.add_each("agreement.{set}.{reference}.{reading}.if_same", of_all, "if_same", error=0.05)
    into.add_each("agreement.{set}.{reference}.{reading}.chance", of_all, "by_chance",
                  error=np.sqrt(0.25 / draws))  # fmt: skip
    for name in ("cosine", "spearman", "dimension_difference", "indicator_difference"):
        unit = "share" if name.endswith("difference") else ""
        into.add(f"bound.{name}", result.settings[name], unit=unit, decimals=0 if unit else 2, evidence="design")
    for row in result.fits.to_dict("records"):
        into.add(f"held.{row['group']}", row["held"], decimals=0)
    panel = panel_kind(result.simulated)
    _agreement_table(into, result, panel)
    rows = result.of("dimensions")
    rows = rows if len(rows) else result.of("indicators")
    shown = with_cells(
        rows,
        name=[names(result, one) for one in rows["element"]],
        weight_cell=[with_interval(row, "weight") for row in rows.to_dict("records")],
        experts_cell=[with_interval(row, "experts", "experts_low", "experts_high") for row in rows.to_dict("records")],
    )
    columns = TABLES["weights"]
    into.add_table(
        "user-weights",
        shown,
        {
            "en": f"Weights of the users' own ({panel['en']}), without the experts' anchor, with 90% intervals, beside "
            "the stated ones and those of the experts.",
            "zh": f"不以专家为锚点的用户权重（{panel['zh']}）及 90% 区间，并列名义权重与专家权重。",
        },
        {
            "name": columns["element"].written(width=24),
            "weight_cell": columns["weight"].written(width=26),
            "stated": columns["stated"].written(width=14),
            "p_above": columns["p_above"].written(width=16),
            "experts_cell": columns["experts"].written(width=26),
        },
    )


def _agreement_table(into: Reported, result: UserWeightsResult, panel: dict[str, str]) -> None:
    rows = result.agreement[result.agreement["group"] == EVERYONE]
    known = REFERENCES | {name: both(result.labels, name) for name in rows["reference"] if name not in REFERENCES}
    table = with_cells(
        rows,
        set_name=[SETS[one] for one in rows["set"]],
        reference_name=[known[one] for one in rows["reference"]],
        reading_name=[{"en": READINGS[one].name_en, "zh": READINGS[one].name_zh} for one in rows["reading"]],
        value_cell=[with_interval(row, "value") for row in rows.to_dict("records")],
    )
    columns = TABLES["agreement"]
    into.add_table(
        "weight-agreement",
        table,
        {
            "en": f"Do the users' weights agree with others? ({panel['en']}) Each reading with 90% interval, its bound, "
            "the probability of keeping it, what it would be if users weighed alike, and for weights of which nothing is "
            "known.",
            "zh": f"用户权重与其他权重是否一致（{panel['zh']}）：各读法的取值及 90% 区间、界限、满足界限的概率、"
            "用户若完全一致时的概率，以及完全随机的权重满足界限的概率。",
        },
        {
            "set_name": columns["set"].written(width=14),
            "reference_name": columns["reference"].written(width=20),
            "reading_name": columns["reading"].written(width=20),
            "value_cell": columns["value"].written(width=24),
            "bound": columns["bound"].written(width=9),
            "probability": columns["probability"].written(width=14),
            "if_same": columns["if_same"].written(width=12),
            "by_chance": columns["by_chance"].written(width=11),
        },
    )
