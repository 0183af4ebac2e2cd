"""Figures of items and dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.core.languages import say
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, TEXT_WIDTH, figure_style, subplots, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.items.result import ItemsResult

_COLUMNS = 4


def plot_items(result: ItemsResult, language: str = "en") -> Figure:
    """Draw a panel per item or dimension: expected answers of the stages over the periods, with intervals."""
    names = [item["name"] for item in result.items]
    stages = [stage for stage in dict.fromkeys(result.scores["stage"]) if stage != ALL]
    periods = sorted(result.scores["period"].unique())
    columns = min(len(names), _COLUMNS)
    rows = -(-len(names) // columns)
    with figure_style(language):
        figure, grid = subplots(
            rows, columns, sharex=True, sharey=True, squeeze=False, figsize=(TEXT_WIDTH, 1.0 + 1.75 * rows)
        )
        for axes, item in zip(grid.flat, result.items, strict=False):
            table = result.scores[result.scores["name"] == item["name"]]
            for number, stage in enumerate(stages):
                of_stage = table[table["stage"] == stage].sort_values("period")
                # Side by side, so that intervals of stages do not hide each other.
                at = np.arange(len(of_stage)) + 0.12 * (number - (len(stages) - 1) / 2)
                error = np.abs(of_stage[["low", "high"]].to_numpy().T - of_stage["score"].to_numpy())
                axes.errorbar(
                    at,
                    of_stage["score"],
                    error,
                    fmt="o-",
                    markersize=2.5,
                    linewidth=0.9,
                    elinewidth=0.9,
                    color=CYCLE[number % len(CYCLE)],
                    label=result.label(stage, language),
                )
            name = result.label(item["name"], language)
            if item["kind"] == "item":
                name = f"{item['name']} {name}"
            elif "维度" not in name:
                name = say(language, "Dimension: ", "维度：") + name
            axes.set_title(wrapped(name, language, 26, lines=2), fontsize="small")
            if result.has_periods:
                shown = range(0, len(periods), max(1, (len(periods) - 1) // 2))
                axes.set_xticks(list(shown), [result.label(str(periods[place]), language) for place in shown])
            else:
                axes.set_xticks([])
        for axes in list(grid.flat)[len(names) :]:
            axes.set_axis_off()
        low, high = (f"{end:g}" for end in result.scale)
        for row in grid:
            row[0].set_ylabel(say(language, f"expected answer ({low}–{high})", f"期望得分（{low}–{high}）"))
        figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=min(len(stages), 5))
        simulated = simulated_mark(result.simulated, language, "{}, ", "{}，")
        figure.suptitle(
            result.words.say(
                language,
                f"Items and dimensions by {{stage}} ({simulated}bars: {result.probability:.0%} intervals)",
                f"各{{stage}}的指标与维度（{simulated}竖线为{result.probability:.0%}区间）",
            ),
            x=0.01,
            ha="left",
        )
    return figure


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_items,
        "Expected answers by {stage} over the periods with 90% intervals, a panel per item and dimension",
        "各指标与维度按{stage}的期望得分随时期变化及 90% 区间，每个指标或维度一幅小图",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
