"""Crossed clusters: design effects against statsmodels, and in the cells of a study that declares them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.model_checks import design_checks
from maternal_eval.core.errors import InputError
from maternal_eval.methods.design_effect import crossed_design_effects
from maternal_eval.study import Study


def crossed(random, students=400, lecturers=40, answers=6000, of_student=0.06, of_lecturer=0.18):
    """Return ratings of lecturers by students: independent normal effects of both with the shares of variance given."""
    student, lecturer = random.integers(students, size=answers), random.integers(lecturers, size=answers)
    values = np.sqrt(of_student) * random.normal(size=students)[student]
    values += np.sqrt(of_lecturer) * random.normal(size=lecturers)[lecturer]
    return values + np.sqrt(1 - of_student - of_lecturer) * random.normal(size=answers), student, lecturer


def test_standard_error_is_that_of_two_way_clustering_in_statsmodels():
    """Root of σ² deff / n against the two-way cluster formula, on average over 40 samples."""
    random, ratios, correlations = np.random.default_rng(0), [], []
    for _ in range(40):
        values, student, lecturer = crossed(random)
        found, effect = crossed_design_effects(values, [student, lecturer], np.zeros(len(values), dtype=int))
        fit = OLS(values, np.ones(len(values))).fit()
        both = float(np.squeeze(cov_cluster_2groups(fit, student, lecturer)[0]))
        ratios.append(values.var() * effect[0] / len(values) / both)
        correlations.append(found)
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(np.mean(correlations, axis=0), [0.06, 0.18], atol=0.02)


def test_one_way_is_what_it_was_and_a_second_one_adds_up():
    random = np.random.default_rng(1)
    values, student, lecturer = crossed(random)
    domain = random.integers(3, size=len(values))
    alone = [crossed_design_effects(values, [way], domain)[1] for way in (student, lecturer)]
    both = crossed_design_effects(values, [student, lecturer], domain)[1]
    np.testing.assert_allclose(both - 1, alone[0] - 1 + alone[1] - 1)
    assert (both > 2).all()


def test_clusters_of_one_answer_cost_nothing():
    values = np.random.default_rng(2).normal(size=50)
    correlation, effect = crossed_design_effects(values, [np.arange(50)], np.zeros(50, dtype=int))
    assert (correlation.tolist(), effect.tolist()) == ([0.0], [1.0])


DEFINITION = """
[study]
name = "lectures"
zh = "课程"
en = "Lectures"
simulated = true

[panel]
file = "panel.csv"

[columns]
respondent = "student"
period = "year"
{clusters}

[outcomes]
rating = {{ column = "rating", kind = "ordinal", range = [1, 5], zh = "评分", en = "Rating" }}
"""


def lectures(folder, clusters='clusters = ["lecturer"]'):
    random = np.random.default_rng(3)
    values, student, lecturer = crossed(random)
    rating = np.clip(np.round(3 + values), 1, 5).astype(int)
    frame = pd.DataFrame({"student": student, "lecturer": lecturer, "rating": rating})
    frame["student"], frame["lecturer"] = "s" + frame["student"].astype(str), "l" + frame["lecturer"].astype(str)
    frame.assign(year=2020 + random.integers(2, size=len(frame))).to_csv(folder / "panel.csv", index=False)
    (folder / "study.toml").write_text(DEFINITION.format(clusters=clusters), encoding="utf-8")
    return Study.read(folder)


def test_a_declared_cluster_takes_its_part_of_the_effective_number(tmp_path):
    (tmp_path / "one").mkdir(), (tmp_path / "two").mkdir()
    without = cell_counts(lectures(tmp_path / "one", ""))
    study = lectures(tmp_path / "two")
    cells = cell_counts(study)
    assert float(cells["effective"].sum()) < 0.2 * float(without["effective"].sum()) < 0.2 * 6000
    assert cells.attrs["clusters"] == ["lecturer"]
    assert cells.attrs["cluster_numbers"] == [40]
    assert cells.attrs["cluster_intraclass"][0] == pytest.approx(0.17, abs=0.06)
    assert cells.attrs["intraclass"] == without.attrs["intraclass"]
    said = [check.name for check in design_checks(cells)]
    assert said == ["design effect", "answers per respondent", "answers per lecturer"]
    assert any("share lecturer" in one["en"] and "lecturer" in one["zh"] for one in study.remarks)


def test_the_backtest_counts_the_same_effective_answers(tmp_path):
    study = lectures(tmp_path)
    history = outcome_history(study, Target(study.outcomes["rating"], (), 1), (2020, 2021))
    of_cells = cell_counts(study)["effective"].sum("answer").to_numpy()
    np.testing.assert_allclose(history.effective[:, 0], of_cells)


def test_a_row_without_a_cluster_is_a_cluster_of_its_own(tmp_path):
    study = lectures(tmp_path)
    panel = study.panel.assign(lecturer=study.panel["lecturer"].where(np.arange(len(study.panel)) % 2 == 0))
    from dataclasses import replace

    cells = cell_counts(replace(study, panel=panel))
    assert cells.attrs["cluster_numbers"] == [3000 + 40]


def test_a_cluster_that_is_another_part_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"one column of the panel has two parts|has a name"):
        lectures(tmp_path, 'clusters = ["student"]')
