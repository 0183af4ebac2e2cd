r"""What would a given accuracy need? Accuracy under each reading in studies simulated from a stated model.

Unit u has the level :math:`\mu_u \sim N(m, b^2)`; one period later it is :math:`\mu_u + \delta + e + d_u` with a common
step :math:`e \sim N(0, \tau^2)` and its own :math:`d_u \sim N(0, \omega^2)`. Of each level the mean of n answers with
standard deviation s is observed. All numbers come from the training periods of the study; then one at a time changes.

Three forecasters bracket what can be had: the last observed value; the best that one past observation allows, with
every parameter known, :math:`m + k(\bar y_u - m) + \delta`, :math:`k = b^2 / (b^2 + s^2/n)`; and the true mean of the
period to come, which nobody knows: what it misses is sampling error alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import History
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import generator, named
from maternal_eval.methods.forecasting import scores
from maternal_eval.methods.forecasting.local_level import fit_local_level

READINGS = ("one_minus_mape", "within_tolerance", "right_direction")

BRACKETS = ("last_value", "best_from_past", "true_mean")
"""The three forecasters, from the least to the most informed."""


@dataclass(frozen=True)
class World:
    """A simulated survey; see the module for the meaning of the parameters."""

    mean: float
    between: float
    within: float
    common_step: float
    own_step: float
    drift: float
    answers: int
    clusters: int
    units_per_cluster: int

    @classmethod
    def of(cls, past: History, test_answers: float, guess: float, clusters: int, horizon: int = 1) -> World:
        """Return the world that the training cells show, with the typical number of test answers.

        Its step from one period to the next is as long as the study's own forecast, ``horizon`` steps of time.
        """
        fitted = fit_local_level(past.mean, past.variance, guess, drift=True, steps=past.steps)
        last = past.last()
        known = ~np.isnan(last)
        noise = np.nanmean(past.variance)
        return cls(
            mean=float(last[known].mean()),
            between=float(np.sqrt(max(last[known].var(ddof=1) - noise, guess**2)) if known.sum() > 1 else guess),
            within=float(np.sqrt(past.within_variance)),
            common_step=float(np.sqrt(horizon * fitted.common_variance)),
            own_step=float(np.sqrt(horizon * fitted.unit_variance)),
            drift=horizon * fitted.drift,
            answers=max(round(test_answers), 1),
            clusters=clusters,
            units_per_cluster=max(round(int(known.sum()) / clusters), 1),
        )


def grid(world: World) -> list[tuple[str, float, World]]:
    """Return the worlds to be simulated: which factor was set to which level."""
    step = abs(world.drift) or world.common_step

    def steps(times: float) -> World:
        return replace(world, common_step=times * world.common_step, own_step=times * world.own_step)

    return [
        *(("answers", n, replace(world, answers=n)) for n in (5, 10, 20, 40, 80, 160, 320, 1000)),
        *(("noise", k * world.within, replace(world, within=k * world.within)) for k in (0.5, 0.75, 1.0, 1.5, 2.0)),
        *(("steps", k, steps(k)) for k in (0.0, 0.5, 1.0, 2.0, 4.0)),
        *(("drift", k * step, replace(world, drift=k * step)) for k in (0.0, 0.5, 1.0, 2.0, 4.0)),
        *(("clusters", n, replace(world, clusters=n)) for n in (2, 4, 8, 12, 24, 48)),
    ]


def simulate(world: World, replicates: int, tolerance: float, random: np.random.Generator) -> np.ndarray:
    """Return the accuracies of simulated studies, ``(replicates, brackets, readings)``."""
    shape = (replicates, world.clusters * world.units_per_cluster)
    level = random.normal(world.mean, world.between, shape)
    later = level + world.drift + random.normal(0, world.common_step, (replicates, 1))
    later = later + random.normal(0, world.own_step, shape)
    error = world.within / np.sqrt(world.answers)
    last, observed = level + error * random.standard_normal(shape), later + error * random.standard_normal(shape)
    known = world.between**2 + error**2
    pull = world.between**2 / known if known > 0 else 1.0  # units that do not differ, seen without error
    forecasts = (last, world.mean + pull * (last - world.mean) + world.drift, later)
    found = np.full((replicates, len(BRACKETS), len(READINGS)), np.nan)
    for number, forecast in enumerate(forecasts):
        direction = scores.right_direction(observed, forecast, last)
        found[:, number, 0] = _mean_known(scores.relative_closeness(observed, forecast))
        found[:, number, 1] = scores.within_tolerance(observed, forecast, tolerance).mean(axis=1)
        found[:, number, 2] = _mean_known(direction)
    return found


def _mean_known(of_cells: np.ndarray) -> np.ndarray:
    """Return the mean over the cells that have a value, ``(replicates,)``; NaN where none has."""
    known = ~np.isnan(of_cells)
    total, cells = np.where(known, of_cells, 0.0).sum(axis=1), known.sum(axis=1)
    return np.divide(total, cells, out=np.full(len(total), np.nan), where=cells > 0)


def attainability_table(
    world: World, replicates: int, tolerance: float, seed: int | np.random.SeedSequence
) -> pd.DataFrame:
    """Return one row per factor × level × forecaster × reading.

    ``value`` is the mean accuracy over simulated studies, ``mcse`` its Monte-Carlo standard error; ``low`` and ``high``
    hold 90 % of the studies: what a single one may show.
    """
    rows = []
    for factor, level, changed in grid(world):
        found = simulate(changed, replicates, tolerance, generator(named(seed, f"{factor}/{level:g}")))
        for number, bracket in enumerate(BRACKETS):
            for place, reading in enumerate(READINGS):
                part = found[:, number, place]
                part = part[~np.isnan(part)]  # a study in which every cell is 0, or no cell moves, has no such accuracy
                if len(part) < 2:
                    continue
                low, high = interval(part)
                rows.append(
                    {
                        "factor": factor,
                        "level": float(level),
                        "forecaster": bracket,
                        "reading": reading,
                        "value": float(part.mean()),
                        "mcse": float(part.std(ddof=1) / np.sqrt(len(part))),
                        "low": float(low),
                        "high": float(high),
                    }
                )
    return pd.DataFrame(rows)


def answers_needed(table: pd.DataFrame, accuracy: float) -> pd.DataFrame:
    """Return how many answers per cell give an accuracy, by reading and forecaster.

    ``answers`` is interpolated on the log scale between the simulated sizes: 0 where the smallest already does, NaN
    where the largest does not. ``largest`` is the accuracy with the largest size.
    """
    rows = []
    chosen = table[table["factor"] == "answers"].sort_values("level")
    for (reading, forecaster), part in chosen.groupby(["reading", "forecaster"], sort=False):
        size, value = part["level"].to_numpy(), part["value"].to_numpy()
        reached = np.flatnonzero(value >= accuracy)
        if not len(reached):
            answers = float("nan")
        elif reached[0] == 0:
            answers = 0.0
        else:
            at = reached[0]
            share = (accuracy - value[at - 1]) / (value[at] - value[at - 1])
            answers = float(np.exp(np.log(size[at - 1]) + share * np.log(size[at] / size[at - 1])))
        rows.append({"reading": reading, "forecaster": forecaster, "answers": answers, "largest": value[-1]})
    return pd.DataFrame(rows)
