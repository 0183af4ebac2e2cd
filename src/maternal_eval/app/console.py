"""How the command line shows things: tables, lines and progress, the texts in them shown as they are.

Every text goes through :func:`maternal_eval.core.printable.visible`, and nothing in it is mark-up: neither ``[bold]``
nor an escape sequence in a name of the study does anything to the terminal.
"""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from maternal_eval.core.printable import visible
from maternal_eval.core.words import Words
from maternal_eval.results.base import flat

MOST_ROWS = 40


class _Terminal(Console):
    """A console that takes no text for mark-up, and goes on in silence when its reader has gone (``| head``)."""

    def __init__(self, *, stderr: bool = False, width: int | None = None) -> None:
        super().__init__(stderr=stderr, width=width, markup=False, emoji=False, highlight=False)

    def on_broken_pipe(self) -> None:
        """Say nothing more; what the verb writes into files is still written."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


console = _Terminal()
messages = _Terminal(stderr=True)


def show_table(table: pd.DataFrame, title: str) -> None:
    """Print a table; beyond 40 rows only the first ones, and how many there are."""
    rows = flat(table)
    shown = Table(title=Text(visible(title)), title_justify="left", title_style="bold", header_style="bold")
    numeric = {column: pd.api.types.is_numeric_dtype(rows[column]) for column in rows}
    for column in rows:
        shown.add_column(Text(visible(str(column))), justify="right" if numeric[column] else "left", overflow="fold")
    for row in rows.head(MOST_ROWS).itertuples(index=False):
        shown.add_row(*(Text(visible(format_value(value))) for value in row))
    # Piped output has no width of its own: let rows be as long as they are rather than cut them at 80.
    target = console if console.is_terminal else _Terminal(width=max(console.width, 200))
    target.print(shown)
    if len(rows) > MOST_ROWS:
        target.print(f"… {len(rows) - MOST_ROWS} more rows: --json FILE or --out DIR has them all")


def in_words(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return a table with the words of the study in its headings, and in the names of facts and roles."""
    usual = {"stage": "{stage}", "stages": "{stages}", "platform": "{platform}", "platforms": "{platforms}"}
    usual |= {"respondent": "{respondent}", "respondents": "{respondents}", "answers": "{answers}"}
    usual |= {"answers without a stage": "{answers} without {a stage}"}
    told = {name: words.fill(text, "en") for name, text in usual.items()}
    taken = {str(name) for name in table.columns}
    shown = table.rename(columns={name: word for name, word in told.items() if word not in taken})
    for column in ("fact", "role"):
        if column in shown:
            shown[column] = [
                ", ".join(told.get(part, part) for part in str(cell).split(", ")) for cell in shown[column]
            ]
    return shown


def say_line(line: str) -> None:
    """Print one line as it is: brackets are no mark-up, control signs are written out, and paths are not broken."""
    console.print(Text(visible(line)), soft_wrap=True)


def format_value(value: Any) -> str:
    """Return a value as a table shows it: four significant digits, nothing for what is missing."""
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        value += 0.0  # a share of -0 is 0
        return f"{value:.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return str(value)


class ShownProgress(AbstractContextManager["ShownProgress"]):
    """Progress of long work on the terminal; in a log one line at the start of each task."""

    def __init__(self) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),
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
        if messages.is_terminal:
            self._bars.stop()

    def __call__(self, task: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` parts of ``task`` are finished."""
        if task not in self._tasks:
            self._tasks[task] = self._bars.add_task(visible(task), total=total)
            if not messages.is_terminal:
                messages.print(Text(f"… {visible(task)}"), soft_wrap=True)
        if messages.is_terminal:
            self._bars.update(self._tasks[task], completed=done, total=total)
