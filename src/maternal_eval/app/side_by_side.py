"""Analyses side by side: what does not need each other is computed in two processes.

The results are those of one analysis after the other: each has a seed of its own, and is handed on through the store.
The process that starts the others holds the lock of each study, so that a second run waits for all of them.
"""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS, used
from maternal_eval.core.errors import MaternalEvalError
from maternal_eval.core.processes import end_with_parent, uninterrupted_children
from maternal_eval.core.progress import Progress, report
from maternal_eval.results import ResultStore
from maternal_eval.study.counts import number_of_rows

WORKERS = 2
ANSWERS = 5_000
"""Fewer answers are fitted in less time than it takes to start processes and read the study in each of them."""

LISTEN = 0.2
"""Seconds between two looks at what the processes tell of their progress."""


@dataclass(frozen=True)
class Opened:
    """How a study is opened in another process: the arguments of :meth:`Analysis.compute`."""

    folder: Path
    results: Path
    panel: Path | None
    seed: int
    quick: bool
    long_running: bool


def compute_side_by_side(
    analyses: Sequence[Analysis], panels: Mapping[str, Path], progress: Progress | None = None, workers: int = WORKERS
) -> None:
    """Compute and store what is not current of all that the studies allow.

    Small studies, and a single missing result, are left to :meth:`Analysis.result`, which computes in this process.

    Parameters
    ----------
    analyses
        Studies open for computing. Afterwards none of them computes anew what was computed here.
    panels
        Study name → panel file that was given for it.

    Raises
    ------
    InputError, DiagnosticsError
        What the first analysis in their order has raised; those that ran beside it are finished and stored.
    MaternalEvalError
        If a process was ended from outside.
    """
    large = [one for one in analyses if one.study is not None and number_of_rows(one.study) >= ANSWERS]
    missing = {(place, step): needed for place, one in enumerate(large) for step, needed in _missing(one).items()}
    if len(missing) < 2:
        return
    opened = [
        Opened(one.folder, one.store.folder, panels.get(one.name), one.seed, one.quick, one.long_running)
        for one in large
    ]
    fresh = any(one.fresh for one in large)
    with ExitStack() as held:
        for one in large:
            held.enter_context(one.store.locked(one.name, progress))
        _run(opened, missing, fresh, progress, workers)
    for one in large:
        one.fresh = False


def _missing(analysis: Analysis) -> dict[str, set[str]]:
    """Return the results that have to be computed, each with those of them that it waits for."""
    study = analysis.required_study
    steps = [name for name in analysis.possible if analysis.computes(STEPS[name])]
    current = {
        name
        for name in steps
        if not analysis.fresh and analysis.store.is_current(study.name, name, analysis.key(STEPS[name]))
    }
    left = [name for name in steps if name not in current]
    return {name: set(used(STEPS[name], study)) & set(left) for name in left}


def _run(
    opened: Sequence[Opened],
    missing: Mapping[tuple[int, str], set[str]],
    fresh: bool,
    progress: Progress | None,
    workers: int,
) -> None:
    context = get_context("spawn")
    news: Queue[tuple[str, int, int]] = context.Queue()
    waiting, running, failed = dict(missing), dict[Future[None], tuple[int, str]](), dict[tuple[int, str], Exception]()
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(news,)) as pool:
        try:
            while running or (waiting and not failed):
                undone = {*waiting, *running.values()}
                ready = [
                    task for task, needed in waiting.items() if not any((task[0], name) in undone for name in needed)
                ]
                for task in ready[: workers - len(running)] if not failed else ():
                    del waiting[task]
                    with uninterrupted_children():
                        running[pool.submit(_compute, opened[task[0]], task[1], fresh)] = task
                finished, _ = wait(running, timeout=LISTEN, return_when=FIRST_COMPLETED)
                _listen(news, progress)
                for future in finished:
                    task = running.pop(future)
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool):
                        raise MaternalEvalError(
                            f"{STEPS[task[1]].verb}: the process that computed it was ended from outside (too little "
                            "memory?); what was finished is kept, and the same command goes on from there"
                        ) from error
                    if isinstance(error, Exception):
                        failed[task] = error
        except BaseException:
            # An interruption does not wait for fits that may take an hour.
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.kill()
            raise
    _listen(news, progress)
    if failed:
        order = list(missing)
        raise failed[min(failed, key=order.index)]


def _listen(news: Queue[tuple[str, int, int]], progress: Progress | None) -> None:
    """Hand on what the processes have told of their progress."""
    while True:
        try:
            report(progress, *news.get_nowait())
        except queue.Empty:
            return


_news: Queue[tuple[str, int, int]] | None = None
_studies: dict[Opened, Analysis] = {}
"""What a process was started with, and the studies that it has read."""


def _start(news: Queue[tuple[str, int, int]]) -> None:
    global _news
    _news = news
    end_with_parent()


def _tell(task: str, done: int, total: int) -> None:
    if _news is not None:
        _news.put((task, done, total))


def _compute(opened: Opened, step: str, fresh: bool) -> None:
    """Compute one analysis and store it; what it uses is in the store."""
    if opened not in _studies:
        _studies[opened] = Analysis.compute(
            opened.folder,
            ResultStore(opened.results, held=True),
            panel=opened.panel,
            seed=opened.seed,
            quick=opened.quick,
            long_running=opened.long_running,
            progress=_tell,
        )
    analysis = _studies[opened]
    for earlier in used(STEPS[step], analysis.required_study):
        analysis.result(earlier)
    replace(analysis, fresh=fresh).result(step)
