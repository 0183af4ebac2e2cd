"""The figure of the audit: verdicts by report, computed apart from carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from maternal_eval.analyses.claims.audit import CONSISTENT, INCONSISTENT, ROUNDING, UNDECIDABLE, VERDICTS
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style

if TYPE_CHECKING:
    from maternal_eval.analyses.claims.result import ClaimsResult

COLOURS = {
    CONSISTENT: PALETTE.green,
    ROUNDING: PALETTE.sky,
    INCONSISTENT: PALETTE.vermilion,
    UNDECIDABLE: PALETTE.light,
}
VERDICTS_ZH = {CONSISTENT: "一致", ROUNDING: "仅在舍入内一致", INCONSISTENT: "不一致", UNDECIDABLE: "无法判定"}
NARROWEST_LABEL = 2
"""Fewest checks in a piece of bar that has room for its number."""


def plot_verdicts(result: ClaimsResult, language: str = "en") -> Figure:
    """Draw stacked bars: one bar a report, pieces by verdict; left computed, right carried from reading.

    Repeats are left out, so that nothing counts twice. The number of checks stands in each piece; pieces have the
    same order everywhere, so that colour is not the only clue.
    """
    counted = result.checks[result.checks["independent"]]
    reports = sorted(counted["report"].unique())
    panels = (
        ("computed", say(language, "Computed from the figures", "由数字计算得出")),
        ("carried", say(language, "Carried from reading the text", "人工判读")),
    )
    with figure_style(language):
        figure, axes = plt.subplots(1, 2, figsize=(TEXT_WIDTH, 2.7), sharex=True, sharey=True, layout="constrained")
        for axis, (source, title) in zip(axes, panels, strict=True):
            chosen = counted[counted["source"] == source]
            counts = chosen.groupby(["report", "verdict"]).size().unstack(fill_value=0)
            counts = counts.reindex(index=reports, columns=list(VERDICTS), fill_value=0)
            for verdict in VERDICTS:
                left = counts[list(VERDICTS[: VERDICTS.index(verdict)])].sum(axis=1)
                label = say(language, verdict, VERDICTS_ZH[verdict])
                _bar(axis, reports, counts[verdict].to_list(), left.to_list(), verdict, label)
            axis.set_title(title + say(language, f" ({len(chosen)} checks)", f"（{len(chosen)} 项）"))
            axis.set_xlabel(say(language, "Checks, repeats left out", "核验项数（不计重复）"))
            axis.grid(axis="y", visible=False)
        names = {report: say(language, f"Report {report}", f"报告 {report}") for report in reports}
        names["across"] = say(language, "Across reports", "跨报告")
        axes[0].set_yticks(range(len(reports)), [names[report] for report in reports])
        axes[0].invert_yaxis()
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=len(VERDICTS))
    return figure


def _bar(axis: Axes, reports: list[str], counts: list[int], left: list[int], verdict: str, label: str) -> None:
    bars = axis.barh(
        range(len(reports)), counts, left=left, color=COLOURS[verdict], edgecolor="white", label=label, height=0.7
    )
    texts = [str(count) if count >= NARROWEST_LABEL else "" for count in counts]
    axis.bar_label(bars, texts, label_type="center", color=PALETTE.ink, fontsize=8)


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_verdicts,
        (
            "Stacked bars of the verdicts on the checks of published figures by report, computed ones beside "
            "carried ones"
        ),
        "各报告已发表数字核验判定的堆叠条形图，区分计算所得与人工判读",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
