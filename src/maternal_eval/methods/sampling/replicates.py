"""Simulation studies: the same computation over many replicates, kept on disk as they finish and taken up again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from maternal_eval.core.arguments import whole
from maternal_eval.core.files import write_whole
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import sequence, spawn

Replicate = dict[str, np.ndarray]
"""What one replicate found: arrays by name."""

_CONDITIONS = "conditions.json"


def run_replicates(
    compute: Callable[[np.random.SeedSequence], Replicate],
    count: int,
    *,
    seed: int | np.random.SeedSequence,
    kept: Path | None = None,
    conditions: str = "",
    progress: Progress | None = None,
    task: str = "replicates",
) -> list[Replicate]:
    """Return what ``compute`` finds in each of ``count`` replicates, each with its own child of ``seed``.

    A replicate depends on its own seed alone: more of them leave the earlier ones as they are, and which of them come
    from the disk makes no difference.

    Parameters
    ----------
    compute
        Takes the seed of a replicate and returns arrays by name.
    count
        Number of replicates.
    seed
        Seed of all.
    kept
        Folder in which each finished replicate is kept; the same call after an interruption goes on from there.
        Nothing is kept if None. Removing it is for the caller, once what was made of the replicates is safe.
    conditions
        What the replicates depend on beside seed and number (settings, model, versions), in any words: replicates that
        were kept under other conditions are thrown away.
    progress, task
        Told how many replicates are done.

    Raises
    ------
    InputError
        If there is no replicate to compute.
    """
    whole(count, "count", low=1)
    if kept is not None:
        parent = sequence(seed)
        _prepare(kept, f"{conditions}; seed {parent.entropy} {parent.spawn_key}")
    found: list[Replicate] = []
    report(progress, task, 0, count)
    for number, child in enumerate(spawn(seed, count)):
        path = None if kept is None else kept / f"{number:06d}.npz"
        replicate = None if path is None else _read(path)
        if replicate is None:
            replicate = compute(child)
            if path is not None:
                write_whole(path, partial(_write, replicate=replicate))
        found.append(replicate)
        report(progress, task, number + 1, count)
    return found


def _prepare(kept: Path, conditions: str) -> None:
    """Make the folder, empty if it was made under other conditions."""
    note = kept / _CONDITIONS
    text = json.dumps({"conditions": conditions}, ensure_ascii=False) + "\n"
    if kept.exists() and not (note.is_file() and note.read_bytes() == text.encode()):
        shutil.rmtree(kept)
    kept.mkdir(parents=True, exist_ok=True)
    write_whole(note, lambda path: path.write_text(text, encoding="utf-8"))


def _read(path: Path) -> Replicate | None:
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (BadZipFile, ValueError, KeyError, EOFError, AttributeError):
        return None  # damaged after it was written: computed again


def _write(path: Path, replicate: Replicate) -> None:
    with path.open("wb") as handle:
        np.savez(handle, allow_pickle=False, **replicate)
