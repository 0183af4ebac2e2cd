"""Delimited text: read as it is written, or refused in one sentence with its place and what would mend it."""

from __future__ import annotations

import gzip

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel import Layout, delimited, encoding, limits, read_panel

AS_WRITTEN = [
    "007", "7", "12345678901234567890", "9007199254740993", "true", "TRUE", "False", "NA", "N/A", "None", "null", "NaN",
    "nan", "inf", "-inf", "1e0", "5.0", "0x1F", "１２", "5%", "1,000", "=1+1", "#N/A", "2024-01-01", "1_000", "+5", "-",
    "  padded  ", "\u3000", "\u00a0", "null\u200b", "备孕期", "“引号”", "a;b", "\\N", "é", "🙂", "e\u0301",
]  # fmt: skip


@pytest.mark.parametrize("text", AS_WRITTEN)
def test_a_cell_is_the_text_that_stands_there(tmp_path, text):
    path = tmp_path / "panel.csv"
    path.write_text(f'id,code\nr1,"{text}"\nr2,\nr3,""\n', encoding="utf-8")
    frame = read_panel(path).frame
    assert frame["code"].tolist()[0] == text
    assert frame["code"].isna().tolist() == [False, True, True]


PLAIN = "id,stage\nr1,a\nr2,b\n"
CHINESE = "编号,阶段\nr1,备孕期\nr2,产后\n"

READ = {
    "bytes": (PLAIN.encode(), {}, ["a", "b"]),
    "no newline at the end": (PLAIN.rstrip().encode(), {}, ["a", "b"]),
    "windows newlines": (PLAIN.replace("\n", "\r\n").encode(), {}, ["a", "b"]),
    "old mac newlines": (PLAIN.replace("\n", "\r").encode(), {}, ["a", "b"]),
    "mixed newlines": (b"id,stage\r\nr1,a\nr2,b\r\n", {}, ["a", "b"]),
    "byte-order mark": (PLAIN.encode("utf-8-sig"), {}, ["a", "b"]),
    "byte-order mark, utf-8 declared": (PLAIN.encode("utf-8-sig"), {"encoding": "utf-8"}, ["a", "b"]),
    "utf-16": (PLAIN.encode("utf-16"), {}, ["a", "b"]),
    "utf-16 declared": (PLAIN.encode("utf-16"), {"encoding": "utf-16"}, ["a", "b"]),
    "utf-16-le without mark": ((PLAIN * 4).encode("utf-16-le"), {}, None),
    "utf-32": (PLAIN.encode("utf-32"), {}, ["a", "b"]),
    "chinese in utf-8": (CHINESE.encode(), {}, ["备孕期", "产后"]),
    "chinese in gbk": (CHINESE.encode("gbk"), {}, ["备孕期", "产后"]),
    "chinese in gbk, declared": (CHINESE.encode("gbk"), {"encoding": "gbk"}, ["备孕期", "产后"]),
    "chinese in gb18030": (CHINESE.replace("产后", "㐀产后").encode("gb18030"), {}, ["备孕期", "㐀产后"]),
    "chinese in big5, declared": ("id,stage\nr1,備孕期\n".encode("big5"), {"encoding": "big5"}, ["備孕期"]),
    "french, declared": ("id,stage\nr1,après\n".encode("cp1252"), {"encoding": "cp1252"}, ["après"]),
    "korean, declared": ("id,stage\nr1,임신\n".encode("cp949"), {"encoding": "cp949"}, ["임신"]),
    "newline in quotes": (b'id,stage\nr1,"a\nb"\nr2,c\n', {}, ["a\nb", "c"]),
    "windows newline in quotes": (b'id,stage\r\nr1,"a\r\nb"\r\nr2,c\r\n', {}, ["a\r\nb", "c"]),
    "empty line in quotes": (b'id,stage\nr1,"a\n\nb"\nr2,c\n', {}, ["a\n\nb", "c"]),
    "delimiter in quotes": (b'id,stage\nr1,"a,b"\n', {}, ["a,b"]),
    "doubled quotes": (b'id,stage\nr1,"say ""a"""\n', {}, ['say "a"']),
    "empty quotes": (b'id,stage\nr1,""\nr2,b\n', {}, [None, "b"]),
    "apostrophes": (b"id,stage\nr1,it's\nr2,'b'\n", {}, ["it's", "'b'"]),
    "all quoted": (b'"id","stage"\n"r1","a"\n', {}, ["a"]),
    "quoted header with newline": (b'id,"stage\n"\nr1,a\n', {}, ["a"]),
    "spaces around names": (b" id , stage \nr1,a\n", {}, ["a"]),
    "empty lines": (b"\n\nid,stage\n\nr1,a\n\n\nr2,b\n\n\n", {}, ["a", "b"]),
    "semicolons, declared": (b"id;stage\nr1;a\n", {"delimiter": ";"}, ["a"]),
    "tabs, declared": (b"id\tstage\nr1\ta\n", {"delimiter": "\t"}, ["a"]),
    "bars, declared": (b"id|stage\nr1|a\n", {"delimiter": "|"}, ["a"]),
    "header in row 3": (b"A survey,\nof 2024,\nid,stage\nr1,a\n", {"header": 3}, ["a"]),
    "header below a title of one cell": (b'"A\nsurvey"\nid,stage\nr1,a\n', {"header": 2}, ["a"]),
    "header in row 2 below an empty line": (b"\nid,stage\nr1,a\n", {"header": 2}, ["a"]),
    "nameless column at the end": (b"id,stage,\nr1,a,\nr2,b,x\n", {}, ["a", "b"]),
    "two nameless columns": (b",,id,stage\n1,2,r1,a\n", {}, ["a"]),
    "a row of nothing": (b"id,stage\nr1,a\n,\nr2,b\n", {}, ["a", None, "b"]),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_what_can_be_read_is_read(tmp_path, case, ending):
    content, layout, expected = READ[case]
    path = tmp_path / f"panel{ending}"
    path.write_bytes(gzip.compress(content) if ending == ".csv.gz" else content)
    raw = read_panel(path, Layout(**layout))
    found = raw.frame["阶段" if "阶段" in raw.columns else "stage"]
    assert found.astype(object).where(found.notna(), None).tolist() == (
        expected or ["a", "b", *["stage", "a", "b"] * 3]
    )


REFUSED = {
    "nothing": (b"", {}, ["panel is empty"]),
    "a newline": (b"\n", {}, ["panel is empty", "no header"]),
    "a mark and nothing else": (b"\xef\xbb\xbf", {}, ["panel is empty", "no header"]),
    "only delimiters": (b",,,\n", {}, ["panel is empty", "no header"]),
    "header beyond the end": (b"id,stage\nr1,a\n", {"header": 9}, ["no header in row 9"]),
    "a short row": (b"id,stage\nr1,a\nr2\n", {}, ["row 3", "not whole", "found 1 fields", "expected 2"]),
    "a long row": (b"id,stage\nr1,a\nr2,b,c\n", {}, ["row 3", "not whole", "found 3 fields"]),
    "a short row below empty lines": (b"\nid,stage\n\nr1,a\n\nr2\n", {}, ["row 6", "not whole"]),
    "a short row below a title": (b"t,\nid,stage\nr1,a\nr2\n", {"header": 2}, ["row 4", "not whole"]),
    "a short row below quoted newlines": (b'id,stage\nr1,"a\nb"\nr2\n', {}, ["row 3", "not whole"]),
    "delimiters at the ends of rows": (b"id,stage\nr1,a,\nr2,b,\n", {}, ["row 2", "found 3 fields", "expected 2"]),
    "a column twice": (b"id,F01,F01\nr1,1,2\n", {}, ["row 1", "column F01", "stands twice", "columns 2 and 3"]),
    "a column twice but for spaces": (b"id,F01, F01\nr1,1,2\n", {}, ["column F01", "stands twice"]),
    "a zero byte": (b"id,stage\nr1,a\nr2,b\0\n", {}, ["row 3", "zero byte"]),
    "a block of zeros": (b"id,stage\n" + b"\0" * 5000, {}, ["row 2", "zero byte"]),
    "an open quotation mark": (b'id,stage\nr1,a\nr2,"b\nr3,c\n', {}, ["row 3", "never closed"]),
    "two stray quotation marks": (b'id,stage\nr1,"a\nr2,"b\nr3,c\n', {}, ["middle of a field"]),
    "inches": (b'id,stage\nr1,5" pipe\n', {}, ["row 2", "middle of a field"]),
    "text after a quotation": (b'id,stage\nr1,"a"b\n', {}, ["row 2", "middle of a field"]),
    "a space before a quotation": (b'id,stage\nr1, "a,b"\n', {}, ["row 2", "middle of a field"]),
    "cut off inside a quotation": (b'id,stage\nr1,"a', {}, ["row 2", "never closed"]),
    "cut off inside a character": (CHINESE.encode()[:-2], {}, ["row 3", "middle of a character"]),
    "semicolons": (b"id;stage\nr1;a\n", {}, ["a semicolon", 'panel.delimiter = ";"']),
    "tabs": (b"id\tstage\nr1\ta\n", {}, ["a tab", 'panel.delimiter = "\\t"']),
    "bars": (b"id|stage\nr1|a\n", {}, ['panel.delimiter = "|"']),
    "commas where semicolons are declared": (b"id,stage\nr1,a\n", {"delimiter": ";"}, ['panel.delimiter = ","']),
    "a note for a spreadsheet": (b"sep=;\nid;stage\nr1;a\n", {}, ["row 1", "note", 'panel.delimiter = ";"']),
    "french": ("id,stage\nr1,après\n".encode("cp1252"), {}, ["row 2", "cannot be told", "panel.encoding = "]),
    "russian": ("id,stage\nr1,Беременность\n".encode("cp1251"), {}, ["cannot be told", "panel.encoding = "]),
    "japanese": ("id,stage\nr1,妊娠中のケア\n".encode("shift-jis"), {}, ["cannot be told", "panel.encoding = "]),
    "japanese in euc": ("id,stage\nr1,ありがとうございます\n".encode("euc-jp"), {}, ["cannot be told"]),
    "traditional chinese": ("id,stage\nr1,備孕期與產後護理\n".encode("big5"), {}, ["cannot be told"]),
    "korean": (
        "id,stage\nr1,임신 중기 산후 회복기 조리원 서비스 만족도 조사 결과 배송 응답\n".encode("euc-kr"), {},
        ["cannot be told", "panel.encoding = "],
    ),
    "half gbk, half utf-8": (CHINESE.encode() + "r3,产后\n".encode("gbk"), {}, ["row 4", "cannot be told"]),
    "gbk where utf-8 is declared": (
        CHINESE.encode("gbk"), {"encoding": "utf-8"},
        ["row 1", "not in the declared encoding", 'panel.encoding = "gb18030"'],
    ),
    "utf-16 where utf-8 is declared": (PLAIN.encode("utf-16"), {"encoding": "utf-8"}, ['panel.encoding = "utf-16"']),
    "ascii declared": (CHINESE.encode(), {"encoding": "ascii"}, ["row 1", 'panel.encoding = "utf-8"']),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path, case):
    content, layout, expected = REFUSED[case]
    path = tmp_path / "panel.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_panel(path, Layout(**layout))
    sentence = str(caught.value)
    assert [part for part in ["panel.csv", *expected] if part not in sentence] == [], sentence
    assert len(sentence.splitlines()) == 1


def test_the_encoding_that_was_found_is_said_with_a_sample(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_bytes(CHINESE.encode("gbk"))
    (said,) = read_panel(path).remarks
    assert "gb18030" in said["en"]
    assert "“编号”" in said["en"]
    assert 'panel.encoding = "…"' in said["zh"]
    assert read_panel(path, Layout(encoding="gbk")).remarks == []


def test_another_file_of_the_study_takes_the_encoding_of_the_panel_only_where_it_is_not_utf8(tmp_path):
    path = tmp_path / "indicators.csv"
    text = "code,name\nA1,après\n"
    for written_in in ("utf-8", "cp1252"):
        path.write_bytes(text.encode(written_in))
        raw = read_panel(path, Layout(encoding="cp1252", of_panel=False))
        assert raw.frame["name"].tolist() == ["après"]
    path.write_text("code;name\nA1;x\n")
    with pytest.raises(InputError, match="to mend it: save the file with commas"):
        read_panel(path, Layout(of_panel=False))


def test_rows_are_numbered_as_a_person_sees_them(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_bytes(b'\nid,stage\n\nr1,"a\n\nb"\nr2,c\n\n\nr3,d\n\n')
    raw = read_panel(path)
    assert raw.frame["id"].tolist() == ["r1", "r2", "r3"]
    assert [raw.row(position) for position in range(3)] == [4, 5, 8]
    assert [one["en"] for one in raw.remarks] == ["panel.csv: 3 empty lines are left out (the first is row 3)."]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64])
def test_structure_does_not_depend_on_where_a_file_is_cut_into_blocks(tmp_path, monkeypatch, block):
    path = tmp_path / "panel.csv"
    path.write_bytes('\nid,stage\r\n\r\nr1,"a\r\n\r\n""孕"""\r\nr2,é\r\n\r\nr3,d\r\n'.encode())
    whole = delimited.look_through(path, Layout())
    delimited._look_through.cache_clear()
    monkeypatch.setattr(encoding, "BLOCK", block)
    assert delimited.look_through(path, Layout()) == whole
    delimited._look_through.cache_clear()
    assert (whole.rows, whole.empty, whole.header_row) == (3, (3, 6), 2)


def test_only_the_columns_that_are_needed_are_read_and_the_others_are_named(tmp_path):
    path = tmp_path / "panel.csv"
    names = [f"c{number}" for number in range(30)]
    path.write_text(",".join([*names, ""]) + "\n" + ",".join([*names, "x"]) + "\n")
    raw = read_panel(path, columns=["c7", "c3", "absent"])
    assert list(raw.frame.columns) == ["c3", "c7"]
    assert raw.columns[:30] == names
    assert raw.frame.iloc[0].tolist() == ["c3", "c7"]
    english = [one["en"] for one in raw.remarks]
    assert english[0].startswith("panel.csv: 28 columns are not used: c0, c1, c2, c4,")
    assert english[0].endswith("and 16 more.")
    assert english[1] == "panel.csv: 1 columns have no name and are not used."


def test_a_header_that_stands_lower_is_found_and_asked_for(tmp_path):
    path = tmp_path / "panel.csv"
    path.write_text("A survey,2024,\n,,\nid,stage,F01\nr1,a,3\n")
    with pytest.raises(InputError, match=r"do not stand in the first row.*panel\.header = 3 in study\.toml"):
        read_panel(path, columns=["id", "F01"])
    assert read_panel(path, Layout(header=3), ["F01"]).frame["F01"].tolist() == ["3"]


BOUNDS = {
    "columns": ("MOST_COLUMNS", 3, "a,b,c,d\n1,2,3,4\n", "too many columns: found 4"),
    "cells": ("MOST_CELLS", 5, "a,b\n1,2\n1,2\n1,2\n", "holds too much to be read: found 3 rows of 2 columns"),
    "a line": ("LONGEST_LINE", 100, "a,b\n1," + "x" * 500 + "\n", "row 2: the line is too long"),
    "a quoted row": ("LONGEST_LINE", 100, 'a,b\n1,"' + "x\n" * 500 + '"\n', "a row is too long"),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_size_is_bounded(tmp_path, monkeypatch, case):
    bound, value, text, expected = BOUNDS[case]
    path = tmp_path / "panel.csv"
    path.write_text(text)
    read_panel(path)
    delimited._look_through.cache_clear()
    monkeypatch.setattr(limits, bound, value)
    monkeypatch.setattr(encoding, "BLOCK", 64)
    with pytest.raises(InputError, match=expected):
        read_panel(path)


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"id,stage\n" + b"r1,a\n" * 2_000_000))
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(limits, "SURE_UNPACKED", 1 << 20)
    with pytest.raises(InputError, match="unpacks to more than can be read"):
        read_panel(path)


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "panel.csv.gz"
    whole = gzip.compress(b"id,stage\n" + b"r1,a\n" * 1000)
    for cut in (whole[:-4], whole[: len(whole) // 2], whole[:12]):
        path.write_bytes(cut)
        with pytest.raises(InputError, match="cut off or damaged"):
            read_panel(path)
