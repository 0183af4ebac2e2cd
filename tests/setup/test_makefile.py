"""The Makefile: every command is told, and the fast tests leave out no layer."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

from tests.setup.test_architecture import LAYERS, PACKAGE


def _commands(root: Path) -> set[str]:
    text = (root / "Makefile").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^\.PHONY: (.*)$", text, re.M)
    rules = set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.M))
    assert rules == set(listed.split()), "commands and .PHONY differ"
    return rules


def test_help_tells_every_command_and_no_other(root: Path) -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=root, capture_output=True, text=True, check=True
    )
    told = re.findall(r"^make ([a-z-]+)  +\S", shown.stdout, re.M)
    assert len(told) == len(set(told)) == len(shown.stdout.splitlines())
    assert set(told) == _commands(root)


def test_the_fast_tests_are_there_and_touch_every_layer(root: Path) -> None:
    text = (root / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    (listed,) = re.findall(r"^FAST := (.*)$", text, re.M)
    files = [root / name for name in listed.split()]
    assert [str(path) for path in files if not path.is_file()] == []
    imported = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
                imported.add(str(node.module).split(".")[1])
    assert imported >= set(LAYERS)


def test_the_papers_need_no_tools_of_development(root: Path) -> None:
    text = (root / "Makefile").read_text(encoding="utf-8")
    needs = dict(re.findall(r"^([a-z][a-z-]*): \$\(([A-Z_]+)\)$", text, re.M))
    assert {command for command, stamp in needs.items() if stamp == "STAMP"} == {"paper", "freeze", "freeze-long"}
    assert {needs[command] for command in ("test", "test-fast", "test-slow", "bench", "lab")} == {"DEV_STAMP"}


def test_neither_the_papers_nor_the_tests_need_the_packages_of_the_site(root: Path) -> None:
    text = (root / "Makefile").read_text(encoding="utf-8")
    users = [line for line in text.splitlines() if "DOCS_STAMP" in line and not line.startswith(("DOCS_STAMP", "\t"))]
    assert users == ["docs: $(DOCS_STAMP)", "$(DOCS_STAMP): requirements-docs.lock $(STAMP)"]
