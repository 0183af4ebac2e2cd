"""Further figures of the backtest: skill by target, calibration, and what an accuracy needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.analyses.backtest.attainability import BRACKETS, READINGS
from maternal_eval.core.languages import say
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots, wrapped
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.backtest.result import BacktestResult

MOST = 15
"""Forecasters in a figure of small panels; more would not be read."""


def plot_skill(result: BacktestResult, language: str = "en") -> Figure:
    """Draw the skill in CRPS over the last value with its intervals, one panel a target, all origins pooled."""
    chosen = result.scores[(result.scores["score"] == "crps_skill") & (result.scores["forecaster"] != "last_value")]
    # Pooled over the origins where there are several.
    chosen = chosen[chosen["origins"] == chosen.groupby("target")["origins"].transform("max")]
    targets = list(dict.fromkeys(chosen["target"]))
    forecasters = list(dict.fromkeys(chosen["forecaster"]))
    with figure_style(language):
        height = 1.3 + 0.24 * len(forecasters)
        figure, panels = subplots(1, len(targets), figsize=(TEXT_WIDTH, height), sharey=True, squeeze=False)
        for axes, target in zip(panels[0], targets, strict=True):
            rows = chosen[chosen["target"] == target].set_index("forecaster").reindex(forecasters)
            places = forecaster_axis(axes, result, forecasters, language)
            axes.axvline(0, color=PALETTE.grey, linestyle="--", linewidth=1)
            axes.hlines(places, rows["low"], rows["high"], color=PALETTE.sky, linewidth=2.5)
            axes.plot(rows["value"], places, "o", color=PALETTE.blue, markersize=4)
            axes.set_title(wrapped(name_of(result.labels, target, language), language, 16), fontsize="x-small")
            axes.locator_params(axis="x", nbins=3)
        origins = int(chosen["origins"].max())
        figure.supxlabel(
            say(
                language,
                f"skill in CRPS over the last value, {origins} origins{simulated_mark(result.simulated, language)}",
                f"相对上期值的CRPS技巧评分，{origins}个预测起点{simulated_mark(result.simulated, language)}",
            ),
            fontsize="medium",
        )
    return figure


def plot_calibration(result: BacktestResult, language: str = "en") -> Figure:
    """Draw the distribution of the transforms minus the uniform one, with simultaneous bands, a panel a forecaster."""
    target = result.calibration["target"].iloc[0]
    table = result.calibration[result.calibration["target"] == target]
    forecasters = list(dict.fromkeys(table["forecaster"]))[:MOST]
    columns = min(5, len(forecasters))
    rows = -(-len(forecasters) // columns)
    with figure_style(language):
        figure, panels = subplots(
            rows, columns, figsize=(TEXT_WIDTH, 0.7 + 1.45 * rows), sharex=True, sharey=True, squeeze=False
        )
        for axes in panels.ravel()[len(forecasters) :]:
            axes.set_axis_off()
        for axes, forecaster in zip(panels.ravel(), forecasters, strict=False):
            part = table[table["forecaster"] == forecaster]
            point = part["point"]
            axes.fill_between(point, part["low"] - point, part["high"] - point, color=PALETTE.light)
            axes.axhline(0, color=PALETTE.grey, linewidth=0.8)
            axes.plot(point, part["share_below"] - point, color=PALETTE.blue)
            axes.set_title(wrapped(name_of(result.labels, forecaster, language), language, 16), fontsize="small")
            axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        figure.supxlabel(
            say(
                language,
                f"probability integral transform, {name_of(result.labels, target, language).lower()}"
                f"{simulated_mark(result.simulated, language)}",
                f"概率积分变换，{name_of(result.labels, target, language)}{simulated_mark(result.simulated, language)}",
            ),
            fontsize="medium",
        )
        figure.supylabel(say(language, "distribution − uniform", "分布函数−均匀分布"), fontsize="medium")
    return figure


def plot_attainability(result: BacktestResult, language: str = "en") -> Figure:
    """Draw the accuracy in simulated studies over answers per cell and over the size of the steps, by reading."""
    names = {
        "last_value": say(language, "last value", "上期值"),
        "best_from_past": say(language, "best from one past year", "由上一年所能作出的最佳预测"),
        "true_mean": say(language, "true mean of the year to come", "下一年的真实均值"),
    }
    titles = {
        "one_minus_mape": say(language, "1 − MAPE", "1−MAPE"),
        "within_tolerance": say(language, "within tolerance", "误差在容差以内"),
        "right_direction": say(language, "right direction", "方向正确"),
    }
    factors = {
        "answers": result.words.say(language, "{answers} per cell", "每单元{answer}数"),
        "steps": say(language, "steps between years, times those seen", "年际变动，为实际估计值的倍数"),
    }
    colours = dict(zip(BRACKETS, (PALETTE.grey, PALETTE.blue, PALETTE.vermilion), strict=True))
    published = result.settings["published_accuracy"]
    with figure_style(language):
        figure, panels = subplots(len(factors), len(READINGS), figsize=(TEXT_WIDTH, 4.6), sharey=True, squeeze=False)
        for row, (factor, label) in zip(panels, factors.items(), strict=True):
            for axes, reading in zip(row, READINGS, strict=True):
                table = result.attainability
                part = table[(table["factor"] == factor) & (table["reading"] == reading)]
                for bracket, of_bracket in part.groupby("forecaster", sort=False):
                    colour = colours[str(bracket)]
                    axes.fill_between(
                        of_bracket["level"],
                        of_bracket["low"],
                        of_bracket["high"],
                        color=colour,
                        alpha=0.15,
                        linewidth=0,
                    )
                    axes.plot(of_bracket["level"], of_bracket["value"], color=colour, label=names[str(bracket)])
                if published is not None:
                    axes.axhline(published, color=PALETTE.ink, linestyle=":", linewidth=1)
                if factor == "answers":
                    axes.set_xscale("log")
                    axes.xaxis.set_major_formatter("{x:,.0f}")
                    axes.set_title(titles[reading])
                axes.set_ylim(0, 1.03)
                axes.set_yticks(np.linspace(0, 1, 5), ["0", "25%", "50%", "75%", "100%"])
            row[1].set_xlabel(label)
        figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        figure.suptitle(
            say(
                language,
                "Accuracy in simulated studies; bands: 90% of the studies",
                "模拟研究中的准确率；色带：90%的研究",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def forecaster_axis(axes: Axes, result: BacktestResult, forecasters: list[str], language: str) -> np.ndarray:
    """Name the forecasters down the vertical axis and return their places."""
    places = np.arange(len(forecasters))[::-1]
    axes.set_yticks(places, [name_of(result.labels, name, language) for name in forecasters])
    axes.set_ylim(-0.6, len(forecasters) - 0.4)
    return places
