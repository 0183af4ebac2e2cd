"""The main figure of the backtest: forecasts against what was observed, and the readings of accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.base import base_of_panel
from maternal_eval.analyses.backtest.evaluation import ACCURACIES
from maternal_eval.analyses.backtest.further_figures import (
    forecaster_axis,
    plot_attainability,
    plot_calibration,
    plot_skill,
)
from maternal_eval.analyses.backtest.splits import split_in_words
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplot_rows
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.backtest.result import BacktestResult
    from maternal_eval.analyses.claims.result import ClaimsResult


def plot_backtest(
    result: BacktestResult,
    language: str = "en",
    published: float | None = None,
    forecaster: str | None = None,
    target: str | None = None,
) -> Figure:
    """Draw a forecaster's means and answers against what was observed, and the accuracy of all forecasters.

    Parameters
    ----------
    result
        The backtest; its main split is drawn.
    language
        "en" or "zh".
    published
        An accuracy (0–1) that somebody published, drawn as a line.
    forecaster, target
        What the upper panels show; by default the last registered forecaster and the first target.
    """
    forecasts = result.forecasts[result.forecasts["main"]]
    target = target or forecasts["target"].iloc[0]
    forecasts = forecasts[forecasts["target"] == target]
    forecaster = forecaster or forecasts["forecaster"].iloc[-1]
    with figure_style(language):
        figure, ((left, right), panels) = subplot_rows(
            (2, len(ACCURACIES)),
            figsize=(TEXT_WIDTH, 6.4),
            height_ratios=(1, 1.15),
            wspace=(None, 0.08),
            sharey=(False, True),
        )
        _draw_forecasts(left, forecasts[forecasts["forecaster"] == forecaster], result, language)
        left.set_title(name_of(result.labels, forecaster, language))
        _draw_answers(right, result, target, forecaster, language)
        _draw_accuracies(panels, result, target, language, published)
        figure.suptitle(
            f"{name_of(result.labels, target, language)}{say(language, ', ', '，')}"
            f"{split_in_words(forecasts['split'].iloc[0], language)}{simulated_mark(result.simulated, language)}",
            x=0.01,
            ha="left",
        )
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


def _draw_answers(axes: Axes, result: BacktestResult, target: str, forecaster: str, language: str) -> None:
    """Draw the shares of the answers, observed and forecast; nothing where the outcome has no categories."""
    table = result.answers
    rows = table[(table["target"] == target) & (table["forecaster"] == forecaster)] if len(table) else table
    if not len(rows):
        axes.set_axis_off()
        return
    low = result.lowest_answers[target]
    answer = rows["category"].to_numpy() + low
    observed, forecast = say(language, "observed", "观测"), say(language, "forecast", "预测")
    axes.bar(answer - 0.2, rows["observed"], 0.38, color=PALETTE.light, edgecolor=PALETTE.grey, label=observed)
    axes.bar(answer + 0.2, rows["forecast"], 0.38, color=PALETTE.blue, label=forecast)
    axes.set_xticks(answer, [f"{value:g}" for value in answer])
    axes.set_xlabel(say(language, "answer", "答案"))
    axes.set_ylabel(result.words.say(language, "share of {answers}", "{answer}占比"))
    axes.set_ylim(0, 1.25 * rows[["observed", "forecast"]].to_numpy().max())
    axes.legend(ncols=2, loc="upper left")


def _draw_accuracies(
    panels: np.ndarray, result: BacktestResult, target: str, language: str, published: float | None
) -> None:
    chosen = result.scores[result.scores["main"] & (result.scores["target"] == target)]
    forecasters = list(dict.fromkeys(chosen["forecaster"]))
    tolerance = result.settings["tolerance"]
    titles = {
        "one_minus_mape": say(language, "1 − MAPE", "1−MAPE"),
        "within_tolerance": say(language, f"within ± {tolerance:.0%}", f"误差±{tolerance:.0%}以内"),
        "right_direction": say(language, "right direction", "方向正确"),
    }
    for axes, reading in zip(panels, ACCURACIES, strict=True):
        of_reading = chosen[chosen["score"] == reading]
        rows = of_reading.set_index("forecaster").loc[forecasters]
        places = forecaster_axis(axes, result, forecasters, language)
        axes.hlines(places, rows["low"], rows["high"], color=PALETTE.sky, linewidth=2.5)
        axes.plot(rows["value"], places, "o", color=PALETTE.blue)
        if published is not None:
            axes.axvline(published, color=PALETTE.ink, linestyle=":")
        axes.set_title(titles[reading] + base_of_panel(of_reading, language))
        axes.set_xlim(0, 1.04)
        axes.set_xticks([0, 0.5, 1.0], ["0", "50%", "100%"])
    axes = panels[1]
    note = (
        ""
        if published is None
        else say(language, f"; dotted: {published:.0%} published", f"；虚线：已发表的{published:.0%}")
    )
    axes.set_xlabel(say(language, "accuracy, three readings", "准确率的三种读法") + note)


def published_accuracy(claims: ClaimsResult) -> dict[str, float]:
    """Return the accuracy (0–1) that the reports publish as the argument of :func:`plot_backtest`, if they do."""
    percent = claims.key_claims.set_index("number")["right"].get("key:backtest-accuracy")
    return {} if percent is None else {"published": percent / 100}


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_backtest,
        (
            "Above: one forecaster's forecasts with intervals against observed means, and the shares of the "
            "answers. Below: three readings of accuracy by forecaster"
        ),
        "上：一种预测方法的预测值及区间与观测均值的对照，以及各答案的占比；下：各预测方法的三种准确率",
        beside="claims",
        more=published_accuracy,
    ),
    "skill": FigureOf(
        plot_skill,
        "Skill in CRPS over the last value with intervals, by target and forecaster",
        "各目标、各预测方法相对上期值的 CRPS 技巧评分及区间",
    ),
    "calibration": FigureOf(
        plot_calibration,
        (
            "Distribution of the probability integral transforms minus the uniform one with simultaneous bands,"
            " by forecaster"
        ),
        "各预测方法的概率积分变换分布与均匀分布之差及同时置信带",
    ),
    "attainability": FigureOf(
        plot_attainability,
        (
            "Accuracy in simulated studies over answers per cell and size of yearly steps, three readings, "
            "three forecasters"
        ),
        "模拟研究中的准确率随每单元{answer}数与年际变动的变化：三种读法、三种预测方法",
        shown=lambda result: len(result.attainability) > 0,
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
