r"""Analytic hierarchy process on plain arrays: from pairwise judgements to weights.

A judgement matrix :math:`A` (n × n) holds on Saaty's scale 1/9 … 9 how much the row outweighs the column;
:math:`a_{ji} = 1 / a_{ij}`, :math:`a_{ii} = 1`. It is consistent when :math:`a_{ik} = a_{ij} a_{jk}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LARGEST = 9.0
"""Largest judgement on Saaty's scale."""

SMALLEST = 0.11
"""Smallest judgement: 1/9, which files may hold rounded to two places."""

ACCEPTABLE_RATIO = 0.10
"""Saaty's bound: a consistency ratio above it asks for the judgements to be revised."""

RANDOM_INDEX = (
    *(0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41),
    *(1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
)
"""Mean consistency index of random reciprocal matrices for n = 1 … 15 (Saaty 1980, *The Analytic Hierarchy
Process*, table 1.2). For n = 1 and 2 every reciprocal matrix is consistent."""


def reciprocal_matrix(judgements: np.ndarray, count: int) -> np.ndarray:
    """Return the reciprocal matrices of judgements on the pairs above the diagonal.

    Parameters
    ----------
    judgements
        ``(..., count (count - 1) / 2)``, in the order (0, 1), (0, 2), …, (1, 2), …; each in [1/9, 9] and says
        how much the first element of the pair outweighs the second.
    count
        Number of elements that are compared.

    Returns
    -------
    numpy.ndarray
        ``(..., count, count)`` with ones on the diagonal.

    Raises
    ------
    ValueError
        If the number of judgements does not fit or one is off the scale.
    """
    judgements = np.asarray(judgements, dtype=float)
    rows, columns = np.triu_indices(count, 1)
    if judgements.shape[-1] != rows.size:
        raise ValueError(f"{count} elements need {rows.size} judgements, got {judgements.shape[-1]}")
    if not np.all((judgements >= SMALLEST) & (judgements <= LARGEST)):
        raise ValueError("a judgement lies off the scale 1/9 … 9")
    matrix = np.ones((*judgements.shape[:-1], count, count))
    matrix[..., rows, columns] = judgements
    matrix[..., columns, rows] = 1.0 / judgements
    return matrix


def principal_eigenvalue(matrix: np.ndarray) -> np.ndarray:
    r"""Return :math:`\lambda_{\max}` of positive matrices ``(..., n, n)``; n for a consistent one, else larger."""
    return np.linalg.eigvals(matrix).real.max(axis=-1)


def eigenvector_weights(matrix: np.ndarray) -> np.ndarray:
    r"""Return the principal right eigenvector, :math:`A w = \lambda_{\max} w`, scaled to sum 1.

    Takes ``(..., n, n)`` positive matrices and gives ``(..., n)`` positive weights; larger is more important
    (Saaty 1977, *Journal of Mathematical Psychology* 15).

    Examples
    --------
    >>> eigenvector_weights(np.array([[1, 3], [1 / 3, 1]])).round(6).tolist()
    [0.75, 0.25]
    """
    values, vectors = np.linalg.eig(np.asarray(matrix, dtype=float))
    largest = values.real.argmax(axis=-1)[..., None, None]
    principal = np.abs(np.take_along_axis(vectors, largest, axis=-1)[..., 0].real)
    return principal / principal.sum(axis=-1, keepdims=True)


def geometric_weights(matrix: np.ndarray) -> np.ndarray:
    r"""Return the row geometric means, :math:`w_i \propto (\prod_j a_{ij})^{1/n}`, scaled to sum 1.

    They minimise :math:`\sum_{ij} (\log a_{ij} - \log w_i + \log w_j)^2` (Crawford & Williams 1985,
    *Journal of Mathematical Psychology* 29). Shapes as in :func:`eigenvector_weights`.
    """
    means = np.exp(np.log(np.asarray(matrix, dtype=float)).mean(axis=-1))
    return means / means.sum(axis=-1, keepdims=True)


WEIGHT_METHODS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "eigenvector": eigenvector_weights,
    "geometric": geometric_weights,
}
"""Ways from a judgement matrix to weights, by name."""


def consistency_index(matrix: np.ndarray) -> np.ndarray:
    r"""Return :math:`CI = (\lambda_{\max} - n) / (n - 1)`: 0 is consistent, larger is worse; 0 for n ≤ 1."""
    count = np.shape(matrix)[-1]
    if count < 2:
        return np.zeros(np.shape(matrix)[:-2])
    return np.maximum(principal_eigenvalue(matrix) - count, 0.0) / (count - 1)


def consistency_ratio(matrix: np.ndarray) -> np.ndarray:
    """Return CR = CI / :data:`RANDOM_INDEX`; smaller is better, at most 0.10 is acceptable.

    Takes ``(..., n, n)`` and gives ``(...)``; 0 for n ≤ 2, where a contradiction is impossible.

    Raises
    ------
    ValueError
        For n > 15, where Saaty's table ends.
    """
    count = np.shape(matrix)[-1]
    if count > len(RANDOM_INDEX):
        raise ValueError(f"the random index is tabulated to n = {len(RANDOM_INDEX)}, the matrix has n = {count}")
    random = RANDOM_INDEX[count - 1]
    index = consistency_index(matrix)
    return index / random if random > 0 else np.zeros_like(index)


def geometric_consistency_index(matrix: np.ndarray) -> np.ndarray:
    r"""Return the geometric consistency index; 0 is consistent, larger is worse.

    :math:`GCI = \frac{2}{(n-1)(n-2)} \sum_{i<j} (\log a_{ij} - \log w_i + \log w_j)^2` with the row geometric
    means w. A ratio CR of 0.10 corresponds to 0.31 (n = 3), 0.35 (n = 4) and 0.37 (n > 4) (Aguarón &
    Moreno-Jiménez 2003, *European Journal of Operational Research* 147). 0 for n ≤ 2.
    """
    matrix = np.asarray(matrix, dtype=float)
    count = matrix.shape[-1]
    if count < 3:
        return np.zeros(matrix.shape[:-2])
    rows, columns = np.triu_indices(count, 1)
    errors = _log_errors(matrix, geometric_weights(matrix))[..., rows, columns]
    return 2.0 / ((count - 1) * (count - 2)) * (errors**2).sum(axis=-1)


@dataclass(frozen=True)
class WorstJudgement:
    """The judgement that fits the weights least.

    ``judgement`` is what the expert said of ``row`` against ``column`` (positions), ``implied`` is the ratio of
    their weights, which all judgements together lead to.
    """

    row: int
    column: int
    judgement: float
    implied: float


def worst_judgement(matrix: np.ndarray) -> WorstJudgement | None:
    r"""Return the pair i < j with the largest :math:`|\log a_{ij} - \log w_i + \log w_j|`; None for n < 3.

    Parameters
    ----------
    matrix
        One judgement matrix, n × n; w are its eigenvector weights (Saaty 1980, section 3.5).
    """
    count = matrix.shape[-1]
    if count < 3:
        return None
    weights = eigenvector_weights(matrix)
    rows, columns = np.triu_indices(count, 1)
    worst = int(np.abs(_log_errors(matrix, weights)[rows, columns]).argmax())
    row, column = int(rows[worst]), int(columns[worst])
    return WorstJudgement(row, column, float(matrix[row, column]), float(weights[row] / weights[column]))


def aggregate_judgements(matrices: np.ndarray) -> np.ndarray:
    """Return the group's matrix: the geometric mean of the experts' judgements, cell by cell.

    Takes ``(experts, n, n)`` and gives ``(n, n)``. The geometric mean is the only one that keeps the matrix
    reciprocal (Aczél & Saaty 1983, *Journal of Mathematical Psychology* 27).
    """
    return np.exp(np.log(matrices).mean(axis=0))


def aggregate_priorities(weights: np.ndarray) -> np.ndarray:
    """Return the group's weights: the geometric mean over experts, ``(experts, n)`` to ``(n,)``, scaled to sum 1.

    (Forman & Peniwati 1998, *European Journal of Operational Research* 108.)
    """
    means = np.exp(np.log(weights).mean(axis=0))
    return means / means.sum()


def global_weights(dimension_weights: np.ndarray, within: np.ndarray, dimension: np.ndarray) -> np.ndarray:
    """Return weight of the dimension × weight within it for each indicator, scaled to sum 1.

    Parameters
    ----------
    dimension_weights
        ``(..., dimensions)``, any positive scale.
    within
        ``(..., indicators)``; scaled to sum 1 inside each dimension.
    dimension
        ``(indicators,)``: position of each indicator's dimension.

    Examples
    --------
    >>> global_weights(np.array([0.6, 0.4]), np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1])).round(3).tolist()
    [0.15, 0.45, 0.4]
    """
    membership = np.asarray(dimension)[:, None] == np.arange(np.shape(dimension_weights)[-1])
    totals = within @ membership
    products = np.asarray(dimension_weights)[..., dimension] * within / totals[..., dimension]
    return products / products.sum(axis=-1, keepdims=True)


def _log_errors(matrix: np.ndarray, weights: np.ndarray) -> np.ndarray:
    logs = np.log(weights)
    return np.log(matrix) - logs[..., :, None] + logs[..., None, :]
