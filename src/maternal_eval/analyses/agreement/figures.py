"""Figures of agreement: what "accurate" can mean, and items against the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.analyses.agreement.names import LEVELS, definition_name, source_name
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.agreement.result import AgreementResult

MARKS = ("o", "s", "D")
LINES = ("-", "--", "-.")


def plot_accuracy(result: AgreementResult, language: str = "en") -> Figure:
    """Draw the share of accurate records over the tolerance under each definition."""
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 3.6))
        axes.axhline(result.asked, color=PALETTE.grey, linewidth=0.8)
        told = say(language, "published", "已发表") if result.published else say(language, "asked for", "所求")
        axes.annotate(f"{told} {result.asked:.0%}", (0.4, result.asked), (0, 3), textcoords="offset points", fontsize=8)
        axes.axvline(result.settings["tolerance"], color=PALETTE.grey, linewidth=0.8, linestyle=":")
        definitions = list(result.curve["definition"].unique())
        own = [name for name in definitions if ":" not in name]
        truths = [name for name in definitions if ":" in name]
        for at, name in enumerate(own):
            rows = result.curve[result.curve["definition"] == name]
            colour = CYCLE[at]
            axes.fill_between(rows["tolerance"], rows["low"], rows["high"], color=colour, alpha=0.2, linewidth=0)
            axes.plot(rows["tolerance"], rows["share"], LINES[at % len(LINES)], color=colour,
                      label=definition_name(name, language))  # fmt: skip
        for at, name in enumerate(truths):
            rows = result.curve[result.curve["definition"] == name]
            label = say(language, "a source so close to the truth (estimated)", "单一来源与真值之差不超过容差（估计）")
            axes.plot(
                rows["tolerance"], rows["share"], ":", color=PALETTE.ink, linewidth=1, label=None if at else label
            )
        axes.set_xlabel(say(language, "tolerance (points of 0–100)", "容差（0–100分制）"))
        axes.set_ylabel(say(language, "share that counts as accurate (0–1)", "视为准确的占比（0–1）"))
        axes.set_xlim(0, 40)
        axes.set_ylim(0, 1.02)
        mark = simulated_mark(result.simulated, language)
        axes.set_title(say(language, f"One set of records, several accuracies{mark}",
                           f"同一批记录的多种“准确率”{mark}"))  # fmt: skip
        axes.legend(loc="lower right")
    return figure


def plot_limits(result: AgreementResult, language: str = "en") -> Figure:
    """Draw bias and limits of agreement of each pair of sources, with intervals."""
    rows = result.limits.to_dict("records")
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 0.9 + 0.55 * len(rows)))
        axes.axvline(0, color=PALETTE.grey, linewidth=0.8)
        for at, row in enumerate(reversed(rows)):
            axes.plot([row["lower"], row["upper"]], [at, at], color=CYCLE[0], linewidth=1)
            for name in ("lower", "bias", "upper"):
                ends = [[row[name] - row[f"{name}_low"]], [row[f"{name}_high"] - row[name]]]
                axes.errorbar(row[name], at, xerr=ends, fmt="o" if name == "bias" else "|", color=CYCLE[0], capsize=3)
        names = [
            f"{source_name(row['first'], language)} − {source_name(row['second'], language)}" for row in reversed(rows)
        ]
        axes.set_yticks(range(len(rows)), names)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlabel(say(language, "difference (points of 0–100)", "差值（0–100分制）"))
        mark = simulated_mark(result.simulated, language)
        axes.set_title(say(language, f"Bias and limits of agreement{mark}", f"偏差与一致性界限{mark}"))
    return figure


def plot_log(result: AgreementResult, language: str = "en") -> Figure:
    """Draw the rank correlations of items with the log, between and within platforms, with intervals."""
    pairs = result.log[["item", "measure"]].drop_duplicates().to_dict("records")
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.3 + 0.6 * len(pairs)), layout="constrained")
        axes.axvline(0, color=PALETTE.grey, linewidth=0.8)
        for at, (level, texts) in enumerate(LEVELS.items()):
            rows = result.log[result.log["level"] == level].set_index(["item", "measure"])
            label: str | None = result.words.say(language, *texts)
            for place, pair in enumerate(reversed(pairs)):
                row = rows.loc[(pair["item"], pair["measure"])]
                if np.isnan(row["value"]):
                    continue
                ends = [[max(row["value"] - row["low"], 0)], [max(row["high"] - row["value"], 0)]]
                axes.errorbar(row["value"], place + 0.22 - 0.22 * at, xerr=ends, fmt=MARKS[at], color=CYCLE[at],
                              markersize=4, capsize=2, label=label)  # fmt: skip
                label = None
        names = [_pair(result, pair, language) for pair in reversed(pairs)]
        axes.set_yticks(range(len(pairs)), names)
        axes.set_xlim(-1.02, 1.02)
        axes.set_xlabel(say(language, "rank correlation of cell means with the log", "单元均值与日志量的秩相关"))
        mark = simulated_mark(result.simulated, language)
        axes.set_title(say(language, f"Items against the log{mark}", f"指标与日志的核对{mark}"))
        figure.legend(loc="outside lower center", ncols=len(LEVELS))
    return figure


def _pair(result: AgreementResult, pair: dict[str, str], language: str) -> str:
    return f"{name_of(result.labels, pair['item'], language)}\n" + pair["measure"].replace(" / ", " /\n")


def _has_records(result: AgreementResult) -> bool:
    return result.has_records


def _has_log(result: AgreementResult) -> bool:
    return not result.log.empty


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_accuracy,
        (
            "Share of records that count as accurate over the tolerance, one curve for each of three definitions with "
            "intervals, the estimated closeness of single sources to the truth as dotted curves, and the share that "
            "was published or asked for as a line"
        ),
        "视为准确的记录占比随容差的变化：三种定义各一条曲线并附区间，虚点线为单一来源与真值接近程度的估计，横线为已发表或所求占比",
        shown=_has_records,
    ),
    "limits": FigureOf(
        plot_limits,
        "Bias and 95% limits of agreement of each pair of sources, with their intervals",
        "各对来源的偏差与95%一致性界限，附区间",
        shown=_has_records,
    ),
    "log": FigureOf(
        plot_log,
        (
            "Rank correlation of the mean answers of {platforms} with what was logged of the same thing, for each pair "
            "of item and measure: between {platforms}, within them, and with periods taken away, with intervals"
        ),
        "各{platform}平均答案与日志中同一事物的秩相关：{platform}之间、{platform}之内、扣除时期之后，附区间",
        shown=_has_log,
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
