"""The guide to own models is followed to the letter: its code is run, in the order in which it stands."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tests.guides.test_your_survey import GUIDES, blocks


def code(language: str) -> list[str]:
    return [text for kind, _, text in blocks(GUIDES / f"own-model.{language}.md") if kind == "python"]


def test_both_languages_run_the_same_code() -> None:
    assert code("en") == code("zh")
    assert len(code("en")) == 6


def test_the_model_is_read_and_changed(root: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.chdir(root)
    place: dict = {}
    for text in code("en")[:3]:
        exec(compile(text, "guide", "exec"), place)
    printed = capsys.readouterr().out
    assert "stage_period_effect" in printed
    assert "attendance_trend" in [one.name for one in place["own"].free_RVs]


def test_figures_are_drawn_into_a_page_and_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    place: dict = {}
    for text in (code("en")[0], code("en")[-1]):
        exec(compile(text, "guide", "exec"), place)
    assert place["axes"] in place["right"].axes
    assert len(place["left"].axes) > 1
    assert place["axes"].get_legend().get_title().get_text() == "GSS"
    plt.close(place["page"])


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
