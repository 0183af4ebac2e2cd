"""An empty study to fill in: what ``maternal-eval new`` writes, kept as files in the folder ``empty_study``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from maternal_eval.core.errors import InputError

EMPTY_STUDY = resources.files("maternal_eval.study") / "empty_study"
"""The files of an empty study: study.toml with every table explained, indicators and a panel without answers."""


def template_files() -> dict[str, str]:
    """Return the files of an empty study: name → text."""
    return {file.name: file.read_text(encoding="utf-8") for file in EMPTY_STUDY.iterdir()}


def write_template(folder: Path) -> None:
    """Write a study with an empty panel into a new or empty folder.

    Raises
    ------
    InputError
        If the folder holds anything already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError("the folder is not empty", file=folder, expected="a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in template_files().items():
        (folder / name).write_text(content, encoding="utf-8")
