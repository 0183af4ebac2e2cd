"""Forecast scores of several studies side by side, and studies of which nothing is here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from maternal_eval.app.forecast_scores import FIRST, forecast_scores
from maternal_eval.app.notebook import LackingError, open_study


def test_the_scores_are_those_of_the_backtests_with_the_last_value_first(root: Path, monkeypatch) -> None:
    monkeypatch.chdir(root)
    studies = [open_study(f"data/{name}", fixed=True) for name in ("gss", "sfo_long")]
    table = forecast_scores(studies)
    for study in studies:
        result = study.analysis.result("backtest")
        here = table.loc[study.name]
        first = here.index.get_level_values("forecaster")[: len(FIRST)].tolist()
        assert first == [result.labels[name]["en"] for name in FIRST]
        scores = result.scores
        pooled = scores[(scores["split"] == "all origins") & (scores["forecaster"] == "hierarchical")]
        row = here.xs(result.labels["hierarchical"]["en"], level="forecaster").iloc[0]
        skill = pooled[pooled["score"] == "crps_skill"].iloc[0]
        assert row[["crps_skill", "low", "high"]].tolist() == skill[["value", "low", "high"]].tolist()
        assert row["low"] < row["crps_skill"] < row["high"]
        assert row["origins"] == skill["origins"]
    last = table.xs("Last value", level="forecaster")
    assert (last["crps_skill"] == 0).all()


def test_a_study_without_panel_and_results_is_said_to_be_skipped(root: Path, tmp_path: Path, monkeypatch) -> None:
    shutil.copytree(root / "data" / "prams", tmp_path / "data" / "prams")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MATERNAL_EVAL_RESULTS", raising=False)
    absent = open_study("data/prams", fixed=True)
    assert absent.origin.endswith("SKIPPED: there is neither a panel nor a stored result.")
    assert forecast_scores([absent]).empty
    with pytest.raises(LackingError, match="has no stored result of 'backtest'"):
        absent.result("backtest").table()
