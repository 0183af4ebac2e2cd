r"""An ensemble by stacking: a mixture of the other forecasters, weighted by how they did at earlier origins.

The mixture of predictive distributions :math:`F = \sum_m w_m F_m` has

.. math:: \mathrm{CRPS}(F, y) = \sum_m w_m E|X_m - y| - \tfrac12 \sum_{mn} w_m w_n E|X_m - X_n|

(Gneiting & Raftery 2007), convex in w. The weights that minimise its mean over the cells of all earlier origins
(stacking of predictive distributions: Yao et al. 2018, *Bayesian Analysis* 13) are drawn towards equal ones. Cells of
one period share its fate, so an origin is one observation, and M members have M − 1 free weights: equal weights count
as many origins as there are weights to learn, :math:`w = ((M - 1) w^{equal} + J w^{best}) / (M - 1 + J)` after J of
them. With few origins the mixture is nearly equal, which is hard to beat (Smith & Wallis 2009, *Oxford Bulletin of
Economics and Statistics* 71); at the first, where nothing has been learned yet, it is equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.forecasters import Forecast, ForecasterEntry, Training
from maternal_eval.analyses.backtest.forecasting import earlier_origins, forecast_once
from maternal_eval.analyses.backtest.origin import Origin, shares_of
from maternal_eval.core.arguments import numbers, whole
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.optimise import minimise_on_simplex

POINTS = 40
"""Quantiles that stand for a predictive distribution when the weights are sought."""


@dataclass(frozen=True)
class Ensemble:
    """A mixture of ``members``; see the module.

    Attributes
    ----------
    members
        The forecasters that are mixed.
    weights
        ``(members,)``; sums to 1.
    """

    members: tuple[ForecasterEntry, ...] = ()
    weights: np.ndarray | None = None
    training: Training | None = None
    target: Target | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Weigh the members by their forecasts of the training periods from those before."""
        tables = [_expected_distances(origin, self.members) for origin in earlier_origins(training, target)]
        number = len(self.members)
        equal = np.full(number, 1.0 / number)
        weights = equal
        if tables:
            to_observed = np.mean([part for part, _ in tables], axis=0)
            between = np.mean([part for _, part in tables], axis=0)
            weights = shrunk_weights(stacking_weights(to_observed, between), len(tables))
        return replace(self, weights=weights, training=training, target=target)

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return draws of the mixture: each member gives its share of them."""
        if self.weights is None or self.training is None or self.target is None:
            raise ValueError("fit the forecaster first")
        random = generator(seed)
        chosen = member_of_draws(self.weights, draws // 2, random)
        means, shares = np.empty((draws, len(units))), None
        if self.target.values is not None:
            shares = np.empty((draws, len(units), len(self.target.values)), dtype=np.float32)
        for number, entry in enumerate(self.members):
            # Pairs of draws stay together: they are each other's mirror images.
            rows = np.repeat(2 * np.flatnonzero(chosen == number), 2) + np.tile([0, 1], int((chosen == number).sum()))
            if not len(rows):
                continue
            part = forecast_once(entry, self.training, self.target, units, horizon, draws)
            means[rows] = part.mean[rows]
            if shares is not None:
                picked = Forecast(part.mean[rows], None if part.shares is None else part.shares[rows])
                shares[rows] = shares_of(picked, self.training, self.target, units)
        return Forecast(means, shares)


def shrunk_weights(best: np.ndarray, origins: int) -> np.ndarray:
    """Return the best weights over some origins drawn towards equal ones; see the module.

    Examples
    --------
    Two members after one origin: half way; three members: a third of the way.

    >>> shrunk_weights(np.array([1.0, 0.0]), 1).tolist()
    [0.75, 0.25]
    """
    best = numbers(best, "best", ndim=1, low=0.0)
    whole(origins, "origins", low=0)
    number = len(best)
    if number == 1:
        return np.ones(1)
    return ((number - 1) / number + origins * best) / (number - 1 + origins)


def member_of_draws(weights: np.ndarray, draws: int, random: np.random.Generator) -> np.ndarray:
    """Return which member gives each draw, in random order, as near to the weights as whole numbers allow.

    Raises
    ------
    InputError
        If a weight is negative or not finite.
    """
    weights = numbers(weights, "weights", ndim=1, low=0.0)
    whole(draws, "draws", low=0)
    points = (np.arange(draws) + 0.5) / draws
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), points), len(weights) - 1)
    return random.permutation(chosen)


def stacking_weights(to_observed: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Return the weights on the simplex that minimise w·a − w'Bw / 2.

    Parameters
    ----------
    to_observed
        ``(members,)``: mean of E|X − y|.
    between
        ``(members, members)``: mean of E|X − X'| for draws of two members.

    Raises
    ------
    InputError
        If a distance is negative or not finite.

    Examples
    --------
    >>> stacking_weights(np.array([1.0, 3.0]), np.zeros((2, 2))).round(6).tolist()
    [1.0, 0.0]
    """
    to_observed = numbers(to_observed, "to_observed", ndim=1, low=0.0)
    between = numbers(between, "between", shape=(to_observed.size, to_observed.size), low=0.0)
    number = len(to_observed)
    unit = float(np.mean(to_observed)) or 1.0
    a, b = to_observed / unit, between / unit
    return minimise_on_simplex(
        lambda w: (float(w @ a - 0.5 * w @ b @ w), a - b @ w), number, what="the weights of the ensemble"
    ).x


def _expected_distances(origin: Origin, members: tuple[ForecasterEntry, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the means over cells of E|X_m − y| and E|X_m − X_n| at an earlier origin."""
    at = (np.arange(POINTS) + 0.5) / POINTS
    where = (origin.training, origin.target, origin.units, origin.split.horizon, origin.training.draws)
    means = [forecast_once(entry, *where).mean for entry in members]
    points = np.stack([np.quantile(origin.observable(mean), at, axis=0) for mean in means])
    to_observed = np.abs(points - origin.observed).mean(axis=(1, 2))
    between = np.empty((len(members), len(members)))
    for number, mine in enumerate(points):
        for other, theirs in enumerate(points[: number + 1]):
            distance = float(np.abs(mine[:, None] - theirs[None]).mean())
            between[number, other] = between[other, number] = distance
    return to_observed, between
