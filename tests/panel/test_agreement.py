"""The reader of panels and the counter of large ones: the same answers, or the same refusal, in every case."""

from __future__ import annotations

import gzip

import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.counts import rows_by
from maternal_eval.study.panel import CountedPanel, check_panel, counting, read_panel
from maternal_eval.study.panel.contract import ColumnRule

RULES = [
    ColumnRule("id", "respondent", numeric=False, required=True),
    ColumnRule("year", "period", whole=True, required=True),
    ColumnRule("stage", "stage", numeric=False, values=("01", "2")),
    ColumnRule("platform", "platform", numeric=False, required=True),
    ColumnRule("city", "city", numeric=False),
    ColumnRule("overall", "overall", 1, 5, whole=True),
    ColumnRule("spent", "spent"),
]
COUNTED_BY = RULES[1:5]

HEADER = ["id", "year", "stage", "platform", "city", "overall", "spent", "note"]
PLAIN = dict(zip(HEADER, ["r1", "2024", "01", "app", "A", "4", "1.5", ""], strict=True))

CELLS = {
    "nothing changed": {},
    "leading zeros in ids": {"id": "007"},
    "twenty digits": {"id": "12345678901234567890"},
    "beyond floating point": {"id": "9007199254740993"},
    "a platform with zeros": {"platform": "001"},
    "a platform called 1.0": {"platform": "1.0"},
    "a platform called 1e0": {"platform": "1e0"},
    "a platform called true": {"platform": "true"},
    "a platform called NA": {"platform": "NA"},
    "a platform called None": {"platform": "None"},
    "a platform called null": {"platform": "null"},
    "a platform called nan": {"platform": "nan"},
    "a platform called inf": {"platform": "inf"},
    "spaces around a platform": {"platform": "  app  "},
    "wide spaces around a platform": {"platform": "\u3000app\u00a0"},
    "a tab around a platform": {"platform": "\tapp"},
    "a city of spaces": {"city": "   "},
    "a city of wide spaces": {"city": "\u3000"},
    "no city": {"city": ""},
    "a city of two lines": {"city": "A\nB"},
    "a city with the delimiter": {"city": "A,B"},
    "a city in quotation marks": {"city": 'the "A"'},
    "a chinese city": {"city": "上海"},
    "a composed sign": {"city": "e\u0301"},
    "a stage with a point": {"stage": "2.0"},
    "a stage without its zero": {"stage": "1"},
    "a stage with spaces": {"stage": " 2 "},
    "a stage that is unknown": {"stage": "3"},
    "no stage": {"stage": ""},
    "a rating with a point": {"overall": "5.0"},
    "a rating with an exponent": {"overall": "5e0"},
    "a rating with spaces": {"overall": " 5 "},
    "a rating with wide spaces": {"overall": "\u30005"},
    "a rating with a sign": {"overall": "+5"},
    "a rating in wide digits": {"overall": "５"},
    "a rating in hexadecimal": {"overall": "0x5"},
    "a rating in words": {"overall": "很满意"},
    "a rating of NA": {"overall": "NA"},
    "a rating of nan": {"overall": "nan"},
    "a rating of None": {"overall": "None"},
    "a rating of #N/A": {"overall": "#N/A"},
    "a rating of inf": {"overall": "inf"},
    "a rating of spaces": {"overall": "  "},
    "a rating off the scale": {"overall": "6"},
    "half a rating": {"overall": "3.5"},
    "a rating of true": {"overall": "true"},
    "a rating in per cent": {"overall": "5%"},
    "a number with an underscore": {"spent": "1_000"},
    "a number with a comma": {"spent": "1,5"},
    "a number with thousands": {"spent": "1,000"},
    "a large number": {"spent": "1e300"},
    "a number too large": {"spent": "1e400"},
    "a small number": {"spent": "1e-320"},
    "minus infinity": {"spent": "-inf"},
    "minus nothing": {"spent": "-0"},
    "a period with a point": {"year": "2024.0"},
    "a period of a quarter": {"year": "2024Q1"},
    "a period with a time": {"year": "2024-03-05 14:02:11"},
    "a period of words": {"year": "last year"},
    "no period": {"year": ""},
    "no id": {"id": ""},
    "an id of spaces": {"id": "  "},
    "no platform": {"platform": ""},
    "a note of two lines": {"note": "a\nb"},
    "a note in chinese": {"note": "很好"},
}  # fmt: skip


def line(cells: dict[str, str]) -> str:
    written = [cells[name] for name in HEADER]
    return ",".join('"' + cell.replace('"', '""') + '"' if set(cell) & set('",\n') else cell for cell in written)


def said_by_the_reader(path):
    raw = read_panel(path, columns=[rule.source for rule in RULES])
    frame = check_panel(raw, RULES)
    rows = frame.groupby([rule.name for rule in COUNTED_BY], dropna=False).size().reset_index(name="rows")
    return plain(rows), [one["en"] for one in raw.remarks]


def said_by_the_counter(path):
    counted = CountedPanel(path)
    counted.check(RULES)
    return plain(counted.tally(COUNTED_BY)), [one["en"] for one in counted.remarks([rule.source for rule in RULES])]


def plain(table: pd.DataFrame) -> list[tuple]:
    """The rows of a table without what kinds of columns it has."""
    names = [*(rule.name for rule in COUNTED_BY), "rows"]
    return sorted(tuple("" if pd.isna(value) else str(value) for value in row) for row in table[names].to_numpy())


def write(path, rows, encoding="utf-8"):
    """Write rows with an empty line above the third one."""
    lines = [",".join(HEADER), *map(line, rows)]
    content = "\n".join([*lines[:3], "", *lines[3:], ""]).encode(encoding)
    if path.suffix == ".parquet":
        pd.DataFrame(rows, dtype="str").to_parquet(path)
    else:
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def both(path):
    found = []
    for said_by in (said_by_the_reader, said_by_the_counter):
        try:
            found.append(said_by(path))
        except InputError as error:
            found.append(str(error))
    return found


OTHER = PLAIN | {"stage": "2"}


@pytest.mark.parametrize("case", CELLS)
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_reading_and_counting_agree(tmp_path, case, ending):
    path = tmp_path / f"panel{ending}"
    write(path, [OTHER | {"id": "r0"}, PLAIN, PLAIN | {"id": "r9"} | CELLS[case], OTHER | {"id": "r8"}])
    read, counted = both(path)
    assert read == counted
    if isinstance(read, str):
        assert CELLS[case]
        assert len(read.splitlines()) == 1
        # The row is that of the file: the empty line above it counts.
        assert f"row {3 if ending == '.parquet' else 5}, column" in read


@pytest.mark.parametrize(("ending", "encoding"), [(".csv", "gb18030"), (".csv.gz", "utf-8"), (".csv", "utf-16")])
def test_reading_and_counting_agree_in_every_encoding(tmp_path, ending, encoding):
    path = tmp_path / f"panel{ending}"
    kept = []
    for number, changes in enumerate(CELLS.values()):
        row = PLAIN | {"id": f"r{number}", "note": "备注"} | changes
        write(path, [row])
        try:
            said_by_the_reader(path)
            kept.append(row)
        except InputError:
            continue
    assert len(kept) > 30
    write(path, kept, encoding)
    read, counted = both(path)
    assert read == counted
    assert sum(int(row[-1]) for row in read[0]) == len(kept)
    described = CountedPanel(path).describe(RULES[5:], None, ())
    frame = check_panel(read_panel(path), RULES)[["overall", "spent"]]
    expected = pd.DataFrame({"answered": frame.count(), "smallest": frame.min(), "largest": frame.max()})
    pd.testing.assert_frame_equal(described, expected)
    assert CountedPanel(path).respondents(RULES[0], None, ()) == pytest.approx(len(kept), abs=3)


STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"

[columns]
period = "year"

[outcomes]
overall = { column = "overall", kind = "ordinal", zh = "满意度", en = "Overall" }
"""

PERIODS = {
    "years": ["2023", "2024"], "years with points": ["2023.0", "2024.0"], "quarters": ["2023Q4", "2024Q1"],
    "months": ["2023-12", "2024-01"], "numbers of quarters": ["20234", "20241"], "waves": ["1", "2"],
    "dates": ["2023-12-31", "2024-01-01"], "words": ["2023", "last year"], "a gap": ["2023", ""],
    "two forms": ["2023", "2024Q1"], "month 13": ["202312", "202313"], "wide digits": ["２０２３", "２０２４"],
}  # fmt: skip


@pytest.mark.parametrize("by", ["", "month"])
@pytest.mark.parametrize("case", PERIODS)
def test_periods_are_read_and_counted_alike(tmp_path, monkeypatch, case, by):
    text = STUDY.replace('"year"', f'{{ column = "year", by = "{by}" }}') if by else STUDY
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    path = tmp_path / "panel.csv"
    path.write_text("year,overall\n" + "".join(f"{one},{n}\n" for one in PERIODS[case] for n in (4, 5, 1)))
    found = []
    for limit in (1_000_000, 0):
        monkeypatch.setattr(counting.is_large, "__defaults__", (limit,))
        try:
            study = Study.read(tmp_path, path)
            found.append((study.periods, study.timeline, rows_by(study, ["period"]).to_numpy().tolist()))
        except InputError as error:
            found.append(str(error))
    assert found[0] == found[1]
