"""The simulated panel: one row per respondent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.core.progress import Progress, report
from maternal_eval.core.randomness import generator, named
from maternal_eval.simulation import assumptions
from maternal_eval.simulation.items import draw_answers
from maternal_eval.simulation.outcomes import draw_outcomes
from maternal_eval.simulation.respondents import NO_TRIMESTER, People, draw_people
from maternal_eval.simulation.truth import Truth

WEIGHT_DECIMALS = 4


def simulate_panel(
    truth: Truth,
    seed: int | np.random.SeedSequence = 0,
    respondents_per_year: int = 5000,
    *,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Draw a panel from a known truth.

    Parameters
    ----------
    truth
        The truth.
    seed
        0 is a valid seed; the same seed gives the same panel.
    respondents_per_year
        New respondents in each year, spread evenly over its quarters (a repeated cross-section).

    Returns
    -------
    pandas.DataFrame
        Columns as in ``panel.parquet``: respondent, year, quarter, stage, trimester, platform, platform_type,
        city_tier, age, education, income, weight (mean 1 in a year), the items (1–5, NaN = empty), satisfaction (1–5),
        trust (1–5), repurchase (0/1), recommend (0–10).
    """
    frames = []
    for position, year in enumerate(truth.names.years):
        report(progress, "drawing respondents", position, len(truth.names.years))
        child = named(seed, f"panel {year}")
        people = draw_people(truth, position, respondents_per_year, generator(named(child, "people")))
        answers = draw_answers(truth, people, generator(named(child, "answers")))
        outcomes = draw_outcomes(truth, people, answers, generator(named(child, "outcomes")))
        frames.append(_frame(truth, people, answers, outcomes))
    report(progress, "drawing respondents", len(truth.names.years), len(truth.names.years))
    panel = pd.concat(frames, ignore_index=True)
    panel.insert(0, "respondent", np.arange(1, len(panel) + 1))
    return panel


def _frame(truth: Truth, people: People, answers: np.ndarray, outcomes: dict[str, np.ndarray]) -> pd.DataFrame:
    names = truth.names

    def labels(levels: tuple[str, ...], positions: np.ndarray) -> Any:
        return pd.Categorical.from_codes(positions.astype(np.int64), categories=pd.Index(levels))

    columns: dict[str, object] = {
        "year": np.full(len(people.stage), names.years[people.year]),
        "quarter": people.quarter + 1,
        "stage": labels(names.stages, people.stage),
        "trimester": labels(assumptions.TRIMESTERS, np.where(people.trimester == NO_TRIMESTER, -1, people.trimester)),
        "platform": labels(names.platforms, people.platform),
        "platform_type": labels(assumptions.TYPES, people.platform_type),
        "city_tier": labels(names.tiers, people.tier),
        "age": people.age,
        "education": labels(assumptions.EDUCATION, people.education),
        "income": labels(assumptions.INCOME, people.income),
        "weight": np.round(people.weight, WEIGHT_DECIMALS),
    }
    columns.update({code: answers[:, column] for column, code in enumerate(names.codes)})
    columns.update(outcomes)
    return pd.DataFrame(columns)
