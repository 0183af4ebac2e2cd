"""A tiny language for relations between published figures, parsed and never executed as code.

Text is parsed with :mod:`ast` and held to a short list of nodes; anything else is an :class:`InputError`.

- figures: an alias declared with the check (``start``), or ``c["s000-2.1-market-2020"]``;
- numbers, ``+ - * / **``, parentheses;
- ``sum(…)``, ``mean(…)``, ``abs(x)``, ``log(x)``, ``weighted_mean(value, weight, value, weight, …)``;
- readings of a figure: ``face(x)`` the digits without its "more than", ``about(x)``, ``at_least(x)``,
  ``at_most(x)``; of a published range ``low(x)``, ``high(x)`` and ``span(x)`` (high minus low);
- relations ``== <= >= < >`` (chains allowed) and ``approx(left, right, tolerance)``; several joined by ``and``;
- alternative readings of the same statement separated by ``;``.

An expression without a relation derives a figure and decides nothing.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.core.errors import InputError

READINGS = ("face", "about", "at_least", "at_most", "low", "high", "span")
FUNCTIONS = ("sum", "mean", "weighted_mean", "abs", "log")
RELATION = "approx"
OPERATORS: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.LtE: "<=", ast.GtE: ">=", ast.Lt: "<", ast.Gt: ">"}
ARITHMETIC: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
LONGEST = 600
DEEPEST = 40


class Figure(NamedTuple):
    """A claim under a reading ("" for the rounding rule as it is)."""

    reading: str
    claim: str


@dataclass(frozen=True)
class Statement:
    """One relation, or one derived figure (then ``operator`` and ``right`` are None)."""

    text: str
    left: ast.expr
    operator: str | None
    right: ast.expr | None
    tolerance: Fraction
    figures: tuple[Figure, ...]

    @property
    def repeated(self) -> tuple[Figure, ...]:
        """Figures that stand more than once."""
        return tuple(figure for figure, times in Counter(self.figures).items() if times > 1)


@dataclass(frozen=True)
class Expression:
    """Alternative readings, each a tuple of statements that are to hold together."""

    text: str
    readings: tuple[tuple[Statement, ...], ...]

    @property
    def claims(self) -> frozenset[str]:
        """Ids of the claims that occur."""
        return frozenset(f.claim for reading in self.readings for s in reading for f in s.figures)

    @property
    def decides(self) -> bool:
        """Whether the expression holds a relation in every reading."""
        return all(statement.operator is not None for reading in self.readings for statement in reading)


def parse(
    text: str, aliases: Mapping[str, str], ledger: Ledger, *, file: str | Path | None = None, row: int | None = None
) -> Expression:
    """Parse an expression and hold every figure to the ledger.

    Parameters
    ----------
    text
        The expression (see the module).
    aliases
        Short names of claims, alias → id.
    ledger
        Where the claims must exist.
    file, row
        Where the expression stands, for the error message.

    Raises
    ------
    InputError
        If the text is no expression of this language, or a figure is not in the ledger.
    """
    return _Parser(text, aliases, ledger, file, row).parse()


class _Parser:
    def __init__(
        self, text: str, aliases: Mapping[str, str], ledger: Ledger, file: str | Path | None, row: int | None
    ) -> None:
        self.text, self.aliases, self.ledger, self.file, self.row = text, aliases, ledger, file, row
        self.figures: list[Figure] = []

    def fail(self, problem: str, expected: str, found: str | None = None) -> InputError:
        shown = repr(self.text if found is None else found)
        return InputError(problem, file=self.file, row=self.row, column="expression", found=shown, expected=expected)

    def parse(self) -> Expression:
        if len(self.text) > LONGEST:
            raise self.fail("the expression is too long", f"at most {LONGEST} signs", f"{len(self.text)} signs")
        return Expression(self.text, tuple(self.reading(part) for part in self.text.split(";")))

    def reading(self, text: str) -> tuple[Statement, ...]:
        try:
            tree = ast.parse(text.strip(), mode="eval").body
            together = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
            return tuple(statement for part in together for statement in self.statements(part))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise self.fail("the expression cannot be read", "figures, numbers and + - * / **") from None

    def statements(self, node: ast.expr) -> list[Statement]:
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            found = []
            for left, kind, right in zip(sides, node.ops, sides[1:], strict=False):
                if type(kind) not in OPERATORS:
                    raise self.fail(
                        "the relation is unknown", "one of " + " ".join(OPERATORS.values()), ast.unparse(node)
                    )
                found.append(self.statement(left, OPERATORS[type(kind)], right))
            return found
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == RELATION:
            if len(node.args) != 3 or node.keywords:
                raise self.fail("approx is incomplete", "approx(left, right, tolerance)", ast.unparse(node))
            tolerance = self.number(node.args[2])
            return [self.statement(node.args[0], RELATION, node.args[1], tolerance)]
        return [self.statement(node, None, None)]

    def statement(
        self, left: ast.expr, operator: str | None, right: ast.expr | None, tolerance: Fraction = Fraction(0)
    ) -> Statement:
        self.figures = []
        self.check(left)
        text = ast.unparse(left)
        if right is not None:
            self.check(right)
            text = f"{text} {operator} {ast.unparse(right)}"
        return Statement(text, left, operator, right, tolerance, tuple(self.figures))

    def number(self, node: ast.expr) -> Fraction:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return Fraction(repr(node.value))
        raise self.fail("a number is wanted", "a number such as 12 or 0.5", ast.unparse(node))

    def check(self, node: ast.expr, depth: int = 0) -> None:
        """Hold a side to the language and note the figures in it."""
        if depth > DEEPEST:
            raise self.fail("the expression is nested too deeply", f"at most {DEEPEST} levels")
        match node:
            case ast.Constant():
                self.number(node)
            case ast.BinOp(left=left, op=operator, right=right) if isinstance(operator, ARITHMETIC):
                self.check(left, depth + 1)
                self.check(right, depth + 1)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                self.check(operand, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
                self.check_count(node, name, len(arguments))
                for argument in arguments:
                    self.check(argument, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in READINGS:
                claim = self.claim(argument)
                if name in ("low", "high", "span") and not self.ledger[claim].is_range:
                    raise self.fail("the figure is not a range", "a claim with low and high", claim)
                self.figures.append(Figure(name, claim))
            case ast.Name() | ast.Subscript():
                self.figures.append(Figure("", self.claim(node)))
            case _:
                raise self.fail(
                    "the expression holds what is not allowed",
                    "figures, numbers, + - * / ** and " + ", ".join((*FUNCTIONS, *READINGS)),
                    ast.unparse(node),
                )

    def check_count(self, node: ast.Call, name: str, count: int) -> None:
        fits = {"abs": count == 1, "log": count == 1, "weighted_mean": count >= 2 and count % 2 == 0}
        if not fits.get(name, count >= 1):
            raise self.fail(f"{name} has the wrong number of arguments", "see the language", ast.unparse(node))

    def claim(self, node: ast.expr) -> str:
        identifier = claim_of(node, self.aliases)
        if identifier is None:
            raise self.fail("the name stands for no figure", 'a declared alias or c["id"]', ast.unparse(node))
        if identifier not in self.ledger:
            raise self.fail("the figure is not in the ledger", "the id of a claim", identifier)
        return identifier


def claim_of(node: ast.expr, aliases: Mapping[str, str]) -> str | None:
    """Return the id that an alias or ``c["id"]`` stands for; None if it is neither."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name)
        case ast.Subscript(value=ast.Name(id="c"), slice=ast.Constant(value=str(identifier))):
            return identifier
        case _:
            return None
