"""One origin of the backtest: what is known there, what is observed later, and how a forecast is held against it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import History, Target, answer_counts, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast, Training, batch_size
from maternal_eval.analyses.backtest.functionals import Functional
from maternal_eval.analyses.backtest.splits import Split
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.forecasting.distributions import base_shares, tilted_shares
from maternal_eval.methods.forecasting.local_level import antithetic_normal


@dataclass(frozen=True)
class Judged:
    """Forecasts of one origin, target and forecaster on the scored cells.

    Attributes
    ----------
    observed, last
        ``(cells,)``: what the cell turned out to be and what it was last (NaN for a new unit).
    draws
        ``(draws, cells)`` of the observed cell, its sampling error included.
    units
        The cells.
    count
        ``(cells,)``: number of test answers.
    observed_shares
        ``(cells, K)``: shares of the answers that were observed, or None.
    share_batches
        ``(batches, cells, K)``: forecast shares, averaged over each batch of draws, or None.
    """

    observed: np.ndarray
    last: np.ndarray
    draws: np.ndarray
    units: pd.MultiIndex
    count: np.ndarray
    observed_shares: np.ndarray | None = None
    share_batches: np.ndarray | None = None


@dataclass(frozen=True)
class Origin:
    """An origin with what was observed later.

    Attributes
    ----------
    training
        All that a forecaster receives.
    past, future
        Cells of the training periods and of the test period.
    units
        Units that were observed in the test period, also those that are new there.
    test_counts
        ``(units, K)`` effective counts of the test answers; None for an outcome without categories.
    """

    training: Training
    split: Split
    target: Target
    past: History
    future: History
    units: pd.MultiIndex
    test_counts: np.ndarray | None = None

    @property
    def observed(self) -> np.ndarray:
        """Observed mean of each unit."""
        return self.future.mean[0, self._at_future]

    @property
    def last(self) -> np.ndarray:
        """Last mean of each unit before the test period; NaN for a new one."""
        place = self.past.units.get_indexer(self.units)
        return np.where(place >= 0, self.past.last()[place], np.nan)

    @property
    def count(self) -> np.ndarray:
        """Number of test answers of each unit."""
        return self.future.count[0, self._at_future]

    @property
    def effective(self) -> np.ndarray:
        """Effective number of test answers of each unit."""
        return self.future.effective[0, self._at_future]

    @property
    def _at_future(self) -> np.ndarray:
        return self.future.units.get_indexer(self.units)

    def observable(
        self,
        means: np.ndarray,
        within_variance: float | None = None,
        limits: tuple[float | None, float | None] | None = None,
    ) -> np.ndarray:
        """Return draws of what will be observed: the mean plus the sampling error of the cell, the same for all.

        The error is normal with the variance of the answers inside the training cells over the effective number of
        test answers; the number of answers is part of the survey's plan, not of what is forecast.
        """
        seed = named(self.training.seed, f"{self.target.name}/{self.split.name}/sampling")
        variance = self.past.within_variance if within_variance is None else within_variance
        scale = np.sqrt(variance / self.effective)
        noise = antithetic_normal(generator(seed), len(means), len(self.units)) * scale
        low, high = limits or (self.target.outcome.low, self.target.outcome.high)
        return np.clip(means + noise, low, high)

    def judged(self, forecast: Forecast, functionals: tuple[Functional, ...]) -> dict[str, Judged]:
        """Hold a forecast against what was observed: the mean and each functional, by name of the target.

        A forecaster of means has the answers of :func:`shares_of`, which lean on all units: so even the last value's
        net promoter score is not exactly the last one.
        """
        found = {
            self.target.name: Judged(self.observed, self.last, self.observable(forecast.mean), self.units, self.count)
        }
        values = self.target.values
        if values is None or self.test_counts is None:
            return found
        shares = shares_of(forecast, self.training, self.target, self.units)
        observed = _shares(self.test_counts)
        size = max(batch_size(len(shares)), 2)
        batches = np.stack([shares[at : at + size].mean(axis=0) for at in range(0, len(shares) - size + 1, size)])
        mean = found[self.target.name]
        found[self.target.name] = replace(mean, observed_shares=observed, share_batches=batches)
        for functional in functionals:
            worth = functional.values(values)
            past = self._past_counts
            place = self.past.units.get_indexer(self.units)
            last = pd.DataFrame(_shares(past) @ worth).ffill().iloc[-1].to_numpy()
            found[functional.name_for(self.target.name)] = Judged(
                observed=observed @ worth,
                last=np.where((place >= 0) & ~np.isnan(self.last), last[place], np.nan),
                draws=self.observable(shares @ worth, _within(past, worth), (worth.min(), worth.max())),
                units=self.units,
                count=self.count,
            )
        return found

    @property
    def _past_counts(self) -> np.ndarray:
        return answer_counts_once(self.training, self.target)[1]


def open_origin(later: Training, split: Split, target: Target) -> Origin:
    """Return an origin inside the panel of ``later``, which holds the split's test period."""
    training = later.at(split)
    past = outcome_history(training.study, target, split.train)
    future = outcome_history(later.study, target, (split.test,))
    units = future.known_units() if len(past.known_units()) else future.units[:0]
    counts = None
    if target.values is not None:
        counts = answer_counts(later.study, target, future)[0, future.units.get_indexer(units)]
    return Origin(training, split, target, past, future, units, counts)


def shares_of(forecast: Forecast, training: Training, target: Target, units: pd.MultiIndex) -> np.ndarray:
    """Return draws of the shares of the answers, ``(draws, units, K)``: the forecast's own, or tilted to its means."""
    if forecast.shares is not None:
        return forecast.shares
    values = target.values
    if values is None:
        raise ValueError(f"outcome {target.name} has no categories")
    past, counts = answer_counts_once(training, target)
    base = base_shares(np.concatenate([counts, np.zeros((len(counts), 1, counts.shape[2]))], axis=1))
    # The last row, which has no answers of its own, stands for units that are new.
    return tilted_shares(base[past.units.get_indexer(units)], values, forecast.mean)


def answer_counts_once(training: Training, target: Target) -> tuple[History, np.ndarray]:
    """Return the training cells and their counts of answers, computed once per origin."""

    def count() -> tuple[History, np.ndarray]:
        past = outcome_history(training.study, target, training.periods)
        return past, answer_counts(training.study, target, past)

    return training.once(f"counts/{target.name}", count)


def _shares(counts: np.ndarray) -> np.ndarray:
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)


def _within(counts: np.ndarray, worth: np.ndarray) -> float:
    """Return the variance of the answers' worth inside the cells, pooled."""
    size = counts.sum(axis=-1)
    mean = np.nan_to_num(_shares(counts) @ worth)
    squares = float((counts @ worth**2 - size * mean**2).sum())
    return squares / max(float(size.sum()) - float((size > 0).sum()), 1.0)
