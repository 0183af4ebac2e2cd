"""A row without survey weight counts in no analysis, whoever reads the panel: it was 1 in six of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.review.compute import simulate_review
from maternal_eval.analyses.review.settings import ReviewSettings
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.panel import counting

# Three fives with weight 1000 and a one with 6000: (15,000 + 6,000) / 9,000. A missing weight stands at a five.
WEIGHTS, ANSWERS = [None, 1000.0, 1000.0, 1000.0, 6000.0], [5, 5, 5, 5, 1]
MEAN, EFFECTIVE = 21_000 / 9_000, 9_000**2 / (3 * 1_000**2 + 6_000**2)

TOML = """
[study]
name = "weights"
zh = "权重"
en = "Weights"

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "stage"
weight = "w"
{rule}

[stages]
ordered = false
levels = [{{ value = "a", zh = "甲", en = "A" }}, {{ value = "b", zh = "乙", en = "B" }}]

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]
sat = {{ column = "sat", kind = "ordinal", range = [1, 5], zh = "满意", en = "Sat" }}
"""


def folder_of(folder, rule):
    (folder / "study.toml").write_text(TOML.format(rule=rule), encoding="utf-8")
    (folder / "indicators.csv").write_text("code,dimension,name_zh,name_en\nF01,d,一,One\n", encoding="utf-8")
    rows = {"id": range(10), "year": 2024, "stage": ["a"] * 5 + ["b"] * 5, "w": WEIGHTS * 2}
    pd.DataFrame(rows | {"F01": ANSWERS * 2, "sat": ANSWERS * 2}).to_csv(folder / "panel.csv", index=False)
    return folder


@pytest.fixture
def study(tmp_path):
    return Study.read(folder_of(tmp_path, 'missing_weight = "leave_out"'))


def test_refused_unless_the_study_leaves_such_rows_out(tmp_path, monkeypatch):
    folder = folder_of(tmp_path, "")
    with pytest.raises(
        InputError, match=r"row 2, column w.*expected a number of at least 0; .*missing_weight = .leave_out."
    ):
        Study.read(folder)
    monkeypatch.setattr(counting.is_large, "__defaults__", (0,))
    with pytest.raises(InputError, match=r"column w.*missing_weight = .leave_out."):
        Study.read(folder)


def test_left_out_once_and_said(study):
    assert len(study.panel) == 8
    assert survey_weights(study.panel).tolist() == WEIGHTS[1:] * 2
    assert any(
        "2 of 10 rows have no survey weight and are left out of every analysis" in r["en"] for r in study.remarks
    )


def test_the_same_mean_in_every_analysis(study):
    stars = score_study(study, ScoresSettings(resamples=20), 0).stars
    assert stars["stars"].tolist() == pytest.approx([MEAN] * 3)
    review = simulate_review(study, ReviewSettings(replicates=10, sizes=(15,), horizon=5), 0)
    assert review.standing["mean"].tolist() == pytest.approx([MEAN])
    history = outcome_history(study, Target(study.primary_outcome, ("stage",), 1), (2024,))
    assert history.mean[0] == pytest.approx([MEAN, MEAN])
    assert history.effective[0] == pytest.approx([EFFECTIVE, EFFECTIVE])
    assert_cells(cell_counts(study))


def test_the_same_where_the_panel_is_counted_in_its_file(tmp_path, monkeypatch):
    monkeypatch.setattr(counting.is_large, "__defaults__", (0,))
    study = Study.read(folder_of(tmp_path, 'missing_weight = "leave_out"'))
    assert study.counted is not None
    assert_cells(cell_counts(study))


def assert_cells(cells):
    weighted = cells["weighted"].to_numpy()
    assert weighted @ cells["answer"].to_numpy() / weighted.sum(axis=1) == pytest.approx([MEAN, MEAN])
    assert cells["effective"].sum("answer").to_numpy() == pytest.approx([EFFECTIVE, EFFECTIVE])
    assert np.asarray(cells["answers"]).sum() == 8
