"""Stage weights of a study: tables, claim under both readings, bad input; the built-in truth (slow)."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.scores.compute import score_respondents
from maternal_eval.analyses.stage_weights.compute import fit_stage_weights
from maternal_eval.analyses.stage_weights.design import build_design
from maternal_eval.analyses.stage_weights.result import StageWeightsResult
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings
from maternal_eval.analyses.stage_weights.tables import claim_table, probability_beyond, weight_table
from maternal_eval.analyses.weights.compute import compute_weights, static_weights
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared
from maternal_eval.results.plotting import save_figure
from verification.recovery import read_truth, true_stage_weights

QUICK = StageWeightsSettings.quick()
DIMENSION_OF = pd.Series({"a": "x", "b": "x", "c": "y"})


@pytest.fixture(scope="module")
def part(maternal):
    """Every fifth respondent, six indicators, two stages: small enough to fit in a test."""
    panel = maternal.panel.iloc[::5].reset_index(drop=True)
    panel = panel[panel["stage"].isin(["pregnancy", "postpartum"])].reset_index(drop=True)
    panel["stage"] = panel["stage"].cat.remove_unused_categories()
    kept = ("F01", "F07", "F10", "E01", "E05", "S01")
    indicators = tuple(one for one in maternal.model.indicators if one.code in kept)
    model = dataclasses.replace(maternal.model, indicators=indicators)
    levels = tuple(one for one in maternal.stage_levels if one.name in ("pregnancy", "postpartum"))
    tables = {name: table for name, table in maternal.tables.items() if name != "experts"}
    return dataclasses.replace(maternal, panel=panel, model=model, stage_levels=levels, tables=tables)


@pytest.fixture(scope="module")
def equal(part):
    codes = part.model.codes
    return pd.Series(1 / len(codes), index=codes)


@pytest.fixture(scope="module")
def result(part, equal):
    settings = dataclasses.replace(QUICK, claim={"indicator": "F10", "stage": "postpartum", "level": 0.4})
    return fit_stage_weights(part, equal, settings, seed=0)


def test_design_follows_the_composite(maternal):
    design = build_design(maternal, maternal.primary_outcome)
    weights = static_weights(maternal)
    answers = design.answers[0]
    theta = weights.loc[list(design.codes)].to_numpy()
    top = bottom = 0.0
    for start, stop in zip(answers.dimension_start[:-1], answers.dimension_start[1:], strict=True):
        known = answers.answered[:, start:stop] @ theta[start:stop]
        whole = np.where(known > 0, theta[start:stop].sum(), 0.0)
        top = top + whole * (answers.values[:, start:stop] @ theta[start:stop]) / np.where(known > 0, known, 1)
        bottom = bottom + whole
    rows = (maternal.panel["stage"] == maternal.stages[0]).to_numpy()
    np.testing.assert_allclose(100 * top / bottom, score_respondents(maternal, weights).score[rows], atol=1e-4)
    assert sum(design.respondents) + design.left_out == len(maternal.panel)


def test_table_of_weights(result, part):
    table = result.table()
    assert len(table) == 2 * 6
    np.testing.assert_allclose(table.groupby("stage")["mean"].sum(), 1.0)
    assert ((table["low"] < table["mean"]) & (table["mean"] < table["high"])).all()
    assert (table["informed"] < 1).all()
    np.testing.assert_allclose(result.dimensions.groupby("stage")["mean"].sum(), 1.0)
    assert result.stages["respondents"].sum() + result.left_out == len(part.panel)
    assert set(result.checks["status"]) == {"passed", "informational"}


def test_claim_has_both_readings(result):
    claim = result.claim.set_index("reading")
    assert claim.loc["dimension", "mean"] > claim.loc["whole", "mean"]
    assert claim["probability"].between(0, 1).all()
    shown = result.weights.query("stage == 'postpartum' and indicator == 'F10'").iloc[0]
    assert claim.loc["whole", "mean"] == pytest.approx(shown["mean"])


def test_result_survives_storing_and_draws(result, tmp_path):
    result.save(tmp_path / "stored")
    again = StageWeightsResult.load(tmp_path / "stored")
    assert again.quantities() == result.quantities()
    assert (compared(again.quantities())["mcse"] > 0).all()
    np.testing.assert_allclose(again.draws["weight"].mean("draw").values.ravel(), again.weights["mean"], rtol=1e-5)
    for language in ("en", "zh"):
        save_figure(again.plot(language), tmp_path / language, "stage weights")


def test_practical_equivalence_counts_doubling_and_halving_alike():
    draws = np.array([0.5, 0.9, 1.1, 2.0])[:, None, None]
    assert probability_beyond(draws, np.ones(1), 0.2)[0, 0] == 0.25
    # a weight of which nothing is known is no change, though most of its mass lies beyond
    wide = np.concatenate([np.full(50, 0.3), np.full(50, 3.0)])[:, None, None]
    assert probability_beyond(wide, np.ones(1), 0.2)[0, 0] == 0.5


def test_tables_on_known_draws():
    random = np.random.default_rng(0)
    draws = random.dirichlet([20, 10, 10], size=(4000, 2))
    draws[:, 1] = random.dirichlet([80, 10, 10], size=4000)
    prior = random.dirichlet([2, 1, 1], size=(4000, 2))
    table = weight_table(draws, prior, np.array([0.5, 0.25, 0.25]), ("p", "q"), DIMENSION_OF, 0.2, 0.95)
    table = table.set_index(["stage", "indicator"])
    assert table["credible_change"].tolist() == [False, False, False, True, True, True]
    assert table.loc[("q", "a"), "mean"] == pytest.approx(0.8, abs=0.01)
    assert table.loc[("q", "a"), "relative_change"] == pytest.approx(0.6, abs=0.02)
    assert table.loc[("p", "a"), "informed"] > 0.5
    claim = claim_table(draws, ("p", "q"), DIMENSION_OF, {"indicator": "a", "stage": "q", "level": 0.85})
    claim = claim.set_index("reading")
    assert claim.loc["whole", "mean"] == pytest.approx(80 / 100, abs=0.005)
    assert claim.loc["dimension", "mean"] == pytest.approx(80 / 90, abs=0.005)
    assert claim.loc["dimension", "probability"] > 0.8 > 0.3 > claim.loc["whole", "probability"]
    assert claim_table(draws, ("p", "q"), DIMENSION_OF, None).empty


def test_bad_input_is_told(part, equal):
    def fails(message, study=part, weights=equal, **change):
        with pytest.raises(InputError, match=message):
            fit_stage_weights(study, weights, dataclasses.replace(QUICK, **change))

    fails("at least two stages", dataclasses.replace(part, stage_levels=part.stage_levels[:1]))
    panel = part.panel.copy()
    panel.loc[panel["stage"] == "postpartum", "satisfaction"] = np.nan
    fails("'postpartum' has too few answers", dataclasses.replace(part, panel=panel))
    fails("has to be positive", weights=equal * [1, 1, 0, 1, 1, 1])
    fails("lack an indicator", weights=equal.iloc[:3])
    fails("do not add up", weights=equal * 1.01)
    fails("unknown outcome", outcome="nothing")
    fails("indicator, stage and level", claim={"indicator": "F10"})
    fails("does not have", claim={"indicator": "F10", "stage": "no stage", "level": 0.4})


@pytest.mark.slow
def test_truth_of_the_built_in_study_is_recovered(maternal, tmp_path):
    result = fit_stage_weights(maternal, compute_weights(maternal), seed=1)
    truth = true_stage_weights(read_truth())
    table = result.weights.set_index(["stage", "indicator"])
    true = pd.Series([truth.loc[stage, code] for stage, code in table.index], index=table.index)
    inside = (table["low"] <= true) & (true <= table["high"])
    assert 0.8 <= inside.mean() <= 1.0
    assert table.loc[("postpartum", "F10"), "credible_change"]
    # only what truly differs from the static weight by more than the region of equivalence may be called changed
    static = table["static"]
    beyond = (true / static > 1.2) | (true / static < 1 / 1.2)
    assert beyond[table["credible_change"]].all()
    result.save(tmp_path)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 1_000_000
