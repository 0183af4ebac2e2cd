"""Scores by run: the same composite as the scoring, for every unit."""

import numpy as np
import pandas as pd
import pytest

from maternal_eval.scoring.composite import composite
from maternal_eval.sensitivity import model as model_module
from maternal_eval.sensitivity.model import ScoreModel, composite_by_run

DIMENSION = np.array([0, 0, 1, 1, 1])


@pytest.fixture
def values():
    random = np.random.default_rng(1)
    return np.where(random.random((60, 5)) < 0.4, np.nan, random.random((60, 5)))


def test_composite_equals_that_of_the_scoring(values, monkeypatch):
    monkeypatch.setattr(model_module, "CHUNK", 60 * 3)  # several blocks
    weights = np.random.default_rng(2).dirichlet(np.ones(5), size=7)
    weights[3, [0, 1]] = 0.0  # a dimension without weight
    got = np.concatenate([block for _, block in composite_by_run(values, weights, DIMENSION)], axis=1)
    for run, of_run in enumerate(weights):
        np.testing.assert_allclose(100 * got[:, run], composite(values, of_run, DIMENSION).score, atol=1e-10)


def test_units_are_weighted_means(values):
    random = np.random.default_rng(3)
    panel = pd.DataFrame({"platform": random.choice(["a", "b"], 60), "stage": random.choice(["x", "y"], 60)})
    survey = random.random(60) + 0.5
    model = ScoreModel.of(panel, values, DIMENSION, survey)
    weights = random.dirichlet(np.ones(5), size=3)
    scores = model.scores(weights)
    known = np.isfinite(values).any(axis=1)
    single = composite(values, weights[1], DIMENSION).score
    assert len(model.units) == 1 + 2 + 2 + 4
    for column, unit in model.units.iterrows():
        rows = known.copy()
        for name in ("platform", "stage"):
            rows &= (panel[name] == unit[name]).to_numpy() | (unit[name] == "")
        expected = np.average(single[rows], weights=survey[rows])
        assert scores[1, column] == pytest.approx(expected)


def test_scores_do_not_depend_on_the_order_of_rows(values):
    panel = pd.DataFrame({"platform": np.repeat(["a", "b", "c"], 20)})
    order = np.random.default_rng(0).permutation(60)
    weights = np.full((1, 5), 0.2)
    once = ScoreModel.of(panel, values, DIMENSION, np.ones(60))
    other = ScoreModel.of(panel.iloc[order], values[order], DIMENSION, np.ones(60))
    assert once.units.equals(other.units)
    np.testing.assert_allclose(once.scores(weights), other.scores(weights), atol=1e-10)
