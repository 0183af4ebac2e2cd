"""The whole backtest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.backtest import FORECASTERS, REFERENCE, BacktestResult, BacktestSettings, run_backtest
from maternal_eval.backtest.evaluation import SCORE_KINDS
from maternal_eval.errors import InputError
from maternal_eval.study import Study

QUICK = BacktestSettings(draws=100, resamples=50)
ONE = replace(QUICK, forecasters=("drift",), outcomes=("satisfaction",))


@pytest.fixture(scope="module")
def result(small) -> BacktestResult:
    return run_backtest(small.study, QUICK, seed=0)


def test_the_table_has_a_row_for_every_target_and_forecaster(result):
    table = result.table().set_index(["target", "forecaster"])
    scores = result.main_scores.set_index(["target", "forecaster", "score"])["value"]
    assert table.index.is_unique
    for (target, forecaster), row in table.iterrows():
        assert row["crps"] == scores[target, forecaster, "crps"]


def test_a_row_for_every_split_target_forecaster_and_score(result):
    assert len(result.scores) == 5 * 2 * len(FORECASTERS) * len(SCORE_KINDS)
    assert result.units == ["platform", "stage"]
    assert result.clusters == "platform"
    assert (result.scores["clusters"] == 6).all()
    assert set(result.main_scores["split"]) == {"2020-2023 to 2024"}
    assert (result.main_scores["origins"] == 1).all()
    pooled = result.scores[result.scores["split"] == "all origins"]
    assert (pooled["origins"] == 4).all()
    assert (pooled["cells"] == 48).all()


def test_orientation_stands_beside_every_score(result):
    better = result.scores.groupby("score")["better"].first()
    assert better[["mae", "crps"]].tolist() == ["smaller", "smaller"]
    assert better[["one_minus_mape", "crps_skill"]].tolist() == ["larger", "larger"]
    assert better["coverage_80"] == "nominal"


def test_reference_has_no_skill_over_itself_and_states_no_direction(result):
    rows = result.scores[result.scores["forecaster"] == REFERENCE].set_index("score")
    assert (rows.loc[["mae_skill", "crps_skill"], ["value", "low", "high"]] == 0).all(axis=None)
    assert rows.loc["right_direction", "value"].isna().all()


def test_scores_follow_from_the_forecasts(result):
    rows = result.forecasts[result.forecasts["main"]]
    rows = rows[(rows["target"] == "satisfaction") & (rows["forecaster"] == "drift")]
    table = result.main_scores
    table = table[(table["target"] == "satisfaction") & (table["forecaster"] == "drift")].set_index("score")["value"]
    error = (rows["forecast"] - rows["observed"]).abs()
    assert table["mae"] == pytest.approx(error.mean())
    assert table["one_minus_mape"] == pytest.approx(1 - (error / rows["observed"]).mean())
    assert table["within_tolerance"] == pytest.approx((error <= 0.05 * rows["observed"]).mean())


def test_observed_and_last_are_cell_means(small, result):
    panel = small.study.panel
    means = panel.groupby(["platform", "stage", "period"], observed=True)["satisfaction"].mean()
    row = result.forecasts[result.forecasts["main"]].iloc[3]
    platform, stage = row["unit"].split(" × ")
    assert row["observed"] == pytest.approx(means[platform, stage, 2024])
    assert row["last"] == pytest.approx(means[platform, stage, 2023])
    assert row["n"] == 60


def test_intervals_hold_the_values(result):
    known = result.scores.dropna(subset=["low"])
    known = known[known["split"] == "all origins"]
    assert (known["low"] <= known["value"] + 1e-9).mean() > 0.95
    assert (known["value"] <= known["high"] + 1e-9).mean() > 0.95


def test_same_seed_same_result(small, result):
    again = run_backtest(small.study, QUICK, seed=0)
    pd.testing.assert_frame_equal(again.scores, result.scores)
    one, other = (run_backtest(small.study, ONE, seed=seed).scores for seed in (0, 1))
    assert not other["value"].equals(one["value"])


def test_leaving_a_target_out_changes_no_other(small, result):
    alone = run_backtest(small.study, replace(QUICK, outcomes=("again",)), seed=0)
    both = result.scores[result.scores["target"] == "again"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.scores, both)


def test_small_cells_are_dropped_and_counted(small):
    panel = small.study.panel
    last = (panel["period"] == 2024) & (panel["platform"] == "p0") & (panel["stage"] == "late")
    thin = panel.drop(index=panel.index[last][10:]).reset_index(drop=True)
    found = run_backtest(replace(small.study, panel=thin), ONE)
    main = found.cells[found.cells["main"] & (found.cells["target"] == "satisfaction")].iloc[0]
    assert (main["scored"], main["too_few_in_test"], main["no_training"]) == (11, 1, 0)
    assert main["test_answers"] == 12 * 60 - 50


def test_new_platform_is_counted_as_without_training(small):
    panel = small.study.panel
    thin = panel[(panel["platform"] != "p1") | (panel["period"] == 2024)].reset_index(drop=True)
    found = run_backtest(replace(small.study, panel=thin), ONE)
    main = found.cells[found.cells["main"] & (found.cells["target"] == "satisfaction")].iloc[0]
    assert (main["scored"], main["no_training"]) == (10, 2)


def test_outcome_that_was_never_asked_before_is_reported(small):
    panel = small.study.panel
    late = panel.assign(again=panel["again"].where(panel["period"] == 2024))
    found = run_backtest(replace(small.study, panel=late), QUICK)
    assert [part["part"] for part in found.absent] == ["again"]
    assert set(found.scores["target"]) == {"satisfaction"}


def test_without_indicators_the_composites_are_absent(small):
    model = replace(small.study.model, indicators=(), dimensions=())
    found = run_backtest(replace(small.study, model=model), QUICK)
    assert {part["part"] for part in found.absent} == {"equal_weights", "ahp_weights"}
    assert set(found.scores["forecaster"]) == {"last_value", "drift", "local_level"}


def test_one_unit_has_no_interval(small):
    found = run_backtest(small.study, replace(ONE, minimum=300))
    assert found.units == ["stage"]
    single = run_backtest(small.study, replace(ONE, minimum=400))
    assert single.units == []
    assert single.main_scores["low"].isna().all()


def test_nothing_to_score_is_told(small):
    with pytest.raises(InputError, match="no unit has enough answers"):
        run_backtest(small.study, replace(ONE, minimum=721))


def test_survives_storing(result, tmp_path):
    result.save(tmp_path)
    read = BacktestResult.load(tmp_path)
    pd.testing.assert_frame_equal(read.estimates(), result.estimates())
    assert read.estimates()["mcse"].ge(0).all()
    assert read.labels["ahp_weights"]["zh"].startswith("综合得分")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(result, language):
    figure = result.plot(language, published=0.89)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(labels) == len(FORECASTERS) + 1
    assert any("89%" in label for label in labels)
    assert len(result.plot(language).legends[0].get_texts()) == len(FORECASTERS)


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="no such forecaster: crystal_ball"):
        BacktestSettings(forecasters=("crystal_ball",))
    with pytest.raises(ValueError, match="even number of draws"):
        BacktestSettings(draws=101)


def test_built_in_study(maternal):
    found = run_backtest(maternal, BacktestSettings.quick())
    assert found.units == ["platform", "stage"]
    assert set(found.scores["target"]) == {"satisfaction", "trust", "repurchase", "recommend"}
    assert found.simulated
    assert np.isfinite(found.main_scores.loc[found.main_scores["score"] == "crps", "value"]).all()


@pytest.mark.shared
def test_airport_survey(root, shared_data):
    study = Study.read(root / "data" / "sfo", shared_data / "sfo" / "sfo_survey_2010_2017.csv.gz")
    found = run_backtest(study, BacktestSettings.quick())
    assert found.units == ["stage", "strata"]
    assert [part["part"] for part in found.absent] == ["recommend"]
    main = found.main_scores.set_index(["forecaster", "score"])
    assert (main["cells"] == 12).all()
    assert main.loc["last_value", "one_minus_mape"]["value"] > 0.95
    # What the airport's passengers say changes little: whoever averages more answers does better than the last value.
    assert main.loc["local_level", "crps_skill"]["value"] > 0
