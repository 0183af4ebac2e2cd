"""Suppression against an attacker who solves the linear system of everything that is shown."""

import itertools

import numpy as np
import pandas as pd
import pytest

from maternal_eval.methods.disclosure.audit import feasible_intervals
from maternal_eval.methods.disclosure.suppression import Relation, suppressed
from verification.disclosure import audit_table

MINIMUM = 10


def crossed(rows, columns):
    """Return the relations of a table with margins: cells row by row, row totals, column totals, the whole."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    of_row, of_column = rows * columns + np.arange(rows), rows * columns + rows + np.arange(columns)
    whole = rows * columns + rows + columns
    return [
        *(Relation(int(of_row[at]), tuple(cells[at].tolist())) for at in range(rows)),
        *(Relation(int(of_column[at]), tuple(cells[:, at].tolist())) for at in range(columns)),
        Relation(int(whole), tuple(of_row.tolist())),
        Relation(int(whole), tuple(of_column.tolist())),
    ]


def with_margins(table):
    return np.concatenate([table.ravel(), table.sum(axis=1), table.sum(axis=0), [table.sum()]]).astype(float)


def attack(counts, hidden, relations):
    """Return what each hidden cell can be, from all that is shown; written apart from the suppression."""
    unknown = np.flatnonzero(hidden)
    matrix, known = [], []
    for one in relations:
        signs = np.zeros(len(counts))
        signs[list(one.parts)] += 1
        signs[one.total] -= 1
        matrix.append(signs[unknown])
        known.append(-signs[~hidden] @ counts[~hidden])
    return unknown, feasible_intervals(np.array(matrix), np.array(known))


def test_the_handed_table_is_unsafe_row_x_is_one_and_one_row_y_is_both_zero():
    table = pd.DataFrame(
        [[10, 3, np.nan, np.nan], [0, np.nan, np.nan, 0]], index=["x", "y"], columns=["a", "b", "c", "d"]
    )
    table.loc["y"] = [0, np.nan, np.nan, 0]
    found = audit_table(table, [15, 0]).set_index(["row", "column"])
    assert not found["safe"].any()
    assert found.loc["x", ["low", "high"]].to_numpy().tolist() == [[1, 1], [1, 1]]
    assert found.loc["y", ["low", "high"]].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_a_table_whose_stars_can_be_many_things_is_safe():
    table = pd.DataFrame([[10, np.nan, np.nan], [8, np.nan, np.nan]], columns=["a", "b", "c"])
    found = audit_table(table, [40, 38], [18, 30, 30], width=10)
    assert found["safe"].all()
    assert found[["low", "high"]].to_numpy().tolist() == [[1, 29]] * 4


def test_a_single_hidden_cell_takes_another_with_it_in_its_row_and_column():
    table = np.array([[3, 50, 60], [40, 45, 70], [80, 90, 30]])
    hidden = suppressed(with_margins(table), crossed(3, 3), MINIMUM)
    assert hidden[:9].reshape(3, 3).tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    assert not hidden[9:].any()


def test_two_small_cells_that_make_a_small_group_take_a_third_one():
    """3 + 4 = 7: their total less the others would be the mean of seven."""
    hidden = suppressed(np.array([107.0, 3, 4, 20, 80]), [Relation(0, (1, 2, 3, 4))], MINIMUM)
    assert hidden.tolist() == [False, True, True, True, False]


def test_a_small_rest_of_a_total_is_a_hidden_cell_like_any_other():
    """Six answers have no stage: the whole less the stages would be their mean."""
    hidden = suppressed(np.array([106.0, 30, 70]), [Relation(0, (1, 2), rest=6.0)], MINIMUM)
    assert hidden.tolist() == [False, True, False]


def test_empty_cells_are_not_hidden_and_hide_nothing():
    assert not suppressed(np.array([50.0, 0, 50]), [Relation(0, (1, 2))], MINIMUM).any()


def test_minimum_1_hides_nothing():
    assert not suppressed(np.array([5.0, 1, 4]), [Relation(0, (1, 2))], 1).any()


@pytest.mark.parametrize("seed", range(12))
def test_no_small_cell_can_be_worked_out_from_rows_and_columns(seed):
    random = np.random.default_rng(seed)
    rows, columns = random.integers(3, 6, size=2)
    table = random.poisson(random.gamma(0.8, 30, size=(rows, columns)))
    counts, relations = with_margins(table), crossed(rows, columns)
    hidden = suppressed(counts, relations, MINIMUM)
    small = (counts > 0) & (counts < MINIMUM)
    assert hidden[small].all()
    unknown, ends = attack(counts, hidden, relations)
    for cell, (low, high) in zip(unknown, ends, strict=True):
        assert low <= counts[cell] + 1e-6
        assert counts[cell] <= high + 1e-6
        if small[cell]:
            assert high - low >= MINIMUM - 1e-6
    # and no total less its shown parts is a small group
    for one in relations:
        parts = np.array(one.parts)
        if not hidden[one.total]:
            assert not 0 < counts[parts][hidden[parts]].sum() < MINIMUM


def test_without_complementary_suppression_the_attacker_wins():
    """The attack itself is no straw man: primary suppression alone is broken exactly."""
    table = np.array([[3, 50, 60], [40, 45, 70], [80, 90, 30]])
    counts, relations = with_margins(table), crossed(3, 3)
    _, ends = attack(counts, (counts > 0) & (counts < MINIMUM), relations)
    np.testing.assert_allclose(ends, [[3, 3]], atol=1e-9)


def test_platform_by_stage_by_period_with_all_margins():
    """Three factors, every margin shown: rows, columns and layers at once."""
    random = np.random.default_rng(5)
    shape = (3, 3, 2)
    table = random.integers(15, 60, size=shape)
    table[0, 0, 0] = 2
    keys, counts = [], []
    for size in range(4):
        for level in itertools.combinations(range(3), size):
            for places in itertools.product(*(range(shape[axis]) for axis in level)):
                chosen = dict(zip(level, places, strict=True))
                keys.append(tuple(chosen.get(axis) for axis in range(3)))
                counts.append(table[tuple(chosen.get(axis, slice(None)) for axis in range(3))].sum())
    counts, relations = np.array(counts, dtype=float), []
    for at, key in enumerate(keys):
        for axis in range(3):
            if key[axis] is None:
                parts = [
                    other
                    for other, found in enumerate(keys)
                    if found[axis] is not None and (*found[:axis], None, *found[axis + 1 :]) == key
                ]
                relations.append(Relation(at, tuple(parts)))
    hidden = suppressed(counts, relations, MINIMUM)
    unknown, ends = attack(counts, hidden, relations)
    place = unknown.tolist().index(keys.index((0, 0, 0)))
    assert ends[place, 1] - ends[place, 0] >= MINIMUM - 1e-6
    assert 4 <= hidden.sum() <= 12
