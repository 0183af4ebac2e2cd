"""Indicators of which less is better: the panel keeps what was answered, and every composite turns it round alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.composite_forecaster import fit_relation
from maternal_eval.analyses.backtest.functionals import functionals_of
from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.analyses.items.dimensions import dimension_outcome
from maternal_eval.analyses.review.compute import simulate_review
from maternal_eval.analyses.review.settings import ReviewSettings
from maternal_eval.analyses.scores.compute import score_respondents, score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.analyses.sensitivity.compute import score_model
from maternal_eval.analyses.stage_weights.design import build_design
from maternal_eval.analyses.whatif.quantities import quantities_of
from maternal_eval.study import Outcome, Study, turned
from maternal_eval.study.labels import study_labels

TOML = """
[study]
name = "waits"
zh = "等候"
en = "Waits"
[panel]
file = "panel.csv"
[columns]
period = "year"
stage = "stage"
platform = "platform"
[stages]
levels = [{ value = "a", zh = "甲", en = "A" }, { value = "b", zh = "乙", en = "B" }]
[indicators]
file = "indicators.csv"
scale = [1, 5]
[dimensions]
service = { zh = "服务", en = "Service" }
care = { zh = "关怀", en = "Care" }
[outcomes]
y = { column = "y", kind = "ordinal", zh = "满意", en = "Satisfied" }
"""
EFFORT = TOML.replace(
    '"ordinal", zh = "满意", en = "Satisfied"', '"ordinal", reversed = true, zh = "费力", en = "Effort"'
)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The same answers twice: a burden as it was answered, and by somebody who turned the column before."""
    random = np.random.default_rng(3)
    rows = 1200
    mood = random.normal(0, 0.7, rows)
    frame = pd.DataFrame({"year": 2023 + np.arange(rows) % 2, "stage": random.choice(["a", "b"], rows)})
    frame["platform"] = random.choice(["p", "q", "r"], rows)
    for code in ("W", "A", "B"):
        frame[code] = np.clip(np.rint(3.4 + mood + random.normal(0, 0.8, rows)), 1, 5)
    frame["y"] = np.clip(np.rint(3.2 + mood + random.normal(0, 0.8, rows)), 1, 5)
    frame.loc[random.random(rows) < 0.1, "W"] = np.nan
    studies = {}
    for kind, answers in (("rating", frame["W"]), ("burden", 6 - frame["W"])):
        folder = tmp_path_factory.mktemp(kind)
        (folder / "study.toml").write_text(TOML)
        (folder / "indicators.csv").write_text(
            f"code,dimension,kano,kind\nW,service,must_be,{kind}\nA,service,performance,rating\nB,care,attractive,rating\n"
        )
        frame.assign(W=answers).to_csv(folder / "panel.csv", index=False)
        studies[kind] = Study.read(folder)
    return studies["burden"], studies["rating"]


def test_the_panel_stays_on_the_scale_of_the_user(pair):
    burden, rating = pair
    np.testing.assert_array_equal(burden.panel["W"], 6 - rating.panel["W"])
    np.testing.assert_array_equal(burden.oriented(["B", "W"]), rating.panel[["B", "W"]].astype(float))


def test_scores_stars_and_importance_are_those_of_the_turned_column(pair):
    burden, rating = (score_study(study, ScoresSettings(resamples=5)) for study in pair)
    for name in ("scores", "margins", "stars"):
        pd.testing.assert_frame_equal(getattr(burden, name), getattr(rating, name))
    assert "Less is better for W" in burden.remarks[0]["en"]
    assert not rating.remarks
    settings = ImportanceSettings(resamples=5, draws=5)
    burden, rating = (analyse_importance(study, settings) for study in pair)
    pd.testing.assert_frame_equal(burden.importance, rating.importance)


def test_the_review_looks_at_the_turned_answers(pair):
    """Otherwise a burden that falls would raise the alarm, and one that rises would not."""
    settings = ReviewSettings(replicates=4, sizes=(50,), falls=(0.2,), margins=(0.2,))
    burden, rating = (simulate_review(study, settings) for study in pair)
    pd.testing.assert_frame_equal(burden.standing, rating.standing)
    pd.testing.assert_frame_equal(burden.levels, rating.levels)
    assert "Less is better for W" in burden.remarks[0]["en"]


def test_stage_weights_sensitivity_and_dimensions_take_the_turned_answers(pair):
    designs = [build_design(study, study.primary_outcome) for study in pair]
    for burden, rating in zip(*(design.answers for design in designs), strict=True):
        np.testing.assert_array_equal(burden.values, rating.values)
    models = [score_model(study, np.ones(len(study.panel), bool), ())[0] for study in pair]
    np.testing.assert_array_equal(models[0].answers, models[1].answers)
    stacked = [dimension_outcome(study, "service")[0].panel["service"] for study in pair]
    np.testing.assert_array_equal(*stacked)


def test_turned_answers_stay_on_their_scale():
    """0.1 + 0.7 - 0.7 is less than 0.1 in floating point."""
    assert 0.1 + 0.7 - 0.7 < 0.1
    np.testing.assert_array_equal(
        turned([[0.7, 0.7], [np.nan, 0.1]], 0.1, 0.7, [True, False]), [[0.1, 0.7], [np.nan, 0.1]]
    )


@pytest.fixture(scope="module")
def effort(pair, tmp_path_factory):
    """The same answers once more, where the outcome was asked as effort: less is better."""
    folder = tmp_path_factory.mktemp("effort")
    rating = pair[1]
    (folder / "study.toml").write_text(EFFORT)
    (folder / "indicators.csv").write_text(
        "code,dimension,kano\nW,service,must_be\nA,service,performance\nB,care,attractive\n"
    )
    frame = rating.panel.rename(columns={"period": "year"})
    frame.assign(y=6 - frame["y"]).to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


def test_an_outcome_of_which_less_is_better_keeps_its_scale_and_says_so(pair, effort):
    np.testing.assert_array_equal(effort.panel["y"], 6 - pair[1].panel["y"])
    assert effort.outcomes["y"].reversed
    assert study_labels(effort)["y"] == {"en": "Effort (less is better)", "zh": "费力（越小越好）"}
    assert study_labels(pair[0])["W"]["en"] == "W (less is better)"
    assert summarise_study(effort, CheckSettings()).facts["less is better"] == "y"
    assert "less is better" not in summarise_study(pair[1], CheckSettings()).facts


def test_check_reads_an_outcome_of_which_less_is_better_the_right_way_round(pair, effort):
    """Its answers run against the items, as they should; undeclared, that would be said of every item."""
    assert not any("runs against the other items" in one["en"] for one in effort.remarks)
    roles = summarise_study(effort, CheckSettings()).columns.set_index("column")["role"]
    assert roles["y"] == "outcome, ordinal (less is better)"
    roles = summarise_study(pair[0], CheckSettings()).columns.set_index("column")["role"]
    assert roles[["y", "W"]].tolist() == ["outcome, ordinal", "indicator, burden (less is better)"]


def test_stage_weights_learn_from_the_turned_outcome(pair, effort):
    """On a simplex a weight cannot be negative: learned from effort as it stands, all would go to what says least."""
    designs = [build_design(study, study.primary_outcome) for study in (effort, pair[1])]
    for one, other in zip(*(design.answers for design in designs), strict=True):
        np.testing.assert_array_equal(one.outcome, other.outcome)
        np.testing.assert_array_equal(one.values, other.values)


def test_the_composite_forecasts_effort_as_the_mirror_of_the_rating(pair, effort):
    relations = []
    for study in (effort, pair[1]):
        score = score_respondents(study).score
        relations.append(fit_relation(score, study.panel["y"].to_numpy(dtype=float), np.ones(len(score))))
    assert relations[1].slope > 0
    assert relations[0].slope == pytest.approx(-relations[1].slope)
    assert relations[0].explained == pytest.approx(relations[1].explained)


def test_there_is_no_net_promoter_score_where_less_is_better():
    asked = Outcome("r", "r", "recommendation", 0, 10, "推荐", "Recommend")
    turned_round = replace(asked, reversed=True)
    assert [row.name for row in functionals_of(asked)] == ["nps"]
    assert functionals_of(turned_round) == ()
    assert [row.name for row in quantities_of(turned_round)] == ["mean"]
    np.testing.assert_array_equal(turned_round.oriented(np.array([0.0, 3.0, np.nan])), [10.0, 7.0, np.nan])
    open_ended = Outcome("c", "c", "continuous", None, None, "投诉", "Complaints", reversed=True)
    np.testing.assert_array_equal(open_ended.oriented(np.array([2.0, -1.0])), [-2.0, 1.0])
