"""A folder of stored results, one sub-folder per study and analysis, each with a manifest of hashes."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from maternal_eval.errors import InputError
from maternal_eval.results.base import Result
from maternal_eval.results.provenance import hash_bytes, hash_file

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Key:
    """What a result depends on. Two equal keys stand for the same computation."""

    data: str
    settings: str
    code: str
    packages: str

    def differences(self, other: Key) -> list[str]:
        """Return the names of the parts in which two keys differ."""
        return [field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)]


@dataclass(frozen=True)
class Manifest:
    """What stands beside a stored result: its key, its seed and the hash of each of its files."""

    study: str
    step: str
    seed: int
    key: Key
    files: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest in ``folder``."""
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return cls(**{**content, "key": Key(**content["key"])})

    def write(self, folder: Path) -> None:
        """Write the manifest into ``folder``."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


class ResultStore:
    """Results on disk, found by study and analysis and trusted only if their manifest says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, study: str, step: str) -> Path:
        """Return the folder of one result."""
        return self.folder / study / step

    def has(self, study: str, step: str) -> bool:
        """Whether a result is stored, current or not."""
        return (self.place(study, step) / MANIFEST).is_file()

    def manifest(self, study: str, step: str) -> Manifest:
        """Return the manifest of a stored result."""
        return Manifest.read(self.place(study, step))

    def is_current(self, study: str, step: str, key: Key) -> bool:
        """Whether a result with exactly this key is stored, each of its files as it was."""
        if not self.has(study, step):
            return False
        return self.manifest(study, step).key == key and not self._changed_files(study, step)

    def _changed_files(self, study: str, step: str) -> list[tuple[str, str, str]]:
        """Return name, found and expected hash of each file that is not the one that was stored."""
        changed = []
        for name, expected in self.manifest(study, step).files.items():
            path = self.place(study, step) / name
            found = hash_file(path) if path.is_file() else "no file"
            if found != expected:
                changed.append((name, found, expected))
        return changed

    def load[R: Result](self, result_class: type[R], study: str, step: str) -> R:
        """Read a stored result after holding each file to its hash.

        Raises
        ------
        InputError
            If there is none, or a file is not the one that was stored.
        """
        folder = self.place(study, step)
        if not self.has(study, step):
            raise InputError(
                f"no stored result of {step!r} for study {study!r}", file=folder, expected="a result computed before"
            )
        for name, found, expected in self._changed_files(study, step):
            raise InputError(
                "the stored result was changed after it was made",
                file=folder / name,
                found=found,
                expected=f"{expected} as its manifest says",
            )
        return result_class.load(folder)

    def kept(self, study: str, step: str, key: Key) -> Path:
        """Return the folder in which an analysis with this key keeps what it has finished until its result is stored.

        What was kept under another key is removed.
        """
        folder = self.place(study, step).with_name(f".{step}.kept-{hash_bytes(repr(key).encode())}")
        self._forget_kept(study, step, but=folder)
        return folder

    def _forget_kept(self, study: str, step: str, but: Path | None = None) -> None:
        for folder in (self.folder / study).glob(f".{step}.kept-*"):
            if folder != but:
                shutil.rmtree(folder)

    def save(self, result: Result, study: str, step: str, key: Key, seed: int) -> None:
        """Store a result; what was there before is replaced only when the new one is whole."""
        folder = self.place(study, step)
        unfinished = self._unfinished(study, step)
        result.save(unfinished)
        files = {path.name: hash_file(path) for path in sorted(unfinished.iterdir())}
        Manifest(study, step, seed, key, files).write(unfinished)
        self._put_in_place(unfinished, folder)
        self._forget_kept(study, step)

    def copy_from(self, other: ResultStore, study: str, step: str) -> None:
        """Take over a result of another store as it is."""
        unfinished = self._unfinished(study, step)
        shutil.copytree(other.place(study, step), unfinished)
        self._put_in_place(unfinished, self.place(study, step))

    def remove(self, study: str, step: str) -> None:
        """Remove a result."""
        shutil.rmtree(self.place(study, step))

    def _unfinished(self, study: str, step: str) -> Path:
        """Return a folder beside the result's place in which it can be made; there is none yet."""
        unfinished = self.place(study, step).with_name(f".{step}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        return unfinished

    @staticmethod
    def _put_in_place(unfinished: Path, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)

    def steps(self, study: str) -> list[str]:
        """Return the analyses of which a result of ``study`` is stored."""
        folder = self.folder / study
        return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}") if path.parent.name[0] != ".")
