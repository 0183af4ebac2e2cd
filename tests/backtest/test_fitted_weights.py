"""Weights that the next period's outcome would give: known answers, limits, recovery from counts, and no leak."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize, nnls

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.composite_forecaster import CompositeForecaster
from maternal_eval.analyses.backtest.compute import run_backtest
from maternal_eval.analyses.backtest.fitted_weights import fitted_weights
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.backtest.splits import rolling_splits
from maternal_eval.core.errors import InputError
from maternal_eval.methods.forecasting.fitted_weights import (
    PENALTIES,
    as_weights,
    fitted_coefficients,
    rolling_penalty,
)
from maternal_eval.study import Study
from verification.leakage import delete_test_answers, permute_test_answers

TRUTH = np.array([0.6, 0.3, 0.1, 0.0])
CODES = ("A", "B", "C", "D")
SITES = 60
YEARS = (2016, 2017, 2018, 2019, 2020, 2021)

STUDY = """
[study]
name = "sites"
zh = "地区"
en = "Sites"
simulated = true

[panel]
file = "panel.csv"
kind = "counts"

[counts]
question = "question"
answer = "answer"
count = "n"

[columns]
period = "year"
platform = "site"

[dimensions]
first = { zh = "甲", en = "First" }
second = { zh = "乙", en = "Second" }

[indicators]
file = "indicators.csv"
scale = [0, 1]

[outcomes.health]
column = "health"
kind = "binary"
zh = "健康"
en = "Health"
"""


def simulated(random, rows=400, noise=0.3):
    values = random.normal(size=(rows, 4))
    return values, 2.0 * values @ TRUTH + noise * random.normal(size=rows)


def counted(folder: Path, *, reverse: bool = False, moving: float = 1.0) -> Study:
    """Sites whose health follows the care of the year before, as counts of 0 and 1; indicator B is a burden."""
    random = np.random.default_rng(0)
    still, moved = random.normal(0, 0.12, (SITES, 4)), random.normal(0, 0.12, (len(YEARS), SITES, 4))
    care = np.clip(0.5 + np.sqrt(1 - moving) * still + np.sqrt(moving) * moved, 0.05, 0.95)
    common = 0.02 * random.normal(size=len(YEARS))
    health = np.empty((len(YEARS), SITES))
    health[0] = 0.5 + 0.8 * (care[0] - 0.5) @ TRUTH
    health[1:] = 0.5 + 0.8 * (care[:-1] - 0.5) @ TRUTH + common[1:, None]
    lines = []
    for at, year in enumerate(YEARS):
        for site in range(SITES):
            shares = dict(zip(CODES, care[at, site], strict=True)) | {"health": health[at, site]}
            shares["B"] = 1.0 - shares["B"]
            if reverse:
                shares["health"] = 1.0 - shares["health"]
            for question, share in shares.items():
                yes = random.binomial(3000, share)
                lines += [(year, f"s{site:02d}", question, answer, n) for answer, n in ((1, yes), (0, 3000 - yes))]
    table = pd.DataFrame(lines, columns=["year", "site", "question", "answer", "n"])
    table.to_csv(folder / "panel.csv", index=False)
    (folder / "indicators.csv").write_text(
        "code,dimension,kind\nA,first,rating\nB,first,burden\nC,second,rating\nD,second,rating\n"
    )
    (folder / "study.toml").write_text(STUDY + ("reversed = true\n" if reverse else ""), encoding="utf-8")
    return Study.read(folder)


def target_of(study: Study) -> Target:
    return Target(study.outcomes["health"], ("platform",))


def test_without_a_penalty_it_is_non_negative_least_squares():
    rows, response = simulated(np.random.default_rng(0), rows=40, noise=3.0)
    mass = np.random.default_rng(1).uniform(0.5, 2.0, 40)
    root = np.sqrt(mass)
    expected, _ = nnls(rows * root[:, None], response * root)
    np.testing.assert_allclose(fitted_coefficients(rows, response, mass, 0.0), expected, atol=1e-10)


@pytest.mark.parametrize("penalty", [0.1, 3.0])
def test_with_a_penalty_no_other_coefficients_do_better(penalty):
    """The minimum of the function in the docstring, found by a general optimiser."""
    rows, response = simulated(np.random.default_rng(2), rows=50, noise=2.0)
    mass = np.random.default_rng(3).uniform(0.5, 2.0, 50)
    scale = (mass[:, None] * rows**2).sum() / rows.shape[1]

    def loss(beta):
        rest = response - rows @ beta
        return (mass * rest**2).sum() + penalty * scale * ((beta - beta.mean()) ** 2).sum()

    found = fitted_coefficients(rows, response, mass, penalty)
    best = minimize(loss, np.ones(4), bounds=[(0, None)] * 4, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-10})
    np.testing.assert_allclose(found, best.x, atol=1e-4)
    assert loss(found) <= best.fun + 1e-8


def test_a_strong_penalty_leaves_equal_weights_and_the_slope_of_their_composite():
    rows, response = simulated(np.random.default_rng(4))
    equal = fitted_coefficients(rows, response, np.ones(len(rows)), np.inf)
    together = rows.sum(axis=1)
    np.testing.assert_allclose(equal, (together @ response) / (together @ together))
    np.testing.assert_allclose(fitted_coefficients(rows, response, np.ones(len(rows)), 1e8), equal, rtol=1e-5)
    np.testing.assert_allclose(as_weights(equal), 0.25)


def test_what_goes_with_nothing_has_equal_weights():
    """Coefficients below 0 are not for weights: all are 0, and nothing speaks for any."""
    rows = np.eye(3)
    found = fitted_coefficients(rows, np.full(3, -1.0), np.ones(3), 0.0)
    assert found.tolist() == [0.0, 0.0, 0.0]
    assert as_weights(found).tolist() == pytest.approx([1 / 3] * 3)


def test_the_penalty_is_large_where_weights_are_equal_and_small_where_they_are_not():
    random = np.random.default_rng(5)
    chosen = {}
    for name, truth in (("equal", np.full(4, 0.25)), ("unequal", np.array([0.97, 0.01, 0.01, 0.01]))):
        found = []
        for _ in range(20):
            rows, period = random.normal(size=(120, 4)), np.repeat(np.arange(4), 30)
            response = rows @ truth + random.normal(size=120)
            found.append(PENALTIES.index(rolling_penalty(rows, response, np.ones(120), period)))
        chosen[name] = np.median(found)
    assert chosen["equal"] >= PENALTIES.index(3.0)
    assert chosen["unequal"] <= PENALTIES.index(0.1)


def test_with_one_period_nothing_can_be_held_out():
    rows, response = simulated(np.random.default_rng(6), rows=30)
    assert rolling_penalty(rows, response, np.ones(30), np.zeros(30)) == np.inf


def test_a_negative_mass_is_refused():
    with pytest.raises(InputError, match="mass"):
        fitted_coefficients(np.eye(2), np.ones(2), np.array([1.0, -1.0]), 0.0)


@pytest.mark.parametrize("reverse", [False, True])
def test_known_weights_are_recovered_from_counts(tmp_path, reverse):
    """Whether an indicator or the outcome is turned round or not; sums by dimension stand beside the indicators."""
    study = counted(tmp_path, reverse=reverse)
    found = fitted_weights(Training(study), target_of(study))
    np.testing.assert_allclose(found.weights[list(CODES)], TRUTH, atol=0.05)
    table = found.table.set_index("element")
    assert found.pairs == (len(YEARS) - 1) * SITES
    assert table.loc["first", "weight"] == pytest.approx(table.loc["A", "weight"] + table.loc["B", "weight"])
    assert table.loc["first", "low"] < 0.9 < table.loc["first", "high"]
    inside = (table["low"] <= table["weight"] + 1e-12) & (table["weight"] <= table["high"] + 1e-12)
    assert inside.all()


def test_weights_are_learned_from_nothing_after_the_origin(tmp_path):
    study = counted(tmp_path)
    split = rolling_splits(study)[-2]
    tables = [
        fitted_weights(Training(one).at(split), target_of(one)).table
        for one in (study, counted_without_later(study, split.test))
    ]
    pd.testing.assert_frame_equal(*tables)


def counted_without_later(study: Study, period: int) -> Study:
    """The study without any answer from ``period`` on."""
    return replace(
        study,
        counted=study.counted.within([known for known in study.periods if known < period]),
        periods=tuple(known for known in study.periods if known < period),
    )


def test_weights_of_rows_see_neither_permuted_nor_deleted_answers(small):
    target = Target(small.study.outcomes["again"], ("platform", "stage"))
    split = rolling_splits(small.study)[-1]
    tampered = (small.study, permute_test_answers(small.study, split), delete_test_answers(small.study, split))
    first, *others = (fitted_weights(Training(one).at(split), target).table for one in tampered)
    for other in others:
        pd.testing.assert_frame_equal(first, other)


def test_the_weights_of_every_origin_are_in_the_result_and_its_numbers(tmp_path):
    study = counted(tmp_path)
    settings = BacktestSettings(forecasters=("equal_weights", "fitted_weights"), draws=100, replicates=2)
    result = run_backtest(study, settings, seed=1)
    of_split = result.fitted.query("set == 'indicators'").groupby("split", sort=False)["weight"].sum()
    assert of_split.tolist() == pytest.approx([1.0] * 5)
    first = result.fitted[result.fitted["split"] == "2016 to 2017"]
    assert (first["pull"] == 1.0).all()
    assert first["low"].isna().all()
    numbers = result.quantities()
    assert numbers["health.fitted.indicators.a"].value == pytest.approx(0.6, abs=0.06)
    assert numbers["health.fitted.dimensions.second"].low is not None


def test_the_composite_with_fitted_weights_goes_closer_with_the_outcome(tmp_path):
    """Care of a site hardly moves, so that health goes with this year's care too."""
    study = counted(tmp_path, moving=0.2)
    training, target = Training(study), target_of(study)
    explained = {
        scheme: CompositeForecaster(scheme).fit(training, target).fitted.relation.explained
        for scheme in ("equal", "fitted")
    }
    assert explained["fitted"] > explained["equal"] + 0.1
