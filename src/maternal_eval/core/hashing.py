"""Hashes of bytes and files: what tells whether two things are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def hash_bytes(content: bytes) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()[:16]


def hash_file(path: Path) -> str:
    """Return the hash of a file's content, which may be larger than the memory."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()[:16]


def hash_files(paths: Iterable[Path]) -> str:
    """Return one hash for several files, by name and content."""
    lines = sorted(f"{path.name} {hash_file(path)}" for path in paths)
    return hash_bytes("\n".join(lines).encode())
