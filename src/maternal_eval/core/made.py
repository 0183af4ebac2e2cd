"""What was made from what: a file is made again only if what it depends on has changed, or the file itself has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from maternal_eval.core.files import write_whole
from maternal_eval.core.hashing import hash_file


def is_made(stamp: Path, key: str, files: Sequence[Path]) -> bool:
    """Whether ``files`` are those that :func:`mark_made` saw with the same ``key``.

    A stamp that is missing, cut or of another layout, and a file that is missing or was changed, say no.
    """
    try:
        content = json.loads(stamp.read_text(encoding="utf-8"))
        return bool(content == _content(key, files))
    except (OSError, ValueError, RecursionError):
        return False


def mark_made(stamp: Path, key: str, files: Sequence[Path]) -> None:
    """Note beside the ``files`` that they were made from what ``key`` stands for."""
    text = json.dumps(_content(key, files), indent=1, sort_keys=True) + "\n"
    write_whole(stamp, partial(Path.write_text, data=text, encoding="utf-8"))


def _content(key: str, files: Sequence[Path]) -> dict[str, object]:
    return {"key": key, "files": {path.name: hash_file(path) for path in files}}
