"""How far two sets of weights agree, read in several ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

COSINE, SPEARMAN, LARGEST, FIRST = "cosine", "spearman", "largest_difference", "same_first"


@dataclass(frozen=True)
class AgreementReading:
    """A reading of "they agree".

    Attributes
    ----------
    name
        Its name.
    name_en, name_zh
        What a reader sees.
    measure
        From two tables of weights (draws × elements, rows sum to 1) to one number a draw.
    larger_is_closer
        Whether the bound is to be reached, and not kept below.
    """

    name: str
    name_en: str
    name_zh: str
    measure: Callable[[np.ndarray, np.ndarray], np.ndarray]
    larger_is_closer: bool

    def agrees(self, values: np.ndarray, bound: float) -> np.ndarray:
        """Return in which draws the bound is kept."""
        return values >= bound if self.larger_is_closer else values <= bound


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between two sets of weights, draw by draw.

    Examples
    --------
    >>> cosine(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])).round(3).tolist()
    [0.707]
    """
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return (first * second).sum(axis=1) / norms


def spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Spearman's rank correlation, draw by draw; ties share their mean rank, 0 where all are tied.

    Examples
    --------
    >>> spearman(np.array([[0.5, 0.3, 0.2]]), np.array([[0.4, 0.35, 0.25]])).round(9).tolist()
    [1.0]
    """
    ranks = [rankdata(one, axis=1) for one in (first, second)]
    one, other = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    spread = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.divide((one * other).sum(axis=1), spread, out=np.zeros(len(one)), where=spread > 0)


def largest_difference(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the largest difference of a weight, draw by draw."""
    return np.abs(first - second).max(axis=1)


def same_first(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return 1 where the same element is heaviest in both, else 0."""
    return (first.argmax(axis=1) == second.argmax(axis=1)).astype(float)


READINGS = {
    one.name: one
    for one in (
        AgreementReading(COSINE, "cosine", "余弦相似度", cosine, larger_is_closer=True),
        AgreementReading(SPEARMAN, "rank correlation", "秩相关", spearman, larger_is_closer=True),
        AgreementReading(LARGEST, "largest difference", "最大差异", largest_difference, larger_is_closer=False),
        AgreementReading(FIRST, "same heaviest", "最重者相同", same_first, larger_is_closer=True),
    )
}
"""Readings, one row each."""
