"""The composite as a linear function of the weights, and the moments of a unit."""

import numpy as np
import pytest

from maternal_eval.analyses.explorer.moments import linearised_values, unit_moments
from maternal_eval.methods.composite import composite

DIMENSION = np.array([0, 0, 0, 1, 1])
WEIGHTS = np.array([0.30, 0.20, 0.10, 0.25, 0.15])


@pytest.fixture
def answers():
    random = np.random.default_rng(1)
    values = random.random((80, 5))
    values[random.random(values.shape) < 0.3] = np.nan
    values[0, :3] = np.nan  # a dimension without an answer
    return values


def test_without_missing_answers_they_are_the_values():
    values = np.random.default_rng(2).random((40, 5))
    np.testing.assert_allclose(linearised_values(values, WEIGHTS, DIMENSION), values, rtol=1e-12)


def test_the_score_under_the_static_weights_is_exact(answers):
    linear = linearised_values(answers, WEIGHTS, DIMENSION)
    np.testing.assert_allclose(100 * linear @ WEIGHTS, composite(answers, WEIGHTS, DIMENSION).score, rtol=1e-12)


def test_the_score_under_other_weights_of_the_dimensions_is_exact(answers):
    linear = linearised_values(answers[1:], WEIGHTS, DIMENSION)
    other = WEIGHTS * np.array([0.1 / 0.6, 0.9 / 0.4])[DIMENSION]
    heard = ~np.isnan(answers[1:, :3]).all(axis=1) & ~np.isnan(answers[1:, 3:]).all(axis=1)
    exact = composite(answers[1:], other, DIMENSION).score
    np.testing.assert_allclose((100 * linear @ other)[heard], exact[heard], rtol=1e-12)


@pytest.mark.parametrize("step", [[1.0, -1.0, 0.0, 0.5, -0.5], [0.5, 0.3, 0.2, -0.4, -0.6]], ids=["inside", "across"])
def test_it_is_the_first_order_expansion(answers, step):
    linear = linearised_values(answers, WEIGHTS, DIMENSION)
    step = np.array(step)
    for size in (1e-4, 1e-5):
        exact = composite(answers, WEIGHTS + size * step, DIMENSION).score / 100
        slope = (exact - linear @ WEIGHTS) / size
        np.testing.assert_allclose(slope, linear @ step, atol=200 * size)


def test_the_covariance_is_that_of_the_mean():
    values = np.random.default_rng(3).random((40, 5))
    moments = unit_moments(values, np.ones(40))
    np.testing.assert_allclose(moments.mean, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.covariance, np.cov(values, rowvar=False) / 40, rtol=1e-12)
    assert moments.respondents == 40
    score = values @ WEIGHTS
    assert WEIGHTS @ moments.covariance @ WEIGHTS == pytest.approx(score.var(ddof=1) / 40, rel=1e-12)


def test_the_scale_of_the_survey_weights_and_respondents_who_do_not_count_do_not_matter():
    random = np.random.default_rng(4)
    values, survey = random.random((50, 3)), random.uniform(0.5, 2.0, 50)
    once = unit_moments(values, survey)
    more = unit_moments(np.vstack([values, np.ones((1, 3)), np.full((1, 3), np.nan)]), np.append(7 * survey, [0, 1]))
    np.testing.assert_allclose(once.mean, more.mean, rtol=1e-12)
    np.testing.assert_allclose(once.covariance, more.covariance, rtol=1e-12)


def test_the_linearised_covariance_is_that_of_the_bootstrap():
    random = np.random.default_rng(5)
    values, survey = random.random((150, 3)), random.uniform(0.5, 2.0, 150)
    values[:, 1] = 0.5 * values[:, 0] + 0.5 * values[:, 1]
    moments = unit_moments(values, survey)
    resamples = [random.integers(150, size=150) for _ in range(4000)]
    means = np.array([unit_moments(values[rows], survey[rows]).mean for rows in resamples])
    # A standard deviation from 4000 resamples is known to about 1.1 %; linearisation adds something of order 1/n.
    np.testing.assert_allclose(np.sqrt(np.diag(moments.covariance)), means.std(axis=0), rtol=0.05)


def test_one_respondent_has_no_sampling_error_to_speak_of():
    assert unit_moments(np.array([[0.5, 0.5]]), np.ones(1)) is None
