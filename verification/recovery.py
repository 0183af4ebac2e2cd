"""Recovery checks: what a method should find in the simulated study.

The only module besides the simulation that reads the truth. Analyses, reports and notebooks never import it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.core.checks import Check
from maternal_eval.simulation import outcomes
from maternal_eval.simulation.expectations import with_expectations
from maternal_eval.simulation.truth import Truth

TRUTH_FILE = Path(__file__).resolve().parents[1] / "data" / "truth" / "maternal.json"
"""The truth of the built-in study."""

__all__ = [
    "TRUTH_FILE",
    "Truth",
    "expected_by_platform",
    "expected_by_stage",
    "expected_overall",
    "population_shares",
    "read_truth",
    "satisfaction_check",
    "true_base_weights",
    "true_composite",
    "true_stage_weights",
    "true_timeliness_effect",
    "with_expectations",
    "with_static_weights",
]


def read_truth(path: str | Path = TRUTH_FILE) -> Truth:
    """Return the truth stored in ``path``."""
    return Truth.load(Path(path))


def true_stage_weights(truth: Truth, *, within_dimension: bool = False) -> pd.DataFrame:
    """Return the true weights, stage × indicator.

    Rows add up to 1 over all indicators, or, ``within_dimension``, over the indicators of each dimension.
    """
    weights = pd.DataFrame(truth.weights.stage, index=list(truth.names.stages), columns=list(truth.names.codes))
    weights.index.name, weights.columns.name = "stage", "indicator"
    return _inside(weights) if within_dimension else weights


def true_base_weights(truth: Truth, *, within_dimension: bool = False) -> pd.Series:
    """Return the weights without any influence of the stage; they add up to 1 (or to 1 in each dimension)."""
    row = pd.DataFrame([truth.weights.base], columns=list(truth.names.codes))
    return (_inside(row) if within_dimension else row).iloc[0].rename("weight").rename_axis("indicator")


def _inside(weights: pd.DataFrame) -> pd.DataFrame:
    dimension = [code[0] for code in weights.columns]  # F, E and S name the dimensions
    totals = weights.T.groupby(dimension).sum().T
    return pd.DataFrame(weights / totals[dimension].to_numpy(), index=weights.index, columns=weights.columns)


def expected_by_stage(truth: Truth, quantity: str = "satisfaction") -> pd.DataFrame:
    """Return the superpopulation's expectation by stage (rows) and year (columns); see ``truth.estimand``.

    Parameters
    ----------
    quantity
        ``satisfaction`` or ``trust`` (expected answer 1–5), ``repurchase`` (probability), ``promoters`` or
        ``detractors`` (probability of a recommendation of 9–10 or 0–6), or ``shares``: then the rows are (stage,
        year) and the columns the probabilities of satisfaction 1…5.
    """
    stages, years = list(truth.names.stages), list(truth.names.years)
    if quantity == "shares":
        table = np.array(truth.expected["satisfaction_shares"])
        index = pd.MultiIndex.from_product([stages, years], names=["stage", "year"])
        return pd.DataFrame(table.transpose(1, 0, 2).reshape(-1, table.shape[2]), index=index, columns=range(1, 6))
    table = np.array(truth.expected[f"{quantity}_by_stage"])
    return pd.DataFrame(table.T, index=pd.Index(stages, name="stage"), columns=pd.Index(years, name="year"))


def expected_overall(truth: Truth, quantity: str = "satisfaction") -> pd.Series:
    """Return the superpopulation's expectation by year; quantities as in :func:`expected_by_stage`, without shares."""
    values = truth.expected[f"{quantity}_overall"]
    return pd.Series(values, index=pd.Index(truth.names.years, name="year"), name=quantity)


def expected_by_platform(truth: Truth, quantity: str = "satisfaction") -> pd.Series:
    """Return the expectation of ``satisfaction`` or ``repurchase`` by (year, stage, platform)."""
    table = np.array(truth.expected[f"{quantity}_by_platform"])
    levels = (truth.names.years, truth.names.stages, truth.names.platforms)
    index = pd.MultiIndex.from_tuples(list(product(*levels)), names=["year", "stage", "platform"])
    return pd.Series(table.reshape(-1), index=index, name=quantity)


def true_timeliness_effect(truth: Truth) -> pd.Series:
    """Return the relative change of expected repurchase in 2024 by the factor on every answer to F02 (at most 5).

    Among those who answered F02; through the composite value as well as directly; 0.068 at factor 1.10.
    """
    effects = truth.expected["timeliness_on_repurchase"]
    index = pd.Index([float(factor) for factor in effects], name="factor")
    return pd.Series(list(effects.values()), index=index, name="relative_change")


def population_shares(truth: Truth, segment: str) -> pd.Series:
    """Return the true shares of ``city_tier``, ``platform`` or ``platform_type``; platform and tier are independent."""
    names, population = truth.names, truth.population
    if segment == "city_tier":
        return pd.Series(population.tier, index=list(names.tiers), name="share")
    platform = pd.Series(population.platform, index=list(names.platforms), name="share")
    if segment == "platform":
        return platform
    if segment == "platform_type":
        return platform.groupby(np.array(names.platform_types), sort=False).sum()
    raise ValueError(f"no shares of {segment}: known are city_tier, platform, platform_type")


def true_composite(truth: Truth, panel: pd.DataFrame) -> pd.Series:
    """Return the composite value (0–1, larger is better) of each respondent with the true weights of her stage."""
    positions = {stage: position for position, stage in enumerate(truth.names.stages)}
    stage = panel["stage"].astype(str).map(positions).to_numpy()
    answers = panel[list(truth.names.codes)].to_numpy(dtype=float, na_value=np.nan)
    return pd.Series(outcomes.composite(truth, answers, stage), index=panel.index, name="composite")


def satisfaction_check(truth: Truth, scores: pd.DataFrame) -> Check:
    """Say how many intervals of expected satisfaction hold the truth.

    Parameters
    ----------
    truth
        The truth of the built-in study.
    scores
        ``scores`` of a satisfaction result: stage, period, score, low, high.

    Returns
    -------
    Check
        Informational: one panel is one draw, and its intervals move together. Its table has one row per stage and
        year: truth, score, low, high, inside.
    """
    wide = expected_by_stage(truth)
    index = pd.MultiIndex.from_product([wide.index, wide.columns], names=["stage", "period"])
    expected = pd.Series(wide.to_numpy().ravel(), index=index, name="truth")
    table = scores[scores["stage"] != "all"].set_index(["stage", "period"])[["score", "low", "high"]].join(expected)
    table["inside"] = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    text = (
        f"{int(table['inside'].sum())} of {len(table)} intervals hold the true expected answer of their stage and year"
    )
    share = float(table["inside"].mean())
    return Check("recovery of the truth", "informational", share, None, text, table=table.reset_index())


def with_static_weights(truth: Truth) -> Truth:
    """Return the same truth with the base weights in every stage: nothing moves by stage.

    ``expected`` is dropped, since it belongs to the moving weights.
    """
    stage = np.repeat(truth.weights.base[None, :], len(truth.names.stages), axis=0)
    return replace(truth, weights=replace(truth.weights, stage=stage), expected={}, estimand="")
