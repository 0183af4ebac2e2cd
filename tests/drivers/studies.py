"""Small studies with a known link of the answers to the outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.study import Study

TOML = """
[study]
name = "small"
zh = "小"
en = "Small"
simulated = true

[panel]
file = "panel.csv"

[columns]
{columns}

{stages}

[dimensions]
one = {{ weight = 0.5, zh = "一", en = "One" }}
two = {{ weight = 0.3, zh = "二", en = "Two" }}
three = {{ weight = 0.2, zh = "三", en = "Three" }}

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]
overall = {{ column = "overall", kind = "{kind}", zh = "总体", en = "Overall" }}
"""

STAGES = """[stages]
ordered = false
levels = [{ value = "a", zh = "甲", en = "A" }, { value = "b", zh = "乙", en = "B" }]"""

INDICATORS = """code,dimension,name_zh,name_en,kano
A1,one,甲一,A one,must_be
A2,one,甲二,A two,performance
B1,two,乙一,B one,attractive
B2,two,乙二,B two,performance
C1,three,丙一,C one,performance
"""
"""Dimension three has one item."""

CODES = ["A1", "A2", "B1", "B2", "C1"]

SLOPES = np.array([2.5, 1.5, 2.0, 0.5, 1.0])
"""Logits over the whole scale."""


def answers(count: int, seed: int = 1, slopes: np.ndarray = SLOPES, bend: np.ndarray | float = 0.0) -> pd.DataFrame:
    """Return a panel: correlated answers 1–5 and an outcome 1–5 that follows them, ``bend`` times x (1 - x) beside."""
    random = np.random.default_rng(seed)
    latent = 0.6 * random.normal(size=(count, 1)) + 0.9 * random.normal(size=(count, len(slopes)))
    given = np.clip(np.round(latent + 3), 1, 5)
    place = (given - 1) / 4
    eta = (place + bend * place * (1 - place)) @ slopes
    centre = eta.mean()
    noisy = eta - centre + random.logistic(size=count)
    frame = pd.DataFrame(given, columns=CODES[: len(slopes)])
    return frame.assign(
        overall=1.0 + np.searchsorted([-2.0, -0.7, 0.7, 2.0], noisy),
        stage=random.choice(["a", "b"], count),
        id=np.arange(count),
    )


def study_of(
    folder, panel, columns='respondent = "id"\nstage = "stage"', stages=STAGES, kind="ordinal", indicators=INDICATORS
):
    """Write and read the study."""
    toml = TOML.format(columns=columns, stages=stages, kind=kind)
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    (folder / "indicators.csv").write_text(indicators, encoding="utf-8")
    panel.to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)
