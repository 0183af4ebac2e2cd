"""Figures of the sensitivity analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from maternal_eval.analyses.sensitivity.labels import OUTPUTS, factor_names, output_names
from maternal_eval.analyses.sensitivity.result import ALL, BY_DIMENSION
from maternal_eval.analyses.sensitivity.verdict import LINE
from maternal_eval.core.languages import say
from maternal_eval.methods.sensitivity.sobol import DUMMY
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import panel_kind
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.sensitivity.result import SensitivityResult


def plot_indices(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw first and total indices of each output of the whole, the factors in one order, with the dummy line."""
    table = result.table()
    outputs = _outputs(table[table["defined"]])
    factors = [name for name in dict.fromkeys(table["factor"]) if name != DUMMY]
    names = [factor_name(result, factor, language) for factor in factors]
    columns = min(3, len(outputs))
    rows = -(-len(outputs) // columns)
    with figure_style(language):
        figure, grid = subplots(
            rows,
            columns,
            figsize=(TEXT_WIDTH, 0.7 + (0.22 * len(factors) + 0.55) * rows),
            squeeze=False,
            sharey=True,
            sharex=True,
        )
        for one, output in zip(grid.flat, outputs, strict=False):
            of_output = table[table["output"] == output].set_index("factor")
            _draw_indices(one, of_output, factors, language)
            one.set_title(output_name(result, output, language), fontsize="medium")
            one.set_yticks(np.arange(len(factors)), names)
            one.set_ylim(len(factors) - 0.5, -0.5)
        for one in grid.flat[len(outputs) :]:
            one.set_visible(False)
        handles, texts = grid.flat[0].get_legend_handles_labels()
        if len(outputs) < rows * columns:
            grid.flat[-1].set_visible(True)
            grid.flat[-1].axis("off")
            grid.flat[-1].legend(handles, texts, loc="center left", frameon=False)
        else:
            figure.legend(handles, texts, loc="outside lower right", ncols=3)
        for one in grid[-1]:
            if one.axison:
                one.set_xlabel(say(language, "Sobol' index", "Sobol' 指数"))
        if len(outputs) < rows * columns and rows > 1:
            grid[-2, -1].tick_params(labelbottom=True)
            grid[-2, -1].set_xlabel(say(language, "Sobol' index", "Sobol' 指数"))
        _mark(figure, result, language)
    return figure


def _draw_indices(axes: Axes, table: pd.DataFrame, factors: list[str], language: str) -> None:
    place = np.arange(len(factors))
    rows = table.loc[factors]
    axes.barh(place, rows["total"], height=0.62, color=PALETTE.sky, alpha=0.75, label=say(language, "total", "总效应"))
    axes.hlines(place, rows["total_low"], rows["total_high"], color=PALETTE.ink, linewidth=1.0)
    axes.plot(
        np.maximum(rows["first"], 0.0),
        place,
        "|",
        color=PALETTE.vermilion,
        markersize=8,
        markeredgewidth=2,
        label=say(language, "first order", "一阶"),
    )
    axes.axvline(
        float(table["total_high"].to_dict()[DUMMY]),
        color=PALETTE.grey,
        linestyle=":",
        label=say(language, "dummy line", "虚设因素基线"),
    )
    axes.set_xlim(0, 1.05)
    axes.set_xticks([0, 0.5, 1])
    axes.grid(axis="y", visible=False)


def plot_interactions(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw the second-order indices of the outputs of the whole as heat maps; crossed where the interval holds 0."""
    table = result.second[result.second["analysis"] == ALL].dropna(subset="second")
    outputs = _outputs(table)
    factors = list(dict.fromkeys([*table["factor"], *table["other"]]))
    chosen = [name for name in ("rank_shift", "lead", "score") if name in outputs][:2] or outputs[:2]
    if set(chosen) <= set(OUTPUTS):
        factors = [name for name in factors if name != LINE]  # it moves predicted outcomes alone
    names = [factor_name(result, factor, language) for factor in factors]
    bound = float(table.loc[table["output"].isin(chosen), "second"].abs().max())
    with figure_style(language):
        figure, grid = subplots(1, len(chosen), figsize=(TEXT_WIDTH, 3.9), squeeze=False, sharey=True)
        for one, output in zip(grid.flat, chosen, strict=True):
            rows = table[table["output"] == output]
            square = np.full((len(factors), len(factors)), np.nan)
            for row in rows.to_dict("records"):
                if row["factor"] not in factors or row["other"] not in factors:
                    continue
                at = sorted((factors.index(row["factor"]), factors.index(row["other"])), reverse=True)
                square[at[0], at[1]] = row["second"]
                if row["second_low"] < 0 < row["second_high"]:
                    one.plot(at[1], at[0], "x", color=PALETTE.grey, markersize=4, markeredgewidth=0.7)
            image = one.imshow(square, cmap="RdBu_r", vmin=-bound, vmax=bound)
            one.set_xticks(np.arange(len(factors)), names, rotation=60, ha="right", rotation_mode="anchor")
            one.set_yticks(np.arange(len(factors)), names)
            one.grid(visible=False)
            one.set_title(output_name(result, output, language), fontsize="medium")
        bar = figure.colorbar(image, ax=list(grid.flat), shrink=0.7)
        bar.set_label(say(language, "second-order index (× : interval holds 0)", "二阶指数（×：区间含 0）"))
        _mark(figure, result, language)
    return figure


def plot_dimensions(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw what the raw judgements of each dimension explain alone, and what pairs of dimensions add, weights alone."""
    pairs, alone = result.of_dimensions, result.whole(BY_DIMENSION)
    dimensions = list(dict.fromkeys([*pairs["factor"], *pairs["other"]]))
    names = {dimension: name_of(result.labels, dimension, language) for dimension in dimensions}
    outputs = _outputs(pairs)[:3]
    with figure_style(language):
        figure, grid = subplots(1, len(outputs), figsize=(TEXT_WIDTH, 2.6), squeeze=False, sharey=True, sharex=True)
        for one, output in zip(grid.flat, outputs, strict=True):
            first = alone[alone["output"] == output].set_index("factor").loc[dimensions]
            second = pairs[pairs["output"] == output]
            labels = [names[dimension] for dimension in dimensions]
            labels += [f"{names[row.factor]} × {names[row.other]}" for row in second.itertuples()]
            parts = (
                (first, "first", PALETTE.sky, say(language, "alone", "单独")),
                (second, "second", PALETTE.orange, say(language, "added by the pair", "成对增加")),
            )
            start = 0
            for rows, kind, colour, label in parts:
                place = start + np.arange(len(rows))
                one.barh(place, rows[kind], height=0.62, color=colour, alpha=0.75, label=label)
                one.hlines(place, rows[f"{kind}_low"], rows[f"{kind}_high"], color=PALETTE.ink, linewidth=1.0)
                start += len(rows)
            one.axvline(0, color=PALETTE.grey, linewidth=0.8)
            one.set_yticks(np.arange(start), labels)
            one.set_ylim(start - 0.5, -0.5)
            one.grid(axis="y", visible=False)
            one.set_title(output_name(result, output, language), fontsize="medium")
            one.set_xlabel(say(language, "share of the variance", "方差占比"))
        handles, texts = grid.flat[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside lower right", ncols=2)
        _mark(figure, result, language)
    return figure


def plot_convergence(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw how the widest interval and the unrest of the order shrink with the sample."""
    table = result.convergence.dropna(subset="width")
    panels = (
        ("width", say(language, "widest interval", "最宽区间"), result.settings["width"]),
        ("unrest", say(language, "unrest of the order", "排序不稳定度"), 1.0),
    )
    marks = "osD^vP"
    with figure_style(language):
        figure, axes = subplots(1, 2, figsize=(TEXT_WIDTH, 2.7))
        for one, (column, label, bound) in zip(axes, panels, strict=True):
            for place, output in enumerate(_outputs(table)):
                rows = table[table["output"] == output]
                mark = marks[place % len(marks)]
                one.plot(rows["base"], rows[column], f"{mark}-", label=output_name(result, output, language))
            one.axhline(bound, color=PALETTE.grey, linestyle=":", label=say(language, "criterion", "判据"))
            one.set_xscale("log", base=2)
            sizes = sorted(table["base"].unique())
            one.set_xticks(sizes, [str(size) for size in sizes])
            one.minorticks_off()
            one.set_ylim(bottom=0)
            one.set_xlabel(say(language, "base sample N", "基础样本量 N"))
            one.set_ylabel(label)
        handles, texts = axes[0].get_legend_handles_labels()
        figure.legend(handles, texts, loc="outside lower center", ncols=3)
        _mark(figure, result, language)
    return figure


def plot_ranks(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw the distribution of the overall rank of each platform: weights alone, and everything uncertain."""
    table = result.rank_shares[result.rank_shares["stage"] == ""]
    alone = result.settings["generator"] if result.settings["generator"] in set(table["analysis"]) else "dirichlet"
    order = result.ranks[(result.ranks["stage"] == "") & (result.ranks["analysis"] == ALL)].sort_values("nominal")
    platforms = order["platform"].tolist()
    titles = {
        alone: say(language, "Weights uncertain", "仅权重不确定"),
        ALL: say(language, "Weights and choices uncertain", "权重与方法选择均不确定"),
    }
    with figure_style(language):
        figure, axes = subplots(1, 2, figsize=(TEXT_WIDTH, 0.9 + 0.22 * len(platforms)), sharey=True, sharex=True)
        for one, (analysis, title) in zip(axes, titles.items(), strict=True):
            rows = table[table["analysis"] == analysis].set_index(["platform", "rank"])["share"].unstack()  # noqa: PD010
            image = one.imshow(rows.loc[platforms], cmap="Blues", vmin=0, vmax=1, aspect="auto")
            one.set_xticks(np.arange(rows.shape[1]), [str(rank) for rank in rows.columns])
            one.set_yticks(np.arange(len(platforms)), platforms)
            one.grid(visible=False)
            one.set_title(title, fontsize="medium")
            one.set_xlabel(say(language, "overall rank", "总体名次"))
        figure.colorbar(image, ax=list(axes), shrink=0.8).set_label(say(language, "share of runs", "运行占比"))
        _mark(figure, result, language)
    return figure


def plot_curve(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw the response of the outcome to the indicator, the straight line through the step, and where it ends."""
    names = {"raw": say(language, "raw", "未调整"), "adjusted": say(language, "adjusted", "调整后")}
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 3.1))
        top = 100 * float(result.curve["high"].max())
        for (model, rows), colour in zip(
            result.curve.groupby("model", sort=False), (PALETTE.grey, PALETTE.green), strict=False
        ):
            axes.plot(100 * rows["change"], 100 * rows["value"], color=colour, label=names[str(model)])
            axes.fill_between(100 * rows["change"], 100 * rows["low"], 100 * rows["high"], color=colour, alpha=0.25)
        row = result.elasticity[result.elasticity["model"] == "adjusted"].iloc[0]
        slope = row["response"] / row["step"]
        reach = np.array([0.0, min(float(result.curve["change"].max()), 1.25 * top / 100 / max(slope, 1e-9))])
        axes.plot(
            100 * reach,
            100 * slope * reach,
            "--",
            color=PALETTE.green,
            linewidth=1.0,
            label=say(language, "straight line through the response to the step", "过该步长响应的直线"),
        )
        if np.isfinite(row["linear_until"]):
            axes.axvspan(
                100 * row["linear_until_low"],
                100 * row["linear_until_high"],
                color=PALETTE.orange,
                alpha=0.3,
                linewidth=0,
                label=say(language, "the curve leaves the line by a tenth", "曲线偏离直线达一成"),
            )
        if np.isfinite(row["published"]):
            axes.plot(
                100 * row["step"],
                100 * row["published"],
                "D",
                color=PALETTE.vermilion,
                label=say(language, "published", "已发表"),
            )
        indicator = name_of(result.labels, result.settings["indicator"], language)
        outcome = name_of(result.labels, result.settings["outcome"], language)
        axes.set_xlabel(say(language, f"rise of {indicator.lower()} (%)", f"{indicator}提升（%）"))
        axes.set_ylabel(say(language, f"change of {outcome.lower()} (%)", f"{outcome}变化（%）"))
        axes.set_ylim(0, 1.3 * top)
        axes.legend(loc="upper left")
        _mark(figure, result, language)
    return figure


def plot_answers(result: SensitivityResult, language: str = "en") -> Figure:
    """Draw the answers that explain most of each outcome, with intervals."""
    outcomes = list(dict.fromkeys(result.answers["outcome"]))[:2]
    most = 8
    with figure_style(language):
        figure, grid = subplots(1, len(outcomes), figsize=(TEXT_WIDTH, 2.8), squeeze=False)
        for one, outcome in zip(grid.flat, outcomes, strict=True):
            rows = result.answers[result.answers["outcome"] == outcome].nlargest(most, "share")
            place = np.arange(len(rows))
            one.hlines(place, 100 * rows["low"], 100 * rows["high"], color=PALETTE.blue, alpha=0.5, linewidth=3)
            one.plot(100 * rows["share"], place, "o", color=PALETTE.blue)
            one.set_yticks(place, rows["indicator"])
            one.invert_yaxis()
            one.set_xlim(left=0)
            one.set_title(name_of(result.labels, outcome, language), fontsize="medium")
            one.set_xlabel(say(language, "share of variance explained (%)", "解释的方差占比（%）"))
        _mark(figure, result, language)
    return figure


def _outputs(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["output"]))


def output_name(result: SensitivityResult, output: str, language: str) -> str:
    """Return the name of an output."""
    return output_names(result.labels, output)[language]


def factor_name(result: SensitivityResult, factor: str, language: str) -> str:
    """Return the name of a factor."""
    return factor_names(result.labels, factor)[language]


def _mark(figure: Figure, result: SensitivityResult, language: str) -> None:
    if result.simulated:
        figure.suptitle(panel_kind(True)[language].capitalize(), x=0.01, ha="left")


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_indices,
        (
            "First and total Sobol' indices of weights, choices and the line to the outcome, with intervals and"
            " the dummy line"
        ),
        "权重、方法选择与回归线的一阶及总效应 Sobol' 指数，附区间与虚设因素基线",
    ),
    "ranks": FigureOf(
        plot_ranks,
        "Share of runs with each overall rank by {platform}, weights uncertain and everything uncertain",
        "各{platform}各总体名次的运行占比：仅权重不确定与全部不确定",
        shown=lambda result: not result.rank_shares.empty,
    ),
    "curve": FigureOf(
        plot_curve,
        (
            "Response of the outcome to the indicator, raw and adjusted, with the straight line and where the "
            "curve leaves it"
        ),
        "结果对指标水平的响应曲线（未调整与调整后），附直线及曲线偏离直线之处",
        shown=lambda result: not result.curve.empty,
    ),
    "interactions": FigureOf(
        plot_interactions,
        "Second-order indices by pair of factors; crossed where the interval holds zero",
        "各对因素的二阶指数；区间含零者以叉号标出",
        shown=lambda result: not result.second.empty,
    ),
    "dimensions": FigureOf(
        plot_dimensions,
        (
            "What the raw judgements of each dimension explain alone and in pairs, weights uncertain alone, "
            "with intervals"
        ),
        "仅权重不确定时各维度原始判断单独及成对解释的方差占比，附区间",
        shown=lambda result: not result.of_dimensions.empty,
    ),
    "convergence": FigureOf(
        plot_convergence,
        "Widest interval and unrest of the order of total indices by sample size, with the criteria",
        "总效应指数的最宽区间与排序不稳定度随样本量的变化，附判据",
        shown=lambda result: not result.convergence.empty,
    ),
    "answers": FigureOf(
        plot_answers,
        "Shapley effects of the answers that explain most of each outcome, with intervals",
        "对各结果解释力最大的答案的 Shapley 效应及区间",
        shown=lambda result: not result.answers.empty,
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
