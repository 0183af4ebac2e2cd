"""What mean scores imply: known answers."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.special import logit

from maternal_eval.analyses.items.implied import (
    attainable_share,
    implied_probabilities,
    location_for_score,
    remaining_mean,
)
from maternal_eval.core.errors import InputError
from maternal_eval.methods.interval_arithmetic import Interval
from maternal_eval.methods.ordinal.families import FAMILIES, answer_probabilities

SYMMETRIC = np.array([-2.0, -0.5, 0.5, 2.0])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_symmetric_thresholds_and_the_middle_score_give_symmetric_probabilities(family, scale):
    assert location_for_score(3.0, SYMMETRIC, scale, family=family) == pytest.approx(0.0, abs=1e-9)
    chance = implied_probabilities(3.0, SYMMETRIC, scale, family=family)
    assert chance == pytest.approx(chance[::-1], abs=1e-12)


def test_two_answers_are_logistic():
    assert location_for_score(0.8, np.array([0.3]), low=0) == pytest.approx(0.3 + logit(0.8), abs=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_implied_mean_is_the_score_for_every_draw(family):
    generator = np.random.default_rng(1)
    thresholds = np.sort(generator.normal(0, 2, (4, 30, 6)), axis=-1)
    scale = np.exp(generator.normal(0, 0.3, (4, 30)))
    for score in (1.2, 3.7, 6.6):
        chance = implied_probabilities(score, thresholds, scale, family=family)
        assert chance.shape == (4, 30, 7)
        assert chance @ np.arange(1, 8) == pytest.approx(np.full((4, 30), score), abs=1e-7)


def test_the_location_is_found_again():
    chance = answer_probabilities(SYMMETRIC, np.array([0.7]), np.array([1.4]))[0]
    score = float(chance @ np.arange(1, 6))
    assert location_for_score(score, SYMMETRIC, 1.4) == pytest.approx(0.7, abs=1e-8)


@pytest.mark.parametrize("score", [1.0, 5.0, 5.4, float("nan")])
def test_a_score_off_the_scale_is_refused(score):
    with pytest.raises(InputError, match="cannot be the mean"):
        location_for_score(score, SYMMETRIC)


@pytest.mark.parametrize(("answers", "lowest"), [([1, 2, 3, 4], 1), ([1, 2, 3, 4], 2), ([0, 1, 2], 1)])
def test_attainable_shares_are_those_of_all_small_samples(answers, lowest):
    """Every sample of four answers: none lies outside the bounds, and the bounds are reached where they can be."""
    found: dict[Fraction, list[float]] = {}
    for sample in product(answers, repeat=4):
        share = sum(answer in answers[:lowest] for answer in sample) / 4
        found.setdefault(Fraction(sum(sample), 4), []).append(share)
    for mean, shares in found.items():
        least, most = attainable_share(float(mean), answers, lowest)
        assert least - 1e-12 <= min(shares)
        assert max(shares) <= most + 1e-12
        if (4 * least).is_integer():
            assert min(shares) == pytest.approx(least)
        if (4 * most).is_integer():
            assert max(shares) == pytest.approx(most)


def test_the_remaining_mean_closes_the_sum():
    others = remaining_mean(Interval.of("3.7"), [(Interval.of("3.8"), 0.375), (Interval.of("3.0"), 0.125)])
    assert others.is_point
    assert 0.375 * 3.8 + 0.125 * 3.0 + 0.5 * float(others.low) == pytest.approx(3.7)


def test_rounding_widens_the_remaining_mean():
    rounded = remaining_mean(Interval.of("3.65", "3.75"), [(Interval.of("2.95", "3.05"), 0.5)])
    assert (float(rounded.low), float(rounded.high)) == pytest.approx((4.25, 4.55))


def test_nobody_left_is_refused():
    with pytest.raises(InputError, match="nobody is left"):
        remaining_mean(Interval.of("3.5"), [(Interval.of("3.5"), 1.0)])
