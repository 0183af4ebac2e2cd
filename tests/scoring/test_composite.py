"""The composite: hand-worked example, limits and invariances."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maternal_eval.methods.composite import composite

WEIGHTS = np.array([0.3, 0.1, 0.2, 0.25, 0.15])
DIMENSION = np.array([0, 0, 0, 1, 1])


def _random(rows: int, missing: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(7)
    values = random.random((rows, 5))
    values[random.random((rows, 5)) < missing] = np.nan
    return values


def test_hand_worked():
    """(0.3·1 + 0.1·0)/0.4 = 0.75 in the first dimension, 0.5 in the second; 0.6·0.75 + 0.4·0.5 = 0.65."""
    scored = composite(np.array([[1, 0, np.nan, 0.5, np.nan]]), WEIGHTS, DIMENSION)
    np.testing.assert_allclose(scored.dimensions, [[75, 50]])
    np.testing.assert_allclose(scored.score, [65])
    np.testing.assert_allclose(scored.answered, [0.3 + 0.1 + 0.25])


@pytest.mark.parametrize("exponent", [1.0, 0.0, -1.0, 2.5, np.inf, -np.inf])
def test_best_answers_give_100_and_worst_0(exponent):
    np.testing.assert_allclose(composite(np.ones((2, 5)), WEIGHTS, DIMENSION, exponent).score, 100)
    np.testing.assert_allclose(composite(np.zeros((2, 5)), WEIGHTS, DIMENSION, exponent).score, 0)


def test_complete_answers_make_a_weighted_mean():
    values = _random(20)
    np.testing.assert_allclose(composite(values, WEIGHTS, DIMENSION).score, 100 * values @ WEIGHTS)


def test_permuting_rows_permutes_scores():
    values, order = _random(30, 0.3), np.random.default_rng(1).permutation(30)
    np.testing.assert_array_equal(
        composite(values[order], WEIGHTS, DIMENSION).score, composite(values, WEIGHTS, DIMENSION).score[order]
    )


@pytest.mark.parametrize("exponent", [1.0, 0.0, -1.0])
def test_an_unanswered_item_equals_a_model_without_it(exponent):
    """Its weight goes to its siblings, and the dimension keeps its own."""
    values = _random(15)
    values[:, 1] = np.nan
    without = np.delete(values, 1, axis=1)
    weights = np.array([0.6 * 0.3 / 0.5, 0.6 * 0.2 / 0.5, 0.25, 0.15])
    np.testing.assert_allclose(
        composite(values, WEIGHTS, DIMENSION, exponent).score,
        composite(without, weights, np.delete(DIMENSION, 1), exponent).score,
    )


def test_an_unanswered_dimension_leaves_the_other():
    values = _random(4)
    values[:, 3:] = np.nan
    scored = composite(values, WEIGHTS, DIMENSION)
    np.testing.assert_allclose(scored.score, scored.dimensions[:, 0])
    assert np.isnan(scored.dimensions[:, 1]).all()
    np.testing.assert_allclose(scored.answered, 0.6)


def test_no_answer_no_score():
    scored = composite(np.full((1, 5), np.nan), WEIGHTS, DIMENSION)
    assert np.isnan(scored.score).all()
    assert scored.answered.tolist() == [0]


@given(st.lists(st.floats(0.01, 1), min_size=5, max_size=5))
def test_power_means_are_ordered(values):
    scores = [
        float(composite(np.array([values]), WEIGHTS, DIMENSION, exponent).score[0])
        for exponent in (-np.inf, -1, 0, 1, 2, np.inf)
    ]
    assert all(low <= high + 1e-9 for low, high in itertools.pairwise(scores))


def test_exponent_limits():
    values = _random(10)
    score = lambda exponent: composite(values, WEIGHTS, DIMENSION, exponent).score  # noqa: E731
    np.testing.assert_allclose(score(1e-7), score(0.0), rtol=1e-6)
    np.testing.assert_allclose(score(1 + 1e-9), score(1.0), rtol=1e-7)
    np.testing.assert_allclose(score(-np.inf), 100 * values.min(axis=1))
    np.testing.assert_allclose(score(np.inf), 100 * values.max(axis=1))
    np.testing.assert_allclose(score(400.0), score(np.inf), rtol=0.02)


@pytest.mark.parametrize("exponent", [0.0, -1.0])
def test_nothing_compensates_a_worthless_answer(exponent):
    values = np.array([[0.0, 1, 1, 1, 1]])
    assert composite(values, WEIGHTS, DIMENSION, exponent).score[0] == 0
    assert composite(values, WEIGHTS, DIMENSION, 1.0).score[0] == pytest.approx(70)


def test_scale_of_weights_does_not_matter():
    values = _random(6, 0.2)
    np.testing.assert_allclose(
        composite(values, 7 * WEIGHTS, DIMENSION).score, composite(values, WEIGHTS, DIMENSION).score
    )


def test_weightless_indicator_does_not_count():
    values = _random(6)
    weights = np.array([0.3, 0.0, 0.2, 0.25, 0.15])
    changed = values.copy()
    changed[:, 1] = np.nan
    np.testing.assert_allclose(
        composite(values, weights, DIMENSION, 0.0).score, composite(changed, weights, DIMENSION, 0.0).score
    )


@pytest.mark.parametrize("weights", [[0, 0, 0, 0, 0], [1, -1, 1, 1, 1]])
def test_bad_weights_are_refused(weights):
    with pytest.raises(ValueError, match="positive sum"):
        composite(np.ones((1, 5)), np.array(weights), DIMENSION)
