"""How the command line shows things: tables, progress, and errors as one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table

from maternal_eval.errors import InputError, MaternalEvalError
from maternal_eval.results.base import flat

BAD_INPUT = 2
"""Exit code for input that has to be mended by the user."""

FAILED = 1
"""Exit code for everything else that this package refuses, e.g. a fit that did not pass its gates."""

MOST_ROWS = 40

console = Console()
messages = Console(stderr=True)


def show_table(table: pd.DataFrame, title: str) -> None:
    """Print a table; beyond 40 rows only the first ones, and how many there are."""
    rows = flat(table)
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
    numeric = {column: pd.api.types.is_numeric_dtype(rows[column]) for column in rows}
    for column in rows:
        shown.add_column(str(column), justify="right" if numeric[column] else "left", overflow="fold")
    for row in rows.head(MOST_ROWS).itertuples(index=False):
        shown.add_row(*(escape(format_value(value)) for value in row))
    # Piped output has no width of its own: let rows be as long as they are rather than cut them at 80.
    target = console if console.is_terminal else Console(width=max(console.width, 200))
    target.print(shown)
    if len(rows) > MOST_ROWS:
        target.print(f"… {len(rows) - MOST_ROWS} more rows: --json FILE or --out DIR has them all")


def say_line(line: str) -> None:
    """Print one line as it is: brackets are no mark-up, and paths are not broken."""
    console.print(escape(line), highlight=False, soft_wrap=True)


def format_value(value: Any) -> str:
    """Return a value as a table shows it: four significant digits, nothing for what is missing."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return str(value)


class ShownProgress(AbstractContextManager["ShownProgress"]):
    """Progress of long work on the terminal; in a log one line at the start of each task."""

    def __init__(self) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=messages,
            transient=True,
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> ShownProgress:
        if messages.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *details: object) -> None:
        if details and details[0] is KeyboardInterrupt:
            messages.print("interrupted: what was finished is kept, and the same command goes on from there")
        if messages.is_terminal:
            self._bars.stop()

    def __call__(self, task: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` parts of ``task`` are finished."""
        if task not in self._tasks:
            self._tasks[task] = self._bars.add_task(task, total=total)
            if not messages.is_terminal:
                messages.print(f"… {escape(task)}", highlight=False)
        if messages.is_terminal:
            self._bars.update(self._tasks[task], completed=done, total=total)


def run(application: Callable[[], Any]) -> None:
    """Run the command line and turn each refusal into one sentence and an exit code."""
    try:
        application()
    except InputError as error:
        messages.print(f"error: {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(BAD_INPUT)
    except MaternalEvalError as error:
        messages.print(f"failed: {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(FAILED)
