r"""Forecasts from the ordinal satisfaction model, fitted to the counts of answers by unit and period.

The location of unit u in period t is the sum of effects of its columns (life stage, platform, …), of the period (a
random walk), of every column's own departure over the periods (random walks) and of the columns' interaction; see
:mod:`maternal_eval.satisfaction.model` for priors and likelihood. The period ahead is one more period whose cells have
no answers, so that its effects are drawn from the walks; the density is compiled once, whatever the training periods.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.backtest.cells import Target, answer_counts, outcome_history
from maternal_eval.backtest.forecasters import Forecast, Training
from maternal_eval.fitting import POSTERIOR, Gates, SamplerSettings, diagnose, require, sample
from maternal_eval.randomness import Seed, generator
from maternal_eval.satisfaction import SatisfactionModel, SatisfactionSettings
from maternal_eval.satisfaction.density import answer_probabilities
from maternal_eval.satisfaction.factors import Factor, exchangeable_basis, interaction_basis, random_walk_basis

SAMPLER = SamplerSettings(chains=4, tune=200, draws=250, target_accept=0.9)
"""Enough for predictive draws: a forecast is the mean of many cells, not the tail of one parameter."""

LONGER = (1, 4)
"""Length of the first and of the second attempt, relative to :data:`SAMPLER`."""

GATES = Gates(rhat=1.03, bulk_ess=200.0, tail_ess=200.0)
"""Gates of the forecast means; the wider R-hat goes with the shorter chains."""


@dataclass(frozen=True)
class OrdinalFit:
    """What the model learned.

    Attributes
    ----------
    model
        The density; its cells are unit × period, periods fastest, the period ahead last.
    draws
        ``(draws, parameters)``.
    levels
        Levels of each unit column.
    stage
        Name of the column whose levels have a latent scale of their own, or None.
    values
        ``(K,)`` answers.
    periods
        Number of periods, the one ahead included.
    """

    model: SatisfactionModel
    draws: np.ndarray
    levels: dict[str, list[str]]
    stage: str | None
    values: np.ndarray
    periods: int


@dataclass(frozen=True)
class OrdinalForecaster:
    """Forecasts the distribution of the answers of every unit; the mean follows from it."""

    sampler: SamplerSettings = SAMPLER
    gates: Gates = GATES
    fitted: OrdinalFit | None = None

    def fit(self, training: Training, target: Target) -> Self:
        """Sample the posterior.

        Raises
        ------
        DiagnosticsError
            If the chains do not keep the gates, not even when longer.
        """
        model, levels, stage = unit_model(training, target)
        what = f"ordinal forecast of {target.name}"
        values, periods = target.values, len(training.periods) + 1
        if values is None:
            raise ValueError(f"outcome {target.name} has no categories")
        for factor in LONGER:
            settings = replace(self.sampler, tune=factor * self.sampler.tune, draws=factor * self.sampler.draws)
            tree = sample(model, seed=training.seed_of(f"ordinal/{target.name}/{factor}"), settings=settings, task=what)
            x = tree[POSTERIOR]["parameter"].transpose("chain", "draw", "name").to_numpy()
            ahead = np.arange(periods - 1, len(model.stage), periods)
            means = probabilities(model, x, ahead) @ values
            judged = xr.Dataset({"mean": (("chain", "draw", "unit"), means)})
            diagnostics = diagnose(tree.assign({POSTERIOR: xr.DataTree(judged)}), self.gates)
            if diagnostics.passed:
                break
        require(diagnostics, what)
        flat = x.reshape(-1, x.shape[-1])
        return replace(self, fitted=OrdinalFit(model, flat, levels, stage, values, periods))

    def forecast(self, units: pd.MultiIndex, horizon: int, draws: int, seed: Seed) -> Forecast:
        """Return posterior predictive draws; a level that was never seen gets its effects from the prior."""
        if self.fitted is None:
            raise ValueError("fit the forecaster first")
        fit, random = self.fitted, generator(seed)
        chosen = fit.draws[np.linspace(0, len(fit.draws) - 1, draws).astype(int)]
        known = pd.MultiIndex.from_product(list(fit.levels.values()))
        place = known.get_indexer(pd.MultiIndex.from_tuples(list(units)))
        # The cells of a unit whose levels were not all seen: those of the first level, corrected below.
        codes = {
            name: pd.Index(levels).get_indexer(units.get_level_values(position))
            for position, (name, levels) in enumerate(fit.levels.items())
        }
        stand_in = np.ravel_multi_index(
            [np.maximum(code, 0) for code in codes.values()], [len(levels) for levels in fit.levels.values()]
        )
        place = np.where(place >= 0, place, stand_in)
        location = fit.model.parameters(chosen).location
        last, ahead = (location[:, place * fit.periods + step] for step in (fit.periods - 2, fit.periods - 1))
        location = last + np.sqrt(horizon) * (ahead - last)
        if any((code < 0).any() for code in codes.values()):
            location = _with_new_levels(fit, chosen, codes, location, random)
        natural = fit.model.parameters(chosen)
        scale = np.exp(natural.log_scale)[:, fit.model.stage[place * fit.periods]]
        shares = answer_probabilities(natural.thresholds, location, scale)
        return Forecast(shares @ fit.values, shares.astype(np.float32))


def probabilities(model: SatisfactionModel, x: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return the answer probabilities (..., chosen cells, K)."""
    natural = model.parameters(x)
    scale = np.exp(natural.log_scale)[..., model.stage[cells]]
    return answer_probabilities(natural.thresholds, natural.location[..., cells], scale)


def unit_model(training: Training, target: Target) -> tuple[SatisfactionModel, dict[str, list[str]], str | None]:
    """Return the density, the levels of each unit column, and the column that has latent scales of its own."""
    study, settings = training.study, SatisfactionSettings()
    past = outcome_history(study, target, training.periods)
    counts = answer_counts(study, target, past)
    levels = {name: list(dict.fromkeys(past.units.get_level_values(name))) for name in target.units or past.units.names}
    if "stage" in levels:
        levels["stage"] = [stage for stage in study.stages if stage in levels["stage"]]
    everything = pd.MultiIndex.from_product(list(levels.values()))
    periods, units = len(training.periods) + 1, len(everything)
    place = everything.get_indexer(pd.MultiIndex.from_tuples(list(past.units)))
    cells = np.zeros((units, periods, counts.shape[-1]))
    cells[place, : periods - 1] = counts.transpose(1, 0, 2)
    sizes = [len(of_column) for of_column in levels.values()]
    codes = dict(zip(levels, np.unravel_index(np.repeat(np.arange(units), periods), sizes), strict=True))
    period = np.tile(np.arange(periods), units)
    gaps = np.diff(training.periods)
    positions = [*training.periods, training.periods[-1] + (int(gaps.min()) if len(gaps) else 1)]
    walk = random_walk_basis(positions, (cells.sum(axis=(0, 2)) > 0).astype(float))
    factors = [Factor("period", walk, period, settings.period_scale)]
    for name, size in zip(levels, sizes, strict=True):
        ordered = name == "stage" and study.stages_ordered
        main = random_walk_basis(range(size)) if ordered else exchangeable_basis(size)
        of_column = settings.stage_scale if name == "stage" else settings.segment_scale
        factors.append(Factor(name, main, codes[name], of_column))
        departure = interaction_basis(exchangeable_basis(size), walk)
        level = codes[name] * periods + period
        factors.append(Factor(f"{name} × period", departure, level, settings.stage_period_scale))
    if len(sizes) == 2:
        both = interaction_basis(*(exchangeable_basis(size) for size in sizes))
        level = np.ravel_multi_index(list(codes.values()), sizes)
        factors.append(Factor(" × ".join(levels), both, level, settings.stage_period_scale))
    stage = "stage" if "stage" in levels and counts.shape[-1] > 2 and len(levels["stage"]) > 1 else None
    groups = codes[stage] if stage else np.zeros(len(period), dtype=np.int64)
    scale_basis = exchangeable_basis(len(levels[stage])) if stage else np.zeros((1, 0))
    model = SatisfactionModel(
        counts=cells.reshape(units * periods, -1),
        stage=groups,
        factors=tuple(factor for factor in factors if factor.basis.shape[1]),
        scale_basis=scale_basis,
        scale_prior=settings.latent_scale,
        degrees=settings.degrees,
    )
    return model, levels, stage


def _with_new_levels(
    fit: OrdinalFit, x: np.ndarray, codes: dict[str, np.ndarray], location: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Return the locations with the main effect of unseen levels drawn anew instead of the stand-in's."""
    scales = fit.model.draw_scales(x, random)
    location = location.copy()
    for name, code in codes.items():
        new = np.flatnonzero(code < 0)
        if not len(new):
            continue
        stand_in = fit.model.effects(x, name)[:, 0] if name in scales else np.zeros(len(x))
        spread = scales.get(name, np.full(len(x), SatisfactionSettings().segment_scale))
        location[:, new] += (spread * random.standard_normal(len(x)) - stand_in)[:, None]
    return location
