"""Weights: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.analyses.weights.tables import (
    credible_ranks,
)
from maternal_eval.results import StudyResult
from maternal_eval.results.schema import chance, count, number, relative, schema, share, text, truth

"""The further figures."""


_BOOTSTRAP = {
    "bootstrap_low": share("Bootstrap, low end", "自助法下限"),
    "bootstrap_high": share("Bootstrap, high end", "自助法上限"),
}
_WEIGHTS = schema(
    "indicator",
    "dimension within weight within_low within_high low high bootstrap_low bootstrap_high weight_experts",
    indicator=text("Code", "代码"),
    within=share("Weight inside the dimension", "维度内权重"),
    weight_experts=share("Weight, dimensions by experts too", "权重（维度亦由专家给定）"),
    **_BOOTSTRAP,
)

TABLES = {
    "": _WEIGHTS,
    "weights": _WEIGHTS,
    "dimensions": schema(
        "dimension",
        "nominal nominal_given experts low high bootstrap_low bootstrap_high",
        nominal=share("Published weight", "公布权重", decimals=0),
        nominal_given=truth("Published", "已公布"),
        experts=share("Weight by the experts", "专家权重"),
        **_BOOTSTRAP,
    ),
    "consistency": schema(
        "expert round set",
        "elements missing ratio index geometric_index acceptable residual residual_low residual_high worst_row "
        "worst_column worst_judgement worst_implied",
        missing=count("Judgements missing", "缺失判断数"),
        ratio=number("Consistency ratio", "一致性比率"),
        index=number("Consistency index", "一致性指数"),
        geometric_index=number("Geometric consistency index", "几何一致性指数"),
        acceptable=truth("Acceptable", "可接受"),
        residual=number("Residual standard deviation", "残差标准差"),
        worst_row=text("Worst judgement: of", "最不符判断：行"),
        worst_column=text("Worst judgement: against", "最不符判断：列"),
        worst_judgement=number("Worst judgement", "最不符判断"),
        worst_implied=number("Implied by the others", "其余判断所蕴含"),
    ),
    "concordance": schema(
        "round set",
        "experts elements w p_value p_method ratio largest_variation disagreement disagreement_low disagreement_high "
        "disagreement_mcse largest_change largest_relative_change agreed stable",
        experts=count("Experts", "专家数"),
        w=number("W", "W"),
        p_method=text("How p was found", "p 值算法"),
        ratio=number("Consistency ratio of the group", "群体一致性比率"),
        largest_variation=number("Variation", "变异系数"),
        disagreement=number("Disagreement", "分歧"),
        largest_change=share("Largest change of a weight", "权重最大变化"),
        largest_relative_change=relative("Change", "变化", decimals=0),
        agreed=truth("Agreed", "达成一致"),
        stable=truth("Stable", "稳定"),
    ),
    "stopping": schema(
        "round",
        "sets agreed stable verdict",
        sets=count("Sets", "集合数"),
        agreed=count("Sets in agreement", "一致的集合数"),
        stable=count("Sets that are stable", "稳定的集合数"),
        verdict=text("Verdict", "结论"),
    ),
    "group": schema(
        "round set element",
        "weight mean low high mcse interquartile_range variation change",
        mean=share("Posterior mean", "后验均值"),
        interquartile_range=number("Interquartile range of the experts", "专家四分位距"),
        variation=number("Coefficient of variation", "变异系数"),
    ),
    "outlying": schema(
        "expert round set",
        "distance p_value outlying",
        distance=number("Distance from the others", "与其他专家的距离"),
        outlying=truth("Outlying", "离群"),
    ),
    "ranks": schema("set element rank", "probability"),
    "wins": schema("set element other", "probability", probability=chance("Probability to outweigh", "权重更大的概率")),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class WeightsResult(StudyResult):
    """The weights of a study.

    Intervals (``low``, ``high``) are equal-tailed posterior intervals of the GROUP's weights with probability
    :data:`~maternal_eval.core.intervals.PROBABILITY` (the model is told in ``bayesian``; ``mean`` is the posterior
    mean); ``bootstrap_low`` and ``bootstrap_high`` are percentile intervals of a bootstrap over the experts, for
    comparison. Both are empty where no expert judged.

    Attributes
    ----------
    weights
        One row per indicator: ``indicator``, ``dimension``, ``within`` (weight inside its dimension, sums to 1 there)
        with ``within_low``, ``within_high``; ``weight`` (global: nominal dimension weight × within, sums to 1) with
        ``low``, ``high``, ``bootstrap_low``, ``bootstrap_high``; ``weight_experts`` (global, with the experts'
        dimension weights).
    dimensions
        One row per dimension: ``dimension``, ``nominal`` (as published by the study), ``experts`` with ``low``,
        ``high``, ``bootstrap_low``, ``bootstrap_high``, ``nominal_given`` (False: the study names none, so they are
        equal).
    consistency
        One row per expert, round and set: judgements ``missing``, ``ratio`` (CR), ``index`` (CI),
        ``geometric_index`` (GCI), ``acceptable`` (CR ≤ 0.10), ``residual`` (posterior mean of the residual standard
        deviation of the expert's log judgements) with ``residual_low``, ``residual_high``, and the worst judgement.
    concordance
        One row per round and set: Kendall's ``w`` with ``p_value`` and how it was found, the group's ``ratio``, the
        largest coefficient of variation of an element, ``disagreement`` (posterior mean of the standard deviation of
        an expert's log weight) with interval, ``largest_change`` and ``largest_relative_change`` of the group's
        weights since the round before, ``agreed`` and ``stable``.
    stopping
        One row per round: in how many sets experts agree and are stable, and the ``verdict`` of the stopping rule.
    group
        One row per round, set and element: the group's ``weight``, its posterior ``mean``, ``low``, ``high``, the
        experts' ``interquartile_range`` and coefficient of ``variation``, ``change`` since the round before.
    outlying
        One row per expert, round and set: ``distance`` from the other experts, ``p_value``, ``outlying``.
    ranks, wins
        Last round: posterior probability of each rank of each element in its set, and that one element outweighs
        another.
    basis
        "experts", "given" or "equal".
    labels
        Names of indicators and dimensions: code → language → name.
    settings, study, simulated
        What produced the result.
    """

    weights: pd.DataFrame
    dimensions: pd.DataFrame
    consistency: pd.DataFrame
    concordance: pd.DataFrame
    stopping: pd.DataFrame
    group: pd.DataFrame
    outlying: pd.DataFrame
    ranks: pd.DataFrame
    wins: pd.DataFrame
    basis: str
    experts: int

    def table(self) -> pd.DataFrame:
        """Return one row per indicator: dimension, weight within it and global weight, with intervals."""
        return self.weights.copy()

    def to_revise(self) -> pd.DataFrame:
        """Return the matrices with CR > 0.10, worst first, each with the judgement that fits worst.

        ``judgement`` is what the expert said of ``row`` against ``column``, ``implied`` the ratio of the weights that
        all judgements of the matrix lead to.
        """
        columns = {f"worst_{name}": name for name in ("row", "column", "judgement", "implied")}
        refused = self.consistency[~self.consistency["acceptable"].astype(bool)].sort_values("ratio", ascending=False)
        return refused[["expert", "round", "set", "ratio", *columns]].rename(columns=columns).reset_index(drop=True)

    def credible_ranks(self) -> pd.DataFrame:
        """Return the 90 % interval of each element's rank in its set, and the probability to be first."""
        return credible_ranks(self.ranks)
