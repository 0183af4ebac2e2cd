"""Importance where little varies: no interval from few platforms, no share from nothing; what is left out is said."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study

FAST = ImportanceSettings(draws=50, resamples=40)

TOML = """
[study]
name = "small"
zh = "小"
en = "Small"

[panel]
file = "panel.csv"

[columns]
{columns}
period = "year"
stage = "stage"

[stages]
ordered = false
levels = [{{ value = "a", zh = "甲", en = "A" }}, {{ value = "b", zh = "乙", en = "B" }}]

[dimensions]
one = {{ weight = 0.6, zh = "一", en = "One" }}
two = {{ weight = 0.4, zh = "二", en = "Two" }}

[indicators]
file = "indicators.csv"
scale = [1, 5]
"""

INDICATORS = "code,dimension,name_zh,name_en\nQ1,one,甲,Q one\nQ2,two,乙,Q two\n"
PLATFORMS = 'platform = "platform"'


def study_of(folder, panel, columns=PLATFORMS + '\nrespondent = "id"'):
    (folder / "study.toml").write_text(TOML.format(columns=columns), encoding="utf-8")
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    panel.to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


def panel_of(platforms, count=120):
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": np.arange(count),
            "year": random.choice([2023, 2024], count),
            "stage": random.choice(["a", "b"], count),
            "platform": random.choice([f"p{at}" for at in range(platforms)], count),
            "Q1": random.integers(1, 6, count).astype(float),
            "Q2": random.integers(1, 6, count).astype(float),
        }
    )


def said(result):
    return " ".join(one["en"] for one in result.remarks)


def test_two_platforms_are_too_few_for_an_interval(tmp_path):
    result = analyse_importance(study_of(tmp_path, panel_of(2)), FAST, seed=0)
    of_level = result.importance.groupby("level")["low"]
    assert of_level.apply(lambda low: low.isna().all())["units"]
    assert of_level.apply(lambda low: low.notna().all())["respondents"]
    assert "Over units there is no interval: fewer than 5" in said(result)
    figure = result.plot()
    plt.close(figure)


def test_six_platforms_have_intervals_with_a_width(tmp_path):
    result = analyse_importance(study_of(tmp_path, panel_of(6)), FAST, seed=0)
    assert (result.importance["high"] > result.importance["low"]).all()
    assert "no interval" not in said(result)


def test_nothing_varies(tmp_path):
    panel = panel_of(6).assign(Q1=4.0, Q2=2.0)
    with pytest.raises(InputError, match="does not vary over respondents: importance is undefined"):
        analyse_importance(study_of(tmp_path, panel), FAST, seed=0)


def test_an_indicator_that_does_not_vary_is_named(tmp_path):
    result = analyse_importance(study_of(tmp_path, panel_of(6).assign(Q1=4.0)), FAST, seed=0)
    assert result.importance.query("element == 'Q1'")["effective"].tolist() == [0.0, 0.0]
    assert "Q1: no variation in these answers" in said(result)


def test_rows_and_units_that_are_left_out_are_said(tmp_path):
    panel = panel_of(6)
    panel.loc[:3, ["Q1", "Q2"]] = np.nan
    panel.loc[4:6, "stage"] = None
    silent = (panel["platform"] == "p5") & (panel["year"] == 2024)
    panel.loc[silent, ["Q1", "Q2"]] = np.nan
    text = said(analyse_importance(study_of(tmp_path, panel), FAST, seed=0))
    assert f"{int(panel['Q1'].isna().sum())} of 120 rows answer no indicator and are left out" in text
    assert "3 of 120 rows lack provider, stage or period" in text
    assert "leave_out: 1 units of platform have no score and no rank: p5." in text


def test_rows_that_are_cells_are_said(tmp_path):
    random = np.random.default_rng(0)
    rows = [(year, stage, f"p{at}") for year in (2022, 2023, 2024) for stage in "ab" for at in range(6)]
    panel = pd.DataFrame(rows, columns=["year", "stage", "platform"])
    panel = panel.assign(Q1=random.integers(1, 6, 36), Q2=random.integers(1, 6, 36))
    result = analyse_importance(study_of(tmp_path, panel, PLATFORMS), FAST, seed=0)
    assert "Each row is the figure of a whole cell" in said(result)
    assert set(result.leave_out["count"]) == {6, 12}  # units stay: none is merged into "all"
