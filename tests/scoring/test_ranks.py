"""Ranks under weight draws: known ranks, ties, probabilities, blocks."""

import numpy as np
import pandas as pd
import pytest

from maternal_eval.methods import ranks as ranks_module
from maternal_eval.methods.ranks import (
    RankDistribution,
    rank_shift,
    rank_table,
    ranks_by_run,
    scores_under_weights,
)


def test_a_score_that_is_no_number_has_no_rank():
    with pytest.raises(ValueError, match="no rank"):
        ranks_by_run(np.array([[1.0, np.nan]]))
    with pytest.raises(ValueError, match="at least one draw"):
        RankDistribution.of([])


def test_equal_scores_share_the_better_rank():
    assert ranks_by_run(np.array([[3.0, 9.0, 5.0]])).tolist() == [[3, 1, 2]]
    assert ranks_by_run(np.array([5.0, 5.0, 1.0, 7.0])).tolist() == [2, 2, 4, 1]


def test_distribution_of_a_worked_example():
    scores = np.array([[3, 2, 1], [2, 3, 1], [3, 2, 1], [3, 3, 2]], dtype=float)
    found = RankDistribution.of([scores])
    np.testing.assert_allclose(found.ranks, [[0.75, 0.25, 0], [0.5, 0.5, 0], [0, 0, 1]])
    np.testing.assert_allclose(found.wins, [[0.5, 2.5 / 4, 1], [1.5 / 4, 0.5, 1], [0, 0, 0.5]])
    np.testing.assert_allclose(found.mean, [1.25, 1.5, 3.0])
    assert [end.tolist() for end in found.interval()] == [[1, 1, 3], [2, 2, 3]]


def test_interval_is_that_of_the_ranks_themselves():
    scores = np.random.default_rng(0).normal(size=(400, 6)) + np.arange(6) / 3
    found = RankDistribution.of([scores])
    ranks = ranks_by_run(scores)
    for end, tail in zip(found.interval(0.9), (0.05, 0.95), strict=True):
        np.testing.assert_array_equal(end, np.quantile(ranks, tail, axis=0, method="inverted_cdf"))


def test_blocks_change_nothing(monkeypatch):
    random = np.random.default_rng(1)
    values, weights = random.random((7, 4)), random.dirichlet(np.ones(4), size=101)
    whole = RankDistribution.of([weights @ values.T])
    monkeypatch.setattr(ranks_module, "BLOCK", 7 * 10)
    blocks = list(scores_under_weights(values, weights))
    assert max(len(block) for block in blocks) == 10
    found = RankDistribution.of(blocks)
    assert found.draws == 101
    np.testing.assert_array_equal(found.ranks, whole.ranks)
    np.testing.assert_array_equal(found.wins, whole.wins)


def test_probabilities_add_up_and_follow_the_units():
    random = np.random.default_rng(2)
    scores = random.normal(size=(50, 5)).round(1)  # rounded: some are equal
    found = RankDistribution.of([scores])
    np.testing.assert_allclose(found.wins + found.wins.T, 1.0)
    np.testing.assert_allclose(found.ranks.sum(axis=1), 1.0)
    order = random.permutation(5)
    moved = RankDistribution.of([scores[:, order]])
    np.testing.assert_allclose(moved.ranks, found.ranks[order])
    np.testing.assert_allclose(moved.wins, found.wins[np.ix_(order, order)])


def test_two_units_win_with_the_known_probability():
    # Weights uniform on the simplex of two indicators: unit a wins where w1 > 0.3, that is with probability 0.7.
    weights = np.linspace(0, 1, 10_001)[:, None] * [1, -1] + [0, 1]
    found = RankDistribution.of(scores_under_weights(np.array([[0.7, 0.0], [0.0, 0.3]]), weights))
    assert found.wins[0, 1] == pytest.approx(0.7, abs=1e-3)


def test_table_and_shift_of_platforms():
    units = pd.DataFrame({"platform": ["", "a", "b", "c"], "stage": [""] * 4})
    nominal = np.array([0.0, 3.0, 2.0, 1.0])
    draws = np.array([[0, 3, 2, 1], [0, 2, 3, 1], [0, 3, 2, 1], [0, 3, 1, 2]], dtype=float)
    table = rank_table(units, nominal, draws).set_index("platform")
    assert table["nominal"].tolist() == [1, 2, 3]
    assert table["share_first"].tolist() == [0.75, 0.25, 0.0]
    np.testing.assert_allclose(rank_shift(nominal[1:], draws[:, 1:]), [0.0, 2 / 3, 0.0, 2 / 3])
    assert rank_table(units.iloc[:2], nominal[:2], draws[:, :2]).empty
