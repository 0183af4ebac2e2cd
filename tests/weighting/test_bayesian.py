"""The posterior of one sibling set: against least squares, exact integration and limits."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.weighting.ahp import aggregate_judgements, geometric_weights
from maternal_eval.weighting.bayesian import set_posterior
from maternal_eval.weighting.information import Balanced, General, basis, least_squares


def simulate(weights, experts, tau, sigma, seed):
    """Reciprocal matrices of the model itself, not put on Saaty's scale."""
    random = np.random.default_rng(seed)
    count = len(weights)
    own = np.log(weights) + tau * random.standard_normal((experts, count))
    errors = np.triu(
        np.broadcast_to(sigma, experts)[:, None, None] * random.standard_normal((experts, count, count)), 1
    )
    return np.exp(own[:, :, None] - own[:, None, :] + errors - np.swapaxes(errors, 1, 2))


def without(matrices, *cells):
    """Leave out the judgements of cells (expert, row, column)."""
    missing = matrices.copy()
    for expert, row, column in cells:
        missing[expert, row, column] = missing[expert, column, row] = np.nan
    return missing


WEIGHTS = np.array([0.4, 0.3, 0.2, 0.1])


@pytest.mark.parametrize("count", range(2, 16))
def test_basis_is_orthonormal_and_sums_to_zero(count):
    contrasts = basis(count)
    np.testing.assert_allclose(contrasts.T @ contrasts, np.eye(count - 1), atol=1e-14)
    np.testing.assert_allclose(contrasts.sum(axis=0), 0, atol=1e-14)


def test_least_squares_are_row_geometric_means():
    matrices = simulate(WEIGHTS, 3, 0.3, 0.4, 0)
    found = least_squares(matrices)
    logs = found.estimates @ basis(4).T
    np.testing.assert_allclose(np.exp(logs) / np.exp(logs).sum(1, keepdims=True), geometric_weights(matrices))


def test_conditional_is_generalised_least_squares():
    """With tau and sigma known and a flat prior, theta is normal around generalised least squares."""
    matrices = without(simulate(WEIGHTS, 3, 0.3, 0.4, 1), (0, 0, 1), (2, 1, 3))
    found = least_squares(matrices)
    assert isinstance(found, General)
    tau, sigma = 0.3, np.array([0.2, 0.4, 0.6])
    rows, columns = np.triu_indices(4, 1)
    design = basis(4)[rows] - basis(4)[columns]
    precision, linear = np.zeros((3, 3)), np.zeros(3)
    for matrix, scale in zip(matrices, sigma, strict=True):
        said = np.log(matrix[rows, columns])
        seen = ~np.isnan(said)
        covariance = tau**2 * design[seen] @ design[seen].T + scale**2 * np.eye(seen.sum())
        precision += design[seen].T @ np.linalg.solve(covariance, design[seen])
        linear += design[seen].T @ np.linalg.solve(covariance, said[seen])
    mean, root = found.conditional(np.array([tau]), sigma[None])
    np.testing.assert_allclose(mean[0], np.linalg.solve(precision, linear))
    np.testing.assert_allclose(root[0] @ root[0].T, np.linalg.inv(precision))


def test_complete_matrices_are_a_case_of_the_general_design():
    matrices = simulate(WEIGHTS, 5, 0.3, 0.4, 2)
    found = least_squares(matrices)
    assert isinstance(found, Balanced)
    general = General(found.estimates, found.squares, found.freedom, np.full((5, 3), 4.0), np.stack([np.eye(3)] * 5))
    tau, sigma = np.array([0.1, 0.5]), np.random.default_rng(0).uniform(0.1, 1, (7, 5))
    one, other = found.log_evidence(tau, sigma), general.log_evidence(tau, sigma)
    np.testing.assert_allclose(one - one[0, 0], other - other[0, 0], atol=1e-10)


def test_group_of_equal_experts_centres_on_the_row_geometric_means():
    matrices = simulate(WEIGHTS, 40, 0.2, 0.2, 3)
    logs = np.log(set_posterior(matrices).draw(20_000, 0))
    expected = np.log(geometric_weights(aggregate_judgements(matrices)))
    centred = logs.mean(0) - logs.mean()
    np.testing.assert_allclose(centred, expected - expected.mean(), atol=0.01)


def test_new_expert_is_as_wide_as_the_disagreement():
    posterior = set_posterior(simulate(WEIGHTS, 60, 0.4, 0.2, 4))
    uniforms = np.random.default_rng(0).random((20_000, posterior.uniforms))
    group, expert = (posterior.log_weights(uniforms, new) for new in (False, True))
    assert group.std(0).max() < 0.1
    # An element's effect sums to zero with the others: variance tau² (1 - 1/n).
    np.testing.assert_allclose(expert.std(0), 0.4 * np.sqrt(3 / 4), rtol=0.15)


def test_draws_repeat_with_the_seed():
    posterior = set_posterior(simulate(WEIGHTS, 6, 0.3, 0.3, 5), seed=0)
    np.testing.assert_array_equal(posterior.draw(50, 0), posterior.draw(50, 0))
    np.testing.assert_allclose(posterior.draw(50, 1).sum(1), 1)


def test_unlinked_elements_are_refused():
    matrices = without(simulate(WEIGHTS, 2, 0.3, 0.3, 6), *[(e, i, j) for e in (0, 1) for i in (0, 1) for j in (2, 3)])
    with pytest.raises(ValueError, match="do not link"):
        set_posterior(matrices)
