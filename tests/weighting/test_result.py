"""Weights of a study: from experts, as given, or equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.weighting import WeightsResult, WeightsSettings, compute_weights, static_weights
from maternal_eval.weighting.ahp import ACCEPTABLE_RATIO

QUICK = WeightsSettings(resamples=50)


def _without_experts(study, weights=None):
    tables = {name: table for name, table in study.tables.items() if name != "experts"}
    indicators = study.model.indicators
    if weights is not None:
        indicators = tuple(replace(one, weight=weights.get(one.code)) for one in indicators)
    return replace(study, tables=tables, model=replace(study.model, indicators=indicators))


def test_experts_weights_of_the_built_in_study(maternal):
    result = compute_weights(maternal, QUICK, seed=0)
    table = result.table()
    assert result.basis == "experts"
    assert result.experts == 15
    assert table["weight"].sum() == pytest.approx(1)
    within = table.groupby("dimension")["within"].sum()
    np.testing.assert_allclose(within, 1)
    totals = table.groupby("dimension")["weight"].sum()
    assert totals.to_dict() == pytest.approx({"functional": 0.45, "emotional": 0.35, "social": 0.20})
    assert (table["low"] <= table["weight"]).all()
    assert (table["weight"] <= table["high"]).all()
    assert result.dimensions["experts"].sum() == pytest.approx(1)


def test_tables_of_the_rounds(maternal):
    result = compute_weights(maternal, QUICK)
    assert len(result.consistency) == 15 * 3 * 4
    assert ((result.consistency["ratio"] <= ACCEPTABLE_RATIO) == result.consistency["acceptable"]).all()
    assert result.concordance["w"].between(0, 1).all()
    first = result.concordance["round"] == 1
    assert result.concordance.loc[first, "largest_change"].isna().all()
    assert (result.concordance.loc[~first, "largest_change"] > 0).all()


def test_same_seed_same_intervals(maternal):
    one, other = (compute_weights(maternal, QUICK, seed=0) for _ in range(2))
    pd.testing.assert_frame_equal(one.weights, other.weights)
    different = compute_weights(maternal, QUICK, seed=1)
    assert not different.weights["low"].equals(one.weights["low"])
    np.testing.assert_array_equal(different.weights["weight"], one.weights["weight"])


def test_alike_experts_leave_no_spread(maternal):
    experts = maternal.experts
    one = experts[experts["expert"] == experts["expert"].iloc[0]]
    copies = pd.concat([one.assign(expert=name) for name in ("p", "q", "r")])
    study = replace(maternal, tables=maternal.tables | {"experts": copies})
    result = compute_weights(study, QUICK)
    np.testing.assert_allclose(result.weights["low"], result.weights["high"], atol=1e-12)
    np.testing.assert_allclose(result.concordance["w"], 1)


@pytest.mark.parametrize("aggregation", ["judgements", "priorities"])
def test_group_methods_agree_with_row_geometric_means(maternal, aggregation):
    settings = WeightsSettings("geometric", aggregation, 1)
    reference = compute_weights(maternal, WeightsSettings("geometric", "judgements", 1))
    np.testing.assert_allclose(compute_weights(maternal, settings).weights["weight"], reference.weights["weight"])


def test_equal_without_experts(maternal):
    result = compute_weights(_without_experts(maternal))
    table = result.table().set_index("indicator")
    assert result.basis == "equal"
    assert table.loc["F01", "weight"] == pytest.approx(0.45 / 12)
    assert table.loc["S08", "weight"] == pytest.approx(0.20 / 8)
    assert table["low"].isna().all()
    assert result.consistency.empty


def test_given_without_experts(maternal):
    given = {"S01": 0.30} | {f"S0{number}": 0.10 for number in range(2, 9)}
    result = compute_weights(_without_experts(maternal, given))
    table = result.table().set_index("indicator")
    assert result.basis == "given"
    assert table.loc["S01", "weight"] == pytest.approx(0.06)
    assert table.loc["E01", "weight"] == pytest.approx(0.035)


def test_static_weights(maternal):
    weights = static_weights(maternal)
    assert weights.index.tolist() == maternal.model.codes
    assert weights.sum() == pytest.approx(1)
    result = compute_weights(maternal, QUICK)
    pd.testing.assert_series_equal(static_weights(maternal, result), weights, check_names=False)


def test_survives_storing(maternal, tmp_path):
    result = compute_weights(maternal, QUICK)
    result.save(tmp_path)
    read = WeightsResult.load(tmp_path)
    pd.testing.assert_frame_equal(read.estimates(), result.estimates())
    assert read.basis == "experts"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(maternal, language):
    figure = compute_weights(maternal, QUICK).plot(language)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels[0].startswith("F01")
    assert len(labels) == 30


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="eigenvector"):
        WeightsSettings(method="mean")
