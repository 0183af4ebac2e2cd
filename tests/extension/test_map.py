"""Every row of the extension map in CONTRIBUTING.md is held by a test, and every test by a row."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.extension import promises

KEPT_ELSEWHERE = {
    "a study": "tests.study.test_study",
    "what real data say about a claim": "tests.reporting.test_real_evidence",
    "a paper": "tests.reporting.test_papers",
    "a sentence, table or figure of a paper": "tests.reporting.test_papers",
}
"""Rows that other tests hold."""


def test_every_row_of_the_map_is_held(root: Path) -> None:
    for name in ("test_rows", "test_analysis"):
        importlib.import_module(f"tests.extension.{name}")
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| to add | touch |") :].partition("\n\n")[0]
    rows = {match[0].lower() + match[1:] for match in re.findall(r"^\| \*\*(.+?)\*\* \|", table, re.M)}
    assert rows == set(promises.HELD) | set(KEPT_ELSEWHERE)
    for module in KEPT_ELSEWHERE.values():
        importlib.import_module(module)


def test_the_tables_that_the_map_names_are_there(root: Path) -> None:
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| to add | touch |") :].partition("\n\n")[0]
    named = re.findall(r"`([A-Z_]+)` in `([a-z_/]+\.py)`", table)
    assert len(named) >= 15
    for name, file in named:
        source = (root / "src" / "maternal_eval" / file).read_text(encoding="utf-8")
        assert re.search(rf"^{name}\b", source, re.M), f"{name} is not in {file}"


def test_the_way_to_the_draws_works_as_it_is_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (root / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.S)
    monkeypatch.chdir(root)
    names: dict[str, Any] = {}
    exec(compile(dedent("   " + code.lstrip()), "CONTRIBUTING.md", "exec"), names)
    assert set(names["draws"].children) >= {"posterior", "sample_stats"}
    assert names["draws"]["posterior"].sizes["draw"] == names["settings"].draws
