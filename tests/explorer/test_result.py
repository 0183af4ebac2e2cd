"""The data of the interactive page against the scores of the study."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.explorer.compute import DECIMALS, prepare_explorer
from maternal_eval.analyses.explorer.settings import ExplorerSettings
from maternal_eval.analyses.schedule.result import ScheduleResult
from maternal_eval.analyses.schedule.rule import adopt
from maternal_eval.analyses.scores.compute import score_respondents, score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.core.errors import InputError
from maternal_eval.report.explorer import page_data
from maternal_eval.study import Study
from tests.stand_in import stand_in


@pytest.fixture(scope="module")
def study(root):
    return Study.read(root / "data" / "maternal")


@pytest.fixture(scope="module")
def results(study):
    """A schedule in which one weight of one stage is adopted, and draws around it."""
    codes, stages = study.model.codes, list(study.stages)
    static = static_weights(study).loc[codes].to_numpy()
    draws = np.random.default_rng(6).dirichlet(500 * static, size=(60, len(stages)))
    chosen = np.zeros((len(stages), len(codes)), dtype=bool)
    chosen[3, codes.index("F10")] = True
    target = adopt(static, draws.mean(axis=0), chosen)
    table = pd.DataFrame(
        {
            "stage": np.repeat(stages, len(codes)),
            "indicator": np.tile(codes, len(stages)),
            "static": np.tile(static, len(stages)),
            "weight": target.ravel(),
            "proposed": chosen.ravel(),
            "probability_own": chosen.ravel().astype(float),
            "reason_en": "static: nothing is known",
            "reason_zh": "保持静态：无从得知",
        }
    )
    weight = xr.DataArray(draws, dims=("draw", "stage", "indicator"), coords={"stage": stages, "indicator": codes})
    return {
        "schedule": stand_in(ScheduleResult, weights=table),
        "stage_weights": stand_in(StageWeightsResult, draws={"weight": weight}),
    }


@pytest.fixture(scope="module")
def explored(study, results):
    return prepare_explorer(study, ExplorerSettings(draws=50), seed=1, results=results)


def test_its_scores_under_the_static_weights_are_the_scores(study, explored):
    scored = score_study(study, ScoresSettings(resamples=400)).scores
    both = explored.scores.merge(scored[scored["period"] == 2024], on=["stage", "platform"], suffixes=("", "_scored"))
    assert len(both) == len(explored.scores) == 60
    assert (both["n"] == both["n_scored"]).all()
    np.testing.assert_allclose(both["static"], both["score"], atol=1e-9)
    means = explored.moments["mean"].to_numpy() @ explored.weights["static"].to_numpy()
    # The page's means are rounded to four decimals of 0–1, lest answers follow from their last digits.
    np.testing.assert_allclose(100 * means, both["score"], atol=100 * 0.5 * 10.0**-DECIMALS)
    # The bootstrap's half-width against the linearised standard error; in smaller units the bootstrap is wider, because
    # it adds half an answer at either end of the scale.
    ratio = ((both["high"] - both["low"]) / (2 * 1.6449 * both["static_sd"]))[both["n"] > 50]
    assert ratio.median() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("kind", ["dimensions", "inside"])
def test_other_weights_give_nearly_what_scoring_every_respondent_gives(study, explored, kind):
    """Exact for dimensions that everyone answered in part; close when weights move inside a dimension."""
    static = static_weights(study).loc[study.model.codes]
    place = study.model.dimension_of.loc[static.index]
    if kind == "dimensions":
        weights = static * place.map({"functional": 0.2 / 0.45, "emotional": 0.2 / 0.35, "social": 0.6 / 0.2})
    else:
        factor = np.exp(np.random.default_rng(8).normal(0, 0.5, len(static)))
        weights = (static * factor).groupby(place).transform(lambda part: part / part.sum())
        weights = weights * static.groupby(place).transform("sum")
    shown = study.panel["period"] == 2024
    score = score_respondents(study, weights).score[shown]
    panel = study.panel[shown].assign(product=score * study.panel["weight"][shown])
    cells = panel.groupby(["stage", "platform"], observed=True)[["product", "weight"]].sum()
    exact = (cells["product"] / cells["weight"]).to_numpy()
    linear = 100 * explored.moments["mean"].to_numpy() @ weights.to_numpy()
    difference = np.abs(linear - exact)
    assert difference.max() < 0.5 * explored.scores["static_sd"].median()
    assert np.median(difference) < 0.2


def test_weights_and_draws_add_up_to_one(explored):
    for name in ("static", "proposed", "static_draws", "proposed_draws"):
        np.testing.assert_allclose(explored.weights[name].sum("indicator"), 1.0, atol=1e-5)
    assert dict(explored.weights.sizes) == {"indicator": 30, "stage": 5, "draw": 50}


def test_only_the_stage_with_a_proposal_moves(explored):
    moved = np.abs(explored.weights["proposed"] - explored.weights["static"]).max("indicator") > 1e-9
    assert moved.to_numpy().tolist() == [False, False, False, True, False]
    assert explored.reasons["postpartum"]["en"].startswith("Proposed: F10 ")
    assert explored.reasons["pregnancy"] == {"en": "Static: nothing is known.", "zh": "保持静态：无从得知。"}
    np.testing.assert_array_equal(
        explored.weights["proposed_draws"].sel(stage="pregnancy"), explored.weights["static_draws"]
    )


def test_the_page_holds_no_single_answer(explored):
    data = page_data(explored)
    assert len(data["units"]) == 60
    assert set(data) == {
        "title", "words", "notice", "simulated", "period", "dimensions", "indicators", "stages", "units", "static",
        "static_draws", "mean", "covariance",
    }  # fmt: skip
    assert [dimension["zh"] for dimension in data["dimensions"]] == ["功能维度", "情感维度", "社会维度"]


def test_a_study_in_which_nothing_can_be_compared_is_refused(study, results):
    alone = dataclasses.replace(study, panel=study.panel[study.panel["platform"] == "general_a"])
    with pytest.raises(InputError, match="nothing to compare"):
        prepare_explorer(alone, results=results)
