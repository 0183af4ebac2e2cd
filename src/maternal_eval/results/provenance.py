"""What a result depends on: hashes over data, settings, code and package versions."""

from __future__ import annotations

import ast
import dataclasses
import importlib.metadata
import importlib.util
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from maternal_eval.core.hashing import hash_bytes

PACKAGE = "maternal_eval"

NUMERICAL_PACKAGES = (
    "arviz",
    "arviz-stats",
    "duckdb",
    "numba",
    "numpy",
    "nutpie",
    "pandas",
    "pymc",
    "pytensor",
    "salib",
    "scikit-learn",
    "scipy",
    "xarray",
)
"""Packages whose version can change a number; all are pinned in requirements.lock."""


DRAWING_PACKAGES = ("matplotlib", "pypandoc-binary", "typst")
"""Packages whose version can change a figure or a paper."""

SHOWING = ("result", "figures", "report", "text")
"""Modules of an analysis that show what was found and compute nothing of it."""

TELLING = ("comparison", "figures", "findings", "numbers", "plotting", "reported", "schema", "tables", "vocabulary")
"""Modules of the results that tell, write or compare what was found."""


def _shows(module: str) -> bool:
    parts = module.split(".")
    of_analysis = parts[1:2] == ["analyses"] and len(parts) == 4 and parts[3] in SHOWING
    return of_analysis or (parts[1:2] == ["results"] and len(parts) >= 3 and parts[2] in TELLING)


def hash_settings(settings: Any, seed: int, shared: Mapping[str, Any] | None = None) -> str:
    """Return the hash of an analysis' settings (a dataclass) and of the seed that it really uses.

    ``shared`` holds the tables of [model] in study.toml that it reads besides; others do not count.
    """
    content = {"settings": dataclasses.asdict(settings), "seed": seed, "model": dict(shared or {})}
    return hash_bytes(json.dumps(content, sort_keys=True, default=str).encode())


@cache
def hash_packages() -> str:
    """Return the hash of the versions of all packages that can change a number."""
    lines = [f"{name} {importlib.metadata.version(name)}" for name in NUMERICAL_PACKAGES]
    return hash_bytes("\n".join(lines).encode())


@cache
def hash_code(*modules: str) -> str:
    """Return the hash of modules and of everything of this package that they import at their top.

    Comments, layout and docstrings do not count, and neither does what only shows a result (:data:`SHOWING`): a
    changed caption, figure, table or sentence computes nothing anew.
    """
    return _hash_needed(modules, _shows)


@cache
def hash_shown(*modules: str) -> str:
    """Return the hash of modules and of all that they import at their top, what shows a result included.

    Figures and papers depend on it, and on the versions of what draws and sets them.
    """
    drawing = [f"{name} {importlib.metadata.version(name)}" for name in DRAWING_PACKAGES]
    return hash_bytes("\n".join([_hash_needed(modules, lambda _: False), *drawing]).encode())


@cache
def hash_package(but: tuple[str, ...] = ()) -> str:
    """Return the hash of all modules of this package, figures and texts of tables included.

    ``but`` names analyses whose figures, tables and texts (:data:`SHOWING`) do not count.
    """
    root = Path(__file__).parents[1]
    modules = {".".join((PACKAGE, *p.relative_to(root).with_suffix("").parts)): p for p in root.rglob("*.py")}
    left_out = tuple(f"{PACKAGE}.analyses.{name}." for name in but)
    counted = {name: p for name, p in modules.items() if not (_shows(name) and name.startswith(left_out))}
    return hash_bytes("\n".join(_lines(counted)).encode())


def _hash_needed(modules: tuple[str, ...], left_out: Callable[[str], bool]) -> str:
    needed: dict[str, Path] = {}
    for module in modules:
        _add_needed(module, needed, left_out)
    return hash_bytes("\n".join(_lines(needed)).encode())


def _lines(modules: dict[str, Path]) -> list[str]:
    """Return one line a module: its name and the hash of its code as Python writes it, which no version changes."""
    return [f"{name} {_hash_module(path)}" for name, path in sorted(modules.items())]


def _hash_module(path: Path) -> str:
    return _parsed(path)[0]


@cache
def _parsed(path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the hash of a module's normalised code and what it imports from this package at its top."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return hash_bytes(_without_bare_strings(tree).encode()), tuple(_imports(tree))


def normalised_code(text: str) -> str:
    """Return Python code without comments, layout and strings that stand alone (docstrings)."""
    return _without_bare_strings(ast.parse(text))


def _without_bare_strings(tree: ast.Module) -> str:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [item for item in body if not _is_bare_string(item)] or [ast.Pass()]  # type: ignore[attr-defined]
        # Only statements hold statements: expressions, most of a tree, are not walked through.
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, part, None)
            if isinstance(inner, list):
                waiting += inner
    return ast.unparse(tree)


def _is_bare_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _add_needed(module: str, found: dict[str, Path], left_out: Callable[[str], bool]) -> None:
    """Add a module and all that it needs to ``found``."""
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = None if name in found or left_out(name) else _source_of(name)
        if path is None:
            continue
        found[name] = path
        # Importing a module runs the packages around it: their __init__ counts too.
        waiting += [name.rpartition(".")[0]] if "." in name else []
        waiting += _parsed(path)[1]


def _imports(tree: ast.Module) -> list[str]:
    """Return the names that a module imports from this package at its top; some are functions and no modules."""
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.startswith(PACKAGE)]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            names.append(str(node.module))
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


@cache
def _source_of(name: str) -> Path | None:
    top, *parts = name.split(".")
    if top == PACKAGE:
        # Looked up as files: finding a module in Python's own way imports the packages around it.
        place = Path(__file__).parents[1].joinpath(*parts)
        return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        # "from module import function" was tried as a module of its own: it is none.
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None
