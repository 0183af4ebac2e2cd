"""Forecasts from gradient-boosted trees (scikit-learn), trained on the cells of the training periods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import Target, history, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast, Training, step_guess
from maternal_eval.core.randomness import Seed, generator, integer
from maternal_eval.core.threads import single_thread
from maternal_eval.methods.forecasting.local_level import LocalLevel, antithetic_normal, fit_local_level, for_units
from maternal_eval.study.counts import answers_to

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

FOLDS = 3
"""Parts into which the units are split to find the errors of cells that were not trained on."""

FEWEST = 2 * FOLDS
"""Fewest changes of cells from which trees are grown; with fewer the change is taken to be 0."""

TREES = {"max_iter": 30, "learning_rate": 0.15, "max_leaf_nodes": 6, "min_samples_leaf": 8, "l2_regularization": 5.0}
"""Small trees, strongly regularised: there are tens to hundreds of cells, not thousands."""


@dataclass(frozen=True)
class BoostedFit:
    """What was learned: the change ahead of each unit, the errors to draw from, and the levels to add it to."""

    level: LocalLevel
    units: pd.MultiIndex
    change: np.ndarray
    errors: np.ndarray


@dataclass(frozen=True)
class BoostingForecaster:
    """Forecasts the change of a unit's mean from what was known one period before.

    Features, all from the earlier period: the unit's mean and its difference from the mean of all units, its last
    change, its indicators' means (those the study has), and the levels of its columns. Response: the change of the mean
    to the next period. With a single training period no change was ever seen, and the forecast is the last value.

    The predictive draws add to the predicted change an error drawn from those of units that were not trained on
    (:data:`FOLDS` folds over units), without the part that is sampling error of the later mean, which the backtest adds
    itself; and the step that is common to all units, which no fold over units shows (see
    :mod:`maternal_eval.methods.forecasting.local_level`).
    """

    fitted: BoostedFit | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Grow the trees on all changes between training periods."""
        past = outcome_history(training.study, target, training.periods)
        level = fit_local_level(past.mean, past.variance, step_guess(target), smooth=False, steps=past.steps)
        features = training.once(("features", target.name), lambda: indicator_means(training, target, past.units))
        asked = ~np.isnan(past.mean).all(axis=1)
        mean, variance, gaps = past.mean[asked], past.variance[asked], np.diff(past.steps[asked]).astype(float)
        rows = _rows(mean, gaps, past.units, features[asked])
        change = np.zeros(len(past.units))
        errors = np.zeros(1)
        # Changes and their noise are those of one step of time, however far the periods are apart.
        seen = (np.diff(mean, axis=0) / gaps[:, None]).ravel()
        known = ~np.isnan(seen)
        if known.sum() >= FEWEST and len(mean) > 1:
            before = rows[: len(mean) - 1].reshape(-1, rows.shape[-1])[known]
            told = ~np.isnan(before).all(axis=0)  # a column without any value cannot be split on
            before, rows = before[:, told], rows[..., told]
            unit = np.tile(np.arange(len(past.units)), len(mean) - 1)[known]
            apart = np.repeat(gaps, len(past.units))[known]
            noise = variance[1:].ravel()[known] / apart
            seed = integer(training.seed_of(f"boosting/{target.name}"))
            weights = apart / (noise + level.unit_variance)
            change = _grow(before, seen[known], weights, seed).predict(rows[-1])
            errors = _held_out_errors(before, seen[known], np.sqrt(apart), noise, weights, unit, seed)
        return replace(self, fitted=BoostedFit(level, past.units, change, errors))

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return the last mean plus horizon × predicted change, with errors; an unseen unit changes like the others."""
        if self.fitted is None:
            raise ValueError("fit the forecaster first")
        fit, random = self.fitted, generator(seed)
        horizon = horizon + fit.level.lag
        base = for_units(fit.level, fit.units, units)
        place = fit.units.get_indexer(units)
        change = np.where(place >= 0, fit.change[place], fit.change.mean())
        if fit.errors.any():
            half = random.choice(fit.errors, (draws // 2, len(units)))
            errors = np.stack([half, -half], axis=1).reshape(draws, len(units))
            # The level's own uncertainty is already among the errors: they are errors of whole changes.
            extra = np.where(place >= 0, 0.0, np.sqrt(base.level_variance))
        else:
            errors = np.zeros((draws, len(units)))
            extra = np.sqrt(base.level_variance + base.unit_variance)
        own = np.sqrt(horizon) * errors + antithetic_normal(random, draws, len(units)) * extra
        common = antithetic_normal(random, draws, 1) * np.sqrt(horizon * base.common_variance)
        return Forecast(base.level + horizon * change + own + common)


def indicator_means(training: Training, target: Target, units: pd.MultiIndex) -> np.ndarray:
    """Return the mean answer to each indicator by period and unit, ``(T, C, indicators)``; NaN without answers."""
    study = training.study
    means = np.full((len(training.periods), len(units), len(study.model.codes)), np.nan)
    for position, code in enumerate(study.model.codes):
        panel = answers_to(study, code)
        found = history(panel, panel[code].to_numpy(dtype=float), target.units, 1, training.periods)
        place = found.units.get_indexer(units)
        means[:, place >= 0, position] = found.mean[:, place[place >= 0]]
    return means


def _rows(mean: np.ndarray, gaps: np.ndarray, units: pd.MultiIndex, indicators: np.ndarray) -> np.ndarray:
    """Return the features known at the end of each period, ``(T, C, features)``."""
    filled = pd.DataFrame(mean).ffill().to_numpy()
    overall = pd.DataFrame(filled).mean(axis=1).to_numpy()[:, None]
    last_change = np.vstack([np.full((1, filled.shape[1]), np.nan), np.diff(filled, axis=0) / gaps[:, None]])
    levels = [pd.factorize(units.get_level_values(str(name)))[0] for name in units.names]
    columns = [filled, filled - overall, last_change]
    columns += [np.broadcast_to(codes.astype(float), filled.shape) for codes in levels]
    return np.concatenate([np.stack(columns, axis=-1), indicators], axis=-1)


def _grow(rows: np.ndarray, change: np.ndarray, weights: np.ndarray, seed: int) -> HistGradientBoostingRegressor:
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(random_state=seed, early_stopping=False, **TREES)
    # A hundred rows are done sooner by one thread than shared out.
    with single_thread():
        return trees.fit(rows, change, sample_weight=weights)


def _held_out_errors(
    rows: np.ndarray,
    change: np.ndarray,
    scale: np.ndarray,
    noise: np.ndarray,
    weights: np.ndarray,
    unit: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Return errors of the change of units that were not trained on, freed of the later mean's sampling error.

    ``scale`` (√ of the steps that a change took) turns the error of a change per step into that of one step.
    """
    errors = np.zeros(len(change))
    # A single unit has nothing to be held against but its own other changes.
    unit = unit if len(np.unique(unit)) > 1 else np.arange(len(change))
    for fold in range(FOLDS):
        out = unit % FOLDS == fold
        if out.any() and not out.all():
            grown = _grow(rows[~out], change[~out], weights[~out], seed)
            errors[out] = scale[out] * (change[out] - grown.predict(rows[out]))
    errors -= errors.mean()
    spread = float((errors**2).mean())
    left = max(spread - float(noise.mean()), 0.1 * spread)
    return errors * np.sqrt(left / spread) if spread > 0 else errors
