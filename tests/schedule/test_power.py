"""Rates on known replicates; held-out comparison; a small run of the whole study; the rates themselves (slow)."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.proposal_power import compute as power
from maternal_eval.analyses.proposal_power import held_out
from maternal_eval.analyses.proposal_power.compute import conditions, proposal_power
from maternal_eval.analyses.proposal_power.held_out import compare_held_out, ranked_probability_scores
from maternal_eval.analyses.proposal_power.rates import RATES, rate_table
from maternal_eval.analyses.proposal_power.result import ProposalPowerResult
from maternal_eval.analyses.proposal_power.settings import ProposalPowerSettings
from maternal_eval.analyses.stage_weights.compute import fit_stage_weights
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.simplex_regression.own_change import moved_itself
from maternal_eval.results.plotting import save_figure
from tests.dynamic_weights.conftest import simulate_stage, true_weights

STATIC = np.array([0.5, 0.5])


def made(probability, mean, truth, high=0.0):
    """A replicate of one stage with two indicators."""
    up, down = moved_itself(np.array(truth), STATIC, np.array([0, 2]), 0.2)
    moves = up.astype(float) - down
    arrays = {"probability": probability, "mean": mean, "truth": truth, "low": np.subtract(mean, 0.1), "moves": moves}
    arrays = {name: np.array([value], float) for name, value in arrays.items()}
    return {**arrays, "high": arrays["mean"] + 0.1, "held_out": np.array([1.0, 0.0, high])}


def rates_of(replicates):
    return rate_table(replicates, STATIC, (0, 0), 0.95, 0.02).set_index("rate")["value"]


def test_false_and_found_proposals_are_told_apart():
    null = made([0.99, 0.1], [0.65, 0.35], [0.5, 0.5])
    quiet = made([0.1, 0.1], [0.5, 0.5], [0.5, 0.5])
    rates = rates_of([null, quiet, quiet, quiet])
    assert rates["any_false"] == 0.25
    assert rates["false"] == 1 / 8
    assert rates["coverage"] == pytest.approx(6 / 8)
    assert np.isnan(rates["found"])
    right = made([0.99, 0.99], [0.7, 0.3], [0.7, 0.3], high=0.03)
    wrong_side = made([0.99, 0.1], [0.3, 0.7], [0.7, 0.3])
    rates = rates_of([right, wrong_side])
    assert rates["found"] == 0.5
    assert rates["found_kept"] == 0.0  # where it is found, the held-out condition fails
    assert rates["held_out"] == 0.5
    assert rates["any_false"] == 0.5
    assert np.isnan(rates["false"])  # no weight that ought not to be proposed
    assert set(rates.index) == set(RATES)


def test_held_out_respondents_prefer_the_weights_they_answered_with():
    random, weights = np.random.default_rng(0), true_weights()
    train, test = ([simulate_stage(w, 2000, random) for w in weights] for _ in range(2))
    right = compare_held_out(train, test, weights[0], weights)
    assert right.difference < 0
    assert right.high < 0
    wrong = np.tile([0.01, 0.01, 0.01, 0.01, 0.01, 0.95], (3, 1))
    assert compare_held_out(train, test, weights[0], wrong).difference > 0
    same = compare_held_out(train, test, weights[0], np.tile(weights[0], (3, 1)))
    assert same.difference == 0
    assert 0 < same.static < 1.2


@pytest.mark.parametrize("levels", [3, 40])
def test_held_out_scores_do_not_hang_on_levels_that_they_leave_out(levels):
    # The forecast has no effects: without their columns the same numbers come out, to the last bit, every time.
    random, weights = np.random.default_rng(1), true_weights(1)[0]
    train, test = (simulate_stage(weights, 400, random) for _ in range(2))
    train = dataclasses.replace(train, effects=random.integers(levels, size=(400, 1)), effect_count=levels)
    bare = dataclasses.replace(train, effects=np.empty((400, 0), dtype=np.int64), effect_count=0)
    expected = ranked_probability_scores(bare, test, weights)
    for leftover in range(10):
        np.full(64 + leftover, 1e6)  # what a kernel would find behind its arrays
        np.testing.assert_array_equal(ranked_probability_scores(train, test, weights), expected)


def test_a_forecast_that_does_not_converge_is_no_forecast(monkeypatch):
    random, weights = np.random.default_rng(1), true_weights(1)[0]
    train, test = (simulate_stage(weights, 400, random) for _ in range(2))
    monkeypatch.setattr(held_out, "log_likelihood", lambda point, answers: (-1.0, np.ones(point.size)))
    with pytest.raises(DiagnosticsError, match="the forecast of held-out answers did not converge"):
        ranked_probability_scores(train, test, weights)


def test_conditions_follow_the_settings():
    found = conditions(ProposalPowerSettings(), 25_000)
    assert [one.replicates for one in found if one.truth != "raised" and not one.whole] == [100] * 2 + [60] * 4
    noisy = [(one.name, one.corrected) for one in found if one.reliability < 1]
    assert noisy[:2] == [("static, answers with error", False), ("static, answers with error, corrected", True)]
    assert len(noisy) == 4
    weights = [(one.weight, one.whole) for one in found if one.weight]
    assert weights == [("lightest", False), ("lightest", True), ("heaviest", False), ("heaviest", True)]
    assert {one.answers for one in found if one.whole} == {25_000, 2000}
    assert all(not one.whole for one in conditions(ProposalPowerSettings.quick(), 25_000))


@pytest.mark.parametrize("wrong", [{"replicates": 0}, {"effects": ()}, {"effects": (1.0, 4.0)}, {"stated_effect": 9.0}])
def test_settings_are_checked(wrong):
    with pytest.raises(
        ValueError, match=r"power study|stated_effect|column replicates: the setting is beyond its range"
    ):
        ProposalPowerSettings(**wrong)


@pytest.fixture(scope="module")
def fitted(maternal):
    """Stage weights of a part of the panel: slopes and settings are all that is needed."""
    part = dataclasses.replace(maternal, panel=maternal.panel.iloc[::4].reset_index(drop=True))
    return fit_stage_weights(part, settings=StageWeightsSettings.quick(), seed=0)


def test_a_small_run_is_whole_resumes_and_is_drawn(maternal, fitted, tmp_path):
    settings = dataclasses.replace(ProposalPowerSettings.quick(), replicates=2, curve_replicates=1, error_replicates=1)
    run = {"settings": settings, "seed": 0, "results": {"stage_weights": fitted}, "kept": tmp_path / "kept"}
    result = proposal_power(maternal, **run)
    kept = sorted((tmp_path / "kept").glob("*/*.npz"))
    assert len(kept) == 2 + 2 + 2 + 2 + 4
    times = [path.stat().st_mtime_ns for path in kept]
    again = proposal_power(maternal, **run)
    assert [path.stat().st_mtime_ns for path in kept] == times  # taken up, not computed again
    pd.testing.assert_frame_equal(again.rates, result.rates)
    assert result.rates["value"].dropna().between(0, 1).all()
    assert result.rate("raised 4", "found")["true_ratio"] > 1.5
    light, heavy = (result.rate(f"raised 4, {name}", "found")["true_ratio"] for name in ("lightest", "heaviest"))
    assert light > heavy  # the factor before the stage is divided by its sum is the same
    result.save(tmp_path / "stored")
    stored = ProposalPowerResult.load(tmp_path / "stored")
    assert stored.quantities() == result.quantities()
    for language in ("en", "zh"):
        save_figure(stored.plot(language), tmp_path / language, "power")


def simulated(maternal, fitted, monkeypatch, name):
    """The full number of replicates of one condition."""
    settings = ProposalPowerSettings(whole_replicates=0)
    wanted = [one for one in conditions(settings, 25_000) if one.name == name]
    monkeypatch.setattr(power, "conditions", lambda *_: wanted)
    result = proposal_power(maternal, settings=settings, seed=11, results={"stage_weights": fitted})
    # a truth far out in its prior can leave the quadratic summary too coarse: 6 of 100 were seen
    assert result.fits["failed"].iloc[0] <= 10
    return result.rates.set_index("rate")["value"]


@pytest.mark.slow
def test_where_nothing_moves_at_most_five_per_cent_hold_a_false_proposal(maternal, fitted, monkeypatch):
    rates = simulated(maternal, fitted, monkeypatch, "static")
    assert rates["any_false"] <= 0.05
    assert rates["false"] <= 0.005


@pytest.mark.slow
def test_weights_drawn_from_the_prior_are_covered(maternal, fitted, monkeypatch):
    assert 0.85 <= simulated(maternal, fitted, monkeypatch, "drawn")["coverage"] <= 0.95


@pytest.mark.slow
def test_a_weight_raised_by_the_stated_effect_is_found(maternal, fitted, monkeypatch):
    rates = simulated(maternal, fitted, monkeypatch, "raised 4")
    assert rates["found"] >= 0.80
    assert rates["found_kept"] <= rates["found"]
