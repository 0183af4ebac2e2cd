"""The prior: limit cases, scaling, and the posterior density built on it."""

import numpy as np
import pytest
from scipy.stats import t as student

from maternal_eval.methods.simplex_regression.exact import ExactPosterior
from maternal_eval.methods.simplex_regression.posterior import StageWeightPosterior
from maternal_eval.methods.simplex_regression.prior import StagePrior, stage_basis
from maternal_eval.methods.simplex_regression.summary import NuisancePrior, summarise
from tests.dynamic_weights.conftest import DIMENSION_START

STATIC = np.array([0.25, 0.10, 0.15, 0.20, 0.10, 0.20])


def prior_of(stages=3, ordered=True, shift=0.4, step=0.15):
    return StagePrior.around(STATIC, DIMENSION_START, stages, ordered, shift=shift, step_median=step)


@pytest.fixture(scope="module")
def posterior(simulated):
    prior = prior_of()
    nuisance = [NuisancePrior.of(answers, 1.0) for answers in simulated[0]]
    theta = prior.theta(np.zeros(prior.size))
    summaries = [summarise(theta[s], nuisance[s].mean, answers, nuisance[s]) for s, answers in enumerate(simulated[0])]
    return StageWeightPosterior.plain(prior, summaries)


def differences(function, x, step=1e-5):
    return np.array([(function(x + move) - function(x - move)) / (2 * step) for move in step * np.eye(x.size)])


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("stages", [2, 3, 5])
def test_basis_is_centred_and_scaled(stages, ordered):
    basis = stage_basis(stages, ordered)
    np.testing.assert_allclose(basis.sum(axis=0), 0.0, atol=1e-12)
    assert np.exp(np.log((basis**2).sum(axis=1)).mean()) == pytest.approx(1.0)


def test_ordered_stages_drift_and_unordered_ones_are_exchangeable():
    walk, free = (stage_basis(5, ordered) @ stage_basis(5, ordered).T for ordered in (True, False))
    assert walk[0, 1] > walk[0, 2] > walk[0, 4]
    np.testing.assert_allclose(free, np.diag(np.diag(free)) - free[1, 0] * (np.eye(5) - 1))
    assert prior_of(5, True).freedom.tolist() == [np.inf] * 4 + [3.0] * 5
    assert prior_of(5, False).freedom.tolist() == [3.0] * 5


def test_without_movement_and_shift_the_weights_are_static():
    prior = prior_of()
    x = np.random.default_rng(0).standard_normal(prior.size)
    still = x.copy()
    still[0] = -50.0  # tau to 0
    weights = prior.weights(still)
    np.testing.assert_allclose(weights, np.tile(weights[0], (3, 1)), atol=1e-12)
    np.testing.assert_allclose(prior_of(shift=0.0).weights(still), np.tile(STATIC, (3, 1)), atol=1e-12)
    assert np.ptp(prior.weights(x), axis=0).max() > 0.01


def test_dimensions_and_indicators_move_apart():
    """A shift of a dimension leaves the shares inside all dimensions alone, and one inside leaves the dimensions."""
    prior = prior_of()
    first_shift = 1 + 3
    for element, same in ((0, "inside"), (2, "dimensions")):
        x = np.zeros(prior.size)
        x[first_shift + element] = 1.0
        weights = prior.weights(x)[0]
        assert np.abs(weights - STATIC).max() > 0.01
        totals, static = (np.add.reduceat(one, DIMENSION_START[:-1]) for one in (weights, STATIC))
        if same == "dimensions":
            np.testing.assert_allclose(totals, static)
            np.testing.assert_allclose(weights[3:], STATIC[3:])
        else:
            np.testing.assert_allclose(weights / np.repeat(totals, 3), STATIC / np.repeat(static, 3))


def test_shift_follows_the_covariance_given():
    root = np.diag([0.3, 0.3, *[0.1] * 6])
    root[3, 2] = -0.1
    prior = prior_of(shift=root)
    x = np.zeros((20_000, prior.size))
    x[:, 4:12] = np.random.default_rng(0).standard_normal((20_000, 8))
    logs = np.log(prior.weights(x)[:, 0])
    ratio = logs[:, 0] - logs[:, 1]  # first and second indicator of the first dimension
    covariance = root @ root.T
    expected = covariance[2, 2] + covariance[3, 3] - 2 * covariance[2, 3]
    assert ratio.var() == pytest.approx(expected, rel=0.05)


def test_weights_and_theta_agree():
    prior = prior_of()
    x = np.random.default_rng(0).standard_normal((7, prior.size))
    np.testing.assert_allclose(prior.weights(x).sum(axis=-1), 1.0)
    np.testing.assert_allclose(prior.theta(x).sum(axis=-1), prior.slope(x))


def test_prior_draws_have_the_stated_scales():
    prior = prior_of()
    x = prior.sample(40_000, np.random.default_rng(0))
    assert np.median(prior.tau(x)) == pytest.approx(0.15, rel=0.02)
    assert np.median(prior.slope(x)) == pytest.approx(prior.slope_median, rel=0.02)
    assert x[:, -1].std() == pytest.approx(np.sqrt(3.0), rel=0.2)


def test_density_is_prior_plus_summaries(posterior):
    prior = posterior.prior
    random = np.random.default_rng(3)
    points = 0.5 * random.standard_normal((2, prior.size))
    values = []
    for x in points:
        steps = x[1 + 3 + 8 :]
        value = -0.5 * x[: 1 + 3 + 8] @ x[: 1 + 3 + 8]
        value += student.logpdf(steps.reshape(5, 8), prior.freedom[:, None]).sum()
        for summary, theta in zip(posterior.summaries, prior.theta(x), strict=True):
            u = theta - summary.theta_0
            value += summary.linear @ u - 0.5 * u @ summary.curvature @ u
        values.append(value)
    difference = posterior.log_density(points[0])[0] - posterior.log_density(points[1])[0]
    assert difference == pytest.approx(values[0] - values[1], abs=1e-8)


def test_gradients_equal_differences(posterior, simulated):
    random = np.random.default_rng(4)
    x = 0.3 * random.standard_normal(posterior.prior.size)
    numeric = differences(lambda point: posterior.log_density(point)[0], x)
    np.testing.assert_allclose(posterior.log_density(x)[1], numeric, atol=1e-5)
    nuisance = tuple(NuisancePrior.of(answers, 1.0) for answers in simulated[0])
    exact = ExactPosterior(posterior.whitened(x, np.array([12, 15])), tuple(simulated[0]), nuisance)
    for density in (exact, exact.guide):
        y = 0.5 * random.standard_normal(len(density.names))
        numeric = differences(lambda point, of=density: of.log_density(point)[0], y)
        np.testing.assert_allclose(density.log_density(y)[1], numeric, atol=1e-3)


def test_another_likelihood_takes_the_place_of_the_summaries(posterior):
    white = posterior.whitened(0.1 * np.ones(posterior.prior.size), np.array([12, 15]))
    y = np.random.default_rng(6).standard_normal(posterior.prior.size)
    theta = posterior.prior.theta(white.to_standardised(y))
    u = np.stack([of_stage - part.theta_0 for of_stage, part in zip(theta, white.summaries, strict=True)])
    fall = np.stack([part.curvature @ of_stage for of_stage, part in zip(u, white.summaries, strict=True)])
    linear = np.stack([part.linear for part in white.summaries])
    value, gradient = white.with_likelihood(y, theta, float(((linear - 0.5 * fall) * u).sum()), linear - fall)
    expected, expected_gradient = white.log_density(y)
    assert value == pytest.approx(expected)
    np.testing.assert_allclose(gradient, expected_gradient, atol=1e-8)


@pytest.mark.parametrize("centred", [[], [12, 15]])
def test_whitening_changes_coordinates_only(posterior, centred):
    start = 0.1 * np.ones(posterior.prior.size)
    white = posterior.whitened(start, np.array(centred, dtype=int))
    np.testing.assert_allclose(white.to_standardised(np.zeros(start.size)), start)
    random = np.random.default_rng(5)
    y = random.standard_normal((2, posterior.prior.size))
    x = white.to_standardised(y)
    for one, other in zip(x, y, strict=True):
        # log of the volume that centring changes
        jacobian = -len(centred) * posterior.prior.step_spread * one[0]
        assert posterior.log_density(one)[0] + jacobian == pytest.approx(white.log_density(other)[0])
