"""Small arrays for the compiled code."""

import numpy as np

from maternal_eval.methods.ordinal.factors import Factor, exchangeable_basis, random_walk_basis
from maternal_eval.methods.ordinal.model import SatisfactionModel


def model_of(family="cumulative_logit", answers=5, **changes):
    """A satisfaction model of 3 stages × 4 periods, one cell without answers."""
    random = np.random.default_rng(0)
    stage, period = np.divmod(np.arange(12), 4)
    counts = random.integers(0, 6, (12, answers)).astype(float)
    counts[5] = 0.0
    parts = {
        "counts": counts,
        "stage": stage,
        "factors": (
            Factor("stage", exchangeable_basis(3), stage, 1.0),
            Factor("period", random_walk_basis(range(4)), period, 0.3),
        ),
        "scale_basis": exchangeable_basis(3) if answers > 2 else np.empty((3, 0)),
        "scale_prior": 0.3,
        "degrees": 3.0,
        "family_name": family,
    }
    return SatisfactionModel(**(parts | changes))


def moves(draws=3, rows=11):
    """Arguments of the what-if's pass: two moves, one of them with a step in two columns."""
    random = np.random.default_rng(1)
    single = np.float32
    return {
        "coefficient": random.normal(size=(draws, 4)).astype(single),
        "design": random.normal(size=(4, rows)).astype(single),
        "odds": np.exp(random.normal(size=(draws, 2))).astype(single),
        "share": random.random((draws, rows)).astype(single),
        "start": np.array([0, 4, 4, rows]),
        "membership": np.array([[1.0, 1, 1], [0, 0, 1]]),
        "group": random.integers(0, 2, rows),
        "gain": random.normal(size=(2, rows)).astype(single),
        "column": np.array([2, 3]),
        "step": random.normal(size=(2, rows)).astype(single),
        "step_start": np.array([0, 0, 2]),
    }
