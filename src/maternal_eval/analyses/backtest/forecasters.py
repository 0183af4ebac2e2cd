"""Forecasters behind one interface, registered by name.

A forecaster receives the study cut at the origin and nothing else. It returns draws of the MEAN that a unit has in
the population; the backtest adds the sampling error of the cell that was observed, the same for all forecasters.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import History, Target, outcome_history
from maternal_eval.analyses.backtest.splits import Split, on_train_periods
from maternal_eval.core.randomness import Seed, generator, named
from maternal_eval.methods.forecasting.local_level import (
    LocalLevel,
    StandingLevel,
    fit_local_level,
    fit_standing_level,
    for_units,
)
from maternal_eval.study import Study

BATCHES = 10
"""Parts into which the draws are split to find the Monte-Carlo standard error of a score."""


def batch_size(draws: int) -> int:
    """Return how many draws a batch has; even, since draws come in mirrored pairs; 0 if there are too few."""
    return draws // BATCHES // 2 * 2


@dataclass(frozen=True)
class Training:
    """What a forecaster may see: the study as it stood at the origin.

    Attributes
    ----------
    study
        The study, cut at the origin.
    seed
        Seed of everything that is sampled in a fit.
    draws
        Draws of the forecasts that a fit makes of its own training periods.
    memo
        What was computed from the panel of some training periods and may be wanted again (:meth:`once`). Shared by
        the origins of one backtest; it never holds anything but results of cut studies.
    """

    study: Study
    seed: np.random.SeedSequence = field(default_factory=lambda: np.random.SeedSequence(0))
    draws: int = 400
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def periods(self) -> tuple[int, ...]:
        """The training periods."""
        return self.study.periods

    def once[T](self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what ``make`` returns, computed once for these training periods."""
        key = (self.periods, name)
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def at(self, split: Split) -> Training:
        """Return the training data of an earlier origin."""
        return Training(on_train_periods(self.study, split), self.seed, self.draws, self.memo)

    def seed_of(self, name: str) -> np.random.SeedSequence:
        """Return the seed of a part of a fit: it depends on the periods and the name alone."""
        return named(self.seed, f"{'-'.join(map(str, self.periods))}/{name}")


@dataclass(frozen=True)
class Forecast:
    """Draws of what units are in the population.

    Attributes
    ----------
    mean
        ``(draws, units)``: mean answer, on the outcome's scale.
    shares
        ``(draws, units, K)``: shares of the answers, or None where only the mean was forecast.
    """

    mean: np.ndarray
    shares: np.ndarray | None = None


class Forecaster(Protocol):
    """What every forecaster can do."""

    def fit(self, training: Training, target: Target) -> Self:
        """Learn from the study as it stood at the origin."""

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return draws of what each unit is ``horizon`` steps ahead.

        A unit without training data gets what is known of the others (partial pooling). ``draws`` is even.
        """


@dataclass(frozen=True)
class ForecasterEntry:
    """A forecaster: its name, its names for readers, how to make a fresh one, and what it is.

    Attributes
    ----------
    needs
        What study and target must have: rows of :data:`maternal_eval.analyses.backtest.registry.NEEDS`.
    pools
        It combines the other forecasters: a fresh one is given them as ``members``.
    on_request
        It runs only where the settings name it: it costs more than it usually tells.
    """

    name: str
    name_en: str
    name_zh: str
    build: Callable[[], Forecaster]
    needs: frozenset[str] = frozenset()
    pools: bool = False
    on_request: bool = False


@dataclass(frozen=True)
class LevelForecaster:
    """Forecasts from the past of the outcome alone.

    Attributes
    ----------
    smooth
        False: the last observed mean of the unit. True: what the Kalman filter of a local level model makes of all
        its periods.
    drift
        Whether the common mean change per period goes on: as it was, or with ``smooth`` drawn towards none, the more
        the fewer periods there are. A drift of single units is not used: with few periods it is mostly sampling noise.
    """

    smooth: bool = False
    drift: bool = False
    fitted: LocalLevel | None = None
    past: History | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Estimate level, drift and step variances; see :func:`fit_local_level`."""
        past = outcome_history(training.study, target, training.periods)
        how = {"drift": self.drift, "smooth": self.smooth, "shrink": self.smooth}
        fitted = fit_local_level(past.mean, past.variance, step_guess(target), steps=past.steps, **how)
        return type(self)(self.smooth, self.drift, fitted, past)

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return normal draws around level + horizon × drift."""
        if self.fitted is None or self.past is None:
            raise ValueError("fit the forecaster first")
        return Forecast(for_units(self.fitted, self.past.units, units).forecast(horizon, draws, generator(seed)))


@dataclass(frozen=True)
class MeanForecaster:
    """Forecasts every unit to come back to the plain mean of its training periods."""

    fitted: StandingLevel | None = None
    past: History | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Average each unit's means; see :func:`~maternal_eval.methods.forecasting.local_level.fit_standing_level`."""
        past = outcome_history(training.study, target, training.periods)
        return type(self)(fit_standing_level(past.mean, past.variance, step_guess(target)), past)

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return normal draws around the means; a later period departs no further than the next one."""
        if self.fitted is None or self.past is None:
            raise ValueError("fit the forecaster first")
        return Forecast(for_units(self.fitted, self.past.units, units).forecast(horizon, draws, generator(seed)))


def step_guess(target: Target) -> float:
    """Return the prior guess of a mean's change in one step of time, in the unit of the outcome.

    A share of the outcome's range; of 1 where a continuous outcome names no range.
    """
    low, high = target.outcome.low, target.outcome.high
    return target.innovation_scale * (high - low if low is not None and high is not None else 1.0)
