"""The composite under many weights is the composite under each."""

import numpy as np

from maternal_eval.methods import many_weights
from maternal_eval.methods.composite import composite
from maternal_eval.methods.many_weights import composite_by_run

DIMENSION = np.array([0, 0, 1, 1, 1])


def test_composite_equals_that_of_the_scoring(monkeypatch):
    random = np.random.default_rng(1)
    values = np.where(random.random((60, 5)) < 0.4, np.nan, random.random((60, 5)))
    monkeypatch.setattr(many_weights, "CHUNK", 60 * 3)  # several blocks
    weights = np.random.default_rng(2).dirichlet(np.ones(5), size=7)
    weights[3, [0, 1]] = 0.0  # a dimension without weight
    got = np.concatenate([block for _, block in composite_by_run(values, weights, DIMENSION)], axis=1)
    for run, of_run in enumerate(weights):
        np.testing.assert_allclose(100 * got[:, run], composite(values, of_run, DIMENSION).score, atol=1e-10)
