"""A small study whose structural model is known: simulated answers, confounded or not."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from maternal_eval.study import Dimension, EvaluationModel, Indicator, Outcome, Stage, Study
from maternal_eval.study.definition import StudyDefinition

CODES = ("A1", "A2", "B1", "B2")
STAGES = ("early", "late")
SLOPE, DIRECT = 5.0, 1.2  # of the composite, and of A1 beside it, in logits
WEIGHTS = np.array([0.3, 0.2, 0.3, 0.2])
THRESHOLDS = np.array([0.5, 1.6, 2.6, 3.8])


def draw(random, count, confounding=0.0):
    """Draw answers 1–5, the platform, the stage and the hidden cause of A1 and of the outcomes."""
    hidden = random.standard_normal(count)
    latent = 0.6 * random.standard_normal((count, 1)) + 0.8 * random.standard_normal((count, 4))
    latent[:, 0] += confounding * hidden
    answers = (np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1).astype(float)
    return answers, random.integers(3, size=count), random.integers(2, size=count), hidden


def predictor(answers, platform, hidden, confounding=0.0):
    """η of satisfaction; the answers are all there, so the composite is a plain weighted mean."""
    position = (answers - 1) / 4
    return SLOPE * position @ WEIGHTS + DIRECT * position[:, 0] + 0.3 * (platform - 1) + 1.5 * confounding * hidden


def true_change(change, confounding=0.0, count=400_000):
    """Change of the expected answer and of the probability of repurchase in the population."""
    answers, platform, _, hidden = draw(np.random.default_rng(99), count, confounding)
    moved = answers.copy()
    moved[:, 0] = np.clip(change(answers[:, 0]), 1, 5)
    levels = []
    for given in (answers, moved):
        eta = predictor(given, platform, hidden, confounding)
        levels.append((expit(eta[:, None] - THRESHOLDS).sum(axis=1).mean(), expit(eta - 2.5).mean()))
    return np.subtract(levels[1], levels[0])


def make_study(seed=0, count=3000, confounding=0.0):
    """Return a study of two outcomes over two periods."""
    random = np.random.default_rng(seed)
    answers, platform, stage, hidden = draw(random, count, confounding)
    eta = predictor(answers, platform, hidden, confounding)
    panel = pd.DataFrame(answers, columns=list(CODES))
    panel["satisfaction"] = 1.0 + (eta[:, None] + random.logistic(size=(count, 1)) > THRESHOLDS).sum(axis=1)
    panel["repurchase"] = (eta - 2.5 + random.logistic(size=count) > 0).astype(float)
    panel["platform"] = np.array(["p", "q", "r"])[platform]
    panel["stage"] = np.array(STAGES)[stage]
    panel["period"] = 2020 + (np.arange(count) % 2)
    indicators = tuple(
        Indicator(
            code, code, "ab"[code[0] == "B"], "performance", code, code, 1, 5, 0.5 + 0.1 * (1 - 2 * (code[1] == "2"))
        )
        for code in CODES
    )
    definition = StudyDefinition.model_validate(
        {"study": {"name": "small", "zh": "小", "en": "small"}, "outcomes": {}, "indicators": {"file": "x.csv"}}
    )
    return Study(
        folder=__import__("pathlib").Path("small"),
        definition=definition,
        panel=panel,
        panel_source="memory",
        fingerprint="",
        model=EvaluationModel(indicators, tuple(Dimension(name, 0.5, name, name) for name in "ab")),
        outcomes={
            "satisfaction": Outcome("satisfaction", "satisfaction", "ordinal", 1, 5, "满意度", "Satisfaction"),
            "repurchase": Outcome("repurchase", "repurchase", "binary", 0, 1, "复购", "Repurchase"),
        },
        stage_levels=tuple(Stage(name, name, name) for name in STAGES),
        periods=(2020, 2021),
        tables={},
    )


def with_log(study, seed=0, slope=-0.8, constant=False):
    """Return the study with twelve platforms over five years, a log, and A1 following it by ``slope``."""
    random = np.random.default_rng(seed)
    platforms, years, each = 12, 5, 60
    minutes = np.exp(
        2.5 + 0.3 * random.standard_normal((platforms, 1)) + 0.15 * random.standard_normal((platforms, years))
    )
    if constant:
        minutes = np.repeat(minutes[:, :1], years, axis=1)
    rows, log = [], []
    for p in range(platforms):
        for y in range(years):
            level = 3.0 + slope * (np.log(minutes[p, y]) - 2.5) + 0.1 * y
            answers = np.clip(np.rint(level + 0.8 * random.standard_normal(each)), 1, 5)
            other = np.clip(np.rint(3 + 0.1 * y + random.standard_normal((each, 3))), 1, 5)
            frame = pd.DataFrame(np.column_stack([answers, other]), columns=list(CODES))
            eta = predictor(frame.to_numpy(), np.ones(each), np.zeros(each))
            frame["satisfaction"] = 1.0 + (eta[:, None] + random.logistic(size=(each, 1)) > THRESHOLDS).sum(axis=1)
            frame["repurchase"] = (eta - 2.5 + random.logistic(size=each) > 0).astype(float)
            rows.append(frame.assign(platform=f"p{p:02d}", period=2020 + y))
            log += [
                {"month": f"{2020 + y}-{m:02d}", "platform": f"p{p:02d}", "stage": "early", "enquiries": 100,
                 "minutes": minutes[p, y]}
                for m in (3, 9)
            ]  # fmt: skip
    panel = pd.concat(rows, ignore_index=True)
    panel["stage"] = np.array(STAGES)[random.integers(2, size=len(panel))]
    return dataclasses.replace(
        study, panel=panel, periods=tuple(range(2020, 2025)), tables={"platform_log": pd.DataFrame(log)}
    )


@pytest.fixture(scope="session")
def small():
    """The small study without confounding."""
    return make_study()
