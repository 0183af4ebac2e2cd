"""What a printed figure can stand for: the rounding rule, in one place.

The rule, in order:

1. A published range ``low``–``high`` stands for itself.
2. Set, not measured: thresholds, targets, sample sizes, weights of the model and the input steps of elasticities are
   exact. A ceiling of "at most 48 hours" IS 48 hours.
3. Counted: whole counts below 10,000 are exact (5 stages, 156 cases).
4. All else stands for half a unit of its last printed digit either way: 3.2 for 3.15–3.25, 45 for 44.5–45.5, 3.0
   for 2.95–3.05. From 10,000 up, figures are read as printed in ten thousands (万), as Chinese reports print them:
   up to four trailing zeros are no digits, so 1,800,000 (180 万) stands for 1,795,000–1,805,000 and 23,000 (2.3 万)
   for 22,500–23,500.
5. Bounds: "more than" and "at least" stand for the value and anything above, "less than", "at most" and "below" for
   anything under it, cut at 0 and 100 where the figure is a share. "About" and "nearly" double the half width of 4;
   "order of magnitude" stands for a factor of the square root of ten either way.
"""

from __future__ import annotations

from fractions import Fraction

from maternal_eval.analyses.claims.ledger import Claim
from maternal_eval.methods.interval_arithmetic import INFINITY, Interval, Point

SET_KINDS = ("threshold", "target", "sample_size")
SET_METRICS = ("dimension_weight", "therapist_qualification_weight")
INPUT_STEP = "input step"
COUNTED_BELOW = 10_000
LOWER_BOUNDS = ("more than", "at least")
UPPER_BOUNDS = ("less than", "at most", "below")
LOOSE = ("about", "nearly")
MAGNITUDE = "order of magnitude"
SQUARE_ROOT_OF_TEN = Fraction(3162278, 1000000)
SHARE_KINDS = ("share", "accuracy")


def rounding_interval(claim: Claim) -> Interval:
    """Return all numbers that the printed figure can stand for (see the module's rule).

    Parameters
    ----------
    claim
        A row of the ledger; the interval is in the unit of the claim.
    """
    if claim.is_range or is_exact(claim):
        return claim.published_range
    comparator = claim.comparator.lower()
    if comparator.startswith(LOWER_BOUNDS):
        return at_least(claim)
    if comparator.startswith(UPPER_BOUNDS):
        return at_most(claim)
    if comparator.startswith(MAGNITUDE):
        value = claim.published_range.low
        return Interval.hull((value / SQUARE_ROOT_OF_TEN, value * SQUARE_ROOT_OF_TEN))
    if any(word in comparator for word in LOOSE):
        return about(claim)
    return as_printed(claim)


def is_exact(claim: Claim) -> bool:
    """Whether the figure was set or counted, so that nothing was rounded."""
    if claim.kind in SET_KINDS or claim.metric in SET_METRICS or claim.comparator == INPUT_STEP:
        return True
    if claim.unit != "count" or claim.value is None or "." in claim.printed:
        return False
    return abs(claim.value) < COUNTED_BELOW


def as_printed(claim: Claim) -> Interval:
    """Return half a unit of the last printed digit either way, whatever the comparator says."""
    return _within(claim, Fraction(1, 2))


def about(claim: Claim) -> Interval:
    """Return one whole unit of the last printed digit either way: the figure is read as "about"."""
    return _within(claim, Fraction(1))


def at_least(claim: Claim) -> Interval:
    """Return the figure and all above it (a share ends at 100)."""
    low = claim.published_range.low
    return Interval(low, max(low, Fraction(100)) if _is_share(claim) else INFINITY)


def at_most(claim: Claim) -> Interval:
    """Return the figure and all below it (a share ends at 0)."""
    high = claim.published_range.high
    low: Point = min(high, Fraction(0)) if _is_share(claim) else -INFINITY
    return Interval(low, high)


def last_digit(printed: str) -> Fraction:
    """Return the unit of the last printed digit.

    Examples
    --------
    >>> last_digit("3.20"), last_digit("45"), last_digit("1800000"), last_digit("23000")
    (Fraction(1, 100), Fraction(1, 1), Fraction(10000, 1), Fraction(1000, 1))
    """
    digits = printed.lstrip("+-")
    if "." in digits:
        return Fraction(1, 10 ** len(digits.split(".")[1]))
    if int(digits) < COUNTED_BELOW:
        return Fraction(1)
    zeros = len(digits) - len(digits.rstrip("0"))
    return Fraction(10 ** min(zeros, 4))


def _within(claim: Claim, digits: Fraction) -> Interval:
    if claim.is_range or is_exact(claim):
        return claim.published_range
    half = last_digit(claim.printed) * digits
    centre = claim.published_range.low
    return Interval(centre - half, centre + half)


def _is_share(claim: Claim) -> bool:
    return claim.unit == "percent" and claim.kind in SHARE_KINDS
