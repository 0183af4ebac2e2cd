"""Figures of the shapes: probabilities by item, and the profile of each class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from maternal_eval.core.languages import say
from maternal_eval.methods.value import KANO_CLASSES
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.shapes.result import ShapesResult

SHOWN = {
    "concave": ("concave", "凹", PALETTE.blue),
    "straight": ("straight", "直线", PALETTE.light),
    "convex": ("convex", "凸", PALETTE.orange),
    "none": ("not positive", "非正向", PALETTE.ink),
}
"""Shape → its names and colour."""


def plot_shapes(result: ShapesResult, language: str = "en") -> Figure:
    """Draw the probability of each shape by item, grouped by Kano class."""
    table = result.items.sort_values(["kano", "indicator"], kind="stable", ignore_index=True).iloc[::-1]
    at = np.arange(len(table))
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.5 + 0.18 * len(table)))
        begin = np.zeros(len(table))
        for column, (en, zh, colour) in SHOWN.items():
            axes.barh(at, table[column], left=begin, color=colour, label=say(language, en, zh), height=0.8)
            begin = begin + table[column].to_numpy()
        names = [
            f"{name_of(result.labels, code, language)} ({say(language, KANO_CLASSES[kano].name_en, '')})"
            if language == "en"
            else f"{name_of(result.labels, code, language)}（{KANO_CLASSES[kano].name_zh}）"
            for code, kano in zip(table["indicator"], table["kano"], strict=True)
        ]
        axes.set_yticks(at, names, fontsize=7)
        axes.set_xlim(0, 1)
        axes.set_ylim(-0.6, len(table) - 0.4)
        axes.set_xlabel(say(language, "probability", "概率"))
        axes.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.35, 1.0))
        axes.set_title(
            say(language, "Shape of each relation", "各关系的形状") + simulated_mark(result.simulated, language), pad=26
        )
    return figure


def plot_profiles(result: ShapesResult, language: str = "en") -> Figure:
    """Draw the scaled deviance of each class by κ; ticks: the assumed shape."""
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 3.6))
        axes.axhline(chi2.ppf(result.probability, 1), color=PALETTE.grey, linewidth=0.8)
        for colour, row in zip(CYCLE, result.classes.to_dict("records"), strict=False):
            known = KANO_CLASSES[row["kano"]]
            profile = result.profile[result.profile["kano"] == row["kano"]]
            label = say(language, known.name_en, known.name_zh)
            axes.plot(profile["kappa"], profile["deviance"], "o-", color=colour, markersize=3, label=label)
            axes.plot([row["assumed"]], [0.0], "^", color=colour, markersize=8, clip_on=False)
        axes.axvline(1.0, color=PALETTE.grey, linewidth=0.8, linestyle=":")
        axes.set_xscale("log")
        axes.set_xticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
        axes.minorticks_off()
        axes.set_ylim(0, 8)
        axes.set_xlabel(
            say(language, "shape κ (1: straight; triangles: assumed)", "形状参数 κ（1 为直线；三角为假定值）")
        )
        axes.set_ylabel(say(language, "deviance from the best (scaled)", "相对最优的偏差（已校正）"))
        axes.legend(title=say(language, "Kano class", "卡诺类别"))
        axes.set_title(
            say(language, "Shape of the value functions", "价值函数的形状") + simulated_mark(result.simulated, language)
        )
    return figure


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_shapes,
        "Probability that the relation of each indicator to the outcome is concave, straight, convex or not positive, "
        "by Kano class",
        "各指标与结果的关系为凹、直线、凸或非正向的概率，按卡诺类别排列",
    ),
    "profiles": FigureOf(
        plot_profiles,
        "Deviance of each Kano class by the shape of its value function, with the limit of the interval and the "
        "assumed shape",
        "各卡诺类别的偏差随价值函数形状的变化，附区间界限与假定形状",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
