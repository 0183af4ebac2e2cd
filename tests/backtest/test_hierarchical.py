"""Partially pooled levels with a damped drift: likelihood, prediction and limits against their formulas; coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import null_space
from scipy.stats import multivariate_normal

from maternal_eval.analyses.backtest.hierarchical_forecaster import unit_codes
from maternal_eval.methods.forecasting import hierarchical
from maternal_eval.methods.forecasting.hierarchical import DAMPING, fit_hierarchical_level

GROUPS = np.array([[0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2] * 3, np.arange(9)])
"""Three platforms × three stages."""


def panel(random, periods=5, drift=0.0, common=0.05, own=0.05, noise=0.1, levels=0.4):
    """Return the true means and the seen ones, ``(periods + 1, 9)``: sums of levels, drift and departures."""
    base = 3.0 + sum(levels * random.normal(size=codes.max() + 1)[codes] for codes in GROUPS)
    steps = np.arange(periods + 1.0)[:, None]
    truth = base + drift * steps + common * random.normal(size=(periods + 1, 1))
    truth = truth + own * random.normal(size=(periods + 1, 9))
    return truth, truth + noise * random.normal(size=truth.shape)


def fit(seen, noise=0.1, guess=0.1, groups=GROUPS, steps=None):
    return fit_hierarchical_level(seen, np.full(seen.shape, noise**2), groups, guess, steps=steps)


def test_the_likelihood_is_that_of_the_contrasts():
    """Differences of the objective, less the prior, are those of the normal density of all error contrasts."""
    random = np.random.default_rng(0)
    _, seen = panel(random)
    fitted = fit(seen)
    centre = np.zeros_like(fitted.log_scales)
    problem = hierarchical._Restricted(
        fitted.mean, fitted.variance, fitted.steps, fitted.groups, centre, np.ones_like(centre)
    )
    contrasts = null_space(np.ones((1, len(fitted.mean))))
    values = []
    for scales in (fitted.log_scales, fitted.log_scales + 0.4):
        total = hierarchical._covariance(fitted.steps, fitted.variance, fitted.parts, scales)
        density = multivariate_normal(cov=contrasts.T @ total @ contrasts).logpdf(contrasts.T @ fitted.mean)
        values.append(problem.objective(scales)[0] - 0.5 * scales @ scales + density)
    assert values[0] == pytest.approx(values[1], abs=1e-6)


def test_the_gradient_is_that_of_the_objective():
    random = np.random.default_rng(1)
    _, seen = panel(random)
    fitted = fit(seen)
    centre = np.zeros_like(fitted.log_scales)
    problem = hierarchical._Restricted(
        fitted.mean, fitted.variance, fitted.steps, fitted.groups, centre, np.ones_like(centre)
    )
    at = fitted.log_scales + 0.3
    slope = problem.objective(at)[1]
    for place, unit in enumerate(np.eye(len(at))):
        ends = [problem.objective(at + sign * 1e-5 * unit)[0] for sign in (1, -1)]
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-6)
    assert np.linalg.eigvalsh(problem.information(at)).min() > 0


def test_prediction_is_the_conditional_normal():
    """Against the joint covariance of seen and coming means with a nearly flat overall mean, by brute force."""
    random = np.random.default_rng(2)
    _, seen = panel(random, periods=3)
    fitted = fit(seen)
    wanted = np.array([[0, 7], [1, 2], [1, 50]])  # a known unit, and one of a new platform
    centre, covariance = fitted.predict(wanted, 2, fitted.log_scales)
    variances = np.exp(2 * fitted.log_scales)
    steps = np.concatenate([fitted.steps, [5.0, 5.0]])
    drift = np.concatenate([fitted.steps, np.full(2, 3 + DAMPING + DAMPING**2)])
    groups = np.concatenate([fitted.groups, wanted], axis=1)
    total = 1e7 + hierarchical.DRIFT_SHARE * np.outer(drift, drift) + np.diag([*fitted.variance, 0, 0])
    same = [codes[:, None] == codes for codes in groups]
    walk, period = np.minimum(steps[:, None], steps), steps[:, None] == steps
    parts = [*same, walk, period, walk * same[-1], period * same[-1]]
    for scale, part in zip(variances, parts, strict=True):
        total = total + scale * part
    n = len(fitted.mean)
    gain = np.linalg.solve(total[:n, :n], total[:n, n:]).T
    np.testing.assert_allclose(centre, gain @ fitted.mean, rtol=1e-4)
    np.testing.assert_allclose(covariance, total[n:, n:] - gain @ total[:n, n:], rtol=1e-3, atol=1e-4)
    assert covariance[1, 1] > covariance[0, 0]


def test_a_long_line_goes_on_damped_and_a_short_one_is_drawn_to_no_drift():
    rising = 3.0 + 0.1 * np.arange(12.0)[:, None] + np.arange(9) / 10
    means = [
        fit(rising[:periods], noise=0.02).predict(GROUPS, 1, fit(rising[:periods], noise=0.02).log_scales)[0] * 0.1
        for periods in (2, 12)
    ]
    steps = [(mean - rising[last]).mean() for mean, last in zip(means, (1, 11), strict=True)]
    assert steps[1] == pytest.approx(0.1 * DAMPING, abs=0.02)
    assert 0 <= steps[0] < 0.8 * steps[1]


def test_units_that_do_not_differ_are_pooled_and_those_that_do_are_not():
    random = np.random.default_rng(3)
    one = np.arange(40)[None]
    alike = 3.0 + 0.3 * random.normal(size=(3, 40))
    fitted = fit(alike, noise=0.3, groups=one)
    pooled = fitted.predict(one, 1, fitted.log_scales)[0] * 0.1
    assert pooled.std() < 0.5 * alike.mean(axis=0).std()
    apart = 3.0 + np.arange(9.0) / 4 + 0.01 * random.normal(size=(3, 9))
    kept = fit(apart, noise=0.01).predict(GROUPS, 1, fit(apart, noise=0.01).log_scales)[0] * 0.1
    np.testing.assert_allclose(kept - kept.mean(), np.arange(9.0) / 4 - 1.0, atol=0.05)


def test_draws_are_mirrored_and_repeatable():
    random = np.random.default_rng(4)
    _, seen = panel(random)
    fitted = fit(seen)
    draws = fitted.forecast(GROUPS, 1, 40, np.random.default_rng(0))
    assert draws.shape == (40, 9)
    centres = 0.5 * (draws[::2] + draws[1::2])
    assert np.abs(centres - centres.mean(axis=0)).max() < 0.15
    np.testing.assert_array_equal(draws, fitted.forecast(GROUPS, 1, 40, np.random.default_rng(0)))


def test_gaps_and_uneven_steps():
    """Periods without means are passed over; what lies between two periods is time."""
    random = np.random.default_rng(5)
    _, seen = panel(random, periods=5, drift=0.1, noise=0.02)
    holed = seen[:5].copy()
    holed[2], holed[4] = np.nan, np.nan
    fitted = fit(holed, noise=0.02)
    assert (fitted.lag, fitted.periods) == (1, 4 - 1)
    shorter = fit(holed[[0, 1, 3]], noise=0.02, steps=np.array([0.0, 1.0, 3.0]))
    np.testing.assert_allclose(fitted.predict(GROUPS, 1, fitted.log_scales)[0],
                               shorter.predict(GROUPS, 2, fitted.log_scales)[0])  # fmt: skip


def test_more_cells_than_can_be_fitted_leave_the_latest_periods(monkeypatch):
    monkeypatch.setattr(hierarchical, "MOST", 30)
    random = np.random.default_rng(6)
    _, seen = panel(random)
    fitted = fit(seen)
    assert (fitted.fitted_periods, fitted.periods, len(fitted.mean)) == (3, 6, 27)


def drawn_panel(random, periods=5, guess=0.1):
    """Return a panel whose standard deviations and drift are drawn from the prior itself."""
    centre = np.log([hierarchical.LEVEL] * 3 + [hierarchical.MOVE] * 4)
    spread = [hierarchical.LEVEL_SPREAD] * 3 + [hierarchical.MOVE_SPREAD] * 4
    scales = guess * np.exp(random.normal(centre, spread))
    times = np.arange(periods + 1.0)
    times[-1] = periods - 1 + DAMPING  # what is left of the drift in the last step
    truth = 3.0 + random.normal(0, guess * np.sqrt(hierarchical.DRIFT_SHARE)) * times[:, None]
    truth = truth + sum(scale * random.normal(size=9)[codes] for scale, codes in zip(scales, GROUPS, strict=False))
    walks = np.concatenate([np.zeros((1, 10)), random.normal(size=(periods, 10)).cumsum(axis=0)])
    shocks = random.normal(size=(periods + 1, 10))
    truth = truth + scales[3] * walks[:, :1] + scales[4] * shocks[:, :1]
    truth = truth + scales[5] * walks[:, 1:] + scales[6] * shocks[:, 1:]
    return truth, truth + 0.1 * random.normal(size=truth.shape)


def test_intervals_of_coming_means_cover_where_the_prior_is_true():
    """90 % intervals over 100 panels of five periods; 0.05 is 3 standard errors of cells that share their period."""
    random, held = np.random.default_rng(7), []
    for _ in range(100):
        truth, seen = drawn_panel(random)
        draws = fit(seen[:-1]).forecast(GROUPS, 1, 400, random)
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        held.append(((truth[-1] >= low) & (truth[-1] <= high)).mean())
    assert np.mean(held) == pytest.approx(0.90, abs=0.05)


def test_codes_of_units_and_of_new_levels():
    known = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "x")])
    wanted = pd.MultiIndex.from_tuples([("b", "x"), ("c", "x"), ("c", "y"), ("b", "y")])
    codes = unit_codes(known, wanted)
    assert codes[0].tolist() == [1, 2, 2, 1]
    assert codes[1].tolist() == [0, 0, 1, 1]
    assert codes[2][0] == 2
    assert len(set(codes[2][1:]) | {2}) == 4
