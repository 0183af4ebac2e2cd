"""Checks as objects: what was measured, what it had to keep, what it says, and what to do where it failed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from maternal_eval.core.errors import DiagnosticsError


@dataclass(frozen=True)
class Check:
    """One check of a fit or of a result.

    Attributes
    ----------
    name
        E.g. ``"R-hat"``.
    status
        ``"passed"``, ``"failed"``, or ``"informational"`` where nothing is demanded; ``threshold`` is then None.
    value, threshold
        What was measured and what it had to keep.
    text
        What was measured, in words.
    remedy
        What to do where the check failed.
    table
        The numbers behind the check, if there is more than one.
    figure
        Name of the figure of the result that shows it (see :meth:`maternal_eval.results.Result.further_figures`).
    """

    name: str
    status: Literal["passed", "failed", "informational"]
    value: float
    threshold: float | None
    text: str
    remedy: str = ""
    table: pd.DataFrame | None = field(default=None, compare=False, repr=False)
    figure: str | None = None

    @property
    def passed(self) -> bool:
        """False only where the check failed."""
        return self.status != "failed"


def at_most(name: str, value: float, limit: float, text: str, **more: object) -> Check:
    """Return a check that passes where ``value`` is at most ``limit``; NaN fails."""
    return Check(name, "passed" if value <= limit else "failed", float(value), float(limit), text, **more)  # type: ignore[arg-type]


def at_least(name: str, value: float, limit: float, text: str, **more: object) -> Check:
    """Return a check that passes where ``value`` is at least ``limit``; NaN fails."""
    return Check(name, "passed" if value >= limit else "failed", float(value), float(limit), text, **more)  # type: ignore[arg-type]


def check_table(checks: Iterable[Check]) -> pd.DataFrame:
    """Return checks as a table with columns check, status, value, threshold, text."""
    rows = [(check.name, check.status, check.value, check.threshold, check.text) for check in checks]
    table = pd.DataFrame(rows, columns=["check", "status", "value", "threshold", "text"])
    return table.astype({"value": "float64", "threshold": "float64"})


def short(value: float | None) -> str:
    """Return a number of a check as it stands in a sentence."""
    if value is None:
        return "none"
    return f"{value:.3f}" if abs(value) < 10 and value != round(value) else f"{value:.0f}"


def require_checks(checks: Iterable[Check], what: str) -> None:
    """Let nothing pass that failed.

    Raises
    ------
    DiagnosticsError
        If a check failed: one sentence with what failed, by how much, and what to do about it.
    """
    failed = [check for check in checks if not check.passed]
    if failed:
        found = ", ".join(f"{check.name} {short(check.value)} (limit {short(check.threshold)})" for check in failed)
        remedies = "; ".join(dict.fromkeys(check.remedy for check in failed if check.remedy))
        raise DiagnosticsError(f"the fit of {what} must not be used: {found}" + (f"; {remedies}" if remedies else ""))
