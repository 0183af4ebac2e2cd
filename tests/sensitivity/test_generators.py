"""Weights from uniforms: moments of the Dirichlet, and grouped indices against the law of total variance."""

import numpy as np
import pytest

from maternal_eval.errors import InputError
from maternal_eval.sensitivity.generators import (
    WeightGenerator,
    dirichlet_from_uniform,
    normal_from_uniform,
)
from maternal_eval.sensitivity.sobol import evaluate, sample_groups, sobol_indices

SETS = {"dimensions": ["f", "e", "s"], "f": ["f1", "f2", "f3"], "e": ["e1", "e2"], "s": ["s1"]}
CODES = ["f1", "f2", "f3", "e1", "e2", "s1"]
NOMINAL = np.array([0.20, 0.15, 0.10, 0.25, 0.10, 0.20])


def covariance(mean, concentration):
    return (np.diag(mean) - np.outer(mean, mean)) / (concentration + 1)


def test_dirichlet_moments():
    mean, x = np.array([0.5, 0.3, 0.15, 0.05]), np.array([1.0, -2.0, 3.0, 0.5])
    sample = sample_groups({"set": 4}, 4096, 0)
    uniforms = sample.points[sample.independent]
    weights = dirichlet_from_uniform(uniforms, mean, 20.0)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights.mean(axis=0), mean, atol=2e-3)
    expected = x @ covariance(mean, 20.0) @ x
    assert (weights @ x).var() == pytest.approx(expected, rel=0.03)


def test_large_concentration_gives_the_nominal_weights():
    generator = WeightGenerator.around(CODES, NOMINAL, SETS, 1e8)
    uniforms = np.random.default_rng(0).random((50, sum(generator.groups.values())))
    np.testing.assert_allclose(generator.weights(uniforms), np.tile(NOMINAL, (50, 1)), atol=2e-3)
    np.testing.assert_allclose(generator.nominal_weights, NOMINAL, atol=1e-12)


def test_a_set_of_one_is_no_factor():
    generator = WeightGenerator.around(CODES, NOMINAL, SETS, 50.0)
    assert generator.groups == {"dimensions": 3, "f": 3, "e": 2}
    weights = generator.weights(np.random.default_rng(0).random((100, 8)))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)


def test_grouped_indices_follow_the_law_of_total_variance():
    x = np.array([70.0, 40.0, 90.0, 30.0, 60.0, 80.0])
    concentration = 15.0
    generator = WeightGenerator.around(CODES, NOMINAL, SETS, concentration)
    top = generator.nominal["dimensions"]
    scores = {"f": x[:3], "e": x[3:5], "s": x[5:]}
    mean = np.array([generator.nominal[name] @ scores[name] for name in "fes"])
    spread = np.array(
        [scores[name] @ covariance(generator.nominal[name], concentration) @ scores[name] for name in "fes"]
    )
    top_covariance = covariance(top, concentration)
    of_top = mean @ top_covariance @ mean
    variance = of_top + (top**2 + np.diag(top_covariance)) @ spread
    first = np.array([of_top, *(top**2 * spread)[:2]]) / variance
    interaction = np.diag(top_covariance) * spread / variance
    total = first + np.array([interaction.sum(), *interaction[:2]])

    sample = sample_groups(generator.groups, 8192, 0)
    outputs = evaluate(lambda points: generator.weights(points) @ x, sample)
    table = sobol_indices(sample, outputs, resamples=100).iloc[:3]
    assert outputs[sample.independent].var() == pytest.approx(variance, rel=0.02)
    np.testing.assert_allclose(table["first"], first, atol=4 * table["first_error"].max())
    np.testing.assert_allclose(table["total"], total, atol=4 * table["total_error"].max())
    assert table["first_error"].max() < 0.02


def test_normal_block_has_mean_and_covariance():
    mean, cov = np.array([1.0, -2.0]), np.array([[2.0, 0.8], [0.8, 0.5]])
    sample = sample_groups({"set": 2}, 4096, 0)
    draws = normal_from_uniform(sample.points[sample.independent], mean, cov)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), cov, atol=0.06)


def test_bad_input_is_told():
    with pytest.raises(InputError, match="positive"):
        WeightGenerator.around(CODES, NOMINAL * [1, 1, 1, 1, 1, 0], SETS, 10.0)
    with pytest.raises(InputError, match="concentration"):
        dirichlet_from_uniform(np.full((2, 2), 0.5), np.array([0.5, 0.5]), 0.0)
    with pytest.raises(InputError, match="sum to 1"):
        dirichlet_from_uniform(np.full((2, 2), 0.5), np.array([0.5, 0.6]), 10.0)
