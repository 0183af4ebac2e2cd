"""The local level model: limits, recovery of its variances, calibration."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.methods.forecasting.local_level import antithetic_normal, fit_local_level
from maternal_eval.study.periods import Timeline


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


def _line(kind, codes, slope=0.1):
    """Unit means on a straight line of elapsed steps, known exactly."""
    steps = Timeline(kind).positions(codes)
    mean = 3.0 + slope * (steps - steps[0])[:, None] + np.array([0.0, 0.5])
    return fit_local_level(mean, np.full_like(mean, 1e-12), 0.05, drift=True, smooth=False, steps=steps), mean


@pytest.mark.parametrize(
    ("kind", "codes", "test", "ahead"),
    [
        ("quarter", [20171, 20172, 20173, 20174], 20181, 1),
        ("quarter", [20173, 20174, 20181, 20182], 20183, 1),
        ("month", [202010, 202011, 202012], 202101, 1),
        ("month", [202010, 202012, 202103], 202104, 1),
        ("year", [1994, 1996, 2000], 2002, 2),
    ],
)
def test_a_line_goes_on_by_its_slope_across_the_end_of_a_year(kind, codes, test, ahead):
    """The next quarter lies one slope above the last one, whatever the numbers of the quarters look like."""
    fitted, mean = _line(kind, codes)
    horizon = Timeline(kind).elapsed(codes[-1], test)
    assert horizon == ahead
    assert fitted.drift == pytest.approx(0.1)
    forecast = np.median(fitted.forecast(horizon, 200, np.random.default_rng(0)), axis=0)
    np.testing.assert_allclose(forecast, mean[-1] + 0.1 * ahead, rtol=1e-12)


def test_the_interval_of_one_step_is_as_wide_at_the_end_of_a_year():
    """The same four means, once inside one year and once across its end: the same draws."""
    random = np.random.default_rng(5)
    mean = 3.0 + np.cumsum(random.normal(0, 0.1, (3, 6)), axis=0)
    widths = []
    for codes, test in (([20171, 20172, 20173], 20174), ([20172, 20173, 20174], 20181), ([20173, 20174, 20181], 20182)):
        timeline = Timeline("quarter")
        fitted = fit_local_level(mean, np.full_like(mean, 0.01), 0.05, drift=True, steps=timeline.positions(codes))
        draws = fitted.forecast(timeline.elapsed(codes[-1], test), 400, np.random.default_rng(0))
        widths.append(np.ptp(np.quantile(draws, [0.05, 0.95], axis=0), axis=0))
    np.testing.assert_array_equal(widths[0], widths[1])
    np.testing.assert_array_equal(widths[0], widths[2])


def test_variances_are_those_of_one_step_whatever_the_distances():
    """Means of a walk seen at uneven times give back the variances of its steps."""
    random = np.random.default_rng(6)
    at = np.cumsum(random.integers(1, 4, 60))
    truth, _ = _simulate(random, int(at[-1]) + 1, 60, 0.08, 0.05, 0.0, drift=0.02)
    seen = truth[at]
    fitted = fit_local_level(seen, np.full_like(seen, 1e-10), 0.05, drift=True, steps=at)
    assert np.sqrt(fitted.unit_variance) == pytest.approx(0.05, rel=0.05)
    assert np.sqrt(fitted.common_variance) == pytest.approx(0.08, rel=0.25)
    assert fitted.drift == pytest.approx(0.02, abs=3 * 0.08 / np.sqrt(at[-1] - at[0]))


def test_a_period_without_answers_is_passed_over_and_its_step_is_not():
    """Asked in 2010, 2012 and not since: in 2014 the forecast of 2015 reaches three steps beyond the last answer."""
    mean = np.array([[3.0, 4.0], [np.nan, np.nan], [3.2, 4.2], [np.nan, np.nan], [np.nan, np.nan]])
    fitted = fit_local_level(mean, np.full_like(mean, 1e-12), 0.05, drift=True, smooth=False)
    assert (fitted.drift, fitted.lag) == (pytest.approx(0.1), 2)
    forecast = np.median(fitted.forecast(1, 100, np.random.default_rng(0)), axis=0)
    np.testing.assert_allclose(forecast, [3.5, 4.5], rtol=1e-9)
