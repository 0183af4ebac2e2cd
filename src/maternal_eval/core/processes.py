"""Processes of our own: an interruption is for the parent to tell, and none of them outlives it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process


@contextmanager
def uninterrupted_children() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: each would print a traceback of its own.

    A terminal sends the signal to all processes at once. Whoever is started here inherits that it is held back; the
    parent gets what came meanwhile at the end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent() -> None:
    """Let this process end when its parent does, even if that was killed; the initialiser of pools of processes."""
    parent = parent_process()
    if parent is not None:

        def watch() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=watch, daemon=True).start()
