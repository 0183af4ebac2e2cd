"""What stands beside a stored result: what it depends on, and the hash of each of its files."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.core.hashing import hash_file
from maternal_eval.results.base import JSON_FILE

MANIFEST = "manifest.json"

_MOST_BYTES = 1_000_000
"""A manifest names some ten files; what is larger is none, and is not read."""


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
        """Read the manifest in ``folder``.

        Raises
        ------
        InputError
            If there is none, or what stands there was cut, damaged, linked or made by something else.
        """
        path = folder / MANIFEST
        try:
            if path.is_symlink() or not path.is_file():
                raise ValueError("no regular file")
            if path.stat().st_size > _MOST_BYTES:
                raise ValueError(f"more than {_MOST_BYTES:,} bytes")
            return cls._of(json.loads(path.read_text(encoding="utf-8")))
        # A recursion ends the reading of a file that is nothing but opening brackets.
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise InputError(
                "the manifest of a stored result cannot be read",
                file=path,
                found="nesting" if isinstance(error, RecursionError) else " ".join(str(error).split()),
                expected="a manifest as this version writes it",
            ) from error

    @classmethod
    def _of(cls, content: object) -> Manifest:
        if not isinstance(content, dict) or content.keys() != {field.name for field in fields(cls)}:
            raise ValueError("another layout")
        manifest = cls(**{**content, "key": Key(**content["key"])})
        texts = [manifest.study, manifest.step, *asdict(manifest.key).values()]
        if not isinstance(manifest.files, dict) or JSON_FILE not in manifest.files:
            raise ValueError(f"no {JSON_FILE} among the files")
        texts += [*manifest.files, *manifest.files.values()]
        if not all(isinstance(text, str) for text in texts) or type(manifest.seed) is not int:
            raise ValueError("another layout")
        return manifest

    def write(self, folder: Path) -> None:
        """Write the manifest into ``folder``."""
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")

    def changes(self, folder: Path) -> list[tuple[str, str, str]]:
        """Return name, found and expected hash of each file in ``folder`` that is not the one that was stored.

        A file that the manifest does not name is a change as well, since reading would take it for a part of the
        result; so is a link in the place of a file.
        """
        try:
            there = sorted(os.listdir(folder))
        except OSError:
            there = []
        changed = [(name, "one file more", "no such file") for name in there if name not in {*self.files, MANIFEST}]
        for name, expected in self.files.items():
            path = folder / name
            regular = name in there and path.is_file() and not path.is_symlink()
            found = hash_file(path) if regular else "no regular file"
            if found != expected:
                changed.append((name, found, expected))
        return changed
