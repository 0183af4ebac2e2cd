"""A small whole study that tests can spoil."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "stage"

[stages]
levels = [{ value = "before", zh = "之前", en = "Before" }, { value = "after", zh = "之后", en = "After" }]

[periods]
train = [2020, 2021]
test = 2022

[dimensions]
speed = { weight = 0.6, zh = "速度", en = "Speed" }
care = { weight = 0.4, zh = "关怀", en = "Care" }

[indicators]
file = "indicators.csv"

[outcomes]
satisfaction = { column = "overall", kind = "ordinal", zh = "满意度", en = "Satisfaction" }
"""

INDICATORS = """code,dimension,column,name_zh,name_en,kano,weight
A1,speed,q1,响应,Response,performance,0.5
A2,speed,q2,配送,Delivery,must_be,0.5
B1,care,q3,关怀,Care,attractive,1.0
"""


def answers(rows: int = 60) -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows),
            "year": np.tile([2020, 2021, 2022], rows // 3),
            "stage": random.choice(["before", "after"], rows),
        }
    )
    for column in ("q1", "q2", "q3", "overall"):
        frame[column] = random.integers(1, 6, rows)
    return frame


@pytest.fixture
def folder(tmp_path):
    """A study folder with nothing wrong in it."""
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "indicators.csv").write_text(INDICATORS)
    answers().to_csv(tmp_path / "panel.csv", index=False)
    return tmp_path
