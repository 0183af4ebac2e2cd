"""Every score states its base: on how many cells it rests, how many are left out, and why."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.attainability import World, simulate
from maternal_eval.analyses.backtest.base import base_of
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.evaluation import SCORE_KINDS, cell_scores, score_table
from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.app.collect import add_as_findings
from maternal_eval.methods.forecasting.comparison import difference_table
from maternal_eval.results import compared
from maternal_eval.results.findings import Findings
from maternal_eval.study import Study

QUICK = BacktestSettings(draws=100, replicates=10, forecasters=("last_value", "drift", "local_level"))

STUDY = """
[study]
name = "zeros"
zh = "零"
en = "Zeros"

[panel]
file = "panel.csv"

[columns]
period = "year"
stage = "stage"

[stages]
levels = [{ value = "a", zh = "甲", en = "A" }, { value = "b", zh = "乙", en = "B" },
          { value = "c", zh = "丙", en = "C" }, { value = "d", zh = "丁", en = "D" }]

[periods]
train = [2020, 2021, 2022]
test = 2023

[outcomes]
again = { column = "again", kind = "binary", zh = "再次购买", en = "Buys again" }
"""


def zeros(folder, stages: str) -> BacktestResult:
    """Backtest rates of about one half of four stages; nobody of ``stages`` buys again in the test year."""
    random = np.random.default_rng(0)
    rows = [
        (year, stage, 0 if year == 2023 and stage in stages else int(random.random() < 0.5))
        for year in (2020, 2021, 2022, 2023)
        for stage in "abcd"
        for _ in range(40)
    ]
    pd.DataFrame(rows, columns=["year", "stage", "again"]).to_csv(folder / "panel.csv", index=False)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return run_backtest(Study.read(folder), QUICK)


@pytest.fixture(scope="module")
def two_zeros(tmp_path_factory) -> BacktestResult:
    return zeros(tmp_path_factory.mktemp("two"), "cd")


@pytest.fixture(scope="module")
def all_zeros(tmp_path_factory) -> BacktestResult:
    return zeros(tmp_path_factory.mktemp("all"), "abcd")


def collected(result: BacktestResult) -> Findings:
    """Return what the papers are given of a backtest."""
    findings = Findings()
    titles = SimpleNamespace(name="zeros", simulated=False)
    add_as_findings(findings, titles, "backtest", result.reported("replication"), "none")
    return findings


def test_one_minus_mape_rests_on_the_cells_with_something_to_relate_to(two_zeros):
    rows = two_zeros.main_scores.set_index(["forecaster", "score"])
    row = rows.loc["last_value", "one_minus_mape"]
    assert (row["cells"], row["left_out"], row["reason"]) == (2, 2, "observed_zero")
    mae = rows.loc["last_value", "mae"]
    assert (mae["cells"], mae["left_out"], mae["reason"]) == (4, 0, "")
    forecasts = two_zeros.forecasts[two_zeros.forecasts["main"] & (two_zeros.forecasts["forecaster"] == "last_value")]
    told = forecasts[forecasts["observed"] > 0]
    expected = 1 - (np.abs(told["forecast"] - told["observed"]) / told["observed"]).mean()
    assert row["value"] == pytest.approx(expected)


def test_the_base_stands_in_table_remarks_and_figure(two_zeros):
    table = two_zeros.table().set_index("forecaster")
    assert (table["cells"] == 4).all()
    assert (table["one_minus_mape_cells"] == 2).all()
    assert {
        "en": "Buys again: 1 − MAPE on 2 of 4 cells; 2 have an observed value of 0.",
        "zh": "再次购买：1−MAPE仅基于 4 个单元中的 2 个；2 个单元观测值为 0。",
    } in two_zeros.remarks
    titles = [axes.get_title(loc="left") for axes in two_zeros.plot("en").axes]
    assert "1 − MAPE\n2 of 4 cells" in titles
    assert "1−MAPE\n4 个单元中的 2 个" in [axes.get_title(loc="left") for axes in two_zeros.plot("zh").axes]


def test_the_base_stands_in_the_findings_and_the_caption_of_the_paper(two_zeros):
    findings = collected(two_zeros)
    assert findings["zeros.backtest.again.drift.one_minus_mape.cells"].value == 2
    caption = findings.tables["zeros-backtest"].caption
    assert "Buys again: 1 − MAPE on 2 of 4 cells; 2 have an observed value of 0." in caption["en"]
    assert "2 个单元观测值为 0。" in caption["zh"]


def test_where_all_observed_are_0_there_is_no_mape(all_zeros):
    rows = all_zeros.main_scores.set_index(["forecaster", "score"])
    row = rows.loc["drift", "one_minus_mape"]
    assert np.isnan(row["value"])
    assert (row["cells"], row["left_out"], row["reason"]) == (0, 4, "observed_zero")
    assert np.isnan(row["low"])
    table = all_zeros.table()
    assert table["one_minus_mape"].isna().all()
    assert table["mae"].notna().all()
    assert "Buys again: no 1 − MAPE on 0 of 4 cells; 4 have an observed value of 0." in [
        one["en"] for one in all_zeros.remarks
    ]
    all_zeros.plot("zh")
    for name in all_zeros.further_figures():
        all_zeros.plot_further(name)
    assert not compared(all_zeros.quantities())["value"].isna().any()
    collected(all_zeros)


def _scores(observed, forecast, last):
    draws = np.tile(np.asarray(forecast, dtype=float), (40, 1))
    of_cells = cell_scores(np.asarray(observed, dtype=float), draws, np.asarray(last, dtype=float), 0.05)
    reference = cell_scores(
        np.asarray(observed, dtype=float), np.tile(last, (40, 1)), np.asarray(last, dtype=float), 0.05
    )
    clusters = np.arange(len(observed))
    table = score_table(of_cells, reference, clusters, 0 * clusters).set_index("score")
    return table, of_cells, reference


def test_right_direction_leaves_out_forecasts_without_one():
    """Up–up right, no change stated, new unit, up–down wrong: 1 of 2, two left out."""
    table, *_ = _scores([3.0, 3.0, 3.0, 3.0], [2.5, 2.0, 2.5, 4.5], [2.0, 2.0, np.nan, 4.0])
    row = table.loc["right_direction"]
    assert (row["value"], row["cells"], row["left_out"], row["reason"]) == (0.5, 2, 2, "no_change")


def test_a_skill_against_a_perfect_reference_has_no_base():
    table, *_ = _scores([3.0, 2.0], [2.5, 2.5], [3.0, 2.0])
    row = table.loc["mae_skill"]
    assert np.isnan(row["value"])
    assert (row["cells"], row["reason"]) == (0, "reference_zero")


def test_outcomes_without_categories_have_no_scores_of_answers():
    table, *_ = _scores([3.0, 2.0], [2.5, 2.5], [3.0, 1.0])
    for name in ("rps", "log_score", "rps_skill"):
        assert (table.loc[name, "cells"], table.loc[name, "reason"]) == (0, "no_categories")
    assert set(table.index) == set(SCORE_KINDS)


def test_differences_are_means_over_the_cells_that_both_have():
    """Cell 0 is missing in one of the two: it counts in no mean, and its origin drops out of the test."""
    own, other = {"mae": np.array([np.nan, 1.0, 2.0])}, {"mae": np.array([5.0, 3.0, 3.0])}
    for scores in (own, other):
        scores.update(dict.fromkeys(("crps", "rps", "log_score"), np.full(3, np.nan)))
    table = difference_table(own, other, np.arange(3), np.array([0, 1, 2]))
    assert table["score"].tolist() == ["mae"]
    row = table.iloc[0]
    assert (row["difference"], row["cells"], row["dm_n"]) == (-1.5, 2, 2)


def test_base_of_nothing_left_out():
    assert base_of("mae", np.array([True, True]), 0.5, skill=False) == (2, 0, "")
    assert base_of("something", np.array([True, False]), 0.5, skill=False) == (1, 1, "undefined")


def test_accuracies_of_simulated_studies_survive_cells_without_a_value():
    """Without any spread every cell is observed at 0: relative accuracy is undefined, the others are not."""
    nothing = World(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, answers=10, clusters=2, units_per_cluster=2)
    found = simulate(nothing, 5, 0.05, np.random.default_rng(0))
    assert np.isnan(found[:, :, 0]).all()
    assert np.isnan(found[:, :, 2]).all()
    assert (found[:, :, 1] == 1).all()
