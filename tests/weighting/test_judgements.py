"""Slips in the table of judgements are told with expert, round, set and cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.judgements import read_judgements

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


def test_an_expert_who_leaves_is_refused():
    table = _table()
    left = table[(table["expert"] == "b") | (table["round"] == 1)]
    with pytest.raises(InputError, match=r"expert is missing \(expert a, round 2, set dimensions\)"):
        read_judgements(left, SETS)
    rounds = read_judgements(left, SETS, changing_panel=True)
    assert [of_round.experts for of_round in rounds] == [("a", "b"), ("b",)]


def test_incomplete_judgements_where_allowed():
    table = _table().drop(index=3)
    with pytest.raises(InputError, match="found nothing for x2 against x3"):
        read_judgements(table, SETS)
    first, _ = read_judgements(table, SETS, incomplete=True)
    assert np.isnan(first.matrices["x"][0][1, 2])
    np.testing.assert_allclose(first.completed["x"][0], [[1, 2, 4], [0.5, 1, 2], [0.25, 0.5, 1]])
    assert first.missing["x"].tolist() == [1, 0]


def test_incomplete_judgements_have_to_link_all_elements():
    with pytest.raises(InputError, match=r"do not link all elements \(expert a, round 1, set x\): found 1 of 3 pairs"):
        read_judgements(_table().drop(index=[2, 3]), SETS, incomplete=True)


def test_set_without_any_judgement_of_an_expert():
    table = _table()
    kept = ~((table["expert"] == "a") & (table["round"] == 2) & (table["set"] == "x"))
    with pytest.raises(InputError, match=r"do not link all elements \(expert a, round 2, set x\): found 0 of 3"):
        read_judgements(table[kept], SETS, incomplete=True)


def _with_reverse(value):
    table = _table()
    reverse = table.loc[[1]].rename(columns={"row": "column", "column": "row"}).assign(judgement=value)
    return pd.concat([table, reverse], ignore_index=True)


@pytest.mark.parametrize("value", [0.5, 0.49, 0.51])
def test_both_directions_are_understood_if_reciprocal(value):
    np.testing.assert_allclose(read_judgements(_with_reverse(value), SETS)[0].matrices["x"][0][0], [1, 2, 4])


def test_not_reciprocal():
    with pytest.raises(InputError) as caught:
        read_judgements(_with_reverse(3.0), SETS, "experts.csv")
    assert str(caught.value) == (
        "experts.csv, row 18, column judgement: the judgements are not reciprocal (expert a, round 1, set x): "
        "found 3 for x2 against x1 and 2 for x1 against x2, expected a product of 1"
    )


def test_empty_table():
    with pytest.raises(InputError, match="no judgements"):
        read_judgements(_table().iloc[:0], SETS)
