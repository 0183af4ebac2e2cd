"""Figure of nominal against effective importance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.analyses.importance.effects import INDICATORS, RESPONDENTS, UNITS
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study import DIMENSIONS
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.importance.result import ImportanceResult

LEVELS = {
    RESPONDENTS: ("over {respondents}", "在{answer}之间", "o"),
    UNITS: ("over {platform} × {stage} × year", "在{platform}×{stage}×年度之间", "s"),
}
"""What the composite varies over: its name in English and Chinese and its mark."""


def plot_importance(result: ImportanceResult, language: str = "en") -> Figure:
    """Draw stated weights and what they do: by dimension with intervals, and all indicators against the diagonal."""
    table = result.importance
    has_dimensions = (table["set"] == DIMENSIONS).any()
    with figure_style(language):
        figure, axes = subplots(
            1, 1 + int(has_dimensions), figsize=(TEXT_WIDTH, 3.5), squeeze=False, layout="constrained"
        )
        if has_dimensions:
            _dimensions(axes[0, 0], result, language)
        _indicators(axes[0, -1], result, language)
        simulated = simulated_mark(result.simulated, language, "{}, ", "{}，")
        figure.suptitle(
            say(
                language,
                f"Stated weights and what they do ({simulated}bars: {result.probability:.0%} intervals)",
                f"权重的名义值与实际作用（{simulated}横线为{result.probability:.0%}区间）",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def _dimensions(axes: Axes, result: ImportanceResult, language: str) -> None:
    table = result.importance[result.importance["set"] == DIMENSIONS]
    names = list(table["element"].unique())
    place = {name: len(names) - 1 - at for at, name in enumerate(names)}
    stated = table.drop_duplicates("element")
    middle = np.array([place[name] for name in stated["element"]])
    label = say(language, "stated weight", "名义权重")
    axes.vlines(stated["nominal"], middle - 0.38, middle + 0.38, color=PALETTE.ink, linewidth=1.5, label=label)
    for offset, (level, rows) in zip((0.16, -0.16), table.groupby("level", sort=False), strict=False):
        *texts, mark = LEVELS[str(level)]
        english, chinese = result.words.pair(*texts)
        at = np.array([place[name] for name in rows["element"]]) + offset
        error = np.abs(rows[["low", "high"]].to_numpy().T - rows["effective"].to_numpy())
        axes.errorbar(rows["effective"], at, xerr=error, fmt=mark, capsize=2, label=say(language, english, chinese))
    axes.set_yticks(list(place.values()), [name_of(result.labels, name, language) for name in place])
    axes.set_xlabel(say(language, "share of importance (sum 1)", "重要性份额（合计为1）"))
    axes.set_xlim(left=0)
    axes.set_ylim(-0.6 - 0.22 * len(names), len(names) - 0.4)
    axes.legend(loc="lower left")


def _indicators(axes: Axes, result: ImportanceResult, language: str) -> None:
    table = result.importance
    rows = table[(table["set"] == INDICATORS) & (table["level"] == RESPONDENTS)]
    if rows.empty:
        axes.set_visible(False)
        return
    top = 1.08 * float(np.nanmax(rows[["nominal", "effective", "high"]].to_numpy()))
    axes.plot([0, top], [0, top], color=PALETTE.grey, linewidth=1)
    error = np.abs(rows[["low", "high"]].to_numpy().T - rows["effective"].to_numpy())
    axes.errorbar(rows["nominal"], rows["effective"], yerr=error, fmt="o", color=CYCLE[0], alpha=0.7, markersize=4)
    # The indicators that do most and least of what they say get their code, where there is room for it.
    ratio = (rows["effective"] / rows["nominal"]).sort_values()
    taken: list[tuple[float, float]] = []
    for at in [*ratio.index[:4], *ratio.index[:-5:-1]]:
        x, y = rows.loc[at, "nominal"], rows.loc[at, "effective"]
        if all(abs(x - other) > 0.06 * top or abs(y - height) > 0.05 * top for other, height in taken):
            taken.append((x, y))
            axes.annotate(rows.loc[at, "element"], (x, y), (4, 4), textcoords="offset points", fontsize=7)
    axes.set_xlim(0, top)
    axes.set_ylim(0, top)
    axes.set_xlabel(say(language, "weight of the indicator (sum 1)", "指标权重（合计为1）"))
    axes.set_ylabel(say(language, "share of importance (sum 1)", "重要性份额（合计为1）"))


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_importance,
        (
            "Left: stated weight and share of importance of each dimension, with intervals; right: weight of "
            "each indicator against its share of importance, with the diagonal"
        ),
        "左：各维度名义权重与重要性份额，附区间；右：各指标权重与重要性份额的散点图，附对角线",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
