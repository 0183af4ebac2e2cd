"""Which test holds which row of the extension map in CONTRIBUTING.md."""

from __future__ import annotations

from collections.abc import Callable

HELD: dict[str, list[str]] = {}
"""Row of the map → the tests that hold it."""


def promise[F: Callable[..., None]](row: str) -> Callable[[F], F]:
    """Mark a test as one that holds a row of the map."""

    def mark(test: F) -> F:
        HELD.setdefault(row, []).append(test.__name__)
        return test

    return mark
