"""Figure of the Kano classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from maternal_eval.core.languages import say
from maternal_eval.methods.kano import ANSWER_CLASSES
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.kano.result import KanoResult


LABEL_WIDTH, LABEL_HEIGHT = 0.045, 0.022
"""Room that a label takes, as a share of the axes."""


def plot_kano(result: KanoResult, language: str = "en") -> Figure:
    """Draw each element by its coefficients with intervals; hollow where the most frequent class is not sure.

    Labels that would lie on top of others are left out; the table has all elements.
    """
    threshold = result.settings["threshold"]
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 5.2))
        axes.axhline(0.5, color=PALETTE.grey, linewidth=0.8)
        axes.axvline(0.5, color=PALETTE.grey, linewidth=0.8)
        for colour, answer_class in zip(CYCLE, ANSWER_CLASSES.values(), strict=True):
            of_class = result.elements[result.elements["modal"] == answer_class.name]
            if of_class.empty:
                continue
            name = say(language, answer_class.name_en, answer_class.name_zh)
            at = (-of_class["worse"], of_class["better"])
            axes.hlines(at[1], -of_class["worse_high"], -of_class["worse_low"], color=colour, alpha=0.4, linewidth=1)
            axes.vlines(at[0], of_class["better_low"], of_class["better_high"], color=colour, alpha=0.4, linewidth=1)
            sure = of_class["probability"] >= threshold
            axes.plot(at[0][sure], at[1][sure], "o", color=colour, label=name)
            label = None if sure.any() else name
            axes.plot(at[0][~sure], at[1][~sure], "o", markerfacecolor="white", color=colour, label=label)
        for element, x, y in _labels(result.elements):
            axes.annotate(element, (x, y), (4, 4), textcoords="offset points", fontsize=7)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel(say(language, "dissatisfies where it lacks (0–1)", "缺失时引起不满的比例（0–1）"))
        axes.set_ylabel(say(language, "satisfies where it is there (0–1)", "具备时带来满意的比例（0–1）"))
        source = (
            say(language, "simulated answers", "模拟答案")
            if result.simulated
            else say(language, "real answers", "真实答案")
        )
        axes.set_title(
            say(
                language,
                f"Kano map ({source}; lines: {result.probability:.0%} intervals; hollow: class with less than "
                f"{threshold:.0%})",
                f"卡诺图（{source}；线为{result.probability:.0%}区间；空心表示类别概率低于{threshold:.0%}）",
            )
        )
        axes.legend(title=say(language, "most frequent class", "最常见类别"), loc="lower left")
    return figure


def _labels(elements: pd.DataFrame) -> list[tuple[str, float, float]]:
    """Return the elements that get a label, with its place: the least sure first, none on top of another."""
    taken: list[tuple[str, float, float]] = []
    for row in elements.sort_values("probability", kind="stable").to_dict("records"):
        x, y = -row["worse"], row["better"]
        if all(abs(x - other) > LABEL_WIDTH or abs(y - height) > LABEL_HEIGHT for _, other, height in taken):
            taken.append((row["element"], x, y))
    return taken


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_kano,
        (
            "Map of the elements by how far they satisfy where they are there and dissatisfy where they lack, "
            "with intervals, coloured by the most frequent Kano class"
        ),
        "卡诺图：各要素具备时带来满意与缺失时引起不满的比例，附区间，按最常见类别着色",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
