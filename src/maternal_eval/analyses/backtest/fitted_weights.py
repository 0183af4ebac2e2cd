"""Weights that the outcome itself would give: learned from indicators and the outcome of the period after them.

The composite with these weights forecasts as every other one does, so that what differs is owed to the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import History, Target, history, outcome_history
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.core.intervals import tails
from maternal_eval.core.randomness import generator
from maternal_eval.methods.forecasting.fitted_weights import as_weights, fitted_coefficients, rolling_penalty
from maternal_eval.study.counts import answers_to
from maternal_eval.study.values import value_of

RESAMPLES = 200
"""Bootstrap resamples of units behind the intervals of the weights."""

FEWEST = 6
"""Fewest pairs of cells and their next period from which weights are learned; with fewer they are equal."""


@dataclass(frozen=True)
class FittedWeights:
    """What was learned.

    Attributes
    ----------
    table
        One row per ``set`` ("indicators", "dimensions") × ``element``: ``weight`` (of a dimension the sum of its
        indicators'), ``low``, ``high``: 90 % percentile intervals of a bootstrap over units, at the penalty that was
        chosen; they hold for these periods. No interval where weights are left equal.
    penalty
        The strength that was chosen; infinite: equal weights.
    pairs
        Pairs of a cell and the next period of its unit.
    """

    table: pd.DataFrame
    penalty: float
    pairs: int

    @property
    def pull(self) -> float:
        """The penalty as a share, λ / (1 + λ): 0 is none, 1 leaves equal weights."""
        return 1.0 if np.isinf(self.penalty) else self.penalty / (1.0 + self.penalty)

    @property
    def weights(self) -> pd.Series:
        """The global weights by indicator code."""
        of_indicators = self.table[self.table["set"] == "indicators"]
        return of_indicators.set_index("element")["weight"].rename_axis("indicator")


def fitted_weights(training: Training, target: Target) -> FittedWeights:
    """Return the weights of the indicators that best predict the next period's outcome, learned up to the origin.

    Each pair is a unit's mean values of the indicators in one training period and its mean outcome in the next; both as
    departures from the mean of all units then, so that no shock of a period is mistaken for an effect. An indicator
    that a unit lacks stands at the mean. Pairs count by the precision of the later mean: its sampling variance and the
    spread between units. An outcome of which less is better is turned round. See
    :mod:`maternal_eval.methods.forecasting.fitted_weights` for fit and penalty.
    """
    return training.once(f"fitted weights/{target.name}", lambda: _fitted(training, target))


def _fitted(training: Training, target: Target) -> FittedWeights:
    model = training.study.model
    codes = list(model.codes)
    past = outcome_history(training.study, target, training.periods)
    rows, response, mass, period, unit = pairs_of(past, value_means(training, target, past.units))
    if target.outcome.reversed:
        response = -response
    penalty = rolling_penalty(rows, response, mass, period) if len(response) >= FEWEST else np.inf
    weight, low, high = np.full(len(codes), 1.0 / len(codes)), np.nan, np.nan
    names = list(dict.fromkeys(one.dimension for one in model.indicators))
    # Sums by dimension below the indicators themselves.
    sums = np.array([[float(one.dimension == name) for one in model.indicators] for name in names])
    both = np.vstack([np.eye(len(codes)), sums])
    if not np.isinf(penalty):
        weight = as_weights(fitted_coefficients(rows, response, mass, penalty))
        random = generator(training.seed_of(f"fitted weights/{target.name}"))
        count = int(unit.max()) + 1
        drawn = random.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES)
        tried = [as_weights(fitted_coefficients(rows, response, mass * times[unit], penalty)) for times in drawn]
        low, high = np.quantile(np.array(tried) @ both.T, tails(), axis=0)
    sets = ["indicators"] * len(codes) + ["dimensions"] * len(names)
    table = pd.DataFrame({"set": sets, "element": [*codes, *names], "weight": both @ weight, "low": low, "high": high})
    return FittedWeights(table, penalty, len(response))


def value_means(training: Training, target: Target, units: pd.MultiIndex) -> np.ndarray:
    """Return the mean value of each indicator by period and unit, ``(T, C, J)``, larger better; NaN without answers."""
    study, worth = training.study, value_of(training.study)
    means = np.full((len(training.periods), len(units), len(study.model.codes)), np.nan)
    for position, code in enumerate(study.model.codes):
        panel = answers_to(study, code)
        values = worth(code, panel[code].to_numpy(dtype=float))
        found = history(panel, values, target.units, 1, training.periods)
        place = found.units.get_indexer(units)
        means[:, place >= 0, position] = found.mean[:, place[place >= 0]]
    return means


def pairs_of(past: History, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return rows ``(n, J)``, response, mass, the later period's place and the unit's number, ``(n,)`` each.

    A pair needs the later mean and an indicator before it. Departures are from the mean over the pairs of a period.
    """
    later, before = past.mean[1:], values[:-1]
    paired = ~np.isnan(later) & ~np.isnan(before).all(axis=-1)
    before = np.where(paired[..., None], before, np.nan)
    later = np.where(paired, later, np.nan)
    rows, response = before - _centre(before), later - _centre(later)
    place, unit = np.nonzero(paired)
    noise = past.variance[1:][paired]
    response = response[paired]
    spread = max(float((response**2).mean() - noise.mean()), 0.0) if len(response) else 0.0
    total = noise + spread
    mass = np.divide(1.0, total, out=np.ones_like(total), where=total > 0)
    return np.nan_to_num(rows[paired]), response, mass, place, pd.factorize(unit)[0]


def _centre(table: np.ndarray) -> np.ndarray:
    """Return the mean over the units of each period; NaN without any."""
    known = ~np.isnan(table)
    count = known.sum(axis=1, keepdims=True)
    total = np.where(known, table, 0.0).sum(axis=1, keepdims=True)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
