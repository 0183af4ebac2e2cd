"""Simulated triangulation records: one anxiety, seen by three sources."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.core.randomness import generator
from maternal_eval.simulation.respondents import pick
from maternal_eval.simulation.truth import Truth

RECORDS_PER_YEAR = 400
SOURCES = ("self_report", "service_record", "third_party")
ANXIETY_BY_YEAR = (56.0, 55.0, 54.5, 51.0, 48.0)  # mean, invented
ANXIETY_BY_STAGE = (-5.0, 1.0, 3.0, 6.0, -2.0)  # invented
SPREAD = 15.0  # between persons, invented
MARGIN = 1.0  # every anxiety is kept this far from 0 and 100


def simulate_triangulation(truth: Truth, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Draw records: record, period, stage and three readings of anxiety (0–100, larger is more anxious).

    Each source reads the same anxiety with an independent normal error; its standard deviation is solved so that in
    92 % of the records no two sources lie more than 20 points apart.
    """
    random = generator(seed)
    names = truth.names
    frames = []
    for position, year in enumerate(names.years):
        shares = truth.population.stage[position]
        stage = pick(np.broadcast_to(shares, (RECORDS_PER_YEAR, len(shares))), random)
        mean = ANXIETY_BY_YEAR[position] + np.array(ANXIETY_BY_STAGE)[stage]
        anxiety = np.clip(mean + SPREAD * random.standard_normal(RECORDS_PER_YEAR), MARGIN, 100 - MARGIN)
        errors = truth.anxiety_disagreement * random.standard_normal((len(SOURCES), RECORDS_PER_YEAR))
        readings = np.clip(np.rint(anxiety + errors), 0, 100).astype(int)
        columns = {"period": year, "stage": np.array(names.stages)[stage]}
        frames.append(pd.DataFrame({**columns, **dict(zip(SOURCES, readings, strict=True))}))
    records = pd.concat(frames, ignore_index=True)
    records.insert(0, "record", [f"T{number:04d}" for number in range(1, len(records) + 1)])
    return records
