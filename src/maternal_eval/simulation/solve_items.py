"""Locations of the items, solved so that their mean answers hit the targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from maternal_eval.core.randomness import generator, named
from maternal_eval.simulation import assumptions
from maternal_eval.simulation.items import CUTS, latent, need_probability
from maternal_eval.simulation.respondents import draw_people
from maternal_eval.simulation.truth import Truth

SAMPLE = 20_000  # people per year; a mean answer is then known to about 0.004
FARTHEST = 6.0  # no location lies farther from its start, in answer points


def item_targets() -> np.ndarray:
    """Return the mean answers aimed at, year × item (2021–2023 on the common path)."""
    ends = np.array(list(assumptions.ITEM_MEANS.values()))
    path = np.array(assumptions.PATH)[:, None]
    return ends[:, 0] + (ends[:, 1] - ends[:, 0]) * path


def solve_locations(truth: Truth, seed: np.random.SeedSequence) -> Truth:
    """Return the truth with item locations (year × stage × item) that give the mean answers aimed at.

    A stage with a target of its own (pregnancy F09, postpartum E05) is solved first; then one common shift of the
    other stages brings the mean over all stages to its target. The noise is integrated out, people are drawn.
    Means are over those to whom the item applies.
    """
    years = range(len(truth.names.years))
    location = np.stack([_solve_year(truth, year, named(seed, f"items {year}")) for year in years])
    return replace(truth, items=replace(truth.items, location=location))


def _solve_year(truth: Truth, year: int, seed: np.random.SeedSequence) -> np.ndarray:
    random = generator(seed)
    stages = truth.names.stages
    people = draw_people(truth, year, SAMPLE, random, sampled=False)
    hidden, spacing = latent(truth, people, random)
    noise = truth.items.noise[people.stage]
    location = truth.items.location[year].copy()
    for column, code in enumerate(truth.names.codes):
        applies = need_probability(code, people)
        start = hidden[:, column] + location[people.stage, column]
        free_stages, free_people = np.ones(len(stages), dtype=bool), np.ones(SAMPLE, dtype=bool)
        for (item, stage), (first, last) in assumptions.STAGE_ITEM_MEANS.items():
            if item != code:
                continue
            rows = people.stage == stages.index(stage)
            target = first + (last - first) * assumptions.PATH[year]
            shift = solve_shift(start[rows], np.ones(rows.sum()), spacing[rows], noise[rows], applies[rows], target)
            location[stages.index(stage), column] += shift
            start[rows] += shift
            free_stages[stages.index(stage)], free_people[rows] = False, False
        target = item_targets()[year, column]
        shift = solve_shift(start, free_people.astype(float), spacing, noise, applies, target)
        location[free_stages, column] += shift
    return location


def solve_shift(
    start: np.ndarray,
    moves: np.ndarray,
    spacing: np.ndarray,
    noise: np.ndarray,
    applies: np.ndarray,
    target: float,
) -> float:
    """Return the shift s for which latent answers ``start + s · moves`` have the mean answer ``target``.

    All arrays have one entry per person; ``applies`` weighs the mean.
    """

    def excess(shift: float) -> float:
        latent_answer = start + shift * moves
        answer = 1 + sum(ndtr((latent_answer - cut * spacing) / noise) for cut in CUTS)
        return float((answer * applies).sum() / applies.sum() - target)

    return float(brentq(excess, -FARTHEST, FARTHEST, xtol=1e-9))
