"""What every forecaster keeps to: shapes, new units, short windows, constant outcomes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.backtest.cells import Target
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.analyses.backtest.registry import FORECASTERS, lacking, possible, usual
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.backtest.splits import Split, on_train_periods
from maternal_eval.core.errors import InputError


def study_of(small, periods):
    return on_train_periods(small.study, Split(tuple(periods), max(periods) + 1))


def target_of(study, name="again"):
    return Target(study.outcomes[name], ("platform", "stage"))


def forecast(study, name, target, units, horizon=1, draws=40):
    training = Training(study, draws=draws)
    entry = next(entry for entry in possible(study, target, tuple(FORECASTERS)) if entry.name == name)
    return entry.build().fit(training, target).forecast(units, horizon, draws, 0)


UNITS = pd.MultiIndex.from_tuples([("p0", "early"), ("p3", "late")], names=["platform", "stage"])
NEW = pd.MultiIndex.from_tuples([("p0", "early"), ("new", "late")], names=["platform", "stage"])
ON_RATES = [name for name in FORECASTERS if name != "stage_weights"]


@pytest.mark.parametrize("name", ON_RATES)
@pytest.mark.parametrize("periods", [(2020,), (2020, 2021, 2022)])
def test_draws_of_means_with_any_number_of_training_years(small, name, periods):
    study = study_of(small, periods)
    made = forecast(study, name, target_of(study), UNITS)
    assert made.mean.shape == (40, 2)
    assert np.isfinite(made.mean).all()
    assert (made.mean.std(axis=0) > 0).all()
    if made.shares is not None:
        np.testing.assert_allclose(made.shares.sum(axis=-1), 1, atol=1e-5)
        np.testing.assert_allclose(made.shares @ [0.0, 1.0], made.mean, atol=1e-5)


@pytest.mark.parametrize("name", ON_RATES)
def test_a_new_platform_is_forecast_from_the_others_and_less_surely(small, name):
    """Partial pooling: near the mean of the same stage elsewhere, with more spread than a platform that is known."""
    study = study_of(small, (2020, 2021, 2022))
    made = forecast(study, name, target_of(study), NEW, draws=1000)
    panel = study.panel
    late = panel.loc[(panel["stage"] == "late") & (panel["period"] == 2022), "again"].mean()
    assert made.mean[:, 1].mean() == pytest.approx(late, abs=0.12)
    assert made.mean[:, 1].std() > made.mean[:, 0].std()


@pytest.mark.parametrize("name", ON_RATES)
def test_a_constant_outcome_is_forecast_to_stay(small, name):
    study = study_of(small, (2020, 2021, 2022))
    study = replace(study, panel=study.panel.assign(again=1.0))
    made = forecast(study, name, target_of(study), UNITS, draws=200)
    assert np.median(made.mean) == pytest.approx(1.0, abs=0.05)


def test_what_a_study_lacks_is_said(small):
    continuous = target_of(small.study, "satisfaction")
    assert lacking(FORECASTERS["ordinal"], small.study, continuous)[0][0] == "the outcome has no ordered categories"
    names = {entry.name for entry in possible(small.study, continuous)}
    assert names == set(usual()) - {"ordinal", "stage_weights"}


def test_the_ordinal_model_with_a_drift_runs_on_request_alone(small):
    target = target_of(small.study)
    assert "ordinal_drift" not in {entry.name for entry in possible(small.study, target)}
    assert {entry.name for entry in possible(small.study, target, ["ordinal_drift"])} == {"ordinal_drift"}
    assert set(FORECASTERS) - set(usual()) == {"ordinal_drift"}
    assert BacktestSettings().forecasters == usual()


def test_unfitted_forecasters_refuse(small):
    for name in ON_RATES:
        with pytest.raises(ValueError, match="fit the forecaster first"):
            FORECASTERS[name].build().forecast(UNITS, 1, 2, 0)


def test_a_case_that_the_study_does_not_know_is_refused_before_any_fit(small):
    from maternal_eval.analyses.backtest.compute import run_backtest

    case = {"platform": "p0", "indicator": "A9", "outcome": "again", "forecast": -0.15, "observed": -0.17}
    with pytest.raises(InputError, match=r"analysis.backtest.case.indicator: .* found A9, expected one of A1"):
        run_backtest(small.study, BacktestSettings(case=case))
    with pytest.raises(InputError, match=r"analysis.backtest.outcomes: .* found love"):
        run_backtest(small.study, BacktestSettings(outcomes=("love",)))
    with pytest.raises(ValueError, match="a worked case has the keys"):
        BacktestSettings(case={"platform": "p0"})
