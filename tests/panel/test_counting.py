"""Counting in the file: the same counts and the same refusals as for panels that are read."""

from __future__ import annotations

import dataclasses
import gzip
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.core.hashing import hash_bytes, hash_file
from maternal_eval.results import ResultStore
from maternal_eval.study import Study
from maternal_eval.study.counts import number_of_rows, respondents
from maternal_eval.study.panel import CountedPanel, RowsNotRead, counting, is_large

STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"
simulated = true

[columns]
respondent = "id"
period = "year"
stage = "stage"
segments = ["tier", "town size"]
weight = "weight"
missing_weight = "leave_out"

[stages]
ordered = true
levels = [
    { value = 2, zh = "二", en = "Two" },
    { value = 4, zh = "四", en = "Four" },
    { value = 6, zh = "六", en = "Six" },
]

[outcomes]
satisfaction = { column = "overall", kind = "ordinal", zh = "满意度", en = "Satisfaction" }
again = { column = "again", kind = "binary", zh = "复购", en = "Buys again" }
"""


def panel(rows: int = 900) -> pd.DataFrame:
    """A panel with everything that may be missing missing somewhere, whole numbers written as floats among it."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "year": generator.integers(2020, 2023, rows),
            "stage": generator.choice([2.0, 4.0, 6.0], rows),
            "tier": generator.choice(["first", "it's “lower”"], rows),
            "town size": generator.choice([1, 2, 3], rows).astype(float),
            "weight": generator.choice([0.0, 0.31, 1.7, 2.03], rows),
            "overall": generator.integers(1, 6, rows).astype(float),
            "again": generator.integers(0, 2, rows).astype(float),
        }
    )
    for place, column in enumerate(("stage", "town size", "overall", "again", "tier")):
        frame.loc[frame.index[place :: 23 + place], column] = None
    return frame


def write(frame: pd.DataFrame, folder: Path, ending: str, **options) -> Path:
    path = folder / f"panel{ending}"
    frame.to_parquet(path) if ending == ".parquet" else frame.to_csv(path, index=False, **options)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def count_all(monkeypatch):
    """Let every panel count as large."""

    def switch(on: bool) -> None:
        monkeypatch.setattr(counting.is_large, "__defaults__", (0 if on else counting.LARGEST_READ,))

    return switch


def both_ways(folder: Path, path: Path, count_all) -> tuple[Study, Study]:
    count_all(False)
    read = Study.read(folder, path)
    count_all(True)
    counted = Study.read(folder, path)
    assert read.counted is None
    assert counted.counted is not None
    return read, counted


def assert_same_cells(first, second) -> None:
    for name in ("stage", "period", "answer"):
        assert first[name].to_numpy().tolist() == second[name].to_numpy().tolist()
    assert set(first.variables) == set(second.variables)
    assert first.attrs == second.attrs
    for name in ("answers", *(f"{n}_index" for n in first.coords if n != "answer")):
        assert np.array_equal(first[name], second[name]), name
    for name in ("weighted", "effective", "share"):
        assert second[name].to_numpy() == pytest.approx(first[name].to_numpy(), rel=1e-9), name


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
@pytest.mark.parametrize("outcome", ["satisfaction", "again"])
def test_counts_are_those_of_the_panel_that_is_read(folder, count_all, ending, outcome):
    read, counted = both_ways(folder, write(panel(), folder, ending), count_all)
    assert counted.periods == read.periods
    assert counted.fingerprint == read.fingerprint
    first, second = (cell_counts(study, study.outcomes[outcome]) for study in (read, counted))
    assert first.attrs["left_out"] > 0
    assert_same_cells(first, second)
    parts = {"segments": ("tier",), "periods": (2020, 2021), "forecast": (2022,)}
    assert_same_cells(cell_counts(read, **parts), cell_counts(counted, **parts))


@pytest.mark.parametrize("ending", [".parquet", ".csv.gz"])
def test_counts_of_the_built_in_panel(root, maternal, tmp_path, count_all, ending):
    path = root / "data" / "maternal" / "panel.parquet"
    if ending != ".parquet":
        path = write(pd.read_parquet(path), tmp_path, ending)
    count_all(True)
    counted = Study.read(root / "data" / "maternal", path)
    assert counted.counted is not None
    for outcome in maternal.outcomes.values():
        if outcome.kind != "continuous":
            assert_same_cells(cell_counts(maternal, outcome), cell_counts(counted, counted.outcomes[outcome.name]))


def test_stages_that_are_not_declared_are_found(folder, count_all):
    text = STUDY[: STUDY.index("[stages]")] + STUDY[STUDY.index("[outcomes]") :]
    (folder / "study.toml").write_text(text, encoding="utf-8")
    read, counted = both_ways(folder, write(panel().astype({"stage": "Int64"}), folder, ".csv"), count_all)
    assert read.stages == counted.stages == ("2", "4", "6")
    assert_same_cells(cell_counts(read), cell_counts(counted))


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
@pytest.mark.parametrize(
    ("column", "value"),
    [("overall", 7), ("overall", 2.5), ("stage", 3), ("weight", -0.5), ("year", None), ("id", None), ("again", 2)],
)
def test_the_contract_is_kept_in_the_same_words(folder, count_all, ending, column, value):
    frame = panel().astype({"year": "float64", "id": "float64"} if value is None else {})
    frame.loc[frame.index[417], column] = value
    path = write(frame, folder, ending)
    sentences = []
    for large in (False, True):
        count_all(large)
        with pytest.raises(InputError) as refused:
            Study.read(folder, path)
        sentences.append(str(refused.value))
    assert sentences[0] == sentences[1]
    assert f"row {418 if ending == '.parquet' else 419}, column {column}" in sentences[1]


def test_a_word_among_numbers_and_a_missing_column_are_refused(folder, count_all):
    count_all(True)
    frame = panel().astype({"overall": "object"})
    frame.loc[7, "overall"] = "very"
    with pytest.raises(InputError, match=r"panel.csv, row 9, column overall: not a number: found very"):
        Study.read(folder, write(frame, folder, ".csv"))
    with pytest.raises(InputError, match=r"column weight: a column is missing: found no such column; .* weights"):
        Study.read(folder, write(panel().rename(columns={"weight": "weights"}), folder, ".csv"))


def test_a_file_that_is_cut_off_is_refused(folder, count_all):
    count_all(True)
    path = write(panel(), folder, ".csv")
    path.write_text(path.read_text() + '"half a row')
    with pytest.raises(InputError, match=r"row 902: a quotation mark is never closed \(is the file cut off\?\)"):
        Study.read(folder, path)


@pytest.mark.parametrize("declared", [True, False])
def test_another_encoding_is_counted_like_it_is_read(folder, count_all, declared):
    if declared:
        (folder / "study.toml").write_text(STUDY + '[panel]\nencoding = "gbk"\n', encoding="utf-8")
    frame = panel().replace({"tier": {"first": "一线", "it's “lower”": "其他“城市”"}})
    read, counted = both_ways(folder, write(frame, folder, ".csv", encoding="gbk"), count_all)
    assert set(read.panel["tier"].cat.categories) == {"一线", "其他“城市”"}
    assert_same_cells(cell_counts(read, segments=("tier",)), cell_counts(counted, segments=("tier",)))
    assert read.remarks == counted.remarks
    assert any("gb18030" in one["en"] and "一线" in one["en"] for one in read.remarks) != declared


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_size_decides(tmp_path, ending):
    path = write(panel(50), tmp_path, ending)
    assert is_large(path, 49)
    assert not is_large(path, 50)
    assert not is_large(tmp_path / "none.csv", 0)


def test_a_damaged_file_is_left_to_the_reader(tmp_path):
    path = tmp_path / "panel.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" * 100)[:-20])
    assert not is_large(path, 1000)
    shutil.copy(path, tmp_path / "panel.parquet")
    assert not is_large(tmp_path / "panel.parquet", 0)


def test_rows_that_were_not_read_are_refused_in_one_sentence(tmp_path):
    refusal = CountedPanel(write(panel(), tmp_path, ".parquet")).refusal
    rows = RowsNotRead(["stage", "period"], refusal)
    assert "stage" in rows
    assert "platform" not in rows
    for ask in (len, lambda r: r["stage"], lambda r: r.groupby("stage")):
        with pytest.raises(InputError, match=r"too large for this.*found 900 rows, expected at most 1,000,000"):
            ask(rows)


def test_other_analyses_say_that_they_need_the_rows(folder, count_all, tmp_path_factory, monkeypatch):
    count_all(True)
    path = write(panel(), folder, ".parquet")
    study = Study.read(folder, path)
    assert unmet(STEPS["satisfaction"], study) == []
    store = ResultStore(tmp_path_factory.mktemp("store"))
    monkeypatch.setitem(STEPS, "check", dataclasses.replace(STEPS["check"], counts_suffice=False))
    with pytest.raises(InputError, match=r"'check' cannot be computed.*a panel of at most 1,000,000 rows"):
        Analysis.compute(folder, store, panel=path).result("check")


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_large_panel_is_summarised_like_any_other(folder, count_all, ending):
    text = STUDY.replace("[outcomes]", "[periods]\nuse = [2020, 2022]\n\n[outcomes]")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    first, second = (
        summarise_study(study, CheckSettings())
        for study in both_ways(folder, write(panel(), folder, ending), count_all)
    )
    assert first.facts == second.facts
    pd.testing.assert_frame_equal(first.answers, second.answers)
    pd.testing.assert_frame_equal(first.cells, second.cells)


def test_respondents_who_answer_more_than_once_are_noticed(folder, count_all):
    frame = panel()
    read, counted = both_ways(folder, write(frame, folder, ".parquet"), count_all)
    weighted = int(frame["weight"].notna().sum())  # rows without weight are left out
    assert respondents(read) == respondents(counted) == number_of_rows(counted) == weighted
    _, counted = both_ways(folder, write(frame.assign(id=frame["id"] // 3), folder, ".parquet"), count_all)
    assert number_of_rows(counted) == weighted
    assert respondents(counted) == pytest.approx(300, rel=0.1)


def test_a_file_is_hashed_as_a_whole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc" * 1_000_000)
    assert hash_file(path) == hash_bytes(b"abc" * 1_000_000)
