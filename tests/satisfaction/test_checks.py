"""Model checks: leave-one-out against refitting, sensitivity, gates that see what they should."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, fit_satisfaction
from maternal_eval.analyses.satisfaction.model_checks import predictive_check, transform_check
from maternal_eval.analyses.satisfaction.predictive import predictive_table, transform_table
from maternal_eval.core.checks import require_checks
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.design_effect import cluster_design_effects, intraclass_correlation
from maternal_eval.methods.ordinal.leave_one_out import FULL, compare_models, leave_one_out
from maternal_eval.methods.ordinal.power_scaling import sensitivity_table
from maternal_eval.methods.sampling import POSTERIOR, SamplerSettings, sample
from maternal_eval.study.model_settings import OrdinalPriors
from tests.satisfaction.conftest import QUICK, simulate

SAMPLER = SamplerSettings(tune=300, draws=400)


def draws(model, seed=0):
    tree = sample(model, seed=seed, settings=SAMPLER)
    return tree[POSTERIOR]["parameter"].transpose("chain", "draw", "name").to_numpy()


@pytest.fixture(scope="module")
def fitted(small):
    cells = cell_counts(small)
    model = build_model(cells, OrdinalPriors(), stages_ordered=True)
    return model, draws(model), cells


def test_leave_one_out_is_refitting_without_the_respondent(fitted):
    model, x, cells = fitted
    found = leave_one_out(model, x, cells)
    assert found.answers.sum() == 3000
    assert found.unreliable == 0.0
    assert 5 < found.parameters < len(model.names) + 3
    entry = int(np.argmin(found.log_predictive))
    counts = model.counts.copy()
    counts[found.cell[entry], found.category[entry]] -= 1.0
    refit = dataclasses.replace(model, counts=counts)
    chance = model.probabilities(draws(refit, 1).reshape(-1, len(model.names)))[:, found.cell[entry]].mean(axis=0)
    assert found.log_predictive[entry] == pytest.approx(np.log(chance[found.category[entry]]), abs=0.02)
    assert found.below[entry] == pytest.approx(chance[: found.category[entry]].sum(), abs=0.01)


def test_a_model_without_what_is_there_predicts_worse(fitted):
    model, x, cells = fitted
    whole = leave_one_out(model, x, cells)
    table = compare_models(model, whole, cells, ("no_segments", "no_stage_period"), SAMPLER, 0).set_index("model")
    assert table.loc[FULL, "elpd"] == pytest.approx(whole.elpd)
    assert table.loc["no_segments", "difference"] < -2 * table.loc["no_segments", "difference_error"]
    assert abs(table.loc["no_stage_period", "difference"]) < 10


def test_true_model_is_calibrated(fitted):
    model, x, cells = fitted
    table = transform_table(leave_one_out(model, x, cells), cells)
    ends = table.groupby("stage")["share"].agg(["min", "max"])
    assert ends.to_numpy() == pytest.approx(np.tile([0.0, 1.0], (4, 1)), abs=1e-12)
    assert transform_check(table).status == "passed"
    predictive = predictive_table(model, x, cells, 500, np.random.default_rng(0))
    assert predictive_check(predictive).status == "passed"


def test_gates_see_a_model_that_misstates_the_answers(fitted):
    """Answers moved by one step behind the model's back: both gates fail, and what to do is said."""
    model, x, cells = fitted
    moved = np.roll(model.counts, 1, axis=1)
    wrong = dataclasses.replace(model, counts=moved)
    counted = cells.assign(answers=(("cell", "answer"), moved.astype(int)))
    checks = [
        predictive_check(predictive_table(wrong, x, counted, 500, np.random.default_rng(0))),
        transform_check(transform_table(leave_one_out(wrong, x, counted), counted)),
    ]
    assert [check.status for check in checks] == ["failed", "failed"]
    with pytest.raises(DiagnosticsError, match=r"posterior predictive .* PIT .* try another family of answers"):
        require_checks(checks, "satisfaction")


def test_a_gate_stops_the_analysis(small, monkeypatch):
    monkeypatch.setattr("maternal_eval.analyses.satisfaction.model_checks.MISFIT", -1.0)
    with pytest.raises(
        DiagnosticsError, match="the fit of satisfaction by stage must not be used: posterior predictive"
    ):
        fit_satisfaction(small, settings=dataclasses.replace(QUICK, rhat=1.05), seed=1)


def test_results_from_many_answers_owe_little_to_the_prior(fitted):
    model, x, _ = fitted
    mean = (model.probabilities(x.reshape(-1, x.shape[-1])) @ np.arange(1.0, 6.0)).mean(axis=1).reshape(x.shape[:2])
    table = sensitivity_table(model, x, xr.Dataset({"score": (("chain", "draw"), mean)}))
    assert table["prior"].item() < 0.05 < table["likelihood"].item()


def test_intraclass_correlation_is_recovered():
    """One-way analysis of variance with known variances: between 1, within 3, correlation 0.25."""
    generator = np.random.default_rng(0)
    cluster = np.repeat(np.arange(4000), 5)
    domain = (cluster % 3).astype(np.int64)
    values = 10.0 * domain + generator.normal(size=4000)[cluster] + np.sqrt(3.0) * generator.normal(size=20_000)
    assert intraclass_correlation(values, cluster, domain) == pytest.approx(0.25, abs=0.015)
    assert intraclass_correlation(values, np.arange(20_000), domain) == 0.0
    effects = cluster_design_effects(cluster, domain, 0.25)
    assert effects == pytest.approx(np.full(3, 2.0))


def test_repeated_answers_widen_intervals_as_the_design_effect_says(make_study):
    """Everybody answers four times the same: four copies are worth one, and intervals say so."""
    panel = simulate(500, seed=5)
    copies = pd.concat([panel] * 4, ignore_index=True)
    once, four = cell_counts(make_study(panel)), cell_counts(make_study(copies))
    assert four.attrs["respondents"] == 500
    assert four.attrs["intraclass"] == pytest.approx(1.0)
    assert float(four["effective"].sum()) == pytest.approx(float(once["effective"].sum()))
    strangers = cell_counts(make_study(copies.assign(id=np.arange(len(copies)))))
    assert float(strangers["effective"].sum()) == 2000
