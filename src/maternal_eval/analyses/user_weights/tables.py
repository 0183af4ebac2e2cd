"""From weights of a group and references to the rows of the tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maternal_eval.analyses.user_weights.fit import UserWeights
from maternal_eval.analyses.user_weights.references import EXPERTS, STATED, Reference
from maternal_eval.analyses.user_weights.settings import UserWeightsSettings
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.exchangeable_weights import clipped_draws
from maternal_eval.methods.weight_agreement import READINGS
from maternal_eval.study import DIMENSIONS, Study

INDICATORS = "indicators"

PANELS, PANEL_DRAWS = 24, 200
"""Panels that are imagined of users who weigh as a reference does, and draws of the weights in each."""

PULLED = 0.05
"""Probability of being negative from which a coefficient is said to be held at 0 or more."""


def levels_of(study: Study, codes: Sequence[str]) -> dict[str, tuple[list[str], np.ndarray]]:
    """Return the sets that are compared: name → elements, and indicators × elements of 0 and 1 that adds weights up."""
    of = study.model.dimension_of.loc[list(codes)]
    names = [name for name in study.model.sibling_sets[DIMENSIONS] if name in set(of)]
    found = {INDICATORS: (list(codes), np.eye(len(codes)))}
    if len(names) > 1:
        found = {DIMENSIONS: (names, (of.to_numpy()[:, None] == np.array(names)).astype(float))} | found
    return found


def weight_rows(study: Study, found: UserWeights, references: Sequence[Reference]) -> pd.DataFrame:
    """Return the users' weight of every element with its interval, beside the stated ones and those of the experts."""
    codes = found.answers.codes
    place = [study.model.codes.index(code) for code in codes]
    known = {one.name: _among(one.weights, place) for one in references}
    tables = []
    for kind, (elements, adds) in levels_of(study, codes).items():
        drawn, stated = found.weights @ adds, known[STATED] @ adds
        low, high = interval(drawn)
        columns = {
            "set": kind,
            "element": elements,
            "weight": drawn.mean(axis=0),
            "low": low,
            "high": high,
            "mcse": drawn.std(axis=0) / np.sqrt(len(drawn)),
            "stated": stated[0],
            "p_above": (drawn > stated).mean(axis=0),
        }
        experts = known[EXPERTS] @ adds if EXPERTS in known else np.full((1, len(elements)), np.nan)
        columns["experts"] = experts.mean(axis=0)
        columns["experts_low"], columns["experts_high"] = interval(experts)
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True).assign(group=found.answers.group)


def agreement_rows(
    study: Study, found: UserWeights, references: Sequence[Reference], settings: UserWeightsSettings, seed: Seed
) -> pd.DataFrame:
    """Return every reading of agreement with every reference: its value, and the probability of keeping the bound.

    ``by_chance``: the same probability for weights of which nothing is known (a flat Dirichlet distribution).
    ``if_same``: the mean of that probability over :data:`PANELS` panels like this one whose users weigh exactly as the
    reference does (estimates around it with the errors of this panel): how far so many answers can show agreement.
    """
    codes, random = found.answers.codes, generator(seed)
    place = [study.model.codes.index(code) for code in codes]
    count = len(found.coefficients)
    rows = []
    alike = {one.name: _alike(found, _among(one.weights, place).mean(axis=0), random) for one in references}
    for kind, (elements, adds) in levels_of(study, codes).items():
        users = found.joint_weights @ adds
        blind = random.dirichlet(np.ones(len(elements)), count)
        for reference in references:
            others = _among(reference.draws(count), place) @ adds
            for reading in READINGS.values():
                bound = settings.bound(reading.name, kind)
                values = reading.measure(users, others)
                low, high = interval(values)
                rows.append(
                    {
                        "set": kind,
                        "reference": reference.name,
                        "reading": reading.name,
                        "value": float(values.mean()),
                        "low": float(low),
                        "high": float(high),
                        "bound": bound,
                        "probability": float(reading.agrees(values, bound).mean()),
                        "if_same": float(
                            np.mean(
                                [
                                    reading.agrees(reading.measure(same @ adds, others[: len(same)]), bound).mean()
                                    for same in alike[reference.name]
                                ]
                            )
                        ),
                        "by_chance": float(reading.agrees(reading.measure(blind, others), bound).mean()),
                    }
                )
    return pd.DataFrame(rows).assign(group=found.answers.group)


def _alike(found: UserWeights, weights: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """Return draws of the users' weights in panels whose users weigh exactly so, one table a panel."""
    truth = weights * found.slope.mean()
    values, directions = np.linalg.eigh(found.covariance)
    root = (directions * np.sqrt(np.maximum(values, 0.0))) @ directions.T
    tables = []
    for _ in range(PANELS):
        estimate = truth + root @ random.standard_normal(len(truth))
        drawn = clipped_draws(estimate, found.covariance, found.sets, min(PANEL_DRAWS, len(found.coefficients)), random)
        tables.append(drawn / drawn.sum(axis=1, keepdims=True))
    return tables


def fit_row(found: UserWeights) -> dict[str, object]:
    """Return the row of the table ``fits``."""
    low, high = interval(found.slope)
    return {
        "group": found.answers.group,
        "answers": len(found.answers.category),
        "slope": float(found.slope.mean()),
        "low": float(low),
        "high": float(high),
        "indicators": len(found.answers.codes),
        "held": int((found.pulled > PULLED).sum()),
    }


def _among(weights: np.ndarray, place: Sequence[int]) -> np.ndarray:
    """Return weights of some indicators, rows that sum to 1."""
    chosen = weights[:, list(place)]
    return chosen / chosen.sum(axis=1, keepdims=True)
