"""The guide to own models is followed to the letter: its code is run, in the order in which it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.guides.test_your_survey import GUIDES, blocks


def code(language: str) -> list[str]:
    return [text for kind, _, text in blocks(GUIDES / f"own-model.{language}.md") if kind == "python"]


def test_both_languages_run_the_same_code() -> None:
    assert code("en") == code("zh")
    assert len(code("en")) == 5


def test_the_model_is_read_and_changed(root: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(root)
    place: dict = {}
    for text in code("en")[:3]:
        exec(compile(text, "guide", "exec"), place)
    printed = capsys.readouterr().out
    assert "stage_period_effect" in printed
    assert "attendance_trend" in [one.name for one in place["own"].free_RVs]


@pytest.mark.slow
def test_the_guide_is_followed(root: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """All of it, on the real survey: the graph is compiled, which takes longer than all else."""
    monkeypatch.chdir(root)
    place: dict = {}
    for text in code("en"):
        exec(compile(text, "guide", "exec"), place)
    fit = place["fit"]
    assert (fit.comparison["difference"].abs() < 0.05).all()
    assert set(fit.result.checks["status"]) == {"passed", "informational"}
    slopes = fit.draws["posterior"]["attendance_trend"]
    assert np.abs(slopes.mean(("chain", "draw"))).max() < 0.05
    assert "attendance_trend" in capsys.readouterr().out
