"""Intervals contain every result of points inside them, and exact operations are exact."""

from __future__ import annotations

import math
from decimal import Decimal, getcontext
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from maternal_eval.methods.interval_arithmetic import EVERYTHING, INFINITY, Interval

decimals = st.decimals(min_value=-1000, max_value=1000, places=2).map(Fraction)
positive = st.decimals(min_value="0.01", max_value=1000, places=2).map(Fraction)
part = st.fractions(min_value=0, max_value=1, max_denominator=97)


@st.composite
def interval_and_point(draw, numbers=decimals):
    low, high = sorted((draw(numbers), draw(numbers)))
    return Interval(low, high), low + (high - low) * draw(part)


@given(interval_and_point(), interval_and_point())
def test_sum_difference_product_hold_every_point(first, second):
    (a, x), (b, y) = first, second
    assert (a + b).contains(x + y)
    assert (a - b).contains(x - y)
    assert (a * b).contains(x * y)


@given(interval_and_point(), interval_and_point())
def test_quotient_holds_every_point(first, second):
    (a, x), (b, y) = first, second
    assume(y != 0)
    assert (a / b).contains(x / y)


@given(interval_and_point(), st.integers(min_value=0, max_value=9))
def test_whole_power_and_absolute_value_hold_every_point(first, exponent):
    a, x = first
    assert (a ** Interval.of(exponent)).contains(x**exponent)
    assert abs(a).contains(abs(x))


@given(interval_and_point(positive), interval_and_point(st.decimals(-4, 4, places=2).map(Fraction)))
def test_root_and_logarithm_hold_every_point(first, second):
    (a, x), (b, y) = first, second
    getcontext().prec = 50
    base = Decimal(x.numerator) / Decimal(x.denominator)
    exponent = Decimal(y.numerator) / Decimal(y.denominator)
    slack = Fraction(1, 10**40)
    power = Fraction(base**exponent)
    result = a**b
    assert result.low - slack <= power <= result.high + slack
    logarithm = Fraction(base.ln())
    assert a.log().low - slack <= logarithm <= a.log().high + slack


@given(interval_and_point(), interval_and_point())
def test_ends_of_a_sum_and_product_are_reached(first, second):
    (a, _), (b, _) = first, second
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    assert (a * b) == Interval(min(corners), max(corners))
    assert (a + b) == Interval(a.low + b.low, a.high + b.high)


@given(interval_and_point(), st.integers(min_value=1, max_value=20))
def test_pieces_make_up_the_whole(first, count):
    a, x = first
    pieces = a.pieces(count)
    assert pieces[0].low == a.low
    assert pieces[-1].high == a.high
    assert any(piece.contains(x) for piece in pieces)
    assert all(one.high == two.low for one, two in pairwise(pieces))


def test_decimals_are_exact():
    tenth = Interval.of("0.1")
    assert tenth + tenth + tenth == Interval.of("0.3")


def test_half_lines():
    floor = Interval(Fraction(8000), INFINITY)
    assert (floor * Interval.of("1.15")) == Interval(Fraction(9200), INFINITY)
    assert (Interval.of(1) / floor) == Interval(Fraction(0), Fraction(1, 8000))
    assert (Interval.of(0) * floor) == Interval.of(0)
    assert (-floor).high == -8000
    assert floor.middle == 8000


def test_division_around_zero_knows_nothing_and_by_zero_fails():
    assert Interval.of(1) / Interval.of(-1, 1) == EVERYTHING
    assert (Interval.of(1) / Interval.of(0, 2)) == Interval(Fraction(1, 2), INFINITY)
    with pytest.raises(ZeroDivisionError):
        Interval.of(1) / Interval.of(0)


def test_relations_between_intervals():
    assert Interval.of(0, 2).meets(Interval.of(2, 3))
    assert Interval.of(0, 3).surrounds(Interval.of(1, 2))
    assert not Interval.of(0, 3).surrounds(Interval.of(0, 2))
    assert Interval.of(0, 1).distance(Interval.of(3, 4)) == 2
    assert Interval.of(3, 4).distance(Interval.of(0, 1)) == 2
    assert Interval.of(0, 2).distance(Interval.of(1, 4)) == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: Interval.of(2, 1),
        lambda: Interval.of(-2, 1) ** Interval.of("0.5"),
        lambda: Interval.of(-1, 1).log(),
        lambda: Interval.of("9.99") ** Interval.of(10**9),
        lambda: Interval.of(1000) ** Interval.of("1000.5"),
    ],
)
def test_what_cannot_be_computed_is_an_error(make):
    with pytest.raises(ValueError, match=r"interval|negative|positive|large"):
        make()


def test_root_is_tight():
    root = Interval.of(1800, 1800) ** Interval.of("0.5")
    assert float(root.high - root.low) < 1e-9
    assert root.contains(Fraction(math.sqrt(1800)))
