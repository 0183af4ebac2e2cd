"""Simulated Kano answer pairs: how one would feel with the feature, and without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.core.randomness import generator
from maternal_eval.simulation.respondents import pick
from maternal_eval.simulation.truth import Truth

RESPONDENTS = 400
SURE = 0.62  # share of respondents whose own class is the indicator's
CLASSES = ("must_be", "performance", "attractive", "indifferent", "reverse", "questionable")
# How the rest is spread over the other classes (shares of the rest; the own class is left out and rescaled).
OTHERS = {
    "must_be": 0.26,
    "performance": 0.30,
    "attractive": 0.22,
    "indifferent": 0.26,
    "reverse": 0.02,
    "questionable": 0.02,
}
# Indicators that are genuinely unsure: shares of their two leading classes.
UNSURE = {
    "F03": {"performance": 0.40, "must_be": 0.37},
    "E04": {"attractive": 0.39, "indifferent": 0.38},
    "E06": {"performance": 0.41, "attractive": 0.36},
    "S04": {"attractive": 0.40, "indifferent": 0.36},
}
# Indicators whose class differs by stage.
BY_STAGE = {
    ("F10", "postpartum"): {"must_be": 0.78},
    ("F10", "other"): {"must_be": 0.44, "performance": 0.36},
    ("F12", "pregnancy"): {"performance": 0.50, "attractive": 0.32},
    ("F12", "other"): {"attractive": 0.60},
    ("E09", "preconception"): {"performance": 0.48, "attractive": 0.32},
    ("E09", "other"): {"attractive": 0.58},
}
# Answer pairs of each class in the evaluation table (1 like, 2 must be, 3 neutral, 4 live with, 5 dislike) with their
# shares inside the class.
PAIRS: dict[str, dict[tuple[int, int], float]] = {
    "must_be": {(2, 5): 0.60, (3, 5): 0.30, (4, 5): 0.10},
    "performance": {(1, 5): 1.0},
    "attractive": {(1, 4): 0.40, (1, 3): 0.45, (1, 2): 0.15},
    "indifferent": {(3, 3): 0.30, (3, 4): 0.22, (2, 4): 0.18, (2, 3): 0.12, (4, 4): 0.08, (2, 2): 0.06, (4, 3): 0.04},
    "reverse": {(5, 1): 0.3, (4, 1): 0.3, (3, 1): 0.2, (5, 3): 0.2},
    "questionable": {(1, 1): 0.7, (5, 5): 0.3},
}


def class_shares(code: str, kano: str, stage: str) -> np.ndarray:
    """Return the shares of the six classes (order of :data:`CLASSES`) among the answers to one indicator."""
    leading = UNSURE.get(code, {kano: SURE})
    leading = BY_STAGE.get((code, stage), BY_STAGE.get((code, "other"), leading))
    rest = {name: share for name, share in OTHERS.items() if name not in leading}
    left = (1 - sum(leading.values())) / sum(rest.values())
    return np.array([leading.get(name, rest.get(name, 0.0) * left) for name in CLASSES])


def simulate_kano(truth: Truth, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Draw Kano answers: respondent, stage, indicator, functional and dysfunctional (1 like … 5 dislike)."""
    random = generator(seed)
    names = truth.names
    last = truth.population.stage[-1]
    stage = pick(np.broadcast_to(last, (RESPONDENTS, len(last))), random)
    columns = []
    for code, kano in zip(names.codes, names.kano, strict=True):
        shares = np.stack([class_shares(code, kano, name) for name in names.stages])
        kinds = pick(shares[stage], random)
        functional, dysfunctional = np.zeros(RESPONDENTS, int), np.zeros(RESPONDENTS, int)
        for position, name in enumerate(CLASSES):
            rows = np.flatnonzero(kinds == position)
            pairs = np.array(list(PAIRS[name]))
            inside = np.array(list(PAIRS[name].values()))
            chosen = pairs[pick(np.broadcast_to(inside / inside.sum(), (len(rows), len(pairs))), random)]
            functional[rows], dysfunctional[rows] = chosen[:, 0], chosen[:, 1]
        columns.append((code, functional, dysfunctional))
    labels = [f"K{number:03d}" for number in range(1, RESPONDENTS + 1)]
    frames = [
        pd.DataFrame(
            {
                "respondent": labels,
                "stage": np.array(names.stages)[stage],
                "indicator": code,
                "functional": functional,
                "dysfunctional": dysfunctional,
            }
        )
        for code, functional, dysfunctional in columns
    ]
    return pd.concat(frames).sort_values("respondent", kind="stable", ignore_index=True)
