"""What the weights give to the papers: keys, the Delphi table, and studies without experts."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from maternal_eval.reporting.collector import Collector
from maternal_eval.reporting.collectors.weights import ALT_TEXTS, collect_weights
from maternal_eval.reporting.findings import Findings
from maternal_eval.weighting import WeightsSettings, compute_weights

QUICK = WeightsSettings(resamples=50, draws=1000)


class _Collector(Collector):
    """Without a store, where the hash of the inputs would come from."""

    input_hash = "none"


def _collect(study, result):
    findings = Findings()
    analysis = SimpleNamespace(name=study.name, definition=study.definition)
    collect_weights(_Collector(findings, analysis, "weights", "simulated"), result)
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
    assert found.interval_kind == "equal-tailed"
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
    assert set(ALT_TEXTS) == {"", *result.further_figures()}


def test_study_without_experts(maternal):
    tables = {name: table for name, table in maternal.tables.items() if name != "experts"}
    study = replace(maternal, tables=tables)
    findings = _collect(study, compute_weights(study))
    assert "maternal.weights.rounds" not in findings
    assert findings["maternal.weights.experts"].value == 0
    assert "maternal-delphi" not in findings.tables
