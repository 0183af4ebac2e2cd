"""Names of columns that stand in several rows, and rows that are neither names nor answers."""

import csv

import openpyxl
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel import Layout, read_panel

ROWS = [
    ["时间", "请评价", "", "总体"],
    ["", "速度", "态度", ""],
    ["2024-01-01", "5", "4", "3"],
    ["2024-01-02", "1", "2", "3"],
]


def write(folder, name, rows, merges=()):
    path = folder / name
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell or None for cell in row])
        for one in merges:
            book.active.merge_cells(one)
        book.save(path)
    else:
        sign = "\t" if path.suffix == ".tsv" else ","
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=sign, lineterminator="\n").writerows(rows)
    return path


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.xlsx"])
def test_names_in_two_rows(tmp_path, name):
    path = write(tmp_path, name, ROWS, ["B1:C1"])
    raw = read_panel(path, Layout(delimiter="\t" if name.endswith("tsv") else ",", header=(1, 2)))
    assert raw.columns == ["时间", "速度", "态度", "总体"]
    assert raw.frame["态度"].tolist() == ["4", "2"]
    assert raw.row(0) == 3


@pytest.mark.parametrize("name", ["p.csv", "p.xlsx"])
def test_rows_between_the_names_and_the_answers(tmp_path, name):
    rows = [
        ["Q1", "Q2"],
        ["How fast?", "How kind?"],
        ['{"ImportId":"QID1"}', '{"ImportId":"QID2"}'],
        ["5", "4"],
        ["x", "2"],
    ]
    raw = read_panel(write(tmp_path, name, rows), Layout(header=1, answers=4))
    assert raw.columns == ["Q1", "Q2"]
    assert raw.frame["Q1"].tolist() == ["5", "x"]
    assert raw.row(1) == 5


def test_empty_lines_above_the_answers_shift_nothing(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("Survey 2024\n\nQ1,Q2\n\n5,4\n3,2\n", encoding="utf-8")
    for layout in (Layout(header=3), Layout(header=3, answers=5)):
        raw = read_panel(path, layout)
        assert raw.frame["Q1"].tolist() == ["5", "3"]
        assert [raw.row(0), raw.row(1)] == [5, 6]


def test_names_that_still_stand_twice_are_refused(tmp_path):
    rows = [["请评价", ""], ["速度", "速度"], ["1", "2"]]
    with pytest.raises(InputError, match="the column stands twice"):
        read_panel(write(tmp_path, "p.csv", rows), Layout(header=(1, 2)))
