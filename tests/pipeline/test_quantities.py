"""Each number of a result is named once, and whatever was compared before is compared still."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from maternal_eval.analyses.check.result import CheckResult
from maternal_eval.analyses.scores.result import ScoresResult
from maternal_eval.app.analysis import Analysis
from maternal_eval.core.errors import InputError
from maternal_eval.core.hashing import hash_file
from maternal_eval.results import Key, Manifest, ResultStore, compare, compared
from maternal_eval.results.reported import Reported, key_part
from maternal_eval.study import read_definition

BEFORE: dict[str, dict[str, int]] = {
    "maternal": {
        "check": 34, "claims": 80, "weights": 168, "kano": 90, "scores": 390, "importance": 330, "backtest": 3554,
        "sensitivity": 1165, "satisfaction": 83, "items": 298, "calibration": 58, "stage_weights": 166, "schedule": 151,
        "proposal_power": 63, "explorer": 60, "whatif": 406, "review": 291,
    },
    "gss": {"check": 1, "backtest": 811, "satisfaction": 70},
    "sfo": {
        "check": 26, "weights": 24, "scores": 25, "importance": 117, "backtest": 925, "sensitivity": 190,
        "satisfaction": 59, "calibration": 58, "stage_weights": 109, "schedule": 97, "whatif": 12, "review": 273,
    },
    "sfo_long": {"check": 23, "backtest": 1230},
    "kiosk": {
        "check": 27, "weights": 24, "kano": 87, "scores": 2, "importance": 128, "sensitivity": 321, "satisfaction": 13,
        "calibration": 16, "stage_weights": 65, "review": 273,
    },
}  # fmt: skip
"""How many numbers of each frozen result were compared when that had a list of its own beside the findings."""


@pytest.mark.parametrize("study", BEFORE)
def test_nothing_has_dropped_out_of_the_comparison(root: Path, study: str) -> None:
    frozen = Analysis.open(root / "data" / study)
    now = {}
    for step in BEFORE[study]:
        result = frozen.result(step)
        quantities = result.quantities()
        table = compared(quantities)
        now[step] = len(table)
        assert table.index.is_unique
        assert table.notna().all(axis=None), step
        assert table["mcse"].ge(0).all()
        assert compare(quantities, quantities)["agrees"].all()
    assert {step: count for step, count in now.items() if count < BEFORE[study][step]} == {}


def test_every_key_that_texts_cite_is_a_quantity(root: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((root / "reports").glob("*.??.md"))]
    cited = {key for text in texts for key in re.findall(r"\{\{\s*(?!table:)([a-z][\w.]*)", text)}
    cited |= set(re.findall(r"<!--([a-z0-9_.]+)-->", (root / "README.md").read_text(encoding="utf-8")))
    paper = read_definition(root / "data" / "maternal").paper
    assert paper is not None
    there: set[str] = set()
    for folder in (root / "data" / "maternal", *(root / "data" / "maternal" / one for one in paper.companions)):
        analysis = Analysis.open(folder)
        there |= {
            f"{analysis.name}.{step}.{key}" for step in analysis.possible for key in analysis.result(step).quantities()
        }
    assert len(cited) > 190
    assert cited - there == set()


def test_names_of_any_script_make_keys_that_are_told_apart() -> None:
    assert key_part("score.A-1.(x).2020") == "score.a_1.x.2020"
    into = Reported("replication")
    for name in ("score.产后.2020", "score.孕期.2020", "score.A-1", "score.a 1"):
        into.add(name, 1.0)
    assert list(into.quantities) == ["score.产后.2020", "score.孕期.2020", "score.a_1", "score.a_1_2"]
    with pytest.raises(InputError, match=r"two quantities of the same name: found score\.产后"):
        into.add("score.产后.2020", 2.0)


def test_what_is_missing_or_infinite_is_no_quantity() -> None:
    into = Reported("replication")
    for name, value in (("none", None), ("nan", float("nan")), ("infinite", float("inf"))):
        into.add(name, value)
    into.add("open", 1.0, low=0.0, high=float("inf"))
    assert list(into.quantities) == ["open"]
    assert into.quantities["open"].low is None


def test_the_ends_of_a_range_are_compared_as_its_value_is() -> None:
    into = Reported("arithmetic")
    into.add("sampled", 1.0, low=0.0, high=2.0, error=0.1)
    into.add("computed", 1.0, low=0.5, high=1.5, kind="range", probability=None, error=0.0)
    assert list(compared(into.quantities).index) == ["sampled", "computed", "computed[low]", "computed[high]"]


def _stored(folder: Path, step: str, values: Mapping[str, object], tables: Mapping[str, pd.DataFrame]) -> None:
    """Write a result as version 0.2.1 did: result.json, a file a table, and a manifest."""
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    files = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
    Manifest("old", step, 2024, Key("data", "settings", "code", "packages"), files).write(folder)


def test_a_result_of_version_0_2_1_is_read_where_its_fields_are_those_of_today(tmp_path: Path) -> None:
    answers = pd.DataFrame(
        {"column": ["A1"], "answered": [9], "share_answered": [0.9], "smallest": [1.0], "largest": [5.0]}
    )
    cells = pd.DataFrame({"period": [2020], "stage": ["before"], "answers": [10]})
    facts: dict[str, object] = {"answers": 10, "indicators": 1}
    # Remarks and the table of columns came later and may be empty.
    _stored(tmp_path / "old" / "check", "check", {"facts": facts, "absent": []}, {"answers": answers, "cells": cells})
    read = ResultStore(tmp_path).load(CheckResult, "old", "check")
    assert read.quantities()["answered.of.a1"].value == 0.9
    assert read.remarks == []


def test_a_result_of_version_0_2_1_with_other_fields_is_refused_with_what_to_do(tmp_path: Path) -> None:
    _stored(tmp_path / "old" / "scores", "scores", {"labels": {}, "study": "old", "kappa": 2.0}, {})
    with pytest.raises(InputError, match=r"another version of the code.*other fields: kappa.*compute it anew: run its"):
        ResultStore(tmp_path).load(ScoresResult, "old", "scores")


def test_what_an_earlier_version_stored_twice_is_not_read(root: Path, tmp_path: Path) -> None:
    """``skipped`` of the importance says what its remarks say."""
    importance = Analysis.open(root / "data" / "maternal").result("importance")
    importance.save(tmp_path)
    values = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    (tmp_path / "result.json").write_text(json.dumps({**values, "skipped": [{"part": "ranks"}]}), encoding="utf-8")
    assert type(importance).load(tmp_path).quantities() == importance.quantities()


def test_json_has_the_quantities_and_what_columns_are_called(root: Path) -> None:
    kano = Analysis.open(root / "data" / "maternal").result("kano")
    content = json.loads(json.dumps(kano.to_json(), ensure_ascii=False, allow_nan=False))
    quantities = {one["key"]: one for one in content["quantities"]}
    assert quantities.keys() == kano.quantities().keys()
    row = kano.elements.iloc[0]
    told = quantities[f"better.{row['element'].lower()}"]
    assert (told["value"], told["low"], told["high"]) == (row["better"], row["better_low"], row["better_high"])
    assert (told["kind"], told["error"], told["evidence"]) == ("equal-tailed", 0.0, "simulated")
    assert [one["column"] for one in content["columns"]["table"]] == list(kano.table().columns)
    assert {"column": "better", "en": "Better", "zh": "满意系数", "unit": "", "decimals": 2} in content["columns"][
        "table"
    ]
