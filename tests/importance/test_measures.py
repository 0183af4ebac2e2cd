"""Importance measures against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.methods.composite import composite
from maternal_eval.methods.effective_weights import (
    LinearImportance,
    correlation_ratio,
    effective_weights,
    fill_unanswered,
    own_share,
    weights_for_importance,
)

COVARIANCE = np.array([[1.0, 0.5, 0.2], [0.5, 1.5, 0.3], [0.2, 0.3, 0.8]])
WEIGHTS = np.array([0.45, 0.35, 0.20])


def gaussian(covariance=COVARIANCE, count=4000, seed=0):
    """Draws whose sample covariance is exactly the given one, so that closed forms hold to rounding."""
    draws = np.random.default_rng(seed).normal(size=(count, len(covariance)))
    draws -= draws.mean(axis=0)
    white = draws @ np.linalg.inv(np.linalg.cholesky(draws.T @ draws / count)).T
    return white @ np.linalg.cholesky(covariance).T


def test_gaussian_parts_have_the_closed_form():
    """S_i = (C w)_i² / (C_ii w'Cw) (Paruolo, Saisana & Saltelli 2013, equation for linear dependence)."""
    expected = (COVARIANCE @ WEIGHTS) ** 2 / (np.diag(COVARIANCE) * (WEIGHTS @ COVARIANCE @ WEIGHTS))
    values = gaussian()
    np.testing.assert_allclose(LinearImportance.of(values, WEIGHTS).at(WEIGHTS), expected)
    smooth = [correlation_ratio(column, values @ WEIGHTS) for column in values.T]
    np.testing.assert_allclose(smooth, expected, atol=0.02)


def test_own_share_has_the_closed_form():
    """The residual of x_i has variance 1 / (C⁻¹)_ii and enters the composite with weight w_i."""
    expected = WEIGHTS**2 / np.diag(np.linalg.inv(COVARIANCE)) / (WEIGHTS @ COVARIANCE @ WEIGHTS)
    found = own_share(gaussian(), WEIGHTS, np.ones(4000), np.zeros(3, dtype=int))
    np.testing.assert_allclose(found, expected)


def test_uncorrelated_parts_share_the_variance():
    values = gaussian(np.diag([1.0, 4.0, 9.0]))
    importance = LinearImportance.of(values, WEIGHTS).at(WEIGHTS)
    assert importance.sum() == pytest.approx(1)
    np.testing.assert_allclose(own_share(values, WEIGHTS, np.ones(4000), np.zeros(3, int)), importance)
    parts = WEIGHTS**2 * [1, 4, 9]
    np.testing.assert_allclose(effective_weights(values, WEIGHTS), parts / parts.sum())


def test_equal_uncorrelated_parts_with_equal_weights_act_as_stated():
    np.testing.assert_allclose(effective_weights(gaussian(np.eye(3)), np.ones(3) / 3), 1 / 3)


def test_weights_that_give_the_stated_importance():
    importance = LinearImportance.of(gaussian(), WEIGHTS)
    found, attained = weights_for_importance(importance, WEIGHTS)
    assert found.sum() == pytest.approx(1)
    np.testing.assert_allclose(attained, WEIGHTS, atol=1e-6)
    np.testing.assert_allclose(importance.shares(found), WEIGHTS, atol=1e-6)
    # Uncorrelated with equal variances: w_i goes with the root of the wished share.
    plain = LinearImportance.of(gaussian(np.eye(3)), WEIGHTS)
    found, _ = weights_for_importance(plain, WEIGHTS)
    np.testing.assert_allclose(found, np.sqrt(WEIGHTS) / np.sqrt(WEIGHTS).sum(), atol=1e-6)


def test_unattainable_importance_shows_a_gap():
    same = np.full((3, 3), 0.98) + 0.02 * np.eye(3)
    _, attained = weights_for_importance(LinearImportance.of(gaussian(same), WEIGHTS), np.array([0.8, 0.1, 0.1]))
    assert attained[0] < 0.4


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_correlation_ratio_of_a_curve(noise):
    """y = sin x + e: Var(sin x) = 1/2 for x uniform over a period; the linear correlation sees less."""
    random = np.random.default_rng(0)
    x = random.uniform(-np.pi, np.pi, 20_000)
    y = np.sin(x) + random.normal(0, noise, len(x))
    assert correlation_ratio(x, y) == pytest.approx(0.5 / (0.5 + noise**2), abs=0.02)
    assert np.corrcoef(x, y)[0, 1] ** 2 < 0.8 * correlation_ratio(x, y)


def test_correlation_ratio_by_level():
    random = np.random.default_rng(1)
    x = random.integers(1, 6, 20_000)
    y = (x - 3.0) ** 2 + random.normal(0, 1, len(x))
    assert correlation_ratio(x, y) == pytest.approx(2.8 / 3.8, abs=0.01)
    noise = [correlation_ratio(random.integers(1, 6, 60), random.normal(size=60)) for _ in range(200)]
    assert np.mean(noise) < 0.05  # uncorrected it would be 4/59 on average before clipping at 0


def test_weights_of_rows_count_rows():
    random = np.random.default_rng(2)
    x, times = random.integers(1, 6, 300).astype(float), random.integers(1, 4, 300)
    y = x + random.normal(size=300)
    repeated = correlation_ratio(np.repeat(x, times), np.repeat(y, times))
    assert correlation_ratio(x, y, times) == pytest.approx(repeated, abs=0.01)
    values = random.normal(size=(300, 3))
    np.testing.assert_allclose(
        effective_weights(values, WEIGHTS, times), effective_weights(np.repeat(values, times, axis=0), WEIGHTS)
    )


def test_no_variation():
    assert np.isnan(correlation_ratio(np.arange(5.0), np.ones(5)))
    assert correlation_ratio(np.ones(50), np.random.default_rng(0).normal(size=50)) == 0
    values = gaussian()
    values[:, 2] = 1.0
    assert effective_weights(values, WEIGHTS)[2] == 0
    assert np.isnan(effective_weights(np.ones((10, 3)), WEIGHTS)).all()  # nothing varies: no weight is effective


def test_order_of_rows_and_scale_of_weights_do_not_matter():
    values = gaussian()
    expected = effective_weights(values, WEIGHTS)
    order = np.random.default_rng(0).permutation(len(values))
    np.testing.assert_allclose(effective_weights(values[order], 7 * WEIGHTS), expected)


def test_filled_gaps_give_the_composite():
    random = np.random.default_rng(3)
    values = np.where(random.random((200, 5)) < 0.5, np.nan, random.random((200, 5)))
    weights, dimension = random.dirichlet(np.ones(5)), np.array([0, 0, 1, 1, 2])
    expected = composite(values, weights, dimension).score
    filled = fill_unanswered(values, weights, dimension)
    np.testing.assert_allclose(100 * filled @ weights, expected)
    answered = ~np.isnan(values)
    np.testing.assert_array_equal(filled[answered], values[answered])
