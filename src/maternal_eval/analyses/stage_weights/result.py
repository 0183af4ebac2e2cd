"""Stage weights: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import xarray as xr

from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, number, schema, share, text, truth

_OWN = {
    "mean": share("By {stage}", "分{stage}"),
    "sd": share("Posterior standard deviation", "后验标准差"),
    "credible_change": truth("Credible change", "可信变化"),
    "average": share("Average over {stages}", "各{stage}平均"),
    "probability_stage_change": chance("P(change against the average)", "相对平均的变化概率"),
    "credible_stage_change": truth("Credible change against the average", "相对平均的可信变化"),
    "informed": number("Informed", "数据信息"),
}
_WEIGHTS = schema(
    "stage indicator",
    "dimension static mean sd low high relative_change probability_change credible_change "
    "probability_own average probability_stage_change credible_stage_change informed",
    **_OWN,
)

TABLES = {
    "": _WEIGHTS,
    "weights": _WEIGHTS,
    "dimensions": schema(
        "stage dimension", "static mean sd low high probability_change credible_change informed", **_OWN
    ),
    "stages": schema("stage", "respondents mean sd low high", mean=number("Slope (logits)", "斜率（logit）")),
    "tau": schema("stage", "mean sd low high prior_median", prior_median=number("Prior median", "先验中位数")),
    "claim": schema(
        "reading",
        "indicator stage level mean low high probability",
        level=share("Published weight", "已发表权重", decimals=0),
        mean=share("Posterior mean", "后验均值"),
        probability=chance("Probability of at least that", "不低于该值的概率"),
    ),
    "checks": schema("check", "status value threshold text"),
    "pairs": schema(
        "stage first second",
        "answer_correlation weight_correlation ratio_informed sum_informed told_apart",
        first=text("Indicator", "指标"),
        second=text("Other indicator", "另一指标"),
        answer_correlation=number("Correlation of the answers", "答案相关"),
        weight_correlation=number("Correlation of the weights", "权重相关"),
        ratio_informed=number("Ratio informed", "比值的数据信息"),
        sum_informed=number("Sum informed", "和的数据信息"),
        told_apart=truth("Told apart", "可区分"),
    ),
    "anchor": schema("element", "static spread", static=share("Static weight inside its set", "集合内静态权重")),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class StageWeightsResult(StudyResult):
    """The weights of every stage.

    Intervals (``low``, ``high``) are equal-tailed with probability :data:`~maternal_eval.core.intervals.PROBABILITY`.

    Attributes
    ----------
    weights
        One row per stage and indicator: ``static``, posterior ``mean``, ``sd``, ``low``, ``high`` of the weight in
        the whole; ``relative_change`` of the mean against the static weight; ``probability_change``, posterior
        probability that it differs from the static weight by more than the region of practical equivalence,
        and ``credible_change``; ``probability_own``, the same for a change of its own, which is more than room made for
        a sibling (:func:`~maternal_eval.methods.simplex_regression.own_change.moved_itself`); ``average`` (mean over
        the stages), ``probability_stage_change`` and ``credible_stage_change``, the same against that average;
        ``informed``, 1 - (posterior over prior width of the interval of the log weight)²: 1 = known from the answers,
        0 = only from the prior.
    dimensions
        One row per stage and dimension: the same for its weight, the sum of its indicators'.
    stages
        One row per stage: ``respondents``, slope (logits from the worst to the best composite value).
    tau
        One row: typical size of the movement of a log weight between stages, and its prior median.
    claim
        The published weight under both readings ("whole", "dimension"): posterior mean, interval, and the
        ``probability`` that the weight is at least the published one. Empty without a claim.
    checks
        Diagnostics of the fit; a fit that fails one raises instead.
    pairs
        Pairs of indicators that may share their weight, with ``told_apart``: see
        :func:`~maternal_eval.methods.simplex_regression.collinearity.pair_table`.
    anchor
        One row per dimension and indicator (``element``): ``static`` weight inside its sibling set and prior standard
        deviation of the shift of its logarithm (``spread``). ``anchor_basis`` says where the latter comes from.
    draws
        Draws of the weights (draw, stage, indicator), float32, each draw counting the same.
    """

    weights: pd.DataFrame
    dimensions: pd.DataFrame
    stages: pd.DataFrame
    tau: pd.DataFrame
    claim: pd.DataFrame
    checks: pd.DataFrame
    pairs: pd.DataFrame
    anchor: pd.DataFrame
    draws: xr.Dataset
    outcome: str
    anchor_basis: str
    left_out: int
    effective: float
    stages_ordered: bool

    def table(self) -> pd.DataFrame:
        """Return one row per stage and indicator; see :attr:`weights`."""
        return self.weights.copy()
