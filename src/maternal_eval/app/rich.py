"""How a notebook shows a result, and what takes the place of a traceback.

A result shows its main table, its checks and one line on what to do next. An error that this package raises on purpose
is one sentence with what mends it; ``%tb`` shows the way that led there.
"""

from __future__ import annotations

import html
import sys
from typing import Any

from maternal_eval.core.errors import MaternalEvalError
from maternal_eval.results.base import Result
from maternal_eval.results.handed_out import as_html, table_of

MOST_ROWS = 12
"""Rows of a table that a cell shows at most."""


def rich_result(result: Result) -> str:
    """Return a result as HTML: its main table, its checks, and what to do next."""
    table = table_of(result)
    parts = [f"<p><b>{html.escape(type(result).__name__)}</b>: {html.escape(_about(result))}</p>"]
    parts.append(as_html(table, "en", MOST_ROWS))
    if len(table) > MOST_ROWS:
        parts.append(f"<p>{len(table) - MOST_ROWS} more rows in <code>.table()</code></p>")
    checks = getattr(result, "checks", None)
    if checks is not None and "status" in checks:
        numbers = checks["status"].value_counts().to_dict()
        parts.append(f"<p>Checks: {html.escape(', '.join(f'{count} {name}' for name, count in numbers.items()))}.</p>")
    remarks = getattr(result, "remarks", [])
    parts += [f"<p>{html.escape(one['en'])}</p>" for one in remarks[:3]]
    parts.append(f"<p>{html.escape(next_step(result))}</p>")
    return "".join(parts)


def next_step(result: Result) -> str:
    """Return one line on what can be asked of a result next."""
    figures = [name or "the main one" for name in result.figure_table()]
    drawn = f"Figures: {', '.join(figures)} — .plot('en', NAME). " if figures else ""
    failed = getattr(result, "checks", None)
    if failed is not None and "status" in failed and (failed["status"] == "failed").any():
        first = failed.loc[failed["status"] == "failed", "check"].iloc[0]
        return f"Look at the check {first!r} first: .checks says what it found. {drawn}"
    return f"{drawn}Files: write_table(table_of(result), 'table.xlsx') (also csv, parquet, tex, html)."


def _about(result: Result) -> str:
    kind = "simulated panel" if getattr(result, "simulated", False) else "real data or not said to be simulated"
    return f"study {getattr(result, 'study', '')}, {kind}"


def install(shell: Any) -> None:
    """Let a shell show results richly, and print errors of this package as one sentence."""
    if getattr(shell, "_speaks_in_sentences", False):
        return
    from maternal_eval.app.notebook import LackingError

    def said(
        shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: int | None = None
    ) -> None:
        if isinstance(error, LackingError):
            print(error)
            return
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
        print(f"{error}\n(%tb shows where it came from)", file=sys.stderr)

    def forgiven(result: Any) -> None:
        if result is not None and isinstance(result.error_in_exec, LackingError):
            result.error_in_exec = None

    shell.set_custom_exc((MaternalEvalError,), said)
    shell.events.register("post_run_cell", forgiven)
    formatter = getattr(shell, "display_formatter", None)
    if formatter is not None:
        formatter.formatters["text/html"].for_type(Result, rich_result)
    shell._speaks_in_sentences = True
