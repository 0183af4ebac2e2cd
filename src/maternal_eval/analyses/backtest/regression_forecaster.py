"""Forecasts by linear regression on what was known one period before: last mean, long-run mean, indicators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.boosting_forecaster import indicator_means
from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast, Training, step_guess
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.forecasting.local_level import LocalLevel, antithetic_normal, fit_local_level, for_units
from maternal_eval.methods.forecasting.regression import ridge_posterior

FEWEST = 6
"""Fewest changes of cells from which a line is fitted; with fewer units are taken to move together."""

OWN = 2
"""Features that are means of the outcome itself; the others are indicators."""

USABLE = 1e-9
"""A feature varies if its spread is more than this many guesses of a step."""


@dataclass(frozen=True)
class RegressionFit:
    """What was learned: the common movement, and each unit's own change ahead with its variance."""

    level: LocalLevel
    units: pd.MultiIndex
    change: np.ndarray
    change_variance: np.ndarray
    own_variance: float


@dataclass(frozen=True)
class RegressionForecaster:
    """Forecasts the change of a unit's mean by a linear regression on the period before.

    Features, all from the earlier period: the unit's mean, its mean over all periods so far, and its mean answer to
    each indicator. Changes and features are taken as departures from the mean of all units of that period, so that no
    shock of a period is mistaken for an effect; the common change is the drift of the past, drawn towards 0. The
    coefficients
    of the two means have a standard normal prior (1 is a full return), those of the indicators, per standard deviation,
    one with which all together move a mean by about the guess of a step: many indicators and few cells do no harm.
    """

    fitted: RegressionFit | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Fit the line through all changes between training periods."""
        past = outcome_history(training.study, target, training.periods)
        guess = step_guess(target)
        level = fit_local_level(
            past.mean, past.variance, guess, drift=True, shrink=True, smooth=False, steps=past.steps
        )
        indicators = training.once(("features", target.name), lambda: indicator_means(training, target, past.units))
        asked = ~np.isnan(past.mean).all(axis=1)
        rows, change, noise = _departures(past.mean[asked], past.variance[asked], indicators[asked])
        # Without a line the last mean stands, with its own sampling error.
        ahead, ahead_variance = np.zeros(len(past.units)), level.level_variance
        own, known = level.unit_variance, ~np.isnan(change)
        if known.sum() >= FEWEST:
            before: np.ndarray = rows[:-1][known]
            size = np.sqrt(_mean_known(before * before))
            usable = size > USABLE * guess
            of_outcome = np.arange(len(usable)) < OWN
            indicators_used = max(int(usable[OWN:].sum()), 1)
            design = np.nan_to_num(rows[..., usable] / np.where(of_outcome, 1.0, size)[usable])
            scale = np.where(of_outcome, 1.0, guess / np.sqrt(indicators_used))[usable]
            if usable.any():
                fitted, noise = design[:-1][known], noise[known]
                mean, covariance = ridge_posterior(fitted, change[known], noise + own, scale)
                ahead = design[-1] @ mean
                ahead_variance = ((design[-1] @ covariance) * design[-1]).sum(axis=1)
                own = _own_variance(change[known] - fitted @ mean, fitted, covariance, noise, own, guess)
        return replace(self, fitted=RegressionFit(level, past.units, ahead, ahead_variance, own))

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return normal draws around last mean + common drift + own change; an unseen unit has no change of its own."""
        if self.fitted is None:
            raise ValueError("fit the forecaster first")
        fit, random = self.fitted, generator(seed)
        horizon = horizon + fit.level.lag
        base = for_units(fit.level, fit.units, units)
        place = fit.units.get_indexer(units)
        known = (place >= 0) & ~np.isnan(fit.level.level[place])
        change = np.where(known, fit.change[place], 0.0)
        # The error of the last mean is among the errors of the line; a new unit's level is unsure beside them.
        variance = horizon * fit.own_variance + np.where(known, fit.change_variance[place], base.level_variance)
        common = np.sqrt(horizon * base.common_variance + horizon**2 * base.drift_variance)
        own = antithetic_normal(random, draws, len(units)) * np.sqrt(variance)
        shared = antithetic_normal(random, draws, 1) * common
        return Forecast(base.level + horizon * base.drift + change + own + shared)


def _departures(
    mean: np.ndarray, variance: np.ndarray, indicators: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features ``(T, C, features)``, changes and their noise ``(T - 1, C)``, less the mean of their period.

    Features are centred over the units whose change was seen, those of the last period over all.
    """
    filled = pd.DataFrame(mean).ffill().to_numpy()
    so_far = pd.DataFrame(mean).expanding().mean().to_numpy()
    rows = np.concatenate([np.stack([filled, so_far], axis=-1), indicators], axis=-1)
    change = np.diff(mean, axis=0)
    seen = np.concatenate([~np.isnan(change), ~np.isnan(filled[-1:])])
    rows = np.where(seen[..., None], rows, np.nan)
    with np.errstate(invalid="ignore"):
        rows, change = rows - _mean(rows), change - _mean(change)
    return rows, change, variance[1:]


def _mean(table: np.ndarray) -> np.ndarray:
    """Return the mean over the units of each period, NaN without any."""
    known = ~np.isnan(table)
    count = known.sum(axis=1, keepdims=True)
    total = np.where(known, table, 0.0).sum(axis=1, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _mean_known(table: np.ndarray) -> np.ndarray:
    """Return the mean of each column over its known rows; 0 without any."""
    known = ~np.isnan(table)
    return np.where(known, table, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)


def _own_variance(
    rest: np.ndarray, rows: np.ndarray, covariance: np.ndarray, noise: np.ndarray, before: float, guess: float
) -> float:
    """Return the variance of a unit's own step that the line leaves: the guess counts as one observation.

    The later mean's sampling error, which the backtest adds, is taken out; each effective coefficient costs a degree of
    freedom.
    """
    spent = float((((rows @ covariance) * rows).sum(axis=1) / (noise + before)).sum())
    freedom = max(len(rest) - spent, 1.0)
    left = float((rest**2).sum()) - freedom * float(noise.mean())
    return (guess**2 + max(left, 0.0)) / (1.0 + freedom)
