"""Scores of a study by platform, stage and period."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.scores.compute import score_respondents, score_study
from maternal_eval.analyses.scores.result import ScoresResult
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.methods.bootstrap import bootstrap_means
from maternal_eval.study import Study

QUICK = ScoresSettings(resamples=50)


@pytest.fixture(scope="module")
def scored(maternal):
    return score_study(maternal, QUICK, seed=0)


def test_one_row_per_platform_stage_and_period(maternal, scored):
    units = maternal.panel.groupby(["platform", "stage", "period"], observed=True).ngroups
    assert len(scored.table()) == units
    assert scored.table()["n"].sum() == len(maternal.panel)
    assert set(scored.margins["level"]) == {"stage × period", "platform × period", "period"}
    assert scored.simulated


def test_a_cell_is_the_weighted_mean_of_its_respondents(maternal, scored):
    first = scored.table().iloc[0]
    panel = maternal.panel
    inside = (panel["platform"] == first["platform"]) & (panel["stage"] == first["stage"])
    inside &= panel["period"] == first["period"]
    score = score_respondents(maternal).score[inside.to_numpy()]
    assert first["score"] == pytest.approx(np.average(score, weights=panel.loc[inside, "weight"]))
    assert first["n"] == inside.sum()


def test_intervals_hold_the_score_and_shrink_with_answers(scored):
    table = scored.table().dropna(subset=["low"])
    assert (table["low"] <= table["score"]).all()
    assert (table["score"] <= table["high"]).all()
    width = table["high"] - table["low"]
    assert width[table["n"] > 200].mean() < width[table["n"] < 50].mean() / 1.5


def test_order_of_rows_does_not_matter(maternal, scored):
    shuffled = replace(maternal, panel=maternal.panel.sample(frac=1, random_state=0).reset_index(drop=True))
    again = score_study(shuffled, QUICK, seed=0)
    np.testing.assert_allclose(again.scores["score"], scored.scores["score"])


def test_best_answers_give_100(maternal):
    panel = maternal.panel.head(500).copy()
    panel[maternal.model.codes] = panel[maternal.model.codes].where(panel[maternal.model.codes].isna(), 5.0)
    result = score_study(replace(maternal, panel=panel), QUICK)
    np.testing.assert_allclose(result.scores["score"], 100)


def test_own_weights_are_used(maternal):
    weights = pd.Series(0.0, index=maternal.model.codes)
    weights["F02"] = 1.0
    result = score_study(maternal, QUICK, weights=weights)
    answers = maternal.panel.assign(value=(maternal.panel["F02"] - 1) / 4 * 100).dropna(subset=["value"])
    expected = np.average(answers["value"], weights=answers["weight"])
    everything = result.margins[result.margins["level"] == "period"]
    mass = answers.groupby("period")["weight"].sum().to_numpy()
    assert np.average(everything["score"], weights=mass) == pytest.approx(expected)
    assert everything["n"].sum() == len(answers)


def test_bootstrap_has_the_textbook_standard_error():
    random = np.random.default_rng(0)
    values = random.normal(50, 10, 400)
    draws = bootstrap_means(values, np.ones(400), 4000, seed=0)
    assert draws.mean() == pytest.approx(values.mean(), abs=0.05)
    assert draws.std() == pytest.approx(values.std() / 20, rel=0.05)


def test_survives_storing(scored, tmp_path):
    scored.save(tmp_path)
    read = ScoresResult.load(tmp_path)
    assert read.quantities() == scored.quantities()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(scored, language):
    axes = scored.plot(language).axes[0]
    assert len(axes.get_legend_handles_labels()[1]) == 5
    assert ("simulated" in axes.get_title(loc="left")) == (language == "en")
    assert ("模拟" in axes.get_title(loc="left")) == (language == "zh")


@pytest.mark.shared
def test_airport_survey_without_platforms(root, shared_data):
    study = Study.read(root / "data" / "sfo", shared_data / "sfo" / "sfo_survey_2010_2017.csv.gz")
    result = score_study(study, QUICK)
    assert len(result.scores) == 4 * 5
    assert "platform" not in result.scores
    assert result.scores["score"].between(70, 90).all()
    assert result.plot("en").axes
