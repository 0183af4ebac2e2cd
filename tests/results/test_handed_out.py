"""Tables for other programs: labels and units that pandas hands on, and every kind of file."""

from __future__ import annotations

from dataclasses import dataclass

import openpyxl
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.results.base import StudyResult
from maternal_eval.results.handed_out import as_html, as_latex, for_readers, table_of, write_table
from maternal_eval.results.schema import number, schema, share

TABLES = {
    "": schema("stage", "score top", score=number("Expected answer", "期望得分"), top=share("Top & next", "最高两档")),
}


@dataclass(frozen=True)
class Found(StudyResult):
    """A result with one table."""

    scores: pd.DataFrame

    def table(self):
        return self.scores


@pytest.fixture
def table():
    scores = pd.DataFrame({"stage": ["=1+1", "b_c"], "score": [3.14159, 2.0], "top": [0.256, None]})
    return table_of(Found(scores=scores, labels={}, settings={}, study="small", simulated=True))


def test_labels_units_and_decimals_go_with_the_table(table):
    assert table.attrs["labels"]["score"] == {"en": "Expected answer", "zh": "期望得分"}
    assert table.attrs["units"] == {"top": "share"}
    assert table.attrs["decimals"]["score"] == 2
    assert table.attrs["simulated"] is True
    assert table.head(1).attrs["units"] == {"top": "share"}


def test_readers_see_headings_decimals_and_per_cent(table):
    shown = for_readers(table, "zh")
    assert list(shown.columns)[1:] == ["期望得分", "最高两档"]
    assert shown.iloc[0].tolist()[1:] == ["3.14", "25.6%"]
    assert shown.iloc[1, 2] == ""


def test_every_kind_of_file(table, tmp_path):
    for ending in ("xlsx", "csv", "parquet", "tex", "html"):
        assert write_table(table, tmp_path / f"scores.{ending}").stat().st_size > 0
    sheet = openpyxl.load_workbook(tmp_path / "scores.xlsx").active
    assert [cell.value for cell in sheet[1]] == ["stage", "score", "top"]
    assert sheet["B2"].value == 3.14159
    assert sheet["A2"].data_type == "s"  # a text, and no formula
    again = pd.read_csv(tmp_path / "scores.csv")
    assert again["score"].tolist() == table["score"].tolist()
    parquet = pd.read_parquet(tmp_path / "scores.parquet")
    assert parquet.attrs["labels"] == table.attrs["labels"]
    assert not write_table(table, tmp_path / "SCORES.CSV").name.islower()


def test_signs_of_the_target_are_escaped(table):
    latex = as_latex(table)
    assert r"Top \& next" in latex
    assert r"b\_c & 2.00 &" in latex
    assert latex.startswith("\\begin{tabular}{lrr}\n\\toprule")
    shown = table.assign(stage=["<script>", "b"])
    assert "&lt;script&gt;" in as_html(shown)
    assert "<script>" not in as_html(shown)


def test_other_endings_and_tables_are_refused(table, tmp_path):
    with pytest.raises(InputError, match=r"no such kind of table: found \.docx, expected \.xlsx"):
        write_table(table, tmp_path / "scores.docx")
    found = Found(scores=table, labels={}, settings={}, study="small", simulated=True)
    with pytest.raises(InputError, match="no such table: found ranks, expected one of scores"):
        table_of(found, "ranks")
