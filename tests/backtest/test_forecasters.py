"""Forecasters: the relation, limits, and the worth of knowing the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.composite_forecaster import CompositeForecaster, fit_relation
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.forecasters import (
    BATCHES,
    Forecast,
    ForecasterEntry,
    LevelForecaster,
    Training,
    step_guess,
)
from maternal_eval.analyses.backtest.registry import usual
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.backtest.splits import up_to
from maternal_eval.analyses.backtest.weight_schemes import WEIGHT_SCHEMES
from maternal_eval.analyses.stage_weights.compute import fit_stage_weights
from maternal_eval.analyses.stage_weights.settings import StageWeightsSettings
from maternal_eval.methods.forecasting.calibration import calibration_table
from maternal_eval.methods.forecasting.local_level import LocalLevel, for_units
from tests.backtest.conftest import simulate


def test_relation_is_weighted_least_squares():
    random = np.random.default_rng(0)
    score, weights = random.uniform(20, 90, 400), random.uniform(0.5, 2, 400)
    outcome = 1.0 + 0.03 * score + random.normal(0, 0.3, 400)
    relation = fit_relation(score, outcome, weights)
    design = np.column_stack([np.ones(400), score]) * np.sqrt(weights)[:, None]
    intercept, slope = np.linalg.lstsq(design, outcome * np.sqrt(weights), rcond=None)[0]
    assert relation.slope == pytest.approx(slope)
    assert relation.outcome_mean - relation.slope * relation.score_mean == pytest.approx(intercept)
    assert np.sqrt(relation.slope_variance) == pytest.approx(0.3 / (np.sqrt(400) * score.std()), rel=0.2)
    assert relation.explained == pytest.approx(0.8, abs=0.1)


def test_constant_score_explains_nothing():
    relation = fit_relation(np.full(5, 50.0), np.arange(5.0), np.ones(5))
    assert (relation.slope, relation.explained, relation.outcome_mean) == (0.0, 0.0, 2.0)


def test_last_value_forecasts_the_last_mean(small):
    target = Target(small.study.outcomes["satisfaction"], ("platform", "stage"))
    fitted = LevelForecaster().fit(Training(small.study), target)
    last = fitted.past.last()
    draws = fitted.forecast(fitted.past.units, 1, 50, 0)
    np.testing.assert_allclose(np.median(draws.mean, axis=0), last)
    order = fitted.past.units[::-1]
    np.testing.assert_allclose(np.median(fitted.forecast(order, 1, 50, 0).mean, axis=0), last[::-1])


def test_uncertainty_grows_with_the_horizon(small):
    target = Target(small.study.outcomes["satisfaction"], ("platform", "stage"))
    for forecaster in (LevelForecaster(), CompositeForecaster("equal")):
        fitted = forecaster.fit(Training(small.study), target)
        units = (fitted.past if hasattr(fitted, "past") else fitted.fitted).units
        near, far = (fitted.forecast(units, horizon, 2000, 0).mean.std(axis=0).mean() for horizon in (1, 4))
        assert far > 1.3 * near


def test_composite_follows_an_outcome_that_is_the_composite(small):
    """Where satisfaction is the composite itself, slope 4/100, R² 1, and nothing is left to the rest."""
    study = small.study
    exact = study.panel.assign(satisfaction=study.panel[["A1", "A2", "B1", "B2"]].mean(axis=1))
    target = Target(study.outcomes["satisfaction"], ("platform", "stage"))
    fitted = CompositeForecaster("equal").fit(Training(replace(study, panel=exact)), target).fitted
    assert fitted.relation.slope == pytest.approx(0.04)
    assert fitted.relation.explained == pytest.approx(1)
    np.testing.assert_allclose(fitted.rest.level, 0, atol=1e-9)


def test_step_guess_is_a_share_of_the_range(small):
    assert step_guess(Target(small.study.outcomes["satisfaction"], ())) == pytest.approx(0.1)
    assert step_guess(Target(small.study.outcomes["again"], ())) == pytest.approx(0.025)


def test_a_new_unit_gets_the_mean_of_its_stage():
    known = pd.MultiIndex.from_tuples([("a", "x"), ("b", "x"), ("a", "y")])
    fitted = LocalLevel(np.array([1.0, 2.0, 7.0]), np.array([0.1, 0.1, 0.1]), 0.0, 0.0, 0.0, 0.0)
    found = for_units(fitted, known, pd.MultiIndex.from_tuples([("c", "x"), ("a", "y"), ("c", "z")]))
    np.testing.assert_allclose(found.level, [1.5, 7.0, 10 / 3])
    assert found.level_variance[0] == pytest.approx(0.5 + 0.1)
    assert found.level_variance[1] == pytest.approx(0.1)


def test_effective_weights_are_learned_in_training(maternal):
    """They differ from the static ones, add up to 1, and are those of the training rows alone."""
    training = Training(maternal)
    found = WEIGHT_SCHEMES["effective"](training)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - WEIGHT_SCHEMES["static"](training)).max() > 0.01
    early = Training(up_to(maternal, 2020))
    assert not np.allclose(WEIGHT_SCHEMES["effective"](early), found)


@pytest.mark.slow
def test_stage_weights_are_near_those_of_the_full_posterior(maternal):
    """The short cut (summary at the mode, short run) against the fit with its correction: log weights within 5 %."""
    quick = sum(parts := WEIGHT_SCHEMES["stage"](Training(maternal))) / len(parts)
    static = WEIGHT_SCHEMES["static"](Training(maternal))
    found = fit_stage_weights(maternal, static, StageWeightsSettings.quick(), seed=0)
    full = found.weights.pivot_table("mean", "stage", "indicator").loc[quick.index, quick.columns]
    np.testing.assert_allclose(quick.sum(axis=1), 1)
    assert float(np.sqrt((np.log(quick / full) ** 2).mean(axis=None))) < 0.05


def test_batches_know_that_stage_weights_are_sampled(maternal):
    """Mirrored draws have exact means, so two seeds differ by the sampled weights alone; batches must tell it."""
    thinned = replace(maternal, panel=up_to(maternal, 2021).panel.iloc[::4].reset_index(drop=True))
    target = Target(maternal.outcomes["satisfaction"], ("stage",))
    means, errors = [], []
    for seed in (1, 2):
        fitted = CompositeForecaster("stage").fit(Training(thinned, np.random.SeedSequence(seed)), target)
        draws = fitted.forecast(fitted.fitted.units, 1, 400, 0).mean
        assert len(fitted.parts) == BATCHES
        means.append(draws.mean(axis=0))
        errors.append(draws.reshape(BATCHES, -1, draws.shape[1]).mean(axis=1).std(axis=0, ddof=1) / np.sqrt(BATCHES))
    difference, error = np.abs(means[0] - means[1]), np.sqrt(errors[0] ** 2 + errors[1] ** 2)
    assert (difference > 1e-9).all()
    assert (difference < 5 * error).all()


def test_few_answers_leave_the_static_weights(maternal):
    few = replace(maternal, panel=maternal.panel.iloc[:60].reset_index(drop=True))
    (found,) = WEIGHT_SCHEMES["stage"](Training(few))
    static = WEIGHT_SCHEMES["static"](Training(few))
    np.testing.assert_allclose(found, np.tile(static[found.columns], (5, 1)))


@dataclass(frozen=True)
class KnowsTheWorld:
    """Knows the distribution of the answers of every unit in every year."""

    shares: dict[int, np.ndarray]
    units: pd.MultiIndex
    year: int | None = None

    def fit(self, training, target):
        return replace(self, year=max(training.periods))

    def forecast(self, units, horizon, draws, seed):
        shares = self.shares[self.year + horizon][self.units.get_indexer(units)]
        drawn = np.repeat(shares[None], draws, axis=0)
        return Forecast(drawn @ np.arange(1.0, 6.0), drawn)


def ordinal_world(folder, seed: int, answers: int = 80):
    """Return a study of answers 1 … 5 whose distributions are known, and who knows them."""
    simulated = simulate(folder, seed, answers=answers)
    study, random = simulated.study, np.random.default_rng(seed)
    units = pd.MultiIndex.from_tuples(sorted({key[:2] for key in simulated.truth.index}), names=["platform", "stage"])
    years = sorted({key[2] for key in simulated.truth.index})
    shares = {}
    panel = study.panel.copy()
    for year in years:
        mean = np.array([simulated.truth[(*unit, year)] for unit in units])
        cuts = 1 / (1 + np.exp(-(np.array([1.5, 2.5, 3.5, 4.5]) - mean[:, None]) / 0.5))
        shares[year] = np.diff(cuts, prepend=0.0, append=1.0)
        for unit, of_unit in zip(units, shares[year], strict=True):
            rows = (panel["period"] == year) & (panel["platform"] == unit[0]) & (panel["stage"] == unit[1])
            panel.loc[rows, "satisfaction"] = random.choice(np.arange(1.0, 6.0), int(rows.sum()), p=of_unit)
    outcome = replace(study.outcomes["satisfaction"], kind="ordinal")
    study = replace(study, panel=panel, outcomes={"satisfaction": outcome})
    entry = ForecasterEntry("oracle", "Oracle", "先知", lambda: KnowsTheWorld(shares, units))
    return study, entry


def test_knowing_the_truth_is_best_on_every_proper_score(tmp_path):
    """The oracle wins against every registered forecaster, over two simulated studies."""
    settings = BacktestSettings(draws=400, replicates=2)
    found = []
    for seed in range(2):
        study, oracle = ordinal_world(tmp_path / str(seed), seed)
        result = run_backtest(study, settings, seed=seed, extra=[oracle])
        pooled = result.scores[result.scores["split"] == "all origins"]
        found.append(pooled.pivot_table(index="forecaster", columns="score", values="value"))
    mean = sum(found) / len(found)
    assert set(mean.index) == {*usual(), "oracle"}
    others = mean.drop(index="oracle")
    for score in ("crps", "rps", "log_score", "mae"):
        assert mean.loc["oracle", score] < others[score].min(), score
    assert mean.loc["oracle", "one_minus_mape"] > others["one_minus_mape"].max()
    # Its only uncertainty is the sampling error of the cell, which the backtest adds: so it is calibrated.
    assert mean.loc["oracle", "coverage_80"] == pytest.approx(0.80, abs=0.08)
    assert mean.loc["oracle", "coverage_95"] == pytest.approx(0.95, abs=0.05)


@pytest.mark.slow
def test_the_calibrated_forecaster_covers_nominally(tmp_path):
    """Over 200 studies the oracle covers within binomial error, and its transforms are uniform.

    Its error is the sampling error of cells, which are independent, so the binomial error is that of all cells.
    """
    settings = BacktestSettings(forecasters=("last_value",), draws=400, replicates=2)
    transforms, coverage, cells = [], {50: 0.0, 80: 0.0, 95: 0.0}, 0
    for seed in range(200):
        study, oracle = ordinal_world(tmp_path / str(seed), seed, answers=60)
        study = replace(study, panel=study.panel[study.panel["period"] >= 2023].reset_index(drop=True))
        study = replace(
            study,
            periods=(2023, 2024),
            definition=study.definition.model_copy(
                update={"periods": study.definition.periods.model_copy(update={"train": (2023,)})}
            ),
        )
        result = run_backtest(study, settings, seed=seed, extra=[oracle])
        mine = result.scores[result.scores["forecaster"] == "oracle"].set_index("score")
        number = int(mine["cells"].iloc[0])
        for level in coverage:
            coverage[level] += number * mine.loc[f"coverage_{level}", "value"]
        cells += number
        transforms += result.forecasts.loc[result.forecasts["forecaster"] == "oracle", "pit"].tolist()
    for level, covered in coverage.items():
        nominal = level / 100
        # 3 binomial standard errors, and one point for 400 draws and the normal error of 60 whole-number answers.
        assert covered / cells == pytest.approx(nominal, abs=3 * np.sqrt(nominal * (1 - nominal) / cells) + 0.01)
    table = calibration_table(np.array(transforms)[:1000])
    assert table["share_below"].between(table["low"], table["high"]).mean() > 0.9
