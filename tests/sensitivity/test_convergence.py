"""Growing samples: nothing is run twice, and growth stops when width and order are settled."""

import numpy as np
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.methods.sensitivity.convergence import grow, unsettled_remark
from maternal_eval.methods.sensitivity.design import SobolDesign
from maternal_eval.methods.sensitivity.sobol import sobol_indices

FACTORS = {"a": 1, "b": 1, "c": 1}


def counted(model):
    seen = []

    def run(points):
        seen.append(len(points))
        return model(points)

    return run, seen


def linear(points):
    return points @ [4.0, 2.0, 1.0]


def test_grows_until_settled_and_runs_only_what_is_new():
    model, seen = counted(linear)
    grown = grow(model, FACTORS, start=64, most=4096, width=0.1, watched=np.array([0]), resamples=200)
    assert grown.settled
    assert 64 < grown.design.base < 4096
    assert sum(seen) == grown.design.runs
    assert grown.steps["base"].tolist() == [64 * 2**step for step in range(len(grown.steps))]
    assert not grown.steps["settled"].iloc[:-1].any()
    assert grown.steps["width"].iloc[-1] <= 0.1 < grown.steps["width"].iloc[0]
    whole = grown.design.evaluate(linear)
    np.testing.assert_array_equal(grown.outputs, whole)


def test_stops_at_the_largest_sample_and_says_so():
    grown = grow(linear, FACTORS, start=64, most=128, width=1e-3, watched=np.array([0]), resamples=50)
    assert not grown.settled
    assert grown.design.base == 128
    (told,) = unsettled_remark(grown.steps, 1e-3)
    assert "N = 128" in told["en"]
    assert "settled at 0.001" in told["en"]
    assert "N = 128" in told["zh"]


def test_a_settled_sample_needs_no_remark():
    grown = grow(linear, FACTORS, start=64, most=4096, width=0.1, watched=np.array([0]), resamples=200)
    assert unsettled_remark(grown.steps, 0.1) == []


def test_order_counts_too():
    # equal factors never settle in order, however narrow their intervals
    grown = grow(lambda x: x.sum(axis=1), FACTORS, start=64, most=512, width=0.5, watched=np.array([0]), resamples=200)
    assert not grown.settled


def test_a_constant_output_does_not_hold_growth_up():
    model, _ = counted(lambda x: np.column_stack([np.ones(len(x)), linear(x)]))
    grown = grow(model, FACTORS, start=512, most=4096, width=0.2, watched=np.array([0, 1]), resamples=100)
    assert grown.settled
    assert grown.steps["width"].isna().sum() == len(grown.steps) // 2


def test_indices_of_a_beginning_are_those_of_the_smaller_sample():
    large = SobolDesign(FACTORS, 256, True)
    small = SobolDesign(FACTORS, 64, True)
    outputs = large.evaluate(linear)
    first = sobol_indices(small, outputs[:64], resamples=50).first
    np.testing.assert_array_equal(first["low"], sobol_indices(small, small.evaluate(linear), resamples=50).first["low"])


def test_bad_settings_are_told():
    with pytest.raises(InputError, match="smallest sample is larger"):
        grow(linear, FACTORS, start=256, most=64, width=0.1, watched=np.array([0]))
    with pytest.raises(InputError, match="has to be positive"):
        grow(linear, FACTORS, start=64, most=64, width=0.0, watched=np.array([0]))
