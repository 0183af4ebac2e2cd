r"""Are ranks uniform? Simultaneous bands for their empirical distribution, and a p-value, both exact.

N replicates give ranks in 0 … L. If the ranks are uniform, the number of ranks below k is Binomial(N, k / (L + 1)) for
each k = 1 … L. A band that holds at every k at once has to be wider than one that holds at each k alone (Säilynoja,
Bürkner & Vehtari 2022). The probability that the whole path of counts :math:`C_1 \le C_2 \le \dots \le C_L` stays
inside a band is found exactly: given :math:`C_k = i`, the next step adds Binomial(N - i, 1 / (L + 1 - k)).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy
from scipy.stats import binom

from maternal_eval.core.arguments import probability as content
from maternal_eval.core.arguments import whole, whole_numbers


def rank_counts(ranks: np.ndarray, largest: int) -> np.ndarray:
    """Return how many of ``ranks`` lie below k, for k = 1 … ``largest``.

    Raises
    ------
    InputError
        If a rank is not a whole number from 0 to ``largest``.
    """
    ranks = whole_numbers(ranks, "ranks", ndim=1, low=0, high=whole(largest, "largest", low=1))
    return np.cumsum(np.bincount(ranks, minlength=largest + 1))[:largest]


def rank_band(replicates: int, largest: int, probability: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the band that the counts of uniform ranks leave nowhere, with at least the given probability.

    Parameters
    ----------
    replicates
        Number N of ranks.
    largest
        Largest possible rank L: the number of draws that the truth is ranked among.
    probability
        Probability that all L counts lie in the band at once.

    Returns
    -------
    low, high
        Smallest and largest allowed number of ranks below k, for k = 1 … L.

    Raises
    ------
    InputError
        If a number is not whole and positive, or the probability not strictly between 0 and 1.

    Examples
    --------
    >>> low, high = rank_band(200, 99)
    >>> int(low[49]), int(high[49])
    (79, 121)
    """
    whole(replicates, "replicates", low=1)
    whole(largest, "largest", low=1)
    content(probability, "probability")
    narrow, wide = 0.0, 1.0 - probability
    # The tail probability cut off at each k: the largest with which the whole path stays inside often enough.
    for _ in range(40):
        middle = 0.5 * (narrow + wide)
        if _probability_inside(replicates, largest, *_limits(replicates, largest, middle)) >= probability:
            narrow = middle
        else:
            wide = middle
    return _limits(replicates, largest, narrow)


def rank_p_value(ranks: np.ndarray, largest: int) -> float:
    """Return the probability that uniform ranks go somewhere at least as far out as these do at their worst place.

    Small where the ranks are not uniform: heaped at the ends (posterior too narrow), in the middle (too wide) or at one
    side (shifted). The ranks leave a band of probability q somewhere exactly if p < 1 - q.

    Parameters
    ----------
    ranks
        One rank in 0 … ``largest`` per replicate.
    largest
        Number of draws that the truth was ranked among.

    Raises
    ------
    InputError
        If a rank is not a whole number from 0 to ``largest``.
    """
    ranks = whole_numbers(ranks, "ranks", ndim=1, low=0, high=whole(largest, "largest", low=1))
    size = len(ranks)
    counts = rank_counts(np.asarray(ranks), largest)
    chance = np.arange(1, largest + 1) / (largest + 1)
    tails = 2.0 * np.minimum(binom.cdf(counts, size, chance), binom.sf(counts - 1, size, chance))
    # Paths that are nowhere as far out as this one at its worst place.
    low, high = _limits(size, largest, float(tails.min()), inside_only=True)
    return float(np.clip(1.0 - _probability_inside(size, largest, low, high), 0.0, 1.0))


def _limits(size: int, largest: int, tail: float, inside_only: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return for each k the smallest and largest count that is not in a tail of probability ``tail`` / 2.

    With ``inside_only`` counts whose tail is exactly as probable count as outside.
    """
    lower, upper = _tails(size, largest)
    # Equal up to rounding is equal: the same count must not fall on either side of itself.
    limit = 0.5 * tail * (1.0 + 1e-9 if inside_only else 1.0 - 1e-9)
    low = (lower <= limit).sum(axis=1)
    high = size - (upper <= limit).sum(axis=1)
    return low, high


@lru_cache(maxsize=8)
def _tails(size: int, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return P(C ≤ c) and P(C ≥ c) for each k (rows) and c = 0 … ``size`` (columns)."""
    chance = np.arange(1, largest + 1)[:, None] / (largest + 1)
    counts = np.arange(size + 1)
    return binom.cdf(counts, size, chance), binom.sf(counts - 1, size, chance)


def _probability_inside(size: int, largest: int, low: np.ndarray, high: np.ndarray) -> float:
    """Return the probability that the counts of uniform ranks lie in [``low``, ``high``] at every k."""
    if (low > high).any():
        return 0.0
    at, chance = np.zeros(1, dtype=np.int64), np.ones(1)
    for k in range(largest):
        following = np.arange(low[k], high[k] + 1)
        chance = chance @ _binomial_steps(at, following, size, 1.0 / (largest + 1 - k))
        at = following
    return float(chance.sum())


def _binomial_steps(at: np.ndarray, following: np.ndarray, size: int, chance: float) -> np.ndarray:
    """Return the probabilities that ``at`` ranks so far become ``following``: Binomial(size - at, chance) more."""
    trials = (size - at)[:, None]
    more = following[None, :] - at[:, None]
    possible = (more >= 0) & (more <= trials)
    some = np.where(possible, more, 0)
    log = (
        gammaln(trials + 1)
        - gammaln(some + 1)
        - gammaln(trials - some + 1)
        + xlogy(some, chance)
        + xlog1py(trials - some, -chance)
    )
    return np.where(possible, np.exp(log), 0.0)
