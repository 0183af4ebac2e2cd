"""The ledger says what is wrong, where; and what its digits can stand for."""

from __future__ import annotations

import csv
from fractions import Fraction

import pytest

from maternal_eval.analyses.claims.ledger import COLUMNS, Ledger
from maternal_eval.analyses.claims.rounding import about, as_printed, at_least, at_most, rounding_interval
from maternal_eval.core.errors import InputError
from maternal_eval.methods.interval_arithmetic import INFINITY, Interval

ROW = {
    "id": "s1-score",
    "seed": "s1",
    "section": "1",
    "unit": "score_1_5",
    "kind": "level",
    "value": "3.2",
    "note_en": "A score.",
}


def write(path, *rows, columns=COLUMNS):
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def claim(tmp_path, **changes):
    return Ledger.read(write(tmp_path / "claims.csv", {**ROW, **changes}))["s1-score"]


@pytest.fixture(scope="module")
def ledger(root):
    return Ledger.read(root / "data" / "maternal" / "claims.csv")


def test_built_in_ledger(ledger):
    assert len(ledger) == 1041
    assert ledger["s000-3.3-satisf-psych-postpartum"].printed == "3.0"
    assert ledger["s000-3.3-satisf-2020"].value == Fraction(16, 5)
    assert ledger["s000-1.4-age-range"].published_range == Interval.of(20, 40)
    assert all(note and not note.isspace() for c in ledger.values() for note in (c.note_en, c.note_zh))


def test_restated_figures_count_once(ledger):
    restated = [claim for claim in ledger.values() if claim.restated]
    assert len(ledger.independent) == len(ledger) - len(restated) == 1017
    assert ledger["s000-10.3-group-minutes-103"].restated
    assert not ledger["s000-6.1-group-minutes"].restated
    # A repeat repeats something: the same value and unit stand elsewhere in the same report.
    for repeat in restated:
        twins = [c for c in ledger.independent if (c.seed, c.value, c.unit) == (repeat.seed, repeat.value, repeat.unit)]
        assert twins, repeat.id


def test_table_has_floats_digits_and_the_repeat_mark(ledger):
    table = ledger.table()
    assert len(table) == 1041
    assert table.loc[table["id"] == "s000-3.3-satisf-2020", "value"].item() == 3.2
    assert table["restated"].sum() == 24
    assert table["low"].notna().sum() == 24


@pytest.mark.parametrize(
    ("changes", "low", "high"),
    [
        ({"value": "3.2"}, "3.15", "3.25"),
        ({"value": "3.0"}, "2.95", "3.05"),
        ({"value": "45", "unit": "percent", "kind": "share"}, "44.5", "45.5"),
        ({"value": "-23", "unit": "percent", "kind": "change"}, "-23.5", "-22.5"),
        ({"value": "5", "unit": "count"}, "5", "5"),
        ({"value": "2.7", "unit": "count"}, "2.65", "2.75"),
        ({"value": "156", "unit": "count"}, "156", "156"),
        ({"value": "1800000", "unit": "count"}, "1795000", "1805000"),
        ({"value": "23000", "unit": "cny"}, "22500", "23500"),
        ({"value": "1800", "unit": "cny_100m"}, "1799.5", "1800.5"),
        ({"value": "5000", "unit": "count", "kind": "sample_size"}, "5000", "5000"),
        ({"value": "48", "unit": "hours", "kind": "threshold", "comparator": "at most"}, "48", "48"),
        ({"value": "45", "unit": "percent", "kind": "weight", "metric": "dimension_weight"}, "45", "45"),
        ({"value": "28", "unit": "percent", "kind": "weight", "metric": "influence"}, "27.5", "28.5"),
        ({"value": "10", "unit": "percent", "kind": "elasticity", "comparator": "input step"}, "10", "10"),
        ({"value": "78", "unit": "percent", "kind": "share", "comparator": "more than"}, "78", "100"),
        ({"value": "15", "unit": "percent", "kind": "share", "comparator": "less than"}, "0", "15"),
        ({"value": "40", "unit": "percent", "kind": "share", "comparator": "about"}, "39", "41"),
        ({"value": "", "low": "8", "high": "12", "unit": "percent", "kind": "share"}, "8", "12"),
    ],
)
def test_rounding_rule(tmp_path, changes, low, high):
    assert rounding_interval(claim(tmp_path, **changes)) == Interval.of(low, high)


def test_one_sided_bounds_and_readings(tmp_path):
    floor = claim(tmp_path, value="8000", unit="cny_100m", comparator="at least, per year")
    assert rounding_interval(floor) == Interval(Fraction(8000), INFINITY)
    assert as_printed(floor) == Interval.of("7999.5", "8000.5")
    plain = claim(tmp_path, value="8000", unit="cny_100m")
    assert about(plain) == Interval.of(7999, 8001)
    assert at_least(plain) == Interval(Fraction(8000), INFINITY)
    assert at_most(plain) == Interval(-INFINITY, Fraction(8000))
    magnitude = rounding_interval(claim(tmp_path, value="10000", unit="cny", comparator="order of magnitude"))
    assert float(magnitude.high / magnitude.low) == pytest.approx(10, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"value": "many"}, "value", "not a number"),
        ({"value": "1/3"}, "value", "not written as a decimal"),
        ({"value": ""}, "value", "no figure"),
        ({"value": "3", "low": "1", "high": "5"}, "value", "a value and a range"),
        ({"value": "", "low": "5", "high": "1"}, "low", "runs backwards"),
        ({"unit": "furlongs"}, "unit", "unit is unknown"),
        ({"kind": "rumour"}, "kind", "kind is unknown"),
        ({"id": ""}, "id", "not an id"),
    ],
)
def test_bad_rows_are_told_with_file_row_and_column(tmp_path, changes, column, words):
    path = write(tmp_path / "claims.csv", {**ROW, "id": "s1-first"}, {**ROW, **changes})
    with pytest.raises(InputError, match=words) as caught:
        Ledger.read(path)
    message = str(caught.value)
    assert "claims.csv, row 3" in message
    assert f"column {column}" in message
    assert "expected" in message


def test_bad_files_are_told(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        Ledger.read(tmp_path / "absent.csv")
    with pytest.raises(InputError, match=r"row 3, column id.*stands twice"):
        Ledger.read(write(tmp_path / "twice.csv", ROW, ROW))
    with pytest.raises(InputError, match=r"column unit: the column is missing"):
        Ledger.read(write(tmp_path / "missing.csv", ROW, columns=[c for c in COLUMNS if c != "unit"]))
    with pytest.raises(InputError, match=r"column colour: the column is unknown"):
        Ledger.read(write(tmp_path / "unknown.csv", ROW, columns=[*COLUMNS, "colour"]))
    (tmp_path / "latin.csv").write_bytes(",".join(COLUMNS).encode() + b"\n\xff")
    with pytest.raises(InputError, match="encoding of the text cannot be told"):
        Ledger.read(tmp_path / "latin.csv")
    (tmp_path / "short.csv").write_text(",".join(COLUMNS) + "\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"row 2.*wrong number of cells.*found 2"):
        Ledger.read(tmp_path / "short.csv")
