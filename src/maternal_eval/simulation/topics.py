"""Simulated counts of topics in the quarterly feedback, three of which come up: when and by how much is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.core.randomness import generator
from maternal_eval.simulation.truth import Truth

FEEDBACK = 400
"""Pieces of feedback of a stage in a quarter: a review has 2,000 answers and there are five stages."""

SPREAD = 0.08
"""Standard deviation of the log of that number, invented."""

RATES = {
    "delivery": 0.09,
    "price": 0.11,
    "authenticity": 0.08,
    "reply_time": 0.07,
    "anxiety": 0.06,
    "privacy": 0.04,
    "community": 0.05,
    "expert_advice": 0.05,
    "returns": 0.04,
    "report_reading": 0.008,
    "certified_practitioners": 0.02,
    "traceability": 0.03,
}
"""Share of the feedback that names a topic before anything comes up, invented."""

EMERGING = (
    ("report_reading", "pregnancy", "2024Q3", 5.0),
    ("certified_practitioners", "postpartum", "2024Q3", 2.5),
    ("traceability", "", "2023Q3", 1.6),
)
"""What comes up: topic, stage (empty: all), from which quarter, factor on its rate."""


def simulate_topics(truth: Truth, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Draw the table: quarter, stage, topic, count, and feedback (how many were looked through).

    Counts are Poisson. Nothing but :data:`EMERGING` moves a rate.
    """
    random = generator(seed)
    quarters = [f"{year}Q{quarter}" for year in truth.names.years for quarter in (1, 2, 3, 4)]
    rows = []
    for quarter in quarters:
        for stage in truth.names.stages:
            feedback = round(FEEDBACK * float(np.exp(SPREAD * random.standard_normal())))
            for topic, rate in RATES.items():
                factors = [
                    factor
                    for name, where, since, factor in EMERGING
                    if name == topic and where in ("", stage) and quarter >= since
                ]
                count = int(random.poisson(feedback * rate * np.prod(factors)))
                rows.append((quarter, stage, topic, count, feedback))
    return pd.DataFrame(rows, columns=["quarter", "stage", "topic", "count", "feedback"])
