"""The tables of single analyses: what stands in the place of a small cell."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maternal_eval.results import Result
from maternal_eval.results.published import protect
from maternal_eval.study import Study
from tests.disclosure.conftest import panel


@dataclass(frozen=True)
class Given(Result):
    """Stands for a result of which only some tables are looked at."""

    scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    predictive: pd.DataFrame = field(default_factory=pd.DataFrame)
    transform: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    forecasts: pd.DataFrame = field(default_factory=pd.DataFrame)
    scenarios: pd.DataFrame = field(default_factory=pd.DataFrame)
    effects: pd.DataFrame = field(default_factory=pd.DataFrame)
    ranks: pd.DataFrame = field(default_factory=pd.DataFrame)
    fits: pd.DataFrame = field(default_factory=pd.DataFrame)
    wins: pd.DataFrame = field(default_factory=pd.DataFrame)
    units: Any = ("platform", "stage")
    period: int | None = 2021
    remarks: list = field(default_factory=list)


@pytest.fixture
def study(folder):
    """Alpha before 2021 holds two respondents; so does the whole stage before in 2020."""
    answers = panel()
    drop = answers.index[(answers["stage"] == "before") & (answers["year"] == 2020)][2:]
    answers.drop(index=drop).to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


def test_satisfaction_keeps_the_model_and_hides_what_was_observed(study):
    rows = [(stage, year, 3.0, 3.1, n) for year in (2020, 2021) for stage, n in (
        ("before", 2 if year == 2020 else 55), ("during", 72), ("after", 80),
        ("all", 154 if year == 2020 else 207),
    )]  # fmt: skip
    scores = pd.DataFrame(rows, columns=["stage", "period", "score", "observed", "answers"])
    shown = protect(Given(scores=scores.assign(effective=1.0)), "satisfaction", study).scores
    hidden = shown["observed"].isna()
    assert shown["score"].tolist() == [3.0] * 8
    assert not shown.loc[hidden, ["answers", "effective"]].notna().any(axis=None)
    of_2020 = shown[shown["period"] == 2020].set_index("stage")
    # one of the other stages goes too: the two follow from the total of all stages otherwise
    assert of_2020["observed"].isna().tolist() == [True, True, False, False]


def test_ranks_of_a_hidden_unit_are_left_out(study):
    ranks = pd.DataFrame({"units": "platform × stage", "unit": ["alpha / before", "gamma / after"], "nominal": [1, 2]})
    wins = pd.DataFrame(
        {"units": "platform × stage", "unit": ["gamma / after"] * 2, "other": ["alpha / before", "beta / after"]}
    )
    found = protect(Given(ranks=ranks, wins=wins), "importance", study)
    assert found.ranks["unit"].tolist() == ["gamma / after"]
    assert found.wins["other"].tolist() == ["beta / after"]


def test_forecasts_of_small_cells_are_left_out(study):
    forecasts = pd.DataFrame({"unit": ["beta × after", "gamma × after"], "n": [9, 31], "observed": 3.0, "main": True})
    forecasts["split"] = "2020 to 2021"
    found = protect(Given(forecasts=forecasts), "backtest", study)
    assert found.forecasts["unit"].tolist() == ["gamma × after"]
    assert found.remarks[0]["en"].startswith("1 cells with fewer than 10 answers are not shown")


def test_what_if_of_a_hidden_stage_is_left_out_in_its_period_only(study):
    scenarios = pd.DataFrame({"scenario": ["then", "now"], "period": ["2020", "2021"]})
    effects = pd.DataFrame(
        [(name, "", stage) for name in ("then", "now") for stage in ("", "before", "during", "after")],
        columns=["scenario", "platform", "stage"],
    )
    fits = pd.DataFrame(
        {"weights": ["static"], "outcome": ["sat"], "quantity": ["mean"], "answers": [9], "observed": [3.0]}
    )
    found = protect(Given(scenarios=scenarios, effects=effects, fits=fits), "whatif", study)
    left = {name: rows["stage"].tolist() for name, rows in found.effects.groupby("scenario")}
    assert left["now"] == ["", "before", "during", "after"]
    assert "before" not in left["then"]
    assert "" in left["then"]
    assert "period" not in found.effects
    assert np.isnan(found.fits["observed"].iloc[0])


def test_shares_of_a_stage_over_all_periods_are_hidden_where_one_period_is(study):
    """The stage over both years less that of 2021 would be the two of 2020."""
    stages = ["before", "during", "after"]
    predictive = pd.DataFrame({"stage": stages, "answer": 1.0, "observed": 0.2, "replicated": 0.25})
    shown = protect(Given(predictive=predictive), "satisfaction", study).predictive.set_index("stage")
    assert shown["observed"].isna().tolist() == [True, True, False]
    assert shown["replicated"].tolist() == [0.25] * 3
