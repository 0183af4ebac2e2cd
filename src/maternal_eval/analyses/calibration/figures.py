"""Figures of simulation-based calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.core.languages import say
from maternal_eval.methods.sampling import rank_band, rank_counts
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from maternal_eval.analyses.calibration.result import CalibrationResult

GROUPS = {
    "threshold": ("thresholds", "阈值"),
    "stage": ("{stage} effects", "{stage}效应"),
    "period": ("period effects", "时期效应"),
    "stage_period": ("{stage} × period", "{stage} × 时期"),
    "segment": ("segment effects", "细分人群效应"),
    "log_scale": ("latent scales", "潜在尺度"),
    "score": ("expected answers", "期望得分"),
    "change": ("changes", "变化量"),
    "log-likelihood": ("log-likelihood", "对数似然"),
}
"""Group of quantities → its name in English and Chinese, in the words of the study."""

BAND = 0.95


def plot_ranks(result: CalibrationResult, language: str = "en") -> Figure:
    """Draw, a panel per group and a line per quantity, the ECDF of the ranks minus that of uniform ranks.

    The band holds for a whole line at once; with many lines a few leave it. The verdict looks at all lines at once.
    """
    groups = list(dict.fromkeys(result.uniformity["group"]))
    columns = 3
    rows = -(-len(groups) // columns)
    largest, size = result.ranked_among, result.replicates
    at = np.arange(1, largest + 1) / (largest + 1)
    low, high = rank_band(size, largest, BAND)
    with figure_style(language):
        figure, grid = subplots(
            rows, columns, sharex=True, sharey=True, squeeze=False, figsize=(TEXT_WIDTH, 0.9 + 1.45 * rows)
        )
        for axes, group in zip(grid.flat, groups, strict=False):
            axes.fill_between(at, low / size - at, high / size - at, color=PALETTE.light, linewidth=0, step="mid")
            for name in result.uniformity.loc[result.uniformity["group"] == group, "quantity"]:
                counts = rank_counts(result.ranks[name].to_numpy(dtype=np.int64), largest)
                axes.step(at, counts / size - at, where="mid", color=PALETTE.blue, linewidth=0.8, alpha=0.7)
            axes.set_title(result.words.say(language, *GROUPS.get(group, (group, group))))
            axes.set_xticks([0.0, 0.5, 1.0], ["0", "0.5", "1"])
        for axes in grid.flat[len(groups) :]:
            axes.set_axis_off()
        figure.supxlabel(
            say(language, "rank of the truth among posterior draws (share)", "真值在后验抽样中的秩（占比）")
        )
        figure.supylabel(say(language, "ECDF − uniform", "经验分布 − 均匀分布"))
        figure.suptitle(
            say(
                language,
                f"Simulation-based calibration, {size} simulated replicates (band: {BAND:.0%}, whole line)",
                f"模拟校准：{size} 次模拟重复（灰带：整条曲线的 {BAND:.0%} 联合区间）",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def plot_coverage(result: CalibrationResult, language: str = "en") -> Figure:
    """Draw how often the intervals of each score and change covered the truth."""
    table = result.coverage
    probabilities = list(dict.fromkeys(table["probability"]))
    names = list(dict.fromkeys(table["quantity"]))
    with figure_style(language):
        figure, axes = subplots(figsize=(TEXT_WIDTH, 1.0 + 0.22 * len(names)))
        place = np.arange(len(names))[::-1]
        for probability, colour in zip(probabilities, (PALETTE.vermilion, PALETTE.blue), strict=False):
            rows = table[table["probability"] == probability]
            axes.axvspan(rows["low"].iloc[0], rows["high"].iloc[0], color=PALETTE.light, linewidth=0)
            axes.axvline(probability, color=colour, linewidth=1.0, linestyle="--")
            label = say(language, f"{probability:.0%} intervals", f"{probability:.0%}区间")
            axes.plot(rows["covered"], place, "o", color=colour, label=label)
        axes.set_yticks(place, [_quantity(result, name, language) for name in names])
        axes.set_xlim(0.0, 1.0)
        axes.set_xlabel(say(language, "share of replicates whose truth is covered", "真值落入区间的重复占比"))
        figure.legend(loc="outside lower center", ncols=len(probabilities))
        figure.suptitle(
            say(
                language,
                f"Coverage over {result.replicates} simulated replicates (grey: binomial limits)",
                f"{result.replicates} 次模拟重复中的区间覆盖率（灰带：二项分布界限）",
            ),
            x=0.01,
            ha="left",
        )
    return figure


def _quantity(result: CalibrationResult, name: str, language: str) -> str:
    all_stages = result.words.say(language, "all {stages}", "全部{stage}")
    if language == "en":
        return name.replace("all stages", all_stages)
    parts = (("score", "得分："), ("change", "变化："), ("all stages", all_stages), ("stage", result.words.stage.zh))
    for english, chinese in parts:
        name = name.replace(english, chinese)
    return name.replace("： ", "：")


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_ranks,
        (
            "Empirical distribution of the ranks of the truth among posterior draws minus the uniform one, a "
            "panel per group of quantities, with simultaneous bands; replicates simulated from the prior"
        ),
        "真值在后验抽样中的秩的经验分布减去均匀分布，按参数组分图，并绘出联合区间带；各次重复由先验模拟生成",
    ),
    "coverage": FigureOf(
        plot_coverage,
        (
            "Share of the simulated replicates in which the intervals of expected answers and changes cover the"
            " truth, with binomial limits"
        ),
        "期望得分与变化量的区间在各次模拟重复中覆盖真值的比例及二项分布界限",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
