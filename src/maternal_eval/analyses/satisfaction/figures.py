"""Figures of the satisfaction model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from maternal_eval.core.intervals import normal_reach
from maternal_eval.core.languages import say
from maternal_eval.methods.ordinal.summaries import ALL
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.results.plotting.wrapping import wrapped
from maternal_eval.study.labels import answer_name
from maternal_eval.study.periods import inferred_positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.satisfaction.result import SatisfactionResult


def plot_satisfaction(result: SatisfactionResult, language: str = "en") -> Figure:
    """Draw expected answers with intervals: a panel per stage over the periods, or one panel of stages."""
    by_stage = result.scores[result.scores["stage"] != ALL]
    with figure_style(language):
        draw = _over_periods if len(set(by_stage["period"])) > 1 else _over_stages
        figure = draw(result, by_stage, language)
        simulated = simulated_mark(result.simulated, language, "{}, ", "{}，")
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
    figure, grid = subplots(
        rows, columns, sharex=True, sharey=True, squeeze=False, figsize=(TEXT_WIDTH, 0.8 + 2.2 * rows)
    )
    periods = sorted(table["period"].unique())
    for number, axes in enumerate(grid.flat):
        if number >= len(stages):
            axes.set_axis_off()
            continue
        of_stage = table[table["stage"] == stages[number]].sort_values("period")
        at = inferred_positions(of_stage["period"].tolist()).astype(float)
        _interval_marks(axes, at, of_stage, CYCLE[number % len(CYCLE)])
        axes.plot(at, of_stage["score"], color=CYCLE[number % len(CYCLE)], linewidth=1.0)
        axes.set_title(wrapped(result.label(stages[number], language), language, 80 // columns))
        shown = periods if len(periods) <= 3 else periods[:: max(1, (len(periods) - 1) // 2)]
        if columns > 3 and max(len(result.label(str(period), language)) for period in periods) > 4:
            shown = [periods[0], periods[-1]]  # longer names than years run into each other in narrow panels
        axes.set_xticks(inferred_positions(shown), [result.label(str(period), language) for period in shown])
        axes.set_xlim(*(inferred_positions((periods[0], periods[-1])) + np.array([-0.6, 0.6])))
    for row in grid:
        row[0].set_ylabel(_score_label(result, language))
    return figure


def _over_stages(result: SatisfactionResult, table: pd.DataFrame, language: str) -> Figure:
    figure, axes = subplots(figsize=(TEXT_WIDTH, 3.2))
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


def plot_answers(result: SatisfactionResult, language: str = "en") -> Figure:
    """Draw the probability of each answer by stage, in the first and the last period."""
    table = result.probabilities
    periods = sorted(table["period"].unique())
    shown = list(dict.fromkeys([periods[0], periods[-1]]))
    stages = [stage for stage in dict.fromkeys(table["stage"]) if stage != ALL]
    answers = sorted(table["answer"].unique())
    shades = plt.get_cmap("cividis")(np.linspace(0.1, 0.95, len(answers)))
    named = {answer: answer_name(result.labels, result.outcome, answer, language) for answer in answers}
    columns = len(answers) if max(map(len, named.values())) <= 4 else 3 if max(map(len, named.values())) <= 24 else 2
    with figure_style(language):
        figure, grid = subplots(
            1, len(shown), sharey=True, squeeze=False, figsize=(TEXT_WIDTH, 1.4 + 0.32 * len(stages))
        )
        for axes, period in zip(grid[0], shown, strict=True):
            wide = table[table["period"] == period].set_index(["stage", "answer"])["probability"]
            start = np.zeros(len(stages))
            for shade, answer in zip(shades, answers, strict=True):
                width = np.array([wide[stage, answer] for stage in stages])
                axes.barh(range(len(stages)), width, left=start, color=shade, label=named[answer], edgecolor="white")
                start += width
            axes.set_xlim(0, 1)
            axes.set_xlabel(say(language, "probability of the answer", "各档答案的概率"))
            if result.has_periods:
                axes.set_title(result.label(str(period), language))
        grid[0, 0].set_yticks(range(len(stages)), [result.label(stage, language) for stage in stages])
        grid[0, 0].invert_yaxis()
        figure.legend(
            *grid[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=columns, handlelength=1.0
        )
        figure.suptitle(_title(result, language), x=0.01, ha="left")
    return figure


def plot_calibration(result: SatisfactionResult, language: str = "en") -> Figure:
    """Draw the deviation of the probability integral transform from uniform, and cumulative calibration."""
    with figure_style(language):
        figure, (left, right) = subplots(1, 2, figsize=(TEXT_WIDTH, 3.1))
        for number, (stage, table) in enumerate(result.transform.groupby("stage", sort=False)):
            colour, width = (PALETTE.ink, 2.0) if stage == ALL else (CYCLE[(number - 1) % len(CYCLE)], 1.0)
            left.plot(
                table["at"],
                table["share"] - table["at"],
                color=colour,
                linewidth=width,
                label=result.label(str(stage), language),
            )
        overall = result.transform[result.transform["stage"] == ALL]
        at = overall["at"].to_numpy()
        band = normal_reach() * np.sqrt(at * (1.0 - at) / overall["answers"].iloc[0])
        left.fill_between(at, -band, band, color=PALETTE.grey, alpha=0.25, linewidth=0)
        left.set_xlabel(say(language, "probability integral transform", "概率积分变换"))
        left.set_ylabel(say(language, "share up to here minus uniform", "累计占比与均匀分布之差"))
        reach = max(np.abs(result.transform["share"] - result.transform["at"]).max(), band.max())
        left.set_ylim(-2.0 * reach, 1.15 * reach)  # room for the legend
        left.legend(fontsize="x-small", ncols=2, loc="lower center")
        table = result.calibration
        error = np.stack([table["predicted"] - table["low"], table["high"] - table["predicted"]])
        right.errorbar(
            table["predicted"], table["observed"] - table["predicted"], error, fmt="o", markersize=3, color=PALETTE.blue
        )
        right.axhline(0.0, color=PALETTE.grey, linewidth=1.0)
        right.set_xlabel(say(language, "predicted probability of at least k", "答案不低于 k 的预测概率"))
        right.set_ylabel(say(language, "observed minus predicted", "观测占比减预测概率"))
        figure.suptitle(_title(result, language), x=0.01, ha="left")
    return figure


def plot_prior(result: SatisfactionResult, language: str = "en") -> Figure:
    """Draw prior against posterior intervals of the scores of the last period, their spread and their change."""
    table = result.prior
    names = {
        "spread": result.words.say(language, "highest minus lowest {stage}", "最高与最低{stage}之差"),
        "change": say(language, "change, first to last", "首期至末期变化"),
    }
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.2 + 0.36 * len(table)))
        at = np.arange(len(table), dtype=float)
        sides = (
            ("prior", PALETTE.grey, -0.15, say(language, "before the answers", "先验")),
            ("posterior", PALETTE.blue, 0.15, say(language, "after", "后验")),
        )
        for side, colour, shift, label in sides:
            middle = table[side].to_numpy()
            error = np.abs(table[[f"{side}_low", f"{side}_high"]].to_numpy().T - middle)
            axes.errorbar(middle, at + shift, xerr=error, fmt="o", color=colour, capsize=2, label=label)
        labels = [
            names.get(row["quantity"], result.label(str(row["level"]), language)) for row in table.to_dict("records")
        ]
        axes.set_yticks(at, labels)
        axes.invert_yaxis()
        axes.set_xlabel(_score_label(result, language))
        axes.legend(loc="lower right")
        figure.suptitle(_title(result, language), x=0.01, ha="left")
    return figure


def _title(result: SatisfactionResult, language: str) -> str:
    simulated = simulated_mark(result.simulated, language)
    return result.label(result.outcome, language) + simulated


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_satisfaction,
        "Expected answers by {stage} and period with intervals; open marks are observed weighted means",
        "各{stage}各时期的期望得分及区间；空心标记为加权观测均值",
    ),
    "answers": FigureOf(
        plot_answers,
        "Probability of each answer by {stage} in the first and the last period, as stacked bars",
        "首期与末期各{stage}各档答案的概率，堆叠条形图",
    ),
    "calibration": FigureOf(
        plot_calibration,
        (
            "Left: deviation of the probability integral transform from uniform by {stage} with a 90% band. "
            "Right: observed minus predicted cumulative answer shares with 90% intervals"
        ),
        "左：各{stage}概率积分变换与均匀分布之差及 90% 带。右：累计答案占比的观测值减预测值及 90% 区间",
    ),
    "prior": FigureOf(
        plot_prior,
        (
            "Prior and posterior 90% intervals of the expected answers of the last period, of the difference "
            "between the highest and the lowest {stage}, and of the change"
        ),
        "末期期望得分、最高与最低{stage}之差以及变化的先验与后验 90% 区间",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
