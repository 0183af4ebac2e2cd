"""How firm an inconsistency is: outright, under a premise that the ledger states, or by reading a floor as a point.

A relation of which no permitted values make sense is called inconsistent; but most relations hold figures against each
other that need not speak of the same thing. Whoever wrote the check states that as its premise. So there are tiers:

- outright: the relation needs no premise beyond the words of the reports. Who writes such a check vouches that its
  figures are printed as points somewhere;
- under a stated premise: it holds only if the premise does ("one baseline", "one answer per person");
- reads a floor as a point: it has a premise, and it is no longer inconsistent once every figure that is printed as a
  bound ("over", "exceeds", 逾) is taken for one, and trailing zeros of large sums for no digits (8,000 in units of
  CNY 100 million is one digit, and stands for 7,500–8,500).
"""

from __future__ import annotations

import re
from fractions import Fraction

from maternal_eval.analyses.claims.audit import INCONSISTENT, Check, relation_verdict
from maternal_eval.analyses.claims.evaluation import evaluate, possible_values
from maternal_eval.analyses.claims.expression import Figure
from maternal_eval.analyses.claims.ledger import Claim, Ledger
from maternal_eval.analyses.claims.rounding import LOWER_BOUNDS, UPPER_BOUNDS, as_printed, at_least, at_most, is_exact
from maternal_eval.methods.interval_arithmetic import Interval

OUTRIGHT, PREMISE, FLOOR = TIERS = ("outright", "under a stated premise", "reads a floor as a point")
TIERS_ZH = {OUTRIGHT: "直接矛盾", PREMISE: "在所列前提下", FLOOR: "把下限读作确数"}

_WORDS = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_UNITS = {"cny_100m": 10**8}
_NUMBER = r"(?:CNY )?(\d[\d,]*(?:\.\d+)?)(?: (thousand|million|billion))?"
_FLOOR = re.compile(rf"\b(?:over|exceed(?:s|ed)?|passed|more than|at least|above) {_NUMBER}", re.IGNORECASE)
_CEILING = re.compile(rf"\b(?:below|under|less than|at most|up to) {_NUMBER}", re.IGNORECASE)
_LARGE = 1_000
"""From here up, sums in units of CNY 100 million are read as printed in thousands of these."""


def tier_of(check: Check, ledger: Ledger) -> str:
    """Return the tier of a check that was found inconsistent: one of :data:`TIERS`."""
    if not check.assumption_en:
        return OUTRIGHT
    return PREMISE if _fails_with_bounds(check, ledger) else FLOOR


def printed_bound(claim: Claim) -> str:
    """Return ``">="`` if a measured figure is printed as a floor, ``"<="`` if as a ceiling, else nothing.

    The comparator of the ledger says so, or its note does with the figure behind the word ("exceeds CNY 23,000"); a
    figure that was set ("at most 48 hours" is the rule) is no bound.
    """
    if (is_exact(claim) and claim.unit != "count") or claim.value is None:
        return ""
    comparator = claim.comparator.lower()
    for prefixes, words, sign in ((LOWER_BOUNDS, _FLOOR, ">="), (UPPER_BOUNDS, _CEILING, "<=")):
        named = (_amount(match, claim) for match in words.finditer(claim.note_en))
        if comparator.startswith(prefixes) or claim.value in named:
            return sign
    return ""


def with_bounds(figure: Figure, claim: Claim) -> Interval:
    """Return what a figure can stand for if bounds are bounds and trailing zeros of large sums no digits."""
    sign = printed_bound(claim)
    if figure.reading in ("", "face", "about"):
        if sign:
            return at_least(claim) if sign == ">=" else at_most(claim)
        if claim.unit == "cny_100m" and claim.value is not None and claim.value >= _LARGE and "." not in claim.printed:
            zeros = len(claim.printed) - len(claim.printed.rstrip("0"))
            half = max(Fraction(10**zeros, 2), as_printed(claim).high - claim.value)
            return Interval(claim.value - half, claim.value + half)
    return possible_values(figure, claim)


def _amount(match: re.Match[str], claim: Claim) -> Fraction:
    """Return the number behind a word of a note, in the unit of the claim."""
    number = Fraction(match.group(1).replace(",", "")) * _WORDS.get(match.group(2) or "", 1)
    return number / _UNITS.get(claim.unit, 1)


def _fails_with_bounds(check: Check, ledger: Ledger) -> bool:
    """Whether every reading of the check holds a relation that fails even with bounds as bounds."""
    assert check.expression is not None
    return all(
        any(
            relation_verdict(statement, evaluate(statement, check.aliases, ledger, with_bounds)) == INCONSISTENT
            for statement in statements
            if statement.operator is not None
        )
        for statements in check.expression.readings
    )
