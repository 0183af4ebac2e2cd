"""The value of an expression over published figures: at face value, and over all that rounding allows."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from maternal_eval.analyses.claims.expression import FUNCTIONS, Figure, Statement, claim_of
from maternal_eval.analyses.claims.ledger import Claim, Ledger
from maternal_eval.analyses.claims.rounding import about, as_printed, at_least, at_most, rounding_interval
from maternal_eval.core.errors import InputError
from maternal_eval.methods.interval_arithmetic import INFINITY, LARGEST, Interval

PIECES = 16
"""Into how many pieces the interval of a figure is cut that stands more than once in a relation."""
MOST_BOXES = 4096


@dataclass(frozen=True)
class Sides:
    """Values of a statement: at face value, and all that rounding allows, box by box."""

    left: Interval
    right: Interval | None
    left_possible: Interval
    right_possible: Interval | None
    boxes: tuple[tuple[Interval, Interval | None], ...]


def possible_values(figure: Figure, claim: Claim) -> Interval:
    """Return all that a figure can stand for under its reading: the rounding rule, or what the check names instead."""
    match figure.reading:
        case "face":
            return as_printed(claim)
        case "about":
            return about(claim)
        case "at_least":
            return at_least(claim)
        case "at_most":
            return at_most(claim)
        case "low" | "high" | "span":
            return _end(figure.reading, claim)
        case _:
            return rounding_interval(claim)


def evaluate(
    statement: Statement,
    aliases: Mapping[str, str],
    ledger: Ledger,
    possible_of: Callable[[Figure, Claim], Interval] = possible_values,
) -> Sides:
    """Evaluate both sides at face value and over all that rounding allows, or whatever ``possible_of`` says.

    A figure that stands more than once is cut into pieces, so that the range stays close to the exact one; every
    box of pieces is kept, because a relation can hold in one box only.

    Raises
    ------
    InputError
        If a side cannot be computed (division by zero, root of a negative number).
    """
    stated = {figure: _stated(figure, ledger[figure.claim]) for figure in statement.figures}
    possible = {figure: possible_of(figure, ledger[figure.claim]) for figure in statement.figures}
    repeated = statement.repeated
    count = PIECES
    while count > 1 and count ** len(repeated) > MOST_BOXES:
        count //= 2
    cut = [possible[figure].pieces(count) for figure in repeated]
    try:
        left, right = _both(statement, stated, aliases)
        boxes = [
            _both(statement, {**possible, **dict(zip(repeated, box, strict=True))}, aliases) for box in product(*cut)
        ]
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(str(error), column="expression", found=repr(statement.text)) from error
    except OverflowError:
        found = repr(statement.text)
        raise InputError(f"a number is beyond {LARGEST:.0e}", column="expression", found=found) from None
    lefts = [box[0] for box in boxes]
    rights = [box[1] for box in boxes if box[1] is not None]
    return Sides(
        left=left,
        right=right,
        left_possible=_union(lefts),
        right_possible=_union(rights) if rights else None,
        boxes=tuple(boxes),
    )


def _both(
    statement: Statement, values: Mapping[Figure, Interval], aliases: Mapping[str, str]
) -> tuple[Interval, Interval | None]:
    right = statement.right
    left = _value(statement.left, values, aliases).holdable()
    return left, None if right is None else _value(right, values, aliases).holdable()


def _union(intervals: list[Interval]) -> Interval:
    return Interval(min(i.low for i in intervals), max(i.high for i in intervals))


def _stated(figure: Figure, claim: Claim) -> Interval:
    match figure.reading:
        case "low" | "high" | "span":
            return _end(figure.reading, claim)
        case _:
            return claim.stated


def _end(reading: str, claim: Claim) -> Interval:
    published = claim.published_range
    point = {"low": published.low, "high": published.high, "span": published.high - published.low}[reading]
    return Interval(point, point)


def _value(node: ast.expr, values: Mapping[Figure, Interval], aliases: Mapping[str, str]) -> Interval:
    """Evaluate a side that the parser has let through."""
    match node:
        case ast.Constant(value=number):
            return Interval.of(repr(number))
        case ast.BinOp(left=left, op=operator, right=right):
            a, b = _value(left, values, aliases), _value(right, values, aliases)
            match operator:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return a / b
                case _:
                    return a**b
        case ast.UnaryOp(op=operator, operand=operand):
            inner = _value(operand, values, aliases)
            return -inner if isinstance(operator, ast.USub) else inner
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
            return _function(name, [_value(argument, values, aliases) for argument in arguments])
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return values[Figure(name, claim_of(arguments[0], aliases) or "")]
        case _:
            return values[Figure("", claim_of(node, aliases) or "")]


def _function(name: str, arguments: list[Interval]) -> Interval:
    match name:
        case "abs":
            return abs(arguments[0])
        case "log":
            return arguments[0].log()
        case "weighted_mean":
            return weighted_mean(arguments[0::2], arguments[1::2])
        case _:
            total = sum(arguments[1:], arguments[0])
            return total if name == "sum" else total / Interval.of(len(arguments))


def weighted_mean(values: list[Interval], weights: list[Interval]) -> Interval:
    """Return the exact range of a weighted mean with intervals for values and weights.

    The mean rises with every value, and with a weight whose value lies above the mean. So its largest value has the
    largest weights on the largest values and the smallest on the others: with the values in order, n + 1 ways to cut
    them hold the extreme, instead of the 2ⁿ corners of the box of weights.

    Raises
    ------
    ValueError
        If a weight can be negative or without bound, or all can be zero.
    """
    if any(weight.low < 0 or weight.high == INFINITY for weight in weights):
        raise ValueError("a weight must be bounded and not negative")
    if sum(weight.low for weight in weights) == 0:
        raise ValueError("the weights can all be zero")

    def extreme(ends: list[Fraction | float], *, largest: bool) -> Fraction | float:
        ordered = sorted(zip(ends, weights, strict=True), key=lambda pair: pair[0], reverse=largest)
        means = []
        for cut in range(len(ordered) + 1):
            corner = [weight.high if place < cut else weight.low for place, (_, weight) in enumerate(ordered)]
            total = sum(w * end for w, (end, _) in zip(corner, ordered, strict=True) if w != 0)
            means.append(total / sum(corner))
        return max(means) if largest else min(means)

    return Interval(
        extreme([value.low for value in values], largest=False), extreme([value.high for value in values], largest=True)
    )
