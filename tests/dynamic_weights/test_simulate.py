"""Simulated outcomes follow the model; copies of an indicator cannot be told apart and are named."""

import dataclasses

import numpy as np
import pytest

from maternal_eval.analyses.stage_weights.simulate import composite_values, draw_outcomes, keep_indicators, take
from maternal_eval.methods.simplex_regression.collinearity import answer_correlation, pair_table
from maternal_eval.methods.simplex_regression.prior import StagePrior
from tests.dynamic_weights.conftest import DIMENSION_START, composite_by_hand, simulate_stage, true_weights
from tests.dynamic_weights.test_sampling import STATIC, fit

SHARES = np.array([0.1, 0.2, 0.4, 0.2, 0.1])


@pytest.fixture(scope="module")
def stage():
    return simulate_stage(true_weights()[0], 400, np.random.default_rng(0), missing=0.4)


def test_composite_is_that_of_the_definition(stage):
    by_hand = composite_by_hand(stage.values, stage.answered, STATIC)
    np.testing.assert_allclose(composite_values(stage, STATIC), by_hand, rtol=1e-6)


def test_outcomes_have_the_shares_asked_for_and_rise_with_the_composite(stage):
    drawn = draw_outcomes(stage, STATIC, 20.0, SHARES, np.random.default_rng(1))
    counts = np.bincount(drawn.outcome, minlength=drawn.categories)
    assert counts.sum() == 400
    assert drawn.categories == 3  # 40 answers in an outer category are too few: merged as in the analysis
    np.testing.assert_allclose(counts / 400, [0.3, 0.4, 0.3], atol=0.01)
    assert np.corrcoef(drawn.outcome, composite_values(stage, STATIC))[0, 1] > 0.7
    assert drawn.effects.shape == (400, 0)


def test_taking_rows_and_indicators(stage):
    some = take(stage, np.array([3, 3, 7]))
    np.testing.assert_array_equal(some.values, stage.values[[3, 3, 7]])
    smaller = keep_indicators(stage, np.array([0, 2, 4]))
    assert smaller.dimension_start.tolist() == [0, 2, 3]
    assert smaller.answered.any(axis=1).all()
    assert smaller.values.shape[1] == 3


def test_correlation_of_answers_is_pairwise():
    stage = simulate_stage(true_weights()[0], 3000, np.random.default_rng(4), missing=0.3)
    both = (stage.answered[:, 1] * stage.answered[:, 4]).astype(bool)
    expected = np.corrcoef(stage.values[both, 1], stage.values[both, 4])[0, 1]
    assert answer_correlation(stage)[1, 4] == pytest.approx(expected, abs=1e-6)


def test_a_copied_indicator_shares_its_weight_and_is_named():
    random = np.random.default_rng(2)
    stages = [simulate_stage(STATIC, 1000, random, missing=0.0, twin=True) for _ in range(2)]
    draws = fit(stages, ordered=False)
    prior = StagePrior.around(STATIC, DIMENSION_START, 2, False, shift=0.4, step_median=0.15)
    prior_draws = prior.weights(prior.sample(4000, np.random.default_rng(0)))
    chosen = draws.weights[draws.resampled(np.random.default_rng(0))]
    pairs = pair_table(chosen, prior_draws, stages, ("p", "q"), list("abcdef"))
    named = pairs[~pairs["told_apart"]]
    assert {("p", "e", "f"), ("q", "e", "f")} == set(
        named[["stage", "first", "second"]].itertuples(index=False, name=None)
    )
    assert (named["answer_correlation"] > 0.999).all()
    assert (named["weight_correlation"] < -0.4).all()
    assert (named["sum_informed"] > 0.5).all()
    # with the same answers but no copy nothing is named
    apart = [
        dataclasses.replace(s, values=np.where(np.arange(6) == 4, random.permutation(s.values), s.values))
        for s in stages
    ]
    assert answer_correlation(apart[0])[4, 5] < 0.9
