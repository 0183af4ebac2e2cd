"""Logistic regression, elasticity and curve: known values, relations, recovery of the simulated effect."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity.elasticity import (
    Response,
    bootstrap_elasticity,
    elasticity,
    linear_until,
    logistic_coefficients,
    one_step_coefficients,
    response_curve,
)


@pytest.fixture
def response():
    random = np.random.default_rng(4)
    count = 4000
    answer = random.integers(1, 6, count).astype(float)
    others, control = random.random(count), (random.random((count, 2)) < 0.4).astype(float)
    logit = -1.5 + 1.2 * (answer - 1) / 4 + 1.0 * others + control @ [0.3, -0.4]
    return Response(
        answer=answer,
        low=1.0,
        high=5.0,
        others=others,
        controls=control,
        outcome=(random.random(count) < expit(logit)).astype(float),
        weight=random.random(count) + 0.5,
        target=random.random(count) < 0.5,
    )


def test_coefficients_equal_scikit_learn(response):
    design = response.design(adjusted=True)
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    theirs.fit(design[:, 1:], response.outcome, sample_weight=response.weight)
    mine = logistic_coefficients(design, response.outcome, response.weight)
    np.testing.assert_allclose(mine, [theirs.intercept_[0], *theirs.coef_[0]], atol=2e-4)


def test_one_step_is_close_to_the_full_fit(response):
    design = response.design(adjusted=True)
    start = logistic_coefficients(design, response.outcome, response.weight)
    random = np.random.default_rng(0)
    weights = response.weight * random.multinomial(4000, np.full(4000, 1 / 4000), size=20)
    fast = one_step_coefficients(design, response.outcome, weights, start)
    full = np.array([logistic_coefficients(design, response.outcome, weight) for weight in weights])
    assert (np.abs(fast - full) / full.std(axis=0)).max() < 0.15


def test_elasticity_is_the_slope_of_the_curve(response):
    design = response.design(adjusted=True)
    coefficients = logistic_coefficients(design, response.outcome, response.weight)
    linear = design @ coefficients
    small = 1e-5
    # downwards, where the end of the scale does not cap
    change = response_curve(response, linear, coefficients, response.weight, np.array([-small]))[0]
    slope = elasticity(response, linear, coefficients, response.weight)
    assert slope == pytest.approx(change / -small, rel=1e-3)


def test_the_best_answer_cannot_rise(response):
    full = Response(**{**response.__dict__, "answer": np.full(4000, 5.0)})
    coefficients = np.array([-1.0, 1.0, 0.2])
    linear = full.design(adjusted=False) @ coefficients
    curve = response_curve(full, linear, coefficients, full.weight, np.array([0.1, 0.8]))
    np.testing.assert_allclose(curve, 0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("curve", "until"),
    [
        ([0.0, 0.1, 0.2, 0.3, 0.4], np.inf),  # a straight line
        ([0.0, 0.1, 0.2, 0.3, 0.32], 0.35),  # 20 % short at 0.4: the bound is passed half-way
        ([0.0, 0.1, 0.16, 0.2, 0.2], 0.15),
        ([0.0, 0.1, 0.2, 0.3, 0.6], 0.32),  # steeper counts as well: 50 % over
        ([0.0, -0.1, -0.2, -0.3, -0.32], 0.35),
    ],
)
def test_where_a_curve_stops_being_linear(curve, until):
    changes = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    assert linear_until(changes, np.array(curve), 0.1) == pytest.approx(until)
    np.testing.assert_allclose(linear_until(changes, np.array([curve, curve]), 0.1), [until, until])


def test_intervals_cover_no_effect_where_there_is_none(response):
    random = np.random.default_rng(7)
    shuffled = Response(**{**response.__dict__, "answer": random.permutation(response.answer)})
    values, curves = bootstrap_elasticity(shuffled, True, np.array([0.1]), 200, 0)
    assert np.quantile(values[1:], 0.005) < 0 < np.quantile(values[1:], 0.995)
    assert curves.shape == (201, 1)


def test_bad_input_is_told(response):
    design = response.design(adjusted=False)
    with pytest.raises(InputError, match="does not vary"):
        logistic_coefficients(design, np.ones(4000), response.weight)
    separated = np.column_stack([np.ones(4000), response.outcome])
    with pytest.raises(InputError, match="perfectly"):
        logistic_coefficients(separated, response.outcome, response.weight)
