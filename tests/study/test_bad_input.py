"""Every slip is told in one sentence with its place, what was found and what was expected."""

import gzip

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study

from .conftest import answers


def _replace(folder, name, old, new):
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _panel(folder, change):
    frame = answers().astype({"q2": "object"})
    change(frame)
    frame.to_csv(folder / "panel.csv", index=False)


def _cut(folder):
    path = folder / "panel.csv"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 3])


SLIPS = {
    "no study": (
        lambda f: (f / "study.toml").unlink(),
        ["study.toml", "no study folder"],
    ),
    "broken TOML": (lambda f: _replace(f, "study.toml", "[study]", "[study"), ["study.toml", "no valid TOML"]),
    "unknown key": (
        lambda f: _replace(f, "study.toml", 'file = "panel.csv"', 'path = "panel.csv"'),
        ["study.toml", "panel.path", "unknown key"],
    ),
    "unknown kind of outcome": (
        lambda f: _replace(f, "study.toml", '"ordinal"', '"stars"'),
        ["study.toml", "outcomes.satisfaction.kind", "'stars'", "ordinal"],
    ),
    "dimension weights": (
        lambda f: _replace(f, "study.toml", "weight = 0.6", "weight = 0.7"),
        ["study.toml", "do not add up", "0.7 + 0.4 = 1.1", "a sum of 1"],
    ),
    "indicator weights": (
        lambda f: _replace(f, "indicators.csv", "must_be,0.5", "must_be,0.4"),
        ["indicators.csv", "weight", "speed do not add up", "0.9"],
    ),
    "duplicate indicator": (
        lambda f: _replace(f, "indicators.csv", "A2,", "A1,"),
        ["indicators.csv", "row 3", "column code", "stands twice", "found A1"],
    ),
    "unknown dimension": (
        lambda f: _replace(f, "indicators.csv", "B1,care", "B1,love"),
        ["indicators.csv", "row 4", "column dimension", "found love", "speed, care"],
    ),
    "unknown Kano class": (
        lambda f: _replace(f, "indicators.csv", "attractive", "exciting"),
        ["indicators.csv", "row 4", "column kano", "found exciting", "must_be"],
    ),
    "missing column": (
        lambda f: _panel(f, lambda p: p.pop("q3")),
        ["panel.csv", "column q3", "a column is missing", "found columns id, year", "whole number from 1 to 5"],
    ),
    "rating off the scale": (
        lambda f: _panel(f, lambda p: p.__setitem__("q1", p["q1"].where(p["id"] != 4, 7))),
        ["panel.csv", "row 6", "column q1", "off the scale", "found 7", "whole number from 1 to 5"],
    ),
    "half a rating": (
        lambda f: _panel(f, lambda p: p.__setitem__("q1", p["q1"].where(p["id"] != 4, 3.5))),
        ["row 6", "column q1", "found 3.5", "whole number from 1 to 5"],
    ),
    "words for a rating": (
        lambda f: _panel(f, lambda p: p.__setitem__("q2", p["q2"].where(p["id"] != 9, "very good"))),
        ["row 11", "column q2", "not a number", "found very good"],
    ),
    "unknown stage": (
        lambda f: _panel(f, lambda p: p.__setitem__("stage", p["stage"].where(p["id"] != 2, "during"))),
        ["row 4", "column stage", "unknown", "found during", "before, after"],
    ),
    "an infinite rating": (
        lambda f: _panel(f, lambda p: p.__setitem__("q1", p["q1"].astype("float").where(p["id"] != 4, float("inf")))),
        ["row 6", "column q1", "not a number", "found inf"],
    ),
    "training year that is not used": (
        lambda f: _replace(f, "study.toml", "[periods]", "[periods]\nuse = [2021, 2022]"),
        ["study.toml", "column periods", "found 2020", "2021, 2022"],
    ),
    "unknown encoding": (
        lambda f: _replace(f, "study.toml", 'file = "panel.csv"', 'file = "panel.csv"\nencoding = "utf-99"'),
        ["study.toml", "panel.encoding", "utf-99"],
    ),
    "two delimiters": (
        lambda f: _replace(f, "study.toml", 'file = "panel.csv"', 'file = "panel.csv"\ndelimiter = ";;"'),
        ["study.toml", "panel.delimiter", "';;'"],
    ),
    "missing period": (
        lambda f: _panel(f, lambda p: p.__setitem__("year", p["year"].where(p["id"] != 3))),
        ["row 5", "column year", "missing", "found nothing"],
    ),
    "empty panel": (lambda f: answers()[:0].to_csv(f / "panel.csv", index=False), ["panel.csv", "panel is empty"]),
    "nothing in the file": (lambda f: (f / "panel.csv").write_text(""), ["panel.csv", "panel is empty"]),
    "cut off in the middle": (_cut, ["panel.csv", "row", "not whole", "expected 7"]),
    "a row too short": (
        lambda f: _replace(f, "panel.csv", "\n3,2020,", "\n3,"),
        ["panel.csv", "row 5", "not whole", "found 6 fields", "expected 7"],
    ),
    "test year before training": (
        lambda f: _replace(f, "study.toml", "test = 2022", "test = 2021"),
        ["study.toml", "periods.test", "after all training periods", "found 2021"],
    ),
    "test year without answers": (
        lambda f: _replace(f, "study.toml", "test = 2022", "test = 2030"),
        ["has no answers", "found 2030", "2020, 2021, 2022"],
    ),
    "no panel file": (lambda f: (f / "panel.csv").unlink(), ["panel.csv", "no such file"]),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_in_one_sentence(folder, slip):
    spoil, expected = SLIPS[slip]
    Study.read(folder)
    spoil(folder)
    with pytest.raises(InputError) as caught:
        Study.read(folder)
    sentence = str(caught.value)
    assert [part for part in expected if part not in sentence] == [], sentence
    assert len(sentence.splitlines()) == 1


@pytest.mark.parametrize("suffix", ["csv.gz", "parquet", "xlsx", "sav"])
def test_a_file_cut_off_in_the_middle_is_refused_in_every_format(folder, suffix):
    import pyreadstat

    path = folder / f"cut.{suffix}"
    frame = answers()
    if suffix == "csv.gz":
        path.write_bytes(gzip.compress((folder / "panel.csv").read_bytes()))
    elif suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "xlsx":
        frame.to_excel(path, index=False)
    else:
        pyreadstat.write_sav(frame, str(path))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match="cut off") as caught:
        Study.read(folder, path)
    assert f"cut.{suffix}" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_unknown_format_names_the_known_ones(folder):
    (folder / "panel.rds").write_bytes(b"x")
    with pytest.raises(
        InputError,
        match=r"not known: found \.rds, expected \.csv, \.csv\.gz, "
        r"\.tsv, \.txt, \.tab, \.parquet, \.xlsx, \.xlsm, \.sav, \.zsav, \.dta",
    ):
        Study.read(folder, folder / "panel.rds")


def test_chinese_text_in_another_encoding_is_found_and_said(folder):
    text = answers().astype({"stage": "object"}).to_csv(index=False).replace("before", "产后恢复期")
    (folder / "panel.csv").write_bytes(text.encode("gbk"))
    _replace(folder, "study.toml", 'value = "before"', 'value = "产后恢复期"')
    study = Study.read(folder)
    assert study.panel["stage"].value_counts()["产后恢复期"] == (answers()["stage"] == "before").sum()
    assert any("gb18030" in one["en"] and "panel.encoding" in one["zh"] for one in study.remarks)


def test_text_in_an_encoding_that_cannot_be_told_says_what_to_set(folder):
    text = answers().astype({"stage": "object"}).to_csv(index=False).replace("before", "après")
    (folder / "panel.csv").write_bytes(text.encode("cp1252"))
    with pytest.raises(InputError, match=r"cannot be told.*panel\.encoding = "):
        Study.read(folder)


def test_text_in_the_declared_encoding_is_read(folder):
    text = answers().to_csv(index=False).replace("before", "产后恢复期")
    (folder / "panel.csv").write_bytes(text.encode("gbk"))
    _replace(folder, "study.toml", 'value = "before"', 'value = "产后恢复期"')
    _replace(folder, "study.toml", 'file = "panel.csv"', 'file = "panel.csv"\nencoding = "gbk"')
    assert Study.read(folder).stages == ("产后恢复期", "after")


def test_more_indicators_than_any_analysis_takes_are_refused(folder):
    rows = "".join(f"X{number},speed,q1,,,,\n" for number in range(1001))
    (folder / "indicators.csv").write_text("code,dimension,column,name_zh,name_en,kano,weight\n" + rows)
    with pytest.raises(InputError, match=r"indicators\.csv: the study has too many indicators: found 1,001"):
        Study.read(folder)


@pytest.mark.parametrize("name", ["indicators.csv", "study.toml", "panel.csv"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_every_file_of_a_study_may_be_written_by_a_windows_program(folder, name, encoding):
    before = Study.read(folder)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    if name == "panel.csv":
        text = text.replace("id,", "编号,", 1)
        _replace(folder, "study.toml", 'respondent = "id"', 'respondent = "编号"')
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    after = Study.read(folder)
    assert after.panel.equals(before.panel)
    assert after.model == before.model
    assert after.definition.title("zh") == before.definition.title("zh")


@pytest.mark.parametrize(
    "name", ["experts", "kano", "claims", "checks", "platform_log", "triangulation", "kano_columns"]
)
def test_a_file_that_study_toml_names_has_to_be_there(folder, name):
    text = (folder / "study.toml").read_text() + f'\n[files]\n{name} = "absent.csv"\n'
    (folder / "study.toml").write_text(text)
    with pytest.raises(InputError, match=r"absent\.csv: there is no such file"):
        Study.read(folder)
