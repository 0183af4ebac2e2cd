"""The must-be gate, different aggregation by level, the bootstrap, stars."""

from __future__ import annotations

import numpy as np
import pytest

from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.analyses.scores.stars import stars, status
from maternal_eval.methods.bootstrap import bootstrap_means
from maternal_eval.methods.composite import AGGREGATION_RULES, composite
from maternal_eval.methods.value import KANO_CLASSES, short_of
from maternal_eval.study import Indicator

WEIGHTS, DIMENSION = np.array([0.3, 0.3, 0.4]), np.array([0, 0, 1])


def test_being_short_is_not_made_up_for():
    values = np.array([[0.2, 1.0, 0.5], [0.2, 0.1, 0.5], [0.6, 1.0, 0.5]])
    short = np.array([[True, False, False], [True, False, False], [False, False, False]])
    gated = composite(values, WEIGHTS, DIMENSION, short=short)
    np.testing.assert_allclose(gated.dimensions[:, 0], [20, 15, 80])
    plain = composite(values, WEIGHTS, DIMENSION)
    assert (gated.score <= plain.score).all()
    np.testing.assert_allclose(gated.score, 0.6 * gated.dimensions[:, 0] + 0.4 * 50)


def test_only_classes_that_gate_can_be_short():
    kano = list(KANO_CLASSES)
    found = short_of(np.full((1, len(kano)), 2.0), kano, np.ones(len(kano)), np.full(len(kano), 5.0), 0.5)
    assert [name for name, flag in zip(kano, found[0], strict=True) if flag] == ["must_be"]
    assert not short_of(np.array([[np.nan]]), ["must_be"], np.ones(1), np.full(1, 5.0), 0.5).any()


@pytest.mark.parametrize("within", AGGREGATION_RULES)
@pytest.mark.parametrize("across", AGGREGATION_RULES)
def test_rules_by_level(within, across):
    """Each level by its own rule, against the rule written out by hand."""
    by_hand = {
        "arithmetic": lambda v, w: v @ w / w.sum(),
        "geometric": lambda v, w: np.exp(np.log(v) @ w / w.sum()),
        "harmonic": lambda v, w: w.sum() / (w @ (1 / v)),
        "minimum": lambda v, w: v.min(),
        "maximum": lambda v, w: v.max(),
    }
    values = np.array([0.3, 0.9, 0.5])
    inside = np.array([by_hand[within](values[:2], WEIGHTS[:2]), values[2]])
    expected = 100 * by_hand[across](inside, np.array([0.6, 0.4]))
    exponents = AGGREGATION_RULES[within].exponent, AGGREGATION_RULES[across].exponent
    assert composite(values[None], WEIGHTS, DIMENSION, exponents).score[0] == pytest.approx(expected)


@pytest.mark.parametrize("rule", AGGREGATION_RULES.values(), ids=list(AGGREGATION_RULES))
def test_flags_of_the_rules_say_what_they_do(rule):
    one_zero = composite(np.array([[0.0, 1.0]]), np.ones(2) / 2, np.zeros(2, int), rule.exponent).score[0]
    assert (one_zero == 0) == rule.annihilates
    small_gap = composite(np.array([[0.4, 0.6]]), np.ones(2) / 2, np.zeros(2, int), rule.exponent).score[0]
    assert (small_gap >= 50 - 1e-9) == rule.compensates


def test_share_answered_counts_what_was_asked():
    values = np.array([[0.5, np.nan, np.nan]])
    asked = np.array([[True, True, False]])
    assert composite(values, WEIGHTS, DIMENSION, asked=asked).answered[0] == pytest.approx(0.5)
    assert composite(values, WEIGHTS, DIMENSION).answered[0] == pytest.approx(0.3)


def test_bootstrap_respects_survey_weights():
    """Standard error of a ratio mean with unequal weights against its linearisation, in a small cell too."""
    random = np.random.default_rng(0)
    for count in (8, 300):
        values, weights = random.normal(0, 1, count), random.gamma(2, 1, count)
        mean = np.average(values, weights=weights)
        residual = weights * (values - mean) / weights.sum()
        expected = np.sqrt(count / (count - 1) * (residual**2).sum())
        draws = bootstrap_means(values, weights, 20_000, seed=1)
        assert draws.std() == pytest.approx(expected, rel=0.05 if count > 100 else 0.25)


def test_bootstrap_of_columns_equals_that_of_each():
    random = np.random.default_rng(3)
    table = random.normal(size=(30, 2))
    table[:5, 1] = np.nan
    both = bootstrap_means(table, np.ones(30), 50, seed=7)
    np.testing.assert_allclose(both[:, 0], bootstrap_means(table[:, 0], np.ones(30), 50, seed=7))
    np.testing.assert_allclose(both[:, 1], bootstrap_means(table[:, 1], np.ones(30), 50, seed=7))
    with pytest.raises(ValueError, match="at least two"):
        bootstrap_means(np.array([1.0]), np.ones(1), 10, seed=0)


def test_unbiased_variance_with_equal_weights():
    values = np.array([1.0, 2.0, 4.0])
    draws = bootstrap_means(values, np.ones(3), 200_000, seed=0)
    assert draws.var() == pytest.approx(values.var(ddof=1) / 3, rel=0.02)


@pytest.mark.parametrize(
    ("mean", "low", "high", "answers", "expected"),
    [
        (2.5, 2.3, 2.7, 30, "below"),
        (2.9, 2.7, 3.1, 30, "perhaps_below"),
        (3.0, 2.9, 3.1, 30, "perhaps_above"),
        (4, 3.9, 4.1, 30, "above"),
        (2.0, 2.0, 2.0, 30, "too_few"),  # an interval without a width
        (2.0, np.nan, np.nan, 1, "too_few"),
        (4.0, np.nan, np.nan, 1, "too_few"),
        (1.5, 1.2, 2.8, 4, "too_few"),
        (1.5, 1.2, 2.8, 5, "below"),
    ],
)
def test_alarm(mean, low, high, answers, expected):
    assert status(mean, low, high, answers) == expected


def test_other_scales_are_stretched_to_stars():
    seven = Indicator("Q", "Q", "d", "unknown", "Q", "Q", 1, 7)
    np.testing.assert_allclose(stars(np.array([[1.0], [4.0], [7.0]]), (seven,))[:, 0], [1, 3, 5])


def test_stars_of_the_panel_are_weighted_means_of_answers(maternal):
    result = score_study(maternal, ScoresSettings(resamples=20))
    row = result.stars[
        (result.stars["indicator"] == "F02") & (result.stars["stage"] == "") & (result.stars["period"] == 2024)
    ]
    panel = maternal.panel[(maternal.panel["period"] == 2024) & maternal.panel["F02"].notna()]
    assert row["stars"].item() == pytest.approx(np.average(panel["F02"], weights=panel["weight"]))
    assert row["n"].item() == len(panel)
    assert (result.stars["low"] <= result.stars["high"]).all()
    assert (result.scores["gated"] <= result.scores["score"] + 1e-9).all()
    assert result.scores["short"].between(0, 1).all()


@pytest.mark.parametrize("wrong", [{"linking": "magic"}, {"resamples": 0}])
def test_wrong_settings(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ScoresSettings(**wrong)
