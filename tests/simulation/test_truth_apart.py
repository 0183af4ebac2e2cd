"""The analyses never read the truth: only the simulation and the recovery checks do."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

ALLOWED = {"simulate_study", "DEFAULT_SEED"}  # what others may take from the simulation: nothing that shows the truth
SECRET_MODULES = ("verification.recovery", "maternal_eval.simulation")
FORBIDDEN_TEXT = ("data/truth", "truth/maternal", "maternal.json", "truth.json")


def sources(root: Path) -> list[tuple[str, str]]:
    """Python source of every module and notebook that must not know the truth."""
    package = root / "src" / "maternal_eval"
    found = [
        (str(path.relative_to(root)), path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
        if package / "simulation" not in path.parents
    ]
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        lines = [line for cell in code for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
        found.append((str(path.relative_to(root)), "\n".join(lines)))
    return found


def offences(source: str) -> list[str]:
    """Uses of the truth in Python source."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith(SECRET_MODULES)]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            if node.module in ("maternal_eval", "verification") and names & {"recovery", "simulation"}:
                found.append(f"from {node.module} import {sorted(names)}")
            elif node.module == "maternal_eval.simulation":
                found += sorted(names - ALLOWED)
            elif node.module.startswith(SECRET_MODULES):
                found.append(node.module)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += [text for text in FORBIDDEN_TEXT if text in node.value]
            found += [node.value] if node.value.startswith(SECRET_MODULES) else []  # import_module("…")
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            found += [name] if name == "read_truth" else []
    return found


def test_no_module_and_no_notebook_reads_the_truth(root: Path) -> None:
    checked = sources(root)
    assert len(checked) > 20
    guilty = {name: found for name, source in checked if (found := offences(source))}
    assert guilty == {}


@pytest.mark.parametrize(
    "source",
    [
        "from verification.recovery import read_truth",
        "from verification import recovery",
        "import verification.recovery as r",
        "from maternal_eval.simulation import simulate_panel",
        "from maternal_eval.simulation.truth import Truth",
        "open('data/truth/maternal.json')",
        "x = pathlib.Path('..') / 'truth.json'",
        "recovery.read_truth()",
        "importlib.import_module('verification.recovery')",
    ],
)
def test_the_check_sees_each_way_to_the_truth(source: str) -> None:
    assert offences(source)


def test_the_check_lets_the_command_pass() -> None:
    assert offences("from maternal_eval.simulation import simulate_study, DEFAULT_SEED\n'the known truth'") == []


def test_the_truth_lies_outside_the_study(root: Path) -> None:
    study = root / "data" / "maternal"
    assert not [path for path in study.rglob("*") if "truth" in path.name.lower()]
    assert (root / "data" / "truth" / "maternal.json").exists()
