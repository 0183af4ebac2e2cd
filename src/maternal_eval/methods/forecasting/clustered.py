r"""How sure a pooled score is: standard errors clustered two ways, by unit and by origin, with few-cluster quantiles.

Cells of one unit resemble each other over the origins, and all cells of one origin share what happened in that period:
a bootstrap over units alone takes the second for nothing. Each way of clustering has its jackknife variance

.. math:: V = \frac{G - 1}{G} \sum_g (\hat\theta_{(-g)} - \hat\theta)^2

over the G clusters that are left out in turn (CV3: MacKinnon, Nielsen & Webb 2023, *Journal of Econometrics* 232). Two
ways together give :math:`V_{unit} + V_{origin} - V_{unit \cap origin}` (Cameron, Gelbach & Miller 2011, *Journal of
Business & Economic Statistics* 29), or the larger of the first two where that is more: the difference can come out too
small, even negative. Intervals and p-values use Student's t with one degree of freedom less than the smaller number of
clusters. The same standard error serves both: an interval of 90 % holds 0 exactly where the p-value is at least 10 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from maternal_eval.core.arguments import numbers, whole_numbers
from maternal_eval.core.arguments import probability as content
from maternal_eval.core.intervals import PROBABILITY

Statistic = Callable[[np.ndarray], np.ndarray]
"""From sums over cells ``(…, parts)`` to a number ``(…)``."""


@dataclass(frozen=True)
class Clustered:
    """A statistic and how sure it is.

    Attributes
    ----------
    value
        The statistic over all cells.
    standard_error
        Clustered; NaN where no way has two clusters.
    degrees
        Degrees of freedom; 0 where there is no standard error.
    """

    value: float
    standard_error: float
    degrees: int

    def interval(self, probability: float = PROBABILITY) -> tuple[float, float]:
        """Return the interval, symmetric around the value; NaN without a standard error."""
        content(probability, "probability")
        if not self.degrees:
            return float("nan"), float("nan")
        width = float(student.ppf(0.5 + probability / 2, self.degrees)) * self.standard_error
        return self.value - width, self.value + width

    @property
    def statistic(self) -> float:
        """Value over standard error; NaN where nothing varies, so that there is nothing to compare with."""
        if not self.degrees or not self.standard_error > 1e-12 * abs(self.value):
            return float("nan")
        return self.value / self.standard_error

    @property
    def p_value(self) -> float:
        """Probability of a statistic so far from 0, either way, where the truth is 0."""
        return float(2 * student.sf(abs(self.statistic), self.degrees)) if self.degrees else float("nan")


def ratio(sums: np.ndarray) -> np.ndarray:
    """Return the mean of the parts (sum of values, number of values); NaN without any."""
    return np.divide(sums[..., 0], sums[..., 1], out=np.full(sums.shape[:-1], np.nan), where=sums[..., 1] > 0)


def ratio_skill(sums: np.ndarray) -> np.ndarray:
    """Return 1 − mean / reference mean of (sum, number, reference sum, reference number); NaN where it is 0."""
    own, reference = ratio(sums[..., :2]), ratio(sums[..., 2:])
    compared = np.divide(own, reference, out=np.full(own.shape, np.nan), where=reference > 0)
    return 1.0 - compared


def over_all(parts: np.ndarray, statistic: Statistic) -> float:
    """Return a statistic of sums over all cells that have a value; arguments as for :func:`clustered`.

    Examples
    --------
    >>> over_all(np.array([[1.0, 1.0], [0.0, 0.0], [2.0, 1.0]]), ratio)
    1.5
    """
    return float(statistic(parts[parts[:, 1] > 0].sum(axis=0)[None])[0])


def clustered(parts: np.ndarray, statistic: Statistic, *ways: np.ndarray) -> Clustered:
    """Return a statistic of sums over cells with its standard error under one or two ways of clustering.

    Parameters
    ----------
    parts
        ``(cells, parts)``: what is summed; the second part is the number of values a cell has (0 or 1).
    statistic
        :func:`ratio`, :func:`ratio_skill`, or another function of the sums.
    ways
        One or two arrays ``(cells,)``: the cluster of each cell, 0, 1, …. A way with a single cluster is left out.

    Raises
    ------
    InputError
        If a part is not finite, or clusters are not whole numbers, one for each cell.

    Examples
    --------
    Four means in as many clusters, one way: the standard error of a mean.

    >>> values = np.column_stack([[1.0, 2.0, 3.0, 6.0], np.ones(4)])
    >>> found = clustered(values, ratio, np.arange(4))
    >>> round(found.standard_error, 6), round(float(np.std(values[:, 0], ddof=1) / 2), 6), found.degrees
    (1.080123, 1.080123, 3)
    """
    parts = numbers(parts, "parts", ndim=2, empty=True)
    known = parts[:, 1] > 0
    ways = tuple(whole_numbers(way, "ways", shape=(len(parts),), low=0, empty=True)[known] for way in ways)
    parts = parts[known]
    total = parts.sum(axis=0)
    value = float(statistic(total[None])[0])
    several = [way for way in ways if len(np.unique(way)) > 1]
    if not several or np.isnan(value):
        return Clustered(value, float("nan"), 0)
    variances = [_jackknife(parts, total, statistic, value, [way]) for way in several]
    variance = max(variances)
    if len(several) == 2:
        both = _jackknife(parts, total, statistic, value, several)
        variance = max(variance, sum(variances) - both)
    if np.isnan(variance):
        return Clustered(value, float("nan"), 0)
    return Clustered(value, float(np.sqrt(variance)), min(len(np.unique(way)) for way in several) - 1)


def _jackknife(
    parts: np.ndarray, total: np.ndarray, statistic: Statistic, value: float, ways: Sequence[np.ndarray]
) -> float:
    """Return the jackknife variance over the clusters in which all the ways agree."""
    cluster = ways[0]
    for way in ways[1:]:
        cluster = cluster * (int(way.max()) + 1) + way
    # Clusters have numbers of their own; those without a cell are left out.
    cluster = np.unique(cluster, return_inverse=True)[1].ravel()
    clusters = int(cluster.max()) + 1
    sums = np.stack([np.bincount(cluster, part, clusters) for part in parts.T], axis=1)
    without = statistic(total - sums)
    return float((clusters - 1) / clusters * ((without - value) ** 2).sum())
