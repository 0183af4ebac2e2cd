"""Figures of the sensitivity analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from maternal_eval.plotting import PALETTE, TEXT_WIDTH, figure_style, say
from maternal_eval.study import DIMENSIONS
from maternal_eval.weighting.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.sensitivity.result import SensitivityResult


def plot_sensitivity(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw first and total indices of the overall score, of the ranks and of the outcome; then the curve."""
    table = result.table()
    outputs = list(dict.fromkeys(table["output"]))
    panels = len(outputs) + (not result.curve.empty)
    columns = min(2, panels)
    rows = -(-panels // columns)
    with figure_style(language):
        figure, grid = plt.subplots(rows, columns, figsize=(TEXT_WIDTH, 2.5 * rows), squeeze=False)
        axes = list(grid.flat)
        for one, output in zip(axes, outputs, strict=False):
            _draw_indices(one, table[table["output"] == output], result, language)
            one.set_title(_output_name(result, output, language))
        axes[0].legend(loc="best")
        if not result.curve.empty:
            _draw_curve(axes[len(outputs)], result, language)
        for one in axes[panels:]:
            one.set_visible(False)
        if result.simulated:
            figure.suptitle(say(language, "Simulated panel", "模拟面板"), x=0.01, ha="left")
    return figure


def _draw_indices(axes: Axes, table: pd.DataFrame, result: SensitivityResult, language: str) -> None:
    place = np.arange(len(table))[::-1]
    kinds = (("first", 0.15, PALETTE.blue), ("total", -0.15, PALETTE.vermilion))
    for (kind, offset, colour), name in zip(kinds, say(language, "first total", "一阶 总效应").split(), strict=True):
        axes.hlines(place + offset, table[f"{kind}_low"], table[f"{kind}_high"], color=colour, alpha=0.5, linewidth=3)
        axes.plot(table[kind], place + offset, "o", color=colour, label=name)
    axes.set_yticks(place, [_factor_name(result, factor, language) for factor in table["factor"]])
    axes.set_xlim(-0.1, max(1.05, float(table["total_high"].max())))
    axes.set_xlabel(say(language, "Sobol' index", "Sobol' 指数"))


def _draw_curve(axes: Axes, result: SensitivityResult, language: str) -> None:
    names = {"raw": say(language, "raw", "未调整"), "adjusted": say(language, "adjusted", "调整后")}
    for (model, rows), colour in zip(
        result.curve.groupby("model", sort=False), (PALETTE.grey, PALETTE.green), strict=False
    ):
        axes.plot(100 * rows["change"], 100 * rows["value"], color=colour, label=names[str(model)])
        axes.fill_between(100 * rows["change"], 100 * rows["low"], 100 * rows["high"], color=colour, alpha=0.25)
    published = result.elasticity.iloc[0]
    if np.isfinite(published["published"]):
        label = say(language, "published", "已发表")
        axes.plot(100 * published["step"], 100 * published["published"], "D", color=PALETTE.vermilion, label=label)
    indicator = name_of(result.labels, result.settings["indicator"], language)
    outcome = name_of(result.labels, result.settings["outcome"], language)
    axes.set_xlabel(f"{indicator}\n(+%)")
    axes.set_ylabel(f"{outcome} (+%)")
    axes.set_title(say(language, "Response", "响应"))
    axes.legend(loc="lower right")


def _output_name(result: SensitivityResult, output: str, language: str) -> str:
    fixed = {
        "score": say(language, "Overall score", "总体得分"),
        "rank_shift": say(language, "Mean change of rank", "平均名次变化"),
    }
    if output in fixed:
        return fixed[output]
    name = name_of(result.labels, output, language)
    return say(language, f"{name}, predicted", f"{name}（预测）")


def _factor_name(result: SensitivityResult, factor: str, language: str) -> str:
    fixed = {
        DIMENSIONS: say(language, "weights of dimensions", "维度权重"),
        "coefficients": say(language, "coefficients", "回归系数"),
        "dummy": say(language, "noise floor", "噪声基线"),
    }
    if factor in fixed:
        return fixed[factor]
    name = name_of(result.labels, factor, language)
    if factor == result.settings["indicator"]:
        return say(language, f"level of {factor}", f"{factor} 水平")
    return say(language, f"within {name}", f"{name}内权重")
