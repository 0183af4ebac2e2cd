"""Which weights moved themselves, and which sets of discoveries keep their rate."""

import numpy as np
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.simplex_regression.own_change import (
    moved_itself,
    own_changes,
    probability_moved,
    within_false_discovery_rate,
)

START = np.array([0, 4, 7, 9])
STATIC = np.array([0.10, 0.15, 0.12, 0.08, 0.15, 0.10, 0.10, 0.12, 0.08])


def raised(place, factor, within=None):
    """Static weights with one multiplied, of the whole or inside its dimension alone."""
    weights = STATIC.copy()
    weights[place] *= factor
    part = slice(None) if within is None else slice(START[within], START[within + 1])
    weights[part] *= STATIC[part].sum() / weights[part].sum()
    return weights


def test_one_that_rises_inside_its_dimension_moved_and_its_siblings_did_not():
    own, dimensions = own_changes(raised(1, 3.0, within=0), STATIC, START)
    expected = np.zeros(9)
    expected[1] = np.log(3.0)
    np.testing.assert_allclose(own, expected, atol=1e-12)
    np.testing.assert_allclose(dimensions, 0.0, atol=1e-12)


def test_shadows_are_not_moves_though_every_share_changes():
    weights = raised(4, 6.0, within=1)  # its two siblings fall to less than half
    assert (weights[5:7] / STATIC[5:7] < 0.5).all()
    up, down = moved_itself(weights, STATIC, START, 0.2)
    assert np.flatnonzero(up).tolist() == [4]
    assert not down.any()


def test_a_dimension_that_rises_takes_its_indicators_along_and_the_others_make_room():
    weights = STATIC * np.repeat([2.0, 1.0, 1.0], np.diff(START))
    up, down = moved_itself(weights / weights.sum(), STATIC, START, 0.2)
    assert np.flatnonzero(up).tolist() == [0, 1, 2, 3]
    assert not down.any()


def test_in_a_set_of_two_each_has_half():
    own, _ = own_changes(raised(7, 4.0, within=2), STATIC, START)
    np.testing.assert_allclose(np.exp(own[7:]), [2.0, 0.5])


def test_probability_counts_draws_on_the_likelier_side():
    draws = np.stack([raised(1, 3.0, 0), raised(1, 3.0, 0), STATIC, raised(1, 0.2, 0)])
    np.testing.assert_allclose(probability_moved(draws, STATIC, START, 0.2), np.eye(9)[1] * 0.5)


@pytest.mark.parametrize("weights", [np.zeros(9), STATIC[:8], np.full(9, np.nan)])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(InputError):
        own_changes(weights, STATIC, START)


def test_a_set_within_the_rate_is_the_largest_one():
    random = np.random.default_rng(3)
    for _ in range(50):
        probability = random.uniform(0.5, 1.0, size=(3, 4))
        chosen = within_false_discovery_rate(probability, 0.5, 0.1)
        assert not chosen.any() or (1 - probability[chosen]).mean() <= 0.1
        left = np.sort(probability[~chosen])[::-1]
        if left.size:
            assert (1 - np.append(probability[chosen], left[0])).mean() > 0.1
    assert not within_false_discovery_rate(np.full(5, 0.8), 0.5, 0.1).any()


def test_expected_rates_hold_where_probabilities_are_right():
    """Discoveries drawn with their own probability are false as often as the rate expects."""
    random = np.random.default_rng(8)
    probability = random.beta(2.0, 0.7, size=(4000, 20))
    true = random.uniform(size=probability.shape) < probability
    false, made = 0, 0
    for chance, is_true in zip(probability, true, strict=True):
        chosen = within_false_discovery_rate(chance, 0.8, 0.05)
        false, made = false + (chosen & ~is_true).sum(), made + chosen.sum()
    assert false / made <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / made)
