"""Regression calibration: the closed form, weights recovered from noisy answers, what contradicts the reliability."""

import numpy as np
import pytest

from maternal_eval.analyses.stage_weights.design import build_design, with_calibrated_answers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers
from maternal_eval.methods.simplex_regression.measurement_error import calibrate_answers, level_means
from tests.dynamic_weights.conftest import simulate_stage, true_weights


def answers_of(values, answered=None, effects=None, levels=0):
    count = len(values)
    answered = np.ones(values.shape, dtype=bool) if answered is None else answered
    return StageAnswers(
        values=np.where(answered, values, 0.0).astype(np.float32),
        answered=answered.astype(np.float32),
        outcome=np.arange(count) % 2,
        effects=np.empty((count, 0), dtype=np.int64) if effects is None else effects,
        dimension_start=np.array([0, values.shape[1]]),
        categories=2,
        effect_count=levels,
        centre=0.5,
    )


def experience(random, count, reliability):
    """Three correlated experiences and their noisy readings, well inside the scale."""
    true = random.multivariate_normal(np.full(3, 0.5), 0.005 * (0.5 * np.eye(3) + 0.5), size=count)
    spread = true.std(axis=0) * np.sqrt(1 / reliability - 1)
    return true, np.clip(true + spread * random.standard_normal(true.shape), 0.0, 1.0)


def test_answers_without_error_stay_as_they_are():
    answers = simulate_stage(true_weights(1)[0], 200, np.random.default_rng(0))
    assert calibrate_answers(answers, 1.0).answers is answers


def test_two_items_follow_the_closed_form():
    random = np.random.default_rng(1)
    _, read = experience(random, 500, 0.7)
    read = read[:, :2].astype(np.float32).astype(float)
    covariance = np.cov(read, rowvar=False, ddof=0)
    error = np.diag(0.3 * np.diag(covariance))
    gain = (covariance - error) @ np.linalg.inv(covariance)
    expected = read.mean(axis=0) + (read - read.mean(axis=0)) @ gain.T
    found = calibrate_answers(answers_of(read), 0.7)
    np.testing.assert_allclose(found.answers.values, expected, atol=1e-6)
    assert found.contradicted == 0.0


def test_who_answered_one_item_is_drawn_to_the_mean_by_its_reliability():
    random = np.random.default_rng(2)
    _, read = experience(random, 4000, 0.6)
    answered = np.ones(read.shape, dtype=bool)
    answered[:50, 1:] = False
    found = calibrate_answers(answers_of(read, answered), 0.6).answers
    centre = found.values[50:, 0].mean()
    slope = np.polyfit(read[:50, 0], found.values[:50, 0], 1)[0]
    assert slope == pytest.approx(0.6, abs=1e-3)
    assert centre == pytest.approx(read[:, 0].mean(), abs=1e-3)
    assert not found.values[:50, 1:].any()


def test_a_regression_on_calibrated_answers_finds_the_true_coefficients():
    random = np.random.default_rng(3)
    true, read = experience(random, 60_000, 0.7)
    effect = np.array([0.6, 0.3, 0.1])
    outcome = true @ effect + 0.02 * random.standard_normal(len(true))
    fitted = {}
    for name, values in (("read", read), ("calibrated", calibrate_answers(answers_of(read), 0.7).answers.values)):
        design = np.column_stack([np.ones(len(values)), values.astype(float)])
        fitted[name] = np.linalg.lstsq(design, outcome, rcond=None)[0][1:]
    np.testing.assert_allclose(fitted["calibrated"], effect, atol=0.015)
    assert np.abs(fitted["read"] - effect).max() > 0.1


def test_an_error_that_all_answers_share_is_corrected_if_it_is_named():
    random = np.random.default_rng(4)
    true, _ = experience(random, 60_000, 1.0)
    variance = true.var(axis=0).mean() * 3 / 7
    noise = random.standard_normal((len(true), 1)) * np.sqrt(0.5 * variance)
    read = true + noise + random.standard_normal(true.shape) * np.sqrt(0.5 * variance)
    outcome = true @ np.array([0.6, 0.3, 0.1]) + 0.02 * random.standard_normal(len(true))
    found = calibrate_answers(answers_of(np.clip(read, 0, 1)), 0.7, shared=0.5).answers.values.astype(float)
    fitted = np.linalg.lstsq(np.column_stack([np.ones(len(found)), found]), outcome, rcond=None)[0][1:]
    np.testing.assert_allclose(fitted, [0.6, 0.3, 0.1], atol=0.02)


def test_means_by_level_are_group_means_where_there_is_one_column():
    random = np.random.default_rng(5)
    values, level = random.uniform(size=(90, 2)), random.integers(3, size=90)
    means = level_means(values, level[:, None], 2)  # the third level stands for "not known"
    for one in range(3):
        np.testing.assert_allclose(
            means[level == one], np.tile(values[level == one].mean(axis=0), (sum(level == one), 1))
        )


def test_answers_more_alike_than_the_reliability_allows_say_so():
    values = np.repeat(np.random.default_rng(6).uniform(0.3, 0.7, size=(300, 1)), 3, axis=1)
    found = calibrate_answers(answers_of(values), 0.5)
    assert found.contradicted == pytest.approx(1 / 3, abs=0.01)  # 2 of 3 directions lack half of an item's
    assert np.isfinite(found.answers.values).all()


@pytest.mark.parametrize("wrong", [{"reliability": 0.0}, {"reliability": 1.2}, {"reliability": 0.5, "shared": -0.1}])
def test_impossible_shares_are_refused(wrong):
    with pytest.raises(InputError):
        calibrate_answers(answers_of(np.full((4, 2), 0.5)), **wrong)


def test_the_design_says_whether_answers_are_taken_as_they_are(maternal):
    design = build_design(maternal, maternal.primary_outcome)
    plain, said = with_calibrated_answers(design, maternal, 1.0, 0.0)
    assert all(one is other for one, other in zip(plain.answers, design.answers, strict=True))
    assert "reliability 1" in said["en"]
    assert "信度为 1" in said["zh"]
    calibrated, said = with_calibrated_answers(design, maternal, 0.8, 0.25)
    assert "reliability 0.8, taken as known, 25% of the error" in said["en"]
    assert "信度 0.8（视为已知）" in said["zh"]
    for one, other in zip(calibrated.answers, design.answers, strict=True):
        np.testing.assert_array_equal(one.answered, other.answered)
        known = one.answered > 0
        assert (one.values[known].var() < other.values[known].var()).all()
        np.testing.assert_allclose(one.values[known].mean(), other.values[known].mean(), atol=0.01)
