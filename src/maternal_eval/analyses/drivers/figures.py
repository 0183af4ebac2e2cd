"""Figures of drivers: importance, importance against performance, and pain points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.drivers.result import DriversResult

APART = 0.03
"""Distance of two points, as a share of the axes, below which only the first is labelled."""


def plot_drivers(result: DriversResult, language: str = "en") -> Figure:
    """Draw the share of each indicator with its interval, and its relative weight."""
    table = result.of_everybody("indicators").iloc[::-1]
    at = np.arange(len(table))
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.4 + 0.17 * len(table)))
        axes.hlines(at, table["low"], table["high"], color=PALETTE.blue, alpha=0.4, linewidth=3)
        axes.plot(table["share"], at, "o", color=PALETTE.blue, label=say(language, "general dominance", "一般优势"))
        axes.plot(
            table["relative"], at, "|", color=PALETTE.vermilion, markersize=8,
            label=say(language, "relative weight", "相对权重"),
        )  # fmt: skip
        axes.set_yticks(at, [name_of(result.labels, name, language) for name in table["element"]])
        axes.set_xlim(left=0)
        axes.set_ylim(-0.8, len(table) - 0.2)
        axes.set_xlabel(
            say(
                language,
                f"share of what the indicators explain (bars: {result.probability:.0%} intervals)",
                f"占指标解释部分的份额（横线为{result.probability:.0%}区间）",
            )
        )
        axes.legend(loc="lower right")
        axes.set_title(
            say(language, "Drivers of ", "驱动因素：")
            + name_of(result.labels, result.outcome, language)
            + simulated_mark(result.simulated, language)
        )
    return figure


def plot_map(result: DriversResult, language: str = "en") -> Figure:
    """Draw importance against performance; the lines are the means, which part the map into four."""
    table = result.of_everybody("indicators")
    x, y = table["performance"].to_numpy(), table["share"].to_numpy()
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 4.2))
        axes.axvline(x.mean(), color=PALETTE.grey, linewidth=0.8)
        axes.axhline(y.mean(), color=PALETTE.grey, linewidth=0.8)
        axes.vlines(x, table["low"], table["high"], color=PALETTE.blue, alpha=0.25, linewidth=1)
        axes.plot(x, y, "o", color=PALETTE.blue, markersize=4)
        wide, tall = np.ptp(x) or 1.0, float(table["high"].max()) or 1.0
        taken: list[tuple[float, float]] = []
        for name, left, up in zip(table["element"], x, y, strict=True):
            if all(abs(left - other) > APART * wide or abs(up - height) > APART * tall for other, height in taken):
                taken.append((left, up))
                axes.annotate(name, (left, up), (3, 3), textcoords="offset points", fontsize=7)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(say(language, "mean answer (performance)", "平均评分（表现）"))
        axes.set_ylabel(say(language, "share of what the indicators explain", "占指标解释部分的份额"))
        axes.set_title(
            say(language, "Importance and performance", "重要性与表现") + simulated_mark(result.simulated, language)
        )
    return figure


def plot_pain_points(result: DriversResult, language: str = "en") -> Figure:
    """Draw the gains of the first pain points with intervals and their chance of being among the first."""
    table = result.pains().head(15).iloc[::-1]
    at = np.arange(len(table))
    step, top = result.settings["step"], result.settings["top"]
    with figure_style(language):
        figure, (left, right) = subplots(
            1, 2, figsize=(TEXT_WIDTH, 1.4 + 0.2 * len(table)), sharey=True, width_ratios=[2, 1], layout="constrained"
        )
        left.axvline(0, color=PALETTE.grey, linewidth=0.8)
        left.hlines(at, table["low"], table["high"], color=PALETTE.blue, alpha=0.4, linewidth=3)
        left.plot(table["gain"], at, "o", color=PALETTE.blue)
        left.set_yticks(at, [name_of(result.labels, code, language) for code in table["indicator"]])
        left.set_xlabel(
            say(language, f"gain if answers rise by {step:g} (points)", f"评分提高 {step:g} 分时的提升（分）")
        )
        right.barh(at, table["p_top"], color=PALETTE.sky)
        right.set_xlim(0, 1)
        right.set_xlabel(say(language, f"probability: first {top}", f"进入前 {top} 名的概率"))
        figure.suptitle(
            say(language, "Pain points: ", "痛点：")
            + name_of(result.labels, result.outcome, language)
            + simulated_mark(result.simulated, language),
            x=0.01,
            ha="left",
        )
    return figure


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_drivers,
        "Share of each indicator in what the indicators explain of the outcome, by general dominance with intervals "
        "and by relative weights",
        "各指标占指标对结果解释部分的份额：一般优势（附区间）与相对权重",
    ),
    "map": FigureOf(
        plot_map,
        "Map of the indicators by mean answer and share of importance, with lines at the means",
        "指标的表现（平均评分）与重要性份额散点图，附均值线",
    ),
    "pain-points": FigureOf(
        plot_pain_points,
        "Left: gain of the outcome if the answers to an indicator rise, with intervals, the largest first; right: "
        "probability of being among the first ones",
        "左：各指标评分提高时结果的提升，附区间，自大到小；右：进入前列的概率",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
