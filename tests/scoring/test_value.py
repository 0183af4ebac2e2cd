"""Value functions by Kano class."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maternal_eval.methods.value import KANO_CLASSES, answer_value
from maternal_eval.study import KANO_CLASSES as NAMES_IN_STUDIES

CLASSES = list(KANO_CLASSES)


def test_hand_worked():
    """Answer 4 of 1–5 is x = 0.75: 1 − 0.25² = 0.9375, 0.75, 0.75² = 0.5625."""
    answers = np.array([[4.0, 4.0, 4.0, 4.0, 4.0]])
    np.testing.assert_allclose(answer_value(answers, CLASSES, 1, 5), [[0.9375, 0.75, 0.5625, 0.75, 0.75]])


def test_every_class_of_a_study_has_a_row():
    assert set(NAMES_IN_STUDIES) == set(KANO_CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_ends_and_growth(name):
    answers = np.linspace(0, 10, 41)[:, None]
    value = answer_value(answers, [name], 0, 10, kappa=3.0)[:, 0]
    assert value[0] == 0
    assert value[-1] == 1
    assert (np.diff(value) > 0).all()


@given(st.floats(0.01, 0.99), st.floats(1.05, 6.0))
def test_must_be_above_linear_above_attractive(position, kappa):
    value = answer_value(np.full((1, 3), position), ["must_be", "performance", "attractive"], 0, 1, kappa)[0]
    assert value[0] > value[1] > value[2]


def test_shape_one_makes_all_classes_linear():
    answers = np.tile(np.arange(1.0, 6)[:, None], (1, len(CLASSES)))
    value = answer_value(answers, CLASSES, 1, 5, kappa=1.0)
    np.testing.assert_allclose(value, (answers - 1) / 4)


def test_unanswered_stays_unanswered():
    value = answer_value(np.array([[np.nan, 2.0]]), ["must_be", "attractive"], 1, 5)
    assert np.isnan(value[0, 0])
    assert value[0, 1] == pytest.approx(1 / 16)


def test_scales_and_shapes_by_indicator():
    value = answer_value(
        np.array([[5.0, 5.0]]), ["attractive", "attractive"], np.array([0, 1]), np.array([10, 9]), np.array([1.0, 3.0])
    )
    np.testing.assert_allclose(value, [[0.5, 0.125]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[6.0]], ["must_be"], 1, 5), "off the scale"),
        (([[3.0]], ["delight"], 1, 5), "no such Kano class: delight"),
        (([[3.0]], ["must_be"], 5, 5), "high > low"),
        (([[3.0]], ["must_be"], 1, 5, 0.0), "kappa > 0"),
        (([[3.0]], ["must_be", "must_be"], 1, 5), "2 Kano classes for 1"),
    ],
)
def test_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        answer_value(np.array(arguments[0]), *arguments[1:])
