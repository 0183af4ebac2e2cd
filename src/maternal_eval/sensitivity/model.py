"""What depends on the uncertain inputs: composite scores of units, and the repurchase that is predicted from them.

Unanswered items are treated in every run as in the composite score itself: each respondent's weights are
renormalised over the answered items of a dimension and over the answered dimensions. Nothing is approximated by
cell means, so a score varies over runs exactly as the published score would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

FULL_SCORE = 100.0
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
    """
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


@dataclass(frozen=True)
class ScoreModel:
    """Composite scores of units as a function of the weights.

    Attributes
    ----------
    values
        Respondents × indicators in [0, 1]; every respondent has at least one answer.
    dimension
        Position of each indicator's dimension.
    shares
        Units × respondents: share of a respondent in the mean of a unit; rows sum to 1.
    units
        One row per unit with ``platform`` and ``stage``, empty text standing for all.
    """

    values: np.ndarray
    dimension: np.ndarray
    shares: np.ndarray
    units: pd.DataFrame

    @classmethod
    def of(cls, panel: pd.DataFrame, values: np.ndarray, dimension: np.ndarray, survey: np.ndarray) -> ScoreModel:
        """Return the model for the units that the panel has: all, platforms, stages, platform × stage."""
        used = np.isfinite(values).any(axis=1) & (survey > 0)
        panel, values, survey = panel.loc[used], values[used], survey[used]
        units = [{"platform": "", "stage": ""}]
        inside = [np.ones(len(panel), dtype=bool)]
        for level in (["platform"], ["stage"], ["platform", "stage"]):
            if set(level) <= set(panel.columns):
                groups = panel.groupby(level, observed=True, sort=True).ngroup()
                position = groups.fillna(-1).to_numpy().astype(int)  # -1: stage or platform not known
                for place in range(position.max() + 1):
                    rows = position == place
                    first = panel[level].iloc[int(np.argmax(rows))]
                    units.append({"platform": "", "stage": ""} | {name: str(first[name]) for name in level})
                    inside.append(rows)
        shares = np.stack(inside) * survey
        return cls(values, dimension, shares / shares.sum(axis=1, keepdims=True), pd.DataFrame(units))

    def scores(self, weights: np.ndarray) -> np.ndarray:
        """Return the scores (runs × units, 0–100, larger is better) for weights (runs × indicators)."""
        result = np.empty((len(weights), len(self.units)))
        for runs, composite in composite_by_run(self.values, weights, self.dimension):
            result[runs] = FULL_SCORE * (self.shares @ composite).T
        return result
