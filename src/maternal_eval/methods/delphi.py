"""Agreement between experts over the rounds of a Delphi study, on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from scipy import stats

from maternal_eval.core.arguments import numbers

_DIGITS = 10
"""Weights that agree to so many places count as tied; what differs beyond them is rounding."""

_LARGEST_ENUMERATION = 3e8
EXACT, APPROXIMATE = "exact", "chi-squared"

GOOD_VARIATION = 0.5
"""Coefficient of variation up to which experts are said to agree on an element (English & Kernan 1976,
*Transportation Research* 10)."""

EQUILIBRIUM = 0.15
"""Relative change between rounds that is no more than the noise of a Delphi study (Scheibe, Skutsch & Schofer 1975, in
Linstone & Turoff, *The Delphi Method*)."""

OUTLYING = 0.05
"""Probability of naming anybody in a set and round where all experts are alike."""


@dataclass(frozen=True)
class Concordance:
    """Kendall's coefficient of concordance.

    Attributes
    ----------
    w
        0 (no agreement) … 1 (the experts rank alike); NaN if every expert ties all elements.
    p_value
        Of the hypothesis that the experts rank independently.
    method
        How the p-value was found: "exact", over all rankings with each expert's ties, up to four elements, where
        the approximation is poor; else "chi-squared".
    experts, elements
        How many ranked how many.
    """

    w: float
    p_value: float
    method: str
    experts: int
    elements: int


def kendall_w(weights: np.ndarray) -> Concordance:
    r"""Return Kendall's W of the rankings that the experts' weights give, with correction for ties.

    :math:`W = 12 S / (m^2 (n^3 - n) - m \sum_j T_j)` with S the sum of squared deviations of the n rank sums,
    m experts and :math:`T_j = \sum (t^3 - t)` over the groups of t tied elements of expert j;
    :math:`\chi^2 = m (n - 1) W` on n − 1 degrees of freedom (Kendall & Babington Smith 1939; Siegel & Castellan
    1988, section 9.6). Larger is more agreement. Elements of nearly equal weight are ranked by chance, so that W may
    be small although the experts agree: the coefficient of variation says which it is.

    Parameters
    ----------
    weights
        Experts × elements; only the order of each row counts.

    Raises
    ------
    ValueError
        With fewer than two experts or two elements.
    """
    weights = numbers(weights, "weights", ndim=2)
    experts, elements = np.shape(weights)
    if experts < 2 or elements < 2:
        raise ValueError("agreement needs at least two experts and two elements")
    ranks = stats.rankdata(np.round(weights, _DIGITS), axis=1)
    deviation = ((ranks.sum(axis=0) - experts * (elements + 1) / 2) ** 2).sum()
    ties = sum(float((counts**3 - counts).sum()) for counts in (_group_sizes(row) for row in ranks))
    largest = experts**2 * (elements**3 - elements) - experts * ties
    if largest <= 0:
        return Concordance(float("nan"), float("nan"), APPROXIMATE, experts, elements)
    w = float(12 * deviation / largest)
    p_value = _exact_p_value(ranks) if elements <= 4 else None
    if p_value is None:
        approximate = float(stats.chi2.sf(experts * (elements - 1) * w, elements - 1))
        return Concordance(w, approximate, APPROXIMATE, experts, elements)
    return Concordance(w, p_value, EXACT, experts, elements)


def _exact_p_value(ranks: np.ndarray) -> float | None:
    """Return the share of all orders of each expert's ranks with rank sums that deviate at least as much.

    The distribution of the rank sums of all elements but the last is built up expert by expert; None where it is
    too large.
    """
    experts, elements = ranks.shape
    unit = 1 if np.all(ranks == np.round(ranks)) else 2
    steps = np.round((ranks - 1) * unit).astype(int)
    side = int(steps.max(axis=1).sum()) + 1
    orders = len(list(permutations(range(elements))))
    if side ** (elements - 1) * orders * experts > _LARGEST_ENUMERATION:
        return None
    share = np.zeros((side,) * (elements - 1))
    share[(0,) * (elements - 1)] = 1.0
    for row in steps:
        after = np.zeros_like(share)
        for order in permutations(row.tolist()):
            inner = tuple(slice(0, side - step) for step in order[:-1])
            after[tuple(slice(step, side) for step in order[:-1])] += share[inner] / orders
        share = after
    sums = np.indices(share.shape)
    total = int(steps.sum())
    centre = total / elements
    deviation = ((sums - centre) ** 2).sum(axis=0) + (total - sums.sum(axis=0) - centre) ** 2
    observed = ((steps.sum(axis=0) - centre) ** 2).sum()
    return float(min(share[deviation >= observed - 1e-9].sum(), 1.0))


def interquartile_range(weights: np.ndarray) -> np.ndarray:
    """Return the interquartile range of each element's weight over experts: ``(experts, n)`` to ``(n,)``."""
    return stats.iqr(weights, axis=0)


def coefficient_of_variation(weights: np.ndarray) -> np.ndarray:
    """Return standard deviation over mean of each element's weight over experts; NaN for one expert.

    Smaller is more agreement; :data:`GOOD_VARIATION` is the usual bound.

    Raises
    ------
    InputError
        If a weight is negative or not finite.
    """
    weights = numbers(weights, "weights", ndim=2, low=0.0)
    if len(weights) < 2:
        return np.full(np.shape(weights)[1], np.nan)
    return np.std(weights, axis=0, ddof=1) / np.mean(weights, axis=0)


def largest_change(earlier: np.ndarray, later: np.ndarray) -> float:
    """Return the largest absolute change of a weight between two rounds; smaller is more stable.

    Parameters
    ----------
    earlier, later
        The group's weights in both rounds, ``(elements,)``, each summing to 1.

    Raises
    ------
    InputError
        If a weight is not finite, or the rounds have different elements.
    """
    earlier = numbers(earlier, "earlier", ndim=1)
    later = numbers(later, "later", shape=earlier.shape)
    return float(np.abs(np.asarray(later) - np.asarray(earlier)).max())


def largest_relative_change(earlier: np.ndarray, later: np.ndarray) -> float:
    """Return the largest change of a weight between two rounds as a share of the earlier weight.

    Raises
    ------
    InputError
        If an earlier weight is not positive, or the rounds have different elements.
    """
    earlier = numbers(earlier, "earlier", ndim=1, above=0.0)
    later = numbers(later, "later", shape=earlier.shape)
    return float(np.abs(np.asarray(later) / np.asarray(earlier) - 1).max())


@dataclass(frozen=True)
class Distances:
    """How far each expert stands from the others.

    Attributes
    ----------
    distance
        Aitchison distance of the expert's weights from the mean of the others' (root of the summed squares of the
        differences of centred log weights) over the root of n − 1: the size of a typical difference of a log weight,
        comparable between sets, ``(experts,)``.
    p_value
        Of a distance at least as large, if the expert were one like the others.
    outlying
        Whether the p-value times the number of experts is below :data:`OUTLYING` (Bonferroni).
    """

    distance: np.ndarray
    p_value: np.ndarray
    outlying: np.ndarray


def outlying_experts(weights: np.ndarray) -> Distances:
    r"""Find experts whose weights lie further from the others' than the others' scatter explains.

    With log weights scattered alike in all directions (the model of ``bayesian``), d the distance of an expert from
    the mean of the m − 1 others and :math:`s^2` the others' variance in each of the n − 1 directions,

    .. math:: F = \frac{m - 1}{m} \frac{d^2}{(n - 1) s^2}

    follows F with n − 1 and (m − 2)(n − 1) degrees of freedom: an externally studentised residual (Cook & Weisberg
    1982, section 2.2). An expert does not widen the scale of their own test; several alike outliers can hide
    each other.

    Parameters
    ----------
    weights
        Experts × elements, positive. With fewer than three experts nobody is outlying and p-values are NaN.

    Raises
    ------
    InputError
        If a weight is not positive and finite.
    """
    weights = numbers(weights, "weights", ndim=2, above=0.0)
    experts, elements = np.shape(weights)
    logs = np.log(weights)
    logs = logs - logs.mean(axis=1, keepdims=True)
    if experts < 3 or elements < 2:
        return Distances(np.full(experts, np.nan), np.full(experts, np.nan), np.zeros(experts, dtype=bool))
    others = (logs.sum(axis=0) - logs) / (experts - 1)
    squared = ((logs - others) ** 2).sum(axis=1)
    scatter = ((logs - logs.mean(axis=0)) ** 2).sum() - (experts - 1) / experts * squared
    freedom = (experts - 2) * (elements - 1)
    variance = np.maximum(scatter, 1e-20) / freedom
    p_value = stats.f.sf((experts - 1) / experts * squared / ((elements - 1) * variance), elements - 1, freedom)
    # Experts who are all alike but for rounding do not stand apart from each other.
    p_value = np.where(squared < 1e-18, 1.0, p_value)
    return Distances(np.sqrt(squared / (elements - 1)), p_value, p_value * experts < OUTLYING)


def _group_sizes(ranks: np.ndarray) -> np.ndarray:
    return np.unique(ranks, return_counts=True)[1]
