"""The posterior of one sibling set: against least squares, exact integration and limits."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.core.intervals import interval
from maternal_eval.methods.ahp import aggregate_judgements, geometric_consistency_index, geometric_weights
from maternal_eval.methods.bayesian_ahp import set_posterior
from maternal_eval.methods.judgement_information import Balanced, General, basis, least_squares
from maternal_eval.methods.pymc_models.expert_weights import expert_weights_model
from maternal_eval.methods.sampling import SamplerSettings, compile_model, diagnose, require, sample


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


def test_residual_variance_is_the_geometric_consistency_index():
    matrices = simulate(WEIGHTS, 6, 0.3, 0.4, 7)
    found = least_squares(matrices)
    np.testing.assert_allclose(found.squares / found.freedom, geometric_consistency_index(matrices))


def test_inconsistent_expert_has_the_largest_residual_scale():
    sigma = np.full(8, 0.2)
    sigma[3] = 0.8
    mean, low, high = set_posterior(simulate(np.full(8, 1 / 8), 8, 0.2, sigma, 8)).inconsistency()
    assert mean.argmax() == 3
    assert low[3] > np.delete(high, 3).max()
    assert ((low < mean) & (mean < high)).all()


def test_disagreement_is_recovered():
    posterior = set_posterior(simulate(np.full(10, 0.1), 60, 0.35, 0.3, 9))
    mean, low, high, mcse = posterior.disagreement()
    assert low < 0.35 < high
    assert (mean, mcse) == (pytest.approx(0.35, abs=0.03), pytest.approx(0, abs=0.002))
    drawn = posterior.tau(np.random.default_rng(0).random((20_000, 2)))
    np.testing.assert_allclose(interval(drawn), (low, high), rtol=0.01)
    assert drawn.mean() == pytest.approx(mean, rel=0.01)


@pytest.mark.parametrize("count", [2, 3, 5, 12])
@pytest.mark.parametrize("experts", [1, 2, 15, 50])
@pytest.mark.parametrize("consistent", [True, False])
def test_extremes_keep_the_gate(count, experts, consistent):
    """Alike experts, contradictory or without any contradiction: the importance weights stay usable."""
    matrix = simulate(np.full(count, 1 / count), 1, 0.5, 0.0 if consistent else 0.5, count)
    posterior = set_posterior(np.repeat(matrix, experts, axis=0), nodes=2000)
    assert posterior.effective >= 400
    drawn = posterior.draw(500, 0)
    assert np.isfinite(drawn).all()
    if experts == 50:
        np.testing.assert_allclose(drawn.mean(axis=0), geometric_weights(matrix[0]), rtol=0.05)


def test_permuting_elements_permutes_the_posterior():
    matrices, order = simulate(WEIGHTS, 8, 0.3, 0.3, 10), np.array([2, 0, 3, 1])
    one = set_posterior(matrices).draw(40_000, 0)
    other = set_posterior(matrices[:, order][:, :, order]).draw(40_000, 0)
    np.testing.assert_allclose(other.mean(axis=0), one.mean(axis=0)[order], atol=0.001)
    np.testing.assert_allclose(other.std(axis=0), one.std(axis=0)[order], rtol=0.03)


def test_missing_judgements_widen_the_posterior():
    matrices = simulate(WEIGHTS, 4, 0.1, 0.5, 11)
    cells = [(expert, row, column) for expert in range(4) for row, column in ((0, 2), (1, 3))]
    widths = [set_posterior(what).draw(20_000, 0).std(axis=0) for what in (matrices, without(matrices, *cells))]
    assert (widths[1] > widths[0]).all()


def test_one_expert_is_as_wide_as_the_prior():
    drawn = np.log(set_posterior(simulate(WEIGHTS, 1, 0.0, 0.1, 12)).draw(20_000, 0))
    # theta − log w is −u with sd tau sqrt(1 − 1/n), tau half-normal: variance (1 − 1/n) E tau² = 3/4, and a little
    # from sigma; log weights also hold the logarithm of the sum, which contrasts do not.
    contrast = drawn[:, 0] - drawn[:, 1]
    assert contrast.std() == pytest.approx(np.sqrt(2.0), rel=0.05)


@pytest.mark.parametrize("scales", [(0.5, 0.3), (2.0, 1.2)])
def test_prior_scales_hardly_matter_with_fifteen_experts(scales):
    """Halving or doubling both prior scales moves neither centre nor width of the group's weights noticeably."""
    matrices = simulate(WEIGHTS, 15, 0.3, 0.3, 14)
    base = set_posterior(matrices).draw(20_000, 0)
    other = set_posterior(matrices, disagreement_scale=scales[0], inconsistency_scale=scales[1]).draw(20_000, 0)
    np.testing.assert_allclose(other.mean(axis=0), base.mean(axis=0), atol=0.1 * base.std(axis=0).min())
    np.testing.assert_allclose(other.std(axis=0), base.std(axis=0), rtol=0.06)


def test_known_variances_by_quadrature():
    """tau and sigma integrated on a brute grid: two elements, three experts, where all is one-dimensional."""
    logs = np.array([0.2, 0.5, 0.9])
    matrices = np.stack([[[1, np.exp(value)], [np.exp(-value), 1]] for value in logs])
    drawn = set_posterior(matrices, nodes=16_000).log_weights(np.random.default_rng(0).random((60_000, 3)))
    difference = drawn[:, 0] - drawn[:, 1]
    # b_e = y_e / sqrt(2) ~ N(phi, tau² + sigma_e²/2): sigma_e² is a scale mixture, integrated by simulation.
    random = np.random.default_rng(1)
    size = 400_000
    typical = np.abs(0.6 * random.standard_normal(size))
    typical = np.where(typical < 0.02, 0.02, typical)
    nu = random.choice([4.0, 8.0, 16.0, 32.0, 64.0], size)
    sigma2 = (nu * typical**2)[:, None] / random.chisquare(nu[:, None], (size, 3))
    tau2 = random.standard_normal(size) ** 2
    precision = 1 / (tau2[:, None] + sigma2 / 2)
    total = precision.sum(axis=1)
    estimates = logs / np.sqrt(2)
    mean = precision @ estimates / total
    square = (precision * (estimates - mean[:, None]) ** 2).sum(axis=1)
    weight = np.exp(0.5 * (np.log(precision).sum(axis=1) - np.log(total) - square))
    weight /= weight.sum()
    expected = np.sqrt(2) * weight @ mean
    spread = np.sqrt(2 * (weight @ (1 / total + mean**2) - (weight @ mean) ** 2))
    assert difference.mean() == pytest.approx(expected, abs=0.02)
    assert difference.std() == pytest.approx(spread, rel=0.03)


@pytest.mark.slow
def test_agrees_with_pymc():
    """Same model, same priors, sampled by nutpie; some pairs are missing."""
    sigma = np.array([0.2, 0.3, 0.3, 0.3, 0.4, 0.9])
    matrices = without(simulate(WEIGHTS, 6, 0.3, sigma, 13), (0, 0, 1), (2, 1, 3), (2, 0, 2), (5, 2, 3))
    posterior = set_posterior(matrices, nodes=16_000)
    tree = sample(
        compile_model(expert_weights_model(matrices)), seed=0, settings=SamplerSettings(tune=1000, draws=3000)
    )
    found = require(diagnose(tree), "reference")
    reference = {
        "theta": tree.posterior["group_contrast"].values.reshape(-1, 3) @ basis(4).T,
        "tau": tree.posterior["tau"].values.reshape(-1, 1),
        "sigma": np.exp(tree.posterior["log_sigma"].values.reshape(-1, 6)),
    }
    uniforms = np.random.default_rng(0).random((40_000, posterior.uniforms))
    node = np.random.default_rng(1).choice(len(posterior.sigma), 40_000, p=posterior.node_probability)
    ours = {
        "theta": posterior.log_weights(uniforms),
        "tau": posterior.tau(uniforms)[:, None],
        "sigma": posterior.sigma[node],
    }
    error = 5 / np.sqrt(min(found.bulk_ess, posterior.effective))
    for name, theirs in reference.items():
        np.testing.assert_array_less(np.abs(ours[name].mean(0) - theirs.mean(0)) / theirs.std(0), error, name)
        np.testing.assert_allclose(ours[name].std(0), theirs.std(0), rtol=2 * error, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experts", "tau", "sigma", "on_scale"), [(15, 0.25, 0.25, True), (8, 0.4, 0.4, False), (5, 0.3, 0.6, True)]
)
def test_intervals_cover_known_weights(experts, tau, sigma, on_scale):
    """Simulated experts: 90 % intervals of the group's weights hold the truth in 85–95 % of cases."""
    weights = np.array([0.30, 0.22, 0.18, 0.14, 0.10, 0.06])
    steps = np.log(np.concatenate([1 / np.arange(9, 1, -1.0), np.arange(1, 10.0)]))
    covered = []
    for seed in range(250):
        scale = sigma * np.random.default_rng(1000 + seed).uniform(0.6, 1.4, experts)
        matrices = simulate(weights, experts, tau, scale, seed)
        if on_scale:
            logs = np.log(matrices)
            rounded = steps[np.abs(np.triu(logs, 1)[..., None] - steps).argmin(axis=-1)]
            matrices = np.exp(np.triu(rounded, 1) - np.swapaxes(np.triu(rounded, 1), 1, 2))
        low, high = interval(set_posterior(matrices, seed=seed, nodes=1500).draw(1500, seed))
        covered.append((low < weights) & (weights < high))
    share = np.mean(covered, axis=0)
    assert np.mean(covered) == pytest.approx(0.90, abs=0.05), share
    # The share of one element has a binomial standard error of 0.019.
    assert np.abs(share - 0.90).max() < 4 * np.sqrt(0.9 * 0.1 / 250), share
