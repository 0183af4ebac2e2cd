"""Figures of the instrument: reliability, items that differ, segments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from maternal_eval.analyses.instrument.mixture import SCORE
from maternal_eval.analyses.instrument.names import MODELS, column_name, level_names
from maternal_eval.core.languages import say
from maternal_eval.methods.psychometrics.differential import LOGIT_CLASSES
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.plotting import CYCLE, PALETTE, TEXT_WIDTH, figure_style, subplots
from maternal_eval.study.labels import name_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.instrument.result import InstrumentResult

SHOWN_ITEMS = 30
"""Items with the largest differences that the figure shows."""

MARKS = ("o", "s", "D", "^", "v", "P", "X", "<", ">", "*")


def plot_reliability(result: InstrumentResult, language: str = "en") -> Figure:
    """Draw omega of each dimension, in everybody and by group, with intervals."""
    table = result.reliability
    rows = table[["column", "group"]].drop_duplicates().to_dict("records")
    place = {(row["column"], row["group"]): len(rows) - 1 - at for at, row in enumerate(rows)}
    dimensions = list(table["dimension"].unique())
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.4 + 0.24 * len(rows)), layout="constrained")
        offsets = np.linspace(0.24, -0.24, len(dimensions)) if len(dimensions) > 1 else [0.0]
        for at, (name, offset) in enumerate(zip(dimensions, offsets, strict=True)):
            mine = table[table["dimension"] == name]
            height = [place[row["column"], row["group"]] + offset for row in mine.to_dict("records")]
            error = np.abs(mine[["omega_low", "omega_high"]].to_numpy().T - mine["omega"].to_numpy())
            axes.errorbar(mine["omega"], height, xerr=error, fmt=MARKS[at % len(MARKS)], color=CYCLE[at % len(CYCLE)],
                          markersize=3, capsize=1.5, label=name_of(result.labels, name, language))  # fmt: skip
        names = []
        for row in rows:
            level = level_names(row["column"], row["group"], result.labels)[language]
            column = column_name(row["column"], result.words, language)
            names.append(level if row["column"] == "" else say(language, f"{column}: {level}", f"{column}：{level}"))
        axes.set_yticks(list(place.values()), names)
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlabel(say(language, "omega (0–1)", "ω（0–1）"))
        mark = simulated_mark(result.simulated, language)
        axes.set_title(say(language, f"Reliability of the dimensions{mark}", f"各维度信度{mark}"))
        figure.legend(loc="outside lower center", ncols=min(len(dimensions), 4))
    return figure


def plot_models(result: InstrumentResult, language: str = "en") -> Figure:
    """Draw what share of the predictable relations each factor model predicts in respondents whom it has not seen."""
    table = result.models.iloc[::-1]
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 0.9 + 0.4 * len(table)))
        colours = [CYCLE[0] if best else PALETTE.grey for best in table["best"]]
        axes.barh(range(len(table)), table["gained"], color=colours, height=0.55)
        for at, row in enumerate(table.to_dict("records")):
            axes.annotate(f"{row['gained']:.1%}", (max(row["gained"], 0), at), (4, -3), textcoords="offset points",
                          fontsize=8)  # fmt: skip
        axes.set_yticks(range(len(table)), [say(language, *MODELS[name]) for name in table["model"]])
        axes.set_xlim(0, 1.12)
        axes.set_xlabel(say(language, "share of the predictable part, held out", "可预测部分中的占比（留出答案）"))
        mark = simulated_mark(result.simulated, language)
        axes.set_title(say(language, f"Factor models on answers they have not seen{mark}",
                           f"因子模型对未见答案的预测{mark}"))  # fmt: skip
    return figure


def plot_differential(result: InstrumentResult, language: str = "en") -> Figure:
    """Draw for each column of groups how far every item differs between its levels at the same anchor."""
    columns = list(result.differential["column"].unique())
    largest = result.differential.groupby("indicator")["spread"].max().sort_values(ascending=False)
    items = list(largest.index[:SHOWN_ITEMS])[::-1]
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.6 + 0.2 * len(items)), layout="constrained")
        for end in LOGIT_CLASSES:
            axes.axvline(end, color=PALETTE.grey, linewidth=0.8, linestyle="--")
        for at, column in enumerate(columns):
            rows = result.differential[result.differential["column"] == column].set_index("indicator").reindex(items)
            colour, shape = CYCLE[at % len(CYCLE)], MARKS[at % len(MARKS)]
            flagged = rows["flagged"].eq(True).to_numpy()
            where = np.arange(len(items))
            label = column_name(column, result.words, language)
            axes.plot(rows["spread"][flagged], where[flagged], shape, color=colour, markersize=4, label=label)
            axes.plot(rows["spread"][~flagged], where[~flagged], shape, color=colour, markersize=4,
                      markerfacecolor="white")  # fmt: skip
        axes.set_yticks(range(len(items)), [_short(result, code, language) for code in items])
        axes.set_xlim(left=0)
        axes.set_xlabel(
            say(
                language,
                "largest difference of two groups (logits); hollow: not flagged; dashed: moderate, large",
                "两组之间的最大差异（对数优势）；空心为未标记；虚线为中等、较大的界限",
            )
        )
        mark = simulated_mark(result.simulated, language)
        axes.set_title(say(language, f"Items at the same anchor{mark}", f"同锚分下的指标差异{mark}"))
        figure.legend(loc="outside lower center", ncols=min(len(columns), 4))
    return figure


def _short(result: InstrumentResult, code: str, language: str) -> str:
    name = name_of(result.labels, code, language)
    return name if name == code else f"{code} {name}"


def plot_segments(result: InstrumentResult, language: str = "en") -> Figure:
    """Draw the gap of each level of each segment to everybody as mix and within."""
    table = result.segments[result.segments["quantity"] == SCORE]
    columns = list(table["column"].unique())
    sizes = [int((table["column"] == column).sum()) for column in columns]
    with figure_style(language):
        figure, panels = subplots(
            len(columns), 1, figsize=(TEXT_WIDTH, 1.2 + 0.36 * sum(sizes) + 0.3 * len(columns)), squeeze=False,
            sharex=True, layout="constrained", gridspec_kw={"height_ratios": sizes},
        )  # fmt: skip
        for axes, column in zip(panels[:, 0], columns, strict=True):
            rows = table[table["column"] == column].iloc[::-1].reset_index(drop=True)
            axes.axvline(0, color=PALETTE.grey, linewidth=0.8)
            for at, (part, en, zh) in enumerate(
                (("gap", "gap to everybody", "与总体之差"), ("mix", "mix", "构成"), ("within", "within", "组内"))
            ):
                error = np.abs(rows[[f"{part}_low", f"{part}_high"]].to_numpy().T - rows[part].to_numpy())
                axes.errorbar(rows[part], np.arange(len(rows)) + 0.22 - 0.22 * at, xerr=error, fmt=MARKS[at],
                              color=CYCLE[at], markersize=4, capsize=2, label=say(language, en, zh))  # fmt: skip
            names = [level_names(column, level, result.labels)[language] for level in rows["group"]]
            axes.set_yticks(range(len(rows)), names)
            axes.set_ylim(-0.6, len(rows) - 0.4)
            axes.set_ylabel(column_name(column, result.words, language))
        panels[-1, 0].set_xlabel(say(language, "points of the composite score (0–100)", "综合得分（0–100分）"))
        mark = simulated_mark(result.simulated, language)
        panels[0, 0].set_title(
            say(language, f"Segments: another mix, or within{mark}", f"细分人群：构成还是组内{mark}")
        )
        handles, labels = panels[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


def _has(name: str) -> Callable[[InstrumentResult], bool]:
    def shown(result: InstrumentResult) -> bool:
        table: pd.DataFrame = getattr(result, name)
        return not table.empty

    return shown


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_reliability,
        "Omega of each dimension in everybody and in each group, with intervals",
        "各维度的ω：全体及各组，附区间",
        shown=_has("reliability"),
    ),
    "models": FigureOf(
        plot_models,
        (
            "Share of the predictable relations between answers that each factor model predicts in {respondents} whom "
            "it has not seen, from no relation (0) to a correlation for every pair (1); the best one is coloured"
        ),
        "各因子模型对未见{respondent}答案间关系的预测占比：0为互不相关，1为逐对相关；最优者着色",
        shown=_has("models"),
    ),
    "differential": FigureOf(
        plot_differential,
        (
            "Largest difference between two groups at the same anchor for each item and each way of grouping, in "
            "logits, with the limits of moderate and large; flagged ones are filled"
        ),
        "各指标在各种分组下、同锚分时两组之间的最大差异（对数优势），附中等与较大的界限；已标记者为实心",
        shown=_has("differential"),
    ),
    "segments": FigureOf(
        plot_segments,
        (
            "Gap of the composite score of each segment to that of everybody, and its two parts: another mix of "
            "{stages}, {platforms} and periods, and a difference within these; with intervals"
        ),
        "各细分人群综合得分与总体之差及其两部分：{stage}、{platform}与时期构成不同，以及同等构成之内的差异；附区间",
        shown=_has("segments"),
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
