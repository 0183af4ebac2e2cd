"""Scores: hand-worked readings of accuracy, agreement with scoringrules, orientation."""

from __future__ import annotations

import numpy as np
import pytest
import scoringrules
from sklearn.metrics import brier_score_loss, log_loss, mean_absolute_error, mean_absolute_percentage_error

from maternal_eval.methods.forecasting import scores

OBSERVED = np.array([4.0, 2.0, 3.0, 5.0])
FORECAST = np.array([3.8, 2.5, 3.0, 4.0])
LAST = np.array([3.5, 2.2, 3.1, 4.0])


def test_one_minus_mape_by_hand():
    """Relative errors 5 %, 25 %, 0 %, 20 %: MAPE 12.5 %."""
    np.testing.assert_allclose(scores.relative_closeness(OBSERVED, FORECAST), [0.95, 0.75, 1.0, 0.80])
    assert scores.relative_closeness(OBSERVED, FORECAST).mean() == pytest.approx(0.875)


def test_within_five_percent_by_hand():
    """3.8 is exactly 5 % off 4.0 and counts; 25 % and 20 % do not."""
    assert scores.within_tolerance(OBSERVED, FORECAST).tolist() == [1, 0, 1, 0]
    assert scores.within_tolerance(OBSERVED, FORECAST, 0.25).tolist() == [1, 1, 1, 1]


def test_right_direction_by_hand():
    """Up–up right; forecast up, observed down wrong; down–down right; forecast unchanged says nothing."""
    direction = scores.right_direction(OBSERVED, FORECAST, LAST)
    np.testing.assert_array_equal(direction, [1, 0, 1, np.nan])


def test_published_example_of_a_trust_forecast():
    """Forecast −15 %, observed −17 %: relative error 11.8 %, so 88.2 % by the first reading."""
    assert scores.relative_closeness(np.array([-17.0]), np.array([-15.0]))[0] == pytest.approx(1 - 2 / 17)


def test_relative_error_of_zero_is_undefined():
    closeness = scores.relative_closeness(np.array([0.0, 2.0]), np.array([0.1, 2.0]))
    assert np.isnan(closeness[0])
    assert closeness[1] == 1


def test_crps_equals_scoringrules():
    random = np.random.default_rng(0)
    draws, observed = random.normal(0, 2, (333, 8)), random.normal(0, 3, 8)
    expected = scoringrules.crps_ensemble(observed, draws.T, estimator="nrg")
    np.testing.assert_allclose(scores.crps(observed, draws), expected, rtol=1e-10)


def test_crps_of_a_normal_forecast():
    """The closed form of a normal forecast (Gneiting & Raftery 2007) is met by many draws."""
    draws = np.random.default_rng(1).normal(1.0, 2.0, (200_000, 1))
    expected = scoringrules.crps_normal(2.5, 1.0, 2.0)
    assert scores.crps(np.array([2.5]), draws)[0] == pytest.approx(expected, rel=0.01)


def test_crps_of_a_point_is_the_absolute_error():
    draws = np.tile(FORECAST, (5, 1))
    np.testing.assert_allclose(scores.crps(OBSERVED, draws), scores.absolute_error(OBSERVED, FORECAST))


def test_perfect_forecasts():
    draws = np.tile(OBSERVED, (6, 1))
    assert scores.crps(OBSERVED, draws).tolist() == [0, 0, 0, 0]
    assert scores.absolute_error(OBSERVED, OBSERVED).tolist() == [0, 0, 0, 0]
    assert scores.relative_closeness(OBSERVED, OBSERVED).tolist() == [1, 1, 1, 1]


def test_coverage_of_known_draws():
    """Draws 0 … 100: the 50 % interval is 25 … 75, the 80 % one 10 … 90."""
    draws = np.tile(np.arange(101.0)[:, None], (1, 3))
    held = scores.covered(np.array([25.0, 80.0, 95.0]), draws, (0.5, 0.8))
    assert held.tolist() == [[1, 0, 0], [1, 1, 0]]


def test_transform_is_uniform_for_a_calibrated_forecast():
    random = np.random.default_rng(2)
    transform = scores.probability_integral_transform(random.normal(size=4000), random.normal(size=(999, 4000)))
    np.testing.assert_allclose(np.quantile(transform, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.02)


def test_transform_counts_ties_half():
    assert scores.probability_integral_transform(np.array([2.0]), np.array([[1.0], [2.0], [3.0], [3.0]])) == 0.375


def test_skill():
    np.testing.assert_allclose(scores.skill(np.array([0.5, 2.0, 0.0]), np.array([1.0, 1.0, 1.0])), [0.5, -1, 1])
    assert np.isnan(scores.skill(0.0, 0.0))


PROBABILITIES = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])
ANSWERS = np.array([2, 0, 3])
ONE_HOT = np.eye(4)[ANSWERS]


def test_ranked_probability_score_equals_scoringrules():
    """Categories 0 … K − 1 here are 1 … K there."""
    expected = scoringrules.rps_score(ANSWERS + 1, PROBABILITIES)
    np.testing.assert_allclose(scores.ranked_probability_score(ONE_HOT, PROBABILITIES), expected)


def test_ranked_probability_score_by_hand():
    """Forecast .1 .2 .3 .4, answer the third: (.1)² + (.3)² + (.6 − 1)²."""
    assert scores.ranked_probability_score(ONE_HOT[:1], PROBABILITIES[:1])[0] == pytest.approx(0.01 + 0.09 + 0.16)


def test_shares_are_the_mean_over_answers():
    shares = np.array([[0.5, 0.0, 0.25, 0.25]])
    each = scores.ranked_probability_score(np.eye(4), np.repeat(PROBABILITIES[:1], 4, axis=0))
    assert scores.ranked_probability_score(shares, PROBABILITIES[:1])[0] == pytest.approx(float(shares[0] @ each))


def test_two_categories_are_the_brier_score():
    rates, outcome = np.array([0.2, 0.9, 0.5]), np.array([0, 1, 1])
    pairs = np.stack([1 - rates, rates], axis=1)
    found = scores.ranked_probability_score(np.eye(2)[outcome], pairs)
    assert found.mean() == pytest.approx(brier_score_loss(outcome, rates))


def test_log_score_equals_scikit_learn():
    expected = log_loss(ANSWERS, PROBABILITIES, labels=range(4))
    assert scores.log_score(ONE_HOT, PROBABILITIES).mean() == pytest.approx(expected)
    assert np.isinf(scores.log_score(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])))[0]


def test_errors_equal_scikit_learn():
    assert scores.absolute_error(OBSERVED, FORECAST).mean() == pytest.approx(mean_absolute_error(OBSERVED, FORECAST))
    closeness = scores.relative_closeness(OBSERVED, FORECAST).mean()
    assert closeness == pytest.approx(1 - mean_absolute_percentage_error(OBSERVED, FORECAST))


@pytest.mark.parametrize("score", [scores.ranked_probability_score, scores.log_score])
def test_what_is_no_distribution_is_refused(score):
    with pytest.raises(ValueError, match="forecast probabilities have to be a distribution"):
        score(ONE_HOT, 2 * PROBABILITIES)
    with pytest.raises(ValueError, match="observed shares have to be a distribution"):
        score(np.zeros((3, 4)), PROBABILITIES)  # an answer below all categories, which scoringrules would accept
    with pytest.raises(ValueError, match="do not have the same categories"):
        score(ONE_HOT[:, :3], PROBABILITIES)


@pytest.mark.parametrize("score", [scores.ranked_probability_score, scores.log_score])
def test_scores_of_answers_are_proper(score):
    """Nothing beats the distribution that the answers come from."""
    true = np.array([[0.1, 0.2, 0.3, 0.4]])
    best = score(true, true)[0]
    random = np.random.default_rng(0)
    assert all(score(true, random.dirichlet(np.ones(4), 1))[0] > best for _ in range(200))


def test_width_of_known_draws():
    assert scores.width(np.arange(101.0)[:, None], 0.90)[0] == pytest.approx(90.0)


def test_an_unknown_draw_or_value_is_neither_covered_nor_missed():
    draws = np.array([[1.0, np.nan, 1.0], [2.0, 2.0, 2.0], [3.0, 3.0, 3.0]])
    found = scores.covered(np.array([2.0, 2.0, np.nan]), draws, [0.5, 0.9])
    np.testing.assert_array_equal(found, [[1.0, np.nan, np.nan]] * 2)
