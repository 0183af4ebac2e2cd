"""Figures of the satisfaction model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from maternal_eval.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, say
from maternal_eval.satisfaction.summaries import ALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.satisfaction.result import SatisfactionResult


def plot_satisfaction(result: SatisfactionResult, language: str = "en") -> Figure:
    """Draw expected answers with intervals: a panel per stage over the periods, or one panel of stages."""
    by_stage = result.scores[result.scores["stage"] != ALL]
    with figure_style(language):
        draw = _over_periods if len(set(by_stage["period"])) > 1 else _over_stages
        figure = draw(result, by_stage, language)
        simulated = say(language, "simulated panel, ", "模拟面板，") if result.simulated else ""
        figure.suptitle(
            say(
                language,
                f"{result.label(result.outcome, 'en')} ({simulated}bars: {result.probability:.0%} intervals, "
                "open marks: observed means)",
                f"{result.label(result.outcome, 'zh')}（{simulated}竖线为{result.probability:.0%}区间，"
                "空心标记为加权观测均值）",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def _over_periods(result: SatisfactionResult, table: pd.DataFrame, language: str) -> Figure:
    stages = list(dict.fromkeys(table["stage"]))
    columns = min(len(stages), 5)
    rows = -(-len(stages) // columns)
    figure, grid = plt.subplots(
        rows, columns, sharex=True, sharey=True, squeeze=False, figsize=(TEXT_WIDTH, 0.8 + 2.2 * rows)
    )
    periods = sorted(table["period"].unique())
    for number, axes in enumerate(grid.flat):
        if number >= len(stages):
            axes.set_axis_off()
            continue
        of_stage = table[table["stage"] == stages[number]].sort_values("period")
        at = of_stage["period"].to_numpy(dtype=float)
        _interval_marks(axes, at, of_stage, CYCLE[number % len(CYCLE)])
        axes.plot(at, of_stage["score"], color=CYCLE[number % len(CYCLE)], linewidth=1.0)
        axes.set_title(result.label(stages[number], language))
        shown = periods if len(periods) <= 3 else periods[:: max(1, (len(periods) - 1) // 2)]
        axes.set_xticks(shown, [str(period) for period in shown])
        axes.set_xlim(periods[0] - 0.6, periods[-1] + 0.6)
    for row in grid:
        row[0].set_ylabel(_score_label(result, language))
    return figure


def _over_stages(result: SatisfactionResult, table: pd.DataFrame, language: str) -> Figure:
    figure, axes = plt.subplots(figsize=(TEXT_WIDTH, 3.2))
    at = np.arange(len(table), dtype=float)
    _interval_marks(axes, at, table, PALETTE.blue)
    axes.set_xticks(at, [result.label(stage, language) for stage in table["stage"]])
    axes.set_xlim(-0.6, len(table) - 0.4)
    axes.set_ylabel(_score_label(result, language))
    return figure


def _interval_marks(axes: Axes, at: np.ndarray, table: pd.DataFrame, colour: str) -> None:
    error = np.abs(table[["low", "high"]].to_numpy().T - table["score"].to_numpy())
    axes.errorbar(at, table["score"], error, fmt="o", color=colour, capsize=2)
    seen = table["observed"].notna().to_numpy() & ~table["forecast"].to_numpy()
    axes.plot(at[seen], table["observed"].to_numpy()[seen], "o", markersize=8, fillstyle="none", color=PALETTE.grey)


def _score_label(result: SatisfactionResult, language: str) -> str:
    low, high = (int(result.posterior["answer"].values[place]) for place in (0, -1))
    return say(language, f"expected answer ({low}–{high})", f"期望得分（{low}–{high}）")
