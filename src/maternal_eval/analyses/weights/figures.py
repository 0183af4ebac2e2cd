"""Figures of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study import DIMENSIONS
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.weights.result import WeightsResult


_SPREAD = 0.52
"""How much of the room between two elements the rounds of one element take."""


def plot_rounds(result: WeightsResult, language: str = "en") -> Figure:
    """Draw the group's weight of each element inside its set with its posterior interval, round by round."""
    sizes = result.group.groupby("set", sort=False)["element"].nunique()
    sets = {str(name): int(size) for name, size in sizes.items() if size > 1}
    rounds = sorted(result.group["round"].unique())
    shades = plt.get_cmap("cividis_r")(np.linspace(0.15, 0.95, len(rounds)))
    with figure_style(language):
        heights = [size + 1.2 for size in sets.values()]
        figure, axes = subplots(
            len(sets), 1, figsize=(TEXT_WIDTH, 1.3 + 0.19 * sum(heights)), height_ratios=heights, squeeze=False
        )
        for axis, name in zip(axes[:, 0], sets, strict=True):
            of_set = result.group[result.group["set"] == name]
            offsets = _SPREAD * (0.5 - (np.arange(len(rounds)) + 0.5) / len(rounds))
            for number, shade, offset in zip(rounds, shades, offsets, strict=True):
                rows = of_set[of_set["round"] == number]
                at = np.arange(len(rows))[::-1] + offset
                axis.hlines(at, rows["low"], rows["high"], color=shade, linewidth=1.8)
                label = say(language, f"round {number}", f"第{number}轮")
                axis.plot(rows["weight"], at, "o", color=shade, markersize=3.2, label=label)
            elements = of_set[of_set["round"] == rounds[-1]]["element"]
            names = [_element(result, element, language) for element in elements]
            axis.set_yticks(np.arange(len(names))[::-1], names)
            axis.set_ylim(-0.6, len(names) - 0.4)
            axis.set_xlim(left=0)
            axis.set_title(_set_title(result, name, language), fontsize="medium", pad=4)
        axes[-1, 0].set_xlabel(say(language, "weight inside the set (sum 1)", "集合内权重（合计为1）"))
        handles, labels = axes[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower right", ncols=len(rounds), frameon=False)
        simulated = say(language, "simulated ", "模拟") if result.simulated else ""
        figure.suptitle(
            say(
                language,
                f"Weights of the {simulated}experts as a group, by round\n"
                f"bars: {result.probability:.0%} posterior intervals",
                f"{simulated}专家群体权重：逐轮结果\n横线为{result.probability:.0%}后验区间",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def plot_experts(result: WeightsResult, language: str = "en") -> Figure:
    """Draw how inconsistent each expert is and how far from the others, by set and round."""
    panels = (
        (
            result.consistency.assign(marked=~result.consistency["acceptable"]),
            "residual",
            say(
                language,
                "Inconsistency (residual sd)\n× consistency ratio > 0.10",
                "不一致程度（残差标准差）\n× 一致性比率 > 0.10",
            ),
            "x",
        ),
        (
            result.outlying.assign(marked=result.outlying["outlying"]),
            "distance",
            say(
                language,
                "Distance from the others\n○ outlying (5%, Bonferroni)",
                "与其他专家的距离\n○ 离群（5%，Bonferroni）",
            ),
            "o",
        ),
    )
    experts = list(dict.fromkeys(result.consistency["expert"]))
    with figure_style(language):
        figure, axes = subplots(1, 2, figsize=(TEXT_WIDTH, 1.7 + 0.2 * len(experts)), sharey=True)
        for axis, (table, value, title, marker) in zip(axes, panels, strict=True):
            _tiles(axis, table, value, marker, experts, result, language)
            axis.set_title(title, fontsize="medium")
        axes[0].set_yticks(np.arange(len(experts)), [name.replace("_", " ") for name in experts])
        simulated = say(language, "simulated ", "模拟") if result.simulated else ""
        figure.suptitle(
            say(
                language,
                f"Each of the {simulated}experts, by set and round (log scale of judgements and weights)",
                f"各位{simulated}专家：按集合与轮次（判断与权重的对数尺度）",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def _tiles(
    axis: Axes, table: pd.DataFrame, value: str, marker: str, experts: list[str], result: WeightsResult, language: str
) -> None:
    """Draw a table as tiles, experts down, sets and in them rounds across; ``marked`` rows get a marker."""
    sets, rounds = list(dict.fromkeys(table["set"])), sorted(table["round"].unique())
    order = pd.MultiIndex.from_product([sets, rounds])
    shown = table.pivot_table(value, "expert", ["set", "round"], sort=False, dropna=False).reindex(experts)[order]
    marked = table.assign(marked=table["marked"].astype(float)).pivot_table(
        "marked", "expert", ["set", "round"], sort=False, dropna=False
    )
    tiles = axis.pcolormesh(np.arange(shown.shape[1]), np.arange(len(experts)), shown.to_numpy(), cmap="Blues", vmin=0)
    rows, columns = np.nonzero(marked.reindex(experts)[order].to_numpy() == 1)
    axis.plot(columns, rows, marker, color=PALETTE.vermilion, mfc="none", markersize=6, markeredgewidth=1.5)
    axis.set_xticks(np.arange(shown.shape[1]), [f"{number:g}" for number in rounds] * len(sets), fontsize="x-small")
    for position, name in enumerate(sets):
        centre = position * len(rounds) + (len(rounds) - 1) / 2
        text = _set_name(result, name, language)
        axis.annotate(text, (centre, 0), (0, -18), xycoords=("data", "axes fraction"), textcoords="offset points",
                      ha="center", va="top", fontsize="x-small", annotation_clip=False)  # fmt: skip
        if position:
            axis.axvline(position * len(rounds) - 0.5, color="white", linewidth=3)
    axis.set_ylim(len(experts) - 0.5, -0.5)
    axis.grid(visible=False)
    axis.tick_params(length=0)
    axis.set_xlabel(say(language, "round, by set", "轮次（按集合）"), fontsize="small", labelpad=16)
    axis.figure.colorbar(tiles, ax=axis, shrink=0.7, pad=0.02)


def _element(result: WeightsResult, element: str, language: str) -> str:
    name = name_of(result.labels, element, language)
    known = {*result.dimensions["dimension"]}
    return name if element in known or name == element else f"{element}  {name}"


def _set_name(result: WeightsResult, name: str, language: str) -> str:
    return say(language, "dimensions", "各维度") if name == DIMENSIONS else name_of(result.labels, name, language)


def _set_title(result: WeightsResult, name: str, language: str) -> str:
    if name == DIMENSIONS:
        return say(language, "Dimensions", "维度之间")
    return say(language, "Inside: {}", "{}之内").format(name_of(result.labels, name, language))


def plot_weights(result: WeightsResult, language: str = "en") -> Figure:
    """Draw the global weight of each indicator with its posterior interval, coloured by dimension."""
    weights = result.weights
    place = np.arange(len(weights))[::-1]
    colours = dict(zip(weights["dimension"].unique(), CYCLE, strict=False))
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.0 + 0.16 * len(weights)))
        for dimension, rows in weights.groupby("dimension", sort=False):
            colour = colours.get(dimension, PALETTE.grey)
            at = place[rows.index]
            axes.hlines(at, rows["low"], rows["high"], color=colour, alpha=0.5, linewidth=3)
            axes.plot(rows["weight"], at, "o", color=colour, label=name_of(result.labels, dimension, language))
        names = [f"{code}  {name_of(result.labels, code, language)}" for code in weights["indicator"]]
        axes.set_yticks(place, names)
        axes.set_xlim(left=0)
        axes.set_xlabel(say(language, "global weight (sum 1)", "全局权重（合计为1）"))
        # Above the whole figure: the axes start behind long names, and their title would be cut off.
        figure.suptitle(_title(result, language), x=0.01, ha="left")
        if len(colours) > 1:
            # Beside the title: inside it would lie on the weights of the last dimension.
            figure.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=min(len(colours), 3))
    return figure


def _title(result: WeightsResult, language: str) -> str:
    if result.basis != "experts":
        sources = {"given": ("as given", "研究给定"), "equal": ("equal within each dimension", "维度内等权")}
        return say(language, "Weights, {}", "权重：{}").format(say(language, *sources[result.basis]))
    simulated = say(language, "simulated ", "模拟") if result.simulated else ""
    return say(
        language,
        f"Weights from {simulated}judgements; bars: {result.probability:.0%} posterior intervals",
        f"由{simulated}专家判断得到的权重；横线为{result.probability:.0%}后验区间",
    )


def plot_main(result: WeightsResult, language: str = "en") -> Figure:
    """Draw the rounds of the experts, or the weights alone where no expert judged."""
    return plot_rounds(result, language) if len(result.group) else plot_weights(result, language)


def _without_experts(result: WeightsResult) -> tuple[str, str] | None:
    if result.basis == "experts":
        return None
    return "Dot plot of the weight of each indicator, grouped by dimension", "各指标权重点图，按维度分组"


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_main,
        (
            "Dot plot of the experts' weights as a group inside each set, with posterior intervals, over the "
            "Delphi rounds"
        ),
        "专家群体权重点图：各集合内逐轮权重及后验区间",
        instead=_without_experts,
    ),
    "global": FigureOf(
        plot_weights,
        "Dot plot of the static weight of each indicator with its posterior interval, grouped by dimension",
        "各指标静态权重点图，附后验区间，按维度分组",
        shown=lambda result: len(result.group) > 0,
    ),
    "experts": FigureOf(
        plot_experts,
        (
            "Tiles of experts by set and round: how inconsistent each is, and how far from the others, outlying"
            " ones marked"
        ),
        "专家×集合与轮次色块图：每位专家的不一致程度及与其他专家的距离，离群者有标记",
        shown=lambda result: len(result.group) > 0,
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
