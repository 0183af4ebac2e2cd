"""The likelihood against its definition, its gradient against differences, its quadratic summary."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from maternal_eval.core.errors import InputError
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood
from maternal_eval.methods.simplex_regression.summary import NuisancePrior, summarise
from tests.dynamic_weights.conftest import composite_by_hand, simulate_stage, true_weights

THETA = np.array([2.0, 0.5, 1.0, 1.5, 0.2, 3.0])


def parameters(answers):
    thresholds = np.linspace(-2.0, 1.5, answers.categories - 1)
    return np.concatenate([THETA, thresholds, np.linspace(-0.5, 0.4, answers.effect_count)])


def shuffled(answers, order):
    rows = ("values", "answered", "outcome", "effects")
    return StageAnswers(**{name: v[order] if name in rows else v for name, v in answers.__dict__.items()})


@pytest.mark.parametrize("categories", [2, 3, 5, 11])
def test_value_equals_brute_force(categories):
    answers = simulate_stage(true_weights()[0], 40, np.random.default_rng(0), missing=0.5, categories=categories)
    answers.effects[0] = answers.effect_count  # level not known: no effect
    point = parameters(answers)
    thresholds = np.concatenate([[-np.inf], point[6 : 5 + categories], [np.inf]])
    effect = np.append(point[5 + categories :], 0.0)
    composite = composite_by_hand(answers.values, answers.answered, THETA)
    eta = THETA.sum() * (composite - answers.centre) + effect[answers.effects[:, 0]]
    probability = expit(thresholds[answers.outcome + 1] - eta) - expit(thresholds[answers.outcome] - eta)
    assert log_likelihood(point, answers)[0] == pytest.approx(np.log(probability).sum(), rel=1e-10)


@pytest.mark.parametrize("missing", [0.0, 0.4])
def test_gradient_equals_differences(missing):
    answers = simulate_stage(true_weights()[0], 200, np.random.default_rng(1), missing=missing)
    point = parameters(answers)
    moves = 1e-6 * np.eye(point.size)
    numeric = [
        (log_likelihood(point + move, answers)[0] - log_likelihood(point - move, answers)[0]) / 2e-6 for move in moves
    ]
    np.testing.assert_allclose(log_likelihood(point, answers)[1], numeric, atol=1e-4)


def test_order_of_rows_does_not_matter(simulated):
    answers = simulated[0][0]
    order = np.random.default_rng(0).permutation(len(answers.outcome))
    point = parameters(answers)
    value, gradient = log_likelihood(point, answers)
    other, other_gradient = log_likelihood(point, shuffled(answers, order))
    assert other == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(other_gradient, gradient, atol=1e-8)


def test_extreme_predictors_stay_finite(simulated):
    point = parameters(simulated[0][0])
    point[:6] *= 500
    value, gradient = log_likelihood(point, simulated[0][0])
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_thresholds_out_of_order_have_no_probability(simulated):
    point = parameters(simulated[0][0])
    point[[6, 7]] = point[[7, 6]]
    assert log_likelihood(point, simulated[0][0])[0] == -np.inf


def test_summary_is_the_exact_likelihood_nearby(simulated):
    answers, weights = simulated[0][0], simulated[1][0]
    prior = NuisancePrior.of(answers, 1.0)
    nuisance = prior.mean
    for _ in range(4):  # to the best nuisance
        summary = summarise(9 * weights, nuisance, answers, prior)
        nuisance = summary.best_nuisance(9 * weights)
    theta = 9 * weights * (1 + 0.05 * np.array([1, -1, 1, -1, 1, -1]))

    def exact(value):
        at = summary.best_nuisance(value)
        return log_likelihood(np.concatenate([value, at]), answers)[0] + prior.log_density(at)

    u = theta - summary.theta_0
    quadratic = summary.linear @ u - 0.5 * u @ summary.curvature @ u
    assert quadratic == pytest.approx(exact(theta) - exact(9 * weights), abs=2e-3)


def test_nuisance_draws_have_the_right_moments_and_density(simulated):
    answers, weights = simulated[0][0], simulated[1][0]
    prior = NuisancePrior.of(answers, 1.0)
    summary = summarise(9 * weights, prior.mean, answers, prior)
    theta = np.tile(8 * weights, (20_000, 1))
    draws, log_density = summary.draw_nuisance(theta, np.random.default_rng(0))
    np.testing.assert_allclose(draws.mean(axis=0), summary.best_nuisance(theta[0]), atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), np.linalg.inv(summary.root @ summary.root.T), atol=5e-3)
    distance = draws[:2] - summary.best_nuisance(theta[0])
    by_hand = -0.5 * (distance @ summary.root @ summary.root.T * distance).sum(axis=1)
    assert log_density[0] - log_density[1] == pytest.approx(by_hand[0] - by_hand[1])


WRONG = {
    "outcome off the scale": {"outcome": lambda a: a.outcome + 1},
    "outcome negative": {"outcome": lambda a: a.outcome - 5},
    "outcome too short": {"outcome": lambda a: a.outcome[:-1]},
    "outcome not whole": {"outcome": lambda a: a.outcome + 0.5},
    "effect behind the last": {"effects": lambda a: a.effects + 2},
    "effect negative": {"effects": lambda a: a.effects - 1},
    "effects too short": {"effects": lambda a: a.effects[:-1]},
    "effects without columns of their own": {"effects": lambda a: a.effects[:, 0]},
    "no effects but positions": {"effect_count": lambda a: 0},
    "number of effects negative": {"effect_count": lambda a: -1},
    "starts fall": {"dimension_start": lambda a: np.array([0, 4, 2, 6])},
    "starts stand still": {"dimension_start": lambda a: np.array([0, 3, 3, 6])},
    "starts end early": {"dimension_start": lambda a: np.array([0, 3])},
    "starts end late": {"dimension_start": lambda a: np.array([0, 3, 9])},
    "starts begin late": {"dimension_start": lambda a: np.array([1, 6])},
    "values not finite": {"values": lambda a: np.where(a.values > 0.9, np.nan, a.values)},
    "values on the scale of the answers": {"values": lambda a: 5 * a.values},
    "values negative": {"values": lambda a: a.values - 0.5},
    "values too few": {"values": lambda a: a.values[:, :-1]},
    "answered of another shape": {"answered": lambda a: a.answered[:-1]},
    "answered a half": {"answered": lambda a: 0.5 * a.answered},
    "nothing answered in a row": {"answered": lambda a: 0 * a.answered},
    "one category": {"categories": lambda a: 1},
    "too few categories": {"categories": lambda a: a.categories - 1},
    "centre not a number": {"centre": lambda a: np.nan},
}


@pytest.mark.parametrize("what", WRONG)
def test_arrays_that_the_compiled_pass_would_misread_are_refused(simulated, what):
    answers = simulated[0][0]
    with pytest.raises(InputError, match=r"outcome|effects|dimension_start|values|answered|categories"):
        replace(answers, **{name: change(answers) for name, change in WRONG[what].items()})


@pytest.mark.parametrize("change", [-3, -1, 1])
def test_a_parameter_vector_of_another_length_is_refused(simulated, change):
    answers = simulated[0][0]
    with pytest.raises(ValueError, match=f"takes {answers.size} parameters"):
        log_likelihood(np.ones(answers.size + change), answers)
    with pytest.raises(ValueError, match="parameters"):
        log_likelihood(np.ones((1, answers.size)), answers)


def test_arrays_come_out_in_the_layout_of_the_compiled_pass(simulated):
    answers = simulated[0][0]
    same = replace(answers, values=np.asfortranarray(answers.values, dtype=float), outcome=answers.outcome.astype("i4"))
    assert same.values.dtype == np.float32
    assert same.values.flags.c_contiguous
    assert same.outcome.dtype == np.int64
    np.testing.assert_array_equal(same.values, answers.values)
