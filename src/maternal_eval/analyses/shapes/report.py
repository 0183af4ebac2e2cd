"""What the analysis ``shapes`` gives to the papers."""

from __future__ import annotations

import numpy as np

from maternal_eval.analyses.shapes.result import TABLES, ShapesResult
from maternal_eval.methods.response_shape import OPEN
from maternal_eval.methods.value import KANO_CLASSES
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.reported import Reported, names, with_cells, with_interval


def collect(into: Reported, result: ShapesResult) -> None:
    """Probabilities of the shapes, what is declared, the shape of each class and what it does to scores."""
    draws = result.settings["draws"]
    for shape in ("concave", "straight", "convex"):
        chance = result.items[shape]
        spread = np.sqrt(np.maximum(chance * (1 - chance), 1e-3) / draws)
        into.add_each(f"{shape}.{{indicator}}", result.items, shape, error=spread)
    into.add_each("bulge.{indicator}", result.items, "bulge", low="low", high="high", error=0.0)
    claimed = result.claimed
    into.add("items", len(result.items), decimals=0)
    into.add("claimed", len(claimed), decimals=0)
    into.add("open", int((result.items["declared"] == OPEN).sum()), decimals=0)
    into.add("as_said", int((claimed["declared"] == claimed["expected"]).sum()), decimals=0)
    against = claimed[(claimed["declared"] != OPEN) & (claimed["declared"] != claimed["expected"])]
    into.add("otherwise", len(against), decimals=0)
    if len(claimed):
        likely = [row[row["expected"]] for row in claimed.to_dict("records")]
        into.add("likely", float(np.mean(likely)), unit="share", decimals=0, error=float(0.5 / np.sqrt(draws)))
    into.add("bound", result.settings["straight"], decimals=3, evidence="design")
    into.add("credible", result.settings["credible"], unit="share", decimals=0, evidence="design")
    for row in result.classes.to_dict("records"):
        name = row["kano"]
        into.add(f"kappa.{name}", row["kappa"], low=row["low"], high=row["high"], kind="profile", error=0.01)
        into.add(f"kappa.{name}.assumed", row["assumed"], decimals=1, evidence="design")
        into.add(f"deviance.{name}.assumed", row["deviance_assumed"], decimals=1, error=0.01)
        into.add(f"deviance.{name}.straight", row["deviance_straight"], decimals=1, error=0.01)
    moved = result.consequences
    for name in ("estimated", "straight"):
        shift = (moved[f"rank_{name}"] - moved["rank_assumed"]).abs()
        into.add(f"ranks.{name}.moved", int((shift > 0).sum()), decimals=0)
        into.add(f"ranks.{name}.largest", int(shift.max()) if len(shift) else 0, decimals=0)
        into.add(f"scores.{name}.shift", (moved[name] - moved["assumed"]).abs().max(), decimals=1)
    into.add("ranks.units", len(moved), decimals=0)
    panel = panel_kind(result.simulated)
    _class_table(into, result, panel)
    _item_table(into, result, panel)


def _class_table(into: Reported, result: ShapesResult, panel: dict[str, str]) -> None:
    table = with_cells(
        result.classes,
        name=[{"en": KANO_CLASSES[one].name_en, "zh": KANO_CLASSES[one].name_zh} for one in result.classes["kano"]],
        kappa_cell=[with_interval(row, "kappa") for row in result.classes.to_dict("records")],
    )
    columns = TABLES["classes"]
    into.add_table(
        "kano-shapes",
        table,
        {
            "en": f"Shape of the value function by Kano class ({panel['en']}): κ as estimated, with the 90% interval of "
            "its profile, as assumed, and the deviance of the assumed and of a straight function (above 2.7: outside).",
            "zh": f"各卡诺类别价值函数的形状（{panel['zh']}）：κ 的估计值及 90% 轮廓区间、假定值，以及假定值与直线的偏差"
            "（大于 2.7 即在区间之外）。",
        },
        {
            "name": columns["kano"].written(width=20),
            "items": columns["items"].written(width=14),
            "kappa_cell": columns["kappa"].written(width=26),
            "assumed": columns["assumed"].written(width=12),
            "deviance_assumed": columns["deviance_assumed"].written(width=18),
            "deviance_straight": columns["deviance_straight"].written(width=18),
        },
    )


def _item_table(into: Reported, result: ShapesResult, panel: dict[str, str]) -> None:
    table = with_cells(
        result.items,
        name=[names(result, code) for code in result.items["indicator"]],
        class_name=[{"en": KANO_CLASSES[one].name_en, "zh": KANO_CLASSES[one].name_zh} for one in result.items["kano"]],
        bulge_cell=[with_interval(row, "bulge") for row in result.items.to_dict("records")],
    )
    columns = TABLES["items"]
    into.add_table(
        "item-shapes",
        table,
        {
            "en": f"Shape of the relation of each indicator to the outcome ({panel['en']}): bulge of the middle of the "
            "scale with 90% interval (+0.25 concave, −0.25 convex as assumed), and probability of each shape.",
            "zh": f"各指标与结果关系的形状（{panel['zh']}）：量表中点的偏离及 90% 区间（假定的凹函数为 +0.25，凸函数为 "
            "−0.25），以及各形状的概率。",
        },
        {
            "name": columns["indicator"].written(width=30),
            "class_name": columns["kano"].written(width=14),
            "bulge_cell": columns["bulge"].written(width=24),
            "concave": columns["concave"].written(width=12),
            "straight": columns["straight"].written(width=12),
            "convex": columns["convex"].written(width=12),
        },
    )
