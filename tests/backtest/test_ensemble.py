"""Stacking: weights on the simplex from earlier origins alone."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.ensemble import member_of_draws, stacking_weights
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.analyses.backtest.registry import possible
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.backtest.splits import Split, on_train_periods
from maternal_eval.methods.forecasting import scores


def test_mixture_score_is_the_quadratic_form():
    """CRPS of pooled draws = w·a − w'Bw/2, so that minimising the form minimises the score."""
    random = np.random.default_rng(0)
    first, second = random.normal(0, 1, (200, 1)), random.normal(1, 2, (200, 1))
    observed = np.array([0.4])
    a = np.array([np.abs(part - observed).mean() for part in (first, second)])
    b = np.array([[np.abs(x[:, None] - y[None]).mean() for y in (first, second)] for x in (first, second)])
    w = np.array([0.5, 0.5])
    pooled = scores.crps(observed, np.concatenate([first, second]))[0]
    assert w @ a - 0.5 * w @ b @ w == pytest.approx(pooled)


def test_the_better_member_gets_the_weight():
    random = np.random.default_rng(1)
    observed = random.normal(0, 1, 300)
    good, bad = random.normal(0, 1, (80, 300)), random.normal(3, 1, (80, 300))
    a = np.array([np.abs(part - observed).mean() for part in (good, bad)])
    b = np.array([[np.abs(x[:, None] - y[None]).mean() for y in (good, bad)] for x in (good, bad)])
    weights = stacking_weights(a, b)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.95


def test_grid_search_finds_no_better_weights():
    random = np.random.default_rng(2)
    points = random.normal([0.0, 0.8], [1.0, 0.6], (400, 2))
    observed = random.normal(0.4, 1.0, 50)
    a = np.array([np.abs(points[:, k, None] - observed).mean() for k in range(2)])
    b = np.array([[np.abs(points[:, j, None] - points[None, :, k]).mean() for k in range(2)] for j in range(2)])
    share = np.linspace(0, 1, 1001)
    values = [w @ a - 0.5 * w @ b @ w for w in np.stack([share, 1 - share], axis=1)]
    assert stacking_weights(a, b)[0] == pytest.approx(share[np.argmin(values)], abs=2e-3)


def test_draws_follow_the_weights():
    chosen = member_of_draws(np.array([0.5, 0.0, 0.5]), 10, np.random.default_rng(0))
    assert np.bincount(chosen, minlength=3).tolist() == [5, 0, 5]


@pytest.mark.parametrize(("periods", "origins"), [((2020,), 0), ((2020, 2021, 2022), 2)])
def test_equal_weights_count_as_one_origin_for_each_weight_to_learn(small, periods, origins):
    study = on_train_periods(small.study, Split(periods, periods[-1] + 1))
    target = Target(study.outcomes["satisfaction"], ("platform", "stage"))
    names = ("last_value", "drift", "local_level", "ensemble")
    ensemble = possible(study, target, names)[-1].build().fit(Training(study, draws=40), target)
    assert ensemble.weights.sum() == pytest.approx(1)
    assert (ensemble.weights >= 2 / 3 / (2 + origins) - 1e-9).all()
    if not origins:
        np.testing.assert_allclose(ensemble.weights, 1 / 3)


def test_the_weights_of_every_origin_are_in_the_result(small):
    settings = BacktestSettings(forecasters=("drift", "local_level", "ensemble"), outcomes=("satisfaction",), draws=40)
    found = run_backtest(small.study, settings).stacking
    assert found.groupby("split")["weight"].sum().to_numpy() == pytest.approx(np.ones(4))
    assert set(found["forecaster"]) == {"last_value", "drift", "local_level"}
