"""Means of available answers and their covariance."""

import numpy as np
import pytest

from maternal_eval.explorer.moments import available_moments


def test_without_missing_answers_it_is_the_covariance_of_the_mean():
    values = np.random.default_rng(1).random((40, 5))
    moments = available_moments(values, np.ones(40))
    np.testing.assert_allclose(moments.mean, values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.covariance, np.cov(values, rowvar=False) / 40, rtol=1e-12)
    assert moments.respondents == 40


def test_the_variance_of_a_score_is_that_of_the_mean_composite():
    random = np.random.default_rng(2)
    values, weights = random.random((60, 4)), np.array([0.4, 0.3, 0.2, 0.1])
    moments = available_moments(values, np.ones(60))
    composite = values @ weights
    assert weights @ moments.covariance @ weights == pytest.approx(composite.var(ddof=1) / 60, rel=1e-12)


def test_the_scale_of_the_survey_weights_and_respondents_who_weigh_nothing_do_not_matter():
    random = np.random.default_rng(3)
    values, survey = random.random((50, 3)), random.uniform(0.5, 2.0, 50)
    values[random.random(values.shape) < 0.2] = np.nan
    once = available_moments(values, survey)
    more = available_moments(np.vstack([values, np.ones((2, 3))]), np.append(7 * survey, [0, 0]))
    np.testing.assert_allclose(once.mean, more.mean, rtol=1e-12)
    np.testing.assert_allclose(once.covariance, more.covariance, rtol=1e-12)


def test_the_linearised_covariance_is_that_of_the_bootstrap():
    random = np.random.default_rng(4)
    values, survey = random.random((150, 3)), random.uniform(0.5, 2.0, 150)
    values[:, 1] = 0.5 * values[:, 0] + 0.5 * values[:, 1]
    values[random.random(values.shape) < 0.25] = np.nan
    moments = available_moments(values, survey)
    resamples = [random.integers(150, size=150) for _ in range(4000)]
    means = np.array([available_moments(values[rows], survey[rows]).mean for rows in resamples])
    # A standard deviation from 4000 resamples is known to about 1.1 %; linearisation adds something of order 1/n.
    np.testing.assert_allclose(np.sqrt(np.diag(moments.covariance)), means.std(axis=0), rtol=0.06)
    assert np.corrcoef(means, rowvar=False)[0, 1] == pytest.approx(
        moments.covariance[0, 1] / np.sqrt(moments.covariance[0, 0] * moments.covariance[1, 1]), abs=0.06
    )


@pytest.mark.parametrize("values", [[[0.5, 0.5]], [[0.5, np.nan], [0.1, np.nan]]], ids=["one respondent", "no answer"])
def test_what_cannot_be_known_is_not_guessed(values):
    assert available_moments(np.array(values), np.ones(len(values))) is None
