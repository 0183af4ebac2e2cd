"""Counts of answers and the rows that they count give the same numbers, wherever one answer at a time is looked at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.fitted_weights import fitted_weights
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.check.compute import summarise_study
from maternal_eval.analyses.check.settings import CheckSettings
from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.analyses.items.dimensions import dimension_outcome
from maternal_eval.analyses.items.outcomes import indicator_outcome
from maternal_eval.analyses.review.compute import simulate_review
from maternal_eval.analyses.review.settings import ReviewSettings
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, fit_satisfaction
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.app.steps import STEPS, unmet
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors
from maternal_eval.study.panel.contract import ColumnRule
from tests.counts.conftest import CODES

FORMS = ("counts", "shares")
PAST_ALONE = ("last_value", "drift", "local_level", "boosting")


@pytest.fixture(scope="module")
def studies(forms):
    return {name: Study.read(folder) for name, folder in forms.items()}


@pytest.mark.parametrize("form", FORMS)
def test_the_likelihood_knows_the_same(studies, form):
    for outcome in (None, *(indicator_outcome(studies["answers"], code) for code in CODES)):
        rows, counts = (cell_counts(studies[name], outcome) for name in ("answers", form))
        for table in ("answers", "weighted", "effective", "share"):
            np.testing.assert_allclose(counts[table], rows[table], atol=1e-9)
        models = [build_model(cells, OrdinalPriors(), True) for cells in (rows, counts)]
        point = np.random.default_rng(1).normal(0, 0.3, len(models[0].names))
        found = [model.log_likelihood(point)[0] for model in models]
        assert found[0] == pytest.approx(found[1], abs=1e-9)


def test_the_answers_of_one_stage_have_the_known_cut_points(tmp_path):
    """Case 09: 12, 18, 40, 20 and 10 answers have the cut logits −1.9924 −.8473 .8473 2.1972 and the mean 2.98."""
    counted = pd.DataFrame({"stage": "pregnancy", "category": range(1, 6), "count": [12, 18, 40, 20, 10]})
    rows = pd.DataFrame({"stage": "pregnancy", "F01": np.repeat(range(1, 6), counted["count"])})
    head = '[study]\nname = "one"\nzh = "一"\nen = "One"\n[panel]\nfile = "panel.csv"\n'
    tail = '[columns]\nstage = "stage"\n[outcomes]\nf01 = { column = "F01", kind = "ordinal", zh = "一", en = "One" }\n'
    more = 'kind = "counts"\n[counts]\nanswer = "category"\ncount = "count"\n'
    found = []
    for frame, kind in ((counted, more), (rows, "")):
        frame.to_csv(tmp_path / "panel.csv", index=False)
        (tmp_path / "study.toml").write_text(head + kind + tail, encoding="utf-8")
        cells = cell_counts(Study.read(tmp_path))
        shares = cells["weighted"].to_numpy()[0] / cells["weighted"].to_numpy().sum()
        assert logit(shares.cumsum()[:-1]).round(4).tolist() == [-1.9924, -0.8473, 0.8473, 2.1972]
        assert shares @ cells["answer"].to_numpy() == pytest.approx(2.98)
        found.append(cells)
    assert found[0].drop_attrs().identical(found[1].drop_attrs())


def test_the_satisfaction_fit_is_the_same(studies):
    settings = SatisfactionSettings.quick()
    rows, counts = (fit_satisfaction(studies[name], settings=settings, seed=3) for name in ("answers", "counts"))
    pd.testing.assert_frame_equal(rows.scores, counts.scores)
    pd.testing.assert_frame_equal(rows.changes, counts.changes)


@pytest.mark.parametrize("form", FORMS)
def test_scores_are_the_same_where_everybody_answered_everything(studies, form):
    rows, counts = (score_study(studies[name], ScoresSettings.quick(), 0) for name in ("answers", form))
    for table in ("scores", "margins"):
        one, other = getattr(rows, table), getattr(counts, table)
        same = ["score", "n", "answered", "dimension_service", "dimension_care"]
        pd.testing.assert_frame_equal(one[same], other[same], check_dtype=False)
        # The widest that any way of answering together allows, so not narrower than that of the respondents.
        assert (other["high"] - other["low"] > 0.95 * (one["high"] - one["low"])).all()
        assert other[["gated", "short"]].isna().all(axis=None)
    keys = ["indicator", "stage", "period"]
    stars = [found.stars.set_index(keys).sort_index() for found in (rows, counts)]
    pd.testing.assert_frame_equal(stars[0][["stars", "n"]], stars[1][["stars", "n"]], check_dtype=False)
    assert (stars[0]["low"] - stars[1]["low"]).abs().max() < 0.2
    assert any("widest" in one["en"] for one in counts.remarks)


def test_an_interval_of_scores_holds_if_the_indicators_are_one(forms, tmp_path):
    """Where all indicators rise and fall together, the bound on the variance is the variance."""
    from tests.counts.conftest import LONG, as_counts, respondents, write_study

    frame = respondents(5, size=200)
    for code in CODES:
        frame[code] = frame["overall"]
    both = [
        score_study(
            Study.read(write_study(tmp_path / kind, table, kind, more)), ScoresSettings(linking="none"), 0
        ).scores
        for kind, table, more in (("answers", frame, ""), ("counts", as_counts(frame), LONG))
    ]
    ratio = (both[1]["high"] - both[1]["low"]) / (both[0]["high"] - both[0]["low"])
    assert ratio.median() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("form", FORMS)
def test_forecasts_without_the_composite_are_the_same(studies, form):
    settings = BacktestSettings(
        forecasters=(*PAST_ALONE, "equal_weights", "effective_weights", "stage_weights"),
        minimum=10, draws=200, replicates=20,
    )  # fmt: skip
    rows, counts = (run_backtest(studies[name], settings, 0) for name in ("answers", form))
    for name in PAST_ALONE:
        one, other = (
            found.scores[found.scores["forecaster"] == name].reset_index(drop=True) for found in (rows, counts)
        )
        pd.testing.assert_frame_equal(one, other, check_dtype=False, atol=1e-9)
    assert {"equal_weights", "effective_weights"} <= set(counts.scores["forecaster"])
    assert "stage_weights" not in set(counts.scores["forecaster"])
    assert any("single respondents" in one["reason_en"] for one in counts.absent)
    assert any("over cells" in one["en"] for one in counts.remarks)


@pytest.mark.parametrize("form", FORMS)
def test_weights_fitted_to_the_next_period_are_the_same(studies, form):
    outcome = studies["answers"].primary_outcome
    target = Target(outcome, ("platform", "stage"), minimum=10)
    rows, counts = (fitted_weights(Training(studies[name]), target) for name in ("answers", form))
    assert rows.pairs == counts.pairs > 0
    assert rows.penalty == counts.penalty
    pd.testing.assert_frame_equal(rows.table, counts.table, atol=1e-8)


@pytest.mark.parametrize("form", FORMS)
def test_importance_over_units_and_the_review_are_the_same(studies, form):
    rows, counts = (analyse_importance(studies[name], ImportanceSettings.quick(), 0) for name in ("answers", form))
    units = rows.importance[rows.importance["level"] == "units"].reset_index(drop=True)
    assert set(counts.importance["level"]) == {"units"}
    exact = ["level", "set", "element", "nominal", "linear", "own", "effective"]
    pd.testing.assert_frame_equal(units[exact], counts.importance[exact], check_dtype=False, atol=1e-9)
    pd.testing.assert_frame_equal(rows.leave_out, counts.leave_out, check_dtype=False)
    assert any("not known" in one["en"] for one in counts.remarks)
    one, other = (simulate_review(studies[name], ReviewSettings.quick(), 0) for name in ("answers", form))
    exact = ["indicator", "mean", "spread", "n", "answers", "stages_below", "cells_below"]
    pd.testing.assert_frame_equal(one.standing[exact], other.standing[exact], check_dtype=False)
    pd.testing.assert_frame_equal(one.levels, other.levels, check_dtype=False)


def test_a_dimension_is_no_surer_than_one_item(studies):
    rows, counts = (dimension_outcome(studies[name], "service") for name in ("answers", "counts"))
    one, other = (cell_counts(study, outcome, ("item",)) for study, outcome in (rows, counts))
    np.testing.assert_allclose(one["weighted"], other["weighted"])
    assert other["effective"].sum() == pytest.approx(len(studies["answers"].panel))
    assert other["effective"].sum() < one["effective"].sum()


def test_check_counts_the_same(studies):
    rows, counts = (summarise_study(studies[name], CheckSettings(), 0) for name in ("answers", "counts"))
    pd.testing.assert_frame_equal(rows.answers, counts.answers, check_dtype=False)
    assert {**rows.facts, "respondents": "not named"} == counts.facts


def test_what_needs_joint_answers_is_refused_with_that_reason(studies):
    counts = studies["counts"]
    for name in ("stage_weights", "sensitivity", "explorer", "whatif"):
        assert any("together is not known" in words for words in unmet(STEPS[name], counts))
    for name in ("satisfaction", "scores", "backtest", "importance", "review", "weights"):
        assert unmet(STEPS[name], counts) == []
    with pytest.raises(InputError, match="single respondents"):
        counts.panel["Q1"]
    with pytest.raises(InputError, match="single respondents"):
        counts.counted.tally([ColumnRule("Q1", "Q1"), ColumnRule("Q2", "Q2")])


def test_forecasts_know_nothing_of_the_test_period(forms, tmp_path):
    """Other answers in the test period change no forecast."""
    import shutil

    changed = tmp_path / "changed"
    shutil.copytree(forms["counts"], changed)
    table = pd.read_csv(changed / "panel.csv")
    test = table["year"] == 2023
    table.loc[test, "answer"] = 6 - table.loc[test, "answer"]
    table.to_csv(changed / "panel.csv", index=False)
    settings = BacktestSettings(
        forecasters=("local_level", "equal_weights", "effective_weights"), minimum=10, draws=200,
        replicates=20,
    )  # fmt: skip
    one, other = (run_backtest(Study.read(folder), settings, 0).forecasts for folder in (forms["counts"], changed))
    assert not np.allclose(one["observed"], other["observed"])
    pd.testing.assert_series_equal(one["forecast"], other["forecast"])
