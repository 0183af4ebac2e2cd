"""Figure of the what-if: what each intervention changes, under both schemes of weights, beside the published effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots, wrapped
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.whatif.result import WhatIfResult

WIDEST = {"en": 26, "zh": 30}
"""Half-widths in a line of a scenario's name."""


def plot_what_if(result: WhatIfResult, language: str = "en") -> Figure:
    """Draw the relative change of every outcome, a panel each, in per cent of its level where the scenario applies."""
    table = result.in_place()
    table = table[table["quantity"] != "net"]
    outcomes = list(dict.fromkeys(table["outcome"]))
    scenarios = list(dict.fromkeys(table["scenario"]))
    columns = min(2, len(outcomes))
    rows = -(-len(outcomes) // columns)
    height = max(1.9, 0.75 + 0.42 * len(scenarios))
    with figure_style(language):
        figure, grid = subplots(rows, columns, figsize=(TEXT_WIDTH, rows * height), squeeze=False, sharey=True)
        axes = list(grid.flat)
        for one, outcome in zip(axes, outcomes, strict=False):
            _draw(one, result, table[table["outcome"] == outcome], scenarios, language)
            one.set_title(_title(result, outcome, table, language))
            one.set_xlabel(say(language, "change (%)", "变化（%）"))
        names = [
            wrapped(name_of(result.labels, scenario, language), language, WIDEST[language], lines=2)
            for scenario in scenarios
        ]
        for one in grid[:, 0]:
            one.set_yticks(np.arange(len(scenarios))[::-1], names)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
        for one in axes[len(outcomes) :]:
            one.set_visible(False)
        title = say(language, "A model's consequence, not a causal effect", "模型的推论，并非因果效应")
        mark = simulated_mark(result.simulated, language, "{}. ", "{}。").capitalize()
        figure.suptitle(mark + title, x=0.01, ha="left")
    return figure


def _draw(axes: Axes, result: WhatIfResult, table: pd.DataFrame, scenarios: list[str], language: str) -> None:
    names = {
        "static": say(language, "static weights", "静态权重"),
        "dynamic": result.words.say(language, "by {stage}", "{stage}权重"),
    }
    styles = {"static": (0.14, PALETTE.blue), "dynamic": (-0.14, PALETTE.vermilion)}
    axes.axvline(0.0, color=PALETTE.grey, linewidth=0.8)
    for scheme, rows in table.groupby("weights", sort=False):
        offset, colour = styles[str(scheme)]
        place = np.array([len(scenarios) - 1 - scenarios.index(name) for name in rows["scenario"]]) + offset
        axes.hlines(
            place, 100 * rows["relative_low"], 100 * rows["relative_high"], color=colour, alpha=0.5, linewidth=3
        )
        axes.plot(100 * rows["relative"], place, "o", color=colour, markersize=4, label=names[str(scheme)])
    axes.grid(axis="y", visible=False)


def _title(result: WhatIfResult, outcome: str, table: pd.DataFrame, language: str) -> str:
    quantity = table.loc[table["outcome"] == outcome, "quantity"].iloc[0]
    name = name_of(result.labels, outcome, language)
    return name + say(language, " (share 9–10)", "（9—10 分占比）") if quantity == "promoters" else name


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_what_if,
        (
            "Relative change of each outcome by intervention where it applies, with 90% intervals, under static"
            " weights and weights by {stage}; a model's consequence, not a causal effect"
        ),
        (
            "各干预在其适用范围内使各结果发生的相对变化及 90% 区间，分别采用静态权重与{stage}权重；为模型的"
            "推论，并非因果效应"
        ),
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
