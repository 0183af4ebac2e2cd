"""Studies that have little: a result that says what it rests on, or a refusal before anything is fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.boosting_forecaster import BoostingForecaster
from maternal_eval.analyses.backtest.cells import Target, unit_choice
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study

LEVELS = BacktestSettings(draws=100, replicates=10, forecasters=("last_value", "drift", "local_level"))

BASE = """
[study]
name = "little"
zh = "小"
en = "Little"

[panel]
file = "panel.csv"

[columns]
period = "when"
{columns}

[periods]
train = {train}
test = {test}

[outcomes]
{outcome}
"""

CONTINUOUS = 'y = { column = "y", kind = "continuous", zh = "结果", en = "Outcome" }'
BINARY = 'y = { column = "y", kind = "binary", zh = "结果", en = "Outcome" }'
RECOMMENDATION = 'y = { column = "y", kind = "recommendation", zh = "推荐", en = "Recommendation" }'
ORDINAL = 'y = { column = "y", kind = "ordinal", zh = "结果", en = "Outcome" }'
STAGES = (
    'stage = "stage"\n[stages]\nlevels = [{ value = "a", zh = "甲", en = "A" }, { value = "b", zh = "乙", en = "B" }]'
)


def write(folder, frame, outcome, columns="", train="[2020, 2021, 2022]", test="2023"):
    frame.to_csv(folder / "panel.csv", index=False)
    text = BASE.format(columns=columns, train=train, test=test, outcome=outcome)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return Study.read(folder)


def rows(periods=(2020, 2021, 2022, 2023), answers=30, draw=lambda random, size: random.normal(4, 1, size)):
    """Answers in two stages of two platforms."""
    random = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"when": when, "stage": stage, "where": where, "y": draw(random, answers)})
        for when in periods
        for stage in "ab"
        for where in ("p", "q")
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_study_of_nothing_but_a_continuous_outcome(tmp_path):
    found = run_backtest(write(tmp_path, rows(), CONTINUOUS, 'platform = "where"\n' + STAGES), LEVELS)
    table = found.table()
    assert table[["rps", "log_score", "rps_skill"]].isna().all(axis=None)
    assert table[["mae", "crps", "one_minus_mape"]].notna().all(axis=None)
    assert (table["cells"] == 4).all()
    of_answers = found.main_scores[found.main_scores["score"] == "rps"]
    assert set(of_answers["reason"]) == {"no_categories"}
    found.plot()
    for name in found.further_figures():
        found.plot_further(name)


@pytest.mark.parametrize(
    ("outcome", "draw"),
    [
        (BINARY, lambda random, size: (random.random(size) < 0.6).astype(int)),
        (RECOMMENDATION, lambda random, size: random.integers(0, 11, size)),
        (CONTINUOUS, lambda random, size: random.normal(0, 1, size)),
    ],
)
@pytest.mark.parametrize("columns", ["", STAGES, 'platform = "where"'])
def test_a_single_outcome_with_or_without_stages_and_platforms(tmp_path, outcome, draw, columns):
    found = run_backtest(write(tmp_path, rows(draw=draw), outcome, columns), LEVELS)
    units = {"": [], STAGES: ["stage"], 'platform = "where"': ["platform"]}[columns]
    assert found.units == units
    assert np.isfinite(found.main_scores.loc[found.main_scores["score"] == "crps", "value"]).all()
    assert len(found.table()) == len(LEVELS.forecasters) * (2 if outcome == RECOMMENDATION else 1)


def states(folder, figures):
    """Write a panel of one row a state and year: shares of a survey that nobody gave as an answer."""
    names = [f"s{number:02d}" for number in range(figures.shape[1])]
    frame = pd.DataFrame(figures, columns=names).assign(when=range(2020, 2020 + len(figures)))
    frame = frame.melt("when", var_name="where", value_name="y")
    return write(folder, frame, CONTINUOUS, 'platform = "where"')


def test_one_row_per_cell_is_a_figure_of_the_cell(tmp_path):
    """Twelve states on straight lines of slope 0.5: each is a unit, and the drift is met to the last digit."""
    study = states(tmp_path, 60 + np.arange(12) + 0.5 * np.arange(4)[:, None])
    found = run_backtest(study, LEVELS)
    assert found.units == ["platform"]
    rows_of = found.forecasts[found.forecasts["main"]].set_index(["forecaster", "unit"])
    drift = rows_of.loc["drift"]
    np.testing.assert_allclose(drift["forecast"], drift["observed"], rtol=1e-12)
    assert len(drift) == 12
    assert (drift["high"] > drift["low"]).all()
    assert any("one row a period" in one["en"] and "no sampling error" in one["en"] for one in found.remarks)
    assert any("不含抽样误差" in one["zh"] for one in found.remarks)


def test_whole_answers_of_one_row_per_cell_are_too_few_and_refused_before_any_fit(tmp_path):
    """Five quarters with one rating each: nothing can be said of a cell, and the sentence says what is missing."""
    frame = pd.DataFrame({"when": [20171, 20172, 20173, 20174, 20181], "y": [4, 4, 5, 5, 4]})
    study = write(tmp_path, frame, ORDINAL, train="[20171, 20172, 20173, 20174]", test="20181")
    with pytest.raises(InputError) as refusal:
        run_backtest(study, LEVELS, extra=[])
    assert str(refusal.value) == (
        "panel.csv: no unit has enough answers both in a training period and in the test period: found at most 1 in a "
        "training period and 1 in 20181, expected at least 20 answers of a unit in each; to mend it: minimum = 1 under "
        "[analysis.backtest] in study.toml, or more answers"
    )


@pytest.mark.parametrize(
    ("periods", "train", "test", "name", "drift"),
    [
        ([20171, 20172, 20173, 20174, 20181], "[20171, 20172, 20173, 20174]", "20181", "20171-20174 to 20181", 4.4),
        (
            ["2017Q1", "2017Q2", "2017Q3", "2017Q4", "2018Q1"],
            '["2017Q1", "2017Q2", "2017Q3", "2017Q4"]',
            '"2018Q1"',
            "2017Q1-2017Q4 to 2018Q1",
            4.4,
        ),
        (
            ["2020-09", "2020-10", "2020-11", "2020-12", "2021-01"],
            '["2020-09", "2020-10", "2020-11", "2020-12"]',
            '"2021-01"',
            "2020-09 … 2020-12 to 2021-01",
            4.4,
        ),
        ([2010, 2011, 2012, 2013, 2016], "[2010, 2011, 2012, 2013]", "2016", "2010-2013 to 2016", 4.6),
    ],
)
def test_a_line_is_forecast_one_step_ahead_across_the_end_of_a_year(tmp_path, periods, train, test, name, drift):
    """Means 4.0, 4.1, 4.2, 4.3: one quarter or month later 4.4, three years later 4.6."""
    steps = np.repeat([0.0, 1.0, 2.0, 3.0, 4.0], 40)
    noise = np.tile([-0.5, 0.5], 100)
    frame = pd.DataFrame({"when": np.repeat(np.array(periods, dtype=object), 40), "y": 4.0 + 0.1 * steps + noise})
    found = run_backtest(write(tmp_path, frame, CONTINUOUS, train=train, test=test), LEVELS)
    main = found.forecasts[found.forecasts["main"]].set_index("forecaster")
    assert set(main["split"]) == {name}
    assert main.loc["drift", "forecast"] == pytest.approx(drift, abs=1e-9)
    assert main.loc["last_value", "forecast"] == pytest.approx(4.3, abs=1e-9)
    far = [one for one in found.remarks if "steps of time" in one["en"]]
    assert bool(far) == (drift == 4.6)


def test_one_training_period_says_that_it_is_one(tmp_path):
    found = run_backtest(write(tmp_path, rows((2020, 2021)), CONTINUOUS, STAGES, train="[2020]", test="2021"), LEVELS)
    assert any("There is one training period" in one["en"] for one in found.remarks)
    scores = found.main_scores.set_index(["forecaster", "score"])["value"]
    assert scores["drift", "mae"] == pytest.approx(scores["last_value", "mae"], rel=1e-12)


def test_a_single_period_is_refused(tmp_path):
    folder = tmp_path
    frame = rows((2020,))
    with pytest.raises(InputError, match=r"has no answers: found 2021"):
        write(folder, frame, CONTINUOUS, train="[2020]", test="2021")
    frame.to_csv(folder / "panel.csv", index=False)
    text = BASE.format(columns="", train="[]", test="2020", outcome=CONTINUOUS)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="a period to learn from and a later one to forecast: found periods 2020"):
        run_backtest(Study.read(folder), LEVELS)


def test_units_left_out_and_pooled_are_said(tmp_path):
    """Stage b has three answers in the test year; no stage of a platform has 20 answers."""
    frame = rows(answers=12)
    frame = frame[~((frame["when"] == 2023) & (frame["stage"] == "b") & (frame.groupby("when").cumcount() > 14))]
    study = write(tmp_path, frame, CONTINUOUS, 'platform = "where"\n' + STAGES)
    found = run_backtest(study, LEVELS)
    assert found.units == ["stage"]
    said = [one["en"] for one in found.remarks]
    assert "Units are stage: a typical cell of platform × stage has 12 answers" in said[0]
    assert any("Outcome: 1 of 2 units have fewer than 20 answers in the test period" in one for one in said)
    choice = unit_choice(study, 20)
    assert (choice.columns, choice.finer, choice.typical) == (("stage",), ("platform", "stage"), 12.0)


INDICATORS = """[indicators]
file = "indicators.csv"

[outcomes]"""


def rated(folder, frame):
    """Write a study with one indicator q."""
    (folder / "indicators.csv").write_text("code,dimension,kano\nq,care,performance\n", encoding="utf-8")
    frame.to_csv(folder / "panel.csv", index=False)
    text = BASE.format(columns='platform = "where"', train="[2020, 2021, 2022]", test="2023", outcome=CONTINUOUS)
    (folder / "study.toml").write_text(text.replace("[outcomes]", INDICATORS), encoding="utf-8")
    return Study.read(folder)


def test_composites_of_indicators_that_nobody_answered_are_left_out_in_words(tmp_path):
    """The indicator was asked in the test year alone: no composite can be related to the outcome."""
    frame = rows()
    frame["q"] = np.where(frame["when"] == 2023, 3.0, np.nan)
    found = run_backtest(rated(tmp_path, frame), replace(LEVELS, forecasters=("last_value", "equal_weights")))
    assert set(found.scores["forecaster"]) == {"last_value"}
    assert [part["part"] for part in found.absent] == ["equal_weights"]
    said = [one["en"] for one in found.remarks]
    assert (
        "Composite, equal weights is left out: nobody of the first training period with the outcome answered the "
        "indicators too."
    ) in said


def test_rows_in_no_unit_are_counted(tmp_path):
    frame = rows()
    frame.loc[[3, 50, 400], "stage"] = None
    found = run_backtest(write(tmp_path, frame, CONTINUOUS, STAGES), LEVELS)
    assert found.remarks[0] == {
        "en": "3 rows without stage belong to no unit and are left out of all cells.",
        "zh": "3 行缺少 stage，不属于任何评价单元，未计入任何单元。",
    }


CASE = {"platform": "p", "indicator": "q", "outcome": "y", "forecast": -0.15, "observed": -0.17}


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("q", "no answers to q on p in 2022"),
        ("y", "no answers to y on p in 2022"),
        ("zero", "a mean of 0 or none on p"),
    ],
)
def test_a_case_without_answers_is_refused_before_any_fit(tmp_path, column, found):
    frame = rows(draw=lambda random, size: np.full(size, 0.0) if column == "zero" else random.normal(4, 1, size))
    frame["q"] = 3.0
    if column != "zero":
        frame.loc[(frame["when"] == 2022) & (frame["where"] == "p"), column] = np.nan
    study = rated(tmp_path, frame)
    with pytest.raises(InputError, match=f"the worked case cannot be worked out: found {found}"):
        run_backtest(study, replace(LEVELS, case=CASE))


def test_the_ordinal_model_of_a_single_cell(tmp_path):
    """One unit, one training period: nothing but thresholds is left, and the forecast is the distribution seen."""
    answers = np.repeat([1, 2, 3, 4, 5], [10, 20, 60, 70, 40])
    frame = pd.DataFrame({"when": np.repeat(["2017Q4", "2018Q1"], 200), "y": np.tile(answers, 2)})
    study = write(tmp_path, frame, ORDINAL, train='["2017Q4"]', test='"2018Q1"')
    found = run_backtest(study, replace(LEVELS, forecasters=("ordinal",)))
    shares = found.answers[found.answers["forecaster"] == "ordinal"]["forecast"].to_numpy()
    np.testing.assert_allclose(shares, np.array([10, 20, 60, 70, 40]) / 200, atol=0.03)


def test_errors_of_a_single_unit_come_from_its_other_changes(tmp_path):
    """Eight years of one unit: its changes cannot be left out by unit, and nothing undefined may take their place."""
    years = tuple(range(2010, 2018))
    frame = rows(years, draw=lambda random, size: random.normal(random.normal(4, 0.5), 1, size))
    study = write(tmp_path, frame, CONTINUOUS, train=str(list(years[:-1])), test="2017")
    target = Target(study.outcomes["y"], ())
    fitted = BoostingForecaster().fit(Training(study, draws=40), target).fitted
    assert fitted is not None
    assert len(fitted.errors) == 7
    assert 0.05 < fitted.errors.std() < 1.5
    again = BoostingForecaster().fit(Training(study, draws=40), target).fitted
    np.testing.assert_array_equal(fitted.errors, again.errors)
