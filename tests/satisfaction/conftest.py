"""Small studies with known answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.analyses.satisfaction.settings import SatisfactionSettings
from maternal_eval.study import Study

STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"
simulated = true

[panel]
file = "panel.csv"

[columns]
respondent = "id"
period = "year"
stage = "stage"
segments = ["tier"]
{weight}

[stages]
ordered = true
levels = [
    {{ value = "before", zh = "之前", en = "Before" }},
    {{ value = "during", zh = "期间", en = "During" }},
    {{ value = "after", zh = "之后", en = "After" }},
]

[outcomes]
satisfaction = {{ column = "overall", kind = "ordinal", zh = "满意度", en = "Satisfaction" }}
again = {{ column = "again", kind = "binary", zh = "复购", en = "Buys again" }}
"""

THRESHOLDS = np.array([-2.0, -0.8, 0.4, 1.8])
STAGE = np.array([0.3, 0.1, -0.4])
YEAR = np.array([-0.3, 0.0, 0.3])
TIER = np.array([0.25, -0.25])
SCALE = np.exp([-0.15, 0.0, 0.15])
STAGES, TIERS, YEARS = ("before", "during", "after"), ("a", "b"), (2020, 2021, 2022)
QUICK = SatisfactionSettings.quick()


def location(stage: np.ndarray, year: np.ndarray, tier: np.ndarray) -> np.ndarray:
    return STAGE[stage] + YEAR[year] + TIER[tier]


def true_probabilities(stage: np.ndarray, year: np.ndarray, tier: np.ndarray) -> np.ndarray:
    """Return the answer probabilities of respondents (respondent, answer)."""
    z = (THRESHOLDS - location(stage, year, tier)[:, None]) / SCALE[stage][:, None]
    below = 1 / (1 + np.exp(-z))
    return np.diff(below, prepend=0.0, append=1.0, axis=1)


def simulate(rows: int = 3000, seed: int = 0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    stage, year = generator.integers(3, size=rows), generator.integers(3, size=rows)
    tier = (generator.random(rows) < 0.3).astype(int)
    at_most = np.cumsum(true_probabilities(stage, year, tier), axis=1)[:, :-1]
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "year": np.array(YEARS)[year],
            "stage": np.array(STAGES)[stage],
            "tier": np.array(TIERS)[tier],
            "weight": np.where(tier == 1, 2.0, 0.5),
            "overall": 1 + (generator.random(rows)[:, None] > at_most).sum(axis=1),
            "again": (generator.random(rows) < 1 / (1 + np.exp(-location(stage, year, tier)))).astype(int),
        }
    )


@pytest.fixture
def make_study(tmp_path: Path) -> Callable[..., Study]:
    def make(panel: pd.DataFrame, weighted: bool = False, **replace: str) -> Study:
        text = STUDY.format(weight='weight = "weight"' if weighted else "")
        for old, new in replace.items():
            text = text.replace(old, new)
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        panel.to_csv(tmp_path / "panel.csv", index=False)
        return Study.read(tmp_path)

    return make


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """3,000 answers, three ordered stages, three years, two tiers, no weights."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "study.toml").write_text(STUDY.format(weight=""), encoding="utf-8")
    simulate().to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)
