"""Explorer: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
import xarray as xr

from maternal_eval.core.remarks import Remark
from maternal_eval.results import Result
from maternal_eval.results.schema import number, schema

_SCORES = schema(
    "stage platform",
    "n static static_sd",
    static=number("Score under the static weights", "静态权重下的得分", decimals=1),
    static_sd=number("Its sampling standard error", "其抽样标准误"),
)

TABLES = {"": _SCORES, "scores": _SCORES}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ExplorerResult(Result):
    """What the interactive page is made of.

    Attributes
    ----------
    scores
        One row per stage and platform of the last period: ``n`` (respondents), ``static`` (score under the static
        weights, 0–100) and ``static_sd`` (its sampling standard error).
    moments
        ``mean`` (unit, indicator) and ``covariance`` (unit, indicator, other) of the indicator values, see
        :mod:`~maternal_eval.analyses.explorer.moments`; units in the order of ``scores``. With them a score is linear
        in the weights: that of the scoring for the static weights and any weights of the dimensions, and an
        approximation (the better, the fewer answers are missing) when weights move inside a dimension. Means are
        rounded to
        :data:`DECIMALS` decimals, and the covariances are of one spread that all units have in common
        (:func:`~maternal_eval.analyses.explorer.moments.pooled`): neither gives an answer away.
    weights
        ``static`` (indicator) and ``proposed`` (stage, indicator), each with draws of its uncertainty:
        ``static_draws`` (draw, indicator) and ``proposed_draws`` (stage, draw, indicator).
    reasons
        Stage → language → one sentence on what is proposed for it, and why.
    period
        The period that is shown; None where the study has none.
    remarks
        Which units are not shown.
    """

    scores: pd.DataFrame
    moments: xr.Dataset
    weights: xr.Dataset
    reasons: dict[str, dict[str, str]]
    period: int | None
    title: dict[str, str]
    labels: dict[str, dict[str, str]]
    dimensions: dict[str, str]
    stages: list[str]
    study: str
    simulated: bool
    remarks: list[Remark] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return the scores under the static weights by stage and platform."""
        return self.scores.copy()
