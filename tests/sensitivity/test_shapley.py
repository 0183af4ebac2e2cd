"""Shapley effects: known games, closed-form Dirichlet oracles, enumeration against sampled orders, answers."""

from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import digamma, polygamma

from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity.explained_variance import (
    explained_variance,
    pair_correlations,
    pair_sums,
    shapley_of_r2,
)
from maternal_eval.methods.sensitivity.shapley import (
    dirichlet_linear_worths,
    log_gamma,
    member_table,
    redraw_dirichlet,
    shapley_effects,
    shapley_values,
)

MEAN, SLOPES, CONCENTRATION = np.array([0.4, 0.3, 0.2, 0.1]), np.array([1.0, -2.0, 3.0, 0.5]), 20.0
COVARIANCE = (np.diag(MEAN) - np.outer(MEAN, MEAN)) / (CONCENTRATION + 1)


def test_glove_game():
    # Shapley (1953) style textbook game: one left glove (player 0), two right gloves; a pair is worth 1
    worth = np.array([0, 0, 0, 1, 0, 1, 0, 1.0])
    np.testing.assert_allclose(shapley_values(worth), [2 / 3, 1 / 6, 1 / 6])


@pytest.mark.parametrize("inputs", [1, 2, 5, 8])
def test_values_are_the_mean_over_all_orders_and_add_up(inputs):
    worth = np.random.default_rng(inputs).random(2**inputs)
    worth[0] = 0.0
    values = shapley_values(worth)
    assert values.sum() == pytest.approx(worth[-1])
    if inputs <= 5:
        by_order = np.zeros(inputs)
        orders = list(permutations(range(inputs)))
        for order in orders:
            known = 0
            for player in order:
                by_order[player] += (worth[known | 1 << player] - worth[known]) / len(orders)
                known |= 1 << player
        np.testing.assert_allclose(values, by_order, atol=1e-12)


def test_dirichlet_worths_in_closed_form():
    worths = dirichlet_linear_worths(MEAN, CONCENTRATION, SLOPES)
    assert worths[0] == 0.0
    assert worths[-1] == pytest.approx(SLOPES @ COVARIANCE @ SLOPES)
    for known, worth in zip(member_table(4), worths, strict=True):
        if known.sum() == 3:  # the last weight is known as well
            assert worth == pytest.approx(worths[-1])
        if known.sum() == 1:
            # E[y | w_i] is linear in w_i, so its variance is cov(y, w_i)² / var(w_i)
            place = int(np.argmax(known))
            assert worth == pytest.approx((COVARIANCE @ SLOPES)[place] ** 2 / COVARIANCE[place, place])


def test_conditional_draws_are_exact():
    random = np.random.default_rng(0)
    known = np.array([True, False, False, True])
    start = np.tile([0.5, 0.2, 0.2, 0.1], (20_000, 1))
    drawn = redraw_dirichlet(start, np.tile(known, (20_000, 1)), MEAN, CONCENTRATION, random)
    np.testing.assert_allclose(drawn.sum(axis=1), 1.0)
    np.testing.assert_array_equal(drawn[:, known], start[:, known])
    # what is left, 0.4, is shared out by Beta(20 · 0.3, 20 · 0.2)
    share = drawn[:, 1] / 0.4
    assert share.mean() == pytest.approx(0.6, abs=0.005)
    assert share.var() == pytest.approx(0.6 * 0.4 / 11, rel=0.05)


@pytest.mark.parametrize("elements", [2, 4, 8])
def test_sampled_orders_match_enumeration_and_add_up_to_the_variance(elements):
    random = np.random.default_rng(elements)
    mean, slopes = random.dirichlet(5 * np.ones(elements)), random.normal(size=elements)
    exact = shapley_values(dirichlet_linear_worths(mean, 30.0, slopes))
    # cubed, so that the linear control variate does not give the answer away; the linear model itself beside it
    found = shapley_effects(
        lambda w: np.stack([w @ slopes, (w @ slopes) ** 3], axis=1), mean, 30.0, orders=4000, seed=0
    )
    np.testing.assert_allclose(found.effects[:, 0], exact, atol=1e-12)
    variance = slopes @ ((np.diag(mean) - np.outer(mean, mean)) / 31) @ slopes
    assert found.variance[0] == pytest.approx(variance)
    np.testing.assert_allclose(found.effects.sum(axis=0), found.variance)
    draws = random.dirichlet(30.0 * mean, size=400_000) @ slopes
    assert found.variance[1] == pytest.approx((draws**3).var(), rel=0.06)


def test_nonlinear_effects_match_brute_force():
    mean, c = np.array([0.5, 0.3, 0.2]), 6.0

    def model(w):
        return w[:, 0] * w[:, 1] ** 2

    random = np.random.default_rng(1)
    worth = np.zeros(8)
    for number, known in enumerate(member_table(3)):
        if 0 < known.sum() < 3:
            w = random.dirichlet(c * mean, size=200_000)
            inside = np.tile(known, (len(w), 1))
            one, other = (model(redraw_dirichlet(w, inside, mean, c, random)) for _ in range(2))
            worth[number] = np.cov(one, other)[0, 1]
    worth[-1] = model(random.dirichlet(c * mean, size=400_000)).var()
    found = shapley_effects(lambda w: model(w)[:, None], mean, c, orders=60_000, seed=2)
    np.testing.assert_allclose(found.shares[:, 0], shapley_values(worth) / worth[-1], atol=0.02)
    assert found.share_error.max() < 0.01


def test_seed_zero_is_reproducible():
    def run(seed):
        return shapley_effects(lambda w: np.exp(w), MEAN, CONCENTRATION, orders=20, seed=seed).effects

    np.testing.assert_array_equal(run(0), run(0))
    assert not np.array_equal(run(0), run(1))


def test_bad_input_is_told():
    with pytest.raises(InputError, match="worth of every set of inputs: found 3 worths"):
        shapley_values(np.zeros(3))


# survey answers


@pytest.fixture
def survey():
    random = np.random.default_rng(0)
    answers = random.normal(size=(4000, 4))
    answers[:, 1] += answers[:, 0]
    outcome = answers @ [1.0, 0.5, 0.0, 0.3] + random.normal(size=4000)
    return answers, outcome, random.random(4000) + 0.5


def test_r2_of_all_answers_is_that_of_least_squares(survey):
    answers, outcome, weights = survey
    found = explained_variance(answers, outcome, weights, orders=200, resamples=50)
    theirs = sm.WLS(outcome, sm.add_constant(answers), weights=weights).fit()
    assert found.explained == pytest.approx(theirs.rsquared, abs=1e-9)
    assert found.shares.sum() == pytest.approx(found.explained)


def test_shares_are_the_enumerated_shapley_values(survey):
    answers, outcome, weights = survey
    found = explained_variance(answers, outcome, weights, orders=4000, resamples=2)
    worth = np.zeros(16)
    for number, known in enumerate(member_table(4)):
        if known.any():
            worth[number] = sm.WLS(outcome, sm.add_constant(answers[:, known]), weights=weights).fit().rsquared
    np.testing.assert_allclose(found.shares, shapley_values(worth), atol=5 * found.error.max() + 1e-9)
    assert found.error.max() < 2e-3


def test_jointly_normal_answers_in_closed_form():
    # Two answers of correlation r and slopes b (Owen & Prieur 2017): φ_1 = b_1² (1 - r²/2) + b_1 b_2 r + b_2² r²/2
    r, b = 0.6, np.array([1.0, 0.4])
    correlation = np.array([[1.0, r], [r, 1.0]])
    with_outcome = correlation @ b
    total = np.block(
        [[correlation, with_outcome[:, None]], [with_outcome[None], np.array([[b @ correlation @ b + 1]])]]
    )
    scale = np.sqrt(np.diag(total))
    increments = shapley_of_r2(total / np.outer(scale, scale), np.array([[0, 1], [1, 0]])).mean(axis=0)
    first = b[0] ** 2 * (1 - r**2 / 2) + b[0] * b[1] * r + b[1] ** 2 * r**2 / 2
    assert increments[0] * total[2, 2] == pytest.approx(first)


def test_an_answer_without_part_has_an_interval_at_zero(survey):
    found = explained_variance(*survey, orders=400, resamples=200)
    assert found.low[2] < 0.001
    assert found.shares[2] < 0.002
    assert (found.low < found.shares).all()
    assert (found.shares < found.high).all()


def test_missing_answers_and_copies(survey):
    answers, outcome, weights = survey
    holes = np.where(np.random.default_rng(1).random(answers.shape) < 0.2, np.nan, answers)
    complete = explained_variance(answers, outcome, weights, orders=400, resamples=2)
    found = explained_variance(holes, outcome, weights, orders=400, resamples=2)
    np.testing.assert_allclose(found.shares, complete.shares, atol=0.03)
    twice = explained_variance(np.column_stack([answers, answers[:, 0]]), outcome, weights, orders=400, resamples=2)
    assert twice.shares[0] == pytest.approx(twice.shares[4], abs=0.02)  # copies share what one of them explains
    with pytest.raises(InputError, match="does not vary"):
        explained_variance(np.column_stack([answers, np.ones(4000)]), outcome, weights, orders=20, resamples=2)


def test_pair_correlations_are_those_of_numpy():
    columns = np.random.default_rng(3).normal(size=(300, 4))
    np.testing.assert_allclose(pair_correlations(pair_sums(columns, np.ones(300))), np.corrcoef(columns.T), atol=1e-12)


@pytest.mark.parametrize("concentration", [1e-200, 0.001, 0.02])
def test_tiny_concentrations_give_finite_effects_that_add_up(concentration):
    nominal, slopes = np.array([0.5, 0.3, 0.2]), np.array([1.0, 2.0, 4.0])
    found = shapley_effects(lambda w: w @ slopes, nominal, concentration, orders=64, seed=0)
    expected = shapley_values(dirichlet_linear_worths(nominal, concentration, slopes))
    np.testing.assert_allclose(found.effects[:, 0], expected, rtol=1e-6)


def test_logarithms_of_gamma_variables_have_their_moments():
    # E log G = digamma(a), Var log G = trigamma(a), also where nearly all G are below the smallest number
    shape = np.array([0.001, 0.05, 2.0])
    drawn = log_gamma(shape, (200_000, 3), np.random.default_rng(0))
    assert np.isfinite(drawn).all()
    mean, spread = digamma(shape), np.sqrt(polygamma(1, shape))
    np.testing.assert_allclose((drawn.mean(axis=0) - mean) / spread, 0.0, atol=0.01)
    np.testing.assert_allclose(drawn.std(axis=0) / spread, 1.0, atol=0.02)
