"""Weights: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from maternal_eval.analyses.weights.tables import (
    credible_ranks,
)
from maternal_eval.results import StudyResult

"""The further figures."""


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
