"""Weights from uniforms: moments of the Dirichlet, indices against closed forms, the table of generators."""

import numpy as np
import pytest
from scipy.stats import gamma, qmc

from maternal_eval.analyses.sensitivity.generators import (
    GENERATORS,
    Tree,
    build_generator,
    concentration_of,
    dirichlet_from_uniform,
    expert_concentrations,
)
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.posterior import weight_posterior
from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity.design import SobolDesign, independent_points
from maternal_eval.methods.sensitivity.sobol import analyse

SETS = {"dimensions": ["f", "e", "s"], "f": ["f1", "f2", "f3"], "e": ["e1", "e2"], "s": ["s1"]}
CODES = ["f1", "f2", "f3", "e1", "e2", "s1"]
NOMINAL = np.array([0.20, 0.15, 0.10, 0.25, 0.10, 0.20])
TREE = Tree.of(CODES, NOMINAL, SETS)


def covariance(mean, concentration):
    return (np.diag(mean) - np.outer(mean, mean)) / (concentration + 1)


def equal(concentration):
    return dict.fromkeys(TREE.varying, concentration)


def test_dirichlet_moments():
    # Var(y) = x' Cov(w) x for y = Σ w x
    mean, x = np.array([0.5, 0.3, 0.15, 0.05]), np.array([1.0, -2.0, 3.0, 0.5])
    uniforms = independent_points(SobolDesign({"set": 4}, 4096))
    weights = dirichlet_from_uniform(uniforms, mean, 20.0)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights.mean(axis=0), mean, atol=2e-3)
    assert (weights @ x).var() == pytest.approx(x @ covariance(mean, 20.0) @ x, rel=0.03)


def test_concentration_is_recovered_from_draws():
    mean = np.array([0.5, 0.3, 0.15, 0.05])
    draws = np.random.default_rng(0).dirichlet(35.0 * mean, size=20_000)
    assert concentration_of(draws) == pytest.approx(35.0, rel=0.03)
    with pytest.raises(InputError, match="do not vary"):
        concentration_of(np.tile([0.5, 0.5], (10, 1)))


def test_large_concentration_gives_the_nominal_weights():
    generator = build_generator("dirichlet", TREE, equal(1e8), None)
    weights = generator.weights(np.random.default_rng(0).random((50, generator.inputs)))
    np.testing.assert_allclose(weights, np.tile(NOMINAL, (50, 1)), atol=2e-3)
    np.testing.assert_allclose(TREE.nominal_weights, NOMINAL, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("dirichlet", {"dimensions": 3, "f": 3, "e": 2}),  # a set of one is no factor
        ("gamma", dict.fromkeys(["f", "e", "s", "f1", "f2", "f3", "e1", "e2"], 1)),
        ("gamma_by_dimension", {"f": 4, "e": 3, "s": 1}),
    ],
)
def test_factors_and_weights_of_a_generator(name, factors):
    generator = build_generator(name, TREE, equal(50.0), None)
    assert generator.factors == factors
    weights = generator.weights(np.random.default_rng(0).random((4000, generator.inputs)))
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    np.testing.assert_allclose(weights.mean(axis=0), NOMINAL, atol=4e-3)
    # the same distribution whatever the factors: variance of a product of independent Dirichlet weights
    top, inside = 0.45, 0.20 / 0.45
    second = (top * (1 - top) / 51 + top**2) * (inside * (1 - inside) / 51 + inside**2)
    assert weights[:, 0].var() == pytest.approx(second - NOMINAL[0] ** 2, rel=0.08)


def test_grouped_indices_follow_the_law_of_total_variance():
    x = np.array([70.0, 40.0, 90.0, 30.0, 60.0, 80.0])
    concentration = 15.0
    generator = build_generator("dirichlet", TREE, equal(concentration), None)
    top = TREE.nominal["dimensions"]
    scores = {"f": x[:3], "e": x[3:5], "s": x[5:]}
    mean = np.array([TREE.nominal[name] @ scores[name] for name in "fes"])
    spread = np.array([scores[name] @ covariance(TREE.nominal[name], concentration) @ scores[name] for name in "fes"])
    top_covariance = covariance(top, concentration)
    of_top = mean @ top_covariance @ mean
    variance = of_top + (top**2 + np.diag(top_covariance)) @ spread
    first = np.array([of_top, *(top**2 * spread)[:2]]) / variance
    interaction = (np.diag(top_covariance) * spread / variance)[:2]
    total = first + np.array([interaction.sum(), *interaction])

    design = SobolDesign(generator.factors, 8192, True)
    weights = generator.weights(independent_points(design))
    assert (weights @ x).var() == pytest.approx(variance, rel=0.02)
    found = analyse(lambda points: generator.weights(points) @ x, design, resamples=100)
    for kind, expected in ((found.first, first), (found.total, total)):
        np.testing.assert_allclose(kind["value"][0, :3], expected, atol=4 * kind["error"][0, :3].max())
        assert kind["error"][0, :3].max() < 0.02
    second = found.second["value"][0]  # dimensions × f, dimensions × e, f × e
    np.testing.assert_allclose(second, [*interaction, 0.0], atol=4 * found.second["error"].max())


def test_index_of_a_raw_judgement():
    # Two elements: w_1 = g_1 / (g_1 + g_2) is a Beta variable; total indices of both judgements exceed 1 together
    # because each of them matters only against the other. Symmetric by construction.
    tree = Tree.of(["a", "b"], np.array([0.5, 0.5]), {"dimensions": ["only"], "only": ["a", "b"]})
    generator = build_generator("gamma", tree, {"only": 4.0}, None)
    found = analyse(lambda x: generator.weights(x)[:, 0], SobolDesign(generator.factors, 4096), resamples=100)
    first, total = found.first["value"][0, :2], found.total["value"][0, :2]
    assert first[0] == pytest.approx(first[1], abs=0.03)
    np.testing.assert_allclose(first + total[::-1], 1.0, atol=0.03)  # S_1 + T_2 = 1 with two inputs


def test_expert_generators_follow_the_posterior(maternal):
    posterior = weight_posterior(maternal)
    tree = Tree.of(maternal.model.codes, static_weights(maternal).to_numpy(), maternal.model.sibling_sets)
    concentration = expert_concentrations(posterior, 0)
    draws = posterior.draws(4000, 1)
    means = {}
    for name in ("expert_posterior", "new_expert"):
        generator = build_generator(name, tree, concentration, posterior)
        assert list(generator.factors) == tree.varying
        by_set = generator.by_set(independent_points(SobolDesign(generator.factors, 1024)))
        means[name] = by_set["functional"].var(axis=0).sum()
        if name == "expert_posterior":
            for sibling_set, values in by_set.items():
                np.testing.assert_allclose(values.mean(axis=0), draws[sibling_set].mean(axis=0), atol=5e-3)
    assert means["new_expert"] > means["expert_posterior"]
    # the Dirichlet spreads as far as experts disagree
    m, c = tree.nominal["functional"], concentration["functional"]
    assert (m * (1 - m)).sum() / (c + 1) == pytest.approx(means["new_expert"], rel=0.15)


def test_generators_are_a_table_of_both_languages():
    assert all(kind.name == name and kind.name_en and kind.name_zh for name, kind in GENERATORS.items())
    assert {name for name, kind in GENERATORS.items() if not kind.simplex} == {"gamma", "gamma_by_dimension"}


def test_bad_input_is_told():
    with pytest.raises(InputError, match=r"column s1: weights have to be positive: found 0\.0"):
        Tree.of(CODES, NOMINAL * [1, 1, 1, 1, 1, 0], SETS)
    with pytest.raises(InputError, match=r"do not add up: found a sum of 0\.9, expected 1"):
        Tree.of(CODES, 0.9 * NOMINAL, SETS)
    with pytest.raises(InputError, match="concentration"):
        dirichlet_from_uniform(np.full((2, 2), 0.5), np.array([0.5, 0.5]), 0.0)
    with pytest.raises(InputError, match="sum to 1"):
        dirichlet_from_uniform(np.full((2, 2), 0.5), np.array([0.5, 0.6]), 10.0)
    with pytest.raises(InputError, match="no such generator"):
        build_generator("uniform", TREE, equal(10.0), None)
    with pytest.raises(InputError, match="needs experts"):
        build_generator("expert_posterior", TREE, equal(10.0), None)
    alone = Tree.of(["a"], np.ones(1), {"dimensions": ["only"], "only": ["a"]})
    with pytest.raises(InputError, match="no weights to be uncertain about"):
        build_generator("dirichlet", alone, {}, None)


@pytest.mark.parametrize("concentration", [1e-300, 1e-9, 0.001, 0.05, 0.7, 30.0])
def test_draws_are_finite_and_have_the_moments_of_the_dirichlet(concentration):
    nominal = np.array([0.3333333333, 0.3333333333, 0.3333333334])
    uniforms = qmc.Sobol(3, rng=np.random.default_rng(5)).random(2**14)
    weights = dirichlet_from_uniform(uniforms, nominal, concentration)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-12)
    np.testing.assert_allclose(weights.mean(axis=0), nominal, atol=0.003)
    covariance = (np.diag(nominal) - np.outer(nominal, nominal)) / (concentration + 1.0)
    np.testing.assert_allclose(np.cov(weights.T), covariance, atol=0.003)


def test_unequal_nominal_weights_keep_their_means_at_a_tiny_concentration():
    nominal = np.array([0.6, 0.3, 0.08, 0.02])
    uniforms = qmc.Sobol(4, rng=np.random.default_rng(6)).random(2**14)
    weights = dirichlet_from_uniform(uniforms, nominal, 0.001)
    np.testing.assert_allclose(weights.mean(axis=0), nominal, atol=0.003)


def test_weights_from_logarithms_are_those_from_quantiles():
    nominal, uniforms = np.array([0.1, 0.2, 0.3, 0.4]), np.random.default_rng(7).random((500, 4))
    raw = gamma.ppf(uniforms, 20.0 * nominal)
    expected = raw / raw.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(dirichlet_from_uniform(uniforms, nominal, 20.0), expected, rtol=1e-12)
