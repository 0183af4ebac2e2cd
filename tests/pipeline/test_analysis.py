"""A study with its results: computed once, stored, read back."""

import dataclasses
import importlib

import pytest

from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.app.analysis import PANEL_ABSENT, RESULTS_VARIABLE, Analysis
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.results import Result, ResultStore
from maternal_eval.study import Study
from maternal_eval.study.definition import Periods
from tests.study.conftest import folder

__all__ = ["folder"]


@pytest.fixture
def counted(monkeypatch):
    """Count how often each analysis is really computed."""
    calls: list[str] = []
    original = type(STEPS["check"]).compute.fget

    def compute(step):
        calls.append(step.name)
        return original(step)

    monkeypatch.setattr(type(STEPS["check"]), "compute", property(compute))
    return calls


def test_a_result_is_computed_once_and_again_only_when_something_changed(folder, tmp_path_factory, counted):
    store = ResultStore(tmp_path_factory.mktemp("store"))
    Analysis.compute(folder, store).result("check")
    Analysis.compute(folder, store).result("check")
    assert counted == ["check"]
    Analysis.compute(folder, store, seed=0).result("check")
    assert len(counted) == 2
    panel = folder / "panel.csv"
    panel.write_text(panel.read_text() + "60,2020,before,1,2,3,4\n")
    assert Analysis.compute(folder, store, seed=0).result("check").facts["answers"] == 61
    assert len(counted) == 3
    Analysis.compute(folder, store, seed=0, fresh=True).result("check")
    assert len(counted) == 4


def test_stored_results_are_read_without_the_panel(folder, tmp_path_factory, monkeypatch):
    results = tmp_path_factory.mktemp("results")
    Analysis.compute(folder, ResultStore(results)).result("check")
    (folder / "panel.csv").unlink()
    monkeypatch.setenv(RESULTS_VARIABLE, str(results))
    reading = Analysis.open(folder)
    assert reading.possible == ["check"]
    assert reading.result("check").facts["answers"] == 60
    assert "fresh run" in reading.origin
    (results / "small" / PANEL_ABSENT).touch()
    assert "PANEL IS ABSENT" in Analysis.open(folder).origin
    with pytest.raises(InputError, match="no stored result of 'weights'"):
        reading.result("weights")


def test_what_a_study_lacks_for_an_analysis_is_named(root):
    study = Study.read(root / "data" / "gss")
    assert unmet(STEPS["satisfaction"], study) == []
    definition = study.definition.model_copy(update={"periods": Periods()})
    without = dataclasses.replace(study, definition=definition, panel=study.panel.drop(columns="period"), periods=())
    assert unmet(STEPS["satisfaction"], without) == []
    assert unmet(STEPS["backtest"], without) == ["at least two training periods and a test period"]


def test_a_setting_that_the_analysis_does_not_know_is_refused(folder):
    path = folder / "study.toml"
    path.write_text(path.read_text() + "\n[analysis.backtest]\ndrawz = 10\n")
    study = Study.read(folder)
    with pytest.raises(InputError, match=r"analysis\.backtest\.drawz: unknown setting.*draws"):
        STEPS["backtest"].settings_for(study, quick=False)
    path.write_text(path.read_text().replace("drawz", "draws"))
    assert STEPS["backtest"].settings_for(Study.read(folder), quick=False).draws == 10


def test_every_analysis_has_what_the_table_says():
    for step in STEPS.values():
        assert callable(step.compute)
        assert hasattr(step.settings_class, "quick")
        assert step.result_class.table is not Result.table
        assert callable(importlib.import_module(f"{step.package}.report").collect)


def test_an_analysis_is_given_what_it_uses_and_depends_on_it(folder, tmp_path_factory, counted, monkeypatch):
    given = {}

    def compute(study, settings, seed, progress, results):
        given.update(results)
        return results["check"]

    step = dataclasses.replace(STEPS["check"], name="claims", uses=("check",), home=STEPS["check"].package)
    monkeypatch.setitem(STEPS, "claims", step)
    original = type(step).compute.fget
    monkeypatch.setattr(
        type(step), "compute", property(lambda self: compute if self.name == "claims" else original(self))
    )
    analysis = Analysis.compute(folder, ResultStore(tmp_path_factory.mktemp("store")))
    assert analysis.result("claims").facts["answers"] == 60
    assert list(given) == ["check"]
    assert counted == ["check"]
    before = analysis.key(step).data
    path = folder / "study.toml"
    path.write_text(path.read_text().replace('en = "', 'en = "New '))
    assert Analysis.compute(folder, analysis.store).key(step).data != before
    without = dataclasses.replace(step, uses=("stage_weights",))
    monkeypatch.setitem(STEPS, "claims", without)
    study = analysis.study
    assert unmet(without, study) == unmet(STEPS["stage_weights"], study)


def test_a_resumable_analysis_goes_on_where_it_stopped(folder, tmp_path_factory, monkeypatch):
    folders = []

    def compute(study, settings, seed, progress, kept):
        folders.append(kept)
        kept.mkdir(parents=True, exist_ok=True)
        found = (kept / "finished").exists()
        (kept / "finished").touch()
        if not found:
            raise KeyboardInterrupt
        return summarise_study(study, settings)

    step = dataclasses.replace(STEPS["check"], resumable=True)
    monkeypatch.setitem(STEPS, "check", step)
    monkeypatch.setattr(type(step), "compute", property(lambda self: compute))
    store = ResultStore(tmp_path_factory.mktemp("store"))
    with pytest.raises(KeyboardInterrupt):
        Analysis.compute(folder, store).result("check")
    with pytest.raises(KeyboardInterrupt):  # another seed is another study of replicates
        Analysis.compute(folder, store, seed=1).result("check")
    assert not folders[0].exists()
    assert Analysis.compute(folder, store, seed=1).result("check").facts["answers"] == 60
    assert folders[1] == folders[2] != folders[0]
    assert not folders[2].exists()  # the result is stored: what was kept for it is of no more use
    assert store.steps("small") == ["check"]


def test_a_study_may_want_some_analyses_alone(root, tmp_path):
    analysis = Analysis.compute(root / "data" / "gss", ResultStore(tmp_path))
    assert analysis.possible == ["check", "backtest", "satisfaction"]


def test_an_unknown_analysis_is_refused(root, tmp_path):
    folder = tmp_path / "study"
    folder.mkdir()
    text = (root / "data" / "gss" / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace('"satisfaction"]', '"fortune"]'), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"column study\.analyses: unknown analysis: found fortune, expected some of check"
    ):
        Analysis.compute(folder, ResultStore(tmp_path))
