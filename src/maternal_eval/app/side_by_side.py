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
from maternal_eval.app.left_out import REFUSALS, note_left_out
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
    analyses: Sequence[Analysis],
    panels: Mapping[str, Path],
    progress: Progress | None = None,
    workers: int = WORKERS,
    *,
    leave_out: bool = False,
) -> None:
    """Compute and store what is not current of all that the studies allow.

    Small studies, and a single missing result, are left to :meth:`Analysis.result`, which computes in this process.

    Parameters
    ----------
    analyses
        Studies open for computing. Afterwards none of them computes anew what was computed here.
    panels
        Study name → panel file that was given for it.
    leave_out
        Go on without an analysis that refuses, and note it in ``left_out`` of its study.

    Raises
    ------
    InputError, DiagnosticsError
        What the first analysis in their order has raised; those that ran beside it are finished and stored. None with
        ``leave_out``.
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
        _run(opened, missing, fresh, progress, workers, large if leave_out else None)
    for one in large:
        one.fresh = False


def compute_what_is_possible(analysis: Analysis, panels: Mapping[str, Path], progress: Progress | None = None) -> None:
    """Compute and store what the study allows; ``left_out`` of the analysis has what was refused meanwhile.

    Raises
    ------
    InputError
        If the study itself is wrong, as ``check`` says.
    """
    if "check" in analysis.possible:
        analysis.result("check")
    compute_side_by_side([analysis], panels, progress, leave_out=True)
    for step in analysis.possible:
        if step not in analysis.left_out:
            try:
                analysis.result(step)
            except REFUSALS as error:
                note_left_out(analysis, step, error)


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
    tolerant: Sequence[Analysis] | None,
) -> None:
    """Run what is missing; ``tolerant``: the studies, in which it is noted what was left out."""
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
                    without = tuple(tolerant[task[0]].left_out) if tolerant is not None else ()
                    with uninterrupted_children():
                        running[pool.submit(_compute, opened[task[0]], task[1], fresh, without)] = task
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
                    if tolerant is not None and isinstance(error, REFUSALS):
                        note_left_out(tolerant[task[0]], task[1], error)
                        for gone in tolerant[task[0]].left_out:
                            waiting.pop((task[0], gone), None)
                    elif isinstance(error, Exception):
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


def _compute(opened: Opened, step: str, fresh: bool, without: Sequence[str] = ()) -> None:
    """Compute one analysis and store it; what it uses is in the store, apart from what was left out."""
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
    for gone in without:
        # Only its name matters here: why is known where it is said.
        analysis.left_out.setdefault(gone, MaternalEvalError(gone))
    for earlier in analysis.uses(STEPS[step]):
        analysis.result(earlier)
    replace(analysis, fresh=fresh).result(step)
