"""Intervals with exact end points: what a printed figure can stand for, and what follows from it.

Printed decimals are rational numbers, so sums, products, quotients and whole powers are computed exactly with
:class:`fractions.Fraction`; whether 3.65 touches the interval of 3.7 is decided without floating-point error. Only
roots and logarithms go through floating point; their end points are moved outwards by a relative 1e-12, far more
than the error of any mathematics library.

Every operation returns the exact range of its operands taken one by one (Moore 1966). A figure that stands twice
in one expression makes the range an enclosure: it contains every possible result, and may contain more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

INFINITY = math.inf
LARGEST = 10**300
"""Largest number that a side may come to: beyond it no float holds a number, nor the difference of two."""
RELATIVE_OUTWARD = Fraction(1, 10**12)
ABSOLUTE_OUTWARD = Fraction(1, 10**15)
LARGEST_POWER_BITS = 20_000

Point = Fraction | float
"""An end point: exact, or plus or minus infinity."""


@dataclass(frozen=True)
class Interval:
    """All numbers from ``low`` to ``high``, both included (where finite).

    Examples
    --------
    >>> Interval.of("3.65", "3.75") - Interval.of("3.15", "3.25")
    Interval(0.4, 0.6)
    """

    low: Point
    high: Point

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"an interval cannot start at {float(self.low):g} and end at {float(self.high):g}")

    @classmethod
    def of(cls, low: str | int | Fraction, high: str | int | Fraction | None = None) -> Interval:
        """Return the interval from ``low`` to ``high``, given as decimals; of one number if ``high`` is left out."""
        return cls(Fraction(low), Fraction(low if high is None else high))

    @classmethod
    def hull(cls, points: Iterable[Point]) -> Interval:
        """Return the smallest interval that holds all points."""
        listed = list(points)
        return cls(min(listed), max(listed))

    def __repr__(self) -> str:
        return f"Interval({float(self.low):.12g}, {float(self.high):.12g})"

    @property
    def is_point(self) -> bool:
        """Whether the interval is one number."""
        return self.low == self.high

    @property
    def is_everything(self) -> bool:
        """Whether any number at all lies inside: nothing is known."""
        return self.low == -INFINITY and self.high == INFINITY

    @property
    def middle(self) -> Fraction:
        """The middle; of a half line, its end point.

        Raises
        ------
        ValueError
            If the interval has no end.
        """
        finite = [Fraction(point) for point in (self.low, self.high) if not math.isinf(point)]
        if not finite:
            raise ValueError("an interval without ends has no middle")
        return sum(finite, Fraction(0)) / len(finite)

    def holdable(self) -> Interval:
        """Return the interval; ValueError if an end is finite and yet beyond what a table can hold."""
        if any(end not in (INFINITY, -INFINITY) and not -LARGEST <= end <= LARGEST for end in (self.low, self.high)):
            raise ValueError(f"a number is beyond {LARGEST:.0e}")
        return self

    def contains(self, point: Point) -> bool:
        """Whether ``point`` lies inside or on an end."""
        return self.low <= point <= self.high

    def surrounds(self, other: Interval) -> bool:
        """Whether ``other`` lies strictly inside: not touching an end."""
        return self.low < other.low and other.high < self.high

    def meets(self, other: Interval) -> bool:
        """Whether the two have a number in common."""
        return self.low <= other.high and other.low <= self.high

    def distance(self, other: Interval) -> float:
        """Return the distance between the nearest ends; 0 if the two meet."""
        return 0.0 if self.meets(other) else float(max(other.low - self.high, self.low - other.high))

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __abs__(self) -> Interval:
        if self.low >= 0:
            return self
        if self.high <= 0:
            return -self
        return Interval(Fraction(0), max(-self.low, self.high))

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        return Interval.hull(_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high))

    def __truediv__(self, other: Interval) -> Interval:
        """Divide; by an interval around zero the result is unknown, by zero itself an error."""
        if other.low == other.high == 0:
            raise ZeroDivisionError("division by zero")
        if other.low < 0 < other.high:
            return EVERYTHING
        return self * Interval(*sorted((_inverse(other.low, other), _inverse(other.high, other))))

    def __pow__(self, exponent: Interval) -> Interval:
        """Raise to a power: any whole exponent, or any exponent of a base that is not negative.

        Raises
        ------
        ValueError
            If a negative base meets an exponent that is not one whole number, or the result is beyond measure.
        """
        if exponent.is_point and not math.isinf(exponent.low) and exponent.low == int(exponent.low):
            return self._whole_power(int(exponent.low))
        if self.low < 0:
            raise ValueError("a negative number has no power that is not whole")
        ends = [(base, power) for base in (self.low, self.high) for power in (exponent.low, exponent.high)]
        return _outward(lambda end: math.pow(end[0], end[1]), [(float(a), float(b)) for a, b in ends])

    def _whole_power(self, exponent: int) -> Interval:
        if exponent == 0:
            return ONE
        if exponent < 0:
            return ONE / self._whole_power(-exponent)
        for point in (self.low, self.high):
            if isinstance(point, Fraction):
                bits = max(point.numerator.bit_length(), point.denominator.bit_length())
                if bits * exponent > LARGEST_POWER_BITS:
                    raise ValueError("the power is too large")
        powers = [point**exponent for point in (self.low, self.high)]
        if exponent % 2 == 0 and self.contains(0):
            powers.append(Fraction(0))
        return Interval.hull(powers)

    def log(self) -> Interval:
        """Return the natural logarithm.

        Raises
        ------
        ValueError
            If the interval reaches zero or below.
        """
        if self.low <= 0:
            raise ValueError("only positive numbers have a logarithm")
        # Near 1 the logarithm is near 0 while the rounding of its argument is not, hence the absolute part.
        return _outward(math.log, [float(self.low), float(self.high)], ABSOLUTE_OUTWARD)

    def pieces(self, count: int) -> list[Interval]:
        """Return ``count`` intervals of equal width that make up this one; itself if it cannot be cut."""
        if self.is_point or math.isinf(self.low) or math.isinf(self.high):
            return [self]
        low, step = Fraction(self.low), Fraction(self.high - self.low) / count
        return [Interval(low + i * step, low + (i + 1) * step) for i in range(count)]


def _times(a: Point, b: Point) -> Point:
    """Multiply end points; zero times a bound that was never reached is zero."""
    return Fraction(0) if a == 0 or b == 0 else a * b


def _inverse(point: Point, of: Interval) -> Point:
    """Return one over an end point; towards zero the inverse grows without end, on the side of the interval."""
    if point == 0:
        return INFINITY if of.high > 0 else -INFINITY
    return Fraction(0) if math.isinf(point) else 1 / point


def _outward[Argument](
    function: Callable[[Argument], float], corners: list[Argument], absolute: Fraction = Fraction(0)
) -> Interval:
    """Return the range of a function that is monotone in each argument from its corners, moved outwards."""
    try:
        values = [function(corner) for corner in corners]
    except OverflowError as error:
        raise ValueError("the power is too large") from error

    def moved(value: float, direction: int) -> Point:
        if math.isinf(value):
            return value
        exact = Fraction(value)
        return exact + direction * (abs(exact) * RELATIVE_OUTWARD + absolute)

    return Interval(moved(min(values), -1), moved(max(values), +1))


EVERYTHING = Interval(-INFINITY, INFINITY)
ONE = Interval.of(1)
