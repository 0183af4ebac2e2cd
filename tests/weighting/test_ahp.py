"""Published matrices, consistent matrices and limits of the analytic hierarchy process."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods import ahp
from maternal_eval.methods.ahp import (
    RANDOM_INDEX,
    WEIGHT_METHODS,
    aggregate_judgements,
    aggregate_priorities,
    complete,
    consistency_index,
    consistency_ratio,
    eigenvector_weights,
    geometric_consistency_index,
    geometric_weights,
    global_weights,
    is_linked,
    principal_eigenvalue,
    random_index,
    reciprocal_matrix,
    worst_judgement,
)

# Above the diagonal, row by row; the published weights and, where printed, CR and the largest eigenvalue.
# fmt: off
PUBLISHED = {
    # Saaty 2008, International Journal of Services Sciences 1(1), table 2: which drink is consumed more in the U.S.,
    # 30 participants. The printed 2 for tea against wine is a misprint for 3: its reciprocal is printed as 1/3. The
    # same judgements, weights and CR stand in the README of AHPy (PhilipGriffith/AHPy).
    "drinks": (
        [9, 5, 2, 1, 1, 1 / 2, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 3, 1 / 4, 1 / 3, 1 / 9, 1 / 2, 1, 1 / 3, 2, 1 / 2,
         1 / 3],
        [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], 0.022, None,
    ),
    # Saaty 2008, table 3: criteria for the best job. No CR is printed.
    "job": (
        [1 / 4, 1 / 6, 1 / 4, 1 / 8, 1 / 3, 3, 1 / 7, 4, 1 / 2, 1 / 7],
        [0.036, 0.122, 0.262, 0.075, 0.506], None, None,
    ),
    # Wikipedia, "Analytic hierarchy process - leader example", criteria; with these weights and CR in AHPy's README.
    "leader": ([4, 3, 7, 1 / 3, 3, 5], [0.548, 0.127, 0.270, 0.056], 0.044, None),
    # Saaty 1990, European Journal of Operational Research 48, table 2: buying a house, eight criteria.
    "house": (
        [5, 3, 7, 6, 6, 1 / 3, 1 / 4, 1 / 3, 5, 3, 3, 1 / 5, 1 / 7, 6, 3, 4, 6, 1 / 5, 1 / 3, 1 / 4, 1 / 7, 1 / 8,
         1 / 2, 1 / 5, 1 / 6, 1 / 5, 1 / 6, 1 / 2],
        [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333], 0.169, 9.669,
    ),
    # Saaty 1990, table 3: three houses by transportation.
    "transportation": ([7, 1 / 5, 1 / 8], [0.233, 0.055, 0.713], 0.213, 3.247),
}
# fmt: on


def _matrix(name: str) -> np.ndarray:
    judgements, weights, _, _ = PUBLISHED[name]
    return reciprocal_matrix(np.array(judgements), len(weights))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_weights(name):
    np.testing.assert_allclose(eigenvector_weights(_matrix(name)), PUBLISHED[name][1], atol=6e-4)


@pytest.mark.parametrize(("name", "ratio"), [(name, row[2]) for name, row in PUBLISHED.items() if row[2]])
def test_published_consistency_ratio(name, ratio):
    decimals = len(str(ratio)) - 2
    assert round(float(consistency_ratio(_matrix(name))), decimals) == ratio


@pytest.mark.parametrize(("name", "eigenvalue"), [(name, row[3]) for name, row in PUBLISHED.items() if row[3]])
def test_published_eigenvalues(name, eigenvalue):
    assert principal_eigenvalue(_matrix(name)) == pytest.approx(eigenvalue, abs=0.0005)


def test_published_hierarchy():
    """Saaty (1990), table 4: three houses by eight criteria; the printed local weights compose to .396 .341 .263."""
    criteria = np.array(PUBLISHED["house"][1])
    houses = np.array(
        [
            [0.754, 0.233, 0.754, 0.333, 0.674, 0.747, 0.200, 0.072],
            [0.181, 0.055, 0.065, 0.333, 0.101, 0.060, 0.400, 0.650],
            [0.065, 0.713, 0.181, 0.333, 0.226, 0.193, 0.400, 0.278],
        ]
    )
    weights = global_weights(criteria, houses.T.ravel(), np.repeat(np.arange(8), 3))
    np.testing.assert_allclose(weights.reshape(8, 3).sum(axis=0), [0.396, 0.341, 0.263], atol=1e-3)


def test_geometric_mean_would_not_give_the_published_weights():
    """The published weights are eigenvectors: the test above can tell the two methods apart."""
    assert np.abs(geometric_weights(_matrix("job")) - PUBLISHED["job"][1]).max() > 5e-3


def test_worst_judgement_of_the_house_matrix():
    """Saaty (2003) names neighbourhood against condition (row 3, column 7, judged 6) as the most inconsistent."""
    worst = worst_judgement(_matrix("house"))
    assert (worst.row, worst.column, worst.judgement) == (2, 6, 6.0)
    assert worst.implied == pytest.approx(0.188 / 0.167, abs=0.01)


@pytest.mark.parametrize("count", range(2, 16))
@pytest.mark.parametrize("method", WEIGHT_METHODS)
def test_consistent_matrix_is_recovered(count, method):
    weights = np.random.default_rng(count).dirichlet(np.full(count, 5.0))
    matrix = weights[:, None] / weights
    np.testing.assert_allclose(WEIGHT_METHODS[method](matrix), weights, atol=1e-12)
    assert consistency_ratio(matrix) == pytest.approx(0, abs=1e-12)
    assert geometric_consistency_index(matrix) == pytest.approx(0, abs=1e-12)


def _without(matrix, seed, share=0.5):
    """Leave out judgements at random, as many as ``share`` of those that are not needed to link all elements."""
    random, count = np.random.default_rng(seed), len(matrix)
    order = random.permutation(count)
    tree = {tuple(sorted((order[at], order[random.integers(at)]))) for at in range(1, count)}
    free = [pair for pair in zip(*np.triu_indices(count, 1), strict=True) if pair not in tree]
    incomplete = matrix.copy()
    for pick in random.choice(len(free), round(share * len(free)), replace=False) if free else ():
        row, column = free[pick]
        incomplete[row, column] = incomplete[column, row] = np.nan
    return incomplete


@pytest.mark.parametrize("share", [0.3, 1.0])
@pytest.mark.parametrize("count", range(2, 16))
@pytest.mark.parametrize("method", WEIGHT_METHODS)
def test_consistent_matrix_is_recovered_from_a_part(count, method, share):
    weights = np.random.default_rng(count).dirichlet(np.full(count, 5.0))
    incomplete = _without(weights[:, None] / weights, count, share)
    np.testing.assert_allclose(WEIGHT_METHODS[method](complete(incomplete)), weights, atol=1e-12)
    assert geometric_consistency_index(incomplete) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ["drinks", "job", "house"])
def test_completion_makes_the_eigenvalue_smallest(name):
    """No other value of a missing judgement has a smaller eigenvalue: the derivatives vanish, and it is convex."""
    incomplete = _without(_matrix(name), 1, 0.5)
    filled = complete(incomplete)
    assert not np.isnan(filled).any()
    np.testing.assert_array_equal(filled[~np.isnan(incomplete)], incomplete[~np.isnan(incomplete)])
    np.testing.assert_allclose(filled * filled.T, 1)
    best = principal_eigenvalue(filled)
    assert best <= principal_eigenvalue(_matrix(name)) + 1e-12
    for row, column in np.argwhere(np.isnan(np.triu(incomplete))):
        for factor in (0.9, 0.999, 1.001, 1.1):
            moved = filled.copy()
            moved[row, column] *= factor
            moved[column, row] /= factor
            assert principal_eigenvalue(moved) > best - 1e-12


def test_published_completion():
    """AHPy's README, after Bozóki, Fülöp & Rónyai (2010): the judgement of c against d is missing."""
    incomplete = reciprocal_matrix(np.array([1, 5, 2, 3, 4, np.nan]), 4, incomplete=True)
    filled = complete(incomplete)
    assert filled[2, 3] == pytest.approx(0.7302971, abs=1e-5)
    np.testing.assert_allclose(eigenvector_weights(filled), [0.3738, 0.3920, 0.0985, 0.1357], atol=6e-5)


def test_completion_by_hand():
    """With one missing judgement of three elements, it is the product of the two others."""
    incomplete = reciprocal_matrix(np.array([2.0, np.nan, 3.0]), 3, incomplete=True)
    assert complete(incomplete)[0, 2] == pytest.approx(6.0)


def test_completion_needs_linked_elements():
    unlinked = reciprocal_matrix(np.array([2.0, np.nan, np.nan, np.nan, np.nan, 3.0]), 4, incomplete=True)
    with pytest.raises(ValueError, match="do not link"):
        complete(unlinked)


def test_ratio_of_incomplete_matrices():
    """The random index shrinks with the missing judgements; a tree cannot contradict itself."""
    assert random_index(4) == 0.90
    assert random_index(4, 1) == pytest.approx(0.60)
    assert consistency_ratio(complete(_without(_matrix("house"), 0, 1.0)), 21) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("count", "missing"), [(4, 1), (4, 2), (5, 2), (6, 3), (6, 6)])
def test_random_index_of_incomplete_matrices(count, missing):
    """The linear rule against random matrices of Saaty's scale, optimally completed, as in Ágoston & Csató (2022)."""
    random = np.random.default_rng(count + missing)
    scale = np.concatenate([1 / np.arange(9, 1, -1.0), np.arange(1, 10.0)])
    size = count * (count - 1) // 2
    matrices: list[np.ndarray] = []
    while len(matrices) < 2000:
        judgements = random.choice(scale, size)
        judgements[random.choice(size, missing, replace=False)] = np.nan
        matrix = reciprocal_matrix(judgements, count, incomplete=True)
        if is_linked(matrix):
            matrices.append(matrix)
    index = consistency_index(complete(np.stack(matrices)))
    # Saaty's table itself rests on few hundred matrices; the rule is called nearly linear.
    assert index.mean() == pytest.approx(float(random_index(count, missing)), rel=0.08)


def test_worst_judgement_of_an_incomplete_matrix_is_one_that_was_made():
    incomplete = _without(_matrix("house"), 2, 0.3)
    worst = worst_judgement(incomplete)
    assert worst.judgement == incomplete[worst.row, worst.column]


def test_methods_agree_for_three_elements():
    """For n = 3 the eigenvector is the row geometric mean (Crawford & Williams 1985)."""
    matrix = reciprocal_matrix(np.array([1 / 3, 1 / 6, 1 / 4]), 3)
    np.testing.assert_allclose(eigenvector_weights(matrix), geometric_weights(matrix), atol=1e-12)
    # Saaty 2008, table 4.
    np.testing.assert_allclose(eigenvector_weights(matrix), [0.091, 0.218, 0.691], atol=6e-4)


def test_two_elements_are_always_consistent():
    matrix = reciprocal_matrix(np.array([7.0]), 2)
    np.testing.assert_allclose(eigenvector_weights(matrix), [7 / 8, 1 / 8])
    assert consistency_ratio(matrix) == 0
    assert geometric_consistency_index(matrix) == 0
    assert worst_judgement(matrix) is None


def test_geometric_consistency_index_by_hand():
    """For n = 3, GCI = (log a12 + log a23 − log a13)² / 3: the cycle's error is spread over three cells."""
    matrix = reciprocal_matrix(np.array([2.0, 3.0, 5.0]), 3)
    assert geometric_consistency_index(matrix) == pytest.approx(np.log(2 * 5 / 3) ** 2 / 3)


def test_permuting_elements_permutes_weights():
    matrix, order = _matrix("house"), np.array([3, 0, 7, 1, 6, 2, 5, 4])
    permuted = matrix[np.ix_(order, order)]
    np.testing.assert_allclose(eigenvector_weights(permuted), eigenvector_weights(matrix)[order], atol=1e-12)
    assert consistency_ratio(permuted) == pytest.approx(float(consistency_ratio(matrix)))


def test_stacks_of_matrices_equal_single_ones():
    stack = np.stack([_matrix("drinks"), _matrix("drinks")[::-1, ::-1]])
    np.testing.assert_allclose(eigenvector_weights(stack)[1], eigenvector_weights(stack[1]))
    np.testing.assert_allclose(consistency_index(stack)[0], consistency_index(stack[0]))


def test_random_index_table():
    assert len(RANDOM_INDEX) == 15
    assert RANDOM_INDEX[2:5] == (0.58, 0.90, 1.12)
    with pytest.raises(ValueError, match="n = 16"):
        consistency_ratio(np.ones((16, 16)))


def test_group_of_alike_experts_is_each_of_them():
    matrix = _matrix("drinks")
    group = aggregate_judgements(np.stack([matrix, matrix]))
    np.testing.assert_allclose(group, matrix)
    weights = eigenvector_weights(matrix)
    np.testing.assert_allclose(aggregate_priorities(np.stack([weights, weights])), weights)


def test_opposite_experts_cancel():
    matrix = _matrix("drinks")
    np.testing.assert_allclose(aggregate_judgements(np.stack([matrix, 1 / matrix])), np.ones((7, 7)))


def test_group_methods_agree_under_row_geometric_means():
    """With row geometric means both ways to form a group are the same (Forman & Peniwati 1998)."""
    matrices = np.stack([_matrix("drinks"), _matrix("drinks")[::-1, ::-1]])
    np.testing.assert_allclose(
        geometric_weights(aggregate_judgements(matrices)), aggregate_priorities(geometric_weights(matrices))
    )


def test_global_weights_keep_dimension_totals():
    within = np.array([2.0, 2.0, 1.0, 1.0, 2.0])
    weights = global_weights(np.array([0.7, 0.3]), within, np.array([0, 1, 0, 1, 1]))
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights[[0, 2]], [0.7 * 2 / 3, 0.7 / 3])


@pytest.mark.parametrize("bad", [[0.0, 1, 1], [9.5, 1, 1], [-2.0, 1, 1], [np.nan, 1, 1]])
def test_judgements_off_the_scale_are_refused(bad):
    with pytest.raises(ValueError, match="off the scale"):
        reciprocal_matrix(np.array(bad), 3)


def test_wrong_number_of_judgements_is_refused():
    with pytest.raises(ValueError, match="4 elements need 6"):
        reciprocal_matrix(np.ones(5), 4)


def test_a_completion_that_has_not_converged_is_no_completion(monkeypatch):
    judgements = np.array([9, np.nan, 1 / 9, 9, np.nan, 9, 1 / 9, 9, np.nan, 1 / 9])
    incomplete = reciprocal_matrix(judgements, 5, incomplete=True)
    monkeypatch.setattr(ahp, "_LARGEST_NUMBER_OF_STEPS", 2)
    with pytest.raises(DiagnosticsError, match=r"completion of the missing judgements did not converge: after 2 steps"):
        complete(incomplete)


def test_completions_of_contradicting_judgements_converge():
    random = np.random.default_rng(0)
    for _ in range(60):
        count = int(random.integers(4, 9))
        judgements = random.choice([1 / 9, 9.0], count * (count - 1) // 2)
        judgements[random.random(judgements.size) < 0.4] = np.nan
        incomplete = reciprocal_matrix(judgements, count, incomplete=True)
        if is_linked(incomplete):
            assert np.isfinite(complete(incomplete)).all()
