"""Figure of the topics of the feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import PercentFormatter

from maternal_eval.core.intervals import normal_reach
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.topics.result import TopicsResult

SHOWN = 6
"""How many of the topics that rose are drawn."""


def plot_topics(result: TopicsResult, language: str = "en") -> Figure:
    """Draw the rate of the topics that rose over their rate before, by quarter, and how often a rise is noticed."""
    with figure_style(language):
        figure, (left, right) = subplots(1, 2, figsize=(TEXT_WIDTH, 3.6), width_ratios=(1.6, 1))
        _draw_ratios(left, result, language)
        _draw_delays(right, result, language)
        figure.suptitle(
            say(language, "Topics that come up in the feedback", "反馈中上升的主题")
            + simulated_mark(result.simulated, language, ", {}"),
            x=0.01,
            ha="left",
        )
    return figure


def _draw_ratios(axes: Axes, result: TopicsResult, language: str) -> None:
    quarters = list(dict.fromkeys(result.signals["quarter"]))
    axes.axhline(1.0, color=PALETTE.grey, linewidth=0.8)
    shown = result.topics.sort_values(["signals", "ratio"], ascending=False, kind="stable").head(SHOWN)
    for number, row in enumerate(shown.itertuples()):
        rows = result.signals[(result.signals["stage"] == row.stage) & (result.signals["topic"] == row.topic)]
        group = name_of(result.labels, row.stage, language) if row.stage else say(language, "all", "全部")
        colour = CYCLE[number % len(CYCLE)]
        axes.plot(quarters, rows["ratio"], color=colour, linewidth=1.2, label=f"{row.topic} · {group}")
        alarms = rows["signal"].to_numpy()
        axes.plot(np.array(quarters)[alarms], rows["ratio"][alarms], "o", color=colour, markersize=4)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(say(language, "rate ÷ rate before (dots: signals)", "速率÷此前速率（圆点为信号）"))
    axes.set_xticks(range(0, len(quarters), max(1, len(quarters) // 5)))
    if len(shown):
        axes.legend(loc="upper left", fontsize="small")
    axes.set_title(say(language, "Topics with a signal", "发出信号的主题"))


def _draw_delays(axes: Axes, result: TopicsResult, language: str) -> None:
    rows = result.delays[result.delays["factor"] > 1.0]
    axes.errorbar(rows["factor"], rows["noticed"], yerr=normal_reach() * rows["mcse"], marker="o", color=PALETTE.blue)
    axes.set_ylim(-0.02, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    ahead = result.settings["ahead"]
    axes.set_xlabel(say(language, "factor on the rate of one topic", "某一主题速率的倍数"))
    axes.set_ylabel(say(language, f"noticed within {ahead} quarters", f"{ahead} 个季度内被发现"))
    axes.set_title(say(language, "Simulated rises", "模拟的上升"))


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_topics,
        (
            "Left: rates of the topics that gave a signal over their rates before, by quarter, signals as dots. Right: "
            "share of simulated rises that are noticed, by size"
        ),
        "左：发出信号的主题其速率与此前速率之比，按季度，圆点为信号；右：模拟的上升按大小被发现的占比",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
