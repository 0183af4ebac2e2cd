"""The floor plan: layers as folders, one analysis as five files, and no import that runs back up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from maternal_eval.app.steps import STEPS
from maternal_eval.results.figures import FigureOf

PACKAGE = "maternal_eval"
LAYERS = ("core", "methods", "study", "results", "analyses", "report", "simulation", "app")
"""Each layer knows only those before it."""

DOOR = "__main__"
"""The door of the command line, which is in no layer and which none of them may know."""

FIVE = ("settings", "compute", "result", "figures", "report")
LONGEST = 400
LONGER = {f"{PACKAGE}.methods.ordinal.density": 530}
"""Compiled functions that call each other stand in one file: numba's cache of machine code watches the file alone."""


def modules(root: Path) -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    source = root / "src"
    found = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(text: str, known: set[str], *, at_top: bool = False) -> Iterator[str]:
    """The modules of the package that a module imports: anywhere in it, or at its top only."""
    tree = ast.parse(text)
    for node in tree.body if at_top else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == PACKAGE)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else str(node.module)


def runs_back_up(importer: str, imported: str) -> bool:
    """Whether an import leads from a layer to one after it."""
    first, second = (name.split(".")[1:2] for name in (importer, imported))
    known = first and second and first[0] in LAYERS and second[0] in LAYERS
    return bool(known) and LAYERS.index(first[0]) < LAYERS.index(second[0])


def test_every_module_stands_in_a_layer(root: Path) -> None:
    folders = {name.split(".")[1] for name in modules(root) if "." in name}
    assert folders == {*LAYERS, DOOR}


def test_no_import_runs_back_up(root: Path) -> None:
    found = modules(root)
    wrong = [
        f"{name} imports {one}"
        for name, path in found.items()
        for one in imports(path.read_text(encoding="utf-8"), set(found))
        if runs_back_up(name, one)
    ]
    assert wrong == []


def test_the_check_sees_an_import_that_runs_back_up() -> None:
    (one,) = imports("def f():\n    from maternal_eval.app import steps\n", {"maternal_eval.app.steps"})
    assert runs_back_up("maternal_eval.methods.ahp", one)
    assert not runs_back_up("maternal_eval.app.cli", "maternal_eval.core.errors")


def test_no_circle_of_imports(root: Path) -> None:
    found = modules(root)
    graph = {
        name: {one for one in imports(path.read_text(encoding="utf-8"), set(found), at_top=True) if one != name}
        for name, path in found.items()
    }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> list[str]:
        if name in way:
            return [" -> ".join([*way[way.index(name) :], name])]
        if name in done:
            return []
        done.add(name)
        return [circle for one in sorted(graph.get(name, ())) for circle in visit(one, (*way, name))]

    assert [circle for name in graph for circle in visit(name, ())] == []


def test_methods_draw_nothing(root: Path) -> None:
    offenders = [
        name
        for name, path in modules(root).items()
        if name.startswith(f"{PACKAGE}.methods") and "matplotlib" in path.read_text(encoding="utf-8")
    ]
    assert offenders == []


@pytest.mark.parametrize("step", STEPS)
def test_an_analysis_is_five_files_found_by_name(root: Path, step: str) -> None:
    folder = root / "src" / PACKAGE / "analyses" / step
    assert [name for name in FIVE if not (folder / f"{name}.py").is_file()] == []
    row = STEPS[step]
    assert callable(row.compute)
    assert isinstance(row.settings_class, type)
    assert isinstance(row.result_class, type)


@pytest.mark.parametrize("step", STEPS)
def test_a_result_neither_computes_nor_draws(root: Path, step: str) -> None:
    found = modules(root)
    package = f"{PACKAGE}.analyses.{step}"
    for name in ("result", "figures", "report"):
        tops = set(imports(found[f"{package}.{name}"].read_text(encoding="utf-8"), set(found), at_top=True))
        assert f"{package}.compute" not in tops, name
    in_result = set(imports(found[f"{package}.result"].read_text(encoding="utf-8"), set(found)))
    assert not in_result & {f"{package}.figures", f"{package}.report"}


@pytest.mark.parametrize("step", STEPS)
def test_a_figure_has_its_alternative_text_in_both_languages(step: str) -> None:
    module = __import__(f"{STEPS[step].package}.figures", fromlist=["FIGURES"])
    for figure in module.FIGURES.values():
        assert isinstance(figure, FigureOf)
        assert figure.en.isascii() or "’" in figure.en or "×" in figure.en
        assert any("\u4e00" <= sign <= "\u9fff" for sign in figure.zh)


def test_modules_are_short(root: Path) -> None:
    lengths = {name: path.read_text(encoding="utf-8").count("\n") for name, path in modules(root).items()}
    assert {name: length for name, length in lengths.items() if length > LONGER.get(name, LONGEST)} == {}
