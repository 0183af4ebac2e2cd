"""How long work tells how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done and how much of it is done."""

    def __call__(self, task: str, done: int, total: int) -> None:
        """Take the news that ``done`` of ``total`` parts of ``task`` are finished."""


def report(progress: Progress | None, task: str, done: int, total: int) -> None:
    """Tell ``progress``, if anybody listens."""
    if progress is not None:
        progress(task, done, total)
