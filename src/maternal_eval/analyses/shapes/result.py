"""Shapes: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, schema, text, truth

_ITEMS = schema(
    "indicator",
    "kano expected worth worth_low worth_high bulge low high concave straight convex none declared "
    "penalty penalty_low penalty_high reward reward_low reward_high",
    kano=text("Kano class", "卡诺类别"),
    expected=text("Shape by class", "类别对应的形状"),
    worth=number("Worth of the scale (logits)", "全量表的作用（logit）"),
    bulge=number("Bulge", "中点偏离"),
    concave=chance("P(concave)", "P（凹）"),
    straight=chance("P(straight)", "P（直线）"),
    convex=chance("P(convex)", "P（凸）"),
    none=chance("P(not positive)", "P（非正向）"),
    declared=text("Declared", "判定"),
    penalty=number("Penalty (logits)", "惩罚（logit）"),
    reward=number("Reward (logits)", "奖励（logit）"),
)

TABLES = {
    "": _ITEMS,
    "items": _ITEMS,
    "classes": schema(
        "kano",
        "items concave_form kappa low high assumed deviance_assumed deviance_straight compatible arrived",
        kano=text("Kano class", "卡诺类别"),
        items=count("Indicators", "指标数"),
        concave_form=truth("Concave form", "凹函数形式"),
        kappa=number("Shape κ", "形状参数 κ"),
        assumed=number("Assumed κ", "假定的 κ", decimals=1),
        deviance_assumed=number("Deviance of the assumed κ", "假定 κ 的偏差", decimals=1),
        deviance_straight=number("Deviance of a straight one", "直线的偏差", decimals=1),
        compatible=truth("Assumed κ inside", "假定 κ 相容"),
        arrived=truth("Converged", "已收敛"),
    ),
    "profile": schema(
        "kano kappa",
        "deviance",
        kano=text("Kano class", "卡诺类别"),
        kappa=number("Shape κ", "形状参数 κ"),
        deviance=number("Deviance", "偏差"),
    ),
    "consequences": schema(
        "units unit",
        "assumed estimated straight rank_assumed rank_estimated rank_straight",
        assumed=number("Score, assumed κ", "得分（假定 κ）", decimals=1),
        estimated=number("Score, estimated κ", "得分（估计 κ）", decimals=1),
        straight=number("Score, straight", "得分（直线）", decimals=1),
        rank_assumed=count("Rank, assumed κ", "名次（假定 κ）"),
        rank_estimated=count("Rank, estimated κ", "名次（估计 κ）"),
        rank_straight=count("Rank, straight", "名次（直线）"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ShapesResult(StudyResult):
    """How the outcome follows each indicator; see :mod:`maternal_eval.methods.response_shape`.

    Attributes
    ----------
    items
        By indicator: its Kano class and the shape that this says (``expected``, empty where it says none); ``worth`` of
        its whole scale in logits; ``bulge`` (+0.25: the concave value function with shape 2, -0.25: the convex one)
        with interval, empty where the relation is not clearly positive; probabilities of the shapes; ``declared``, the
        one that is probable enough, or "open"; ``penalty``, what the way from the middle to the worst answer costs, and
        ``reward``, what the way to the best one brings, in logits.
    classes
        By Kano class: the shape ``kappa`` with the interval of its profile, the ``assumed`` one (1 where the class is
        straight), the scaled deviance of the assumed and of a straight function, whether the assumed is ``compatible``
        (inside the interval), and whether the search ``arrived``.
    profile
        Scaled deviance by class and ``kappa``.
    consequences
        Score (0–100) and rank of each unit under the assumed, the estimated and straight value functions.
    outcome
        Name of the outcome.
    """

    items: pd.DataFrame
    classes: pd.DataFrame
    profile: pd.DataFrame
    consequences: pd.DataFrame
    outcome: str

    def table(self) -> pd.DataFrame:
        """Return the shapes by indicator."""
        return self.items.copy()

    @property
    def claimed(self) -> pd.DataFrame:
        """The items whose class says a shape."""
        return self.items[self.items["expected"] != ""]
