"""Reviews of studies that are not a five-point survey with many answers: a result, or a refusal before any work."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.review.answers import below_probability, draw_moments, moments, shifted
from maternal_eval.analyses.review.compute import simulate_review
from maternal_eval.analyses.review.settings import ReviewSettings
from maternal_eval.core.errors import InputError
from maternal_eval.methods.alarm_rules import RULES, Chart
from maternal_eval.study import Study

FAST = ReviewSettings(replicates=40, sizes=(15, 50), horizon=8)

TOML = """
[study]
name = "odd"
zh = "测试"
en = "Odd"

[panel]
file = "panel.csv"

[columns]
{columns}
period = "year"
stage = "stage"

[stages]
ordered = false
levels = [{{ value = "a", zh = "甲", en = "A" }}, {{ value = "b", zh = "乙", en = "B" }}]
{more}
"""

INDICATORS = """
[indicators]
file = "indicators.csv"
scale = {scale}
"""

OUTCOME = """
[outcomes]
rating = { column = "Q1", kind = "ordinal", range = [1, 5], zh = "总体", en = "Rating" }
"""


def study_of(folder, panel, scale="[1, 5]", kinds=("rating", "rating"), columns='respondent = "id"', more=None):
    more = INDICATORS.format(scale=scale) if more is None else more
    (folder / "study.toml").write_text(TOML.format(columns=columns, more=more), encoding="utf-8")
    panel.to_csv(folder / "panel.csv", index=False)
    rows = "".join(f"Q{at},d,问{at},Question {at},{kind}\n" for at, kind in enumerate(kinds, start=1))
    (folder / "indicators.csv").write_text("code,dimension,name_zh,name_en,kind\n" + rows, encoding="utf-8")
    return Study.read(folder)


def respondents(values, count=40):
    random = np.random.default_rng(0)
    stage = random.choice(["a", "b"], count)
    return pd.DataFrame({"id": np.arange(count), "year": 2024, "stage": stage} | values(random, count))


def test_fractional_measures_are_reviewed_on_their_scale(tmp_path):
    panel = respondents(lambda r, n: {"Q1": r.uniform(40, 95, n).round(3), "Q2": r.uniform(30, 99, n).round(3)})
    study = study_of(tmp_path, panel, scale="[0, 100]", kinds=("measure", "measure"))
    result = simulate_review(study, FAST, seed=0)
    assert result.settings["limit"] == 50.0
    assert result.settings["fall"] == 5.0
    assert result.settings["falls"] == (1.25, 2.5, 5.0, 7.5, 12.5)
    assert np.isfinite(result.detection[["delay", "within_year"]]).all(axis=None)
    assert result.standing["mean"].tolist() == pytest.approx([panel["Q1"].mean(), panel["Q2"].mean()])
    assert np.isfinite(result.proposal[["false_alarms", "delay", "threshold"]]).all(axis=None)
    proposed = result.proposal[result.proposal["threshold_kind"] == "proposed"]
    assert (proposed["false_alarms"] <= 1.01).all()
    said = " ".join(one["en"] for one in result.remarks)
    assert "the middle of the scale 0–100, 50, is taken" in said
    assert "nearest of 51 points" in said
    figure = result.plot()
    plt.close(figure)


@pytest.mark.parametrize(("scale", "limit"), [("[1, 7]", 4.0), ("[0, 10]", 5.0), ("[-2, 2]", 0.0)])
def test_the_limit_follows_the_scale(tmp_path, scale, limit):
    low, high = map(int, scale.strip("[]").split(","))
    panel = respondents(lambda r, n: {f"Q{at}": r.integers(low, high + 1, n) for at in (1, 2)})
    result = simulate_review(study_of(tmp_path, panel, scale=scale), FAST, seed=0)
    assert result.settings["limit"] == limit
    assert result.settings["fall"] == pytest.approx(0.05 * (high - low))


def test_a_burden_is_reviewed_turned_round(tmp_path):
    panel = respondents(lambda r, n: {"Q1": r.integers(1, 3, n), "Q2": r.integers(4, 6, n)})
    result = simulate_review(study_of(tmp_path, panel, kinds=("burden", "rating")), FAST, seed=0)
    means = result.standing.set_index("indicator")["mean"]
    assert means["Q1"] == pytest.approx(6 - panel["Q1"].mean())
    assert result.levels["below"].tolist() == [0, 0]


def test_one_row_per_cell_is_refused_before_anything_is_drawn(tmp_path):
    """Rows that are figures of states: how far answers differ cannot be read from their means."""
    rows = [(year, stage, state) for year in (2022, 2023) for stage in "ab" for state in ("AK", "AL")]
    panel = pd.DataFrame(rows, columns=["year", "stage", "state"]).assign(Q1=70.0, Q2=75.5)
    study = study_of(tmp_path, panel, "[0, 100]", ("measure", "measure"), 'platform = "state"')
    with pytest.raises(InputError, match="each row of the panel is the figure of a whole cell"):
        FAST.check(study)


def test_an_outcome_alone_is_no_review(tmp_path):
    panel = respondents(lambda r, n: {"Q1": r.integers(1, 6, n)})
    study = study_of(tmp_path, panel, more=OUTCOME)
    with pytest.raises(InputError, match="the study has no indicators"):
        FAST.check(study)


def test_single_answers_are_left_out_and_said(tmp_path):
    panel = respondents(lambda r, n: {"Q1": r.integers(1, 6, n).astype(float), "Q2": np.nan})
    panel["stage"] = ["b"] + ["a"] * (len(panel) - 1)
    panel.loc[0, "Q2"] = 4.0
    result = simulate_review(study_of(tmp_path, panel), FAST, seed=0)
    assert result.standing["indicator"].tolist() == ["Q1"]
    said = " ".join(one["en"] for one in result.remarks)
    assert "Fewer than 2 answers in the latest period: Q2 left out" in said
    assert "Review of each stage: 1 of 2 scores have fewer than 2 answers" in said


def test_nobody_answered_in_the_latest_period(tmp_path):
    panel = respondents(lambda r, n: {"Q1": r.integers(1, 6, n).astype(float), "Q2": 3.0})
    panel.loc[:19, "year"] = 2023
    panel.loc[20:, ["Q1", "Q2"]] = np.nan
    with pytest.raises(InputError, match="nobody answered an indicator in the latest period"):
        simulate_review(study_of(tmp_path, panel), FAST, seed=0)


def test_equal_answers_leave_a_spread(tmp_path):
    panel = respondents(lambda r, n: {"Q1": np.full(n, 4), "Q2": np.full(n, 5)})
    result = simulate_review(study_of(tmp_path, panel), FAST, seed=0)
    table = result.standing.set_index("indicator")
    # 40 fours with half a one and half a five: mean 4.024.., variance about (9 + 1) / 2 / 41
    assert table.loc["Q1", "spread"] == pytest.approx(np.sqrt((0.5 * 9 + 0.5) / 41 - (1 / 41) ** 2), rel=1e-6)
    assert table.loc["Q1", "low"] < 4.0 < table.loc["Q1", "high"]
    assert table.loc["Q2", "low"] < table.loc["Q2", "high"] == 5.0
    assert np.isfinite(result.detection["delay"]).all()


def test_an_interval_without_a_width_raises_no_alarm():
    chart = Chart(limit=3.0, spread=1.0, count=4, fall=0.2)
    means, equal = np.array([[2.5]]), np.zeros((1, 1))
    assert not RULES["interval"].alarms(means, equal, chart, 1.645).any()
    assert RULES["interval"].alarms(np.array([[1.0]]), equal, chart, 1.645).all()  # far below, by the known spread


def test_points_of_other_scales_are_those_of_1_to_5_stretched():
    shares = np.array([0.05, 0.15, 0.30, 0.35, 0.15])
    mean, spread = moments(shares, 1)
    assert moments(shares, 0, 25.0) == pytest.approx((25 * (mean - 1), 25 * spread))
    assert shifted(shares, 0, 50.0, 25.0) == pytest.approx(shifted(shares, 1, 3.0))
    assert below_probability(shares, 0, 7, 60.0, 25.0) == pytest.approx(below_probability(shares, 1, 7, 3.4))
    drawn = draw_moments(shares, 0, 10, (50,), np.random.default_rng(1), 25.0)
    plain = draw_moments(shares, 1, 10, (50,), np.random.default_rng(1))
    assert drawn[0] == pytest.approx(25 * (plain[0] - 1))
    assert drawn[1] == pytest.approx(25 * plain[1])
