"""Figure of the simulation study of the schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import PercentFormatter

from maternal_eval.analyses.proposal_power.replicate import HEAVIEST, LIGHTEST, RAISED
from maternal_eval.core.languages import say
from maternal_eval.results.figures import FigureOf
from maternal_eval.results.plotting import PALETTE, TEXT_WIDTH, figure_style, subplots

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from maternal_eval.analyses.proposal_power.result import ProposalPowerResult

FALSE, POWER = 0.05, 0.80
"""Rates that are aimed at: at most this share of false proposals, at least this share of found changes."""


def plot_power(result: ProposalPowerResult, language: str = "en") -> Figure:
    """Draw how often the raised weight is proposed over its true ratio to the static one, by design."""
    found = result.rates[(result.rates["rate"] == "found") & (result.rates["truth"] == RAISED)]
    size = result.settings["answers"]
    with figure_style(language):
        figure, axes = subplots(figsize=(0.8 * TEXT_WIDTH, 3.4))
        axes.axvspan(1.0, 1.0 + result.equivalence, color=PALETTE.light, alpha=0.7, zorder=0)
        axes.axhline(POWER, color=PALETTE.grey, linestyle=":", linewidth=1)
        axes.axhline(FALSE, color=PALETTE.grey, linestyle=":", linewidth=1)
        of_own = ~found["condition"].str.contains(f"{LIGHTEST}|{HEAVIEST}")
        small = found[~found["whole"] & of_own].sort_values("true_ratio")
        indicators = int(small["indicators"].iloc[0])
        label = result.words.say(
            language, f"{indicators} indicators, {size} {{answers}}", f"{indicators}个指标，{size}份{{answer}}"
        )
        _draw(axes, small, PALETTE.blue, "-", label)
        whole = found[found["whole"] & of_own]
        for (answers, part), colour in zip(whole.groupby("answers"), (PALETTE.vermilion, PALETTE.green), strict=False):
            count = int(part["indicators"].iloc[0])
            label = result.words.say(
                language, f"{count} indicators, {answers} {{answers}}", f"{count}个指标，{answers}份{{answer}}"
            )
            _draw(axes, part, colour, "", label)
        for name, marker, words in (
            (LIGHTEST, "v", ("lightest weight raised", "提高最轻的权重")),
            (HEAVIEST, "^", ("heaviest weight raised", "提高最重的权重")),
        ):
            of_name = found[found["condition"].str.contains(name)]
            if len(of_name):
                _draw(axes, of_name, PALETTE.grey, "", say(language, *words), marker)
        axes.set_ylim(-0.02, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xlabel(
            say(
                language,
                result.words.fill("true {stage} weight ÷ static weight (grey: equivalent)", "en"),
                result.words.fill("真实{stage}权重÷静态权重（灰色为实际等价域）", "zh"),
            )
        )
        axes.set_ylabel(say(language, "replicates with the proposal", "提出建议的重复占比"))
        axes.legend(loc="upper left")
        figure.suptitle(
            say(language, "Power of the schedule, simulated truths", "调整方案的检验功效（模拟真值）"),
            x=0.01,
            ha="left",
        )
    return figure


def _draw(axes: Axes, rows: pd.DataFrame, colour: str, line: str, label: str, marker: str = "o") -> None:
    error = np.abs(rows[["low", "high"]].to_numpy().T - rows["value"].to_numpy())
    axes.errorbar(
        rows["true_ratio"], rows["value"], yerr=error, color=colour, marker=marker, linestyle=line, label=label
    )


FIGURES: dict[str, FigureOf] = {
    "": FigureOf(
        plot_power,
        "Share of replicates in which a raised weight is proposed, over the size of the change",
        "被升高的权重得到建议的重复占比随变化幅度的变化",
    ),
}
"""Figure (empty: the main one) → what draws it, and what a reader who cannot see it should know."""
