"""The items of a study as codes in rising order of the better answer, and random batches of its respondents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.core.randomness import generator
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import INDICATOR_KINDS, Study, survey_weights
from maternal_eval.study.survey import cluster_codes, cluster_columns

MOST_CATEGORIES = 11
"""Categories of an item that is taken as ordered answers."""


@dataclass(frozen=True)
class Items:
    """Ordered answers.

    Attributes
    ----------
    codes
        Of the indicators that are taken.
    answers
        ``(respondents, items)``, larger is better, on the scale of each; NaN = not answered.
    coded
        The same as 0, 1, …; -1 = not answered.
    dimension
        ``(items,)``: position of the dimension in ``dimensions``.
    dimensions
        Names of the dimensions that have an item.
    weights
        ``(respondents,)``: survey weights.
    batch
        ``(respondents,)``: random part, respondents of one cluster together.
    """

    codes: list[str]
    answers: np.ndarray
    coded: np.ndarray
    dimension: np.ndarray
    dimensions: list[str]
    weights: np.ndarray
    batch: np.ndarray

    def of(self, dimension: int) -> np.ndarray:
        """Return the positions of the items of a dimension."""
        return np.flatnonzero(self.dimension == dimension)


def usable_codes(study: Study) -> list[str]:
    """Return the indicators that have few whole answers."""
    return [
        one.code
        for one in study.model.indicators
        if INDICATOR_KINDS[one.kind].whole and one.high - one.low + 1 <= MOST_CATEGORIES
    ]


def items_of(study: Study, batches: int, seed: np.random.SeedSequence) -> tuple[Items, list[Remark]]:
    """Return the items of a study, and what was left out."""
    usable = usable_codes(study)
    weights = survey_weights(study.panel)
    counts = weights > 0
    answers = study.oriented(usable).to_numpy(dtype=float)[counts]
    varies = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in answers.T], dtype=bool)
    left = [code for code in study.model.codes if code not in usable]
    constant = [code for code, one in zip(usable, varies, strict=True) if not one]
    said = []
    if left:
        said.append(
            remark(
                f"{', '.join(left)}: no ordered answers of at most {MOST_CATEGORIES} categories, left out.",
                f"{'、'.join(left)}：不是至多 {MOST_CATEGORIES} 档的有序答案，未计入。",
            )
        )
    if constant:
        said.append(
            remark(
                f"{', '.join(constant)}: everybody gives the same answer, left out.",
                f"{'、'.join(constant)}：答案全部相同，未计入。",
            )
        )
    codes = [code for code, one in zip(usable, varies, strict=True) if one]
    answers = answers[:, varies]
    low = np.array([study.model.indicator(code).low for code in codes])
    coded = np.where(np.isfinite(answers), answers - low, -1).astype(np.int64)
    named = [study.model.indicator(code).dimension for code in codes]
    dimensions = [one.name for one in study.model.dimensions if one.name in named]
    place = np.array([dimensions.index(name) for name in named], dtype=np.int64)
    rows = study.panel[counts]
    batch = batches_of(study, rows, batches, seed)
    return Items(codes, answers, coded, place, dimensions, weights[counts], batch), said


def batches_of(study: Study, rows: pd.DataFrame, batches: int, seed: np.random.SeedSequence) -> np.ndarray:
    """Return a random batch of each row, 0 … batches - 1: as many in each, and whole clusters together."""
    names = cluster_columns(study)
    cluster = cluster_codes(rows, names[:1])[0] if names else np.arange(len(rows))
    count = int(cluster.max(initial=-1)) + 1
    return generator(seed).permutation(np.arange(count) % batches)[cluster]


def levels_of(study: Study, column: str) -> tuple[list[str], np.ndarray]:
    """Return the levels of a column in their order and the level of each respondent that counts; -1 = unknown."""
    values = study.panel[column][survey_weights(study.panel) > 0]
    if column == "stage":
        levels = list(study.stages)
    elif column == "period":
        levels = [str(int(one)) for one in sorted(values.dropna().unique())]
        values = values.map(lambda one: str(int(one)), na_action="ignore")
    else:
        levels = sorted(values.dropna().astype(str).unique())
    places = pd.Index(levels).get_indexer(pd.Index(values.astype(object).where(values.notna(), "").astype(str)))
    return levels, places.astype(np.int64)
