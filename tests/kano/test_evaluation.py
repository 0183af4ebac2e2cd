"""Kano classes from answers: known table, known coefficients, exact probabilities."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from maternal_eval.methods.kano import (
    ANSWER_CLASSES,
    better_worse,
    better_worse_interval,
    classify,
    fong_test,
    modal_probability,
)

NAMES = list(ANSWER_CLASSES)


def by_rule(functional, dysfunctional):
    """The rule behind the table, in words (Berger et al. 1993)."""
    if functional == dysfunctional and functional in (1, 5):
        return "questionable"
    if functional == 5 or dysfunctional == 1:
        return "reverse"
    if functional == 1:
        return "performance" if dysfunctional == 5 else "attractive"
    return "must_be" if dysfunctional == 5 else "indifferent"


@pytest.mark.parametrize("pair", list(product(range(1, 6), repeat=2)))
def test_every_cell_of_the_table(pair):
    assert NAMES[classify(*np.array(pair)[:, None])[0]] == by_rule(*pair)


@pytest.mark.parametrize("answer", [0, 6, 2.5, np.nan])
def test_an_answer_off_the_scale_has_no_class(answer):
    with pytest.raises(ValueError, match="from 1 to 5"):
        classify(np.array([answer]), np.array([1]))


def test_coefficients_of_a_worked_example():
    # M 20, O 30, A 40, I 10; reverse and questionable answers do not count.
    better, worse = better_worse(np.array([20, 30, 40, 10, 5, 5]))
    assert better == pytest.approx(0.7)
    assert worse == pytest.approx(-0.5)
    assert np.isnan(better_worse(np.zeros(6))).all()


def test_interval_of_the_coefficients_is_that_of_the_dirichlet():
    counts = np.array([20, 30, 40, 10, 5, 5])
    draws = np.random.default_rng(0).dirichlet(counts + 0.5, size=200_000)
    better, worse = better_worse(draws)
    expected = [*np.quantile(better, [0.05, 0.95]), *np.quantile(worse, [0.05, 0.95])]
    np.testing.assert_allclose(better_worse_interval(counts), expected, atol=2e-3)


@pytest.mark.parametrize("counts", [[30, 25, 5, 1, 0, 0], [1, 0, 0, 0, 0, 0], [700, 650, 690, 10, 0, 3]])
def test_probability_of_the_modal_class_agrees_with_draws(counts):
    draws = np.random.default_rng(1).dirichlet(np.array(counts) + 0.5, size=400_000).argmax(axis=1)
    expected = np.bincount(draws, minlength=6) / len(draws)
    np.testing.assert_allclose(modal_probability(np.array(counts)), expected, atol=3e-3)


def test_two_classes_are_a_beta_distribution():
    expected = stats.beta.sf(0.5, 12.5, 8.5)
    assert modal_probability(np.array([12, 8]))[0] == pytest.approx(expected, abs=1e-9)


def test_probability_adds_up_and_follows_the_classes():
    counts = np.random.default_rng(2).integers(0, 300, size=(40, 6))
    probability = modal_probability(counts)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    order = [3, 1, 5, 0, 2, 4]
    np.testing.assert_allclose(modal_probability(counts[:, order]), probability[:, order], atol=1e-12)


def test_without_answers_every_class_is_as_likely():
    np.testing.assert_allclose(modal_probability(np.zeros(6)), 1 / 6, atol=1e-6)


def test_fong_of_a_worked_example():
    # a = 60, b = 30, n = 100: 1.65 sqrt(90 (200 - 90) / 200) = 1.65 sqrt(49.5) = 11.609
    test = fong_test(np.array([60, 30, 5, 5, 0, 0]))
    assert test.critical == pytest.approx(1.65 * np.sqrt(49.5))
    assert test.significant
    assert not fong_test(np.array([45, 40, 15, 0, 0, 0])).significant
    assert not fong_test(np.zeros(6)).significant


SHARES = np.array([0.34, 0.30, 0.20, 0.12, 0.02, 0.02])


def test_intervals_cover_the_truth():
    """90% intervals of both coefficients over 4,000 surveys of 150 respondents with known shares."""
    counts = np.random.default_rng(5).multinomial(150, SHARES, size=4000)
    truth = better_worse(SHARES)
    low, high, worse_low, worse_high = better_worse_interval(counts)
    for value, lower, upper in ((truth[0], low, high), (truth[1], worse_low, worse_high)):
        assert 0.88 < np.mean((lower <= value) & (value <= upper)) < 0.92


@pytest.mark.parametrize("respondents", [60, 200, 600])
def test_a_class_that_is_called_sure_is_rarely_wrong(respondents):
    """With 0.34 against 0.30 a class is called sure at 0.95 seldom, and the wrong one in at most 5% of the surveys."""
    counts = np.random.default_rng(6).multinomial(respondents, SHARES, size=600)
    sure = modal_probability(counts) >= 0.95
    assert sure[:, 1:].any(axis=1).mean() <= 0.05
    assert sure[:, 0].mean() < 0.5


def test_probability_of_the_modal_class_is_calibrated():
    """Shares from the prior itself: among classes given about p, a share of about p are the most frequent one."""
    random = np.random.default_rng(7)
    shares = random.dirichlet(np.full(6, 0.5), size=2000)
    counts = np.stack([random.multinomial(40, share) for share in shares])
    probability = modal_probability(counts)
    hit = np.arange(6) == shares.argmax(axis=1)[:, None]
    for low in np.arange(0, 1, 0.2):
        inside = (probability >= low) & (probability < low + 0.2)
        spread = np.sqrt((probability[inside] * (1 - probability[inside])).sum()) / inside.sum()
        assert hit[inside].mean() == pytest.approx(probability[inside].mean(), abs=4 * spread)
