"""What the analysis ``explorer`` gives to the papers: nothing of its own."""

from __future__ import annotations

from typing import Any

from maternal_eval.results.reported import Reported


def collect(into: Reported, result: Any) -> None:
    """Report nothing."""
