"""What respondents answer: 30 correlated items 1–5, empty where they do not apply or were skipped."""

from __future__ import annotations

import numpy as np

from maternal_eval.simulation import assumptions
from maternal_eval.simulation.respondents import People
from maternal_eval.simulation.truth import Truth

CUTS = np.array([-1.5, -0.5, 0.5, 1.5])


def latent(truth: Truth, people: People, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw what lies behind the answers, without the location and without the noise.

    Returns
    -------
    tuple
        Latent answers (respondents × items) and the personal spacing of the cuts (respondents): above 1 the
        respondent keeps to the middle of the scale, below 1 goes to its ends.
    """
    items, codes, count = truth.items, truth.names.codes, len(people.stage)
    general = random.standard_normal(count)
    shared, own = np.sqrt(assumptions.DIMENSION_CORRELATION), np.sqrt(1 - assumptions.DIMENSION_CORRELATION)
    factors = {name: shared * general + own * random.standard_normal(count) for name in assumptions.DIMENSION_WEIGHTS}
    person = assumptions.ACQUIESCENCE * random.standard_normal(count)
    person = person + np.array(assumptions.CRITICAL_BY_EDUCATION)[people.education]
    spacing = np.exp(assumptions.EXTREMITY * random.standard_normal(count))
    hidden = items.platform[people.year][people.platform] + items.tier[people.tier] + items.quarter[people.quarter]
    hidden += person[:, None]
    for column, code in enumerate(codes):
        hidden[:, column] += items.loading[column] * factors[assumptions.dimension_of(code)]
    return hidden, spacing


def draw_answers(truth: Truth, people: People, random: np.random.Generator) -> np.ndarray:
    """Draw the answers (respondents × items, 1–5; NaN = does not apply or skipped)."""
    hidden, spacing = latent(truth, people, random)
    hidden += truth.items.location[people.year][people.stage]
    hidden += truth.items.noise[people.stage][:, None] * random.standard_normal(hidden.shape)
    answers = np.ones(hidden.shape)
    for cut in CUTS:
        answers += hidden > cut * spacing[:, None]
    answers[~draw_answered(truth, people, random)] = np.nan
    return answers


def draw_answered(truth: Truth, people: People, random: np.random.Generator) -> np.ndarray:
    """Draw which items a respondent answers; given stage and platform it does not depend on the answers."""
    codes, count = truth.names.codes, len(people.stage)
    answered = np.ones((count, len(codes)), dtype=bool)
    for items in assumptions.NEEDS.values():
        has = random.random(count) < need_probability(items[0], people)
        for item in items:
            answered[:, codes.index(item)] = has
    skips = random.beta(*assumptions.NONRESPONSE, size=count)
    return answered & (random.random(answered.shape) >= skips[:, None])


def need_probability(code: str, people: People) -> np.ndarray:
    """Return the probability that an item applies to each respondent, by platform type and stage."""
    for need, items in assumptions.NEEDS.items():
        if code in items:
            by_stage = np.array(assumptions.NEED_BY_STAGE.get(need, (0.0,) * len(assumptions.STAGES)))
            by_type = np.array(assumptions.NEED_BY_TYPE[need])
            return np.clip(by_type[people.platform_type] + by_stage[people.stage], 0.0, 1.0)
    return np.ones(len(people.stage))
