"""Slips in the table of judgements are told with expert, round, set and cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from maternal_eval.errors import InputError
from maternal_eval.weighting.judgements import read_judgements

SETS = {"dimensions": ["x", "y"], "x": ["x1", "x2", "x3"], "y": ["y1"]}


def _table() -> pd.DataFrame:
    rows = [
        (expert, number, name, first, second, value)
        for expert in ("a", "b")
        for number in (1, 2)
        for name, first, second, value in (
            ("dimensions", "x", "y", 3.0),
            ("x", "x1", "x2", 2.0),
            ("x", "x1", "x3", 4.0),
            ("x", "x2", "x3", 2.0),
        )
    ]
    return pd.DataFrame(rows, columns=["expert", "round", "set", "row", "column", "judgement"])


def test_matrices_of_a_good_table():
    first, second = read_judgements(_table(), SETS)
    assert (first.number, second.number, second.experts) == (1, 2, ("a", "b"))
    assert set(second.matrices) == {"dimensions", "x"}
    np.testing.assert_allclose(second.matrices["x"][1], [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]])


def test_either_direction_is_understood():
    table = _table()
    table.loc[1, ["row", "column", "judgement"]] = ["x2", "x1", 0.5]
    np.testing.assert_allclose(read_judgements(table, SETS)[0].matrices["x"][0][0], [1, 2, 4])


def test_order_of_rows_does_not_matter():
    shuffled = _table().sample(frac=1, random_state=3)
    for one, other in zip(read_judgements(shuffled, SETS), read_judgements(_table(), SETS), strict=True):
        np.testing.assert_array_equal(one.matrices["x"], other.matrices["x"])


def test_rounded_ninth_is_accepted():
    table = _table()
    table.loc[1, "judgement"] = 0.111
    assert read_judgements(table, SETS)[0].matrices["x"][0][0, 1] == 0.111


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"judgement": 0.0}, "off the scale (expert a, round 1, set x): found 0 for x1 against x2"),
        ({"judgement": -3.0}, "found -3 for x1 against x2, expected a number from 1/9 to 9"),
        ({"judgement": 10.0}, "found 10 for x1 against x2"),
        ({"judgement": np.nan}, "found nan for x1 against x2"),
        ({"column": "x1"}, "compared with itself (expert a, round 1, set x): found x1 against x1"),
        ({"column": "y1"}, "not of this set (expert a, round 1, set x): found y1, expected one of x1, x2, x3"),
        ({"set": "z"}, "the set is unknown (expert a, round 1, set z)"),
        ({"column": "x3"}, "judged twice (expert a, round 1, set x): found x1 against x3"),
    ],
)
def test_wrong_row(change, sentence):
    table = _table()
    for column, value in change.items():
        table.loc[1, column] = value
    with pytest.raises(InputError) as caught:
        read_judgements(table, SETS, "experts.csv")
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("experts.csv, row ")


def test_missing_pair():
    with pytest.raises(InputError, match=r"missing \(expert b, round 2, set x\): found nothing for x2 against x3"):
        read_judgements(_table().iloc[:-1], SETS)


def test_missing_set_of_one_expert():
    table = _table()
    kept = ~((table["expert"] == "a") & (table["round"] == 2) & (table["set"] == "dimensions"))
    with pytest.raises(InputError, match=r"missing \(expert a, round 2, set dimensions\)"):
        read_judgements(table[kept], SETS)


def test_an_expert_may_leave_between_rounds():
    table = _table()
    rounds = read_judgements(table[(table["expert"] == "b") | (table["round"] == 1)], SETS)
    assert [of_round.experts for of_round in rounds] == [("a", "b"), ("b",)]


def test_empty_table():
    with pytest.raises(InputError, match="no judgements"):
        read_judgements(_table().iloc[:0], SETS)
