"""Figures of the backtest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from maternal_eval.backtest.evaluation import ACCURACIES
from maternal_eval.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, say
from maternal_eval.weighting import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.backtest.result import BacktestResult


def plot_backtest(
    result: BacktestResult,
    language: str = "en",
    published: float | None = None,
    forecaster: str | None = None,
    target: str | None = None,
) -> Figure:
    """Draw a forecaster's forecasts against what was observed, and the readings of accuracy of all forecasters.

    Parameters
    ----------
    result
        The backtest; its main split is drawn.
    language
        "en" or "zh".
    published
        An accuracy (0–1) that somebody published, drawn as a line.
    forecaster, target
        What the left panel shows; by default the last registered forecaster and the first target.
    """
    forecasts = result.forecasts[result.forecasts["main"]]
    target = target or forecasts["target"].iloc[0]
    forecasts = forecasts[forecasts["target"] == target]
    forecaster = forecaster or forecasts["forecaster"].iloc[-1]
    with figure_style(language):
        figure, (left, right) = plt.subplots(1, 2, figsize=(TEXT_WIDTH, 3.7), width_ratios=(1, 1.15))
        _draw_forecasts(left, forecasts[forecasts["forecaster"] == forecaster], result, language)
        left.set_title(name_of(result.labels, forecaster, language))
        _draw_accuracies(right, result.scores, target, result, language, published)
        figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        simulated = say(language, " (simulated panel)", "（模拟面板）") if result.simulated else ""
        split = forecasts["split"].iloc[0].replace("to", "→")
        figure.suptitle(f"{name_of(result.labels, target, language)}, {split}{simulated}", x=0.01, ha="left")
    return figure


def _draw_forecasts(axes: Axes, rows: pd.DataFrame, result: BacktestResult, language: str) -> None:
    error = np.abs(rows[["low", "high"]].to_numpy().T - rows["forecast"].to_numpy())
    ends = [rows[["low", "observed"]].to_numpy().min(), rows[["high", "observed"]].to_numpy().max()]
    axes.plot(ends, ends, color=PALETTE.grey, linewidth=1, linestyle="--")
    axes.errorbar(
        rows["observed"],
        rows["forecast"],
        error,
        fmt="o",
        markersize=3.5,
        color=PALETTE.blue,
        ecolor=PALETTE.sky,
        elinewidth=1,
    )
    axes.set_xlabel(say(language, "observed cell mean", "单元观测均值"))
    axes.set_ylabel(
        say(language, f"forecast, {result.probability:.0%} interval", f"预测值与{result.probability:.0%}区间")
    )


def _draw_accuracies(
    axes: Axes,
    scores: pd.DataFrame,
    target: str,
    result: BacktestResult,
    language: str,
    published: float | None,
) -> None:
    chosen = scores[scores["main"] & (scores["target"] == target)]
    forecasters = list(dict.fromkeys(chosen["forecaster"]))
    for number, name in enumerate(forecasters):
        rows = chosen[chosen["forecaster"] == name].set_index("score").loc[list(ACCURACIES)]
        at = np.arange(len(ACCURACIES))[::-1] + 0.13 * ((len(forecasters) - 1) / 2 - number)
        colour = CYCLE[number % len(CYCLE)]
        axes.hlines(at, rows["low"], rows["high"], color=colour, linewidth=2, alpha=0.5)
        axes.plot(rows["value"], at, "o", markersize=4, color=colour, label=name_of(result.labels, name, language))
    if published is not None:
        label = say(language, f"published {published:.0%}", f"已发表{published:.0%}")
        axes.axvline(published, color=PALETTE.ink, linestyle=":", label=label)
    tolerance = result.settings["tolerance"]
    short = {
        "one_minus_mape": say(language, "1 − MAPE", "1−MAPE"),
        "within_tolerance": say(language, f"within\n± {tolerance:.0%}", f"误差\n±{tolerance:.0%}以内"),
        "right_direction": say(language, "right\ndirection", "方向\n正确"),
    }
    axes.set_yticks(np.arange(len(ACCURACIES))[::-1], [short[name] for name in ACCURACIES])
    axes.set_xlim(0, 1.02)
    axes.set_xlabel(say(language, "accuracy, three readings", "准确率的三种读法"))
