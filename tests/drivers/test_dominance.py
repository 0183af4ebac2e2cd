"""General dominance and relative weights against published values, enumeration and limit cases."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.dominance import (
    correlations,
    explained_by_sets,
    general_dominance,
    increments,
    random_orders,
    relative_weights,
)
from maternal_eval.methods.ordinal.maximum_likelihood import OrdinalProblem, fit_ordinal
from maternal_eval.methods.sensitivity.shapley import shapley_values
from tests.drivers.swiss import SWISS

NOISE = np.pi**2 / 3


def moments(weights=None):
    covariance = np.cov(SWISS, rowvar=False, aweights=weights)
    return covariance[1:, 1:], covariance[1:, 0], covariance[0, 0]


def test_lmg_of_the_swiss_data_as_relaimpo_gives_it():
    """``calc.relimp(lm(Fertility ~ ., swiss), type = "lmg")`` (Grömping 2006, table 1; R² 70.67 %)."""
    found = general_dominance(*moments())
    expected = [0.0570912207681, 0.1711730289002, 0.2601346786244, 0.1055701503735, 0.1127659229265]
    np.testing.assert_allclose(found.shares, expected, atol=1e-7)
    assert found.explained == pytest.approx(0.706735001593, abs=1e-7)
    assert not found.error.any()


def test_lmg_with_weights_as_relaimpo_gives_it():
    """The same with ``weights = 1 + (1:47 %% 3)``."""
    found = general_dominance(*moments(1 + np.arange(1, 48) % 3))
    expected = [0.0518208063017, 0.1549452302086, 0.2559770835712, 0.1019573530969, 0.1296324182449]
    np.testing.assert_allclose(found.shares, expected, atol=1e-7)


def test_relative_weights_of_the_swiss_data_as_published():
    """As the package relativeImp 0.0.2 gives them for ``swiss``."""
    covariance, edge, variance = moments()
    found = relative_weights(correlations(covariance, edge, np.asarray(variance)))
    expected = [0.048416895812, 0.154708249806, 0.271964104646, 0.114680029948, 0.116965721381]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_increments_along_every_order_are_the_shapley_values():
    covariance, edge, variance = moments()
    matrix = correlations(covariance, edge, np.asarray(variance))
    every = increments(matrix, np.array(list(permutations(range(5)))))
    np.testing.assert_allclose(every.mean(axis=0), shapley_values(explained_by_sets(matrix)), atol=1e-10)
    np.testing.assert_allclose(every.sum(axis=1), 0.706735, atol=1e-6)


def many(count=14, seed=3):
    random = np.random.default_rng(seed)
    loading = random.normal(size=(count, 4))
    covariance = loading @ loading.T + np.diag(random.uniform(0.5, 2.0, count))
    edge = covariance @ random.normal(size=count)
    return covariance, edge, 1.5 * edge @ np.linalg.solve(covariance, edge)


def test_sampled_orders_keep_to_their_error():
    """Fourteen predictors are sampled; enumeration in two halves of 2^14 sets is what they estimate."""
    covariance, edge, variance = many()
    found = general_dominance(covariance, edge, variance, orders=4000, seed=1)
    matrix = correlations(covariance, edge, np.asarray(variance))
    long = increments(matrix, random_orders(14, 100_000, 9)).mean(axis=0)
    assert (found.error > 0).all()
    assert found.explained == pytest.approx(1 / 1.5, abs=1e-6)
    assert np.abs((found.shares - long) / found.error).max() < 4.5
    assert np.sqrt((((found.shares - long) / found.error) ** 2).mean()) < 1.8


@pytest.mark.parametrize("count", [5, 14])
def test_copies_share_alike(count):
    covariance, edge, variance = many(count)
    doubled = np.arange(count + 1) % count  # the last is a copy of the first
    found = general_dominance(covariance[np.ix_(doubled, doubled)], edge[doubled], variance, orders=20_000)
    single = general_dominance(covariance, edge, variance, orders=20_000)
    margin = 5 * (found.error[0] + found.error[-1]) + 1e-7
    assert abs(found.shares[0] - found.shares[-1]) < margin
    assert found.explained == pytest.approx(single.explained, abs=1e-6)
    weights = relative_weights(correlations(covariance[np.ix_(doubled, doubled)], edge[doubled], np.asarray(variance)))
    assert weights[0] == pytest.approx(weights[-1], abs=1e-6)
    assert weights.sum() == pytest.approx(found.explained, abs=1e-5)


def test_uncorrelated_predictors_own_their_squared_correlation_and_two_measures_agree_for_two():
    found = general_dominance(np.eye(3), np.array([0.5, 0.3, 0.1]), 1.0)
    np.testing.assert_allclose(found.shares, [0.25, 0.09, 0.01], atol=1e-8)
    matrix = correlations(np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([0.6, 0.4]), np.asarray(1.0))
    by_hand = [0.5 * (0.36 + 0.28 / 0.75 - 0.16), 0.5 * (0.16 + 0.28 / 0.75 - 0.36)]
    np.testing.assert_allclose(shapley_values(explained_by_sets(matrix)), by_hand, atol=1e-8)
    np.testing.assert_allclose(relative_weights(matrix), by_hand, atol=1e-8)


def test_a_predictor_without_variance_owns_nothing():
    covariance = np.diag([1.0, 0.0])
    found = general_dominance(covariance, np.array([0.5, 0.0]), 1.0)
    np.testing.assert_allclose(found.shares, [0.25, 0.0], atol=1e-8)


@pytest.mark.parametrize("categories", [2, 5])
def test_one_latent_fit_agrees_with_a_fit_of_every_subset(categories):
    """Dominance of McKelvey & Zavoina's R², all 2^4 cumulative (for two answers: logistic) regressions fitted."""
    random = np.random.default_rng(5)
    count, size = 6000, 4
    x = random.normal(size=(count, 2)) @ random.normal(size=(2, size)) * 0.5 + random.normal(size=(count, size))
    latent = x @ [0.8, 0.5, 0.3, 0.0] + random.logistic(size=count)
    category = np.searchsorted(np.quantile(latent, np.arange(1, categories) / categories), latent)
    x -= x.mean(axis=0)

    def explained(chosen):
        problem = OrdinalProblem(x[:, chosen], category, np.ones(count), categories, 100.0)
        variance = (x[:, chosen] @ fit_ordinal(problem).parameters[categories - 1 :]).var()
        return variance / (variance + NOISE)

    sets = [np.flatnonzero((row >> np.arange(size)) & 1) for row in range(2**size)]
    by_refitting = shapley_values(np.array([explained(one) if len(one) else 0.0 for one in sets]))
    beta = fit_ordinal(OrdinalProblem(x, category, np.ones(count), categories, 100.0)).parameters[categories - 1 :]
    covariance = x.T @ x / count
    edge = covariance @ beta
    found = general_dominance(covariance, edge, float(edge @ beta) + NOISE)
    np.testing.assert_allclose(found.shares, by_refitting, atol=0.006)
    assert found.explained == pytest.approx(by_refitting.sum(), abs=1e-6)


def test_impossible_arguments_are_refused():
    with pytest.raises(InputError, match="no covariance matrix"):
        general_dominance(np.eye(2), np.array([0.9, 0.9]), 1.0)
    with pytest.raises(InputError, match="variance"):
        general_dominance(np.eye(2), np.array([0.1, 0.1]), 0.0)
    with pytest.raises(InputError, match="too many sets"):
        explained_by_sets(np.eye(14))
