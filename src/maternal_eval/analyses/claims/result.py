"""Claims: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from maternal_eval.results import Result
from maternal_eval.results.schema import TableSchema, count, number, schema, text, truth

_SIDES = "left left_low left_high right right_low right_high difference gap"

_CHECKS = schema(
    "number",
    f"seeds report where what_en what_zh basis source verdict tier verdict_computed verdict_by_hand hand_words differs "
    f"independent same_as expression assumption_en assumption_zh {_SIDES} disagreement_en disagreement_zh note_en "
    "note_zh claims",
    seeds=text("Seeds", "来源编号"),
    report=text("Report", "报告"),
    where=text("Where", "位置"),
    tier=text("How firm", "矛盾层级"),
    verdict_computed=text("Verdict computed", "计算判定"),
    verdict_by_hand=text("Verdict by hand", "人工判定"),
    hand_words=text("Verdict by hand, in words", "人工判定原文"),
    differs=truth("Differs", "判定不同"),
    independent=truth("Independent", "独立"),
    same_as=text("Same as", "等同于"),
    expression=text("Expression", "算式"),
    assumption_en=text("Assumption (English)", "假设（英文）"),
    assumption_zh=text("Assumption (Chinese)", "假设（中文）"),
    disagreement_en=text("Why it differs (English)", "不同原因（英文）"),
    disagreement_zh=text("Why it differs (Chinese)", "不同原因（中文）"),
    note_en=text("Note (English)", "备注（英文）"),
    note_zh=text("Note (Chinese)", "备注（中文）"),
    claims=text("Figures used", "所用数字"),
)

_MAIN = "number what_en basis verdict tier verdict_by_hand left left_low left_high right"

TABLES = {
    "": TableSchema({name: _CHECKS[name] for name in _MAIN.split()}, ("number",)),
    "checks": _CHECKS,
    "statements": schema(
        "number reading statement",
        f"verdict {_SIDES} exact",
        reading=count("Reading", "读法"),
        statement=text("Statement", "陈述"),
        exact=truth("Exact", "精确"),
    ),
    "key_claims": schema(
        "number",
        f"where what_en what_zh evidence basis verdict tier {_SIDES} reading_low reading_high assumption_en "
        "assumption_zh note_en note_zh",
        where=text("Where", "位置"),
        evidence=text("Evidence", "证据类别"),
        tier=text("How firm", "矛盾层级"),
        left=number("Computed", "算得", decimals=1),
        reading=number("Over all readings", "各读法合计", decimals=1),
        assumption_en=text("Assumption (English)", "假设（英文）"),
        assumption_zh=text("Assumption (Chinese)", "假设（中文）"),
        note_en=text("Note (English)", "备注（英文）"),
        note_zh=text("Note (Chinese)", "备注（中文）"),
    ),
    "summary": schema(
        "source basis verdict",
        "checks independent",
        checks=count("Checks", "核验数"),
        independent=count("Independent checks", "独立核验数"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class ClaimsResult(Result):
    """The audit of the published figures.

    Its intervals are rounding intervals: all values that the printed digits can stand for. They are no probability
    intervals. Nothing is sampled, so every number is exact up to outward rounding.
    """

    checks: pd.DataFrame
    """One row per check: what, basis, verdicts, both sides of the deciding relation, gap."""
    statements: pd.DataFrame
    """One row per evaluated relation or derived figure, key claims included."""
    key_claims: pd.DataFrame
    """One row per key claim of the evaluation model: verdict, number and rounding interval."""
    summary: pd.DataFrame
    """Counts of checks by basis and verdict: all, and independent ones."""
    figures: int
    """Published figures in the ledger."""
    independent_figures: int
    """The same without restated ones."""
    settings: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the checks, one a row: what was checked, on which basis, the verdict, how firm it is, and both sides.

        ``checks`` has every column.
        """
        return self.checks[_MAIN.split()]

    def disagreements(self) -> pd.DataFrame:
        """Return the checks whose computed verdict differs from the audit by hand, with the reason."""
        columns = ["number", "what_en", "what_zh", "verdict_computed", "verdict_by_hand"]
        columns += ["left", "left_low", "left_high", "right", "disagreement_en", "disagreement_zh"]
        return self.checks.loc[self.checks["differs"], columns].reset_index(drop=True)
