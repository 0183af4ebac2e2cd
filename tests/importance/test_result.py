"""Importance of a study: what is stated against what is done, leaving out, ranks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.ranking import without
from maternal_eval.analyses.importance.result import ImportanceResult
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.analyses.importance.units import Units, latest, ranked_levels
from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.core.errors import InputError
from maternal_eval.methods.effective_weights import fill_unanswered
from maternal_eval.methods.ranks import rank_shift
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.values import indicator_values

QUICK = ImportanceSettings(draws=500, resamples=30)


@pytest.fixture(scope="module")
def found(maternal):
    return analyse_importance(maternal, QUICK, seed=1)


def test_shares_add_up_and_lie_in_their_intervals(found):
    for _, rows in found.importance.groupby(["level", "set"]):
        assert rows["nominal"].sum() == pytest.approx(1)
        assert rows["effective"].sum() == pytest.approx(1)
        np.testing.assert_allclose(rows["own"] + rows["correlated"], rows["linear"])
    inside = found.importance.eval("low - 3 * error <= effective <= high + 3 * error")
    assert inside.all()


def test_importance_of_a_dimension_is_its_squared_correlation(maternal, found):
    scored = score_respondents(maternal)
    used = np.isfinite(scored.dimensions).all(axis=1)
    weight = survey_weights(maternal.panel)[used]
    table = found.importance.set_index(["level", "set", "element"])["linear"]
    for at, dimension in enumerate(maternal.model.dimensions):
        covariance = np.cov(scored.dimensions[used, at], scored.score[used], aweights=weight)
        expected = covariance[0, 1] ** 2 / covariance[0, 0] / covariance[1, 1]
        assert table["respondents", "dimensions", dimension.name] == pytest.approx(expected, abs=2e-3)


def test_the_heaviest_dimension_does_less_than_it_says(found):
    """Correlated dimensions carry each other, so their effective shares lie closer together than the weights."""
    table = found.importance[found.importance["set"] == "dimensions"]
    for _, rows in table.groupby("level"):
        spread = rows.set_index("element")["effective"]
        assert spread.max() - spread.min() < 0.45 - 0.20
    attainable = found.attainable.set_index(["level", "set"])
    assert attainable.loc[("respondents", "dimensions"), "attained"]


def test_leaving_out_agrees_with_scoring_again(maternal, found):
    codes = maternal.model.codes
    weights = static_weights(maternal)
    dropped = weights.copy()
    siblings = [code for code in codes if code[0] == "F" and code != "F02"]
    dropped[siblings] = weights[siblings] * weights[[*siblings, "F02"]].sum() / weights[siblings].sum()
    dropped["F02"] = 0.0
    reduced = replace(maternal, panel=maternal.panel.assign(F02=np.nan))
    scores = [score_respondents(maternal, weights).score, score_respondents(reduced, dropped).score]
    survey = survey_weights(maternal.panel)
    units = Units.of(maternal.panel, ("platform",), latest(maternal, maternal.panel))
    means = [
        np.array(
            [
                np.average(score[at][np.isfinite(score[at])], weights=survey[at][np.isfinite(score[at])])
                for at in units.members
            ]
        )
        for score in scores
    ]
    row = found.leave_out.set_index(["units", "element"]).loc[("platform", "F02")]
    assert row["mean_shift"] == pytest.approx(float(rank_shift(*means)))
    assert row["count"] == len(units)


def test_leaving_out_a_dimension_hands_its_weight_on_in_proportion():
    values = np.array([[1.0, 0.5, 0.0]])
    weights, dimension = np.array([0.5, 0.3, 0.2]), np.array([0, 1, 2])
    assert without(values, weights, dimension, dimension == 0)[0] == pytest.approx(100 * 0.15 / 0.5)


def test_filling_gaps_under_the_static_weights_changes_ranks_of_platforms_little(maternal):
    """Ranks under draws use scores that are linear in the weights; here they meet the exact scores."""
    weights = static_weights(maternal).to_numpy()
    values, survey = indicator_values(maternal), survey_weights(maternal.panel)
    filled = fill_unanswered(values, weights, dimension_index(maternal.model))
    units = Units.of(maternal.panel, ("platform",), latest(maternal, maternal.panel))
    other = weights * np.random.default_rng(0).uniform(0.6, 1.4, len(weights))
    other /= other.sum()
    exact = score_respondents(maternal, pd.Series(other, index=maternal.model.codes)).score
    expected = [
        np.average(exact[at][np.isfinite(exact[at])], weights=survey[at][np.isfinite(exact[at])])
        for at in units.members
    ]
    np.testing.assert_allclose(100 * units.means(filled, survey) @ other, expected, atol=0.5)


def test_probabilities_of_ranks(found):
    platforms = found.ranks[found.ranks["units"] == "platform"]
    assert platforms["share_first"].sum() == pytest.approx(1, abs=1e-6)
    assert (platforms["low"] <= platforms["high"]).all()
    assert found.wins["probability"].between(0, 1).all()
    assert len(found.wins) == len(platforms) * (len(platforms) - 1) / 2


def test_seed_and_order_of_rows(maternal, found):
    again = analyse_importance(maternal, QUICK, seed=1)
    assert again.quantities() == found.quantities()
    shuffled = replace(maternal, panel=maternal.panel.sample(frac=1, random_state=0).reset_index(drop=True))
    other = analyse_importance(shuffled, QUICK, seed=1)
    np.testing.assert_allclose(other.importance["linear"], found.importance["linear"])


def test_levels_that_are_ranked(maternal):
    assert ranked_levels(maternal) == [("platform",), ("platform", "stage")]
    without_platform = replace(maternal, panel=maternal.panel.drop(columns="platform"))
    assert ranked_levels(without_platform) == [("stage",)]


def test_without_experts_or_indicators(maternal):
    tables = {name: table for name, table in maternal.tables.items() if name != "experts"}
    result = analyse_importance(replace(maternal, tables=tables), QUICK)
    assert result.ranks.empty
    assert [one["zh"] for one in result.remarks if one["en"].startswith("ranks: no expert judgements")] == [
        "ranks：没有专家判断：无法给出权重不确定下的排名。"
    ]
    bare = replace(maternal, model=replace(maternal.model, indicators=(), dimensions=()))
    with pytest.raises(InputError, match="no indicators"):
        analyse_importance(bare, QUICK)


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"resamples": 1}, {"attained": 0.0}])
def test_wrong_settings(wrong):
    with pytest.raises(ValueError, match="the setting is beyond its range"):
        ImportanceSettings(**wrong)


def test_survives_storing(found, tmp_path):
    found.save(tmp_path)
    read = ImportanceResult.load(tmp_path)
    assert read.quantities() == found.quantities()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1_000_000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(found, language):
    figure = found.plot(language)
    assert len(figure.axes) == 2
    assert ("模拟" if language == "zh" else "simulated") in figure.get_suptitle()


@pytest.mark.shared
def test_kiosk_survey(root, shared_data):
    """Real answers: eight equally weighted dimensions do not count equally."""
    study = Study.read(root / "data" / "kiosk", shared_data / "kiosk" / "kiosk_tidy.csv")
    result = analyse_importance(study, QUICK)
    table = result.importance[result.importance["set"] == "dimensions"].set_index("element")
    assert table["effective"].idxmax() == "convenience"
    assert table["effective"].idxmin() == "usefulness"
    assert table.loc["usefulness", "high"] < 1 / 8
    told = {one["en"].partition(":")[0] for one in result.remarks}
    assert {"units/dimensions", "units/indicators", "ranks"} <= told
