"""How many threads are used, of this package, of BLAS and of compiled code, in one place.

With them, matrix products whose last bit does not hang on that number.

BLAS shares a product out over its threads and adds the parts up in an order that follows their number: the same numbers
come out different in the last bit where a process has one thread (a worker of a cluster) and where it has two. Here a
product is made of fixed blocks of rows, each by one thread, as many at a time as the process may use.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

ROWS = 128
"""Rows of a block: a constant, because the result hangs on it."""


def allowed() -> int:
    """Return how many threads this process may use: its processors, or fewer where OMP_NUM_THREADS says so."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    stated = os.environ.get("OMP_NUM_THREADS", "")
    return min(processors, int(stated)) if stated.isdigit() and int(stated) > 0 else processors


class _Limit:
    """One thread for BLAS while somebody needs it; counts who does, because that limit is the process's.

    OpenMP keeps a limit for each thread: it holds in the thread that came first, and a pool in another one is free.
    """

    def __init__(self) -> None:
        self.lock, self.users = threading.Lock(), 0
        self.held: Any = None

    def enter(self) -> None:
        with self.lock:
            if not self.users:
                # looked up anew: libraries that were loaded meanwhile are limited too
                self.held = ThreadpoolController().limit(limits=1)
                self.held.__enter__()
            self.users += 1

    def leave(self) -> None:
        with self.lock:
            self.users -= 1
            if not self.users:
                held, self.held = self.held, None
                held.__exit__(None, None, None)


_limit = _Limit()


@contextmanager
def single_thread() -> Iterator[None]:
    """Let the numerical libraries use one thread while the context is open, and as many as before afterwards."""
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()


def side_by_side(most: int | None = None) -> ThreadPoolExecutor:
    """Return threads that work at the same time: as many as this process may use, ``most`` at the most.

    Where what they call has threads of its own (BLAS, OpenMP), keep these to one each with :func:`single_thread`: two
    threads that each call a library with two threads wait for each other.
    """
    return ThreadPoolExecutor(allowed() if most is None else min(most, allowed()))


def bound_compiled() -> None:
    """Let parallel loops of compiled code that this thread calls use no more threads than the process may."""
    import numba

    numba.set_num_threads(min(allowed(), int(numba.config.NUMBA_NUM_THREADS)))  # type: ignore[attr-defined]


def product(left: np.ndarray, right: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return ``left @ right`` (two matrices), the same to the last bit for every number of threads.

    Parameters
    ----------
    left, right
        Rows × inner, inner × columns.
    out
        Where to put it; a new array if None.

    Examples
    --------
    >>> product(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    result = np.empty((left.shape[0], right.shape[1]), np.result_type(left, right)) if out is None else out
    starts = range(0, left.shape[0], ROWS)

    def block(start: int) -> None:
        rows = slice(start, start + ROWS)
        np.matmul(left[rows], right, out=result[rows])

    with single_thread():
        if len(starts) < 2 or allowed() == 1:
            for start in starts:
                block(start)
        else:
            with side_by_side(len(starts)) as pool:
                list(pool.map(block, starts))
    return result
