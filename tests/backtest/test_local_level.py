"""The local level model: limits, recovery of its variances, calibration."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.backtest.local_level import antithetic_normal, fit_local_level


def _simulate(random, periods, units, common, own, noise, drift=0.0):
    steps = drift + common * random.standard_normal((periods, 1)) + own * random.standard_normal((periods, units))
    truth = random.normal(3, 0.3, units) + np.cumsum(steps, axis=0)
    return truth, truth + noise * random.standard_normal((periods, units))


def test_antithetic_draws_have_an_exact_median():
    draws = antithetic_normal(np.random.default_rng(0), 10, 3)
    assert draws.shape == (10, 3)
    np.testing.assert_array_equal(draws[::2], -draws[1::2])
    np.testing.assert_allclose(np.median(draws, axis=0), 0, atol=1e-15)


def test_without_noise_the_level_is_the_last_value():
    random = np.random.default_rng(1)
    _, seen = _simulate(random, 5, 8, 0.1, 0.1, 0.0)
    fitted = fit_local_level(seen, np.full_like(seen, 1e-12), 0.1)
    np.testing.assert_allclose(fitted.level, seen[-1], atol=1e-6)


def test_last_value_is_taken_as_it_stands():
    seen = np.array([[3.0, 4.0], [3.2, np.nan], [3.1, np.nan]])
    fitted = fit_local_level(seen, np.full_like(seen, 0.01), 0.1, smooth=False)
    np.testing.assert_allclose(fitted.level, [3.1, 4.0])
    assert fitted.drift == 0


def test_drift_is_the_mean_common_step():
    seen = np.array([[3.0, 2.0], [3.2, 2.4], [3.5, 2.7]])
    fitted = fit_local_level(seen, np.full_like(seen, 0.01), 0.1, smooth=False, drift=True)
    assert fitted.drift == pytest.approx(0.3)
    random = np.random.default_rng(0)
    np.testing.assert_allclose(np.median(fitted.forecast(2, 100, random), axis=0), [3.5 + 0.6, 2.7 + 0.6])


def test_one_period_knows_no_drift():
    seen = np.array([[3.0, 2.0]])
    fitted = fit_local_level(seen, np.full_like(seen, 0.01), 0.1, drift=True)
    assert fitted.drift == 0
    assert fitted.common_variance == pytest.approx(0.01)


def test_smoothing_beats_the_last_value_where_units_stand_still():
    random = np.random.default_rng(2)
    truth, seen = _simulate(random, 5, 200, 0.0, 0.0, 0.3)
    variance = np.full_like(seen, 0.09)
    errors = [
        np.abs(fit_local_level(seen, variance, 0.02, smooth=smooth).level - truth[-1]).mean()
        for smooth in (True, False)
    ]
    assert errors[0] < 0.6 * errors[1]


def test_variances_are_recovered():
    random = np.random.default_rng(3)
    _, seen = _simulate(random, 60, 80, 0.2, 0.1, 0.15)
    fitted = fit_local_level(seen, np.full_like(seen, 0.15**2), 0.1)
    assert np.sqrt(fitted.unit_variance) == pytest.approx(0.1, rel=0.1)
    assert np.sqrt(fitted.common_variance) == pytest.approx(0.2, rel=0.25)


def test_unseen_unit_has_no_level():
    seen = np.array([[3.0, np.nan, 2.0], [3.1, np.nan, 2.1]])
    fitted = fit_local_level(seen, np.full_like(seen, 0.01), 0.1)
    assert np.isnan(fitted.level[1])
    assert not np.isnan(fitted.level[[0, 2]]).any()


@pytest.mark.parametrize("drift", [False, True])
def test_forecast_intervals_cover(drift):
    """Over replicates of a random walk with five periods, 80 % intervals of the next means cover about 80 %."""
    random, held = np.random.default_rng(4), []
    for _ in range(300):
        truth, seen = _simulate(random, 6, 20, 0.08, 0.08, 0.1, drift=0.05 if drift else 0.0)
        fitted = fit_local_level(seen[:-1], np.full((5, 20), 0.01), 0.1, drift=drift)
        low, high = np.quantile(fitted.forecast(1, 400, random), [0.1, 0.9], axis=0)
        held.append(((truth[-1] >= low) & (truth[-1] <= high)).mean())
    assert np.mean(held) == pytest.approx(0.80, abs=0.05)
