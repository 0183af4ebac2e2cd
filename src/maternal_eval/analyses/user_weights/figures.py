"""Figures of the users' weights: beside stated and experts' ones, and the probability of agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.analyses.user_weights.report import REFERENCES, SETS
from maternal_eval.core.languages import say
from maternal_eval.methods.weight_agreement import READINGS
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study import DIMENSIONS
from maternal_eval.study.groups import EVERYONE
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.user_weights.result import UserWeightsResult


def plot_user_weights(result: UserWeightsResult, language: str = "en") -> Figure:
    """Draw the users' weights with intervals, the stated ones and those of the experts: dimensions, then indicators."""
    kinds = [kind for kind in (DIMENSIONS, "indicators") if len(result.of(kind))]
    heights = [len(result.of(kind)) + 1.5 for kind in kinds]
    with figure_style(language):
        figure, grid = subplots(
            len(kinds), 1, figsize=(TEXT_WIDTH, 1.2 + 0.19 * sum(heights)), height_ratios=heights, squeeze=False,
            layout="constrained",
        )  # fmt: skip
        for axes, kind in zip(grid[:, 0], kinds, strict=True):
            _weights(axes, result, kind, language)
        grid[0, 0].legend(loc="center left" if len(kinds) > 1 else "upper right")
        grid[-1, 0].set_xlabel(
            say(
                language,
                f"weight (sum 1; bars: {result.probability:.0%} intervals)",
                f"权重（合计为1；横线为{result.probability:.0%}区间）",
            )
        )
        figure.suptitle(
            say(language, "What users weigh", "用户自身的权重") + simulated_mark(result.simulated, language),
            x=0.01,
            ha="left",
        )
    return figure


def _weights(axes: Axes, result: UserWeightsResult, kind: str, language: str) -> None:
    table = result.of(kind).iloc[::-1]
    at = np.arange(len(table))
    axes.hlines(at + 0.15, table["low"], table["high"], color=PALETTE.blue, alpha=0.4, linewidth=3)
    axes.plot(table["weight"], at + 0.15, "o", color=PALETTE.blue, markersize=4, label=say(language, "users", "用户"))
    if table["experts"].notna().any():
        axes.hlines(at - 0.2, table["experts_low"], table["experts_high"], color=PALETTE.orange, alpha=0.5, linewidth=3)
        label = say(language, "experts", "专家")
        axes.plot(table["experts"], at - 0.2, "s", color=PALETTE.orange, markersize=3, label=label)
    axes.plot(table["stated"], at, "|", color=PALETTE.ink, markersize=9, label=say(language, "stated", "名义"))
    axes.set_yticks(at, [name_of(result.labels, one, language) for one in table["element"]], fontsize=7)
    axes.set_xlim(left=0)
    axes.set_ylim(-0.7, len(table) - 0.3)


def plot_agreement(result: UserWeightsResult, language: str = "en") -> Figure:
    """Draw the probability of each reading of agreement by reference; hollow: that of blind weights."""
    table = result.agreement[result.agreement["group"] == EVERYONE]
    kinds = list(table["set"].unique())
    references = list(table["reference"].unique())
    with figure_style(language):
        figure, grid = subplots(
            1, len(kinds), figsize=(TEXT_WIDTH, 1.6 + 0.35 * len(references)), sharey=True, squeeze=False,
            layout="constrained",
        )  # fmt: skip
        for axes, kind in zip(grid[0], kinds, strict=True):
            for number, (colour, reading) in enumerate(zip(CYCLE, READINGS.values(), strict=False)):
                rows = table[(table["set"] == kind) & (table["reading"] == reading.name)].set_index("reference")
                at = np.arange(len(references))[::-1] + 0.27 - 0.18 * number
                label = say(language, reading.name_en, reading.name_zh)
                axes.plot(rows.loc[references, "probability"], at, "o", color=colour, label=label, markersize=5)
                axes.plot(rows.loc[references, "if_same"], at, "|", color=colour, markersize=9)
                axes.plot(
                    rows.loc[references, "by_chance"], at, "o", color=colour, markerfacecolor="white", markersize=4
                )
            axes.set_title(SETS[kind][language])
            axes.set_xlim(-0.04, 1.04)
            axes.set_xlabel(say(language, "probability of agreement", "一致的概率"))
            known = [REFERENCES.get(name, {}).get(language, name) for name in references]
            axes.set_yticks(np.arange(len(references))[::-1], known)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        title = say(language, "Do users agree?", "用户是否一致？") + simulated_mark(result.simulated, language)
        marks = say(
            language, "ticks: if users weighed alike; hollow: blind weights", "竖线为用户若完全一致，空心为随机权重"
        )
        figure.suptitle(f"{title}\n{marks}", x=0.01, ha="left", fontsize="medium")
    return figure


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_user_weights,
        "Users' weights of dimensions and indicators with intervals, beside the stated weights and the experts' ones",
        "用户的维度与指标权重及区间，并列名义权重与专家权重",
    ),
    "agreement": FigureOf(
        plot_agreement,
        "Probability that the users' weights agree with the stated weights, with all experts and with each profession, "
        "by four readings, the same if they weighed alike, and for blind weights",
        "用户权重与名义权重、全体专家及各职业专家一致的概率：四种读法，附用户若完全一致及随机权重时的概率",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
