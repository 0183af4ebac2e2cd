"""Figures of the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import panel_kind, simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of
from maternal_eval.study.periods import inferred_positions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.scores.result import ScoresResult


def plot_scores(result: ScoresResult, language: str = "en") -> Figure:
    """Draw the scores over the periods, one line per stage, with intervals; without stages one line."""
    table = _by_stage_and_period(result)
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 3.4))
        lines = list(table.groupby("stage", observed=True, sort=False)) if "stage" in table else [("", table)]
        for number, (stage, rows) in enumerate(lines):
            rows = rows.sort_values("period") if "period" in rows else rows
            at = (
                inferred_positions(rows["period"].tolist()).astype(float)
                if "period" in rows
                else np.array([float(number)])
            )
            at = at + 0.06 * (number - (len(lines) - 1) / 2)
            error = np.abs(rows[["low", "high"]].to_numpy().T - rows["score"].to_numpy())
            label = (
                name_of(result.labels, stage, language)
                if stage
                else result.words.say(language, "all {answers}", "全部{answer}")
            )
            axes.errorbar(
                at, rows["score"], error, marker="o", capsize=2, color=CYCLE[number % len(CYCLE)], label=label
            )
        if "period" in table:
            periods = sorted(table["period"].unique())
            axes.set_xticks(inferred_positions(periods), [name_of(result.labels, one, language) for one in periods])
        axes.set_ylabel(say(language, "composite score (0–100)", "综合得分（0–100）"))
        simulated = simulated_mark(result.simulated, language, "{}, ", "{}，")
        axes.set_title(
            say(
                language,
                f"Scores ({simulated}bars: {result.probability:.0%} intervals)",
                f"得分（{simulated}竖线为{result.probability:.0%}区间）",
            )
        )
        if lines:
            axes.legend(ncols=min(3, len(lines)))
        else:
            nothing = say(language, "no cell has enough answers to be shown", "各单元答卷过少，均不显示")
            axes.text(0.5, 0.5, nothing, ha="center", va="center", transform=axes.transAxes)
    return figure


def plot_platforms(result: ScoresResult, language: str = "en") -> Figure:
    """Draw the score of each platform in the last period with its interval, and that of each of its stages."""
    finest = result.scores
    wanted = " × ".join(factor for factor in ("platform", "period") if factor in finest)
    whole = result.margins[result.margins["level"] == wanted]
    if whole.empty:
        whole = finest.assign(stage="")
    if "period" in whole:
        whole = whole[whole["period"] == whole["period"].max()]
        finest = finest[finest["period"] == whole["period"].iloc[0]]
    whole = whole.sort_values("score").reset_index(drop=True)
    finest = finest[finest["platform"].isin(whole["platform"])]
    place = {platform: at for at, platform in enumerate(whole["platform"])}
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.2 + 0.28 * len(whole)))
        stages = list(finest.groupby("stage", observed=True, sort=False)) if "stage" in finest else []
        for number, (stage, rows) in enumerate(stages):
            at = [place[platform] for platform in rows["platform"]]
            label = name_of(result.labels, stage, language)
            axes.plot(rows["score"], at, "o", markersize=4, color=CYCLE[number % len(CYCLE)], alpha=0.8, label=label)
        error = np.abs(whole[["low", "high"]].to_numpy().T - whole["score"].to_numpy())
        label = result.words.say(language, "all {stages}", "全部{stage}")
        axes.errorbar(whole["score"], whole.index, xerr=error, fmt="D", color=PALETTE.ink, capsize=3, label=label)
        axes.set_yticks(list(place.values()), list(place))
        axes.set_xlabel(say(language, "composite score (0–100)", "综合得分（0–100）"))
        period = f", {name_of(result.labels, whole['period'].iloc[0], language)}" if "period" in whole else ""
        source = panel_kind(result.simulated)[language]
        axes.set_title(
            result.words.say(
                language,
                f"Scores by {{platform}} and {{stage}}{{period}} ({source}; bars: {result.probability:.0%} intervals)",
                f"各{{platform}}与{{stage}}的得分{{period}}（{source}；横线为{result.probability:.0%}区间）",
                period={"en": period, "zh": period.replace(", ", "，")},
            )
        )
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _by_stage_and_period(result: ScoresResult) -> pd.DataFrame:
    """Return the scores without platforms, from the margins where the study has platforms."""
    if "platform" not in result.scores:
        return result.scores
    wanted = " × ".join(factor for factor in ("stage", "period") if factor in result.scores)
    margin = result.margins[result.margins["level"] == wanted]
    if not margin.empty:
        return margin
    if not result.scores.empty:
        return result.scores.drop(columns="stage", errors="ignore").rename(columns={"platform": "stage"})
    # Cells with few answers are not shown: what is left are coarser units.
    coarsest = result.margins[result.margins["level"] == result.margins["level"].iloc[-1]]
    coarsest = coarsest.drop(columns="level").dropna(axis="columns", how="all")
    return coarsest if "stage" in coarsest else coarsest.rename(columns={"platform": "stage"})


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_scores,
        "Lines of the composite score by {stage} over the periods with bootstrap intervals",
        "各{stage}综合得分随时期变化的折线图，附自助法区间",
    ),
    "platforms": FigureOf(
        plot_platforms,
        "Scores of the {platforms} in the last period with intervals, and of each of their {stages}",
        "各{platform}最近一期得分及区间，并列出其各{stage}得分",
        shown=lambda result: "platform" in result.scores and not result.scores.empty,
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
