"""Panels that are thin in every way: scores, importance and review give numbers or one sentence, never a traceback."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.importance.compute import analyse_importance
from maternal_eval.analyses.importance.settings import ImportanceSettings
from maternal_eval.analyses.review.compute import simulate_review
from maternal_eval.analyses.review.settings import ReviewSettings
from maternal_eval.analyses.satisfaction.cells import cell_counts
from maternal_eval.analyses.satisfaction.compute import build_model
from maternal_eval.analyses.scores.compute import score_study
from maternal_eval.analyses.scores.settings import ScoresSettings
from maternal_eval.core.errors import InputError
from maternal_eval.results import compared
from maternal_eval.study import Study
from maternal_eval.study.model_settings import OrdinalPriors

TOML = """
[study]
name = "thin"
zh = "薄"
en = "Thin"

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "stage"
platform = "platform"
weight = "w"
segments = ["seg"]

[stages]
ordered = false
levels = [{ value = "a", zh = "甲", en = "A" }, { value = "b", zh = "乙", en = "B" }]

[dimensions]
one = { zh = "一", en = "One" }
two = { zh = "二", en = "Two" }

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]
sat = { column = "sat", kind = "ordinal", range = [1, 5], zh = "满意", en = "Sat" }
"""

CODES = ["Q1", "Q2", "Q3"]


def panel(count: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(count),
            "year": random.choice([2023, 2024], count),
            "stage": random.choice(["a", "b"], count),
            "platform": random.choice(["p", "q", "r"], count),
            "w": random.uniform(0.5, 2, count),
            "seg": random.choice(["x", "y"], count),
        }
    )
    return frame.assign(**{name: random.integers(1, 6, count).astype(float) for name in [*CODES, "sat"]})


def blank(where, columns=CODES):
    def change(frame):
        frame.loc[where(frame), columns] = np.nan
        return frame

    return change


def put(column, value, where=None):
    def change(frame):
        frame.loc[slice(None) if where is None else where(frame), column] = value
        return frame

    return change


def last(frame):
    return frame["year"] == 2024


THIN = {
    "a cell with weight 0": put("w", 0.0, lambda f: (f["stage"] == "a") & last(f)),
    "a platform with weight 0": put("w", 0.0, lambda f: f["platform"] == "p"),
    "one row counts": put("w", 0.0, lambda f: f["id"] > 0),
    "one weight above all": put("w", 1e12, lambda f: f["id"] == 3),
    "weights near 0": put("w", 1e-300),
    "an indicator without answers": put("Q2", np.nan),
    "an indicator with one answer": put("Q2", np.nan, lambda f: f["id"] > 0),
    "a constant indicator": put("Q2", 3.0),
    "constant answers": put(CODES, 3.0),
    "all best": put(CODES, 5.0),
    "all worst": put(CODES, 1.0),
    "no answers": put(CODES, np.nan),
    "one row": lambda f: f.head(1),
    "two rows": lambda f: f.head(2),
    "three rows": lambda f: f.head(3),
    "a stage of one": lambda f: f.assign(stage=["b"] + ["a"] * (len(f) - 1)),
    "a stage without a year": lambda f: f[~((f["stage"] == "a") & last(f))],
    "stages not stated": put("stage", None, lambda f: f["id"] < 10),
    "one period": put("year", 2024),
    "the last period silent": blank(last),
    "a platform silent in it": blank(lambda f: last(f) & (f["platform"] == "p")),
    "a constant outcome": put("sat", 4.0),
    "a stage without outcome": put("sat", np.nan, lambda f: f["stage"] == "a"),
    "one respondent for all": put("id", 1),
    "segments not stated": put("seg", None, lambda f: f["id"] % 2 == 0),
    "one answer in ten": blank(lambda f: f["id"] % 10 > 0),
}


@pytest.fixture(params=THIN.values(), ids=THIN)
def study(request, tmp_path):
    (tmp_path / "study.toml").write_text(TOML, encoding="utf-8")
    rows = "Q1,one,一,One,must_be\nQ2,one,二,Two,attractive\nQ3,two,三,Three,performance\n"
    (tmp_path / "indicators.csv").write_text("code,dimension,name_zh,name_en,kano\n" + rows, encoding="utf-8")
    request.param(panel()).to_csv(tmp_path / "panel.csv", index=False)
    return Study.read(tmp_path)


ANALYSES = {
    "scores": lambda study: score_study(study, ScoresSettings(resamples=20), 0),
    "importance": lambda study: analyse_importance(study, ImportanceSettings(draws=20, resamples=20), 0),
    "review": lambda study: simulate_review(study, ReviewSettings(replicates=10, sizes=(15,), horizon=5), 0),
}


def test_a_result_or_a_sentence(study, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = {}
        for name, analyse in ANALYSES.items():
            try:
                found[name] = analyse(study)
            except InputError:
                continue
            json.dumps(found[name].to_json(), allow_nan=False)
            found[name].save(tmp_path / name)
            assert np.isfinite(compared(found[name].quantities())["value"]).all()
        if "scores" in found:
            for table, value in ((found["scores"].scores, "score"), (found["scores"].stars, "stars")):
                shown = table.dropna(subset=["low"])
                assert (shown["low"] < shown["high"]).all()  # no interval of width 0
                assert (shown["low"] <= shown[value] + 1e-9).all()
                assert (shown[value] <= shown["high"] + 1e-9).all()
                assert table.loc[table["n"] < 2, "low"].isna().all()
        try:
            model = build_model(cell_counts(study), OrdinalPriors(), stages_ordered=False)
        except InputError:
            return
        assert np.isfinite(model.log_density(np.zeros(len(model.names)))[0])
