"""Forecasts made once in a backtest, with the common shock of the coming period that earlier origins teach.

Every forecaster says how far all units may move together; how far they did move is seen at earlier origins. What its
intervals lack there (:mod:`maternal_eval.methods.forecasting.common_shock`) is added to its draws, the same in every
unit, for all forecasters alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.forecasters import Forecast, ForecasterEntry, Training
from maternal_eval.analyses.backtest.origin import Origin, open_origin
from maternal_eval.analyses.backtest.splits import Split
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.forecasting.common_shock import common_shock_variance
from maternal_eval.methods.forecasting.distributions import shifted_shares
from maternal_eval.methods.forecasting.local_level import antithetic_normal


def earlier_origins(training: Training, target: Target) -> Sequence[Origin]:
    """Return the origins inside the training periods that have cells: every period but the first is forecast once."""

    def open_all() -> list[Origin]:
        periods, timeline = training.periods, training.study.timeline
        splits = [Split(periods[:at], periods[at], timeline=timeline) for at in range(1, len(periods))]
        origins = [open_origin(training, split, target) for split in splits]
        return [origin for origin in origins if len(origin.units)]

    return training.once(("earlier origins", target.name, target.units), open_all)


def forecast_once(
    entry: ForecasterEntry, training: Training, target: Target, units: pd.MultiIndex, horizon: int, draws: int
) -> Forecast:
    """Return a forecaster's forecast at one origin, its common shock added, made at most once in a backtest."""
    name = f"{target.name}/{entry.name}"

    def make() -> Forecast:
        plain = _without_shock(entry, training, target, units, horizon, draws)
        variance = horizon * learned_shock(entry, training, target)
        return with_shock(plain, variance, target.values, training.seed_of(f"{name}/shock"))

    return training.once(("forecast", name, tuple(units), horizon, draws), make)


def learned_shock(entry: ForecasterEntry, training: Training, target: Target) -> float:
    """Return the variance per step that a forecaster lacked in common at the origins inside the training periods."""

    def learn() -> float:
        errors, variances, horizons = [], [], []
        for origin in earlier_origins(training, target):
            horizon = origin.split.horizon
            made = _without_shock(entry, origin.training, target, origin.units, horizon, training.draws)
            together = origin.observable(made.mean).mean(axis=1)
            errors.append(float(origin.observed.mean() - together.mean()))
            variances.append(float(together.var()))
            horizons.append(horizon)
        return common_shock_variance(np.array(errors), np.array(variances), np.array(horizons))

    return training.once(("shock", f"{target.name}/{entry.name}"), learn)


def with_shock(forecast: Forecast, variance: float, values: np.ndarray | None, seed: Seed) -> Forecast:
    """Return the forecast with a normal step of the given variance that all units take together.

    A forecast of answers keeps its answers: each draw of a distribution is tilted to its new mean.
    """
    if not variance > 0:
        return forecast
    shift = np.sqrt(variance) * antithetic_normal(generator(seed), len(forecast.mean), 1)
    if forecast.shares is None or values is None:
        return Forecast(forecast.mean + shift, forecast.shares)
    shares = shifted_shares(forecast.shares, values, shift)
    return Forecast(shares @ values, shares.astype(np.float32))


def _without_shock(
    entry: ForecasterEntry, training: Training, target: Target, units: pd.MultiIndex, horizon: int, draws: int
) -> Forecast:
    name = f"{target.name}/{entry.name}"

    def make() -> Forecast:
        fitted = training.once(f"fit/{name}", lambda: entry.build().fit(training, target))
        return fitted.forecast(units, horizon, draws, training.seed_of(name))

    return training.once(("plain forecast", name, tuple(units), horizon, draws), make)
