"""Agreement between experts over the rounds of a Delphi study, on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

_DIGITS = 10
"""Weights that agree to so many places count as tied; what differs beyond them is rounding."""


@dataclass(frozen=True)
class Concordance:
    """Kendall's coefficient of concordance.

    Attributes
    ----------
    w
        0 (no agreement) … 1 (the experts rank alike); NaN if every expert ties all elements.
    p_value
        Of the hypothesis that the experts rank independently, from the chi-squared approximation.
    experts, elements
        How many ranked how many.
    """

    w: float
    p_value: float
    experts: int
    elements: int


def kendall_w(weights: np.ndarray) -> Concordance:
    r"""Return Kendall's W of the rankings that the experts' weights give, with correction for ties.

    :math:`W = 12 S / (m^2 (n^3 - n) - m \sum_j T_j)` with S the sum of squared deviations of the n rank sums,
    m experts and :math:`T_j = \sum (t^3 - t)` over the groups of t tied elements of expert j;
    :math:`\chi^2 = m (n - 1) W` on n − 1 degrees of freedom (Kendall & Babington Smith 1939; Siegel & Castellan
    1988, section 9.6). Larger is more agreement.

    Parameters
    ----------
    weights
        Experts × elements; only the order of each row counts.

    Raises
    ------
    ValueError
        With fewer than two experts or two elements.
    """
    experts, elements = np.shape(weights)
    if experts < 2 or elements < 2:
        raise ValueError("agreement needs at least two experts and two elements")
    ranks = stats.rankdata(np.round(weights, _DIGITS), axis=1)
    deviation = ((ranks.sum(axis=0) - experts * (elements + 1) / 2) ** 2).sum()
    ties = sum(float((counts**3 - counts).sum()) for counts in (_group_sizes(row) for row in ranks))
    largest = experts**2 * (elements**3 - elements) - experts * ties
    if largest <= 0:
        return Concordance(float("nan"), float("nan"), experts, elements)
    w = float(12 * deviation / largest)
    return Concordance(w, float(stats.chi2.sf(experts * (elements - 1) * w, elements - 1)), experts, elements)


def largest_change(earlier: np.ndarray, later: np.ndarray) -> float:
    """Return the largest absolute change of a weight between two rounds; smaller is more stable.

    Parameters
    ----------
    earlier, later
        The group's weights in both rounds, ``(elements,)``, each summing to 1.
    """
    return float(np.abs(np.asarray(later) - np.asarray(earlier)).max())


def _group_sizes(ranks: np.ndarray) -> np.ndarray:
    return np.unique(ranks, return_counts=True)[1]
