"""Cell means, their precision, and the choice of units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.cells import ALL, history, unit_choice

PANEL = pd.DataFrame(
    {
        "period": [1, 1, 1, 2, 2, 2],
        "platform": pd.Categorical(["b", "a", "a", "a", "a", "b"]),
        "weight": [1.0, 1.0, 3.0, 2.0, 2.0, 1.0],
    }
)
VALUES = np.array([5.0, 2.0, 4.0, 1.0, 3.0, np.nan])


def test_means_by_hand():
    past = history(PANEL, VALUES, ("platform",), 1, (1, 2))
    assert past.units.to_list() == [("a",), ("b",)]
    np.testing.assert_allclose(past.mean, [[3.5, 5.0], [2.0, np.nan]])
    np.testing.assert_allclose(past.count, [[2, 1], [2, 0]])
    np.testing.assert_allclose(past.effective, [[16 / 10, 1], [2, 0]])
    # Squares about the cell means: 1·1.5² + 3·0.5² + 0 + 2·1² + 2·1² = 7 over weight 9, with 5 answers in 3 cells.
    assert past.within_variance == pytest.approx(7 / 9 * 5 / 2)
    np.testing.assert_allclose(past.variance[0], past.within_variance / np.array([1.6, 1]))
    np.testing.assert_allclose(past.last(), [2.0, 5.0])


def test_small_cells_are_left_out_but_counted():
    past = history(PANEL, VALUES, ("platform",), 2, (1, 2))
    assert np.isnan(past.mean[:, 1]).all()
    assert past.count[0, 1] == 1
    assert past.known_units().to_list() == [("a",)]


def test_without_units_there_is_one():
    past = history(PANEL, VALUES, (), 1, (1, 2))
    assert past.units.to_list() == [(ALL,)]
    np.testing.assert_allclose(past.mean[:, 0], [(5 + 2 + 12) / 5, 2.0])


def test_order_of_rows_does_not_matter():
    order = [3, 1, 5, 0, 4, 2]
    one = history(PANEL, VALUES, ("platform",), 1, (1, 2))
    other = history(PANEL.iloc[order], VALUES[order], ("platform",), 1, (1, 2))
    np.testing.assert_allclose(one.mean, other.mean)


def test_rows_without_a_unit_are_ignored():
    panel = PANEL.assign(platform=PANEL["platform"].where(PANEL.index != 0))
    past = history(panel, VALUES, ("platform",), 1, (1, 2))
    assert past.units.to_list() == [("a",)]


def test_within_variance_is_unbiased():
    random = np.random.default_rng(0)
    panel = pd.DataFrame({"period": 1, "platform": np.repeat([f"p{number}" for number in range(300)], 5)})
    past = history(panel, random.normal(0, 2.0, 1500), ("platform",), 1, (1,))
    assert past.within_variance == pytest.approx(4.0, rel=0.1)


def test_units_are_the_finest_with_enough_answers(small):
    assert unit_choice(small.study, 20).columns == ("platform", "stage")
    assert unit_choice(small.study, 61).columns == ("stage",)
    assert unit_choice(small.study, 10_000).columns == ()


def test_units_without_platforms(small):
    definition = small.study.definition
    columns = definition.columns.model_copy(update={"segments": ("region",), "platform": None})
    panel = small.study.panel.drop(columns="platform").assign(region=pd.Categorical(["n", "s"] * (3600 // 2)))
    study = replace(small.study, panel=panel, definition=definition.model_copy(update={"columns": columns}))
    assert unit_choice(study, 20).columns == ("stage", "region")
