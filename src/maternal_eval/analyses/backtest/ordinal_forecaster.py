r"""Forecasts from the ordinal satisfaction model, fitted to the counts of answers by unit and period.

The location of unit u in period t is the sum of effects of its columns (life stage, platform, …), of the period (a
random walk), of every column's own departure over the periods (random walks) and of the columns' interaction; see
:mod:`maternal_eval.methods.ordinal.model` for priors and likelihood. The effects of the period ahead are drawn from the
walks, with the step sizes that the posterior holds for likely. The density is compiled once: other periods, units and
answers are other data of the same machine code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.backtest.cells import Target, answer_counts, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast, Training
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.forecasting.hierarchical import DAMPING
from maternal_eval.methods.ordinal.factors import (
    Factor,
    exchangeable_basis,
    interaction_basis,
    random_walk_basis,
    trend_basis,
)
from maternal_eval.methods.ordinal.families import family_named
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.sampling import Attempt, Gates, SamplerSettings, sample_until_passed

SAMPLER = SamplerSettings(chains=4, tune=300, draws=400, target_accept=0.90, adaptation="diag")
"""Enough for predictive draws: a forecast is the mean of many cells, not the tail of one parameter. Only variances are
adapted to: with a coefficient for every unit and period, the search for the strongest correlations takes many times as
long as the draws and, learned from so few of them, misleads the sampler."""

DEGREES = 20.0
"""Degrees of freedom of the shared prior scales unless the study states others: lighter tails than for a whole panel,
because a single training year says next to nothing about some of them, and a step five times its typical size is no
honest forecast."""

ATTEMPTS = (Attempt(), Attempt(2, 2, 0.97), Attempt(4, 4, 0.995))
"""Few units make narrow valleys, which take smaller steps."""

GATES = Gates(rhat=1.03, bulk_ess=200.0, tail_ess=200.0)
"""Gates of the forecast means; the wider R-hat goes with the shorter chains."""


DRIFT = "drift"
"""Name of the factor of the common drift."""


@dataclass(frozen=True)
class Walk:
    """A random walk over the periods, as far as its next step is concerned.

    Attributes
    ----------
    name
        Factor of the model; absent there with a single training period.
    column
        Unit column whose levels walk; None for the step that all units share.
    basis
        Levels × coefficients: from independent steps to steps of the levels.
    scale
        Typical size of a step before the data speak, in logits.
    """

    name: str
    column: str | None
    basis: np.ndarray
    scale: float


@dataclass(frozen=True)
class UnitModel:
    """The density and what its cells mean: unit × period, periods fastest.

    Attributes
    ----------
    density
        The posterior density.
    levels
        Levels of each unit column.
    periods
        Number of periods with answers.
    walks
        What moves from period to period.
    values
        ``(K,)`` answers.
    lag
        Steps of time from the last of these periods to the last period of training.
    drift
        Typical size of the common drift per step before the data speak, in logits; 0 for a model without one.
    span
        Steps of time from the first to the last of these periods.
    """

    density: SatisfactionModel
    levels: dict[str, list[str]]
    periods: int
    walks: tuple[Walk, ...]
    values: np.ndarray
    lag: int = 0
    drift: float = 0.0
    span: float = 0.0


@dataclass(frozen=True)
class OrdinalForecaster:
    """Forecasts the distribution of the answers of every unit; the mean follows from it.

    Where all training answers are equal no effect can be told from another, and the chains would wander: then one
    distribution stands for all units, Dirichlet with one pseudo-answer of each kind (the model's prior of the
    thresholds) and the answers that were given.

    Attributes
    ----------
    drift
        Whether the location drifts by a common step per period beside its walk: with a prior around no drift, and
        damped ahead as in :mod:`maternal_eval.methods.forecasting.hierarchical`.
    """

    drift: bool = False
    sampler: SamplerSettings = SAMPLER
    gates: Gates = GATES
    model: UnitModel | None = None
    draws: np.ndarray | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Sample the posterior.

        Raises
        ------
        DiagnosticsError
            If the chains do not keep the gates, not even when longer.
        """
        model = unit_model(training, target, drift=self.drift)
        if (model.density.counts.sum(axis=0) > 0).sum() == 1:
            return replace(self, model=model, draws=None)
        what = f"ordinal forecast of {target.name}"
        last = np.arange(model.periods - 1, len(model.density.stage), model.periods)
        shared, name = training.study.model_settings, "ordinal_drift" if self.drift else "ordinal"

        def judged(x: np.ndarray) -> xr.Dataset:
            return xr.Dataset({"mean": (("chain", "draw", "unit"), _shares(model, x, last) @ model.values)})

        x = (
            sample_until_passed(
                model.density,
                judged,
                gates=replace(self.gates, **shared.gates_stated),
                seed=lambda attempt: training.seed_of(f"{name}/{target.name}/{attempt.draws}"),
                settings=replace(self.sampler, **shared.sampler_stated),
                attempts=ATTEMPTS,
                task=what,
            )
            .required(what)
            .x
        )
        return replace(self, model=model, draws=x.reshape(-1, x.shape[-1]))

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return posterior predictive draws; a level that was never seen gets its main effect from the prior."""
        if self.model is None:
            raise ValueError("fit the forecaster first")
        model, random = self.model, generator(seed)
        if self.draws is None:
            given = model.density.counts.sum(axis=0) + 1.0
            shares = np.repeat(random.dirichlet(given, draws)[:, None], len(units), axis=1)
            return Forecast(shares @ model.values, shares.astype(np.float32))
        x = self.draws[np.linspace(0, len(self.draws) - 1, draws).astype(int)]
        codes = {
            name: pd.Index(levels).get_indexer(units.get_level_values(position))
            for position, (name, levels) in enumerate(model.levels.items())
        }
        # A unit with an unseen level starts from the first level's cell, which _with_new_levels corrects.
        sizes = [len(levels) for levels in model.levels.values()]
        unit = np.ravel_multi_index([np.maximum(code, 0) for code in codes.values()], sizes)
        cell = unit * model.periods + model.periods - 1
        natural = model.density.parameters(x)
        scales = model.density.draw_scales(x, random)
        location = natural.location[:, cell] + next_steps(model, codes, scales, len(x), horizon + model.lag, random)
        location += drifted(model, x, horizon + model.lag, random)[:, None]
        location = _with_new_levels(model, x, codes, scales, location, random)
        scale = np.exp(natural.log_scale)[:, model.density.stage[cell]]
        shares = model.density.family.probabilities(natural.thresholds, location, scale)
        return Forecast(shares @ model.values, shares.astype(np.float32))


def next_steps(
    model: UnitModel,
    codes: dict[str, np.ndarray],
    scales: dict[str, np.ndarray],
    draws: int,
    horizon: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Return draws of how far each unit's location moves in ``horizon`` steps, ``(draws, units)``.

    A walk that the training periods say nothing about (a single one) has its step size from the prior.
    """
    number = len(next(iter(codes.values())))
    moved = np.zeros((draws, number))
    degrees = model.density.degrees
    for walk in model.walks:
        size = scales.get(walk.name)
        if size is None:
            size = walk.scale * np.sqrt(degrees / random.chisquare(degrees, draws))
        steps = random.standard_normal((draws, walk.basis.shape[1])) @ walk.basis.T
        level = np.zeros(number, dtype=int) if walk.column is None else np.maximum(codes[walk.column], 0)
        moved += np.sqrt(horizon) * size[:, None] * steps[:, level]
    return moved


def drifted(model: UnitModel, x: np.ndarray, horizon: int, random: np.random.Generator) -> np.ndarray:
    """Return draws of how far the common drift carries every location in ``horizon`` steps, damped, ``(draws,)``."""
    if not model.drift:
        return np.zeros(len(x))
    steps = float((DAMPING ** np.arange(1, horizon + 1)).sum())
    if not model.span:  # a single training period knows no drift
        degrees = model.density.degrees
        size = model.drift * np.sqrt(degrees / random.chisquare(degrees, len(x)))
        return steps * size * random.standard_normal(len(x))
    effects = model.density.effects(x, DRIFT)
    return steps * (effects[:, -1] - effects[:, 0]) / model.span


def _shares(model: UnitModel, x: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return the answer probabilities (..., chosen cells, K)."""
    natural = model.density.parameters(x)
    scale = np.exp(natural.log_scale)[..., model.density.stage[cells]]
    return model.density.family.probabilities(natural.thresholds, natural.location[..., cells], scale)


def unit_model(training: Training, target: Target, *, drift: bool = False) -> UnitModel:
    """Return the model of the answers of the training periods, with or without a common drift; see the module."""
    if target.values is None:
        raise ValueError(f"outcome {target.name} has no categories")
    study, priors = training.study, training.study.model_settings.ordinal
    past = outcome_history(study, target, training.periods)
    counts = answer_counts(study, target, past)
    asked = np.flatnonzero(counts.sum(axis=(1, 2)) > 0)
    counts, steps = counts[asked], past.steps[asked]
    levels = {str(name): list(dict.fromkeys(past.units.get_level_values(str(name)))) for name in past.units.names}
    if "stage" in levels:
        levels["stage"] = [stage for stage in study.stages if stage in levels["stage"]]
    everything = pd.MultiIndex.from_product(list(levels.values()))
    periods, units = len(steps), len(everything)
    cells = np.zeros((units, periods, counts.shape[-1]))
    cells[everything.get_indexer(pd.MultiIndex.from_tuples(list(past.units)))] = counts.transpose(1, 0, 2)
    sizes = [len(of_column) for of_column in levels.values()]
    codes = dict(zip(levels, np.unravel_index(np.repeat(np.arange(units), periods), sizes), strict=True))
    period = np.tile(np.arange(periods), units)
    over_periods = random_walk_basis(steps.tolist(), unit=1.0)
    unit = family_named(priors.family).unit
    walks = [Walk("period", None, np.ones((1, 1)), unit * priors.period_scale)]
    factors = [Factor("period", over_periods, period, unit * priors.period_scale)]
    if drift:
        factors.append(Factor(DRIFT, trend_basis(steps.tolist()), period, unit * priors.period_scale))
    for name, size in zip(levels, sizes, strict=True):
        own = exchangeable_basis(size)
        ordered = name == "stage" and study.stages_ordered
        of_column = unit * (priors.stage_scale if name == "stage" else priors.segment_scale)
        factors.append(Factor(name, random_walk_basis(range(size)) if ordered else own, codes[name], of_column))
        both, level = interaction_basis(own, over_periods), codes[name] * periods + period
        factors.append(Factor(f"{name}_period", both, level, unit * priors.stage_period_scale))
        if size > 1:
            walks.append(Walk(f"{name}_period", name, own, unit * priors.stage_period_scale))
    if len(sizes) == 2:
        both = interaction_basis(*(exchangeable_basis(size) for size in sizes))
        level = np.ravel_multi_index(list(codes.values()), sizes)
        factors.append(Factor("_".join(levels), both, level, unit * priors.stage_period_scale))
    scaled = "stage" in levels and counts.shape[-1] > 2
    density = SatisfactionModel(
        counts=cells.reshape(units * periods, -1),
        stage=codes["stage"] if scaled else np.zeros(len(period), dtype=np.int64),
        factors=tuple(factor for factor in factors if factor.basis.shape[1]),
        scale_basis=exchangeable_basis(len(levels["stage"])) if scaled else np.zeros((1, 0)),
        scale_prior=priors.latent_scale,
        degrees=DEGREES if priors.degrees is None else priors.degrees,
        family_name=priors.family,
    )
    return UnitModel(
        density,
        levels,
        periods,
        tuple(walks),
        target.values,
        lag=int(past.steps[-1] - steps[-1]),
        drift=unit * priors.period_scale if drift else 0.0,
        span=float(steps[-1] - steps[0]),
    )


def _with_new_levels(
    model: UnitModel,
    x: np.ndarray,
    codes: dict[str, np.ndarray],
    scales: dict[str, np.ndarray],
    location: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Return the locations with the main effect of unseen levels drawn anew instead of the first level's."""
    location = location.copy()
    for name, code in codes.items():
        new = np.flatnonzero(code < 0)
        if len(new) and name in scales:
            first = model.density.effects(x, name)[:, 0]
            location[:, new] += (scales[name] * random.standard_normal(len(x)) - first)[:, None]
    return location
