"""Figure of the review: delay by fall, false alarms by margin, a line per number of answers, a column per rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_hex
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from maternal_eval.core.languages import say
from maternal_eval.methods.alarm_rules import RULES
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import TEXT_WIDTH, figure_style, subplots, wrapped
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.review.result import ReviewResult

LEAST = 1e-4
"""Rates below this are drawn there."""


def plot_review(result: ReviewResult, language: str = "en") -> Figure:
    """Draw the delay after a fall (above) and the rate of false alarms (below) for every rule."""
    sizes = sorted(result.detection["answers"].unique())
    with figure_style(language):
        colours = [to_hex(plt.get_cmap("cividis")(place)) for place in np.linspace(0.0, 0.88, len(sizes))]
        figure, grid = subplots(2, len(RULES), figsize=(TEXT_WIDTH, 4.9), sharey="row", squeeze=False)
        for axes, rule in zip(grid.T, RULES, strict=True):
            for size, colour in zip(sizes, colours, strict=True):
                falls = result.detection.query("rule == @rule and answers == @size")
                calm = result.false_alarms.query("rule == @rule and answers == @size")
                axes[0].plot(falls["fall"], falls["delay"], "o-", color=colour, markersize=3.5, label=f"{size}")
                rate = np.maximum(calm["rate"], LEAST)
                axes[1].plot(calm["margin"], rate, "o-", color=colour, markersize=3.5)
            axes[0].set_title(wrapped(name_of(result.labels, rule, language), language, 18, lines=2))
            axes[0].set_yscale("log")
            axes[0].set_xlabel(say(language, "fall below the limit (points)", "低于界限的幅度（分）"))
            axes[1].set_yscale("log")
            axes[1].set_yticks([0.1, 0.01, 0.001, LEAST], ["10%", "1%", "0.1%", "≤0.01%"])
            axes[1].yaxis.set_minor_locator(NullLocator())
            axes[1].set_xlabel(say(language, "true mean above it (points)", "高于界限的幅度（分）"))
            axes[0].yaxis.set_major_locator(FixedLocator([1, 2, 4, 10, 20, 40]))
            axes[0].yaxis.set_minor_locator(NullLocator())
            axes[0].yaxis.set_major_formatter(ScalarFormatter())
        grid[0, 0].set_ylabel(say(language, "quarters until the alarm", "至报警的季度数"))
        grid[1, 0].set_ylabel(say(language, "false alarms a quarter", "每季度误报率"))
        figure.legend(
            *grid[0, 0].get_legend_handles_labels(),
            title=result.words.say(language, "{answers} a quarter to one score", "每项得分每季度的{answer}数"),
            loc="outside lower center",
            ncols=len(sizes),
        )
        if result.simulated:
            title = result.words.say(
                language,
                "Simulated streams of {answers}, levels of the simulated panel",
                "模拟的{answer}流，水平取自模拟面板",
            )
        else:
            title = result.words.say(
                language,
                "Simulated streams of {answers}, levels of the real panel",
                "模拟的{answer}流，水平取自真实面板",
            )
        figure.suptitle(title, x=0.01, ha="left")
    return figure


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_review,
        (
            "Quarters until the alarm by size of the fall, and false alarms a quarter by distance above the "
            "limit, for three rules and several numbers of {answers}; streams of {answers} are simulated"
        ),
        (
            "三种规则、多种{answer}数下，至报警的季度数随下降幅度的变化，以及每季度误报率随高出界限幅度的变化；{answer}流为模拟"
        ),
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
