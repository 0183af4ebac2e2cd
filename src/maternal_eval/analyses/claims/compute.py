"""The audit of a study's published figures as a result: every check, the key claims, and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from maternal_eval.analyses.claims.audit import (
    ARITHMETIC,
    BASES,
    INCONSISTENT,
    REPETITION,
    VERDICTS,
    Check,
    Finding,
    Judgement,
    judge,
    read_checks,
)
from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.analyses.claims.tiers import tier_of
from maternal_eval.core.errors import InputError
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import Seed
from maternal_eval.methods.interval_arithmetic import Interval
from maternal_eval.study import FILE_NAME, Study

if TYPE_CHECKING:
    pass
from maternal_eval.analyses.claims.result import ClaimsResult
from maternal_eval.analyses.claims.settings import ClaimsSettings

EVIDENCE = "arithmetic"
"""Evidence class of everything here: consistency of the published figures, and nothing else."""


ACROSS = "across"


COMPUTED, CARRIED = "computed", "carried"


def audit_claims(
    study: Study, settings: ClaimsSettings | None = None, seed: Seed = 0, progress: Progress | None = None
) -> ClaimsResult:
    """Audit the published figures of a study.

    Parameters
    ----------
    study
        A study with a ledger and checks.
    settings
        See :class:`ClaimsSettings`.
    seed
        Not used: nothing is random. All analyses are called alike.
    progress
        Told after each check.

    Raises
    ------
    InputError
        If the study names no ledger or checks, or one of them has a slip.
    """
    settings = settings or ClaimsSettings()
    files = study.definition.files
    for column, file in (("claims", files.claims), ("checks", files.checks)):
        if file is None:
            raise InputError(
                "the study has no published figures to audit",
                file=study.folder / FILE_NAME,
                column=f"files.{column}",
                expected=f'[files] {column} = "{column}.csv"',
            )
    # The printed digits matter (3.0 is not 3), so the ledger is read as text, not from the study's numbers.
    ledger = Ledger.read(study.folder / str(files.claims))
    checks = read_checks(study.folder / str(files.checks), ledger)
    return audit(ledger, checks, settings, progress, file=files.checks)


def audit(
    ledger: Ledger,
    checks: Sequence[Check],
    settings: ClaimsSettings | None = None,
    progress: Progress | None = None,
    *,
    file: str | None = None,
) -> ClaimsResult:
    """Judge all checks, which stand in ``file``, against the ledger and gather them (see :func:`audit_claims`)."""
    judgements = []
    for done, check in enumerate(checks, start=1):
        judgements.append(judge(check, ledger, file=file))
        report(progress, "checks of published figures", done, len(checks))
    ordinary = [judgement for judgement in judgements if not judgement.check.is_key]
    table = pd.DataFrame([_check_row(judgement, ledger) for judgement in ordinary], columns=CHECK_COLUMNS)
    key = pd.DataFrame([_key_row(one, ledger) for one in judgements if one.check.is_key], columns=KEY_COLUMNS)
    statements = [_statement_row(j.check, finding) for j in judgements for finding in j.findings]
    return ClaimsResult(
        checks=table,
        statements=pd.DataFrame(statements, columns=STATEMENT_COLUMNS),
        key_claims=key,
        summary=summarise(table),
        figures=len(ledger),
        independent_figures=len(ledger.independent),
        settings=asdict(settings or ClaimsSettings()),
    )


def summarise(checks: pd.DataFrame) -> pd.DataFrame:
    """Count checks by basis and verdict: all, and those that neither repeat a check nor compare a repeat."""
    rows = []
    for basis in BASES:
        for verdict in VERDICTS:
            chosen = checks[(checks["basis"] == basis) & (checks["verdict"] == verdict)]
            source = COMPUTED if basis == ARITHMETIC else CARRIED
            rows.append(
                {
                    "source": source,
                    "basis": basis,
                    "verdict": verdict,
                    "checks": len(chosen),
                    "independent": int(chosen["independent"].sum()),
                }
            )
    return pd.DataFrame(rows)


SIDE_COLUMNS = ("left", "left_low", "left_high", "right", "right_low", "right_high", "difference", "gap")


CHECK_COLUMNS = (
    *("number", "seeds", "report", "where", "what_en", "what_zh", "basis", "source"),
    *("verdict", "tier", "verdict_computed", "verdict_by_hand", "hand_words", "differs", "independent", "same_as"),
    *("expression", "assumption_en", "assumption_zh", *SIDE_COLUMNS),
    *("disagreement_en", "disagreement_zh", "note_en", "note_zh", "claims"),
)


KEY_COLUMNS = (
    *("number", "where", "what_en", "what_zh", "evidence", "basis", "verdict", "tier", *SIDE_COLUMNS),
    *("reading_low", "reading_high", "assumption_en", "assumption_zh", "note_en", "note_zh"),
)


STATEMENT_COLUMNS = ("number", "reading", "statement", "verdict", *SIDE_COLUMNS, "exact")


def is_independent(check: Check, ledger: Ledger) -> bool:
    """Whether a check counts as evidence of its own.

    It does not if it repeats an earlier check, holds a figure against its own repeat, or merely notes that
    something consistent was printed again.
    """
    repeats = any(ledger[claim].restated for claim in check.claims)
    noted = check.basis == REPETITION and check.hand_verdict == VERDICTS[0]
    return not (check.same_as or repeats or noted)


def _check_row(judgement: Judgement, ledger: Ledger) -> dict[str, Any]:
    check = judgement.check
    computed = judgement.computed
    return {
        "number": check.number,
        "seeds": check.seeds,
        "report": check.seeds if len(check.seeds) == 3 else ACROSS,
        "where": check.where,
        "what_en": check.what_en,
        "what_zh": check.what_zh,
        "basis": check.basis,
        "source": COMPUTED if computed else CARRIED,
        "verdict": judgement.verdict,
        "tier": _tier(judgement, ledger),
        "verdict_computed": computed or "",
        "verdict_by_hand": check.hand_verdict,
        "hand_words": check.hand_words,
        "differs": computed is not None and computed != check.hand_verdict,
        "independent": is_independent(check, ledger),
        "same_as": check.same_as,
        "expression": check.expression.text if check.expression else "",
        "assumption_en": check.assumption_en,
        "assumption_zh": check.assumption_zh,
        **_sides(judgement.deciding),
        "disagreement_en": check.disagreement_en,
        "disagreement_zh": check.disagreement_zh,
        "note_en": check.note_en,
        "note_zh": check.note_zh,
        "claims": " ".join(check.claims),
    }


def _tier(judgement: Judgement, ledger: Ledger) -> str:
    """Return how firm a computed inconsistency is; nothing for any other verdict."""
    return tier_of(judgement.check, ledger) if judgement.computed == INCONSISTENT else ""


def _key_row(judgement: Judgement, ledger: Ledger) -> dict[str, Any]:
    check = judgement.check
    readings = [finding.sides.left for finding in judgement.findings if finding.statement.operator is None]
    middles = [float(reading.middle) for reading in readings] or [math.nan]
    return {
        "number": check.number,
        "where": check.where,
        "what_en": check.what_en,
        "what_zh": check.what_zh,
        "evidence": EVIDENCE,
        "basis": check.basis,
        "verdict": judgement.verdict,
        "tier": _tier(judgement, ledger),
        **_sides(judgement.deciding),
        # Alternative readings of a derived figure: smallest and largest of them at face value.
        "reading_low": min(middles),
        "reading_high": max(middles),
        "assumption_en": check.assumption_en,
        "assumption_zh": check.assumption_zh,
        "note_en": check.note_en,
        "note_zh": check.note_zh,
    }


def _statement_row(check: Check, finding: Finding) -> dict[str, Any]:
    return {
        "number": check.number,
        "reading": finding.reading + 1,
        "statement": finding.statement.text,
        "verdict": finding.verdict or "",
        **_sides(finding),
        "exact": not finding.statement.repeated,
    }


def _sides(finding: Finding | None) -> dict[str, float]:
    """Return both sides of a statement: at face value, and the ends of what rounding allows."""
    if finding is None:
        return dict.fromkeys(SIDE_COLUMNS, math.nan)
    sides = finding.sides
    left, left_low, left_high = _numbers(sides.left, sides.left_possible)
    right, right_low, right_high = _numbers(sides.right, sides.right_possible)
    return dict(
        zip(
            SIDE_COLUMNS,
            (left, left_low, left_high, right, right_low, right_high, finding.difference, finding.gap),
            strict=True,
        )
    )


def _numbers(stated: Interval | None, possible: Interval | None) -> tuple[float, float, float]:
    if stated is None or possible is None:
        return math.nan, math.nan, math.nan
    return float(stated.middle), float(possible.low), float(possible.high)
