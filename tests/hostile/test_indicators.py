"""The table of indicators as nobody should write it."""

import pytest

from tests.hostile.tiny import INDICATORS, Case, judge, read_rows

FILE = "indicators.csv"


def _cell(column, value, row=0):
    return lambda s: s.cell(column, value, row, FILE)


def _many(s, number):
    """Write a study of ``number`` indicators that all stand in the panel."""
    s.put(FILE, "code,dimension\n" + "".join(f"C{n},{('speed', 'care')[n % 2]}\n" for n in range(number)))
    lines = s.text("panel.csv").splitlines()
    names = "".join(f",C{n}" for n in range(number))
    return s.put("panel.csv", "\n".join([lines[0] + names, *(line + ",3" * number for line in lines[1:])]) + "\n")


CASES = [
    Case("empty", lambda s: s.put(FILE, ""), no=FILE),
    Case("header alone", lambda s: s.put(FILE, INDICATORS.partition("\n")[0] + "\n"), no=FILE),
    Case("a code twice", _cell("code", "A1", 1), no="the indicator code stands twice"),
    Case("codes that differ in case", lambda s: s.bare("experts", "kano").cell("code", "a1", 1, FILE), yes="A1"),
    Case("codes that look alike", lambda s: s.bare("experts", "kano").cell("code", "А1", 1, FILE), yes="А1"),
    Case("an empty code", _cell("code", ""), no="column code"),
    Case("a code of blanks", _cell("code", "  "), no="code"),
    Case("a code called weight", _cell("code", "weight"), no="means something else in the panel"),
    Case("a code called all", _cell("code", "all"), no="means something else in the panel"),
    Case("a code called like a dimension", _cell("code", "care"), no="care"),
    Case("a code called like a segment", _cell("code", "city"), no="city"),
    Case("a code called like an outcome", _cell("code", "back"), no="back"),
    Case("a code with a control sign", _cell("code", "A\x1b[2J"), no="cannot be shown"),
    Case("a code of 61 signs", _cell("code", "A" * 61), no="cannot be shown"),
    Case("a name with a line", _cell("name_en", "two\nlines"), no="cannot be shown"),
    Case("a name from right to left", _cell("name_en", "\u202eevil"), no="cannot be shown"),
    Case("an unknown dimension", _cell("dimension", "moon"), no="the dimension is unknown"),
    Case("a dimension with a blank", _cell("dimension", "speed "), yes="A1"),
    Case("an unknown kind", _cell("kind", "feeling"), no="the kind of indicator is unknown"),
    Case("an unknown Kano class", _cell("kano", "delight"), no="the Kano class is unknown"),
    Case("a column that is absent", _cell("column", "q99"), no="q99"),
    Case("a column twice", _cell("column", "q2"), no="one column of the panel has two parts"),
    Case("the respondent as indicator", _cell("column", "id"), no="one column of the panel has two parts"),
    Case("a text column as indicator", lambda s: s.column("note", lambda n, r: f"text {n}").cell("column", "note", 0, FILE), no="column note"),
    Case("a negative weight", _cell("weight", "-0.5"), no="column weight"),
    Case("a weight of 0", lambda s: s.cell("weight", "0", 0, FILE).cell("weight", "0.8", 1, FILE),
         no="is not positive"),
    Case("a weight as text", _cell("weight", "half"), no="column weight"),
    Case("a weight of inf", _cell("weight", "inf"), no="column weight"),
    Case("a missing weight", _cell("weight", ""), no="have no weight"),
    Case("weights that sum to 1.1", _cell("weight", "0.6"), no="do not add up"),
    Case("weights in one dimension of two", lambda s: s.cell("weight", "", 3, FILE).cell("weight", "", 4, FILE),
         no="have no weights"),
    Case("weights of 1e-320", lambda s: s.cell("weight", "1e-320", 0, FILE).cell("weight", "0.8", 1, FILE), yes="A1"),
    Case("low above high", lambda s: s.cell("low", "5", 0, FILE).cell("high", "1", 0, FILE), no="runs backwards"),
    Case("low equals high", _cell("low", "5"), no="runs backwards"),
    Case("an endless scale", _cell("high", "inf"), no="high"),
    Case("a scale of 1e308", _cell("high", "1e308", 3), no="the scale has no end"),
    Case("a broken scale", _cell("low", "0.5"), no="broken ends"),
    Case("a rating of 1e9 steps", _cell("high", "1000000000"), no="the scale is too long"),
    Case("an end as text", _cell("low", "none"), no="column low"),
    Case("a percentage as end", _cell("high", "5%"), no="column high"),
    Case("valid from month 13", lambda s: s.column("valid_from", "2020-13", FILE),
         no="the period of validity is not known"),
    Case("valid from quarter 5", lambda s: s.column("valid_from", "2020Q5", FILE),
         no="the period of validity is not known"),
    Case("valid to before from", lambda s: s.column("valid_from", "2021", FILE).column("valid_to", "2020", FILE),
         no="the indicator ends before it begins"),
    Case("never valid where it was asked", lambda s: s.column("valid_from", "2030", FILE), no="2030"),
    Case("a measure with thousands", _cell("high", "1,000", 3), no="high"),
    Case("1,001 indicators", lambda s: _many(s, 1001), no="1,001"),
    Case("a row too long", lambda s: s.row("C1,care,q5,x,x,unknown,0.5,rating,1,5,6,7", FILE), no="row 7"),
    Case("a row too short", lambda s: s.row("C1,care", FILE), no="row 7"),
    Case("a quote left open", lambda s: s.row('"C1,care', FILE), no=FILE),
    Case("a doubled column", lambda s: s.put(FILE, INDICATORS.replace("code,", "code,code,").replace("\nA", "\nA9,A")), no="code"),
    Case("no column code", lambda s: s.put(FILE, INDICATORS.replace("code,", "kode,")), no="code"),
    Case("semicolons", lambda s: s.put(FILE, INDICATORS.replace(",", ";")), no=FILE),
    Case("a NUL", lambda s: s.put(FILE, INDICATORS.replace("A1", "A\x001", 1)), no=FILE),
    Case("GBK", lambda s: s.put(FILE, INDICATORS.encode("gbk")), yes="indicators.csv is not in UTF-8"),
    Case("a picture", lambda s: s.put(FILE, b"\x89PNG\r\n\x1a\n" + bytes(range(256))), no=FILE),
    Case("an old workbook by its first bytes",
         lambda s: s.put(FILE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), no=FILE),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_indicators(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)


def test_the_spoilt_table_is_a_table():
    assert len(read_rows(INDICATORS)) == 5
