"""The whole backtest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.evaluation import SCORE_KINDS
from maternal_eval.analyses.backtest.registry import REFERENCE, usual
from maternal_eval.analyses.backtest.result import BacktestResult
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.backtest.tables import ALL_ORIGINS
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared
from maternal_eval.study import Study
from tests.backtest.conftest import simulate

LEVELS = ("last_value", "drift", "local_level")
QUICK = BacktestSettings(draws=100, replicates=5)
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
    """Stage weights need an ordinal first outcome, the ordinal model a target with categories."""
    of_satisfaction, of_rate = len(usual()) - 2, len(usual()) - 1
    assert len(result.scores) == 5 * (of_satisfaction + of_rate) * len(SCORE_KINDS)
    assert [part["part"] for part in result.absent] == ["stage_weights", "ordinal"]
    assert result.units == ["platform", "stage"]
    assert result.clusters == "platform"
    assert (result.scores["clusters"] == 6).all()
    assert set(result.main_scores["split"]) == {"2020-2023 to 2024"}
    assert (result.main_scores["origins"] == 1).all()
    pooled = result.scores[result.scores["split"] == "all origins"]
    assert (pooled["origins"] == 4).all()
    of_mae = pooled[pooled["score"] == "mae"]
    assert (of_mae["cells"] == 48).all()
    # A score rests on the cells in which it has a value; the last value states no change and so no direction.
    assert (pooled["cells"] + pooled["left_out"] == 48).all()
    directions = pooled[pooled["score"] == "right_direction"].set_index(["target", "forecaster"])
    assert (directions.loc[(slice(None), REFERENCE), "cells"] == 0).all()
    said = directions.drop([REFERENCE, "training_mean"], level="forecaster")
    assert (said["cells"] >= 36).all()  # no change was seen at the first
    # A rate that was the same in all years is the mean of them too.
    assert directions.loc[("satisfaction", "training_mean"), "cells"] == 36
    assert 24 <= directions.loc[("again", "training_mean"), "cells"] < 36


def test_orientation_stands_beside_every_score(result):
    better = result.scores.groupby("score")["better"].first()
    assert better[["mae", "crps", "rps", "log_score", "width_90"]].tolist() == ["smaller"] * 5
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
    """Not even the ensemble, though its members' earlier forecasts are shared between origins."""
    alone = run_backtest(small.study, replace(QUICK, outcomes=("again",)), seed=0)
    both = result.scores[result.scores["target"] == "again"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.scores, both)


def test_leaving_an_origin_out_changes_no_other(small, result):
    """The origins share what they computed; what is shared is what each would have computed alone."""
    study = small.study
    first = replace(study, panel=study.panel[study.panel["period"] <= 2022].reset_index(drop=True))
    periods = study.definition.periods.model_copy(update={"train": (2020, 2021), "test": 2022})
    first = replace(
        first, periods=(2020, 2021, 2022), definition=study.definition.model_copy(update={"periods": periods})
    )
    alone = run_backtest(first, QUICK, seed=0).forecasts.drop(columns="main")
    both = result.forecasts[result.forecasts["split"].isin(alone["split"])].drop(columns="main").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, both)


def test_small_cells_are_dropped_and_counted(small):
    panel = small.study.panel
    last = (panel["period"] == 2024) & (panel["platform"] == "p0") & (panel["stage"] == "late")
    thin = panel.drop(index=panel.index[last][10:]).reset_index(drop=True)
    found = run_backtest(replace(small.study, panel=thin), ONE)
    main = found.cells[found.cells["main"] & (found.cells["target"] == "satisfaction")].iloc[0]
    assert (main["scored"], main["too_few_in_test"], main["new_units"]) == (11, 1, 0)
    assert main["test_answers"] == 12 * 60 - 50


def test_new_platform_is_forecast_and_counted(small):
    panel = small.study.panel
    thin = panel[(panel["platform"] != "p1") | (panel["period"] == 2024)].reset_index(drop=True)
    found = run_backtest(replace(small.study, panel=thin), ONE)
    main = found.cells[found.cells["main"] & (found.cells["target"] == "satisfaction")].iloc[0]
    assert (main["scored"], main["new_units"]) == (12, 2)
    rows = found.forecasts[found.forecasts["main"] & found.forecasts["unit"].str.startswith("p1")]
    assert rows["last"].isna().all()
    assert rows["forecast"].notna().all()


def test_outcome_that_was_never_asked_before_is_reported(small):
    panel = small.study.panel
    late = panel.assign(again=panel["again"].where(panel["period"] == 2024))
    found = run_backtest(replace(small.study, panel=late), QUICK)
    assert [part["part"] for part in found.absent] == ["stage_weights", "ordinal", "again"]
    assert set(found.scores["target"]) == {"satisfaction"}


def test_a_constant_outcome_is_scored_without_a_skill(small):
    """Where the last value is never wrong nothing can be better: the skill is not defined, and nothing fails."""
    same = replace(small.study, panel=small.study.panel.assign(again=1.0))
    found = run_backtest(same, replace(QUICK, outcomes=("again",)))
    main = found.main_scores.set_index(["forecaster", "score"])["value"]
    assert main["last_value", "one_minus_mape"] == pytest.approx(1.0, abs=1e-3)
    assert main.drop("right_direction", level="score").xs("mae", level="score").max() < 0.01


def test_a_test_year_without_answers_is_refused(tmp_path):
    with pytest.raises(InputError, match="names a period that it does not use or that has no answers: found 2024"):
        simulate(tmp_path, seed=0, periods=4)


def test_without_indicators_the_composites_are_absent(small):
    model = replace(small.study.model, indicators=(), dimensions=())
    found = run_backtest(replace(small.study, model=model), QUICK)
    composites = {"equal_weights", "ahp_weights", "effective_weights", "fitted_weights", "stage_weights"}
    assert {part["part"] for part in found.absent} == composites | {"ordinal"}
    assert set(found.scores["forecaster"]) == set(usual()) - composites


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
    assert read.quantities() == result.quantities()
    assert compared(read.quantities())["mcse"].ge(0).all()
    assert read.labels["ahp_weights"]["zh"].startswith("综合得分")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(result, language):
    figure = result.plot(language, published=0.89)
    named = [text.get_text() for text in figure.axes[2].get_yticklabels()]
    assert named == [result.labels[name][language] for name in usual() if name not in ("ordinal", "stage_weights")]
    assert "89%" in figure.axes[3].get_xlabel()
    assert "89%" not in result.plot(language).axes[3].get_xlabel()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_further_figures(result, language):
    for name in result.further_figures():
        assert result.plot_further(name, language).axes
    assert set(result.further_figures()) == {"skill", "calibration", "attainability"}


def test_bad_settings_are_refused():
    with pytest.raises(ValueError, match="no such forecaster: crystal_ball"):
        BacktestSettings(forecasters=("crystal_ball",))
    with pytest.raises(ValueError, match="even number of draws"):
        BacktestSettings(draws=101)


@pytest.fixture(scope="module")
def built_in(maternal) -> BacktestResult:
    """The built-in study with the forecasters that take no sampling, and its worked case."""
    case = {"platform": "vertical_b", "indicator": "F04", "outcome": "trust", "forecast": -0.15, "observed": -0.17}
    cheap = ("drift", "local_level", "ahp_weights", "effective_weights", "ensemble")
    settings = replace(BacktestSettings.quick(), forecasters=cheap, published_accuracy=0.89, case=case)
    return run_backtest(maternal, settings)


def test_net_promoter_score_is_a_target_of_its_own(built_in):
    """Observed scores are those of the answers, between −100 and 100, by cell; every forecaster has them."""
    rows = built_in.forecasts[built_in.forecasts["target"] == "recommend_nps"]
    assert set(rows["forecaster"]) == {"last_value", *built_in.settings["forecasters"]}
    assert rows[["observed", "forecast", "low", "high"]].abs().le(100).all(axis=None)
    assert built_in.labels["recommend_nps"]["zh"] == "净推荐值（NPS）"


def test_observed_net_promoter_score_by_cell(maternal, built_in):
    rows = built_in.forecasts[built_in.forecasts["main"] & (built_in.forecasts["target"] == "recommend_nps")]
    row = rows.iloc[0]
    platform, stage = row["unit"].split(" × ")
    panel = maternal.panel
    panel = panel[(panel["platform"] == platform) & (panel["stage"] == stage) & (panel["period"] == 2024)]
    worth = 100.0 * (panel["recommend"] >= 9) - 100.0 * (panel["recommend"] <= 6)
    known = panel["recommend"].notna()
    assert row["observed"] == pytest.approx(np.average(worth[known], weights=panel["weight"][known]))


def test_the_worked_case(maternal, built_in):
    """Published −15 % against −17 %; the fall of the indicator and of the outcome are those of the panel."""
    case = built_in.case.set_index(["forecaster", "told"])
    assert case.loc[("published", True), "closeness"] == pytest.approx(1 - 2 / 17)
    panel = maternal.panel[maternal.panel["platform"] == "vertical_b"]

    def change(column):
        means = [
            np.average(part[column], weights=part["weight"])
            for year in (2023, 2024)
            for part in [panel[(panel["period"] == year)].dropna(subset=[column])]
        ]
        return means

    before, after = change("trust")
    assert case.loc[("last_value", False), "observed"] == pytest.approx(after / before - 1)
    assert case["fall"].dropna().iloc[0] == pytest.approx(np.diff(change("F04"))[0])
    # Told of the fall, the forecast falls, and more if the one indicator is all that counts.
    assert case.loc[("single_item", True), "change"] < case.loc[("ahp_weights", True), "change"]
    assert case.loc[("ahp_weights", True), "change"] < case.loc[("ahp_weights", False), "change"]


def test_the_published_accuracy_is_asked_what_it_needs(built_in):
    needed = built_in.answers_needed().set_index(["reading", "forecaster"])["answers"]
    assert needed["one_minus_mape", "true_mean"] <= needed["one_minus_mape", "last_value"]
    assert needed["within_tolerance", "true_mean"] > 20


def test_built_in_study(maternal):
    """Every forecaster, on two targets and all origins."""
    found = run_backtest(maternal, replace(BacktestSettings.quick(), outcomes=("satisfaction", "repurchase")))
    assert found.units == ["platform", "stage"]
    assert set(found.scores["target"]) == {"satisfaction", "repurchase"}
    assert set(found.scores["forecaster"]) == set(usual())
    assert found.simulated
    assert np.isfinite(found.main_scores.loc[found.main_scores["score"] == "crps", "value"]).all()


@pytest.mark.shared
def test_airport_survey(root, shared_data):
    study = Study.read(root / "data" / "sfo", shared_data / "sfo" / "sfo_survey_2010_2017.csv.gz")
    found = run_backtest(study, BacktestSettings.quick())
    assert found.units == ["stage", "strata"]
    assert [part["part"] for part in found.absent] == ["recommend"]
    main = found.main_scores.set_index(["forecaster", "score"])
    assert (main["cells"] + main["left_out"] == 12).all()
    assert (main.xs("one_minus_mape", level="score")["cells"] == 12).all()
    assert main.loc["last_value", "one_minus_mape"]["value"] > 0.95
    # What the airport's passengers say changes little: whoever averages more answers does better than the last value.
    assert main.loc["local_level", "crps_skill"]["value"] > 0


@pytest.mark.shared
def test_airport_survey_over_all_years(root, shared_data):
    study = Study.read(root / "data" / "sfo_long", shared_data / "sfo" / "sfo_survey_2010_2017.csv.gz")
    found = run_backtest(study, replace(BacktestSettings.quick(), forecasters=LEVELS))
    assert found.units == ["stage", "strata"]
    assert [part["part"] for part in found.absent] == ["recommend"]
    assert found.cells.loc[found.cells["target"] == "overall", "split"].nunique() == 7
    pooled = found.comparisons[(found.comparisons["split"] == ALL_ORIGINS) & (found.comparisons["score"] == "crps")]
    assert (pooled["dm_n"] == 7).all()


def test_seven_waves_of_the_general_social_survey(root):
    study = Study.read(root / "data" / "gss")
    found = run_backtest(study, replace(BacktestSettings.quick(), forecasters=LEVELS))
    assert list(dict.fromkeys(found.scores["split"])) == [
        "1994 to 1996", "1994-1996 to 1998", "1994-1998 to 2000", "1994-2000 to 2002", "1994-2002 to 2004",
        "1994-2004 to 2006", ALL_ORIGINS,
    ]  # fmt: skip
    assert found.units == ["stage", "attendance"]
    known = study.panel[["stage", "attendance"]].notna().all(axis=1) & (study.panel["period"] == 2006)
    assert found.cells.loc[found.cells["main"], "test_answers"].item() == known.sum()
