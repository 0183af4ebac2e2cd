"""Cells of the panel that hold what they should not: each role of a column by each kind of nonsense."""

import pytest

from tests.hostile.tiny import Case, Tiny, judge, read_rows

NUMBERS = ("q1", "sat", "rep", "rec", "q4", "eur", "w")
"""A rating, an ordinal, a binary and a recommended outcome, a measure, money, and the survey weight."""

NO_NUMBER = [
    "often", "3 of 5", "2020-01-01", "true", "½", "³", "0x10", "1_000", "٣", "３", "−1", "3;4", "3,5", "1,234", "=1+1",
    "#DIV/0!", "#N/A", "85%", "€3", "--", "3..", "1e", "<script>", "\x1b[2J", "inf", "-inf", "Infinity", "1e400",
    "-1e400", "NA", "nan", "None", ".", "?", "不适用", "非常满意", "3 分", "1/2", "0b1", "1e5e5",
]  # fmt: skip
OFF_THE_SCALE = ["101", "-1", "1e6", "1e300", "-1e-9"]
BROKEN = ["0.5", "1.0000001", "4.999999"]


def _all(columns, value):
    """Write a value into the first row of each column."""

    def spoil(study):
        for column in columns:
            study.cell(column, value)

    return spoil


def _numbers():
    """Refused in every column at once: the sentences name each of them."""
    scaled = ("q1", "sat", "rep", "rec", "q4")
    for columns, values in ((NUMBERS, NO_NUMBER), (scaled, OFF_THE_SCALE), (scaled[:4], BROKEN)):
        for value in values:
            yield Case(
                f"{value!r} in {', '.join(columns)}",
                _all(columns, value),
                no=tuple(f"row 2, column {one}: " for one in columns),
            )
    for value in ("-1", "-1e-9", "", " "):
        yield Case(f"weight: {value!r}", lambda s, v=value: s.cell("w", v), no="row 2, column w: ")


CASES = [
    *_numbers(),
    Case("a weight is left out as declared",
         lambda s: s.cell("w", "").toml('weight = "w"', 'weight = "w"\nmissing_weight = "leave_out"'),
         yes="weight"),
    Case("all weights are 0", lambda s: s.column("w", "0"), no="column w"),
    Case("all weights are missing", lambda s: s.column("w", ""), no="w"),
    Case("a weight of 1e300", lambda s: s.cell("w", "1e300"), yes="Tiny study", verb="score --quick"),
    Case("a weight of 0 counts for nothing", lambda s: s.cell("w", "0"), yes="Tiny study"),
    Case("a weight of -0", lambda s: s.cell("w", "-0"), yes="Tiny study"),
    Case("3.0 is 3", lambda s: s.cell("q1", "3.0"),
         yes="│ A1         │ q1     │ indicator, rating                  │       36"),
    Case("-0 is 0", lambda s: s.cell("rep", "-0", _first(("rep", "1"))), yes="back"),
    Case("spaces round a number", lambda s: s.cell("q1", " 3 "),
         yes="│ A1         │ q1     │ indicator, rating                  │       36"),
    Case("one blank is not answered", lambda s: s.cell("q1", ""), yes="│       35 │"),
    Case("NaN is asked about", lambda s: s.cell("q1", "NaN"), no='missing = ["NaN"]'),
    Case("a stage that is not declared", lambda s: s.cell("phase", "during"), no="row 2, column phase"),
    Case("a stage in capitals", lambda s: s.cell("phase", "After"), no="row 2, column phase"),
    Case("a stage that looks like one", lambda s: s.cell("phase", "аfter"), no="row 2, column phase"),
    Case("a stage with a blank", lambda s: s.cell("phase", " after"), yes="after"),
    Case("a stage with a control sign", lambda s: s.cell("phase", "after\x07"), no="row 2, column phase"),
    Case("one stage is missing", lambda s: s.cell("phase", ""), yes="answers without a stage"),
    Case("all stages are missing", lambda s: s.column("phase", ""), yes="answers without a stage │ 36"),
    Case("all in one stage", lambda s: s.column("phase", "after"), yes="before"),
    Case("a stage for each", lambda s: s.toml(
        'levels = [{ value = "before", zh = "之前", en = "Before" }, { value = "after", zh = "之后", en = "After" }]\n', "").toml(
        "ordered = true\n", "").column("phase", lambda n, row: f"stage {n}"), no="phase"),
    Case("a platform for each", lambda s: s.column("shop", lambda n, row: f"shop {n}"), no="makes no groups"),
    Case("a segment for each", lambda s: s.column("city", lambda n, row: f"city {n}"), no="makes no groups"),
    Case("one platform", lambda s: s.column("shop", "north"), yes="│ providers               │ 1 "),
    Case("a platform is missing", lambda s: s.cell("shop", ""), no="row 2, column shop: the value is missing"),
    Case("all platforms are missing", lambda s: s.column("shop", ""), no="shop"),
    Case("platforms that differ in case", lambda s: s.cell("shop", "North"), yes="“North”/“north”"),
    Case("platforms 1, 01 and 001", lambda s: s.column("shop", lambda n, row: ("1", "01", "001")[n % 3]),
         yes="codes that differ little count as different ones"),
    Case("a platform called true", lambda s: s.column("shop", lambda n, row: ("true", "false")[n % 2]),
         yes="│      2 │"),
    Case("a platform called NA", lambda s: s.column("shop", lambda n, row: ("NA", "None")[n % 2]), yes="│      2 │"),
    Case("a platform of formulas", lambda s: s.column("shop", lambda n, row: ("=1+1", "@x")[n % 2]), yes="│      2 │"),
    Case("one respondent for all", lambda s: s.column("id", "p0"), yes="│ respondents             │ 1 "),
    Case("a respondent is missing", lambda s: s.cell("id", ""), no="row 2, column id: the value is missing"),
    Case("respondents of 20 digits", lambda s: s.column("id", lambda n, row: f"{10**19 + n}"),
         yes="│ respondents             │ 36"),
    Case("respondents that differ in zeros", lambda s: s.column("id", lambda n, row: "0" * n + "7"),
         yes="│ respondents             │ 36"),
    Case("rows twice", lambda s: s.put("panel.csv", s.text("panel.csv") + s.text("panel.csv").partition("\n")[2]),
         yes="36 rows stand in the panel twice"),
    Case("the header twice", lambda s: s.row(s.text("panel.csv").partition("\n")[0], "panel.csv"), no="row 38"),
    Case("a total at the end", lambda s: s.row("Total,,,,36,,100,90,100,1800,100,110,200,18,1800", "panel.csv"),
         no="row 38"),
    Case("no row", lambda s: s.keep(lambda n, row: False), no="panel.csv"),
    Case("one row", lambda s: s.keep(lambda n, row: n == 0), no="found 2021"),
    Case("two rows", lambda s: s.keep(lambda n, row: n < 2), no="found 2022"),
    Case("an empty file", lambda s: s.put("panel.csv", ""), no="panel.csv"),
    Case("only line ends", lambda s: s.put("panel.csv", "\n\n\n"), no="panel.csv"),
    Case("only a NUL", lambda s: s.put("panel.csv", "\x00"), no="panel.csv"),
    Case("a NUL in a cell", lambda s: s.cell("city", "in\x00land"), no="panel.csv"),
    Case("cut in a row", lambda s: s.put("panel.csv", s.text("panel.csv")[:-20]), no="panel.csv"),
    Case("a row too long", lambda s: s.row("p99,2020,before,north,1,coast,3,3,3,50,3,3,6,1,50,9,9", "panel.csv"),
         no="row 38"),
    Case("a quote left open", lambda s: s.row('"p99,2020,before', "panel.csv"), no="panel.csv"),
    Case("a column twice", lambda s: s.put("panel.csv", s.text("panel.csv").replace("q1,q2", "q1,q1", 1)), no="q1"),
    Case("a column without name", lambda s: s.put("panel.csv", s.text("panel.csv").replace("city,q1", ",q1", 1)),
         no="city"),
    Case("a column with a blank", lambda s: s.put("panel.csv", s.text("panel.csv").replace("city,q1", "city, q1", 1)), yes="A1"),
    Case("a look-alike column", lambda s: s.put("panel.csv", s.text("panel.csv").replace("city,q1", "сity,q1", 1)),
         no="city"),
    Case("UTF-16", lambda s: s.put("panel.csv", s.text("panel.csv").encode("utf-16")), yes="Tiny study"),
    Case("a byte order mark", lambda s: s.put("panel.csv", "\ufeff" + s.text("panel.csv")), yes="Tiny study"),
    Case("old line ends of Mac", lambda s: s.put("panel.csv", s.text("panel.csv").replace("\n", "\r")),
         yes="Tiny study"),
    Case("blank lines between", lambda s: s.put("panel.csv", s.text("panel.csv").replace("\n", "\n\n")),
         yes="│ answers                 │ 36"),
    Case("the remedy for a broken number names that number", lambda s: s.cell("rep", "1.0000001"), no="missing = [1.0000001]"),
    Case("a number that no column holds has no remedy", lambda s: s.cell("q1", "9" * 5000), no="from 1 to 5 or nothing\n"),
    Case("an indicator nobody answered", lambda s: s.column("q1", ""), no="nobody there answered the indicator"),
    Case("an outcome nobody answered", lambda s: s.column("sat", ""), yes="Nobody answered overall"),
    Case("an indicator with one answer for all", lambda s: s.column("q1", "3"),
         yes="Every answer is the same in A1 (3)"),
    Case("an item that runs against the others", lambda s: s.column("q1", lambda n, row: str(6 - int(row["q1"]))),
         yes="A1 runs against the other items"),
    Case("a recommendation on 1 to 5", lambda s: s.column("rec", lambda n, row: row["sat"]), no="36 answers from 1 to 5"),
    Case("a recommendation on 0 to 5", lambda s: s.column("rec", lambda n, row: str(int(row["rec"]) // 2)).cell("rec", "0"),
         yes="again is a recommendation on 0–10"),
    Case("a workbook that is a CSV", lambda s: s.put("p.xlsx", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.xlsx"'),
         no="p.xlsx"),
    Case("a Parquet that is a CSV", lambda s: s.put("p.parquet", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.parquet"'),
         no="p.parquet"),
    Case("an SPSS file that is a CSV", lambda s: s.put("p.sav", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.sav"'), no="p.sav"),
    Case("a Stata file that is a CSV", lambda s: s.put("p.dta", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.dta"'), no="p.dta"),
    Case("a gzip file that is a CSV", lambda s: s.put("p.csv.gz", s.text("panel.csv")).toml('file = "panel.csv"', 'file = "p.csv.gz"'),
         no="p.csv.gz"),
    Case("a CSV that is a zip file", lambda s: s.put("panel.csv", b"PK\x03\x04" + bytes(300)), no="panel.csv"),
    Case("a page of the web", lambda s: s.put("panel.csv", "<!DOCTYPE html><html><body>Sign in</body></html>\n"),
         no="panel.csv"),
]  # fmt: skip


def _first(wanted):
    column, value = wanted
    return next(n for n, row in enumerate(read_rows(Tiny().text("panel.csv"))) if row[column] == value)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cells(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)
