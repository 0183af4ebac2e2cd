"""What the weights give to the papers: keys, the Delphi table, and studies without experts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maternal_eval.analyses.weights.compute import compute_weights
from maternal_eval.analyses.weights.figures import FIGURES
from maternal_eval.analyses.weights.settings import WeightsSettings
from maternal_eval.app.collect import add_as_findings
from maternal_eval.results.findings import Findings

QUICK = WeightsSettings(resamples=50, draws=1000)


def _collect(study, result):
    findings = Findings()
    add_as_findings(findings, study.definition.study, "weights", result.reported(), "none")
    return findings


@pytest.fixture(scope="module")
def result(maternal):
    return compute_weights(maternal, QUICK)


@pytest.fixture(scope="module")
def findings(maternal, result):
    return _collect(maternal, result)


def test_numbers_are_those_of_the_result(findings, result):
    row = result.dimensions.set_index("dimension").loc["functional"]
    found = findings["maternal.weights.dimension.functional.experts"]
    assert (found.value, found.low, found.high) == (row["experts"], row["low"], row["high"])
    assert found.kind == "equal-tailed"
    assert findings["maternal.weights.inconsistent.matrices"].value == (~result.consistency["acceptable"]).sum()


def test_experts_are_named_in_both_languages(findings):
    assert findings["maternal.weights.outlying.names"].format("en") == "researcher 2"
    assert findings["maternal.weights.outlying.names"].format("zh") == "researcher 2"
    assert findings["maternal.weights.inconsistent.name"].format("en") == "obstetrician 4"
    assert findings["maternal.weights.round_3.verdict"].format("zh") == "停止"


def test_delphi_table_says_that_it_is_simulated(findings):
    table = findings.tables["maternal-delphi"]
    assert "simulated" in table.markdown("en")
    assert "模拟" in table.markdown("zh")
    assert len(table.rows) == 12
    assert "0.000" not in table.markdown("en")


def test_every_figure_has_an_alternative_text(result):
    assert set(FIGURES) == {"", *result.further_figures()}


def test_study_without_experts(maternal):
    tables = {name: table for name, table in maternal.tables.items() if name != "experts"}
    study = replace(maternal, tables=tables)
    findings = _collect(study, compute_weights(study))
    assert "maternal.weights.rounds" not in findings
    assert findings["maternal.weights.experts"].value == 0
    assert "maternal-delphi" not in findings.tables
