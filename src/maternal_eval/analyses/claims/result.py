"""Claims: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from maternal_eval.results import Result


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
        """Return the checks, one a row: what was checked, on which basis, the verdict and both sides.

        ``checks`` has every column.
        """
        columns = ["number", "what_en", "basis", "verdict", "verdict_by_hand", "left", "left_low", "left_high", "right"]
        return self.checks[columns]

    def disagreements(self) -> pd.DataFrame:
        """Return the checks whose computed verdict differs from the audit by hand, with the reason."""
        columns = ["number", "what_en", "what_zh", "verdict_computed", "verdict_by_hand"]
        columns += ["left", "left_low", "left_high", "right", "disagreement_en", "disagreement_zh"]
        return self.checks.loc[self.checks["differs"], columns].reset_index(drop=True)
