"""Kendall's W: limits, the Friedman statistic and ties."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from maternal_eval.weighting.delphi import kendall_w, largest_change


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
