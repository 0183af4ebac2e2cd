"""The numbers of the papers as a spreadsheet."""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

from maternal_eval.report.number_list import NOTES, number_list, write_number_list
from maternal_eval.report.papers import read_papers
from maternal_eval.results.findings import Finding, Findings
from tests.reporting.conftest import DEMO, demo_findings


def test_every_printed_number_stands_once_with_its_interval_and_unit(findings: Findings) -> None:
    papers = read_papers(DEMO)
    table = number_list(papers, findings).set_index("key")
    assert list(table.index) == papers["blue-paper"]["en"].keys
    row = table.loc["backtest.tau"]
    assert (row["value"], row["low"], row["high"], row["probability"]) == (0.684, 0.611, 0.749, 0.9)
    assert (row["interval"], row["unit"], row["evidence"]) == ("equal-tailed interval", "", "simulated")
    assert table.loc["panel.answers", "unit"] == "answers"
    assert set(table["papers"]) == {"blue-paper"}


def test_files_open_say_what_columns_mean_and_are_the_same_each_time(tmp_path: Path) -> None:
    papers = read_papers(DEMO)
    first = write_number_list(papers, demo_findings(), tmp_path / "a")
    time.sleep(1.1)  # an office file would carry the second of its making
    second = write_number_list(papers, demo_findings(), tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    table = pd.read_csv(first[0])
    assert list(table.columns) == list(NOTES)
    sheets = pd.read_excel(first[1], sheet_name=None)
    assert set(sheets["notes"]["column"]) == set(NOTES)
    assert sheets["numbers"]["value"].astype(str).to_list() == table["value"].to_list()
    ends = ["key", "low", "high", "probability"]
    pd.testing.assert_frame_equal(sheets["numbers"][ends], table[ends], check_dtype=False)


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    findings = demo_findings()
    odd = Findings()
    for key in findings:
        one = findings[key]
        if key == "stage.top":
            one = Finding(**{**vars(one), "value": {"en": "=1+1", "zh": "=1+1"}})
        odd.add(one)
    path, _ = write_number_list(read_papers(DEMO), odd, tmp_path)
    assert ",=1+1" not in path.read_text(encoding="utf-8-sig")
