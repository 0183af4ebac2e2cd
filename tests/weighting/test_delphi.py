"""Kendall's W: limits, the Friedman statistic and ties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from maternal_eval.methods.delphi import (
    coefficient_of_variation,
    interquartile_range,
    kendall_w,
    largest_change,
    largest_relative_change,
    outlying_experts,
)


def test_identical_rankings_give_one():
    agreement = kendall_w(np.tile([0.5, 0.3, 0.15, 0.05], (6, 1)))
    assert agreement.w == pytest.approx(1)
    assert (agreement.experts, agreement.elements) == (6, 4)


def test_two_opposite_rankings_give_zero():
    assert kendall_w(np.array([[1.0, 2, 3, 4, 5], [5, 4, 3, 2, 1]])).w == pytest.approx(0)


@pytest.mark.parametrize("ties", [False, True])
def test_agrees_with_friedman(ties):
    """W = chi² / (m (n − 1)) with Friedman's chi², tie correction included."""
    random = np.random.default_rng(0)
    weights = random.integers(1, 4, (9, 6)) / 3 if ties else random.random((9, 6))
    friedman = stats.friedmanchisquare(*weights.T)
    agreement = kendall_w(weights)
    assert agreement.w == pytest.approx(friedman.statistic / (9 * 5))
    assert agreement.p_value == pytest.approx(friedman.pvalue)


@pytest.mark.parametrize("elements", [3, 4, 7])
@pytest.mark.parametrize("experts", [4, 15])
def test_w_is_friedmans_for_many_shapes(experts, elements):
    weights = np.random.default_rng(elements).integers(1, 6, (experts, elements)) / 5
    friedman = stats.friedmanchisquare(*weights.T)
    assert kendall_w(weights).w == pytest.approx(friedman.statistic / (experts * (elements - 1)))


def test_exact_p_value_by_hand():
    """Two experts, three elements, alike: 6 of the 36 pairs of rankings agree fully."""
    agreement = kendall_w(np.array([[0.5, 0.3, 0.2], [0.6, 0.3, 0.1]]))
    assert (agreement.w, agreement.method) == (1.0, "exact")
    assert agreement.p_value == pytest.approx(1 / 6)


@pytest.mark.parametrize("ties", [False, True])
def test_exact_p_value_agrees_with_permutations(ties):
    random = np.random.default_rng(3)
    weights = random.integers(1, 3, (5, 4)) / 2 if ties else random.random((5, 4))
    agreement = kendall_w(weights)
    ranks = stats.rankdata(weights, axis=1)
    shuffled = random.permuted(np.tile(ranks, (20_000, 1, 1)), axis=2)
    # W orders rankings as the squared deviations of the rank sums do, the ties being those of each expert.
    deviation = ((shuffled.sum(axis=1) - 12.5) ** 2).sum(axis=1)
    share = np.mean(deviation >= ((ranks.sum(axis=0) - 12.5) ** 2).sum() - 1e-9)
    assert agreement.method == "exact"
    assert abs(share - agreement.p_value) < 4 * np.sqrt(agreement.p_value * (1 - agreement.p_value) / 20_000)


def test_exact_and_approximate_agree_for_many_experts():
    weights = np.random.default_rng(8).random((40, 3)) + np.array([0.1, 0.0, 0.0])
    agreement = kendall_w(weights)
    approximate = stats.chi2.sf(40 * 2 * agreement.w, 2)
    assert agreement.p_value == pytest.approx(approximate, abs=0.01)


def test_published_example():
    """Siegel & Castellan (1988), section 9.6: three rankings of six applicants; rank sums 8 14 11 11 11 8, W = .16."""
    ranks = np.array([[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]])
    assert ranks.sum(axis=0).tolist() == [8, 14, 11, 11, 11, 8]
    assert round(kendall_w(ranks).w, 2) == 0.16


def test_order_of_experts_does_not_matter():
    weights = np.random.default_rng(1).random((7, 4))
    assert kendall_w(weights).w == pytest.approx(kendall_w(weights[::-1]).w)


def test_rounding_errors_count_as_ties():
    nearly = np.array([[0.25, 0.25 + 1e-14, 0.5], [0.25, 0.25, 0.5]])
    assert kendall_w(nearly).w == pytest.approx(1)


def test_undefined_where_nobody_ranks():
    assert np.isnan(kendall_w(np.ones((4, 3))).w)


def test_needs_two_experts():
    with pytest.raises(ValueError, match="two experts"):
        kendall_w(np.ones((1, 3)))


def test_largest_change():
    assert largest_change(np.array([0.5, 0.5]), np.array([0.4, 0.6])) == pytest.approx(0.1)


def test_largest_relative_change():
    assert largest_relative_change(np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.20, 0.30])) == pytest.approx(0.2)


def test_spread_by_hand():
    weights = np.array([[0.2, 0.8], [0.4, 0.6], [0.6, 0.4]])
    np.testing.assert_allclose(interquartile_range(weights), [0.2, 0.2])
    np.testing.assert_allclose(coefficient_of_variation(weights), [0.5, 1 / 3])
    assert np.isnan(coefficient_of_variation(weights[:1])).all()


def _opinions(experts, elements, seed, spread=0.3):
    logs = spread * np.random.default_rng(seed).standard_normal((experts, elements))
    return np.exp(logs) / np.exp(logs).sum(axis=1, keepdims=True)


def test_outlying_expert_is_named():
    weights = _opinions(12, 6, 0)
    weights[4] = np.array([9, 1, 1, 1, 1, 9]) / 22
    found = outlying_experts(weights)
    assert found.outlying.tolist() == [expert == 4 for expert in range(12)]
    assert found.distance.argmax() == 4


def test_distance_is_free_of_scale():
    weights = _opinions(6, 4, 1)
    np.testing.assert_allclose(outlying_experts(weights).p_value, outlying_experts(7 * weights).p_value)


def test_alike_experts_do_not_stand_apart():
    found = outlying_experts(np.tile([0.5, 0.3, 0.2], (5, 1)))
    assert not found.outlying.any()
    np.testing.assert_allclose(found.distance, 0, atol=1e-12)


def test_one_against_alike_experts_is_outlying():
    assert outlying_experts(np.array([[0.5, 0.3, 0.2]] * 5 + [[0.2, 0.3, 0.5]])).outlying.tolist() == [False] * 5 + [
        True
    ]


@pytest.mark.parametrize("experts", [1, 2])
def test_two_experts_cannot_be_told_apart(experts):
    found = outlying_experts(_opinions(experts, 4, 2))
    assert not found.outlying.any()
    assert np.isnan(found.p_value).all()


def test_p_values_are_uniform_where_experts_are_alike():
    """The statistic is F distributed under the model: over replicates its p-values are uniform."""
    p_values = [outlying_experts(_opinions(8, 5, seed)).p_value[0] for seed in range(400)]
    assert stats.kstest(p_values, "uniform").pvalue > 0.001
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.04)
