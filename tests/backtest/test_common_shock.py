"""The common shock: learned from earlier origins alone, the same for all units, in every forecaster's draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast, ForecasterEntry, Training
from maternal_eval.analyses.backtest.forecasting import forecast_once, learned_shock, with_shock
from maternal_eval.analyses.backtest.registry import FORECASTERS
from maternal_eval.analyses.backtest.splits import Split, on_train_periods
from maternal_eval.methods.forecasting.common_shock import common_shock_variance
from maternal_eval.methods.forecasting.distributions import shifted_shares
from verification.leakage import check_leakage


def test_errors_as_large_as_the_draws_say_teach_nothing():
    assert common_shock_variance(np.array([0.1, -0.1]), np.full(2, 0.0101), np.ones(2)) == 0
    assert common_shock_variance(np.zeros(0), np.zeros(0), np.zeros(0)) == 0


def test_the_variance_is_recovered_from_many_origins_and_per_step():
    random = np.random.default_rng(0)
    horizons = random.integers(1, 4, 4000)
    errors = random.normal(0, np.sqrt(0.02 + 0.05 * horizons))
    assert common_shock_variance(errors, np.full(4000, 0.02), horizons) == pytest.approx(0.05, rel=0.06)


def test_shares_are_tilted_to_the_shifted_mean_and_stay_shares():
    random = np.random.default_rng(1)
    shares = random.dirichlet(np.ones(5), (40, 3))
    values = np.arange(1.0, 6.0)
    shift = random.normal(0, 0.3, (40, 1))
    moved = shifted_shares(shares, values, shift)
    np.testing.assert_allclose(moved.sum(axis=-1), 1)
    wished = np.clip(shares @ values + shift, 1.2, 4.8)
    inside = (wished > 1.2) & (wished < 4.8)
    np.testing.assert_allclose((moved @ values)[inside], wished[inside], atol=2e-3)
    np.testing.assert_allclose(shifted_shares(shares, values, np.zeros((40, 1))), shares)


def test_a_shift_beyond_the_scale_ends_at_its_end():
    moved = shifted_shares(np.full((1, 2, 3), 1 / 3), np.array([1.0, 2.0, 3.0]), np.array([[5.0, -5.0]]))
    np.testing.assert_allclose(moved @ [1.0, 2.0, 3.0], [[3.0, 1.0]], atol=1e-3)


def test_all_units_take_the_same_step_and_the_median_stays():
    forecast = Forecast(np.random.default_rng(2).normal(3, 0.1, (400, 4)))
    found = with_shock(forecast, 0.04, None, 0)
    step = found.mean - forecast.mean
    np.testing.assert_allclose(step, np.tile(step[:, :1], 4))
    assert step.mean() == pytest.approx(0, abs=1e-12)
    assert step[:, 0].std() == pytest.approx(0.2, rel=0.1)
    assert with_shock(forecast, 0.0, None, 0) is forecast


@dataclass(frozen=True)
class TooSure:
    """Forecasts the last mean without any doubt."""

    past: object = None

    def fit(self, training, target):
        return TooSure(outcome_history(training.study, target, training.periods))

    def forecast(self, units, horizon, draws, seed):
        return Forecast(np.tile(self.past.last()[self.past.units.get_indexer(units)], (draws, 1)))


TOO_SURE = ForecasterEntry("too_sure", "Too sure", "过于自信", TooSure)


def target_of(study):
    return Target(study.outcomes["satisfaction"], ("platform", "stage"))


def test_who_was_too_sure_learns_the_shock_of_the_years(small):
    study = on_train_periods(small.study, Split((2020, 2021, 2022, 2023), 2024))
    training, target = Training(study, draws=40), target_of(study)
    past = outcome_history(study, target, study.periods)
    steps = np.diff(past.mean.mean(axis=1))
    found = learned_shock(TOO_SURE, training, target)
    # Three origins: the mean squared step of the years, less the sampling error of 12 cells, times 3 / 4.
    assert found == pytest.approx((steps**2).sum() / 4, rel=0.25)
    made = forecast_once(TOO_SURE, training, target, past.units, 1, 400)
    assert made.mean.std(axis=0) == pytest.approx(np.sqrt(found), rel=0.1)
    assert np.median(made.mean, axis=0) == pytest.approx(past.last())


def test_the_first_origin_teaches_nothing(small):
    study = on_train_periods(small.study, Split((2020,), 2021))
    assert learned_shock(TOO_SURE, Training(study, draws=40), target_of(study)) == 0


@dataclass(frozen=True)
class WithShock:
    """What the backtest makes of a forecaster: its forecast with the shock."""

    entry: ForecasterEntry
    training: Training | None = None
    target: Target | None = None

    def fit(self, training, target):
        return replace(self, training=training, target=target)

    def forecast(self, units, horizon, draws, seed):
        return forecast_once(self.entry, self.training, self.target, units, horizon, draws)


@pytest.mark.parametrize("name", ["training_mean", "hierarchical", "regression", "ordinal_drift"])
def test_nothing_leaks_through_the_shock(small, name):
    target = Target(small.study.outcomes["again"], ("platform", "stage"))
    split = Split((2020, 2021, 2022), 2023)
    assert check_leakage(small.study, split, target, lambda _: WithShock(FORECASTERS[name])).passed


def test_units_are_those_of_the_origin_and_new_ones_take_the_step_too(small):
    study = on_train_periods(small.study, Split((2020, 2021, 2022), 2023))
    units = pd.MultiIndex.from_tuples([("p0", "early"), ("new", "late")], names=["platform", "stage"])
    made = forecast_once(FORECASTERS["hierarchical"], Training(study, draws=40), target_of(study), units, 1, 40)
    assert np.isfinite(made.mean).all()
