r"""Importance of correlated predictors: general dominance (LMG, Shapley) and relative weights, from covariances alone.

With the covariance matrix :math:`\Sigma` of the predictors and their covariances r with the outcome (variance v), a set
S of predictors explains :math:`c(S) = r_S^\top \Sigma_{SS}^{-1} r_S / v`, the R² of the best linear prediction. The
general dominance of a predictor (Lindeman, Merenda & Gold 1980; Budescu 1993; Grömping 2007) is its mean increment of c
over all orders in which predictors may enter: the Shapley value of c. Along ONE order all increments come from one
Cholesky factor: with :math:`L L^\top` the covariance of (predictors in that order, outcome), the increment of the
j-th is :math:`L_{y j}^2 / v`. So thousands of orders cost milliseconds where the :math:`2^{30}` sets of thirty
predictors cannot be listed; their error is said. Orders come in pairs, one the reverse of the other.

Relative weights (Johnson 2000): with predictors and outcome standardised, R the correlations,
:math:`\Lambda = R^{1/2}`, :math:`\beta = \Lambda^{-1} r`: :math:`\varepsilon_j = \sum_k \Lambda_{jk}^2 \beta_k^2`.

Both add up to R². Predictors that are copies of each other share alike; one without variance gets 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import number, numbers, whole
from maternal_eval.core.errors import InputError
from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.sensitivity.shapley import member_table, shapley_values

MOST_EXACT = 12
"""Predictors (or groups of them) up to which every set is enumerated: 2¹² worths."""

JITTER = 1e-9
"""Added to the diagonal of the correlations, so that copies have a Cholesky factor; R² changes in the ninth digit."""


@dataclass(frozen=True)
class Dominance:
    """General dominance of each predictor.

    Attributes
    ----------
    shares
        ``(p,)``: parts of R², which they add up to.
    error
        ``(p,)``: Monte-Carlo standard error; 0 where all sets were enumerated.
    """

    shares: np.ndarray
    error: np.ndarray

    @property
    def explained(self) -> float:
        """R² of all predictors together."""
        return float(self.shares.sum())


def correlations(covariance: np.ndarray, with_outcome: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return the correlation matrices of (predictors, outcome), ``(..., p + 1, p + 1)``, the outcome last.

    Parameters
    ----------
    covariance
        ``(..., p, p)``.
    with_outcome
        ``(..., p)``: covariance of each predictor with the outcome.
    variance
        ``(...)``: variance of the outcome, positive.

    Notes
    -----
    A predictor without variance is uncorrelated with everything. Predictors carry :data:`JITTER`.
    """
    spread = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    size = covariance.shape[-1]
    whole_matrix = np.zeros((*covariance.shape[:-2], size + 1, size + 1))
    whole_matrix[..., :size, :size] = covariance * scale[..., :, None] * scale[..., None, :]
    edge = with_outcome * scale / np.sqrt(variance)[..., None]
    whole_matrix[..., :size, size] = whole_matrix[..., size, :size] = edge
    place = np.arange(size)
    whole_matrix[..., place, place] = 1.0 + JITTER
    whole_matrix[..., size, size] = 1.0
    return whole_matrix


def random_orders(predictors: int, count: int, seed: Seed) -> np.ndarray:
    """Return ``count`` (made even) orders of the predictors, count × predictors; the second half reverses the first."""
    random = generator(seed)
    half = np.array([random.permutation(predictors) for _ in range((whole(count, "count", low=2) + 1) // 2)])
    return np.concatenate([half, half[:, ::-1]])


def increments(matrix: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Return what each predictor adds to R² along each order, orders × predictors.

    Parameters
    ----------
    matrix
        ``(p + 1, p + 1)``, as :func:`correlations` returns it.
    orders
        Orders × p.
    """
    size = matrix.shape[-1] - 1
    taken = np.concatenate([orders, np.full((len(orders), 1), size)], axis=1)
    permuted = matrix[taken[:, :, None], taken[:, None, :]]
    permuted[:, size, size] = 2.0  # whatever the outcome keeps to itself: the row of the factor does not change
    row = np.linalg.cholesky(permuted)[:, size, :size] ** 2
    found = np.empty_like(row)
    np.put_along_axis(found, orders, row, axis=1)
    return found


def explained_by_sets(matrix: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Return R² of every set of predictors, or of groups of them, by row number as in ``member_table``.

    Parameters
    ----------
    matrix
        ``(..., p + 1, p + 1)``, as :func:`correlations` returns it.
    groups
        ``(p,)``: number 0, 1, … of the group of each predictor; each its own if not given.

    Returns
    -------
    numpy.ndarray
        ``(2^groups, ...)``; the empty set explains 0.

    Raises
    ------
    InputError
        With more than :data:`MOST_EXACT` groups.
    """
    size = matrix.shape[-1] - 1
    group = np.arange(size) if groups is None else np.asarray(groups)
    count = int(group.max()) + 1
    if count > MOST_EXACT:
        raise InputError("too many sets to enumerate", found=count, expected=f"at most {MOST_EXACT} predictors")
    members = member_table(count)
    worth = np.zeros((len(members), *matrix.shape[:-2]))
    for place, inside in enumerate(members[1:], start=1):
        chosen = np.flatnonzero(inside[group])
        edge = matrix[..., chosen, size]
        solved = np.linalg.solve(matrix[..., chosen[:, None], chosen[None, :]], edge[..., None])[..., 0]
        worth[place] = (edge * solved).sum(axis=-1)
    return worth


def general_dominance(
    covariance: np.ndarray, with_outcome: np.ndarray, variance: float, *, orders: int = 2000, seed: Seed = 0
) -> Dominance:
    """Return the general dominance of each predictor: exact up to :data:`MOST_EXACT`, else from sampled orders.

    Parameters
    ----------
    covariance
        p × p, of the predictors; it need not have full rank.
    with_outcome
        ``(p,)``: their covariances with the outcome.
    variance
        Of the outcome, positive.
    orders, seed
        Number of sampled orders, at least 4.

    Raises
    ------
    InputError
        If shapes do not fit, the variance is not positive, or the outcome is explained beyond 1 (no covariance matrix).

    Examples
    --------
    Two predictors with correlation 0.5, of which only the first acts: half of what they share is the second's.

    >>> found = general_dominance(np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([0.6, 0.3]), 1.0)
    >>> found.shares.round(3).tolist()
    [0.315, 0.045]
    """
    covariance = numbers(covariance, "covariance", ndim=2)
    with_outcome = numbers(with_outcome, "with_outcome", shape=(len(covariance),))
    variance = number(variance, "variance", above=0.0)
    whole(orders, "orders", low=4)
    matrix = correlations(covariance, with_outcome, np.asarray(variance))
    if len(covariance) <= MOST_EXACT:
        shares = shapley_values(explained_by_sets(matrix))
        error = np.zeros(len(shares))
    else:
        along = increments(matrix, random_orders(len(covariance), orders, seed))
        half = len(along) // 2
        pairs = 0.5 * (along[:half] + along[half:])
        shares, error = pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(half)
    if shares.sum() > 1.0 + 1e-6:
        raise InputError("more than the variance is explained: no covariance matrix", found=f"{shares.sum():.3f}")
    return Dominance(shares, error)


def relative_weights(matrix: np.ndarray) -> np.ndarray:
    """Return Johnson's relative weights, ``(..., p)``, which add up to R².

    Parameters
    ----------
    matrix
        ``(..., p + 1, p + 1)``, as :func:`correlations` returns it.
    """
    values, directions = np.linalg.eigh(matrix[..., :-1, :-1])
    root = np.sqrt(np.maximum(values, 0.0))
    turned = np.einsum("...kj,...k->...j", directions, matrix[..., :-1, -1])
    inverse = np.divide(1.0, root, out=np.zeros_like(root), where=root > 10 * np.sqrt(JITTER))
    beta = np.einsum("...ij,...j->...i", directions, inverse * turned)
    loadings = np.einsum("...ij,...j,...kj->...ik", directions, root, directions)
    return np.einsum("...ik,...k->...i", loadings**2, beta**2)
