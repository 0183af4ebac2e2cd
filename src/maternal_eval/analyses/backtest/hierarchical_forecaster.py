"""Forecasts from partially pooled levels and a common, damped drift of the cell means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast, Training, step_guess
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.forecasting.hierarchical import HierarchicalLevel, fit_hierarchical_level


@dataclass(frozen=True)
class HierarchicalForecaster:
    """Forecasts the mean of a unit from the levels of its columns, its own level, and the common drift.

    See :mod:`maternal_eval.methods.forecasting.hierarchical`. A unit or level without training data is drawn from the
    population of its likes.
    """

    fitted: HierarchicalLevel | None = None
    units: pd.MultiIndex | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Find the standard deviations of levels and movements."""
        past = outcome_history(training.study, target, training.periods)
        codes = unit_codes(past.units, past.units)
        fitted = fit_hierarchical_level(past.mean, past.variance, codes, step_guess(target), steps=past.steps)
        return replace(self, fitted=fitted, units=past.units)

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return draws of the unit means, mixed over what is open about the standard deviations."""
        if self.fitted is None or self.units is None:
            raise ValueError("fit the forecaster first")
        return Forecast(self.fitted.forecast(unit_codes(self.units, units), horizon, draws, generator(seed)))


def unit_codes(known: pd.MultiIndex, wanted: pd.MultiIndex) -> np.ndarray:
    """Return the codes of the wanted units in every grouping, ``(G, units)``: each column with two levels, the unit.

    Codes are those of the known units; a level that is not known gets a code of its own, the same for all its units.
    """
    groups = []
    for position in range(known.nlevels):
        levels = pd.unique(known.get_level_values(position))
        if known.nlevels > 1 and len(levels) > 1:
            groups.append(_codes(pd.Index(levels), pd.Index(wanted.get_level_values(position))))
    groups.append(_codes(known.to_flat_index(), wanted.to_flat_index()))
    return np.stack(groups)


def _codes(known: pd.Index, wanted: pd.Index) -> np.ndarray:
    code = known.get_indexer(wanted)
    new = code < 0
    if new.any():
        code[new] = len(known) + pd.factorize(wanted[new])[0]
    return np.asarray(code, dtype=np.int64)
