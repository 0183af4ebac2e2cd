"""Parquet, SPSS and Stata files; files that are none, or not what their names say."""

from __future__ import annotations

import datetime
import decimal
import gzip
import os
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pyreadstat
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel import columnar, limits, read_panel
from maternal_eval.study.panel.contract import ColumnRule, check_panel

DAY, MOMENT = datetime.date(2024, 3, 5), datetime.datetime(2024, 3, 5, 14, 2)


def write(path, values: pa.Array, **options):
    parquet.write_table(pa.table({"id": [f"r{n}" for n in range(len(values))], "x": values}), path, **options)
    return path


TEXTS = {
    "text": (pa.array(["007", None, "NA"]), ["007", None, "NA"]),
    "large text": (pa.array(["a", None], pa.large_string()), ["a", None]),
    "text view": (pa.array(["a", None], pa.string_view()), ["a", None]),
    "dictionary": (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
    "dictionary of numbers": (pa.array([2, 7, 2]).dictionary_encode(), ["2", "7", "2"]),
    "whole numbers": (pa.array([7, 12]), ["7", "12"]),
    "whole numbers with gaps": (pa.array([7, None]), ["7", None]),
    "large whole numbers": (pa.array([9007199254740993, 9007199254740992]), ["9007199254740993", "9007199254740992"]),
    "large whole numbers with gaps": (
        pa.array([9007199254740993, None, 9007199254740992]), ["9007199254740993", None, "9007199254740992"],
    ),
    "unsigned": (pa.array([2**64 - 1, None], pa.uint64()), [str(2**64 - 1), None]),
    "floats": (pa.array([2.0, None, 2.5]), ["2", None, "2.5"]),
    "decimals": (pa.array([decimal.Decimal("2.00"), decimal.Decimal("2.50")]), ["2", "2.5"]),
    "long whole decimals": (
        pa.array([decimal.Decimal("12345678901234567890"), None], pa.decimal128(20, 0)), ["12345678901234567890", None],
    ),
    "truth values": (pa.array([True, False]), ["true", "false"]),
    "truth values with gaps": (pa.array([True, None]), ["true", None]),
    "days": (pa.array([DAY, None]), ["2024-03-05", None]),
    "moments": (pa.array([MOMENT]), ["2024-03-05 14:02:00"]),
    "nothing": (pa.nulls(2), [None, None]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS)
def test_a_column_of_parquet_as_text(tmp_path, kind):
    values, expected = TEXTS[kind]
    raw = read_panel(write(tmp_path / "panel.parquet", values))
    found = check_panel(raw, [ColumnRule("x", "x", numeric=False)])["x"]
    assert found.astype(object).where(found.notna(), None).tolist() == expected


NUMBERS = {
    "whole numbers with gaps": (pa.array([1, None]), [1, np.nan]),
    "small integers": (pa.array([1, 5], pa.int8()), [1, 5]),
    "decimals": (pa.array([decimal.Decimal("2.50"), None]), [2.5, np.nan]),
    "whole decimals": (pa.array([decimal.Decimal("2")], pa.decimal128(20, 0)), [2]),
    "half floats": (pa.array(np.array([1.5], dtype=np.float16)), [1.5]),
    "truth values": (pa.array([True, False, None]), [1, 0, np.nan]),
    "text": (pa.array(["1", "", None, " 4 "]), [1, np.nan, np.nan, 4]),
    "a dictionary": (pa.array(["1", "4"]).dictionary_encode(), [1, 4]),
    "not a number": (pa.array([np.nan, 2.0]), [np.nan, 2]),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_column_of_parquet_as_numbers(tmp_path, kind):
    values, expected = NUMBERS[kind]
    raw = read_panel(write(tmp_path / "panel.parquet", values))
    assert check_panel(raw, [ColumnRule("x", "x")])["x"].tolist() == pytest.approx(expected, nan_ok=True)


NO_COLUMNS = {
    "lists": (pa.array([[1], [2, 3]]), "several values a row: found list"),
    "structs": (pa.array([{"a": 1}]), "several values a row: found struct"),
    "maps": (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "several values a row: found map"),
    "bytes": (pa.array([b"\xff"]), "neither numbers nor text: found binary"),
    "durations": (pa.array([datetime.timedelta(1)]), "neither numbers nor text: found duration"),
    "times": (pa.array([datetime.time(9)]), "neither numbers nor text: found time64"),
}


@pytest.mark.parametrize("kind", NO_COLUMNS)
def test_a_column_of_no_use_is_refused_by_name_where_it_is_needed(tmp_path, kind):
    values, expected = NO_COLUMNS[kind]
    path = write(tmp_path / "panel.parquet", values)
    with pytest.raises(InputError, match=rf"panel\.parquet, column x: .*{expected}"):
        read_panel(path)
    assert read_panel(path, columns=["id"]).frame["id"].tolist()[0] == "r0"


def test_a_period_given_as_a_moment_stays_one(tmp_path):
    raw = read_panel(write(tmp_path / "panel.parquet", pa.array([MOMENT], pa.timestamp("ns", "Asia/Shanghai"))))
    assert isinstance(raw.frame["x"].dtype, np.dtype)
    assert raw.frame["x"].dtype.kind == "M"


def test_many_columns_of_which_few_are_needed_cost_little(tmp_path):
    rows, columns = 200_000, 300
    table = pa.table({f"c{n}": pa.repeat(pa.scalar("always the same text"), rows) for n in range(columns)})
    path = tmp_path / "panel.parquet"
    parquet.write_table(table, path)
    assert path.stat().st_size < 1_000_000
    before = pa.total_allocated_bytes()
    raw = read_panel(path, columns=["c3", "c7"])
    assert raw.frame.shape == (rows, 2)
    assert pa.total_allocated_bytes() - before < 40_000_000
    assert len(raw.columns) == columns


@pytest.mark.parametrize(
    ("bound", "most", "words"),
    [
        ("MOST_COLUMNS", 1, "too many columns: found 2"),
        ("MOST_CELLS", 10, "holds too much to be read: found 1,000 rows of 2 columns"),
        ("MOST_BYTES", 100_000, "unpacks to more than can be read"),
    ],
)
def test_the_size_of_parquet_is_bounded(tmp_path, monkeypatch, bound, most, words):
    path = write(tmp_path / "panel.parquet", pa.array(["x" * 1000] * 1000))
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(limits, bound, most)
    with pytest.raises(InputError, match=words):
        read_panel(path)


def test_parts_of_parquet_are_the_whole(tmp_path, monkeypatch):
    path = write(tmp_path / "panel.parquet", pa.array([*range(99), None]), row_group_size=33)
    whole = read_panel(path).frame
    monkeypatch.setattr(columnar, "ROWS_AT_ONCE", 10)
    pd.testing.assert_frame_equal(read_panel(path).frame, whole, check_dtype=False)


def test_spss_labels_are_kept_and_codes_for_no_answer_are_said(tmp_path):
    frame = pd.DataFrame(
        {"id": ["r1", "r2", "r3"], "F01": [4.0, 97.0, 99.0], "F02": [3.0, 98.0, 1.0], "note": ["a", "XX", "b"]}
    )
    path = tmp_path / "panel.sav"
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={"F01": "产前服务"},
        variable_value_labels={"F01": {4.0: "满意", 97.0: "不知道"}},
        missing_ranges={"F01": [{"lo": 97, "hi": 99}], "F02": [98], "note": ["XX"]},
    )
    raw = read_panel(path, columns=["id", "F01", "F02"])
    assert raw.frame["F01"].tolist() == pytest.approx([4, np.nan, np.nan], nan_ok=True)
    assert raw.frame["F02"].tolist() == pytest.approx([3, np.nan, 1], nan_ok=True)
    assert raw.value_labels["F01"][4.0] == "满意"
    assert raw.variable_labels["F01"] == "产前服务"
    english = [one["en"] for one in raw.remarks]
    assert "counted as missing: F01: 97 (不知道), 99, 2 times; F02: 98, 1 times." in english[0]
    assert english[1] == "panel.sav: 1 columns are not used: note."
    assert read_panel(path).frame["note"].isna().tolist() == [False, True, False]


def test_stata_files_are_read_like_spss_ones(tmp_path):
    frame = pd.DataFrame(
        {"id": ["r1", "r2"], "stage": [1, 2], "F01": [4.0, np.nan], "day": pd.to_datetime(["2024-01-02"] * 2)}
    )
    path = tmp_path / "panel.dta"
    pyreadstat.write_dta(
        frame, str(path), column_labels={"F01": "Care"}, variable_value_labels={"stage": {1: "low", 2: "high"}}
    )
    raw = read_panel(path)
    assert raw.frame["F01"].tolist() == pytest.approx([4, np.nan], nan_ok=True)
    assert raw.value_labels["stage"] == {1: "low", 2: "high"}
    assert raw.variable_labels == {"F01": "Care"}
    stage = check_panel(raw, [ColumnRule("stage", "stage", numeric=False)])["stage"]
    assert stage.tolist() == ["low", "high"]


def test_codes_for_no_answer_in_stata_are_said(tmp_path):
    frame = pd.DataFrame({"id": ["r1", "r2", "r3"], "F01": [4, "a", 5]})
    path = tmp_path / "panel.dta"
    pyreadstat.write_dta(frame, str(path), version=12, missing_user_values={"F01": ["a"]})
    raw = read_panel(path)
    assert raw.frame["F01"].tolist() == pytest.approx([4, np.nan, 5], nan_ok=True)
    assert "F01: a, 1 times" in raw.remarks[0]["en"]


@pytest.mark.parametrize("ending", [".sav", ".zsav", ".dta"])
def test_few_columns_of_a_statistical_file_are_read(tmp_path, monkeypatch, ending):
    path = tmp_path / f"panel{ending}"
    frame = pd.DataFrame({f"v{n}": [1.0, 2.0] for n in range(20)})
    writer = pyreadstat.write_dta if ending == ".dta" else pyreadstat.write_sav
    writer(frame, str(path), **({"compress": True} if ending == ".zsav" else {}))
    raw = read_panel(path, columns=["v3"])
    assert raw.frame.shape == (2, 1)
    assert len(raw.columns) == 20
    assert read_panel(path, columns=["none"]).columns == raw.columns
    monkeypatch.setattr(limits, "MOST_CELLS", 10)
    with pytest.raises(InputError, match="holds too much"):
        read_panel(path)


CSV = b"id,stage\nr1,a\n"


def _zip(*names):
    def content(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "x")

    return content


def _bytes(content):
    return lambda path: path.write_bytes(content)


def _parquet(path):
    parquet.write_table(pa.table({"id": ["r1"]}), path)


def _excel(path):
    pd.DataFrame({"id": ["r1"]}).to_excel(path.with_suffix(".xlsx"), index=False)
    os.replace(path.with_suffix(".xlsx"), path)


def _spss(path):
    pyreadstat.write_sav(pd.DataFrame({"id": ["r1"]}), str(path.with_suffix(".sav")))
    os.replace(path.with_suffix(".sav"), path)


def _stata(path):
    pyreadstat.write_dta(pd.DataFrame({"id": ["r1"]}), str(path.with_suffix(".dta")))
    os.replace(path.with_suffix(".dta"), path)


def _old_stata(path):
    pyreadstat.write_dta(pd.DataFrame({"id": ["r1"]}), str(path.with_suffix(".dta")), version=10)
    os.replace(path.with_suffix(".dta"), path)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
MISLABELLED = {
    "text as Excel": ("panel.xlsx", _bytes(CSV), 'found text.*panel.file = "panel.csv"'),
    "text as Parquet": ("panel.parquet", _bytes(CSV), 'found text.*panel.file = "panel.csv"'),
    "text as SPSS": ("panel.sav", _bytes(CSV), "found text"),
    "text as Stata": ("panel.dta", _bytes(CSV), "found text"),
    "text as gzip": ("panel.csv.gz", _bytes(CSV), 'found text.*panel.file = "panel.csv"'),
    "gzip as text": ("panel.csv", _bytes(gzip.compress(CSV)), 'found a gzip file.*panel.file = "panel.csv.gz"'),
    "Excel as text": ("panel.csv", _excel, 'found an Excel workbook.*panel.file = "panel.xlsx"'),
    "Parquet as text": ("panel.csv", _parquet, 'found a Parquet file.*panel.file = "panel.parquet"'),
    "SPSS as text": ("panel.csv", _spss, 'found an SPSS file.*panel.file = "panel.sav"'),
    "Stata as text": ("panel.csv", _stata, 'found a Stata file.*panel.file = "panel.dta"'),
    "old Stata as text": ("panel.csv", _old_stata, "found a Stata file"),
    "Parquet as Excel": ("panel.xlsx", _parquet, "found a Parquet file"),
    "Excel as Parquet": ("panel.parquet", _excel, "found an Excel workbook"),
    "old Excel": ("panel.xlsx", _bytes(OLE + "Workbook".encode("utf-16-le")), r"old Excel workbook \(.xls\)"),
    "protected Excel": (
        "panel.xlsx", _bytes(OLE + "EncryptedPackage".encode("utf-16-le")), "the file is password-protected",
    ),
    "binary Excel": ("panel.xlsx", _zip("xl/workbook.bin"), "binary form"),
    "Word": ("panel.xlsx", _zip("word/document.xml"), "found a Word document"),
    "OpenDocument": ("panel.xlsx", _zip("mimetype", "content.xml"), "found an OpenDocument file"),
    "zip": ("panel.csv", _zip("panel.csv"), "found a zip archive"),
    "web page": ("panel.csv", _bytes(b"<!DOCTYPE html><table><tr><td>1"), "found a web page"),
    "web page as Excel": ("panel.xlsx", _bytes(b"\xef\xbb\xbf<html><table>"), "found a web page"),
    "XML": ("panel.csv", _bytes(b'<?xml version="1.0"?><a/>'), "found an XML file"),
    "PDF": ("panel.csv", _bytes(b"%PDF-1.7"), "found a PDF file"),
    "SQLite": ("panel.csv", _bytes(b"SQLite format 3\0"), "found an SQLite data base"),
    "R": ("panel.csv", _bytes(b"RDX3\n"), "found an R data file"),
    "Arrow": ("panel.parquet", _bytes(b"ARROW1\0\0"), "found an Arrow"),
    "xz": ("panel.csv", _bytes(b"\xfd7zXZ\0"), "found an xz archive"),
    "noise": ("panel.csv", _bytes(bytes(range(256)) * 4), "(zero byte|cannot be told)"),
    "noise in gzip": ("panel.csv.gz", _bytes(gzip.compress(bytes(range(256)))), "(zero byte|cannot be told)"),
    "Excel in gzip": ("panel.csv.gz", _bytes(gzip.compress(b"PK\x03\x04" + bytes(100))), "(zero byte|cannot be told)"),
    "noise after the mark of Parquet": ("panel.parquet", _bytes(b"PAR1" + bytes(50)), "cut off or no Parquet file"),
    "noise after the mark of SPSS": ("panel.sav", _bytes(b"$FL2" + bytes(50)), "cut off or no SPSS file"),
    "noise after the mark of Stata": ("panel.dta", _bytes(b"<stata_dta>" + bytes(50)), "cut off or no Stata file"),
    "noise after the mark of Excel": ("panel.xlsx", _bytes(b"PK\x03\x04" + bytes(50)), "cut off"),
}  # fmt: skip


@pytest.mark.parametrize("kind", MISLABELLED)
def test_a_file_that_is_not_what_its_name_says_is_named(tmp_path, kind):
    name, make, expected = MISLABELLED[kind]
    make(tmp_path / name)
    with pytest.raises(InputError, match=expected) as caught:
        read_panel(tmp_path / name)
    assert name in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def _link(path):
    path.symlink_to(path.parent / "nothing.csv")


NO_FILES = {
    "nothing": (lambda path: None, "there is no such file"),
    "a folder": (lambda path: path.mkdir(), "this is a folder and no file"),
    "a pipe": (lambda path: os.mkfifo(path), "a pipe or a device and no file"),
    "a link to nothing": (_link, "the link leads to nothing"),
    "a link to itself": (lambda path: path.symlink_to(path), "cannot be reached"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "a pipe or a device and no file"),
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx", ".sav"])
def test_what_is_no_file_is_refused(tmp_path, kind, ending):
    make, expected = NO_FILES[kind]
    path = tmp_path / f"panel{ending}"
    make(path)
    with pytest.raises(InputError, match=expected):
        read_panel(path)


def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "answers.csv").write_bytes(CSV)
    (tmp_path / "panel.csv").symlink_to(tmp_path / "answers.csv")
    assert read_panel(tmp_path / "panel.csv").frame["stage"].tolist() == ["a"]


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx", ".sav", ".dta"])
def test_a_file_that_must_not_be_read_is_refused(tmp_path, monkeypatch, ending):
    import builtins

    path = tmp_path / f"panel{ending}"
    path.write_bytes(CSV)
    opened = builtins.open

    def refuse(file, *arguments, **options):
        if str(file) == str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(file, *arguments, **options)

    monkeypatch.setattr(builtins, "open", refuse)
    with pytest.raises(InputError, match=r"the file cannot be read \(permission denied\)"):
        read_panel(path)


def _example(path):
    frame = pd.DataFrame({"id": [f"r{n}" for n in range(30)], "stage": ['a,"b"', "孕期"] * 15})
    frame["F01"] = [1.0, None, 5.0] * 10
    writers = {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".csv.gz": lambda: frame.to_csv(path, index=False, compression={"method": "gzip", "mtime": 1}),
        ".parquet": lambda: frame.to_parquet(path),
        ".xlsx": lambda: frame.to_excel(path, index=False),
        ".sav": lambda: pyreadstat.write_sav(frame, str(path), missing_ranges={"F01": [5]}),
        ".zsav": lambda: pyreadstat.write_sav(frame, str(path), compress=True),
        ".dta": lambda: pyreadstat.write_dta(frame, str(path)),
    }
    writers["".join(path.suffixes)]()
    return path.read_bytes()


@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet", ".xlsx", ".sav", ".zsav", ".dta"])
def test_a_file_with_bytes_changed_is_read_or_refused_in_one_sentence(tmp_path, ending):
    path = tmp_path / f"panel{ending}"
    whole, random = _example(path), np.random.default_rng(1)
    refused = []
    for _ in range(40):
        content = bytearray(whole)
        for _ in range(int(random.choice([1, 2, 5, 20]))):
            place = int(random.integers(len(content)))
            change = random.integers(4)
            if change == 0:
                content[place] = int(random.integers(256))
            elif change == 1:
                del content[place : place + int(random.choice([1, 10, 100]))]
            elif change == 2:
                content[place:place] = random.bytes(8)
            else:
                content[place : place + 4] = b"\xff\xff\xff\x7f"
        path.write_bytes(bytes(content))
        try:
            read_panel(path, columns=["id", "F01"])
        except InputError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert [one for one in refused if len(one.splitlines()) != 1 or len(one) > 600] == []
