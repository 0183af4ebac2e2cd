"""A tiny study on which verbs run while a test has added a row to one of the public tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.tiny import Done, Tiny, call

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a verb on a study, in a folder of its own, and returns the result as JSON."""
    made: list[Path] = []

    def verb(study: Tiny, name: str, *options: str) -> dict[str, Any]:
        work = tmp_path / f"work{len(made)}"
        work.mkdir()
        made.append(work)
        study.write(work / "study")
        monkeypatch.chdir(work)
        done = call(name, "study", "--quick", "--json", "out.json", "--out", "out", *options)
        assert done.code == 0, done.out + done.err
        found = json.loads((work / "out.json").read_text(encoding="utf-8"))["result"]
        found["printed"] = done.out
        return found

    return verb


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Tiny, str], Done]:
    """Return a function that runs a verb which has to refuse the study, and returns what it said."""

    def verb(study: Tiny, name: str) -> Done:
        work = tmp_path / "refused"
        work.mkdir()
        study.write(work / "study")
        monkeypatch.chdir(work)
        done = call(name, "study")
        assert (done.code, done.out) == (2, ""), done.out + done.err
        return done

    return verb
