"""Forecasters behind one interface, registered by name.

A forecaster receives the study cut at the origin and nothing else. It returns draws of the MEAN that a unit has in
the population; the backtest adds the sampling error of the cell that was observed, the same for all forecasters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import pandas as pd

from maternal_eval.backtest.cells import History, Target, outcome_history
from maternal_eval.backtest.local_level import LocalLevel, fit_local_level
from maternal_eval.randomness import Seed, generator
from maternal_eval.study import Study


class Forecaster(Protocol):
    """What every forecaster can do."""

    def fit(self, training: Study, target: Target) -> Self:
        """Learn from the study as it stood at the origin."""

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> np.ndarray:
        """Return draws of the mean of each unit ``horizon`` periods ahead, ``(draws, units)``, on the outcome's scale.

        ``units`` are units with training data; ``draws`` is even.
        """


@dataclass(frozen=True)
class ForecasterEntry:
    """A forecaster's name, its names for readers, and how to make a fresh one."""

    name: str
    name_en: str
    name_zh: str
    build: Callable[[], Forecaster]


@dataclass(frozen=True)
class LevelForecaster:
    """Forecasts from the past of the outcome alone.

    Attributes
    ----------
    smooth
        False: the last observed mean of the unit. True: what the Kalman filter of a local level model makes of all
        its periods.
    drift
        Whether the common mean change per period goes on. A drift of single units is not used: with few periods it is
        mostly sampling noise.
    """

    smooth: bool = False
    drift: bool = False
    fitted: LocalLevel | None = None
    past: History | None = None

    def fit(self, training: Study, target: Target) -> Self:
        """Estimate level, drift and step variances; see :func:`fit_local_level`."""
        past = outcome_history(training, target, training.periods)
        fitted = fit_local_level(past.mean, past.variance, step_guess(target), drift=self.drift, smooth=self.smooth)
        return type(self)(self.smooth, self.drift, fitted, past)

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> np.ndarray:
        """Return normal draws around level + horizon × drift."""
        if self.fitted is None or self.past is None:
            raise ValueError("fit the forecaster first")
        return self.fitted.forecast(horizon, draws, generator(seed))[:, self.past.units.get_indexer(units)]


def step_guess(target: Target) -> float:
    """Return the prior guess of a mean's change in one period, in the unit of the outcome.

    A share of the outcome's range; of 1 where a continuous outcome names no range.
    """
    low, high = target.outcome.low, target.outcome.high
    return target.innovation_scale * (high - low if low is not None and high is not None else 1.0)
