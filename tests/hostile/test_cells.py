"""Cells of the panel that hold what they should not: each role of a column by each kind of nonsense."""

import pytest

from tests.hostile.tiny import Case, Tiny, judge, read_rows

NUMBERS = {
    "rating": ("q1", "off the scale", "not a whole number"),
    "ordinal": ("sat", "off the scale", "not a whole number"),
    "binary": ("rep", "off the scale", "not a whole number"),
    "recommendation": ("rec", "off the scale", "not a whole number"),
    "measure": ("q4", "off the scale", ""),
    "money": ("eur", "", ""),
    "weight": ("w", "", ""),
}
"""Role → column, and what is said of a number off the scale and of a broken one (empty: it is none)."""

NO_NUMBER = [
    "often", "3 of 5", "2020-01-01", "true", "½", "³", "0x10", "1_000", "٣", "３", "−1", "3;4", "3,5", "1,234", "=1+1",
    "#DIV/0!", "#N/A", "85%", "€3", "--", "3..", "1e", "\u200b", "<script>", "\x1b[2J",
]  # fmt: skip
ENDLESS = ["inf", "-inf", "Infinity", "1e400", "-1e400"]


def _numbers():
    for role, (column, off, broken) in NUMBERS.items():
        nonsense = NO_NUMBER if role in ("rating", "money") else NO_NUMBER[::6]
        for value in nonsense:
            yield Case(f"{role}: {value!r}", lambda s, c=column, v=value: s.cell(c, v), no=f"column {column}")
        for value in ENDLESS if role in ("rating", "money", "weight") else ENDLESS[::3]:
            yield Case(f"{role}: {value}", lambda s, c=column, v=value: s.cell(c, v), no=f"column {column}")
        if off:
            for value in ("101", "-1", "1e6"):
                yield Case(f"{role}: {value}", lambda s, c=column, v=value: s.cell(c, v), no=f"column {column}")
        if broken:
            for value in ("0.5", "1.0000001"):
                yield Case(f"{role}: {value}", lambda s, c=column, v=value: s.cell(c, v), no=f"column {column}")
    for value in ("0", "-1", "-0"):
        yield Case(f"weight: {value}", lambda s, v=value: s.cell("w", v), no="column w")
    for value in ("", "nan", "NA", " "):
        yield Case(f"weight: {value!r} is missing", lambda s, v=value: s.cell("w", v), no="column w")


CASES = [
    *_numbers(),
    Case("a weight is left out as declared", lambda s: s.cell("w", "").toml('weight = "w"', 'weight = "w"\nmissing_weight = "leave_out"'),
         yes="weight"),
    Case("all weights are 0", lambda s: s.column("w", "0"), no="column w"),
    Case("all weights are missing", lambda s: s.column("w", ""), no="w"),
    Case("a weight of 1e300", lambda s: s.cell("w", "1e300"), no="column w"),
    Case("3.0 is 3", lambda s: s.cell("q1", "3.0"), yes="A1     │ q1     │ indicator, rating                  │       36"),
    Case("-0 is 0", lambda s: s.cell("rep", "-0", _first(("rep", "1"))), yes="back"),
    Case("spaces round a number", lambda s: s.cell("q1", " 3 "), yes="A1     │ q1     │ indicator, rating                  │       36"),
    Case("one blank is not answered", lambda s: s.cell("q1", ""), yes="│       35 │"),
    Case("NaN is not answered", lambda s: s.cell("q1", "NaN"), yes="│       35 │"),
    Case("a stage that is not declared", lambda s: s.cell("phase", "during"), no="row 2, column phase"),
    Case("a stage in capitals", lambda s: s.cell("phase", "After"), no="row 2, column phase"),
    Case("a stage that looks like one", lambda s: s.cell("phase", "аfter"), no="row 2, column phase"),
    Case("a stage with a blank", lambda s: s.cell("phase", " after"), yes="after"),
    Case("a stage with a control sign", lambda s: s.cell("phase", "after\x07"), no="row 2, column phase"),
    Case("one stage is missing", lambda s: s.cell("phase", ""), yes="answers without a stage"),
    Case("all stages are missing", lambda s: s.column("phase", ""), no="phase"),
    Case("all in one stage", lambda s: s.column("phase", "after"), yes="before"),
    Case("a stage for each", lambda s: s.toml(
        'levels = [{ value = "before", zh = "之前", en = "Before" }, { value = "after", zh = "之后", en = "After" }]\n', "").toml(
        "ordered = true\n", "").column("phase", lambda n, row: f"stage {n}"), no="phase"),
    Case("a platform for each", lambda s: s.column("shop", lambda n, row: f"shop {n}"), no="makes no groups"),
    Case("a segment for each", lambda s: s.column("city", lambda n, row: f"city {n}"), no="makes no groups"),
    Case("one platform", lambda s: s.column("shop", "north"), yes="north"),
    Case("a platform is missing", lambda s: s.cell("shop", ""), yes="shop"),
    Case("all platforms are missing", lambda s: s.column("shop", ""), no="shop"),
    Case("platforms that differ in case", lambda s: s.cell("shop", "North"), yes="North"),
    Case("platforms 1, 01 and 001", lambda s: s.column("shop", lambda n, row: ("1", "01", "001")[n % 3]), yes="│      3 │"),
    Case("a platform called true", lambda s: s.column("shop", lambda n, row: ("true", "false")[n % 2]), yes="│      2 │"),
    Case("a platform called NA", lambda s: s.column("shop", lambda n, row: ("NA", "None")[n % 2]), yes="│      2 │"),
    Case("a platform of formulas", lambda s: s.column("shop", lambda n, row: ("=1+1", "@x")[n % 2]), yes="│      2 │"),
    Case("respondents twice in a period", lambda s: s.column("id", "p0"), no="id"),
    Case("a respondent is missing", lambda s: s.cell("id", ""), yes="respondent"),
    Case("respondents of 20 digits", lambda s: s.column("id", lambda n, row: f"{10**19 + n}"), yes="│ respondents             │ 36"),
    Case("respondents that differ in zeros", lambda s: s.column("id", lambda n, row: "0" * n + "7"), yes="│ respondents             │ 36"),
    Case("rows twice", lambda s: s.put("panel.csv", s.text("panel.csv") + s.text("panel.csv").partition("\n")[2]), no="panel.csv"),
    Case("the header twice", lambda s: s.row(s.text("panel.csv").partition("\n")[0], "panel.csv"), no="row 38"),
    Case("a total at the end", lambda s: s.row("Total,,,,36,,100,90,100,1800,100,110,200,18,1800", "panel.csv"), no="row 38"),
    Case("no row", lambda s: s.keep(lambda n, row: False), no="panel.csv"),
    Case("one row", lambda s: s.keep(lambda n, row: n == 0), yes="│ answers                 │ 1"),
    Case("two rows", lambda s: s.keep(lambda n, row: n < 2), yes="│ answers                 │ 2"),
    Case("an empty file", lambda s: s.put("panel.csv", ""), no="panel.csv"),
    Case("only line ends", lambda s: s.put("panel.csv", "\n\n\n"), no="panel.csv"),
    Case("only a NUL", lambda s: s.put("panel.csv", "\x00"), no="panel.csv"),
    Case("a NUL in a cell", lambda s: s.cell("city", "in\x00land"), no="panel.csv"),
    Case("cut in a row", lambda s: s.put("panel.csv", s.text("panel.csv")[:-20]), no="panel.csv"),
    Case("a row too long", lambda s: s.row("p99,2020,before,north,1,coast,3,3,3,50,3,3,6,1,50,9,9", "panel.csv"), no="row 38"),
    Case("a quote left open", lambda s: s.row('"p99,2020,before', "panel.csv"), no="panel.csv"),
    Case("a column twice", lambda s: s.put("panel.csv", s.text("panel.csv").replace("q1,q2", "q1,q1", 1)), no="q1"),
    Case("a column without name", lambda s: s.put("panel.csv", s.text("panel.csv").replace("city,q1", ",q1", 1)), no="city"),
    Case("a column with a blank", lambda s: s.put("panel.csv", s.text("panel.csv").replace("city,q1", "city, q1", 1)), yes="A1"),
    Case("a look-alike column", lambda s: s.put("panel.csv", s.text("panel.csv").replace("city,q1", "сity,q1", 1)), no="city"),
    Case("UTF-16", lambda s: s.put("panel.csv", s.text("panel.csv").encode("utf-16")), yes="Tiny study"),
    Case("a byte order mark", lambda s: s.put("panel.csv", "\ufeff" + s.text("panel.csv")), yes="Tiny study"),
    Case("old line ends of Mac", lambda s: s.put("panel.csv", s.text("panel.csv").replace("\n", "\r")), yes="Tiny study"),
    Case("blank lines between", lambda s: s.put("panel.csv", s.text("panel.csv").replace("\n", "\n\n")), yes="│ answers                 │ 36"),
    Case("an indicator nobody answered", lambda s: s.column("q1", ""), no="q1"),
    Case("an outcome nobody answered", lambda s: s.column("sat", ""), no="sat"),
    Case("an indicator with one answer for all", lambda s: s.column("q1", "3"), yes="A1"),
    Case("an item that runs against the others", lambda s: s.column("q1", lambda n, row: str(6 - int(row["q1"]))), yes="A1"),
    Case("a workbook that is a CSV", lambda s: s.put("p.xlsx", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.xlsx"'),
         no="p.xlsx"),
    Case("a Parquet that is a CSV", lambda s: s.put("p.parquet", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.parquet"'),
         no="p.parquet"),
    Case("an SPSS file that is a CSV", lambda s: s.put("p.sav", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.sav"'), no="p.sav"),
    Case("a Stata file that is a CSV", lambda s: s.put("p.dta", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.dta"'), no="p.dta"),
    Case("a gzip file that is a CSV", lambda s: s.put("p.csv.gz", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.csv.gz"'),
         no="p.csv.gz"),
    Case("a CSV that is a zip file", lambda s: s.put("panel.csv", b"PK\x03\x04" + bytes(300)), no="panel.csv"),
    Case("a page of the web", lambda s: s.put("panel.csv", "<!DOCTYPE html><html><body>Sign in</body></html>\n"), no="panel.csv"),
]  # fmt: skip


def _first(wanted):
    column, value = wanted
    return next(n for n, row in enumerate(read_rows(Tiny().text("panel.csv"))) if row[column] == value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cells(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)
