"""A panel in a warehouse gives the counts of its file: DuckDB, a client of a database, an object store, a cluster."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.panel import counting
from maternal_eval.study.panel.engines import ClientEngine, ClusterEngine, DuckDBEngine, Engine, Grouped
from maternal_eval.study.panel.warehouse import WarehousePanel, panel_at
from tests.panel.test_counting import STUDY, panel

ENGINES = ("duckdb", "pattern", "sqlite", "store", "cluster")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study, and its panel in one file and in three parts."""
    root = tmp_path_factory.mktemp("warehouse")
    (root / "study.toml").write_text(STUDY, encoding="utf-8")
    frame = panel()
    frame.to_parquet(root / "panel.parquet")
    for part in range(3):
        frame[part::3].to_parquet(root / f"part-{part}.parquet")
    return root


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    distributed = pytest.importorskip("distributed", reason="Dask is an optional extra")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as workers,
        distributed.Client(workers) as client,
    ):
        yield client


def engine_of(name: str, folder: Path, request: pytest.FixtureRequest) -> Engine:
    if name == "duckdb":
        return DuckDBEngine.at(str(folder / "panel.parquet"))
    if name == "pattern":
        return DuckDBEngine.at(str(folder / "part-*.parquet"))
    if name == "sqlite":
        connection = sqlite3.connect(":memory:")
        panel().to_sql("answers", connection, index=False)
        return ClientEngine(connection, "answers")
    if name == "store":
        fsspec = pytest.importorskip("fsspec", reason="stands in for an object store")
        fsspec.filesystem("memory").put(str(folder / "panel.parquet"), "/bucket/panel.parquet")
        return DuckDBEngine.at("memory://bucket/panel.parquet")
    parts = [DuckDBEngine.at(str(folder / f"part-{part}.parquet")).relation for part in range(3)]
    return ClusterEngine(request.getfixturevalue("cluster"), parts)


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_counts_what_is_in_the_file(folder, request, name, monkeypatch):
    monkeypatch.setattr(counting, "LARGEST_READ", 10)
    in_file = Study.read(folder, folder / "panel.parquet")
    study = Study.read(folder, WarehousePanel(engine_of(name, folder, request), "answers"))
    for outcome in in_file.outcomes.values():
        one, other = cell_counts(in_file, outcome), cell_counts(study, outcome)
        xr.testing.assert_allclose(one, other, rtol=1e-9)
    one, other = (summarise_study(found, CheckSettings(), 0) for found in (in_file, study))
    pd.testing.assert_frame_equal(one.answers, other.answers)
    pd.testing.assert_frame_equal(one.cells, other.cells)
    assert other.facts["respondents"] == "not named"
    assert any("whether somebody answered more than once is not looked at" in said["en"] for said in other.remarks)


def test_a_pattern_or_an_address_is_counted_where_it_lies(folder):
    study = Study.read(folder, str(folder / "part-*.parquet"))
    assert isinstance(study.counted, WarehousePanel)
    assert study.fingerprint == Study.read(folder, str(folder / "part-*.parquet")).fingerprint
    found = panel_at(Path("s3://bucket/year=2024/*.parquet"))
    assert isinstance(found, WarehousePanel)
    assert found.engine.relation == "read_parquet('s3://bucket/year=2024/*.parquet')"
    assert panel_at("panel.csv") == Path("panel.csv")


SLIPS = {
    "an answer off the scale": ("overall", 9.0, "answers, column overall: the value is off the scale: found 9"),
    "an unknown stage": ("stage", 5.0, "answers, column stage: the value is unknown: found 5"),
    "a negative weight": ("weight", -1.0, "answers, column weight: the value is off the scale: found 1 values below 0"),
    "no period": ("year", None, "answers, column year: the value is missing"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_the_contract_is_that_of_panels_that_are_read(folder, slip):
    column, value, sentence = SLIPS[slip]
    frame = panel().astype({column: "float64"})
    frame.loc[3, column] = value
    connection = sqlite3.connect(":memory:")
    frame.to_sql("answers", connection, index=False)
    with pytest.raises(InputError, match=sentence) as refusal:
        Study.read(folder, WarehousePanel(ClientEngine(connection, "answers"), "answers"))
    assert ", row" not in str(refusal.value)


def test_an_engine_that_refuses_is_one_sentence(folder):
    with pytest.raises(InputError, match="the engine refuses: found no such table: nowhere"):
        Study.read(folder, WarehousePanel(ClientEngine(sqlite3.connect(":memory:"), "nowhere"), "nowhere"))
    with pytest.raises(InputError, match="the panel cannot be counted"):
        Study.read(folder, str(folder / "absent-*.parquet"))
    with pytest.raises(InputError, match=r"no such format can be counted.*found s3://bucket/panel\.orc"):
        panel_at("s3://bucket/panel.orc")


def test_counts_of_parts_add_up():
    asked = Grouped(("a",), {"rows": "count(*)"})
    parts = [pd.DataFrame({"a": ["x", None], "rows": [2, 1]}), pd.DataFrame({"a": ["x"], "rows": [3]})]
    found = asked.together(parts)
    assert found["rows"].tolist() == [5.0, 1.0]
    assert found["a"].isna().tolist() == [False, True]
