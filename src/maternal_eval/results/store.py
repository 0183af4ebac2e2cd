"""A folder of stored results, one sub-folder per study and analysis, each with a manifest of hashes.

A new result takes the place of the old one in three renames: ``.<step>.unfinished`` becomes ``.<step>.new`` when it is
whole and on the disk; the old folder steps aside as ``.<step>.old``; the new one moves in. Reading looks into the place
and then for ``.new``, so that there is no moment at which neither is found, and whoever holds the lock of the study
finishes what a killed run has left half-way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from maternal_eval.core.errors import InputError
from maternal_eval.core.files import OWNER_ONLY, OWNER_ONLY_FOLDER, to_disk
from maternal_eval.core.hashing import hash_bytes, hash_file
from maternal_eval.core.progress import Progress, report
from maternal_eval.results.base import Result
from maternal_eval.results.manifest import MANIFEST, Key, Manifest

_NEW, _OLD, _UNFINISHED = "new", "old", "unfinished"


class ResultStore:
    """Results on disk, found by study and analysis and trusted only if their manifest says so.

    Parameters
    ----------
    folder
        Holds one folder per study; made when something is stored.
    private
        Whether only the owner may read what is stored: results say much about the answers. False for a frozen
        edition, which is made to be published.
    held
        The process that started this one holds the locks: none is taken here, and nothing is put in order.
    """

    def __init__(self, folder: Path, *, private: bool = True, held: bool = False) -> None:
        self.folder, self.private, self.held = folder, private, held

    def place(self, study: str, step: str) -> Path:
        """Return the folder of one result."""
        return self.folder / study / step

    def _aside(self, study: str, step: str, kind: str) -> Path:
        return self.folder / study / f".{step}.{kind}"

    def _found(self, study: str, step: str) -> Path | None:
        """Return the folder in which a result is now: its place, or where it waits to be moved there."""
        place = self.place(study, step)
        # The place again at the end: the new one may have moved in between the first two looks.
        for folder in (place, self._aside(study, step, _NEW), place):
            if (folder / MANIFEST).is_file() and not folder.is_symlink():
                return folder
        return None

    def has(self, study: str, step: str) -> bool:
        """Whether a result is stored, current or not."""
        return self._found(study, step) is not None

    def manifest(self, study: str, step: str) -> Manifest:
        """Return the manifest of a stored result.

        Raises
        ------
        InputError
            If there is none, or it cannot be read.
        """
        return Manifest.read(self._found(study, step) or self.place(study, step))

    def is_current(self, study: str, step: str, key: Key) -> bool:
        """Whether a result with exactly this key is stored, each of its files as it was.

        What is damaged, foreign or made by another version is not current.
        """
        folder = self._found(study, step)
        if folder is None:
            return False
        try:
            manifest = Manifest.read(folder)
            of_this = (manifest.study, manifest.step, manifest.key) == (study, step, key)
            return of_this and not manifest.changes(folder)
        except (InputError, OSError):
            return False

    def load[R: Result](self, result_class: type[R], study: str, step: str) -> R:
        """Read a stored result after holding each file to its hash.

        Raises
        ------
        InputError
            If there is none, or a file is not the one that was stored.
        """
        folder = self._found(study, step)
        if folder is None:
            raise InputError(
                f"no stored result of {step!r} for study {study!r}",
                file=self.place(study, step),
                expected="a result computed before",
            )
        for name, found, expected in Manifest.read(folder).changes(folder):
            raise InputError(
                "the stored result was changed after it was made",
                file=folder / name,
                found=found,
                expected=f"{expected} as its manifest says",
            )
        try:
            return result_class.load(folder)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk
            raise InputError(
                "the stored result cannot be read",
                file=folder,
                found=error,
                expected="files as this version writes them",
            ) from error

    def kept(self, study: str, step: str, key: Key) -> Path:
        """Return the folder in which an analysis with this key keeps what it has finished until its result is stored.

        What was kept under another key is removed.
        """
        folder = self._aside(study, step, f"kept-{hash_bytes(repr(key).encode())}")
        self._forget_kept(study, step, but=folder)
        return folder

    def _forget_kept(self, study: str, step: str, but: Path | None = None) -> None:
        for folder in (self.folder / study).glob(f".{step}.kept-*"):
            if folder != but:
                _remove(folder)

    def save(self, result: Result, study: str, step: str, key: Key, seed: int) -> None:
        """Store a result; what was there before is replaced only when the new one is whole."""
        with self.locked(study):
            with self._unfinished(study, step) as unfinished:
                result.save(unfinished)
                files = {path.name: hash_file(path) for path in sorted(unfinished.iterdir())}
                Manifest(study, step, seed, key, files).write(unfinished)
                self._put_in_place(study, step)
            self._forget_kept(study, step)

    def copy_from(self, other: ResultStore, study: str, step: str) -> None:
        """Take over a result of another store as it is."""
        source = other._found(study, step) or other.place(study, step)
        with self.locked(study), self._unfinished(study, step) as unfinished:
            for path in sorted(source.iterdir()):
                shutil.copyfile(path, unfinished / path.name)
            self._put_in_place(study, step)

    def remove(self, study: str, step: str) -> None:
        """Remove a result."""
        with self.locked(study):
            self._set_aside(study, step)
            _remove(self._aside(study, step, _OLD))

    def steps(self, study: str) -> list[str]:
        """Return the analyses of which a result of ``study`` is stored."""
        folder = self.folder / study
        names = {path.parent.name for path in folder.glob(f"*/{MANIFEST}")}
        steps = {name.removeprefix(".").removesuffix(f".{_NEW}") for name in names if name.endswith(f".{_NEW}")}
        return sorted(steps | {name for name in names if name[0] != "."})

    def studies(self) -> list[str]:
        """Return the studies of which a result is stored."""
        return sorted(path.name for path in self.folder.glob("*") if path.name[0] != "." and self.steps(path.name))

    @contextmanager
    def locked(self, study: str, progress: Progress | None = None) -> Iterator[None]:
        """Hold the results of a study alone; a second run waits and says for which process.

        The lock is let go by the system when its process ends, however it ends. What a killed run has left half-way
        is put in order first. Taking it twice within a thread is taking it once.
        """
        folder = self.folder / study
        self._make(folder)
        if self.held:
            yield
            return
        lock = _lock(folder)
        first = not lock.is_locked
        try:
            lock.acquire(timeout=0)
        except Timeout:
            report(progress, f"waiting for process {_holder(folder)}, which works on {study}", 0, 1)
            lock.acquire()
        try:
            if first:
                with suppress(OSError):
                    (folder / ".holder").write_text(str(os.getpid()), encoding="ascii")
                self._recover(folder)
            yield
        finally:
            if first:
                (folder / ".holder").unlink(missing_ok=True)
            lock.release()

    def settle(self, study: str) -> None:
        """Put in order what a killed run has left of a study, unless another run is at work there."""
        folder = self.folder / study
        left = [path for path in folder.glob(".*") if path.suffix[1:] in (_NEW, _OLD, _UNFINISHED)]
        with suppress(Timeout, OSError):
            if left and not self.held:
                with _lock(folder).acquire(timeout=0):
                    self._recover(folder)

    def _recover(self, folder: Path) -> None:
        """Finish the moves that a killed run has begun, and remove what it has left."""
        for path in sorted(folder.glob(".*")):
            step, _, kind = path.name.removeprefix(".").rpartition(".")
            if kind == _NEW and step:
                self._move_in(folder.name, step)
        for path in sorted(folder.glob(".*")):
            step, _, kind = path.name.removeprefix(".").rpartition(".")
            if kind == _OLD and step and not os.path.lexists(folder / step):
                path.rename(folder / step)
            elif kind in (_OLD, _UNFINISHED) and step:
                _remove(path)

    @contextmanager
    def _unfinished(self, study: str, step: str) -> Iterator[Path]:
        """Give a new, empty folder beside the result's place in which it can be made; gone if that fails."""
        unfinished = self._aside(study, step, _UNFINISHED)
        _remove(unfinished)
        self._make(unfinished)
        try:
            yield unfinished
        finally:
            _remove(unfinished)

    def _make(self, folder: Path) -> None:
        """Make a folder; one of our own results is for its owner alone."""
        if not self.private:
            folder.mkdir(parents=True, exist_ok=True)
            return
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        for path in (self.folder, *reversed([p for p in folder.parents if self.folder in p.parents]), folder):
            path.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        with suppress(OSError):
            self.folder.chmod(OWNER_ONLY_FOLDER)

    def _put_in_place(self, study: str, step: str) -> None:
        """Move a result that is whole to its place."""
        unfinished = self._aside(study, step, _UNFINISHED)
        for path in unfinished.iterdir():
            if self.private:
                path.chmod(OWNER_ONLY)
            to_disk(path)
        to_disk(unfinished)
        new = self._aside(study, step, _NEW)
        _remove(new)
        unfinished.rename(new)
        to_disk(new.parent)
        self._move_in(study, step)

    def _move_in(self, study: str, step: str) -> None:
        self._set_aside(study, step)
        self._aside(study, step, _NEW).rename(self.place(study, step))
        to_disk(self.folder / study)
        _remove(self._aside(study, step, _OLD))

    def _set_aside(self, study: str, step: str) -> None:
        """Move what stands in the place of a result aside, whatever it is."""
        place, old = self.place(study, step), self._aside(study, step, _OLD)
        if os.path.lexists(place):
            _remove(old)
            place.rename(old)


def _remove(path: Path) -> None:
    """Remove a folder, file or link, if there is one; a link's target stays."""
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    elif os.path.lexists(path):
        shutil.rmtree(path)


def _lock(folder: Path) -> FileLock:
    """Return the lock of a study: one per process, so that two stores of one folder do not wait for each other."""
    return FileLock(folder.resolve() / ".lock", mode=OWNER_ONLY, is_singleton=True)


def _holder(folder: Path) -> str:
    try:
        return (folder / ".holder").read_text(encoding="ascii")[:20]
    except (OSError, ValueError):
        return "of another run"
