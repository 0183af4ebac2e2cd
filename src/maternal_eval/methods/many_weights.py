"""The composite of every respondent under many weights, on plain arrays.

Unanswered items are treated under each as in :func:`~maternal_eval.methods.composite.composite` with exponent 1: each
respondent's weights are renormalised over the answered items of a dimension and over the answered dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers

CHUNK = 2_000_000
"""Respondents × runs that are held in memory at a time."""


def composite_by_run(
    values: np.ndarray, weights: np.ndarray, dimension: np.ndarray
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield the composite value of every respondent for blocks of runs.

    Parameters
    ----------
    values
        Respondents × indicators in [0, 1]; NaN where not answered.
    weights
        Runs × indicators, not negative.
    dimension
        Position of each indicator's dimension.

    Yields
    ------
    runs, composite
        A slice of the runs, and respondents × these runs in [0, 1], larger is better; NaN where nothing with
        a weight was answered.

    Raises
    ------
    InputError
        If a weight is negative or not finite, a value infinite, or lengths do not agree.
    """
    values = numbers(values, "values", ndim=2, missing=True)
    weights = numbers(weights, "weights", shape=(None, values.shape[1]), low=0.0, empty=True)
    dimension = whole_numbers(dimension, "dimension", shape=(values.shape[1],), low=0)
    answered = np.isfinite(values)
    filled = np.where(answered, values, 0.0)
    answered = answered.astype(float)
    members = [np.flatnonzero(dimension == place) for place in range(int(dimension.max()) + 1)]
    size = max(1, CHUNK // max(1, len(values)))
    for start in range(0, len(weights), size):
        runs = slice(start, min(start + size, len(weights)))
        top = np.zeros((len(values), runs.stop - runs.start))
        bottom = np.zeros_like(top)
        for member in members:
            of_run = weights[runs][:, member].T
            present = answered[:, member] @ of_run
            heard = np.where(present > 0, of_run.sum(axis=0), 0.0)
            mean = np.divide(filled[:, member] @ of_run, present, out=np.zeros_like(present), where=present > 0)
            top += heard * mean
            bottom += heard
        yield runs, np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)
