"""The audit: every relation between published figures judged with rounding intervals.

Verdicts on a relation
    - consistent: it holds for the figures as printed. For ``==`` the left side, computed from the printed figures,
      lies strictly inside what the printed right side can stand for (15.625 is printed 15.6).
    - only with rounding: it fails as printed but holds for some values that the figures can stand for; also a
      relation that holds only under a reading which the reports do not state (marked in the check).
    - inconsistent: no values that the figures can stand for make it hold.
    - undecidable: nothing bounds one of the sides, or alternative readings lead to different verdicts.

Relations that have to hold together take the worst verdict. Every check also carries the verdict of an audit by
hand. Where no relation can be computed, that verdict stands, with its basis, and never counts as computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from maternal_eval.analyses.claims.evaluation import Sides, evaluate
from maternal_eval.analyses.claims.expression import RELATION, Expression, Statement, parse
from maternal_eval.analyses.claims.ledger import Ledger, read_rows
from maternal_eval.core.errors import InputError
from maternal_eval.methods.interval_arithmetic import Interval, Point

CONSISTENT, ROUNDING, INCONSISTENT, UNDECIDABLE = VERDICTS = (
    "consistent",
    "only with rounding",
    "inconsistent",
    "undecidable",
)
ARITHMETIC, DERIVATION, DEFINITION, REPETITION, JUDGEMENT = BASES = (
    "arithmetic",
    "derivation",
    "definition",
    "repetition",
    "judgement",
)
"""What a verdict rests on: a relation that was computed; a figure that was derived with nothing to hold against it;
a missing base or definition; one number used for several things; or reading the text."""

KEY_PREFIX = "key:"
"""Numbers of checks that stand for a key claim of the evaluation model, not for a check of the audit by hand."""

COLUMNS = (
    *("number", "seeds", "where", "what_en", "what_zh", "basis", "claims", "expression"),
    *("assumption_en", "assumption_zh", "charitable", "same_as", "hand_verdict", "hand_words"),
    *("disagreement_en", "disagreement_zh", "note_en", "note_zh"),
)
SEVERITY = (CONSISTENT, ROUNDING, UNDECIDABLE, INCONSISTENT)


@dataclass(frozen=True)
class Check:
    """One relation between published figures, as the study folder states it."""

    number: str
    seeds: str
    where: str
    what_en: str
    what_zh: str
    basis: str
    aliases: dict[str, str]
    expression: Expression | None
    assumption_en: str
    assumption_zh: str
    charitable: bool
    """Whether the relation rests on a reading that the reports do not state."""
    same_as: str
    """Number of an earlier check of the same relation; it must not count twice."""
    hand_verdict: str
    hand_words: str
    disagreement_en: str
    disagreement_zh: str
    note_en: str
    note_zh: str

    @property
    def is_key(self) -> bool:
        """Whether the row is about a key claim of the evaluation model."""
        return self.number.startswith(KEY_PREFIX)

    @property
    def claims(self) -> tuple[str, ...]:
        """Ids of all claims the check is about."""
        return tuple(dict.fromkeys(self.aliases.values()))


@dataclass(frozen=True)
class Finding:
    """One statement of a check, evaluated."""

    reading: int
    statement: Statement
    sides: Sides
    verdict: str | None
    """None for a derived figure, which nothing was held against."""

    @property
    def difference(self) -> float:
        """Left minus right at face value."""
        right = self.sides.right
        return float("nan") if right is None else float(self.sides.left.middle - right.middle)

    @property
    def gap(self) -> float:
        """Distance between what the two sides can stand for; 0 if they meet."""
        right = self.sides.right_possible
        return float("nan") if right is None else self.sides.left_possible.distance(right)


@dataclass(frozen=True)
class Judgement:
    """A check with its findings and its computed verdict (None if nothing was computed)."""

    check: Check
    findings: tuple[Finding, ...]
    computed: str | None

    @property
    def verdict(self) -> str:
        """The computed verdict where there is one, else the verdict carried from the audit by hand.

        A key claim without either has nothing published to be held against: undecidable.
        """
        return self.computed or self.check.hand_verdict or UNDECIDABLE

    @property
    def deciding(self) -> Finding | None:
        """The finding that set the verdict: the first of the worst; the first derived figure if none decides."""
        if not self.findings:
            return None
        return max(self.findings, key=lambda finding: SEVERITY.index(finding.verdict) if finding.verdict else -1)


def read_checks(path: str | Path, ledger: Ledger) -> tuple[Check, ...]:
    """Read the checks of a study and hold each to the ledger.

    Raises
    ------
    InputError
        If a column is missing, a number stands twice, a verdict or basis is unknown, an expression is not of the
        language or a claim is not in the ledger: with file, row and column.
    """
    path = Path(path)
    checks: dict[str, Check] = {}
    for row, entry in read_rows(path, COLUMNS):
        check = _read_check(path, row, entry, ledger)
        if check.number in checks:
            raise InputError(
                "the check stands twice", file=path, row=row, column="number", found=check.number, expected="once"
            )
        if check.same_as and check.same_as not in checks:
            raise InputError(
                "the check repeats an unknown one",
                file=path,
                row=row,
                column="same_as",
                found=check.same_as,
                expected="the number of an earlier check",
            )
        checks[check.number] = check
    return tuple(checks.values())


def _read_check(path: Path, row: int, entry: dict[str, str], ledger: Ledger) -> Check:
    def fail(problem: str, column: str, expected: str) -> InputError:
        return InputError(problem, file=path, row=row, column=column, found=repr(entry[column]), expected=expected)

    key = entry["number"].startswith(KEY_PREFIX)
    if entry["basis"] not in BASES:
        raise fail("the basis is unknown", "basis", "one of " + ", ".join(BASES))
    if entry["hand_verdict"] not in VERDICTS and not (key and not entry["hand_verdict"]):
        raise fail("the verdict is unknown", "hand_verdict", "one of " + ", ".join(VERDICTS))
    if entry["charitable"] not in ("", "yes"):
        raise fail("the mark is unknown", "charitable", "yes or nothing")
    aliases = {}
    for position, part in enumerate(entry["claims"].split()):
        alias, separator, identifier = part.partition("=")
        if not separator:
            alias, identifier = f"claim_{position}", part
        if identifier not in ledger:
            raise fail("the claim is not in the ledger", "claims", f"ids of claims, not {identifier}")
        aliases[alias] = identifier
    expression = None
    if entry["expression"]:
        expression = parse(entry["expression"], aliases, ledger, file=path, row=row)
        unused = set(aliases.values()) - expression.claims
        if unused:
            raise fail("a declared claim is not used", "claims", f"an expression with {min(unused)}")
    if (entry["basis"] == ARITHMETIC) != (expression is not None and expression.decides):
        raise fail("basis and expression do not fit", "basis", "arithmetic exactly if the expression is all relations")
    text = {name: entry[name] for name in COLUMNS if name not in ("claims", "expression", "charitable")}
    return Check(**text, aliases=aliases, expression=expression, charitable=entry["charitable"] == "yes")


def judge(check: Check, ledger: Ledger, *, file: str | Path | None = None) -> Judgement:
    """Evaluate a check; ``file`` is where it stands, for the error message.

    Raises
    ------
    InputError
        If a side cannot be computed.
    """
    if check.expression is None:
        return Judgement(check, (), None)
    findings = []
    for reading, statements in enumerate(check.expression.readings):
        for statement in statements:
            try:
                sides = evaluate(statement, check.aliases, ledger)
            except InputError as error:
                problem = f"{error.problem} (check {check.number})"
                raise InputError(problem, file=file, column=error.column, found=error.found) from None
            verdict = None if statement.operator is None else relation_verdict(statement, sides)
            findings.append(Finding(reading, statement, sides, verdict))
    return Judgement(check, tuple(findings), _computed(check, findings))


def _computed(check: Check, findings: list[Finding]) -> str | None:
    if check.basis != ARITHMETIC:
        return None
    by_reading: dict[int, list[str]] = {}
    for finding in findings:
        if finding.verdict is not None:
            by_reading.setdefault(finding.reading, []).append(finding.verdict)
    verdicts = {max(reading, key=SEVERITY.index) for reading in by_reading.values()}
    verdict = verdicts.pop() if len(verdicts) == 1 else UNDECIDABLE
    return ROUNDING if check.charitable and verdict == CONSISTENT else verdict


def relation_verdict(statement: Statement, sides: Sides) -> str:
    """Return the verdict on one relation (see the module for what the verdicts mean)."""
    operator, right, right_possible = statement.operator, sides.right, sides.right_possible
    assert operator is not None
    assert right is not None
    assert right_possible is not None
    if sides.left_possible.is_everything or right_possible.is_everything:
        return UNDECIDABLE
    if operator == RELATION:
        margin = Interval(-statement.tolerance, statement.tolerance)
        as_printed = sides.left.meets(right + margin)
        allowed = any(a.meets(b + margin) for a, b in sides.boxes if b is not None)
    elif operator == "==":
        as_printed = sides.left.meets(right) or right_possible.surrounds(sides.left)
        allowed = any(a.meets(b) for a, b in sides.boxes if b is not None)
    else:
        as_printed = _surely(sides.left, operator, right)
        allowed = any(_possibly(a, operator, b) for a, b in sides.boxes if b is not None)
    if as_printed:
        return CONSISTENT
    return ROUNDING if allowed else INCONSISTENT


def _surely(a: Interval, operator: str, b: Interval) -> bool:
    """Whether all numbers of ``a`` stand in the relation to all numbers of ``b``."""
    if operator in ("<", "<="):
        return _compare(a.high, operator, b.low)
    return _compare(a.low, operator, b.high)


def _possibly(a: Interval, operator: str, b: Interval) -> bool:
    """Whether some number of ``a`` stands in the relation to some number of ``b``."""
    if operator in ("<", "<="):
        return _compare(a.low, operator, b.high)
    return _compare(a.high, operator, b.low)


def _compare(a: Point, operator: str, b: Point) -> bool:
    match operator:
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
        case _:
            return a >= b
