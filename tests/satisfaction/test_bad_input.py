"""Panels that real surveys send: pooled, or refused with one clear sentence; never NaN in a table."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import fit_satisfaction
from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.core.checks import Check, require_checks
from maternal_eval.core.errors import DiagnosticsError, InputError
from tests.satisfaction.conftest import QUICK, simulate

PANEL = simulate(600, seed=3)
SHORT = dataclasses.replace(QUICK, tune=300, draws=800, rhat=1.03)


def without_categories() -> pd.DataFrame:
    return PANEL.assign(overall=PANEL["overall"].clip(2, 4))


def a_stage_with_three_answers() -> pd.DataFrame:
    few = PANEL[PANEL["stage"] == "during"].head(3)
    return pd.concat([PANEL[PANEL["stage"] != "during"], few], ignore_index=True)


def an_empty_training_cell() -> pd.DataFrame:
    return PANEL[~((PANEL["stage"] == "after") & (PANEL["year"] == 2021))].reset_index(drop=True)


def a_stage_without_answers() -> pd.DataFrame:
    return PANEL[PANEL["stage"] != "during"].reset_index(drop=True)


def zero_weights() -> pd.DataFrame:
    return PANEL.assign(weight=np.where(PANEL.index % 4 == 0, 0.0, PANEL["weight"]))


@pytest.mark.parametrize(
    "panel",
    [without_categories, a_stage_with_three_answers, an_empty_training_cell, a_stage_without_answers, zero_weights],
)
def test_thin_panels_are_pooled(make_study, panel):
    study = make_study(panel(), weighted=panel is zero_weights)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        result = fit_satisfaction(study, settings=SHORT, seed=1)
    for name, table in result._fields().items():
        if isinstance(table, pd.DataFrame):
            # The mean of no answers and the limit of a check without one are empty by nature.
            kept = table.drop(columns=["observed", "threshold"], errors="ignore")
            assert not kept.isna().any(axis=None), name
    assert result.scores["score"].between(1, 5).all()
    assert (result.scores["low"] < result.scores["high"]).all()


def test_few_answers_give_wide_intervals_and_not_their_own_mean(make_study):
    panel = a_stage_with_three_answers()
    panel.loc[panel["stage"] == "during", "overall"] = 5
    scores = fit_satisfaction(make_study(panel), settings=SHORT, seed=1).scores.set_index(["stage", "period"])
    width = scores["high"] - scores["low"]
    assert (width["during"] > 1.5 * width["before"]).all()
    assert scores.loc["during", "score"].max() < 4.5


def test_answers_with_weight_zero_do_not_count(make_study):
    panel = zero_weights()
    cells = cell_counts(make_study(panel, weighted=True))
    assert cells.attrs["left_out"] == (panel["weight"] == 0).sum() == 150
    assert int(cells["answers"].sum()) == 450


def test_negative_weights_are_refused(make_study):
    with pytest.raises(InputError, match=r"row 9, column weight.*found -1"):
        make_study(PANEL.assign(weight=np.where(PANEL.index == 7, -1.0, 1.0)), weighted=True)
    study = make_study(PANEL, weighted=True)
    broken = dataclasses.replace(study, panel=study.panel.assign(weight=-1.0))
    with pytest.raises(InputError, match="a survey weight is negative"):
        cell_counts(broken)


def test_equal_answers_are_refused(make_study):
    with pytest.raises(InputError, match="all answers to satisfaction are equal"):
        fit_satisfaction(make_study(PANEL.assign(overall=4)), settings=SHORT, seed=1)


def test_margins_are_checked_before_anything_is_sampled(make_study):
    settings = dataclasses.replace(SHORT, margins={"tier": {"a": 0.5, "b": 0.4}})

    def never(*_: object) -> None:
        raise AssertionError("sampling has started")

    with pytest.raises(InputError, match=r"adding up to 0\.9"):
        fit_satisfaction(make_study(PANEL), settings=settings, seed=1, progress=never)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"alternatives": ("simpler",)}, "unknown alternative model"),
        ({"tune": 0}, "column tune: .* found 0, expected a whole number from 50"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(setting, sentence):
    with pytest.raises(InputError, match=sentence):
        SatisfactionSettings(**setting)


def test_a_failed_check_stops_loudly_and_says_what_to_do():
    checks = [
        Check("PIT", "failed", 0.12, 0.05, "misfit", remedy="try another family"),
        Check("told", "informational", 9.0, None, "nothing demanded"),
    ]
    with pytest.raises(DiagnosticsError, match=r"must not be used: PIT 0\.120 \(limit 0\.050\); try another family"):
        require_checks(checks, "anything")
    require_checks(checks[1:], "anything")
