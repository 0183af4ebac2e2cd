"""Simulated answers with known stage weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from maternal_eval.methods.simplex_regression.likelihood import StageAnswers

DIMENSION_START = np.array([0, 3, 6])


def true_weights(stages=3):
    """Weights by stage: the same but for one indicator that is five times as heavy in the last stage."""
    weights = np.tile([0.25, 0.10, 0.15, 0.20, 0.10, 0.20], (stages, 1))
    weights[-1, 1] *= 5
    return weights / weights.sum(axis=1, keepdims=True)


def simulate_stage(weights, count, random, slope=9.0, missing=0.15, categories=5, effects=3, twin=False):
    """Draw one stage: correlated answers, some missing, and the outcome of the cumulative model."""
    latent = 0.5 * random.standard_normal((count, 1)) + 0.9 * random.standard_normal((count, 6))
    values = (np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) / 4).astype(np.float32)
    if twin:
        values[:, 4] = values[:, 5]
    answered = random.random((count, 6)) > missing
    answered[~answered.any(axis=1), 0] = True
    level = random.integers(effects, size=(count, 1))
    composite = composite_by_hand(values, answered, weights)
    eta = slope * (composite - 0.5) + np.array([0.3, -0.2, 0.0])[level[:, 0]]
    thresholds = np.linspace(-2.5, 2.5, categories - 1) if categories > 2 else np.array([0.2])
    outcome = np.digitize(eta + random.logistic(size=count), thresholds)
    return StageAnswers(
        values=np.where(answered, values, 0).astype(np.float32),
        answered=answered.astype(np.float32),
        outcome=outcome.astype(np.int64),
        effects=level.astype(np.int64),
        dimension_start=DIMENSION_START,
        categories=categories,
        effect_count=effects,
        centre=0.5,
    )


def composite_by_hand(values, answered, weights):
    """The composite value by its definition, one respondent at a time."""
    result = np.empty(len(values))
    for row, (value, known) in enumerate(zip(np.asarray(values, float), np.asarray(answered, bool), strict=True)):
        top = bottom = 0.0
        for start, stop in pairwise(DIMENSION_START):
            here = np.arange(start, stop)[known[start:stop]]
            if here.size:
                whole = weights[start:stop].sum()
                top += whole * np.average(value[here], weights=weights[here])
                bottom += whole
        result[row] = top / bottom
    return result


@pytest.fixture(scope="session")
def simulated():
    """Three stages of 1000 respondents and the weights they were drawn from."""
    random = np.random.default_rng(11)
    weights = true_weights()
    return [simulate_stage(of_stage, 1000, random) for of_stage in weights], weights
