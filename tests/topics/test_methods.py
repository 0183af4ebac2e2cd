"""Exact tests on counts: binomial tails, intervals, the rate of false signals, and what a rise does."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.topic_counts import dispersion_of, rate_ratio, rise_probability, rising_topics


@pytest.mark.parametrize(("count", "before"), [(0, 0), (1, 0), (3, 7), (40, 25), (5, 60)])
def test_probabilities_are_binomial_tails(count, before):
    found = rise_probability(count, 200.0, before, 600.0)
    assert found == pytest.approx(binom.sf(count - 1, count + before, 0.25), rel=1e-12)


def test_intervals_are_those_of_clopper_and_pearson():
    ratio, low, high = rate_ratio(np.array([12.0]), np.array([300.0]), np.array([18.0]), np.array([900.0]))
    share = binomtest(12, 30).proportion_ci(0.90, method="exact")
    assert ratio[0] == pytest.approx((12 / 300) / (18 / 900))
    assert low[0] == pytest.approx(share.low / (1 - share.low) * 3)
    assert high[0] == pytest.approx(share.high / (1 - share.high) * 3)


def test_a_topic_that_was_never_named_has_no_ratio_and_a_new_one_no_upper_end():
    ratio, low, high = rate_ratio(np.array([0.0, 6.0]), np.full(2, 100.0), np.zeros(2), np.full(2, 400.0))
    assert np.isnan([ratio[0], low[0], high[0]]).all()
    assert np.isinf(high[1])
    assert low[1] > 4


def test_dispersion_is_one_for_poisson_and_right_for_scattered_counts():
    random = np.random.default_rng(1)
    exposure = np.full((12, 400), 500.0)
    means = exposure * random.uniform(0.02, 0.1, size=400)
    assert dispersion_of(random.poisson(means), exposure) == pytest.approx(1.0, abs=0.05)
    scattered = random.poisson(random.gamma(means / 1.5, 1.5))  # variance = 2.5 × mean
    assert dispersion_of(scattered, exposure) == pytest.approx(2.5, abs=0.15)


@pytest.mark.parametrize("dispersion", [1.0, 2.0])
def test_without_a_rise_few_quarters_hold_a_false_signal(dispersion):
    random = np.random.default_rng(2)
    means = np.broadcast_to(400 * random.uniform(0.02, 0.1, size=60), (500, 13, 60))
    drawn = means if dispersion == 1.0 else random.gamma(means / (dispersion - 1), dispersion - 1)
    counts = random.poisson(drawn).astype(float)
    _, signal = rising_topics(
        counts, np.full(counts.shape, 400.0), before=8, latest=2, rate=0.05, dispersion=dispersion
    )
    share = signal.any(axis=2)
    error = share.mean(axis=1).std(ddof=1) / np.sqrt(len(share))
    assert share.mean() <= 0.05 + 3 * error


def test_false_signals_among_all_signals_keep_the_rate_where_some_topics_rise():
    random = np.random.default_rng(3)
    means = np.broadcast_to(np.full(40, 20.0), (400, 10, 40)).copy()
    means[:, 8:, :8] *= 2.5
    counts = random.poisson(means).astype(float)
    _, signal = rising_topics(counts, np.full(counts.shape, 400.0), before=8, latest=2, rate=0.05, dispersion=1.0)
    false, all_of_them = signal[:, 0, 8:].sum(axis=1), signal[:, 0].sum(axis=1)
    rates = false / np.maximum(all_of_them, 1)
    assert rates.mean() <= 0.05 + 3 * rates.std(ddof=1) / np.sqrt(rates.size)
    assert signal[:, 0, :8].mean() > 0.9


@pytest.mark.parametrize(
    "wrong",
    [
        {"counts": -np.ones((12, 2))},
        {"counts": np.ones((9, 2))},
        {"exposure": np.zeros((12, 2))},
        {"rate": 1.0},
        {"before": 1},
    ],
)
def test_impossible_arguments_are_refused(wrong):
    counts = wrong.pop("counts", np.ones((12, 2)))
    arguments = {"exposure": np.full(counts.shape, 9.0), "before": 8, "latest": 2, "rate": 0.05} | wrong
    with pytest.raises(InputError):
        rising_topics(counts, **arguments)
