"""Weights of a study: from experts, as given, or equal."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.weights.compute import compute_weights, static_weights
from maternal_eval.analyses.weights.result import WeightsResult
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.analyses.weights.tables import stopping_table
from maternal_eval.core.errors import InputError
from maternal_eval.methods.ahp import ACCEPTABLE_RATIO
from maternal_eval.results import compared

QUICK = WeightsSettings(resamples=50, draws=1000)


@pytest.fixture(scope="module")
def quick(maternal):
    return compute_weights(maternal, QUICK, seed=0)


def _without_experts(study, weights=None):
    tables = {name: table for name, table in study.tables.items() if name != "experts"}
    indicators = study.model.indicators
    if weights is not None:
        indicators = tuple(replace(one, weight=weights.get(one.code)) for one in indicators)
    return replace(study, tables=tables, model=replace(study.model, indicators=indicators))


def test_experts_weights_of_the_built_in_study(quick):
    result = quick
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


def test_tables_of_the_rounds(quick):
    assert len(quick.consistency) == 15 * 3 * 4
    assert ((quick.consistency["ratio"] <= ACCEPTABLE_RATIO) == quick.consistency["acceptable"]).all()
    assert quick.concordance["w"].between(0, 1).all()
    assert (quick.concordance["p_method"] == "exact").sum() == 3
    first = quick.concordance["round"] == 1
    assert quick.concordance.loc[first, "largest_change"].isna().all()
    assert (quick.concordance.loc[~first, "largest_change"] > 0).all()
    assert len(quick.group) == 3 * (3 + 30)


def test_posterior_surrounds_the_group_weights(quick):
    group = quick.group
    assert ((group["low"] < group["weight"]) & (group["weight"] < group["high"])).all()
    np.testing.assert_allclose(group["mean"], group["weight"], rtol=0.05)
    # Two ways to the same question: how far does the group's weight hang on who was asked?
    width, bootstrap = (quick.weights[f"{kind}high"] - quick.weights[f"{kind}low"] for kind in ("", "bootstrap_"))
    assert np.median(width / bootstrap) == pytest.approx(1, abs=0.35)


def test_simulated_peculiarities_are_found(quick):
    """The simulation doubles the slips of one expert and lets one keep the opinion of round 1."""
    refused = quick.consistency.loc[~quick.consistency["acceptable"], "expert"]
    assert refused.value_counts().index[0] == "obstetrician_4"
    last = quick.outlying[(quick.outlying["round"] == 3) & quick.outlying["outlying"]]
    assert set(last["expert"]) == {"researcher_2"}
    residual = quick.consistency.groupby("expert")["residual"].mean()
    assert residual.idxmax() == "obstetrician_4"


def test_worst_judgement_is_named_above_the_bound(maternal, quick):
    table = quick.to_revise()
    assert (table["ratio"] > ACCEPTABLE_RATIO).all()
    assert len(table) == (~quick.consistency["acceptable"]).sum()
    worst = table.iloc[0]
    said = maternal.experts.query(
        "expert == @worst.expert and round == @worst['round'] and set == @worst['set'] "
        "and row == @worst['row'] and column == @worst['column']"
    )
    assert said["judgement"].tolist() == [worst["judgement"]]
    assert abs(np.log(worst["judgement"] / worst["implied"])) > 0.5


def test_stopping_rule(quick):
    assert quick.stopping["verdict"].tolist() == ["go on", "go on", "stop"]


def test_stable_experts_who_disagree_are_not_asked_again():
    rows = [(1, True, True), (1, True, True), (2, False, True), (2, True, True)]
    table = stopping_table(pd.DataFrame(rows, columns=["round", "agreed", "stable"]))
    assert table["verdict"].tolist() == ["stop", "stop without agreement"]


def test_rank_probabilities(quick):
    by_element = quick.ranks.groupby(["set", "element"])["probability"].sum()
    np.testing.assert_allclose(by_element, 1)
    np.testing.assert_allclose(quick.ranks.groupby(["set", "rank"])["probability"].sum(), 1)
    ranks = quick.credible_ranks().set_index("element")
    assert (ranks["rank_low"] <= ranks["rank_high"]).all()
    assert (ranks.loc["social", "rank_low"], ranks.loc["social", "rank_high"]) == (3, 3)


def test_win_probabilities_add_up(quick):
    wins = quick.wins.set_index(["set", "element", "other"])["probability"].sort_index()
    reverse = wins.rename_axis(["set", "other", "element"]).reorder_levels(["set", "element", "other"])
    np.testing.assert_allclose(wins + reverse.loc[wins.index], 1)
    # Of two elements the rank says the same as the win.
    ranks = quick.ranks.set_index(["set", "element", "rank"])["probability"]
    expected = sum(wins["dimensions", "functional"]) - 1
    both = ranks["dimensions", "functional", 1] - ranks["dimensions", "functional", 3]
    assert expected == pytest.approx(both)


def test_incomplete_judgements(maternal):
    experts = maternal.experts
    keep = np.random.default_rng(0).random(len(experts)) > 0.1
    keep |= experts["set"].isin(["dimensions", "functional"]).to_numpy()
    study = replace(maternal, tables=maternal.tables | {"experts": experts[keep].reset_index(drop=True)})
    with pytest.raises(InputError, match="a judgement is missing"):
        compute_weights(study, QUICK)
    result = compute_weights(study, replace(QUICK, incomplete=True))
    assert result.consistency["missing"].sum() == (~keep).sum()
    complete = compute_weights(maternal, QUICK)
    np.testing.assert_allclose(result.weights["weight"], complete.weights["weight"], rtol=0.05)


def test_one_expert(maternal):
    """One expert says nothing about disagreement: the weights stay as wide as its prior."""
    experts = maternal.experts
    one = experts[experts["expert"] == "operator_1"]
    result = compute_weights(replace(maternal, tables=maternal.tables | {"experts": one}), QUICK)
    assert result.concordance["w"].isna().all()
    assert result.concordance["p_method"].isna().all()
    assert ((result.weights["high"] / result.weights["low"]) > 2).all()


def test_same_seed_same_intervals(maternal):
    one, other = (compute_weights(maternal, QUICK, seed=0) for _ in range(2))
    pd.testing.assert_frame_equal(one.weights, other.weights)
    different = compute_weights(maternal, QUICK, seed=1)
    assert not different.weights["low"].equals(one.weights["low"])
    np.testing.assert_array_equal(different.weights["weight"], one.weights["weight"])


def test_alike_experts(maternal):
    experts = maternal.experts
    one = experts[experts["expert"] == experts["expert"].iloc[0]]
    copies = pd.concat([one.assign(expert=name) for name in ("p", "q", "r", "s", "t", "u")])
    result = compute_weights(replace(maternal, tables=maternal.tables | {"experts": copies}), QUICK)
    np.testing.assert_allclose(result.weights["bootstrap_low"], result.weights["bootstrap_high"], atol=1e-12)
    np.testing.assert_allclose(result.concordance["w"], 1)
    # Alike experts disagree by less than what their contradictions leave open of an expert's log weight, sigma / √n.
    residual = result.consistency.groupby(["round", "set"], sort=False)["residual"].mean().to_numpy()
    open_by_residual = residual / np.sqrt(result.concordance["elements"].to_numpy())
    assert (result.concordance["disagreement"].to_numpy() < open_by_residual).all()
    assert not result.outlying["outlying"].any()


@pytest.mark.parametrize("aggregation", ["judgements", "priorities"])
def test_group_methods_agree_with_row_geometric_means(maternal, aggregation):
    settings = WeightsSettings("geometric", aggregation, 1, draws=100)
    reference = compute_weights(maternal, WeightsSettings("geometric", "judgements", 1, draws=100))
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


def test_static_weights(maternal, quick):
    weights = static_weights(maternal)
    assert weights.index.tolist() == maternal.model.codes
    assert weights.sum() == pytest.approx(1)
    pd.testing.assert_series_equal(static_weights(maternal, quick), weights, check_names=False)


def test_survives_storing(quick, tmp_path):
    quick.save(tmp_path)
    read = WeightsResult.load(tmp_path)
    assert read.quantities() == quick.quantities()
    assert read.basis == "experts"
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1e6


def test_estimates_have_errors_where_sampled(quick):
    table = compared(quick.quantities())
    sampled = table.index.str.contains(".mean.", regex=False) | table.index.str.contains(".disagreement.", regex=False)
    assert (table.loc[sampled, "mcse"] > 0).all()
    assert (table.loc[~sampled, "mcse"] == 0).all()


def test_two_seeds_agree_within_their_errors(maternal, quick):
    """Means of two runs differ by their stated Monte-Carlo errors, neither more nor much less."""
    table = compared(quick.quantities())
    other = compared(compute_weights(maternal, QUICK, seed=5).quantities())
    sampled = table["mcse"] > 0
    error = np.sqrt(table["mcse"] ** 2 + other["mcse"] ** 2)[sampled]
    share = ((table["value"] - other["value"])[sampled] / error).to_numpy()
    assert np.abs(share).max() < 5
    assert 0.5 < share.std() < 1.6


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures(quick, language):
    figure = quick.plot(language)
    labels = [label.get_text() for axis in figure.axes for label in axis.get_yticklabels()]
    assert len(labels) == 33
    assert labels[3].startswith("F01")
    assert ("simulated" if language == "en" else "模拟") in figure.get_suptitle()
    assert quick.further_figures() == ("global", "experts")
    for name in quick.further_figures():
        further = quick.plot_further(name, language)
        assert ("simulated" if language == "en" else "模拟") in further.get_suptitle()
        plt.close(further)
    plt.close(figure)


def test_figure_without_experts(maternal):
    result = compute_weights(_without_experts(maternal))
    assert result.further_figures() == ()
    figure = result.plot()
    assert len(figure.axes[0].get_yticklabels()) == 30
    plt.close(figure)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match="eigenvector"):
        WeightsSettings(method="mean")


@pytest.mark.parametrize("bad", [{"draws": 10}, {"disagreement_scale": 0.0}, {"inconsistency_scale": -1.0}])
def test_impossible_settings_are_refused(bad):
    with pytest.raises(ValueError, match=r"draws|expected a number above 0"):
        WeightsSettings(**bad)


def _with_settings(study, **settings):
    analysis = study.definition.analysis | {"weights": settings}
    return replace(study, definition=study.definition.model_copy(update={"analysis": analysis}))


def test_wrong_settings_of_the_study_are_refused(maternal):
    with pytest.raises(InputError, match=r"study.toml, column analysis.weights: wrong setting.*eigenvector"):
        static_weights(_with_settings(maternal, method="mean"))


def test_settings_of_the_study_count(maternal):
    study = _with_settings(maternal, method="geometric")
    assert WeightsSettings.of(study).method == "geometric"
    assert not np.allclose(static_weights(study), static_weights(maternal), atol=1e-9)
