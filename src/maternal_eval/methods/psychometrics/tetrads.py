r"""What the other items say about a pair: its correlation predicted without itself.

With one factor per group of items, :math:`r_{ij} = \lambda_i \lambda_j \phi`, and other items k, l give the same
product (Spearman's vanishing tetrads): :math:`r_{ik} r_{jl} / r_{kl}` for a pair of one group, with k of that group and
l another item of it, or any other where it has none; :math:`r_{il} r_{jk} / r_{kl}` for a pair of two groups, with k of
the group of i and l of that of j. Sums in numerator and denominator weigh the tetrads. A fitted factor would follow a
pair that says the same and hide it; this does not.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers


def predicted_by_others(matrix: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the correlation of each pair that the other items predict.

    Parameters
    ----------
    matrix
        ``(items, items)``: correlations.
    groups
        ``(items,)``: group of each item, 0, 1, ….

    Returns
    -------
    numpy.ndarray
        ``(items, items)``, symmetric; NaN where no other items tell (a group of one or two items), 1 in the diagonal.

    Examples
    --------
    >>> loading = np.array([0.9, 0.8, 0.6, 0.7])
    >>> r = np.outer(loading, loading)
    >>> r[0, 1] = r[1, 0] = 0.95
    >>> round(float(predicted_by_others(r, np.zeros(4, dtype=int))[0, 1]), 4)
    0.72
    """
    groups = whole_numbers(groups, "groups", ndim=1, low=0)
    r = numbers(matrix, "matrix", shape=(len(groups), len(groups)))
    found = np.eye(len(groups))
    every = np.arange(len(groups))
    for one in every:
        for two in every[:one]:
            sums = np.zeros(2)
            for i, j in ((one, two), (two, one)):
                rest = every[(every != i) & (every != j)]
                first, second = rest[groups[rest] == groups[i]], rest[groups[rest] == groups[j]]
                if groups[i] != groups[j]:
                    product = np.outer(r[j, first], r[i, second])
                else:
                    second = second if len(second) > 1 else rest
                    product = np.outer(r[i, first], r[j, second])
                apart = first[:, None] != second[None, :]
                sums += (product * apart).sum(), (r[np.ix_(first, second)] * apart).sum()
            found[one, two] = found[two, one] = sums[0] / sums[1] if sums[1] > 0 else np.nan
    return found
