"""Nothing of the test period may reach a forecast, and a forecaster that cheats is caught."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from maternal_eval.analyses.backtest.cells import Target, outcome_history
from maternal_eval.analyses.backtest.forecasters import Forecast
from maternal_eval.analyses.backtest.registry import FORECASTERS, possible
from maternal_eval.analyses.backtest.splits import rolling_splits, up_to
from verification.leakage import check_leakage, delete_test_answers, permute_test_answers


@dataclass(frozen=True)
class Cheat:
    """Reaches around the cut and forecasts what will be observed."""

    whole: object
    target: Target | None = None

    def fit(self, training, target):
        return Cheat(self.whole, target)

    def forecast(self, units, horizon, draws, seed):
        past = outcome_history(self.whole, self.target, tuple(sorted(self.whole.panel["period"].unique())))
        means = past.last()[past.units.get_indexer(units)]
        return Forecast(np.tile(means, (draws, 1)))


@pytest.fixture(scope="module")
def target(small) -> Target:
    return Target(small.study.outcomes["satisfaction"], ("platform", "stage"))


def forecaster_of(study, target, name):
    return next(entry for entry in possible(study, target, tuple(FORECASTERS)) if entry.name == name).build()


@pytest.mark.parametrize("name", [name for name in FORECASTERS if name != "stage_weights"])
@pytest.mark.parametrize("position", [0, -1])
def test_no_registered_forecaster_leaks(small, name, position):
    """On the rate, which all of them can forecast; permuted and deleted answers leave every draw as it was."""
    target = Target(small.study.outcomes["again"], ("platform", "stage"))
    split = rolling_splits(small.study)[position]
    found = check_leakage(small.study, split, target, lambda study: forecaster_of(study, target, name))
    assert found.passed
    assert (found.permuted, found.deleted) == (0.0, 0.0)


def test_a_cheat_is_caught_both_ways(small, target):
    found = check_leakage(small.study, rolling_splits(small.study)[-1], target, Cheat)
    assert not found.passed
    assert found.permuted > 0.01
    assert found.deleted > 0.01


@pytest.mark.parametrize("name", ["ahp_weights", "effective_weights", "fitted_weights", "stage_weights"])
def test_no_weights_leak_on_the_built_in_study(maternal, name):
    outcome = Target(maternal.primary_outcome, ("platform", "stage"))
    split = rolling_splits(maternal)[1]
    assert check_leakage(maternal, split, outcome, lambda _: FORECASTERS[name].build()).passed


def test_tampering_touches_the_test_period_alone(small):
    split = rolling_splits(small.study)[-1]
    before, after = small.study.panel, permute_test_answers(small.study, split).panel
    later = before["period"] == 2024
    assert after[~later].equals(before[~later])
    assert not after.loc[later, "satisfaction"].equals(before.loc[later, "satisfaction"])
    assert np.sort(after.loc[later, "A1"]).tolist() == np.sort(before.loc[later, "A1"]).tolist()
    assert delete_test_answers(small.study, split).panel["period"].max() == 2023


def test_every_dated_table_is_cut(maternal):
    seen = up_to(maternal, 2022)
    assert seen.panel["period"].max() == 2022
    assert seen.periods == (2020, 2021, 2022)
    assert seen.platform_log["month"].max() == "2022-12"
    assert seen.triangulation["period"].astype(int).max() == 2022
    assert maternal.panel["period"].max() == 2024


def test_undated_tables_and_published_figures_are_withheld(maternal):
    seen = up_to(maternal, 2022)
    assert seen.kano_answers is None
    assert seen.claims is None
    assert seen.experts is not None


def test_tampering_with_the_log_of_the_test_year_is_invisible(maternal):
    log = maternal.platform_log
    changed = log.assign(orders=log["orders"].where(log["month"] < "2024", 0))
    tampered = replace(maternal, tables=maternal.tables | {"platform_log": changed})
    assert up_to(tampered, 2023).platform_log.equals(up_to(maternal, 2023).platform_log)
