"""Excel workbooks: values as a person sees them, or one sentence with the sheet and the cell."""

from __future__ import annotations

import datetime
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel import Layout, limits, read_panel

ROWS = [["id", "year", "stage", "F01"], ["r1", 2024, "a", 4], ["r2", 2024, "b", 5]]


def book(path: Path, rows=ROWS, change=None, title="Data") -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change is not None:
        change(workbook, sheet)
    workbook.save(path)
    return path


def rewritten(path: Path, pattern: str, replacement: str, inside: str = "xl/worksheets/sheet1.xml") -> None:
    """Change the text of a part of a workbook, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    changed = re.sub(pattern, replacement, parts[inside].decode(), flags=re.DOTALL)
    assert changed != parts[inside].decode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, inside: changed.encode()}.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("NA", "NA"), ("None", "None"), ("#N/A as text", "#N/A as text"), ("007", "007"), ("true", "true"),
        (" a ", " a "),
        ("12345678901234567890", "12345678901234567890"), ("备孕期", "备孕期"), (4, 4), (4.5, 4.5), (True, True),
        (datetime.datetime(2024, 1, 1), pd.Timestamp("2024-01-01")), (datetime.time(9, 30), "09:30:00"), (None, None),
    ],
)  # fmt: skip
def test_a_cell_is_its_value(tmp_path, value, expected):
    rows = [*ROWS, ["r3", 2024, value, 3]]
    found = read_panel(book(tmp_path / "panel.xlsx", rows)).frame["stage"].tolist()
    assert found[:2] == ["a", "b"]
    assert pd.isna(found[2]) if expected is None else found[2] == expected, found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (1, "1"),
        (2.0, "2"),
        (2024, "2024"),
        (1.5, "1.5"),
        (" F01 ", "F01"),
        (datetime.datetime(2024, 1, 1), "2024-01-01"),
    ],
)
def test_names_of_columns_are_text(tmp_path, name, expected):
    raw = read_panel(book(tmp_path / "panel.xlsx", [["id", name], ["r1", 4]]), columns=[expected])
    assert list(raw.frame.columns) == [expected]
    assert raw.frame[expected].tolist() == [4]


ERRORS = ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_no_missing_value(tmp_path, error):
    def spoil(workbook, sheet):
        sheet["D3"] = error
        sheet["D3"].data_type = "e"

    path = book(tmp_path / "panel.xlsx", change=spoil)
    with pytest.raises(InputError, match=rf"sheet Data, cell D3, column F01: .*error: found {re.escape(error)}"):
        read_panel(path)
    # Where the column is not needed, nothing is asked of it.
    assert read_panel(path, columns=["stage"]).frame["stage"].tolist() == ["a", "b"]


def test_a_formula_needs_its_stored_value(tmp_path):
    path = book(tmp_path / "panel.xlsx", change=lambda w, s: s.__setitem__("D3", "=2+2"))
    with pytest.raises(InputError, match=r"Data, cell D3, column F01: the formula has no stored value: found =2\+2"):
        read_panel(path)
    rewritten(path, r"<f>2\+2</f><v ?/>|<f>2\+2</f><v></v>", "<f>2+2</f><v>4</v>")
    assert read_panel(path).frame["F01"].tolist() == [4, 4]


def test_a_formula_whose_value_is_an_empty_text_is_a_blank(tmp_path):
    path = book(tmp_path / "panel.xlsx", change=lambda w, s: s.__setitem__("C3", '=IF(TRUE,"","x")'))
    rewritten(path, r'<c r="C3"([^>]*)>(<f>.*?</f>)<v ?/?>(</v>)?', r'<c r="C3" t="str">\2<v></v>')
    assert read_panel(path).frame["stage"].isna().tolist() == [False, True]


def test_a_row_that_holds_nothing_but_a_formula_without_value_is_not_left_out(tmp_path):
    path = book(tmp_path / "panel.xlsx", change=lambda w, s: s.__setitem__("D5", "=2+2"))
    with pytest.raises(InputError, match="cell D5, column F01: the formula has no stored value"):
        read_panel(path)


def _second(state):
    def change(workbook, sheet):
        sheet.sheet_state = "hidden" if state == "first hidden" else "visible"
        other = workbook.create_sheet("Other")
        if state != "empty":
            for row in ROWS[:2]:
                other.append(row)
        other.sheet_state = {"hidden": "hidden", "very hidden": "veryHidden"}.get(state, "visible")
        workbook.active = 1 if state == "first hidden" else 0

    return change


@pytest.mark.parametrize(
    ("state", "rows", "said"),
    [
        ("hidden", 2, "sheet Data is read; not used: Other (hidden)."),
        ("very hidden", 2, "sheet Data is read; not used: Other (hidden)."),
        ("first hidden", 1, "sheet Other is read; not used: Data (hidden)."),
        ("empty", 2, "sheet Data is read; not used: Other."),
    ],
)
def test_the_visible_sheet_is_read_and_the_others_are_named(tmp_path, state, rows, said):
    raw = read_panel(book(tmp_path / "panel.xlsx", change=_second(state)))
    assert len(raw.frame) == rows
    assert [one["en"] for one in raw.remarks] == [f"panel.xlsx: {said}"]


def test_of_several_sheets_one_is_asked_for(tmp_path):
    path = book(tmp_path / "panel.xlsx", change=_second("visible"))
    with pytest.raises(InputError, match=r'several sheets: found Data, Other.*panel\.sheet = "Data" in study\.toml'):
        read_panel(path)
    assert len(read_panel(path, Layout(sheet="Other")).frame) == 1
    with pytest.raises(InputError, match="no such sheet: found Third, expected one of Data, Other"):
        read_panel(path, Layout(sheet="Third"))


def _merge(*ranges):
    return lambda workbook, sheet: [sheet.merge_cells(one) for one in ranges]


TWO_HEADERS = [["id", "period", None, "service", None], [None, "year", "stage", "F01", "F02"], ["r1", 2024, "a", 4, 5]]


def test_merged_names_are_refused_with_the_row_that_holds_the_names(tmp_path):
    path = book(tmp_path / "panel.xlsx", TWO_HEADERS, _merge("A1:A2", "B1:C1", "D1:E1"))
    with pytest.raises(InputError, match=r"sheet Data, cell B1:C1: row 1 has merged cells.*panel\.header = 2 in study"):
        read_panel(path, columns=["id", "year", "F01"])
    raw = read_panel(path, Layout(header=2), ["id", "year", "F01"])
    assert raw.frame.iloc[0].tolist() == ["r1", 2024, 4]
    assert raw.row(0) == 3


def test_a_title_over_the_names_is_refused_with_their_row(tmp_path):
    rows = [["A survey of 2024"], [], *ROWS]
    with pytest.raises(InputError, match=r"row 1 has merged cells.*panel\.header = 3 in study"):
        read_panel(book(tmp_path / "merged.xlsx", rows, _merge("A1:D1")), columns=["id", "F01"])
    path = book(tmp_path / "panel.xlsx", rows)
    with pytest.raises(InputError, match=r"do not stand in the first row.*panel\.header = 3 in study"):
        read_panel(path, columns=["id", "F01"])
    assert read_panel(path, Layout(header=3), ["F01"]).frame["F01"].tolist() == [4, 5]


def test_merged_answers_are_refused_where_they_are_needed(tmp_path):
    path = book(tmp_path / "panel.xlsx", [*ROWS, ["r3", 2024, "b", 1]], _merge("C3:C4"))
    with pytest.raises(InputError, match="sheet Data, cell C3:C4, column stage: cells are merged"):
        read_panel(path)
    assert read_panel(path, columns=["F01"]).frame["F01"].tolist() == [4, 5, 1]


def test_empty_rows_are_left_out_and_the_others_keep_their_numbers(tmp_path):
    raw = read_panel(book(tmp_path / "panel.xlsx", [[], *ROWS[:2], [], [], ROWS[2], [], [None]]))
    assert [raw.row(position) for position in range(len(raw.frame))] == [3, 6]
    assert [one["en"] for one in raw.remarks] == ["panel.xlsx: 2 empty rows are left out (the first is row 4)."]


def test_unused_and_nameless_columns_are_said(tmp_path):
    rows = [["id", None, "F01", "note", None], ["r1", "x", 4, "n", None]]
    raw = read_panel(book(tmp_path / "panel.xlsx", rows), columns=["id", "F01"])
    assert [one["en"] for one in raw.remarks] == [
        "panel.xlsx: 1 columns are not used: note.",
        "panel.xlsx: 1 columns have no name and are not used.",
    ]


@pytest.mark.parametrize("rows", [[], [[None, None]], [[" "]]])
def test_a_workbook_without_names_is_refused(tmp_path, rows):
    with pytest.raises(InputError, match="the panel is empty"):
        read_panel(book(tmp_path / "panel.xlsx", rows))


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="row 1, column F01: the column stands twice"):
        read_panel(book(tmp_path / "panel.xlsx", [["id", "F01", "F01"], ["r1", 1, 2]]))


def test_size_is_bounded(tmp_path, monkeypatch):
    path = book(tmp_path / "panel.xlsx", [ROWS[0], *[ROWS[1]] * 50])
    monkeypatch.setattr(limits, "MOST_WORKBOOK_CELLS", 100)
    with pytest.raises(InputError, match="holds too much to be read"):
        read_panel(path)
    monkeypatch.setattr(limits, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match="unpacks to more than can be read"):
        read_panel(path)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("damage", ["nothing", "half", "noise"])
def test_a_damaged_part_is_refused(tmp_path, part, damage):
    path = book(tmp_path / "panel.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = parts[part]
    parts[part] = {"nothing": b"", "half": content[: len(content) // 2], "noise": b"\x00\xff" * 50}[damage]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match=r"panel\.xlsx.*: the (file is|panel is empty)") as caught:
        read_panel(path)
    assert len(str(caught.value).splitlines()) == 1


def test_entities_that_multiply_are_refused(tmp_path):
    path = book(tmp_path / "panel.xlsx")
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["xl/worksheets/sheet1.xml"].decode()
    assert "r1" in text
    text = re.sub(r"^(<\?xml[^>]*>)?", f'<!DOCTYPE worksheet [<!ENTITY e0 "lol">{entities}]>', text, count=1)
    parts["xl/worksheets/sheet1.xml"] = text.replace("<t>r1</t>", "<t>&e11;</t>").encode()
    assert b"&e11;" in parts["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match="cut off or no Excel workbook"):
        read_panel(path)


NAMESPACE = "http://schemas.openxmlformats.org"
PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{NAMESPACE}/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/answers.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml"
 ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{NAMESPACE}/package/2006/relationships"><Relationship Id="r1"
 Type="{NAMESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{NAMESPACE}/spreadsheetml/2006/main"
 xmlns:r="{NAMESPACE}/officeDocument/2006/relationships">
<sheets><sheet name="答卷" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{NAMESPACE}/package/2006/relationships">
<Relationship Id="r1" Type="{NAMESPACE}/officeDocument/2006/relationships/worksheet"
 Target="/xl/worksheets/answers.xml"/>
<Relationship Id="r2" Type="{NAMESPACE}/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>
</Relationships>""",
    "xl/sharedStrings.xml": f"""<sst xmlns="{NAMESPACE}/spreadsheetml/2006/main"><si><t>id</t></si><si><t>F01</t></si>
<si><r><t>r</t></r><r><t>1</t></r></si><si><t xml:space="preserve"> 007 </t></si></sst>""",
    "xl/worksheets/answers.xml": f"""<worksheet xmlns="{NAMESPACE}/spreadsheetml/2006/main">
<dimension ref="A1:XFD1048576"/>
<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>
<row r="2"><c r="A2" t="s"><v>2</v></c><c r="C2"><v>4</v></c></row>
<row r="5"><c r="A5" t="s"><v>3</v></c><c r="C5"><v>5.0</v></c></row></sheetData></worksheet>""",
}


def test_a_workbook_as_other_programs_write_it(tmp_path):
    path = tmp_path / "panel.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in PARTS.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text)
    raw = read_panel(path, columns=["id", "F01"])
    assert raw.frame["id"].tolist() == ["r1", " 007 "]
    assert raw.frame["F01"].tolist() == [4, 5]
    assert [raw.row(position) for position in (0, 1)] == [2, 5]
    assert [one["en"] for one in raw.remarks] == [
        "panel.xlsx: 2 empty rows are left out (the first is row 3).",
        "panel.xlsx: 1 columns have no name and are not used.",
    ]
