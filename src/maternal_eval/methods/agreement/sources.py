r"""Error variance of each of three or more sources from the covariances of their readings (Grubbs 1948, *JASA* 43).

Every source reads the same truth in the same unit, :math:`x_j = a_j + t + e_j`, with errors that are independent of it
and of each other. Then every covariance is the variance of the truth, and with covariances s

.. math:: \sigma_j^2 = s_{jj} - \frac{2}{k-1} \sum_{i \ne j} s_{ij}
   + \frac{2}{(k-1)(k-2)} \sum_{i < l;\, i, l \ne j} s_{il}.

If each source has a unit of its own, :math:`x_j = a_j + \lambda_j t + e_j`, triads give what is true in a source,
:math:`\lambda_j^2 \sigma_t^2 = s_{ij} s_{lj} / s_{il}`, and the rest is error.

If two sources share part of their errors (one copies from the other), their covariance exceeds the others by just that
part: the excess tells of it, and with three sources of one unit it is all that can be known, one pair at a time. The
uncorrected estimates then take the two for better than they are and the others for worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from maternal_eval.core.arguments import whole
from maternal_eval.core.intervals import PROBABILITY, interval
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.agreement.readings import complete_readings

FEWEST_SOURCES = 3
"""Two sources do not say whose the error is."""


@dataclass(frozen=True)
class SourceErrors:
    """What each source errs by; arrays ``(sources,)`` or ``(pairs,)`` with the draws of a bootstrap over records.

    Attributes
    ----------
    variance, variance_draws
        Error variances in one unit, in squared units of the readings; a negative estimate is left as it is.
    truth, truth_draws
        Variance of what all sources read.
    own_unit, own_unit_draws
        Error variances where each source has a unit of its own, in the unit of that source.
    pairs
        Pairs of sources, in the order of the excess.
    excess, excess_draws
        By how much the covariance of a pair exceeds those of all other pairs on average.
    """

    variance: np.ndarray
    variance_draws: np.ndarray
    truth: float
    truth_draws: np.ndarray
    own_unit: np.ndarray
    own_unit_draws: np.ndarray
    pairs: tuple[tuple[int, int], ...]
    excess: np.ndarray
    excess_draws: np.ndarray

    @property
    def reliability(self) -> np.ndarray:
        """Share of truth in the variance of each source."""
        return self.truth / (self.truth + self.variance)

    def interval_of(self, draws: np.ndarray, probability: float = PROBABILITY) -> tuple[np.ndarray, np.ndarray]:
        """Return the equal-tailed interval of draws along their first axis."""
        return interval(draws, probability=probability)

    def with_shared(self, pair: int) -> np.ndarray:
        """Return the error variances where this pair, and no other, shares its errors: each with the shared part."""
        k, shared = len(self.variance), float(self.excess[pair])
        mine = np.isin(np.arange(k), self.pairs[pair])
        return self.variance + np.where(mine, 2 * shared / (k - 1), -2 * shared / ((k - 1) * (k - 2)))


def source_errors(readings: np.ndarray, *, resamples: int = 1000, seed: Seed = 0) -> SourceErrors:
    """Return the error variance of each source, the variance of the truth and the excess covariance of each pair.

    Parameters
    ----------
    readings
        ``(records, sources)`` of at least three sources in one unit; records with a gap (NaN) are left out.
    resamples, seed
        Of the bootstrap over the records.

    Raises
    ------
    InputError
        See :func:`~maternal_eval.methods.agreement.readings.complete_readings`.
    """
    table = complete_readings(readings, sources=FEWEST_SOURCES)
    whole(resamples, "resamples", low=1)
    k = table.shape[1]
    own = np.cov(table, rowvar=False)
    draws = _resampled_covariances(table, resamples, generator(seed))
    pairs = tuple(combinations(range(k), 2))
    return SourceErrors(
        variance=equal_units(own),
        variance_draws=equal_units(draws),
        truth=float(_common(own)),
        truth_draws=_common(draws),
        own_unit=own_units(own),
        own_unit_draws=own_units(draws),
        pairs=pairs,
        excess=excess_covariances(own),
        excess_draws=excess_covariances(draws),
    )


def equal_units(covariance: np.ndarray) -> np.ndarray:
    """Return Grubbs' error variances, ``(…, sources)`` of covariances ``(…, sources, sources)``.

    Examples
    --------
    >>> equal_units(np.full((3, 3), 9.0) + np.diag([1.0, 4.0, 16.0])).tolist()
    [1.0, 4.0, 16.0]
    """
    k = covariance.shape[-1]
    diagonal = np.einsum("...jj->...j", covariance)
    with_others = covariance.sum(axis=-1) - diagonal
    off = (with_others.sum(axis=-1, keepdims=True)) / 2
    return diagonal - 2 / (k - 1) * with_others + 2 / ((k - 1) * (k - 2)) * (off - with_others)


def own_units(covariance: np.ndarray) -> np.ndarray:
    """Return error variances where each source has its own unit: the mean over all triads, ``(…, sources)``."""
    k = covariance.shape[-1]
    found = np.empty(covariance.shape[:-1])
    for source in range(k):
        true = [
            covariance[..., source, one] * covariance[..., source, two] / covariance[..., one, two]
            for one, two in combinations([other for other in range(k) if other != source], 2)
        ]
        found[..., source] = covariance[..., source, source] - np.mean(true, axis=0)
    return found


def excess_covariances(covariance: np.ndarray) -> np.ndarray:
    """Return by how much the covariance of each pair exceeds the mean of the others, ``(…, pairs)``."""
    pairs = list(combinations(range(covariance.shape[-1]), 2))
    of_pairs = np.stack([covariance[..., one, two] for one, two in pairs], axis=-1)
    others = (of_pairs.sum(axis=-1, keepdims=True) - of_pairs) / (len(pairs) - 1)
    return of_pairs - others


def _common(covariance: np.ndarray) -> np.ndarray:
    k = covariance.shape[-1]
    diagonal = np.einsum("...jj->...", covariance)
    return (covariance.sum(axis=(-2, -1)) - diagonal) / (k * (k - 1))


def _resampled_covariances(table: np.ndarray, resamples: int, random: np.random.Generator) -> np.ndarray:
    n, k = table.shape
    centred = table - table.mean(axis=0)
    products = np.einsum("ni,nj->nij", centred, centred).reshape(n, -1)
    times = random.multinomial(n, np.full(n, 1.0 / n), size=resamples).astype(float)
    means = times @ centred / n
    return ((times @ products / n).reshape(-1, k, k) - means[:, :, None] * means[:, None, :]) * n / (n - 1)
