"""A small study with platforms, stages and periods of which some cells hold few respondents."""

import numpy as np
import pandas as pd
import pytest

STUDY = """
[study]
name = "few"
zh = "小样本"
en = "Few"

[panel]
file = "panel.csv"

[columns]
respondent = "respondent"
period = "year"
stage = "stage"
platform = "platform"

[stages]
levels = [
    { value = "before", zh = "之前", en = "Before" },
    { value = "during", zh = "期间", en = "During" },
    { value = "after", zh = "之后", en = "After" },
]

[dimensions]
a = { weight = 0.5, zh = "甲", en = "A" }
b = { weight = 0.5, zh = "乙", en = "B" }

[indicators]
file = "indicators.csv"

[outcomes]
sat = { column = "sat", kind = "ordinal", zh = "满意", en = "Satisfaction" }
"""

INDICATORS = """code,dimension,name_zh,name_en,kano
A1,a,甲一,A one,performance
A2,a,甲二,A two,performance
B1,b,乙一,B one,performance
"""

SIZES = {
    ("alpha", "before", 2021): 2,
    ("alpha", "during", 2021): 40,
    ("alpha", "after", 2021): 30,
    ("beta", "before", 2021): 25,
    ("beta", "during", 2021): 20,
    ("beta", "after", 2021): 35,
    ("gamma", "before", 2021): 28,
    ("gamma", "during", 2021): 22,
    ("gamma", "after", 2021): 31,
} | {(platform, stage, 2020): 24 for platform in ("alpha", "beta", "gamma") for stage in ("before", "during", "after")}


def panel():
    """Return the answers; respondents of the smallest cell answer what nobody else does together."""
    random = np.random.default_rng(3)
    rows = []
    for (platform, stage, year), size in SIZES.items():
        for answers in random.integers(1, 6, size=(size, 4)).tolist():
            rows.append((f"R{len(rows):04d}", year, stage, platform, *answers))
    return pd.DataFrame(rows, columns=["respondent", "year", "stage", "platform", "A1", "A2", "B1", "sat"])


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.toml").write_text(STUDY)
    (tmp_path / "indicators.csv").write_text(INDICATORS)
    panel().to_csv(tmp_path / "panel.csv", index=False)
    return tmp_path
