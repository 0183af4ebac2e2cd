"""PAWN: equality with SALib, agreement with Borgonovo's delta, noise floor."""

import numpy as np
import pytest
from SALib.analyze import delta as salib_delta
from SALib.analyze import pawn as salib_pawn

from maternal_eval.methods.sensitivity.pawn import pawn, slice_numbers

PROBLEM = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}


@pytest.fixture
def runs():
    inputs = np.random.default_rng(0).random((2048, 3))
    return inputs, inputs[:, 0] ** 2 + 0.3 * inputs[:, 1]


@pytest.mark.parametrize("slices", [5, 10])
def test_equals_salib(runs, slices):
    inputs, outputs = runs
    theirs = salib_pawn.analyze(PROBLEM, inputs, outputs, S=slices)["median"]
    # SALib leaves the largest value out of the last slice
    np.testing.assert_allclose(pawn(inputs, outputs[:, None], slices)[:, 0], theirs, atol=3e-3)


def test_orders_inputs_as_delta_does(runs):
    inputs, outputs = runs[0][:512], runs[1][:512]
    delta = salib_delta.analyze(PROBLEM, inputs, outputs, num_resamples=2, seed=1)["delta_balanced"]
    assert np.argsort(pawn(inputs, outputs[:, None])[:, 0]).tolist() == np.argsort(delta).tolist()


def test_an_input_that_decides_everything_and_one_that_decides_nothing(runs):
    inputs, _ = runs
    index = pawn(inputs, inputs[:, :1])[:, 0]
    # of a uniform output in ten slices the distance is 0.9 in the first and last, 0.5 in the middle
    assert index[0] == pytest.approx(0.7, abs=0.02)
    assert index[1:].max() < 0.15


def test_levels_are_slices_and_equal_outputs_no_distribution():
    level = np.tile([0.0, 1.0], 50)
    assert slice_numbers(level).tolist() == level.astype(int).tolist()
    constant = np.ones((100, 1))
    assert pawn(level[:, None], constant).tolist() == [[0.0]]
    assert pawn(level[:, None], level[:, None]).tolist() == [[0.5]]
    crowded = np.concatenate([np.zeros(80), np.arange(1, 21)])  # more values than slices, most of them equal
    assert pawn(crowded[:, None], crowded[:, None])[0, 0] > 0
