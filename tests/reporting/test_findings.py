from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.results.findings import Finding, Findings
from maternal_eval.results.tables import FindingsTable, TableColumn

BASE: dict[str, Any] = {"key": "a.b", "value": 0.684, "evidence": "simulated", "step": "demo", "source": "01_demo"}
NINETY = {"probability": 0.9, "kind": "equal-tailed"}


@pytest.mark.parametrize(
    ("fields", "modifiers", "english", "chinese"),
    [
        ({}, (), "0.68", "0.68"),
        ({"value": -3.21, "unit": "points", "decimals": 1}, (), "−3.2 points", "−3.2 分"),
        ({"value": -3.21, "unit": "points", "decimals": 1}, ("plain",), "−3.2", "−3.2"),
        ({"value": 3.21, "unit": "percentage_points", "decimals": 1}, ("signed",), "+3.2 percentage points",
         "+3.2 个百分点"),
        ({}, ("percent",), "68%", "68%"),
        ({"decimals": 3}, ("percent",), "68.4%", "68.4%"),
        ({"unit": "share", "decimals": 0}, (), "68%", "68%"),
        ({"unit": "share", "decimals": 1}, ("percent",), "68.4%", "68.4%"),
        ({"low": 0.611, "high": 0.749, **NINETY}, ("interval",), "[0.61, 0.75]", "[0.61, 0.75]"),
        ({"low": 0.611, "high": 0.749, **NINETY}, ("percent", "interval"), "[61%, 75%]", "[61%, 75%]"),
        ({"low": 0.611, "high": 0.749, **NINETY}, ("full",), "0.68 (90% equal-tailed interval [0.61, 0.75])",
         "0.68（90% 等尾区间 [0.61, 0.75]）"),
        ({"value": 1.1, "low": -0.5, "high": 2.0, "unit": "points", "decimals": 1, **NINETY},
         ("signed", "interval"), "[−0.5, +2.0]", "[−0.5, +2.0]"),
        ({"value": 20000, "unit": "answers", "decimals": 0}, (), "20,000 answers", "20,000 份答卷"),
        ({"value": {"en": "Pregnancy", "zh": "孕期"}}, (), "Pregnancy", "孕期"),
        ({"value": "F10"}, (), "F10", "F10"),
    ],
)  # fmt: skip
def test_format(fields: dict[str, Any], modifiers: tuple[str, ...], english: str, chinese: str) -> None:
    finding = Finding(**{**BASE, **fields})
    assert finding.format("en", *modifiers) == english
    assert finding.format("zh", *modifiers) == chinese


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"key": "Tau"}, "malformed key: found Tau"),
        ({"evidence": "hearsay"}, "unknown evidence class: found hearsay"),
        ({"unit": "bushels"}, "unknown unit: found bushels"),
        ({"value": math.nan}, "not a finite number: found nan"),
        ({"value": None}, "neither a number nor a text"),
        ({"value": True}, "neither a number nor a text"),
        ({"value": {"en": "Pregnancy"}}, "a text needs both languages"),
        ({"low": 0.1}, "half an interval"),
        ({"low": 0.9, "high": 0.1, **NINETY}, "interval upside down"),
        ({"low": 0.1, "high": 0.9, "kind": "equal-tailed"}, "interval without its probability"),
        ({"low": 0.1, "high": 0.9, "probability": 0.9}, "unknown kind of interval"),
    ],
)
def test_malformed_findings_are_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        Finding(**{**BASE, **fields})


@pytest.mark.parametrize(
    ("fields", "modifiers", "problem"),
    [
        ({}, ("interval",), "has no interval"),
        ({}, ("loud",), "unknown modifier: found loud"),
        ({"value": "F10"}, ("percent",), "a text takes no modifier"),
        ({"unit": "points"}, ("percent",), "percent needs a share"),
    ],
)
def test_modifiers_must_fit(fields: dict[str, Any], modifiers: tuple[str, ...], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        Finding(**{**BASE, **fields}).format("en", *modifiers)


def test_a_range_needs_no_probability() -> None:
    finding = Finding(**{**BASE, "low": 0.1, "high": 0.9, "kind": "range"})
    assert finding.format("en", "full") == "0.68 (range [0.10, 0.90])"


def test_written_and_read_back(findings: Findings, tmp_path: Path) -> None:
    path = tmp_path / "new" / "findings.json"
    findings.write(path)
    read = Findings.read(path)
    assert list(read) == list(findings)
    assert all(read[key] == findings[key] for key in findings)
    assert read.tables["stages"].markdown("zh") == findings.tables["stages"].markdown("zh")
    again = tmp_path / "again.json"
    read.write(again)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(file.name for file in path.parent.iterdir()) == ["findings.json"]


def test_numpy_values_are_stored_as_plain_numbers(tmp_path: Path) -> None:
    findings = Findings()
    findings.add(Finding(**{**BASE, "value": np.float64(0.5), "low": np.float32(0.25), "high": np.int64(1), **NINETY}))
    findings.write(tmp_path / "findings.json")
    stored = json.loads((tmp_path / "findings.json").read_text())["findings"]["a.b"]
    assert (stored["value"], stored["low"], stored["high"]) == (0.5, 0.25, 1)


def test_a_key_can_be_used_once(findings: Findings) -> None:
    with pytest.raises(InputError, match=r"two findings of the same name: found backtest\.tau"):
        findings.add(findings["backtest.tau"])
    with pytest.raises(InputError, match="two tables of the same name: found stages"):
        findings.add_table(findings.tables["stages"])


def test_missing_key_and_unreadable_files(findings: Findings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such finding: found nothing"):
        findings.format("nothing", "en")
    with pytest.raises(InputError, match="the findings are missing"):
        Findings.read(tmp_path / "absent.json")
    broken = tmp_path / "broken.json"
    broken.write_text('{"findings": \n!}')
    with pytest.raises(InputError, match=r"broken\.json, row 2: not JSON"):
        Findings.read(broken)
    broken.write_text('{"findings": {"a": {"value": 1, "colour": "red"}}}')
    with pytest.raises(InputError, match=r"broken\.json: finding a: unknown field: found colour"):
        Findings.read(broken)
    broken.write_text('{"findings": {"a": {"value": 1, "evidence": "design"}}}')
    with pytest.raises(InputError, match="finding a: a field is missing: expected source, step"):
        Findings.read(broken)
    broken.write_text('{"findings": {"a": {"value": 1, "evidence": "hearsay", "step": "s", "source": "n"}}}')
    with pytest.raises(InputError, match=r"broken\.json: finding a: unknown evidence class: found hearsay"):
        Findings.read(broken)


def test_update_joins_findings(findings: Findings) -> None:
    joined = Findings()
    joined.add(Finding(**BASE))
    joined.update(findings)
    assert list(joined) == ["a.b", *findings]
    assert set(joined.tables) == {"stages"}


def test_table_in_markdown(findings: Findings) -> None:
    lines = findings.tables["stages"].markdown("en").splitlines()
    assert lines[0] == "| Life stage | Answers | Score | Share satisfied |"
    assert lines[1] == "| :--- | ---: | ---: | ---: |"
    assert lines[2] == r"| Pregnancy | 12,345 | 71.2 \[70.1, 72.4\] | 74% |"
    assert lines[3] == r"| Postpartum | 11,111 | 66.0 \[64.9, 67.2\] | – |"
    assert lines[5].startswith(": Simulated satisfaction")
    assert lines[5].endswith("{#tbl:stages}")


def test_table_from_frame_picks_and_orders_columns() -> None:
    frame = pd.DataFrame({"unused": [1, 2], "share": [0.25, np.nan], "stage": pd.Categorical(["a|b", "c"])})
    table = FindingsTable.from_frame(
        frame,
        name="shares",
        caption={"en": "Shares", "zh": "比例"},
        columns={
            "stage": TableColumn(en="Stage", zh="阶段", width=30),
            "share": TableColumn(en="Share", zh="比例", unit="share", decimals=0, width=10),
        },
        evidence="arithmetic",
        step="demo",
        source="01_demo",
    )
    assert table.rows == (("a|b", 0.25), ("c", None))
    lines = table.markdown("zh").splitlines()
    assert lines[2] == r"| a\|b | 25% |"
    assert lines[-1] == ': 比例 {#tbl:shares widths="30,10"}'
    with pytest.raises(InputError, match="table shares: no such column: found absent"):
        FindingsTable.from_frame(
            frame, name="shares", caption={"en": "", "zh": ""}, columns={"absent": TableColumn("a", "b")},
            evidence="arithmetic", step="demo", source="01_demo",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "My table"}, "malformed name"),
        ({"caption": {"en": "Only"}}, "a caption needs both languages"),
        ({"evidence": "hearsay"}, "unknown evidence class"),
        ({"rows": ((1, 2),)}, "a row of the wrong length: found 2, expected 1 cells"),
    ],
)
def test_malformed_tables_are_refused(fields: dict[str, Any], problem: str) -> None:
    base: dict[str, Any] = {
        "name": "t", "caption": {"en": "T", "zh": "表"}, "columns": (TableColumn("A", "甲"),), "rows": ((1,),),
        "evidence": "design", "step": "demo", "source": "01_demo",
    }  # fmt: skip
    with pytest.raises(InputError, match=problem):
        FindingsTable(**{**base, **fields})


def test_provenance_names_value_interval_evidence_and_source(findings: Findings) -> None:
    findings.names = {"stage": {"": {"en": "A study", "zh": "一项研究"}}}
    english = findings.provenance(["backtest.tau", "stage.top"]).markdown("en")
    assert r"| tau | 0.68 | \[0.61, 0.75\] (90% equal-tailed interval) | simulated | 01\_demo § Result |" in english
    assert "panel.answers" not in english
    assert "| **一项研究** |  |  |  |  |\n| top | 产后阶段 | – | 模拟 |" in findings.provenance().markdown("zh")
