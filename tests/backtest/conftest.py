"""A small study with known unit means, for the backtest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.study import Study

DEFINITION = """
[study]
name = "small"
zh = "小型研究"
en = "Small study"
simulated = true

[panel]
file = "panel.csv"

[columns]
period = "year"
stage = "stage"
platform = "platform"

[stages]
levels = [{ value = "early", zh = "早", en = "Early" }, { value = "late", zh = "晚", en = "Late" }]

[periods]
train = [2020, 2021, 2022, 2023]
test = 2024

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]
satisfaction = { column = "satisfaction", kind = "continuous", range = [1, 5], zh = "满意度", en = "Satisfaction" }
again = { column = "again", kind = "binary", zh = "再次购买", en = "Buys again" }
"""

INDICATORS = """code,dimension,kano
A1,first,performance
A2,first,performance
B1,second,performance
B2,second,performance
"""


@dataclass(frozen=True)
class Simulated:
    """The study, and the population mean of satisfaction by (platform, stage, year)."""

    study: Study
    truth: pd.Series


def simulate(folder: Path, seed: int, platforms: int = 6, answers: int = 60, periods: int = 5) -> Simulated:
    """Write and read a study: four ratings and satisfaction follow a quality whose unit means walk randomly."""
    random = np.random.default_rng(seed)
    stages = ["early", "late"]
    units = [(f"p{number}", stage) for number in range(platforms) for stage in stages]
    level = random.normal(3.0, 0.25, len(units))
    rows, truth = [], {}
    for year in range(2020, 2020 + periods):
        level = level + 0.06 + random.normal(0, 0.05) + random.normal(0, 0.05, len(units))
        for (platform, stage), mean in zip(units, level, strict=True):
            quality = mean + random.normal(0, 0.4, answers)
            ratings = np.clip(np.round(quality[:, None] + random.normal(0, 0.6, (answers, 4))), 1, 5)
            satisfaction = np.clip(mean + 0.9 * (quality - mean) + random.normal(0, 0.4, answers), 1, 5)
            truth[platform, stage, year] = mean
            again = (random.random(answers) < 0.2 + 0.1 * mean).astype(int)
            part = pd.DataFrame(ratings.astype(int), columns=["A1", "A2", "B1", "B2"])
            rows.append(part.assign(year=year, platform=platform, stage=stage, satisfaction=satisfaction, again=again))
    folder.mkdir(parents=True, exist_ok=True)
    pd.concat(rows).to_csv(folder / "panel.csv", index=False)
    (folder / "study.toml").write_text(DEFINITION, encoding="utf-8")
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    return Simulated(Study.read(folder), pd.Series(truth))


@pytest.fixture(scope="session")
def small(tmp_path_factory) -> Simulated:
    """The small study with seed 0."""
    return simulate(tmp_path_factory.mktemp("small"), seed=0)
