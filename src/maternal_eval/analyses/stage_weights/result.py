"""Stage weights: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import xarray as xr

from maternal_eval.results import StudyResult


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
        and ``credible_change``; ``average`` (mean over the stages), ``probability_stage_change`` and
        ``credible_stage_change``, the same against that average; ``informed``, 1 - (posterior over prior width
        of the interval of the log weight)²: 1 = known from the answers, 0 = only from the prior.
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
