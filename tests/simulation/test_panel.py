"""Drawing panels from a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from maternal_eval.simulation import outcomes, simulate_panel
from maternal_eval.simulation.items import draw_answers
from maternal_eval.simulation.respondents import draw_people, pick, share_young
from maternal_eval.simulation.truth import Truth, plain, rounded
from verification.recovery import with_static_weights


@pytest.mark.parametrize("seed", [0, 1])
def test_same_seed_same_panel(truth: Truth, seed: int) -> None:
    first, second = (simulate_panel(truth, seed, 200) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_other_seed_other_panel(truth: Truth) -> None:
    first, second = simulate_panel(truth, 0, 200), simulate_panel(truth, 1, 200)
    assert not first["satisfaction"].equals(second["satisfaction"])


def test_years_are_drawn_apart(truth: Truth) -> None:
    panel = simulate_panel(truth, 0, 200)
    answers = [panel.loc[panel["year"] == year, "F03"].to_numpy() for year in (2020, 2021)]
    assert not np.array_equal(answers[0], answers[1], equal_nan=True)


def test_static_weights_change_satisfaction_but_not_the_answers(truth: Truth) -> None:
    static = with_static_weights(truth)
    assert np.allclose(static.weights.stage, truth.weights.base)
    assert static.expected == {}
    moving, fixed = simulate_panel(truth, 3, 1000), simulate_panel(static, 3, 1000)
    codes = list(truth.names.codes)
    pd.testing.assert_frame_equal(moving[codes], fixed[codes])
    assert not moving["satisfaction"].equals(fixed["satisfaction"])
    same = moving["stage"] == "pregnancy"  # no multiplier there
    assert moving.loc[same, "satisfaction"].equals(fixed.loc[same, "satisfaction"])


def test_composite_of_a_hand_computed_respondent(truth: Truth) -> None:
    codes, kano = truth.names.codes, truth.names.kano
    answers = np.full((1, 30), np.nan)
    answers[0, [codes.index("F01"), codes.index("F02"), codes.index("E03")]] = [2, 4, 3]
    assert (kano[codes.index("F01")], kano[codes.index("F02")], kano[codes.index("E03")]) == (
        "must_be",
        "performance",
        "attractive",
    )
    weights = truth.weights.stage[1]
    w1, w2 = weights[codes.index("F01")], weights[codes.index("F02")]
    functional = (w1 * (1 - 0.75**2) + w2 * 0.75) / (w1 + w2)
    expected = (0.45 * functional + 0.35 * 0.25) / 0.80
    assert outcomes.composite(truth, answers, np.array([1]))[0] == pytest.approx(expected, abs=1e-5)


def test_composite_is_0_for_worst_and_1_for_best_answers(truth: Truth) -> None:
    stage = np.arange(5)
    assert outcomes.composite(truth, np.ones((5, 30)), stage) == pytest.approx(np.zeros(5))
    assert outcomes.composite(truth, np.full((5, 30), 5.0), stage) == pytest.approx(np.ones(5))


def test_outcomes_keep_their_stated_probabilities_under_the_copula(truth: Truth) -> None:
    random = np.random.default_rng(5)
    people = draw_people(truth, 4, 40_000, random, sampled=False)
    answers = draw_answers(truth, people, random)
    composites = outcomes.composite(truth, answers, people.stage)
    drawn = outcomes.draw_outcomes(truth, people, answers, random)
    cumulative = outcomes.satisfaction_cumulative(truth, people, composites)
    for k in range(1, 5):
        # Three binomial standard errors of 40,000 draws are at most 0.0075.
        assert (drawn["satisfaction"] <= k).mean() == pytest.approx(cumulative[:, k - 1].mean(), abs=0.0075)
    repurchase = outcomes.repurchase_probability(truth, people, answers, composites)
    assert drawn["repurchase"].mean() == pytest.approx(repurchase.mean(), abs=0.0075)
    recommend = outcomes.recommend_cumulative(truth, answers, composites)
    assert np.nanmean(drawn["recommend"] <= 6) == pytest.approx(recommend[:, 6].mean(), abs=0.0075)
    residual = drawn["satisfaction"] - (1 + (1 - cumulative).sum(axis=1))
    assert np.corrcoef(residual, drawn["repurchase"] - repurchase)[0, 1] > 0.15


def test_panel_agrees_with_the_expected_satisfaction_by_stage_and_year(truth: Truth) -> None:
    panel = simulate_panel(truth, 11, 20_000)
    product = (panel["satisfaction"] * panel["weight"]).groupby([panel["year"], panel["stage"]], observed=True).sum()
    weight = panel.groupby(["year", "stage"], observed=True)["weight"].sum()
    found = product / weight
    expected = np.array(truth.expected["satisfaction_by_stage"])
    expected = np.array(
        [expected[truth.names.years.index(year), truth.names.stages.index(stage)] for year, stage in found.index]
    )
    assert len(found) == 25
    # A cell has at least 1,900 respondents, a spread near 1 and a design effect near 1.2: standard error 0.025.
    assert np.abs(found - expected).max() < 0.08
    assert np.abs(found - expected).mean() < 0.02


def test_true_weights_explain_postpartum_answers_better_than_static_ones(files) -> None:
    truth, panel = files.truth, files.panel
    static = with_static_weights(truth)
    gains = {}
    for stage in ("pregnancy", "postpartum"):
        gain = 0.0
        for year, label in enumerate(truth.names.years):
            rows = panel[(panel["stage"] == stage) & (panel["year"] == label)]
            gain += _log_likelihood(truth, rows, year) - _log_likelihood(static, rows, year)
        gains[stage] = gain
    assert gains["pregnancy"] == pytest.approx(0, abs=1e-6)
    assert gains["postpartum"] > 5


def _log_likelihood(truth: Truth, rows: pd.DataFrame, year: int) -> float:
    names = truth.names
    stage = rows["stage"].map({name: i for i, name in enumerate(names.stages)}).to_numpy()
    composites = outcomes.composite(truth, rows[list(names.codes)].to_numpy(float), stage)
    platform = rows["platform"].map({name: i for i, name in enumerate(names.platforms)}).to_numpy()
    tier = rows["city_tier"].map({name: i for i, name in enumerate(names.tiers)}).to_numpy()
    part = truth.satisfaction
    eta = part.slope * composites + part.stage_year[year][stage] + part.platform[platform] + part.tier[tier]
    edges = outcomes.cumulative(eta, part.thresholds, part.scale[stage])
    edges = np.column_stack([np.zeros(len(rows)), edges, np.ones(len(rows))])
    answer = rows["satisfaction"].to_numpy(int)
    return float(np.log(edges[np.arange(len(rows)), answer] - edges[np.arange(len(rows)), answer - 1]).sum())


def test_pick_follows_its_probabilities() -> None:
    shares = np.array([0.2, 0.0, 0.5, 0.3])
    drawn = pick(np.broadcast_to(shares, (50_000, 4)), np.random.default_rng(0))
    assert np.bincount(drawn, minlength=4) / 50_000 == pytest.approx(shares, abs=0.01)
    assert (drawn != 1).all()


def test_younger_location_gives_more_young_parents(truth: Truth) -> None:
    shares = [share_young(location, truth.population.stage[-1]) for location in (28.0, 31.0, 34.0)]
    assert shares == sorted(shares, reverse=True)
    assert share_young(truth.population.age_location, truth.population.stage[-1]) == pytest.approx(0.75, abs=1e-5)


def test_truth_survives_storing(truth: Truth, tmp_path) -> None:
    truth.save(tmp_path / "deep" / "truth.json")
    again = Truth.load(tmp_path / "deep" / "truth.json")
    assert plain(again) == plain(truth) == plain(rounded(truth))
    pd.testing.assert_frame_equal(simulate_panel(again, 0, 100), simulate_panel(truth, 0, 100))
