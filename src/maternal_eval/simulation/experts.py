"""The simulated Delphi panel: 15 experts, three rounds of pairwise judgements on Saaty's scale."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.core.randomness import generator, named
from maternal_eval.simulation.assumptions import DIMENSION_WEIGHTS, dimension_of
from maternal_eval.simulation.truth import Truth

GROUPS = ("obstetrician", "operator", "researcher")  # five each, as the reports name them
EXPERTS_PER_GROUP = 5
ROUNDS = (1, 2, 3)
OPINION = (0.55, 0.36, 0.22)  # how far an expert's weights lie from the group's, log scale, by round
SLIP = (0.42, 0.32, 0.25)  # how far a judgement lies from the expert's own weights, log scale, by round
INCONSISTENT, STUBBORN = 3, 11  # two experts: slips twice as large; keeps the opinion of round 1
GROUP_TOLERANCE = 0.006  # the group's dimension weights in round 3 against 45/35/20
TRIES = 400


def simulate_experts(truth: Truth, seed: np.random.SeedSequence) -> pd.DataFrame:
    """Draw the judgements (expert, round, set, row, column, judgement).

    judgement = exp(log w_row − log w_column + opinion + slip), put on Saaty's scale 1/9 … 9. Opinions and slips shrink
    from round to round. Putting judgements on the scale moves the group's mean, so the dimension weights that the
    experts lean to are corrected until the group's geometric mean in round 3 is 45/35/20.
    """
    sets = {"dimensions": list(DIMENSION_WEIGHTS)}
    leaning = {"dimensions": np.array(list(DIMENSION_WEIGHTS.values()))}
    for dimension in DIMENSION_WEIGHTS:
        columns = [position for position, code in enumerate(truth.names.codes) if dimension_of(code) == dimension]
        sets[dimension] = [truth.names.codes[position] for position in columns]
        leaning[dimension] = truth.weights.expert[columns]
    leaning["dimensions"] = _corrected(leaning["dimensions"], named(seed, "dimensions"))
    frames = [
        _table(name, elements, position, judged)
        for name, elements in sets.items()
        for position, judged in enumerate(judgements(leaning[name], named(seed, name)))
    ]
    return pd.concat(frames, ignore_index=True).sort_values(["round", "expert"], kind="stable", ignore_index=True)


def _table(name: str, elements: list[str], position: int, judged: np.ndarray) -> pd.DataFrame:
    pairs = list(combinations(elements, 2))
    experts = [f"{group}_{number + 1}" for group in GROUPS for number in range(EXPERTS_PER_GROUP)]
    return pd.DataFrame(
        {
            "expert": np.repeat(experts, len(pairs)),
            "round": ROUNDS[position],
            "set": name,
            "row": [row for row, _ in pairs] * len(experts),
            "column": [column for _, column in pairs] * len(experts),
            "judgement": judged.reshape(-1),
        }
    )


def judgements(weights: np.ndarray, seed: np.random.SeedSequence) -> np.ndarray:
    """Return judgements on Saaty's scale, round × expert × pair (row < column)."""
    random = generator(seed)
    count, experts = len(weights), len(GROUPS) * EXPERTS_PER_GROUP
    pairs = np.array(list(combinations(range(count), 2)))
    direction = random.standard_normal((experts, count))
    slips = random.standard_normal((len(ROUNDS), experts, len(pairs)))
    slips[:, INCONSISTENT] *= 2.0
    logs = np.log(weights)
    judged = []
    for position in range(len(ROUNDS)):
        spread = np.full((experts, 1), OPINION[position])
        spread[STUBBORN] = OPINION[0]
        own = logs + spread * direction
        judged.append(own[:, pairs[:, 0]] - own[:, pairs[:, 1]] + SLIP[position] * slips[position])
    return on_scale(np.stack(judged))


def on_scale(logs: np.ndarray) -> np.ndarray:
    """Return the nearest value of Saaty's scale (1/9, 1/8, …, 1, …, 9) in log distance."""
    scale = np.concatenate([1 / np.arange(9, 1, -1), np.arange(1, 10)])
    edges = (np.log(scale)[1:] + np.log(scale)[:-1]) / 2
    return scale[np.searchsorted(edges, logs)]


def group_weights(judged: np.ndarray, count: int) -> np.ndarray:
    """Return the weights of the group: geometric mean over experts, then over each row."""
    logs = np.zeros((count, count))
    rows, columns = np.triu_indices(count, 1)
    logs[rows, columns] = np.log(judged).mean(axis=0)
    logs[columns, rows] = -logs[rows, columns]
    weights = np.exp(logs.mean(axis=1))
    return weights / weights.sum()


def _corrected(wished: np.ndarray, seed: np.random.SeedSequence) -> np.ndarray:
    weights = wished.copy()
    best, best_miss = weights, np.inf
    for _ in range(TRIES):
        found = group_weights(judgements(weights, seed)[-1], len(wished))
        miss = float(np.max(np.abs(found - wished)))
        if miss < best_miss:
            best, best_miss = weights, miss
        weights = weights * (wished / found) ** 0.3
        weights = weights / weights.sum()
    if best_miss > GROUP_TOLERANCE:
        raise DiagnosticsError(f"the experts' group weights miss 45/35/20 by {best_miss:.3f}")
    return best
