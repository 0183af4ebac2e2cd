"""Who answers: stage, trimester, platform, city tier, age, education, income, and the survey weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from maternal_eval.simulation import assumptions
from maternal_eval.simulation.truth import Truth

NO_TRIMESTER = -1


@dataclass(frozen=True)
class People:
    """Respondents of one year: positions in the lists of names, one entry each."""

    year: int  # position of the year
    quarter: np.ndarray  # 0–3
    stage: np.ndarray
    trimester: np.ndarray  # NO_TRIMESTER outside pregnancy
    platform: np.ndarray
    platform_type: np.ndarray
    tier: np.ndarray
    age: np.ndarray  # years
    education: np.ndarray
    income: np.ndarray
    weight: np.ndarray  # mean 1


def pick(probabilities: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw one category per row of ``probabilities`` (rows add up to 1)."""
    cumulated = np.cumsum(probabilities, axis=1)[:, :-1]
    return (random.random(len(probabilities))[:, None] > cumulated).sum(axis=1)


def draw_people(truth: Truth, year: int, count: int, random: np.random.Generator, *, sampled: bool = True) -> People:
    """Draw the respondents of one year.

    Parameters
    ----------
    year
        Position of the year.
    sampled
        Draw city tiers as the survey reaches them, with a weight that corrects it; else as they live, weight 1.
    """
    population = truth.population
    quarter = (np.arange(count) * 4) // count
    stage = pick(np.broadcast_to(population.stage[year], (count, len(truth.names.stages))), random)
    trimester = pick(np.broadcast_to(population.trimester, (count, 3)), random)
    trimester[stage != truth.names.stages.index("pregnancy")] = NO_TRIMESTER
    platform = pick(np.broadcast_to(population.platform, (count, len(population.platform))), random)
    types = np.array([assumptions.TYPES.index(name) for name in truth.names.platform_types])
    shares = population.tier_sampled if sampled else population.tier
    tier = pick(np.broadcast_to(shares, (count, len(shares))), random)
    education = pick(np.array(assumptions.EDUCATION_BY_TIER)[tier], random)
    income = pick(np.array(assumptions.INCOME_BY_EDUCATION)[education], random)
    age = draw_age(population.age_location, stage, random)
    weight = np.ones(count)
    if sampled:
        # Poststratified to the population's tiers, so that the weighted shares are exact in every year.
        found = np.bincount(tier, minlength=len(shares)) / count
        weight = population.tier[tier] / found[tier]
    return People(year, quarter, stage, trimester, platform, types[platform], tier, age, education, income, weight)


def draw_age(location: float, stage: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw ages in whole years from a normal distribution cut off outside the published age range."""
    mean = location + np.array(assumptions.AGE_STAGE_SHIFT)[stage]
    low, high = assumptions.AGE_RANGE
    start = ndtr((low - mean) / assumptions.AGE_SPREAD)
    width = ndtr((high + 1 - mean) / assumptions.AGE_SPREAD) - start
    drawn = mean + assumptions.AGE_SPREAD * ndtri(start + width * random.random(len(stage)))
    return np.clip(np.floor(drawn), low, high).astype(int)


def share_young(location: float, stage_shares: np.ndarray) -> float:
    """Return the probability that a user is at most :data:`assumptions.YOUNG_UNTIL` years old."""
    mean = location + np.array(assumptions.AGE_STAGE_SHIFT)
    low, high = assumptions.AGE_RANGE

    def below(age: float) -> np.ndarray:
        return ndtr((age - mean) / assumptions.AGE_SPREAD)

    start = below(low)
    by_stage = (below(assumptions.YOUNG_UNTIL + 1) - start) / (below(high + 1) - start)
    return float(np.sum(stage_shares * by_stage))
