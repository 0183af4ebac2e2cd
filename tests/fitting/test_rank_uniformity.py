"""Bands and p-values of ranks: exact against simulation, and against what other people's code gives."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands
from scipy.stats import beta, binom

from maternal_eval.methods.sampling import rank_band, rank_counts, rank_p_value


def test_counts_are_those_below_each_rank():
    assert rank_counts(np.array([0, 2, 2, 4]), 4).tolist() == [1, 1, 3, 3]


def test_one_place_gives_the_binomial_interval():
    """With L = 1 there is one place: the simultaneous band is the pointwise one."""
    low, high = rank_band(50, 1, 0.9)
    inside = binom.cdf(high[0], 50, 0.5) - binom.cdf(low[0] - 1, 50, 0.5)
    narrower = binom.cdf(high[0] - 1, 50, 0.5) - binom.cdf(low[0], 50, 0.5)
    assert narrower < 0.9 <= inside


@pytest.mark.parametrize(("replicates", "largest"), [(60, 19), (200, 99)])
def test_band_holds_as_often_as_it_says(replicates, largest):
    generator = np.random.default_rng(0)
    low, high = rank_band(replicates, largest, 0.9)
    counts = np.array([rank_counts(generator.integers(0, largest + 1, replicates), largest) for _ in range(4000)])
    inside = ((counts >= low) & (counts <= high)).all(axis=1).mean()
    assert 0.9 - 0.015 <= inside <= 0.96  # discrete: never less than wished, a little more


def test_band_agrees_with_the_simulated_one_of_arviz():
    at = np.arange(1, 100) / 100
    gamma = simulate_confidence_bands(300, 1, at, 0.95, 4000, np.random.default_rng(1))
    theirs = np.array(get_pointwise_confidence_band(gamma, 300, at)) * 300
    ours = np.array(rank_band(300, 99, 0.95))
    assert np.abs(theirs - ours).max() <= 3  # counts out of 300: simulation error and rounding


def test_p_values_of_uniform_ranks_are_uniform():
    generator = np.random.default_rng(2)
    p = np.array([rank_p_value(generator.integers(0, 20, 80), 19) for _ in range(1000)])
    for limit in (0.05, 0.2, 0.5):
        assert (p <= limit).mean() == pytest.approx(limit, abs=0.05)
        assert (p <= limit).mean() <= limit + 4 * np.sqrt(limit * (1 - limit) / 1000)


def test_p_value_and_band_say_the_same():
    generator = np.random.default_rng(3)
    low, high = rank_band(100, 49, 0.8)
    said = []
    for _ in range(300):
        ranks = generator.integers(0, 50, 100)
        counts = rank_counts(ranks, 49)
        outside = bool(((counts < low) | (counts > high)).any())
        assert not outside or rank_p_value(ranks, 49) < 0.2
        said.append(outside)
    assert 0 < np.mean(said) <= 0.25


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.6), (2.0, 2.0), (1.0, 1.5)], ids=["too narrow", "too wide", "shifted"])
def test_ranks_that_are_not_uniform_are_found(a, b):
    ranks = np.floor(100 * beta.rvs(a, b, size=300, random_state=0)).astype(int)
    assert rank_p_value(ranks, 99) < 1e-3


def test_order_does_not_matter():
    ranks = np.random.default_rng(4).integers(0, 100, 50)
    assert rank_p_value(ranks, 99) == rank_p_value(ranks[::-1], 99)
