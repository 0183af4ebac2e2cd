"""The part of the truth that is set, not solved: population, deviations of items, weights, response times."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from maternal_eval.simulation import assumptions
from maternal_eval.simulation.respondents import share_young
from maternal_eval.simulation.truth import Items, Names, Population, Weights

YOUNG_SHARE = 0.75  # published for 2024


def names(codes: tuple[str, ...], kano: tuple[str, ...]) -> Names:
    """Return the names of all axes."""
    types = tuple(kind for kind, _ in assumptions.PLATFORMS.values())
    return Names(
        codes, kano, assumptions.STAGES, assumptions.YEARS, tuple(assumptions.PLATFORMS), types, assumptions.TIERS
    )


def population() -> Population:
    """Return the shares of users; the age location is solved for the published share of young parents in 2024."""
    years = np.arange(len(assumptions.YEARS))[:, None] / (len(assumptions.YEARS) - 1)
    first, last = np.array(assumptions.STAGE_SHARES_FIRST), np.array(assumptions.STAGE_SHARES_LAST)
    stage = first + (last - first) * years
    met = np.array(assumptions.TRIMESTER_WEEKS) * np.array(assumptions.TRIMESTER_WEEKLY_USES)
    location = brentq(lambda where: share_young(where, stage[-1]) - YOUNG_SHARE, 20, 45)
    return Population(
        stage=stage,
        trimester=met / met.sum(),
        platform=np.array([share for _, share in assumptions.PLATFORMS.values()]),
        tier=np.array(assumptions.TIER_POPULATION),
        tier_sampled=np.array(assumptions.TIER_SAMPLE),
        age_location=float(location),
    )


def response_minutes(all_names: Names, people: Population, random: np.random.Generator) -> np.ndarray:
    """Return the mean minutes from enquiry to reply, year × platform."""
    years, count = len(all_names.years), len(all_names.platforms)
    kinds = np.array([assumptions.RESPONSE_BY_TYPE[kind] for kind in all_names.platform_types])
    logs = kinds + 0.15 * random.standard_normal(count) + np.cumsum(0.05 * random.standard_normal((years, count)), 0)
    minutes = np.exp(logs)
    return (
        minutes
        / (minutes * people.platform).sum(axis=1, keepdims=True)
        * np.array(assumptions.RESPONSE_MINUTES)[:, None]
    )


def items(all_names: Names, people: Population, minutes: np.ndarray, random: np.random.Generator) -> Items:
    """Return the deviations of the items; the locations hold the stages' deviations and are solved later."""
    codes, platforms, years = all_names.codes, all_names.platforms, len(all_names.years)
    platform = np.stack([assumptions.shifts(assumptions.TYPE_SHIFTS[kind], codes) for kind in all_names.platform_types])
    platform = platform + assumptions.QUALITY_SPREAD * random.standard_normal((len(platforms), 1))
    platform = platform + assumptions.ITEM_SPREAD * random.standard_normal((len(platforms), len(codes)))
    drift = np.cumsum(assumptions.DRIFT_SPREAD * random.standard_normal((years, len(platforms), 1)), axis=0)
    by_year = platform[None] + drift
    logs = np.log(minutes)
    slower = logs - (logs * people.platform).sum(axis=1, keepdims=True)
    by_year[:, :, codes.index("F02")] -= assumptions.TIMELINESS_PER_LOG_MINUTE * slower
    hiding = all_names.years.index(assumptions.HIDING_YEAR), platforms.index(assumptions.HIDING_PLATFORM)
    by_year[hiding[0], hiding[1], codes.index("F04")] += assumptions.HIDING_SHIFT
    trend = assumptions.QUARTER_TREND * (np.arange(4) - 1.5)[:, None]
    stage = np.stack([assumptions.shifts(assumptions.STAGE_SHIFTS[name], codes) for name in all_names.stages])
    return Items(
        location=np.repeat(stage[None], years, axis=0),
        platform=by_year,
        tier=np.stack([assumptions.shifts(assumptions.TIER_SHIFTS[name], codes) for name in all_names.tiers]),
        quarter=trend + np.stack([assumptions.shifts(assumptions.QUARTER_SHIFTS[q], codes) for q in (1, 2, 3, 4)]),
        loading=0.42 + 0.26 * random.random(len(codes)),
        noise=assumptions.NOISE * np.array(assumptions.NOISE_BY_STAGE),
    )


def weights(all_names: Names, random: np.random.Generator) -> Weights:
    """Return expert, base and stage weights; one multiplier is solved so that its share is the stated one."""
    codes = all_names.codes
    dimension = [assumptions.dimension_of(code) for code in codes]
    expert, base = np.zeros(len(codes)), np.zeros(len(codes))
    stage = np.zeros((len(all_names.stages), len(codes)))
    for name, whole in assumptions.DIMENSION_WEIGHTS.items():
        columns = np.array([each == name for each in dimension])
        inside = np.array(assumptions.EXPERT_WEIGHTS[name])
        expert[columns] = whole * inside / inside.sum()
        inside = inside * np.exp(assumptions.BASE_WEIGHT_SPREAD * random.standard_normal(len(inside)))
        inside = inside / inside.sum()
        base[columns] = whole * inside
        here = [code for code in codes if assumptions.dimension_of(code) == name]
        for row, stage_name in enumerate(all_names.stages):
            moved = inside * [assumptions.WEIGHT_MULTIPLIERS[stage_name].get(code, 1.0) for code in here]
            moved = moved / moved.sum()
            solved_stage, code, share = assumptions.SOLVED_WEIGHT
            if stage_name == solved_stage and code in here:
                others = np.array([each != code for each in here])
                moved = np.where(others, moved * (1 - share) / moved[others].sum(), share)
            stage[row, columns] = whole * moved
    return Weights(expert=expert, base=base, stage=stage)
