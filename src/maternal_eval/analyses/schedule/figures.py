"""Figure of the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.schedule.result import ScheduleResult

SHOWN = 12
"""How many of the likeliest changes are drawn."""


def plot_schedule(result: ScheduleResult, language: str = "en") -> Figure:
    """Draw the likeliest changes with the region of practical equivalence, and the proposed weights by quarters."""
    with figure_style(language):
        figure, (left, right) = subplots(1, 2, figsize=(TEXT_WIDTH, 3.9), width_ratios=(1.35, 1))
        _draw_changes(left, result, language)
        _draw_quarters(right, result, language)
        simulated = simulated_mark(result.simulated, language, ", {}")
        figure.suptitle(
            result.words.say(language, "Schedule of the {stage} weights", "{stage}权重调整方案") + simulated,
            x=0.01,
            ha="left",
        )
    return figure


def _draw_changes(axes: Axes, result: ScheduleResult, language: str) -> None:
    rows = result.weights.assign(size=np.abs(np.log(result.weights["mean"] / result.weights["static"])))
    rows = rows.sort_values(["proposed", "probability_own", "size"], ascending=False, kind="stable").head(SHOWN)
    place = np.arange(len(rows))[::-1]
    colours = np.where(rows["proposed"], PALETTE.vermilion, PALETTE.blue)
    factor = 1.0 + result.equivalence
    axes.axvspan(1.0 / factor, factor, color=PALETTE.light, alpha=0.7, zorder=0)
    axes.axvline(1.0, color=PALETTE.grey, linewidth=0.8)
    axes.hlines(
        place, rows["low"] / rows["static"], rows["high"] / rows["static"], color=colours, linewidth=3, alpha=0.5
    )
    axes.scatter(rows["mean"] / rows["static"], place, color=colours, s=16, zorder=3)
    names = [f"{name_of(result.labels, row.stage, language)} · {row.indicator}" for row in rows.itertuples()]
    axes.set_yticks(place, names)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel(
        result.words.say(
            language,
            f"{{stage}} weight ÷ static weight ({result.probability:.0%})\ngrey: equivalent, orange: proposed",
            f"{{stage}}权重÷静态权重（{result.probability:.0%}区间）\n灰色为实际等价域，橙色为建议调整",
        )
    )
    axes.set_title(say(language, "Likeliest changes", "最可能的变化"))


def _draw_quarters(axes: Axes, result: ScheduleResult, language: str) -> None:
    axes.set_title(say(language, "Weights by quarter", "逐季权重"))
    if result.proposals.empty:
        axes.text(
            0.5,
            0.5,
            say(language, "no weight is proposed\nto move", "没有建议调整的权重"),
            transform=axes.transAxes,
            ha="center",
            va="center",
            color=PALETTE.grey,
        )
        axes.set_xticks([])
        axes.set_yticks([])
        return
    for number, row in enumerate(result.proposals.itertuples()):
        of_row = (result.quarters["stage"] == row.stage) & (result.quarters["indicator"] == row.indicator)
        steps = result.quarters[of_row]
        label = f"{name_of(result.labels, row.stage, language)} · {row.indicator}"
        axes.plot(steps["quarter"], steps["weight"], marker="o", color=CYCLE[number % len(CYCLE)], label=label)
    room = 1.1 + 0.1 * len(result.proposals)  # above the highest weight, for the legend
    axes.set_ylim(0, room * axes.get_ylim()[1] / 1.1)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.set_xlabel(say(language, "quarters from now", "自现在起的季度数"))
    axes.set_ylabel(say(language, "weight of the whole", "占总体的权重"))
    axes.legend(loc="upper left")


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_schedule,
        (
            "Left: the likeliest changes of {stage} weights against the region of practical equivalence. Right: "
            "the proposed weights by quarter"
        ),
        "左：{stage}权重最可能的变化与实际等价域的对照；右：建议权重的逐季路径",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
