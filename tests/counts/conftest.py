"""One small panel in three forms: rows of respondents, counts of their answers, shares of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

CODES = ("Q1", "Q2", "Q3", "Q4")
CELL = ["platform", "year", "stage"]
KINDS = ("performance", "must_be", "attractive", "unknown")

STUDY = """
[study]
name = "small"
zh = "小研究"
en = "Small study"
simulated = true

[panel]
file = "{file}"
{kind}

[columns]
{respondent}
period = "year"
stage = "stage"
platform = "platform"

[stages]
ordered = true
levels = [
    {{ value = "before", zh = "之前", en = "Before" }},
    {{ value = "during", zh = "之中", en = "During" }},
    {{ value = "after", zh = "之后", en = "After" }},
]

[periods]
train = [2021, 2022]
test = 2023

[dimensions]
service = {{ weight = 0.6, zh = "服务", en = "Service" }}
care = {{ weight = 0.4, zh = "关怀", en = "Care" }}

[indicators]
file = "indicators.csv"
scale = [1, 5]

[outcomes]
overall = {{ column = "overall", kind = "ordinal", zh = "总体", en = "Overall" }}

[disclosure]
minimum = {minimum}
"""

LONG = """[counts]
question = "question"
answer = "answer"
count = "n"
"""

SHARES = """[counts]
question = "question"
answer = "answer"
share = "share"
number = "asked"
"""


def respondents(seed: int = 0, size: int = 30) -> pd.DataFrame:
    """Complete answers of 4 platforms × 3 stages × 3 years."""
    random = np.random.default_rng(seed)
    rows = []
    for p, platform in enumerate("abcd"):
        for y, year in enumerate((2021, 2022, 2023)):
            for s, stage in enumerate(("before", "during", "after")):
                person = random.normal(0, 0.7, size)
                level = 0.3 * p + 0.2 * y - 0.3 * (s == 1)
                answers = {
                    name: np.clip(np.round(3 + level + 0.2 * at + person + random.normal(0, 0.8, size)), 1, 5)
                    for at, name in enumerate((*CODES, "overall"))
                }
                rows.append(pd.DataFrame({"platform": platform, "year": year, "stage": stage} | answers))
    frame = pd.concat(rows, ignore_index=True)
    frame.insert(0, "respondent", [f"r{at}" for at in range(len(frame))])
    return frame.astype(dict.fromkeys((*CODES, "overall"), "int64"))


def as_counts(frame: pd.DataFrame) -> pd.DataFrame:
    long = frame.melt(CELL, [*CODES, "overall"], "question", "answer")
    return long.groupby([*CELL, "question", "answer"]).size().rename("n").reset_index()


def as_shares(frame: pd.DataFrame) -> pd.DataFrame:
    counts = as_counts(frame)
    counts["asked"] = counts.groupby([*CELL, "question"])["n"].transform("sum")
    counts["share"] = counts["n"] / counts["asked"]
    return counts


def write_study(folder: Path, frame: pd.DataFrame, kind: str = "answers", more: str = "", minimum: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    indicators = pd.DataFrame(
        {
            "code": CODES,
            "dimension": ["service", "service", "care", "care"],
            "name_zh": ["一", "二", "三", "四"],
            "name_en": ["One", "Two", "Three", "Four"],
            "kano": KINDS,
        }
    )
    indicators.to_csv(folder / "indicators.csv", index=False)
    frame.to_csv(folder / "panel.csv", index=False)
    text = STUDY.format(
        file="panel.csv",
        kind="" if kind == "answers" else f'kind = "{kind}"',
        respondent='respondent = "respondent"' if kind == "answers" else "",
        minimum=minimum,
    )
    (folder / "study.toml").write_text(text + more, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def forms(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the same answers as rows, as counts and as shares."""
    root, frame = tmp_path_factory.mktemp("forms"), respondents()
    return {
        "answers": write_study(root / "rows", frame),
        "counts": write_study(root / "counts", as_counts(frame), "counts", LONG),
        "shares": write_study(root / "shares", as_shares(frame), "shares", SHARES),
    }
