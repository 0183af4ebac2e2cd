"""The figure of the audit: verdicts by report, computed apart from carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from maternal_eval.analyses.claims.audit import CONSISTENT, INCONSISTENT, ROUNDING, UNDECIDABLE
from maternal_eval.analyses.claims.tiers import FLOOR, OUTRIGHT, PREMISE, TIERS_ZH
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots

if TYPE_CHECKING:
    from maternal_eval.analyses.claims.result import ClaimsResult

CATEGORIES = {
    CONSISTENT: (PALETTE.green, "", "一致"),
    ROUNDING: (PALETTE.sky, "", "仅在舍入内一致"),
    UNDECIDABLE: (PALETTE.light, "", "无法判定"),
    FLOOR: (PALETTE.orange, "....", TIERS_ZH[FLOOR]),
    PREMISE: (PALETTE.orange, "", TIERS_ZH[PREMISE]),
    INCONSISTENT: (PALETTE.purple, "", "不一致（人工判读）"),
    OUTRIGHT: (PALETTE.vermilion, "", TIERS_ZH[OUTRIGHT]),
}
"""Verdict, or tier of a computed inconsistency → colour, hatch, Chinese name; in the order of the pieces."""
NAMES = {
    FLOOR: "inconsistent: reads a floor as a point",
    PREMISE: "inconsistent under a stated premise",
    INCONSISTENT: "inconsistent, by reading",
    OUTRIGHT: "inconsistent outright",
}
NARROWEST_LABEL = 2
"""Fewest checks in a piece of bar that has room for its number."""


def plot_verdicts(result: ClaimsResult, language: str = "en") -> Figure:
    """Draw stacked bars: one bar a report, pieces by verdict; left computed, right carried from reading.

    Computed inconsistencies are told apart by what they rest on: nothing, a stated premise, or a floor that is read as
    a point. Repeats are left out, so that nothing counts twice. The number of checks stands in each piece; pieces have
    the same order everywhere, so that colour is not the only clue.
    """
    counted = result.checks[result.checks["independent"]]
    counted = counted.assign(category=counted["tier"].where(counted["tier"] != "", counted["verdict"]))
    reports = sorted(counted["report"].unique())
    panels = (
        ("computed", say(language, "Computed from the figures", "由数字计算得出")),
        ("carried", say(language, "Carried from reading the text", "人工判读")),
    )
    with figure_style(language):
        figure, axes = subplots(1, 2, figsize=(TEXT_WIDTH, 2.6), sharex=True, sharey=True, layout="constrained")
        for axis, (source, title) in zip(axes, panels, strict=True):
            chosen = counted[counted["source"] == source]
            counts = chosen.groupby(["report", "category"]).size().unstack(fill_value=0)
            counts = counts.reindex(index=reports, columns=list(CATEGORIES), fill_value=0)
            for place, (category, (_, _, chinese)) in enumerate(CATEGORIES.items()):
                left = counts.iloc[:, :place].sum(axis=1)
                label = say(language, NAMES.get(category, category), chinese)
                _bar(axis, reports, counts[category].to_list(), left.to_list(), category, label)
            axis.set_title(title + say(language, f" ({len(chosen)} checks)", f"（{len(chosen)} 项）"))
            axis.set_xlabel(say(language, "Checks, repeats left out", "核验项数（不计重复）"))
            axis.grid(axis="y", visible=False)
        names = {report: say(language, f"Report {report}", f"报告 {report}") for report in reports}
        names["across"] = say(language, "Across reports", "跨报告")
        axes[0].set_yticks(range(len(reports)), [names[report] for report in reports])
        axes[0].invert_yaxis()
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _bar(axis: Axes, reports: list[str], counts: list[int], left: list[int], category: str, label: str) -> None:
    colour, hatch, _ = CATEGORIES[category]
    bars = axis.barh(
        range(len(reports)), counts, left=left, color=colour, hatch=hatch, edgecolor="white", label=label, height=0.7
    )
    texts = [str(count) if count >= NARROWEST_LABEL else "" for count in counts]
    axis.bar_label(bars, texts, label_type="center", color=PALETTE.ink, fontsize=8)


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_verdicts,
        (
            "Stacked bars of the verdicts on the checks of published figures by report, computed ones beside "
            "carried ones; computed inconsistencies apart by what they rest on"
        ),
        "各报告已发表数字核验判定的堆叠条形图，区分计算所得与人工判读；计算所得的不一致按其依据分层",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
