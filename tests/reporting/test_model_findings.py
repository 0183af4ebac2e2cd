"""What Kano classes, scores and importance give to the papers: keys, tables, texts for figures, wrong settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.analyses.kano.compute import analyse_kano
from maternal_eval.analyses.kano.settings import KanoSettings
from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.app.collect import add_as_findings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.results.findings import Findings
from maternal_eval.study import Study, StudyDefinition

COMPUTED = {
    "kano": lambda study: analyse_kano(study, KanoSettings()),
    "scores": lambda study: score_study(study, ScoresSettings(resamples=20)),
    "importance": lambda study: analyse_importance(study, ImportanceSettings(draws=200, resamples=20)),
}


def collected(study, step, result, evidence="simulated"):
    findings = Findings()
    add_as_findings(findings, study.definition.study, step, result.reported(evidence), "none")
    return findings


@pytest.fixture(scope="module")
def results(maternal):
    return {step: compute(maternal) for step, compute in COMPUTED.items()}


@pytest.mark.parametrize("step", COMPUTED)
def test_every_figure_has_an_alternative_text(results, step):
    result = results[step]
    for figure in result.figure_table().values():
        assert "simulated panel" in figure.alternative_text(result, "en")
        assert "模拟面板" in figure.alternative_text(result, "zh")
    assert "" in result.figure_table()


def test_counts_of_classes_and_verdicts(maternal, results):
    findings = collected(maternal, "kano", results["kano"])
    modal = results["kano"].elements["modal"]
    assert findings["maternal.kano.modal.must_be"].value == (modal == "must_be").sum()
    verdicts = ("confirmed", "questioned", "undecided", "not_given")
    assert sum(findings[f"maternal.kano.verdict.{name}"].value for name in verdicts) == 30
    table = findings.tables["maternal-kano"]
    assert "simulated" in table.markdown("en")
    assert "模拟" in table.markdown("zh")
    assert len(table.rows) == 30


def test_stated_and_effective_weights(maternal, results):
    findings = collected(maternal, "importance", results["importance"])
    names = [dimension.name for dimension in maternal.model.dimensions]
    for level in ("respondents", "units"):
        shares = [findings[f"maternal.importance.{level}.{name}.effective"] for name in names]
        assert sum(share.value for share in shares) == pytest.approx(1)
        assert all(share.kind == "bootstrap" for share in shares)
    assert findings["maternal.importance.units.dimensions.gap"].value > 0.01


def test_scores_gate_and_stars(maternal, results):
    findings = collected(maternal, "scores", results["scores"])
    assert findings["maternal.scores.links"].value == 0
    assert findings["maternal.scores.gated"].value < findings["maternal.scores.all.2024"].value
    assert findings["maternal.scores.stars.all"].value == 30
    assert findings["maternal.scores.stars.by_stage"].value == 150
    assert findings["maternal.scores.platform.first"].value > findings["maternal.scores.platform.last"].value


@pytest.mark.shared
def test_a_real_study_without_platforms_and_periods(root, shared_data):
    study = Study.read(root / "data" / "kiosk", shared_data / "kiosk" / "kiosk_tidy.csv")
    for step, compute in COMPUTED.items():
        result = compute(study)
        findings = collected(study, step, result, "replication")
        assert all(findings[key].evidence in ("replication", "design") for key in findings)
        assert set(result.further_figures()) == set()
        for language in ("en", "zh"):
            assert result.plot(language).axes


@pytest.mark.parametrize(
    ("step", "table"),
    [
        ("kano", {"like": 3}),
        ("kano", {"dislike": 5}),
        ("scores", {"within": "median"}),
        ("scores", {"gate": 2.0}),
        ("importance", {"draws": 0}),
    ],
)
def test_wrong_settings_are_told_with_their_place(maternal, step, table):
    definition = maternal.definition.model_dump()
    definition["analysis"][step] = table
    study = replace(maternal, definition=StudyDefinition.model_validate(definition))
    with pytest.raises(InputError, match=rf"study.toml.*analysis\.{step}"):
        STEPS[step].settings_for(study, quick=False)


def test_without_kano_answers_the_analysis_is_not_offered(maternal):
    tables = {name: table for name, table in maternal.tables.items() if name != "kano"}
    assert unmet(STEPS["kano"], replace(maternal, tables=tables)) == ["Kano answers"]
    assert unmet(STEPS["kano"], maternal) == []
