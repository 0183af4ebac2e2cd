"""Bases of the factors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_t, norm

from maternal_eval.methods.ordinal.factors import (
    exchangeable_basis,
    interaction_basis,
    nested_basis,
    parent_of,
    random_walk_basis,
)


@pytest.mark.parametrize("levels", [1, 2, 5, 14])
def test_exchangeable_effects_sum_to_zero_and_are_orthonormal(levels):
    basis = exchangeable_basis(levels)
    assert basis.shape == (levels, levels - 1)
    assert basis.sum(axis=0) == pytest.approx(np.zeros(levels - 1), abs=1e-12)
    assert basis.T @ basis == pytest.approx(np.eye(levels - 1), abs=1e-12)
    assert np.diag(basis @ basis.T) == pytest.approx(np.full(levels, 1 - 1 / levels), abs=1e-12)


def test_nested_effects_sum_to_zero_inside_each_parent():
    basis = nested_basis(np.array([1, 0, 1, 2, 0, 1]))
    assert basis.shape == (6, 3)
    for inside in ([0, 2, 5], [1, 4], [3]):
        assert basis[inside].sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert (basis[3] == 0.0).all()
    assert basis.T @ basis == pytest.approx(np.eye(3), abs=1e-12)


def test_parents_are_seen_only_where_levels_divide():
    child, parent = np.array([0, 1, 2, 0, 2]), np.array([1, 0, 1, 1, 1])
    assert parent_of(child, parent, 3).tolist() == [1, 0, 1]
    assert parent_of(parent, child, 2) is None
    assert parent_of(child, np.array([1, 0, 1, 0, 1]), 3) is None
    assert parent_of(child, child, 3) is None


def test_random_walk_has_independent_steps_that_grow_with_distance():
    basis = random_walk_basis([2010, 2011, 2013])
    steps = np.diff(basis, axis=0)
    assert steps @ steps.T == pytest.approx(np.diag([1.0, 2.0]), abs=1e-12)
    assert basis.mean(axis=0) == pytest.approx(np.zeros(2), abs=1e-12)


def test_random_walk_is_centred_where_the_answers_are():
    basis = random_walk_basis([1, 2, 3, 4], np.array([1.0, 1.0, 1.0, 0.0]))
    assert basis[:3].mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert basis[3, 2] == 1.0
    assert (basis[:3, 2] == 0.0).all()


def test_two_levels_are_the_same_walk_or_not():
    """With two levels a walk and exchangeable effects are one difference; only its scale is counted otherwise."""
    assert random_walk_basis([0, 1]) * -np.sqrt(2) == pytest.approx(exchangeable_basis(2))


def test_interaction_sums_to_zero_over_either_factor():
    basis = interaction_basis(exchangeable_basis(3), random_walk_basis([1, 2, 3, 4])).reshape(3, 4, -1)
    assert basis.shape == (3, 4, 6)
    assert basis.sum(axis=0) == pytest.approx(np.zeros((4, 6)), abs=1e-12)
    assert basis.sum(axis=1) == pytest.approx(np.zeros((3, 6)), abs=1e-12)


def test_student_t_is_the_normal_with_its_scale_integrated_out():
    """The identity that the priors rest on, by numerical integration over the scaled inverse chi-squared scale."""
    coefficients, scale, degrees = np.array([0.4, -0.1, 0.7]), 0.3, 3.0

    def integrand(precision: float) -> float:
        density = norm.pdf(coefficients, scale=precision**-0.5).prod()
        shape, rate = degrees / 2, degrees * scale**2 / 2
        return density * rate**shape * precision ** (shape - 1) * np.exp(-rate * precision) / 0.886226925452758

    mixed = quad(integrand, 0.0, np.inf)[0]
    expected = multivariate_t(np.zeros(3), scale**2 * np.eye(3), df=degrees).pdf(coefficients)
    assert mixed == pytest.approx(expected, rel=1e-6)
