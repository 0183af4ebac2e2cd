"""How far the verdict hangs on weights and choices, and what indicators have to do with outcomes: the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import count, number, relative, schema, share, text, truth

ALL = "all"
"""Name of the analysis in which weights, choices and the line to the outcomes are uncertain together."""

BY_DIMENSION = "gamma_by_dimension"
"""Name of the analysis whose factors are the dimensions (row of
:data:`~maternal_eval.analyses.sensitivity.generators.GENERATORS`)."""

NEGLIGIBLE = 0.05
"""Total index below which a factor may be fixed anywhere without consequence (screening threshold of Sarrazin et al.
2016): what it could still change is less than a twentieth of the variance."""


_INDEX = {"first": number("First-order index", "一阶指数"), "total": number("Total index", "总效应指数")}

TABLES = {
    "": schema(
        "output factor",
        "first first_low first_high first_error total total_low total_high total_error largest defined",
        largest=share("Share of resamples in which it is largest", "居首的重抽样比例", decimals=0),
        **_INDEX,
    ),
    "indices": schema(
        "analysis output platform stage factor",
        "first first_low first_high first_error total total_low total_high total_error largest defined",
        largest=share("Share of resamples in which it is largest", "居首的重抽样比例", decimals=0),
        **_INDEX,
    ),
    "second": schema(
        "analysis output platform stage factor other",
        "second second_low second_high second_error",
        second=number("Second-order index", "二阶指数"),
    ),
    "scores": schema(
        "analysis platform stage",
        "nominal low high",
        nominal=number("Score under nominal weights", "名义权重下的得分", decimals=1),
    ),
    "ranks": schema(
        "analysis stage platform",
        "nominal low high mean share_first",
        nominal=count("Nominal rank", "名义名次"),
        mean=number("Mean rank", "平均名次", decimals=1),
    ),
    "rank_shares": schema("analysis stage platform rank", "share", share=share("Share of runs", "运行占比")),
    "shapley": schema(
        "set element output",
        "share error spread",
        share=number("Shapley effect", "Shapley 效应", unit="share", decimals=0),
        spread=number("Standard deviation of the output", "输出的标准差"),
    ),
    "pawn": schema(
        "output input",
        "pawn floor",
        input=text("Factor", "因素"),
        pawn=number("PAWN", "PAWN"),
        floor=number("Noise floor", "噪声水平"),
    ),
    "convergence": schema(
        "base output",
        "width unrest settled",
        base=count("Base sample", "基础样本量"),
        width=number("Width of the widest interval", "最宽区间宽度"),
        unrest=number("Largest change", "最大变动"),
        settled=truth("Settled", "已稳定"),
    ),
    "concentration": schema(
        "set",
        "concentration origin",
        concentration=number("Concentration", "集中度", decimals=0),
        origin=text("Origin", "来源"),
    ),
    "elasticity": schema(
        "model",
        "respondents value low high step response response_low response_high linear_until linear_until_low "
        "linear_until_high published",
        value=number("Elasticity", "弹性"),
        step=relative("Step", "变动幅度", decimals=0),
        response=relative("Response to the step", "对变动的响应"),
        linear_until=relative("Straight until", "线性范围", decimals=0),
        published=relative("Published response", "已发表的响应"),
    ),
    "curve": schema(
        "model change",
        "value low high",
        change=relative("Change of the answers", "答案的变化", decimals=0),
        value=relative("Change of the outcome", "结果的变化"),
    ),
    "answers": schema(
        "outcome indicator",
        "share low high error explained respondents",
        share=number("Shapley effect", "Shapley 效应", unit="share", decimals=1),
        explained=share("Explained by all answers", "全部答案的解释比例"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class SensitivityResult(StudyResult):
    """What moves the verdict, and what indicators have to do with outcomes: two questions, kept apart.

    Intervals (``low``, ``high``) are equal-tailed with probability :data:`~maternal_eval.core.intervals.PROBABILITY`;
    those of indices are bootstrap percentiles with the same resamples for all indices.

    Question 1, uncertain weights and choices. ``analysis`` says what was uncertain: "all" (weights, choices, and the
    line from score to outcome) or the weights alone, by a row of
    :data:`~maternal_eval.analyses.sensitivity.generators.GENERATORS`.

    Attributes
    ----------
    indices
        Sobol' indices, one row per analysis, output, unit and factor; see
        :class:`~maternal_eval.analyses.sensitivity.verdict.Verdict` for the outputs. The factor is a sibling set, an
        element or dimension (raw judgements), a choice, "line", or "dummy", the noise floor. ``first``, ``total`` with
        intervals and standard errors ("_error"); ``largest``: share of the resamples in which the factor's total is
        largest; ``defined``: False where the output does not vary (enough): there are no indices then, and the
        numbers are empty.
    second
        Second-order indices of pairs of factors, of the outputs of the whole, per analysis: of everything in "all", of
        sibling sets, and of dimensions ("gamma_by_dimension"); single raw judgements have too many pairs.
    scores
        Per analysis, score of every unit under the nominal weights and its interval.
    ranks, rank_shares
        Per analysis, stage (empty: all) and platform: ``nominal`` rank (1 is best), interval, ``mean``,
        ``share_first``; and the share of runs with each rank.
    shapley
        Shapley effects of the weights inside each sibling set (Dirichlet): ``share`` of the variance that the set alone
        causes, with Monte-Carlo ``error``.
    pawn
        Cross-check without moments in analysis "all": ``pawn`` and its noise ``floor``.
    convergence
        How the sample of analysis "all" grew: ``base``, ``output``, ``width``, ``unrest``, ``settled``.
    concentration
        Per sibling set: ``concentration`` of its Dirichlet distribution, and ``origin`` ("experts" or "setting").

    Question 2, indicator levels and outcomes, without any uncertainty of weights.

    elasticity
        Elasticity of the outcome by the indicator at the observed answers, "raw" and "adjusted" for the other
        indicators; ``response`` is the effect of the ``step`` on the curve; ``linear_until`` the change at which the
        straight line through it is no longer right (empty: not within the curve); ``published`` beside it.
    curve
        Relative change of the predicted outcome for relative changes of the indicator's answers.
    answers
        Shapley effects of the answers on outcomes: ``share`` of the outcome's variance with interval.

    settled
        Whether the indices of the whole were settled at ``base``.
    runs
        Runs of the model in all analyses of question 1.
    """

    indices: pd.DataFrame
    second: pd.DataFrame
    scores: pd.DataFrame
    ranks: pd.DataFrame
    rank_shares: pd.DataFrame
    shapley: pd.DataFrame
    pawn: pd.DataFrame
    convergence: pd.DataFrame
    concentration: pd.DataFrame
    elasticity: pd.DataFrame
    curve: pd.DataFrame
    answers: pd.DataFrame
    RETIRED: ClassVar = ("skipped",)
    period: int | None
    base: int
    runs: int
    settled: bool

    def whole(self, analysis: str = ALL) -> pd.DataFrame:
        """Return the indices of the outputs of the whole in an analysis."""
        rows = (self.indices["platform"] == "") & (self.indices["stage"] == "") & (self.indices["analysis"] == analysis)
        return self.indices[rows].drop(columns=["platform", "stage", "analysis"]).reset_index(drop=True)

    @property
    def of_dimensions(self) -> pd.DataFrame:
        """Second-order indices of pairs of dimensions; empty where fewer than two dimensions have uncertain weights."""
        return self.second[self.second["analysis"] == BY_DIMENSION].dropna(subset="second").reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """Return the Sobol' indices of the whole when everything is uncertain."""
        return self.whole()

    def fixable(self) -> pd.DataFrame:
        """Return per factor what could be lost by fixing it: the largest total index of an output of the whole.

        Returns
        -------
        pandas.DataFrame
            ``factor``, ``output`` (the one it moves most), ``total`` with ``total_low`` and ``total_high``,
            ``negligible``: the
            upper end is below :data:`NEGLIGIBLE` for all outputs.
        """
        table = self.whole()
        table = table[table["defined"] & (table["factor"] != "dummy")]
        worst = table.loc[table.groupby("factor", sort=False)["total_high"].idxmax()]
        columns = ["factor", "output", "total", "total_low", "total_high"]
        return worst[columns].assign(negligible=worst["total_high"] < NEGLIGIBLE).reset_index(drop=True)
