"""What a row of the panel counts for: survey weights, and rows that are aggregates.

A study without a column of weights counts every answer the same. With one, every row has a weight of at least 0: a
missing one is settled when the study is read (refused with its row, or left out for all analyses at once), never made
up here. A row with weight 0 does not count: it is no answer, and a cell that has no others is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.study import Study

FARTHEST = 1e50
"""Weights as large as this, or all as small as one over it, are divided by the largest: only their ratios matter, and
their squares would be no numbers."""


def survey_weights(panel: pd.DataFrame) -> np.ndarray:
    """Return the survey weight of each row, not negative and never NaN; 1 everywhere where the study has none.

    Parameters
    ----------
    panel
        Rows of a study's panel; its column ``weight``, if there is one, holds the weights.

    Returns
    -------
    numpy.ndarray
        ``(rows,)``; larger counts for more, 0 not at all.

    Raises
    ------
    InputError
        If a weight is missing, infinite or negative, or all of them are 0.

    Examples
    --------
    >>> survey_weights(pd.DataFrame({"weight": [0.5, 0.0]})).tolist()
    [0.5, 0.0]
    >>> survey_weights(pd.DataFrame({"answer": [3.0, 4.0]})).tolist()
    [1.0, 1.0]
    """
    if "weight" not in panel:
        return np.ones(len(panel))
    weights = panel["weight"].to_numpy(dtype=float)
    expected = "a weight of at least 0 in every row that counts"
    for problem, wrong in (
        ("a survey weight is missing", np.isnan(weights)),
        ("a survey weight is infinite", np.isinf(weights)),
        ("a survey weight is negative", weights < 0),
    ):
        if wrong.any():
            place = int(np.argmax(wrong))
            found = "nothing" if np.isnan(weights[place]) else f"{weights[place]:g}"
            raise InputError(
                f"{problem} ({int(wrong.sum())} of {len(weights)} rows)",
                row=f"{place + 1} of the answers used",
                column="weight",
                found=found,
                expected=expected,
            )
    if len(weights) and not weights.any():
        found = f"{len(weights)} rows"
        raise InputError("no answer counts: every weight is 0", column="weight", found=found, expected=expected)
    largest = weights.max() if len(weights) else 1.0
    return weights if 1.0 / FARTHEST < largest < FARTHEST else weights / largest


class Masses(NamedTuple):
    """What each line of a table of answers stands for, one number per line: ``number`` of answers, sum of their
    ``weight`` and of its ``squares``."""

    number: np.ndarray
    weight: np.ndarray
    squares: np.ndarray


def masses(frame: pd.DataFrame) -> Masses:
    """Return what each line stands for: a row of a panel for itself, a line of a tally for all answers of its kind.

    Parameters
    ----------
    frame
        Rows of a study's panel, or a tally with the columns ``counted``, ``weight`` and ``weight_squares``.

    Raises
    ------
    InputError
        As :func:`survey_weights`.

    Examples
    --------
    >>> masses(pd.DataFrame({"weight": [0.5, 2.0]})).squares.tolist()
    [0.25, 4.0]
    >>> masses(pd.DataFrame({"counted": [7], "weight": [7.0], "weight_squares": [7.0]})).number.tolist()
    [7]
    """
    if "counted" in frame:
        number = frame["counted"].to_numpy(dtype=np.int64)
        return Masses(number, *(frame[name].to_numpy(dtype=float) for name in ("weight", "weight_squares")))
    weight = survey_weights(frame)
    return Masses(np.ones(len(frame), dtype=np.int64), weight, weight**2)


def cluster_columns(study: Study) -> tuple[str, ...]:
    """Return the columns of the panel whose rows resemble each other: respondents, and the declared clusters."""
    return tuple(name for name in ("respondent", *study.definition.columns.clusters) if name in study.panel)


def cluster_codes(rows: pd.DataFrame, names: Sequence[str]) -> list[np.ndarray]:
    """Return the cluster 0, 1, … of each row in every way of clustering; a row without one is a cluster of its own.

    Examples
    --------
    >>> cluster_codes(pd.DataFrame({"ward": ["a", None, "a", None]}), ["ward"])[0].tolist()
    [0, 1, 0, 2]
    """
    found = []
    for name in names:
        code, known = pd.factorize(rows[name])
        alone = code < 0
        code[alone] = len(known) + np.arange(int(alone.sum()))
        found.append(code.astype(np.int64))
    return found


def aggregated(study: Study) -> bool:
    """Return whether the rows are figures of cells and not answers: one row in each cell, and nobody is named.

    A cell is a platform, stage, period and combination of segments, as far as the study has these. A share or a mean of
    a state says nothing of how far the answers behind it differ.
    """
    if study.counted is not None:
        return False
    panel = study.panel
    factors = [name for name in ("platform", "stage", "period", *study.segments) if name in panel]
    if "respondent" in panel or not factors or len(panel) < 2:
        return False
    return not bool(panel.duplicated(factors).any())
