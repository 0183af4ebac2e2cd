"""Pareto-smoothed importance sampling: one sign, and moments that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from maternal_eval.methods.sampling import RELIABLE_K, pareto_smoothed


@pytest.fixture(scope="module")
def drawn() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(20_000)


@pytest.mark.parametrize(("mean", "spread"), [(0.4, 0.8), (-0.5, 1.0), (0.0, 0.5)])
def test_weighted_moments_are_those_of_the_target(drawn, mean, spread):
    target, proposal = -0.5 * ((drawn - mean) / spread) ** 2, -0.5 * drawn**2
    found = pareto_smoothed(target - proposal)
    weights = np.exp(found.log_weights)
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ drawn == pytest.approx(mean, abs=0.03)
    assert np.sqrt(weights @ (drawn - mean) ** 2) == pytest.approx(spread, abs=0.03)
    assert found.k < RELIABLE_K


def test_the_other_sign_is_another_target(drawn):
    # With the log ratios turned round the weights would stand for N(-0.5, 1): the sign cannot be mistaken.
    weights = np.exp(pareto_smoothed(-0.5 * drawn).log_weights)
    assert weights @ drawn == pytest.approx(-0.5, abs=0.03)


def test_leaving_an_observation_out_is_minus_its_log_likelihood():
    # theta | y1, y2 ~ N((y1 + y2) / 3, 1/3) for N(theta, 1) answers and a N(0, 1) prior; without y2: N(y1 / 2, 1/2)
    y1, y2 = 0.3, 1.1
    theta = (y1 + y2) / 3 + np.sqrt(1 / 3) * np.random.default_rng(1).standard_normal(40_000)
    found = pareto_smoothed(0.5 * (y2 - theta) ** 2)
    weights = np.exp(found.log_weights)
    assert weights @ theta == pytest.approx(y1 / 2, abs=0.02)
    assert weights @ (theta - y1 / 2) ** 2 == pytest.approx(1 / 2, abs=0.03)


def test_a_target_far_wider_than_the_draws_is_not_to_be_relied_on(drawn):
    assert pareto_smoothed(0.5 * drawn**2 * (1 - 1 / 9)).k > RELIABLE_K


def test_a_draw_may_count_for_nothing(drawn):
    ratios = np.where(drawn > 0, 0.3 * drawn, -np.inf)
    weights = np.exp(pareto_smoothed(ratios).log_weights)
    assert weights[drawn <= 0].max() == 0.0
    # N(0.3, 1) above 0
    assert weights @ drawn == pytest.approx(0.3 + norm.pdf(0.3) / norm.cdf(0.3), abs=0.03)


def test_each_row_is_smoothed_on_its_own(drawn):
    rows = np.stack([0.4 * drawn, -0.2 * drawn])
    together = pareto_smoothed(rows)
    for row, log_weights, k in zip(rows, together.log_weights, together.k, strict=True):
        alone = pareto_smoothed(row)
        np.testing.assert_array_equal(alone.log_weights, log_weights)
        assert alone.k == k
