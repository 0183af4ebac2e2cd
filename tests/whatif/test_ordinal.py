"""Cumulative regression: equal to other libraries, to logistic regression, and to its own derivatives."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import expit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.ordinal_model import OrderedModel

from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.methods.ordinal import maximum_likelihood as ordinal
from maternal_eval.methods.ordinal.maximum_likelihood import TOLERANCE, OrdinalProblem, fit_ordinal


def simulate(seed, count=1500, categories=5, columns=3):
    random = np.random.default_rng(seed)
    design = random.random((count, columns)) - 0.5
    eta = design @ np.array([1.5, -0.8, 0.4])[:columns]
    thresholds = np.linspace(-1.5, 1.5, categories - 1) if categories > 2 else np.array([0.2])
    category = (eta[:, None] + random.logistic(size=(count, 1)) > thresholds).sum(axis=1)
    return OrdinalProblem(design, category, random.random(count) + 0.5, categories, 1e4)


def test_equals_statsmodels():
    problem = simulate(1)
    problem = OrdinalProblem(problem.design, problem.category, np.ones(1500), 5, 1e4)
    theirs = OrderedModel(problem.category, problem.design, distr="logit").fit(method="bfgs", disp=False, gtol=1e-8)
    mine = fit_ordinal(problem)
    np.testing.assert_allclose(mine.parameters[4:], theirs.params[:3], atol=1e-3)
    inverse = np.sqrt(np.diag(np.linalg.inv(mine.curvature)))
    np.testing.assert_allclose(inverse[4:], theirs.bse[:3], rtol=1e-2)


def test_two_categories_are_logistic_regression():
    problem = simulate(2, categories=2)
    mine = fit_ordinal(problem)
    design = np.column_stack([np.ones(len(problem.category)), problem.design])
    model = GLM(problem.category.astype(float), design, family=Binomial(), var_weights=problem.weight)
    theirs = model.fit(cov_type="HC0", tol=1e-12)
    np.testing.assert_allclose(mine.parameters[1:], theirs.params[1:], atol=1e-5)
    assert mine.parameters[0] == pytest.approx(-theirs.params[0], abs=1e-3)
    np.testing.assert_allclose(mine.covariance[1:, 1:], theirs.cov_params()[1:, 1:], rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("categories", [2, 3, 5])
def test_derivatives_are_those_of_the_log_likelihood(categories):
    problem = simulate(3, count=200, categories=categories)
    start, none = problem.start(), np.zeros(problem.start().size)
    point = start + 0.1 * np.arange(start.size) / start.size

    def value(parameters):
        return problem.log_posterior(parameters, start, none)

    np.testing.assert_allclose(problem.score(point), approx_fprime(point, value, 1e-7), rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(problem.scores(point).sum(axis=0), problem.score(point), rtol=1e-9, atol=1e-9)
    numeric = np.array(
        [(problem.score(point + h) - problem.score(point - h)) / 2e-5 for h in 1e-5 * np.eye(point.size)]
    )
    np.testing.assert_allclose(problem.curvature(point), -numeric, rtol=1e-5, atol=1e-4)


def test_an_empty_category_is_refused():
    """Its likelihood draws the threshold below it up and the one above it down: finite, but past each other."""
    problem = simulate(4)
    category = np.where(problem.category == 2, 3, problem.category)
    with pytest.raises(ValueError, match="1 categories are empty: their thresholds would cross"):
        fit_ordinal(replace(problem, category=category))


def test_refit_is_close_to_the_full_fit():
    problem = simulate(5)
    fit = fit_ordinal(problem)
    random = np.random.default_rng(0)
    moved = problem.design + 0.1 * random.standard_normal(problem.design.shape) * [1, 0, 0]
    other = OrdinalProblem(moved, problem.category, problem.weight, 5, 1e4)
    error = np.sqrt(np.diag(fit.covariance))
    full = fit_ordinal(other)
    again = fit_ordinal(other, fit.parameters)
    assert np.abs((again.parameters - full.parameters) / error).max() < 1e-4
    np.testing.assert_allclose(again.covariance, full.covariance, rtol=0.01, atol=1e-5)
    assert np.abs((fit.parameters - full.parameters) / error).max() > 0.1  # there was something to do


@pytest.mark.parametrize("scale", [0.05, 8.0])
def test_a_fit_that_begins_far_away_arrives_all_the_same(scale):
    """Steps with the curvature of the other design diverge here: a composite may vary so differently by its weights."""
    problem = simulate(5)
    other = replace(problem, design=problem.design * [scale, 1, 1])
    again, full = fit_ordinal(other, fit_ordinal(problem).parameters), fit_ordinal(other)
    assert np.abs((again.parameters - full.parameters) / np.sqrt(np.diag(full.covariance))).max() < 1e-4
    assert again.decrement < TOLERANCE
    assert full.parameters[4] * scale == pytest.approx(fit_ordinal(problem).parameters[4], rel=1e-3)


def test_the_mode_has_no_gradient_left():
    problem = simulate(9)
    fit, start, precision = fit_ordinal(problem), problem.start(), problem.precision()
    gradient = problem.score(fit.parameters) - precision * (fit.parameters - start)
    assert np.sqrt(gradient @ np.linalg.solve(fit.curvature, gradient)) < 1e-6


def test_a_column_that_separates_the_answers_is_held_by_the_prior():
    problem = simulate(10, count=300)
    column = (problem.category >= 3).astype(float)[:, None]  # no likelihood has a maximum here
    fit = fit_ordinal(replace(problem, design=column, prior_scale=10.0))
    assert np.isfinite(fit.covariance).all()
    assert 10 < fit.parameters[4] < 60


def test_a_fit_that_does_not_arrive_is_refused(monkeypatch):
    monkeypatch.setattr(ordinal, "ITERATIONS", 2)
    with pytest.raises(DiagnosticsError, match="did not converge: the Newton decrement is"):
        fit_ordinal(simulate(5))


def test_the_probability_of_an_answer_keeps_its_digits_in_the_upper_tail():
    problem = OrdinalProblem(np.array([[-40.0], [40.0]]), np.array([1, 1]), np.ones(2), 3, 10.0)
    parts = problem.parts(np.array([-1.0, 1.0, 1.0]))
    np.testing.assert_allclose(parts.probability, np.exp(-40.0) * (np.e - 1 / np.e), rtol=1e-12)


def test_sandwich_equals_the_bootstrap():
    problem = simulate(6, count=800)
    fit = fit_ordinal(problem)
    random, found = np.random.default_rng(0), []
    for _ in range(150):
        rows = random.integers(800, size=800)
        resample = OrdinalProblem(problem.design[rows], problem.category[rows], problem.weight[rows], 5, 1e4)
        found.append(fit_ordinal(resample).parameters)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), np.std(found, axis=0), rtol=0.25)


def test_an_outcome_that_does_not_vary_is_refused():
    with pytest.raises(InputError, match="does not vary"):
        fit_ordinal(OrdinalProblem(np.ones((5, 1)), np.ones(5, dtype=int), np.ones(5), 3, 10.0))


def test_probabilities_of_the_fit_add_up_to_the_shares():
    problem = simulate(7)
    fit = fit_ordinal(problem)
    eta = problem.design @ fit.parameters[4:]
    above = expit(eta[:, None] - fit.parameters[:4])
    shares = [np.average(problem.category > k, weights=problem.weight) for k in range(4)]
    np.testing.assert_allclose(np.average(above, axis=0, weights=problem.weight), shares, atol=2e-3)
