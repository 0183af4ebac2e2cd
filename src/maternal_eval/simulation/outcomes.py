"""What follows from the answers: satisfaction, trust, repurchase and recommendation.

All four depend on the OBSERVED answers, so that a response style does not confound them. Their residuals are linked
by a Gaussian copula: each outcome keeps exactly its stated distribution given the answers, and a satisfied respondent
is more often a loyal one than the answers alone would tell.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, ndtr

from maternal_eval.methods.value import answer_value
from maternal_eval.simulation import assumptions
from maternal_eval.simulation.respondents import People
from maternal_eval.simulation.truth import Truth


def composite(truth: Truth, answers: np.ndarray, stage: np.ndarray) -> np.ndarray:
    """Return the composite value in [0, 1] of each respondent with the true weights of her stage.

    Weights are renormalised over the answered items of a dimension, then over the dimensions with any answer.
    """
    values = answer_value(answers, truth.names.kano, 1, 5)
    weights = truth.weights.stage[stage]
    answered = ~np.isnan(values)
    products = np.where(answered, values, 0.0) * weights
    present = weights * answered
    total, share = np.zeros(len(stage)), np.zeros(len(stage))
    for dimension in assumptions.DIMENSION_WEIGHTS:
        columns = [assumptions.dimension_of(code) == dimension for code in truth.names.codes]
        found = present[:, columns].sum(axis=1)
        whole = weights[:, columns].sum(axis=1)
        mean = np.divide(products[:, columns].sum(axis=1), found, out=np.zeros(len(stage)), where=found > 0)
        total += np.where(found > 0, whole * mean, 0.0)
        share += np.where(found > 0, whole, 0.0)
    return np.divide(total, share, out=np.full(len(stage), 0.5), where=share > 0)


def satisfaction_predictor(truth: Truth, people: People, composites: np.ndarray) -> np.ndarray:
    """Return η of overall satisfaction."""
    part = truth.satisfaction
    eta = part.slope * composites + part.stage_year[people.year][people.stage]
    return eta + part.platform[people.platform] + part.tier[people.tier]


def satisfaction_cumulative(truth: Truth, people: People, composites: np.ndarray) -> np.ndarray:
    """Return P(satisfaction ≤ k), k = 1…4 (respondents × 4)."""
    eta = satisfaction_predictor(truth, people, composites)
    return cumulative(eta, truth.satisfaction.thresholds, truth.satisfaction.scale[people.stage])


def cumulative(eta: np.ndarray, thresholds: np.ndarray, scale: np.ndarray | float = 1.0) -> np.ndarray:
    """Return logistic((threshold − η) / scale), respondents × thresholds."""
    return expit((thresholds[None, :] - eta[:, None]) / np.broadcast_to(scale, eta.shape)[:, None])


def trust_predictor(truth: Truth, people: People, answers: np.ndarray, composites: np.ndarray) -> np.ndarray:
    """Return η of trust: the composite, the items that trust rests on, and what the hiding platform loses."""
    part = truth.trust
    eta = part.slope * composites
    for code, coefficient in part.item_coefficients.items():
        position = (answers[:, truth.names.codes.index(code)] - 1) / 4
        eta = eta + coefficient * np.nan_to_num(position - part.item_centres[code])
    hidden = truth.names.years[people.year] == part.hiding_year
    hiding = people.platform == truth.names.platforms.index(part.hiding_platform)
    return eta + part.hiding_effect * (hiding & hidden)


def repurchase_probability(truth: Truth, people: People, answers: np.ndarray, composites: np.ndarray) -> np.ndarray:
    """Return P(repurchase = 1)."""
    part, codes = truth.repurchase, truth.names.codes
    x = (answers[:, codes.index("F02")] - 1) / 4
    timeliness = part.linear * (x - part.centre) + part.quadratic * (x**2 - part.centre**2)
    member = ~np.isnan(answers[:, codes.index("S02")])
    eta = part.intercept + part.slope * composites + np.nan_to_num(timeliness) + part.community * member
    return expit(eta + part.platform[people.platform] + part.stage[people.stage])


def recommend_cumulative(truth: Truth, answers: np.ndarray, composites: np.ndarray) -> np.ndarray:
    """Return P(recommendation ≤ k), k = 0…9 (respondents × 10)."""
    part = truth.recommend
    relief = np.nan_to_num(answers[:, truth.names.codes.index("E01")] - 3)
    return cumulative(part.slope * composites + part.anxiety * relief, part.thresholds)


def draw_outcomes(
    truth: Truth, people: People, answers: np.ndarray, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Draw the four outcomes; NaN where trust or recommendation was skipped."""
    count = len(people.stage)
    shared = np.sqrt(assumptions.OUTCOME_DEPENDENCE) * random.standard_normal(count)
    own = np.sqrt(1 - assumptions.OUTCOME_DEPENDENCE) * random.standard_normal((len(assumptions.OUTCOMES), count))
    uniform = dict(zip(assumptions.OUTCOMES, ndtr(shared + own), strict=True))
    skipped = random.random((2, count)) < assumptions.OUTCOME_NONRESPONSE
    composites = composite(truth, answers, people.stage)
    trust = cumulative(trust_predictor(truth, people, answers, composites), truth.trust.thresholds)

    def count_above(name: str, probabilities: np.ndarray) -> np.ndarray:
        return (uniform[name][:, None] > probabilities).sum(axis=1).astype(float)

    outcomes = {
        "satisfaction": 1 + count_above("satisfaction", satisfaction_cumulative(truth, people, composites)),
        "trust": 1 + count_above("trust", trust),
        "repurchase": (uniform["repurchase"] > 1 - repurchase_probability(truth, people, answers, composites)).astype(
            float
        ),
        "recommend": count_above("recommend", recommend_cumulative(truth, answers, composites)),
    }
    outcomes["trust"][skipped[0]] = np.nan
    outcomes["recommend"][skipped[1]] = np.nan
    return outcomes
