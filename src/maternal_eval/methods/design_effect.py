r"""What respondents who answer several times are worth: the design effect of their agreement with themselves.

Answers of one person resemble each other, and so do those about one interviewer, ward or lecturer, so that m answers of
each of n people say less than n·m answers of different people. With intraclass correlation :math:`\rho` and
:math:`\bar m = \sum m_c^2 / \sum m_c` answers a person, the variance of a mean grows by the design effect
:math:`1 + (\bar m - 1)\rho` (Kish 1965). Dividing the counts by it makes the likelihood know as much as the answers do
(Rao & Scott 1992). It widens intervals of levels. A change between periods in which the same people answer is then held
for less sure than it is: their agreement over time is not used.

Ways of clustering that cross each other (students and lecturers) each add their own: with the shares :math:`\rho_k` of
the variance that lie between the clusters of way k, a mean of n answers has the variance
:math:`\frac{\sigma^2}{n} \bigl(1 + \sum_k (\bar m_k - 1) \rho_k\bigr)`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers


def intraclass_correlation(values: np.ndarray, cluster: np.ndarray, domain: np.ndarray) -> float:
    """Return the intraclass correlation of ``values`` inside clusters, by analysis of variance within domains.

    Parameters
    ----------
    values
        One number per answer.
    cluster, domain
        Cluster and domain 0, 1, … of each answer. A cluster in two domains counts as two.

    Returns
    -------
    float
        Between 0 and 1 (negative estimates count as 0); 0 where no cluster has two answers or nothing varies.
    """
    _, inside = np.unique(np.stack([domain, cluster]), axis=1, return_inverse=True)
    inside = inside.ravel()
    size = np.bincount(inside).astype(float)
    answers, clusters, domains = len(values), len(size), len(np.unique(domain))
    if clusters in (answers, domains):
        return 0.0
    in_domain = np.bincount(domain).astype(float)
    centred = values - (np.bincount(domain, values) / np.maximum(in_domain, 1.0))[domain]
    mean = np.bincount(inside, centred) / size
    between = (size * mean**2).sum() / (clusters - domains)
    within = ((centred - mean[inside]) ** 2).sum() / (answers - clusters)
    of_domain = np.zeros(clusters, dtype=np.int64)
    of_domain[inside] = domain
    squares = np.bincount(of_domain, size**2, minlength=len(in_domain))
    share = np.divide(squares, in_domain, out=np.zeros_like(squares), where=in_domain > 0)
    typical = (answers - share.sum()) / (clusters - domains)
    total = between + (typical - 1.0) * within
    return float(np.clip((between - within) / total, 0.0, 1.0)) if total > 0 else 0.0


def cluster_design_effects(cluster: np.ndarray, domain: np.ndarray, correlation: float) -> np.ndarray:
    """Return the design effect of each domain, at least 1; 1 where a domain has no answers.

    Parameters
    ----------
    cluster, domain
        Cluster and domain 0, 1, … of each answer.
    correlation
        What :func:`intraclass_correlation` returned.

    Examples
    --------
    >>> cluster_design_effects(np.array([0, 0, 1, 1, 2, 3]), np.array([0, 0, 0, 0, 1, 1]), 0.5).tolist()
    [1.5, 1.0]
    """
    pairs, size = np.unique(np.stack([domain, cluster]), axis=1, return_counts=True)
    domains = int(domain.max()) + 1
    squares, total = np.bincount(pairs[0], size**2.0, domains), np.bincount(pairs[0], size, domains)
    mean = np.divide(squares, total, out=np.ones(domains), where=total > 0)
    return 1.0 + (mean - 1.0) * correlation


def crossed_design_effects(
    values: np.ndarray, clusters: Sequence[np.ndarray], domain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the intraclass correlation of every way of clustering, and the design effect of each domain, at least 1.

    Parameters
    ----------
    values
        One number per answer.
    clusters
        Ways of clustering: cluster 0, 1, … of each answer. Ways may cross or nest; of nested ways the inner correlation
        holds the outer one too, so that the effect errs on the wide side.
    domain
        Domain 0, 1, … of each answer.

    Raises
    ------
    InputError
        If a value is not finite, or clusters and domains are not whole numbers, one for each answer.

    Examples
    --------
    Pairs that agree completely and a way without any agreement: two answers count for one.

    >>> correlation, effect = crossed_design_effects(
    ...     np.array([1.0, 1.0, 5.0, 5.0]), [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])], np.zeros(4, dtype=int)
    ... )
    >>> correlation.tolist(), effect.tolist()
    ([1.0, 0.0], [2.0])
    """
    values = numbers(values, "values", ndim=1)
    domain = whole_numbers(domain, "domain", shape=values.shape, low=0)
    correlations, effect = [], np.ones(int(domain.max()) + 1)
    for cluster in clusters:
        cluster = whole_numbers(cluster, "clusters", shape=values.shape, low=0)
        alone = len(np.unique(cluster)) == len(cluster)
        correlation = 0.0 if alone else intraclass_correlation(values, cluster, domain)
        correlations.append(correlation)
        if not correlation:
            continue
        effect += cluster_design_effects(cluster, domain, correlation) - 1.0
    return np.array(correlations), effect
