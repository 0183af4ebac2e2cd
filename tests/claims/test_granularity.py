"""Means and standard deviations that whole answers cannot have."""

import itertools

import numpy as np
import pytest

from maternal_eval.analyses.claims.granularity import possible_deviation, possible_mean
from maternal_eval.core.errors import InputError


@pytest.mark.parametrize(
    ("mean", "answers", "items", "totals"),
    [
        ("5.19", 28, 1, ()),
        ("5.19", 28, 2, ()),
        ("5.19", 28, 3, (436,)),
        ("5.27", 43, 1, ()),
        ("4.74", 25, 1, ()),
        ("3.45", 20, 1, (69,)),
        ("3.44", 18, 1, (62,)),
        ("2.97", 32, 1, (95,)),
        ("3", 2, 1, (5, 6, 7)),  # 2.5 and 3.5: rounded half up and half to even
        ("3.0", 2, 1, (6,)),
    ],
)
def test_which_totals_a_mean_can_come_from(mean, answers, items, totals):
    found = possible_mean(mean, answers, items)
    assert (found.totals, found.possible) == (totals, bool(totals))
    assert bool(found.reason_en) == bool(found.reason_zh) == (not totals)


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        (("7.3", "2.51", 12, 0, 10), "no whole sum of squares, odd or even as the total is"),
        (("4.80", "1.10", 20, 1, 5), "on 1–5 the standard deviation is at most 0.894"),
        (("3.44", "2.47", 18, 1, 5), "on 1–5 the standard deviation is at most"),
        (("3.45", "0.10", 20, 1, 5), "on 1–5 the standard deviation is at least 0.510"),
        (("5.20", "0.10", 20, 1, 5), "no mean of 1–5 is 5.20"),
        (("5.19", "1.00", 28, 1, 7), "no whole total of 28 answers has the mean 5.19"),
    ],
)
def test_deviations_that_cannot_be(figures, reason):
    found = possible_deviation(*figures)
    assert not found.possible
    assert reason in found.reason_en


def test_a_deviation_that_can_be():
    assert possible_deviation("4.80", "0.62", 20, 1, 5).totals == (96,)
    assert possible_deviation("5.0", "0.0", 3, 1, 5).totals == (15,)


def test_every_sample_of_a_small_scale_is_possible_and_nothing_else_at_the_same_mean():
    """All samples of five answers from 1 to 4, enumerated."""
    printed = {}
    for sample in itertools.combinations_with_replacement(range(1, 5), 5):
        printed.setdefault(f"{np.mean(sample):.1f}", set()).add(f"{np.std(sample, ddof=1):.4f}")
    for mean, deviations in printed.items():
        for deviation in deviations:
            assert possible_deviation(mean, deviation, 5, 1, 4).possible, (mean, deviation)
        others = {f"{value:.4f}" for value in np.arange(0, 2.2, 0.0371)} - deviations
        assert not [one for one in others if possible_deviation(mean, one, 5, 1, 4).possible]


@pytest.mark.parametrize(
    "arguments",
    [("many", 20), ("", 20), ("nan", 20), ("1e9", 20), (5.2, 20), ("5.2", 0), ("5.2", -3), ("5.2", 2.5), ("5.2", True),
     ("5.2", 10**9), ("5.2", 20, 0), ("5.2", 10**6, 10**6)],
)  # fmt: skip
def test_what_is_no_figure_or_no_number_of_answers_is_refused(arguments):
    with pytest.raises(InputError):
        possible_mean(*arguments)


def test_a_scale_backwards_and_one_answer_are_refused():
    for arguments in (("3.0", "1.0", 20, 5, 1), ("3.0", "1.0", 1, 1, 5)):
        with pytest.raises(InputError, match="no standard deviation"):
            possible_deviation(*arguments)
