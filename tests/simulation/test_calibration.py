"""What is solved, and the effects that the truth holds."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.simulation import calibrate, solve_outcomes
from maternal_eval.simulation.outcomes import cumulative
from maternal_eval.simulation.solve_items import solve_shift
from maternal_eval.simulation.truth import Truth


def test_thresholds_reproduce_the_wished_shares() -> None:
    eta = np.random.default_rng(0).normal(size=2000)
    shares = (0.1, 0.2, 0.3, 0.25, 0.15)
    thresholds = solve_outcomes.solve_thresholds(eta, shares, 1.3)
    assert cumulative(eta, thresholds, 1.3).mean(axis=0) == pytest.approx(np.cumsum(shares)[:-1], abs=1e-8)


def test_thresholds_of_a_single_predictor_are_logits() -> None:
    # P(Y ≤ k) = logistic(c_k − η): with η = 0 the thresholds are the logits of the cumulated shares.
    thresholds = solve_outcomes.solve_thresholds(np.zeros(1), (0.25, 0.25, 0.5))
    assert thresholds == pytest.approx([np.log(1 / 3), 0.0], abs=1e-8)


def test_item_shift_hits_the_target_mean() -> None:
    random = np.random.default_rng(1)
    start, ones = random.normal(size=3000), np.ones(3000)
    shift = solve_shift(start, ones, ones, 0.75 * ones, ones, 3.7)
    latent = start + shift + 0.75 * random.normal(size=(200, 3000))
    answers = 1 + sum((latent > cut) for cut in (-1.5, -0.5, 0.5, 1.5))
    assert answers.mean() == pytest.approx(3.7, abs=0.01)


def test_symmetric_items_need_no_shift_for_the_middle() -> None:
    start, ones = np.array([-1.0, 0.0, 1.0]), np.ones(3)
    assert solve_shift(start, ones, ones, ones, ones, 3.0) == pytest.approx(0.0, abs=1e-8)


def test_true_weights_are_on_the_simplex_and_keep_45_35_20(truth: Truth) -> None:
    weights = truth.weights
    for row in (weights.expert, weights.base, *weights.stage):
        assert row.sum() == pytest.approx(1, abs=1e-5)
        assert [row[:12].sum(), row[12:22].sum(), row[22:].sum()] == pytest.approx([0.45, 0.35, 0.20], abs=1e-5)
        assert (row > 0).all()


def test_stage_multipliers_move_only_their_own_dimension(truth: Truth) -> None:
    base, stages = truth.weights.base, truth.names.stages
    assert truth.weights.stage[stages.index("pregnancy")] == pytest.approx(base, abs=1e-6)
    after = truth.weights.stage[stages.index("postpartum")]
    assert after[22:] == pytest.approx(base[22:], abs=1e-6)
    assert after[truth.names.codes.index("F10")] == pytest.approx(0.18, abs=1e-5)


def test_timeliness_effect_is_local_and_saturates(truth: Truth) -> None:
    effect = {float(factor): value for factor, value in truth.expected["timeliness_on_repurchase"].items()}
    factors = sorted(effect)
    assert [effect[factor] for factor in factors] == sorted(effect.values())
    # A constant elasticity of log 1.068 / log 1.1 would promise 50 % at +80 %; linear growth 54 %.
    assert effect[1.80] < 0.40 < 1.8 ** (np.log(1.068) / np.log(1.1)) - 1


def test_expectations_are_coherent(truth: Truth) -> None:
    shares = np.array(truth.expected["satisfaction_shares"])
    assert shares.shape == (5, 5, 5)
    assert shares.sum(axis=2) == pytest.approx(np.ones((5, 5)), abs=1e-5)
    score = shares @ np.arange(1, 6)
    assert score == pytest.approx(np.array(truth.expected["satisfaction_by_stage"]), abs=1e-4)
    # 400,000 fresh people reproduce what was solved on others.
    overall = truth.expected["satisfaction_overall"]
    assert [overall[0], overall[-1]] == pytest.approx([3.2, 3.7], abs=0.01)


def test_unknown_indicators_are_refused() -> None:
    with pytest.raises(ValueError, match="knows the indicators"):
        calibrate(["A", "B"], ["must_be", "must_be"])
