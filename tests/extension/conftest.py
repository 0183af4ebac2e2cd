"""A tiny study on which verbs run while a test has added a row to one of the public tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.hostile.tiny import Done, Tiny, as_text, call

Run = Callable[..., dict[str, Any]]

ROWS = 240


def study() -> Tiny:
    """Return the tiny study with 240 answers, all indicators on 1–5, and fits that are long enough for its gates."""
    random = np.random.default_rng(5)
    rows = []
    for number in range(ROWS):
        mood = random.normal()
        near = [int(np.clip(np.rint(3 + mood + 0.7 * random.normal()), 1, 5)) for _ in range(6)]
        rows.append(
            {"id": f"p{number:03d}", "year": str(2020 + number % 3), "phase": ("before", "after")[number // 3 % 2]}
            | {"shop": ("north", "south")[number // 6 % 2], "w": "1", "city": ("inland", "coast")[number // 12 % 2]}
            | {f"q{at}": str(6 - near[at] if at == 2 else near[at]) for at in range(1, 6)}
            | {"sat": str(near[0]), "rec": str(int(np.clip(np.rint(6 + 2 * mood), 0, 10)))}
            | {"rep": str(int(mood + random.normal() > 0)), "eur": f"{50 + 10 * mood:.2f}"}
        )
    made = Tiny().put("panel.csv", as_text(rows))
    made.swap("indicators.csv", "attractive,0.5,measure,0,100", "attractive,0.5,rating,1,5")
    return made.setting("satisfaction", "draws = 600").setting("stage_weights", "draws = 600")


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
        done = call(name, "study", "--quick", "--json", "out.json", *options)
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
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
