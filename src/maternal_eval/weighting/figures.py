"""Figures of the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np

from maternal_eval.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, say
from maternal_eval.weighting.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.weighting.result import WeightsResult


def plot_weights(result: WeightsResult, language: str = "en") -> Figure:
    """Draw the global weight of each indicator with its interval over experts, coloured by dimension."""
    weights = result.weights
    place = np.arange(len(weights))[::-1]
    colours = dict(zip(weights["dimension"].unique(), CYCLE, strict=False))
    with figure_style(language):
        figure, axes = plt.subplots(figsize=(TEXT_WIDTH, 1.0 + 0.16 * len(weights)))
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
        axes.legend(loc="lower right")
    return figure


def _title(result: WeightsResult, language: str) -> str:
    if result.basis != "experts":
        sources = {"given": ("as given", "研究给定"), "equal": ("equal within each dimension", "维度内等权")}
        return say(language, "Weights, {}", "权重：{}").format(say(language, *sources[result.basis]))
    simulated = say(language, "simulated ", "模拟") if result.simulated else ""
    return say(
        language,
        f"Weights from {simulated}judgements; bars: {result.probability:.0%} over experts",
        f"由{simulated}专家判断得到的权重；横线为专家间{result.probability:.0%}区间",
    )
