"""Regression on the period before, and the mean of the training periods: known answers and limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.forecasters import MeanForecaster, Training
from maternal_eval.analyses.backtest.regression_forecaster import RegressionForecaster
from maternal_eval.methods.forecasting.local_level import fit_local_level, fit_standing_level
from maternal_eval.methods.forecasting.regression import ridge_posterior


def simulated(random, periods=8, units=60, back=0.5, effect=0.0, noise=0.02):
    """Means that come back to their unit's level by half and follow the last period's indicator."""
    level = random.normal(3, 0.3, units)
    indicator = random.normal(0, 1, (periods, units))
    mean = np.empty((periods, units))
    mean[0] = level + 0.2 * random.normal(size=units)
    for now in range(1, periods):
        pull = back * (level - mean[now - 1]) + effect * indicator[now - 1]
        mean[now] = mean[now - 1] + pull + 0.05 * random.normal() + noise * random.normal(size=units)
    return mean, indicator


def fitted(small, mean, indicator, monkeypatch):
    """Fit the forecaster to given cell means in place of those of a study."""
    from maternal_eval.analyses.backtest import regression_forecaster as module

    target = Target(small.study.outcomes["satisfaction"], ("platform", "stage"))
    past = outcome_history(small.study, target, small.study.periods)
    import pandas as pd

    units = pd.MultiIndex.from_tuples([(str(number), "x") for number in range(mean.shape[1])])
    past = replace(past, mean=mean, variance=np.full(mean.shape, 1e-6), units=units, steps=np.arange(len(mean)))
    monkeypatch.setattr(module, "outcome_history", lambda *_: past)
    monkeypatch.setattr(module, "indicator_means", lambda *_: indicator[..., None])
    return RegressionForecaster().fit(Training(small.study), target).fitted


def test_the_effect_of_an_indicator_is_found(small, monkeypatch):
    """The forecast change is half the way back plus the effect of the last indicator, both less the period's mean."""
    mean, indicator = simulated(np.random.default_rng(0), effect=0.2)
    found = fitted(small, mean, indicator, monkeypatch)
    centred = indicator[-1] - indicator[-1].mean()
    slope = np.polyfit(centred, found.change, 1)[0]
    assert slope == pytest.approx(0.2, abs=0.03)  # the guess of a step is 0.1: drawn in a little


def test_an_indicator_that_says_nothing_does_no_harm(small, monkeypatch):
    mean, indicator = simulated(np.random.default_rng(1), effect=0.0)
    found = fitted(small, mean, indicator, monkeypatch)
    assert np.abs(np.polyfit(indicator[-1], found.change, 1)[0]) < 0.02


def test_the_posterior_is_the_ridge_of_scikit_learn():
    """With unit variances and one prior variance s² the penalty is 1 / s²."""
    from sklearn.linear_model import Ridge

    random = np.random.default_rng(5)
    rows, response = random.normal(size=(30, 4)), random.normal(size=30)
    mean, covariance = ridge_posterior(rows, response, np.ones(30), np.full(4, 0.5))
    np.testing.assert_allclose(mean, Ridge(alpha=4.0, fit_intercept=False).fit(rows, response).coef_)
    np.testing.assert_allclose(np.linalg.inv(covariance), rows.T @ rows + 4 * np.eye(4))


def test_the_line_of_two_features_is_least_squares(small, monkeypatch):
    """With many cells the prior hardly counts: the change ahead is that of ordinary least squares within periods."""
    mean, indicator = simulated(np.random.default_rng(2), units=200)
    found = fitted(small, mean, np.zeros_like(indicator), monkeypatch)
    so_far = np.cumsum(mean, axis=0) / np.arange(1, len(mean) + 1)[:, None]
    features = np.stack([mean, so_far], axis=-1)
    features -= features.mean(axis=1, keepdims=True)
    change = np.diff(mean, axis=0)
    change = change - change.mean(axis=1, keepdims=True)
    line = np.linalg.lstsq(features[:-1].reshape(-1, 2), change.ravel(), rcond=None)[0]
    np.testing.assert_allclose(found.change, features[-1] @ line, atol=0.005)


def test_one_training_period_forecasts_the_last_mean(small):
    study = replace(small.study, panel=small.study.panel[small.study.panel["period"] == 2020], periods=(2020,))
    target = Target(study.outcomes["satisfaction"], ("platform", "stage"))
    past = outcome_history(study, target, (2020,))
    made = RegressionForecaster().fit(Training(study), target).forecast(past.units, 1, 200, 0)
    np.testing.assert_allclose(np.median(made.mean, axis=0), past.last())


def test_the_mean_of_the_training_periods_is_the_plain_mean(small):
    target = Target(small.study.outcomes["satisfaction"], ("platform", "stage"))
    fit = MeanForecaster().fit(Training(small.study), target)
    made = fit.forecast(fit.past.units, 3, 200, 0)
    np.testing.assert_allclose(np.median(made.mean, axis=0), fit.past.mean.mean(axis=0))
    near, far = (fit.forecast(fit.past.units, horizon, 200, 0).mean for horizon in (1, 9))
    np.testing.assert_array_equal(near, far)


def test_departures_of_standing_units_are_recovered():
    random = np.random.default_rng(3)
    truth = random.normal(3, 0.4, 80) + 0.1 * random.normal(size=(60, 1)) + 0.05 * random.normal(size=(60, 80))
    found = fit_standing_level(truth + 0.15 * random.normal(size=truth.shape), np.full(truth.shape, 0.15**2), 0.1)
    assert np.sqrt(found.common_variance) == pytest.approx(0.1, rel=0.25)
    assert np.sqrt(found.unit_variance) == pytest.approx(0.05, rel=0.15)


def test_standing_intervals_cover():
    """90 % intervals of the next means of units that stand still, five periods: common and own departures."""
    random, held = np.random.default_rng(4), []
    for _ in range(300):
        truth = random.normal(3, 0.3, 20) + 0.08 * random.normal(size=(6, 1)) + 0.06 * random.normal(size=(6, 20))
        seen = truth[:-1] + 0.1 * random.normal(size=(5, 20))
        fit = fit_standing_level(seen, np.full(seen.shape, 0.01), 0.08)
        low, high = np.quantile(fit.forecast(1, 400, random), [0.05, 0.95], axis=0)
        held.append(((truth[-1] >= low) & (truth[-1] <= high)).mean())
    assert np.mean(held) == pytest.approx(0.90, abs=0.04)


@pytest.mark.parametrize("periods", [2, 4, 9])
def test_a_drift_is_drawn_to_none_by_its_prior(periods):
    """Exact means on a line of slope 0.3, guess 0.1: variance of a step 0.01 / T, of the slope that over T − 1."""
    mean = 3.0 + 0.3 * np.arange(periods)[:, None] + np.array([0.0, 0.5])
    found = fit_local_level(mean, np.full_like(mean, 1e-12), 0.1, drift=True, shrink=True)
    variance = 0.1**2 / (periods - 1) / (periods - 1)
    assert found.drift == pytest.approx(0.3 * 0.01 / (0.01 + variance))
    assert found.drift_variance == pytest.approx(1 / (1 / 0.01 + 1 / variance))
