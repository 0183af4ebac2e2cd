"""Figure of the stage weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.stage_weights.result import StageWeightsResult


def plot_stage_weights(result: StageWeightsResult, language: str = "en") -> Figure:
    """Draw the weights of every stage with intervals against the static weights, one panel per stage."""
    stages = list(dict.fromkeys(result.weights["stage"]))
    codes = list(dict.fromkeys(result.weights["indicator"]))
    place = np.arange(len(codes))[::-1]
    with figure_style(language):
        figure, grid = subplots(
            1, len(stages), figsize=(TEXT_WIDTH, 1.2 + 0.15 * len(codes)), sharex=True, sharey=True, squeeze=False
        )
        for axes, stage in zip(grid[0], stages, strict=True):
            rows = result.weights[result.weights["stage"] == stage]
            changed = rows["credible_change"].to_numpy()
            colours = np.where(changed, PALETTE.vermilion, PALETTE.blue)
            axes.hlines(place, rows["low"], rows["high"], color=colours, alpha=0.5, linewidth=3)
            axes.scatter(rows["mean"], place, color=colours, s=14, zorder=3)
            axes.plot(rows["static"], place, "|", color=PALETTE.ink, markersize=7)
            axes.set_title(name_of(result.labels, stage, language))
            axes.set_yticks(place, codes)
        grid[0][0].set_xlim(left=0)
        figure.supxlabel(
            result.words.say(
                language,
                f"weight (sum 1 in each {{stage}}); bars {result.probability:.0%}, tick: static weight, "
                "orange: credible change",
                f"权重（各{{stage}}合计为1）；横线为{result.probability:.0%}区间，竖线为静态权重，橙色为可信变化",
            ),
            fontsize="medium",
        )
        figure.suptitle(
            result.words.say(language, "Weights by {stage}", "{stage}权重")
            + simulated_mark(result.simulated, language, ", {}"),
            x=0.01,
            ha="left",
        )
    return figure


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_stage_weights,
        "Weights by {stage} with intervals against the static weights",
        "各{stage}权重及区间与静态权重的对照",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
