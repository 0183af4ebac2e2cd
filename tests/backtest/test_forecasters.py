"""Forecasters: the relation, limits, and the worth of knowing the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.backtest import BacktestSettings, ForecasterEntry, Target, run_backtest
from maternal_eval.backtest.composite_forecaster import CompositeForecaster, equal_weights, fit_relation
from maternal_eval.backtest.forecasters import LevelForecaster, step_guess
from tests.backtest.conftest import simulate


@dataclass(frozen=True)
class Oracle:
    """Knows the population mean of every unit."""

    truth: pd.Series
    year: int | None = None

    def fit(self, training, target):
        return Oracle(self.truth, max(training.periods))

    def forecast(self, units, horizon, draws, seed):
        means = np.array([self.truth[(*unit, self.year + horizon)] for unit in units])
        return np.tile(means, (draws, 1))


def test_relation_is_weighted_least_squares():
    random = np.random.default_rng(0)
    score, weights = random.uniform(20, 90, 400), random.uniform(0.5, 2, 400)
    outcome = 1.0 + 0.03 * score + random.normal(0, 0.3, 400)
    relation = fit_relation(score, outcome, weights)
    design = np.column_stack([np.ones(400), score]) * np.sqrt(weights)[:, None]
    intercept, slope = np.linalg.lstsq(design, outcome * np.sqrt(weights), rcond=None)[0]
    assert relation.slope == pytest.approx(slope)
    assert relation.outcome_mean - relation.slope * relation.score_mean == pytest.approx(intercept)
    assert np.sqrt(relation.slope_variance) == pytest.approx(0.3 / (np.sqrt(400) * score.std()), rel=0.2)
    assert relation.explained == pytest.approx(0.8, abs=0.1)


def test_constant_score_explains_nothing():
    relation = fit_relation(np.full(5, 50.0), np.arange(5.0), np.ones(5))
    assert (relation.slope, relation.explained, relation.outcome_mean) == (0.0, 0.0, 2.0)


def test_last_value_forecasts_the_last_mean(small):
    target = Target(small.study.outcomes["satisfaction"], ("platform", "stage"))
    fitted = LevelForecaster().fit(small.study, target)
    last = fitted.past.last()
    draws = fitted.forecast(fitted.past.units, 1, 50, 0)
    np.testing.assert_allclose(np.median(draws, axis=0), last)
    order = fitted.past.units[::-1]
    np.testing.assert_allclose(np.median(fitted.forecast(order, 1, 50, 0), axis=0), last[::-1])


def test_uncertainty_grows_with_the_horizon(small):
    target = Target(small.study.outcomes["satisfaction"], ("platform", "stage"))
    for forecaster in (LevelForecaster(), CompositeForecaster(equal_weights)):
        fitted = forecaster.fit(small.study, target)
        units = (fitted.past if hasattr(fitted, "past") else fitted.fitted).units
        near, far = (fitted.forecast(units, horizon, 2000, 0).std(axis=0).mean() for horizon in (1, 4))
        assert far > 1.3 * near


def test_composite_follows_an_outcome_that_is_the_composite(small):
    """Where satisfaction is the composite itself, slope 4/100, R² 1, and nothing is left to the rest."""
    study = small.study
    exact = study.panel.assign(satisfaction=study.panel[["A1", "A2", "B1", "B2"]].mean(axis=1))
    target = Target(study.outcomes["satisfaction"], ("platform", "stage"))
    fitted = CompositeForecaster(equal_weights).fit(replace(study, panel=exact), target).fitted
    assert fitted.relation.slope == pytest.approx(0.04)
    assert fitted.relation.explained == pytest.approx(1)
    np.testing.assert_allclose(fitted.rest.level, 0, atol=1e-9)


def test_step_guess_is_a_share_of_the_range(small):
    assert step_guess(Target(small.study.outcomes["satisfaction"], ())) == pytest.approx(0.1)
    assert step_guess(Target(small.study.outcomes["again"], ())) == pytest.approx(0.025)


def test_knowing_the_truth_is_best(tmp_path):
    """On every proper score the oracle wins against every registered forecaster, over two simulated studies."""
    settings = BacktestSettings(draws=1000, resamples=10, outcomes=("satisfaction",))
    wins = []
    for seed in range(2):
        simulated = simulate(tmp_path / str(seed), seed)
        oracle = ForecasterEntry("oracle", "Oracle", "先知", lambda truth=simulated.truth: Oracle(truth))
        result = run_backtest(simulated.study, settings, seed=seed, extra=[oracle])
        pooled = result.scores[result.scores["split"] == "all origins"]
        wins.append(pooled.pivot_table(index="forecaster", columns="score", values="value"))
    mean = sum(wins) / len(wins)
    others = mean.drop(index="oracle")
    for score in ("crps", "mae"):
        assert mean.loc["oracle", score] < others[score].min()
    assert mean.loc["oracle", "one_minus_mape"] > others["one_minus_mape"].max()
    # Its only uncertainty is the sampling error of the cell, which the backtest adds: so it is calibrated.
    assert mean.loc["oracle", "coverage_80"] == pytest.approx(0.80, abs=0.08)
    assert mean.loc["oracle", "coverage_95"] == pytest.approx(0.95, abs=0.05)
