r"""Analytic hierarchy process on plain arrays: from pairwise judgements to weights.

A judgement matrix :math:`A` (n × n) holds on Saaty's scale 1/9 … 9 how much the row outweighs the column;
:math:`a_{ji} = 1 / a_{ij}`, :math:`a_{ii} = 1`. It is consistent when :math:`a_{ik} = a_{ij} a_{jk}`. NaN stands for a
judgement that was not made; :func:`complete` fills it in before weights are computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from maternal_eval.core.arguments import numbers, whole_numbers
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.methods.judgement_information import least_squares

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
Process*, table 1.2). For n = 1 and 2 every reciprocal matrix is consistent.

This classic table is used throughout, since published ratios rest on it. Larger simulations give other values (Alonso &
Lamata 2006, *Int. J. Uncertainty, Fuzziness and Knowledge-Based Systems* 14): 0.5245 for n = 3, so that ratios here are
10 % smaller, and 1.5365 for n = 12, where the table falls below its neighbours, so that they are 4 % larger."""

_LARGEST_NUMBER_OF_STEPS = 2000
_SMALLEST_STEP = 1e-13
_SETTLED = 1e-8
"""Relative change of a completed judgement at which the steps may end: the eigenvectors hold more digits than this."""


def reciprocal_matrix(judgements: np.ndarray, count: int, incomplete: bool = False) -> np.ndarray:
    """Return the reciprocal matrices of judgements on the pairs above the diagonal.

    Parameters
    ----------
    judgements
        ``(..., count (count - 1) / 2)``, in the order (0, 1), (0, 2), …, (1, 2), …; each in [1/9, 9] and says
        how much the first element of the pair outweighs the second.
    count
        Number of elements that are compared.
    incomplete
        Whether NaN may stand for a judgement that was not made.

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
    if not np.all((judgements >= SMALLEST) & (judgements <= LARGEST) | (incomplete & np.isnan(judgements))):
        raise ValueError("a judgement lies off the scale 1/9 … 9")
    matrix = np.ones((*judgements.shape[:-1], count, count))
    matrix[..., rows, columns] = judgements
    matrix[..., columns, rows] = 1.0 / judgements
    return matrix


def is_linked(matrix: np.ndarray) -> bool:
    """Return whether the judgements of one matrix, n × n, lead from every element to every other."""
    return bool(connected_components(~np.isnan(matrix), directed=False)[0] == 1)


def complete(matrices: np.ndarray) -> np.ndarray:
    r"""Return judgement matrices with missing judgements filled in by the optimal completion.

    The missing judgements are those that make :math:`\lambda_{\max}`, and with it the consistency index, as small as
    it can be; the optimum is unique where the judgements link all elements (Bozóki, Fülöp & Rónyai 2010,
    *Mathematical and Computer Modelling* 52). There the derivatives of the eigenvalue vanish, which with the right
    and left principal eigenvectors w, v says :math:`a_{ij}^2 = v_j w_i / (v_i w_j)`; this is iterated from the
    log-least-squares completion. A matrix whose judgements agree with weights is completed with their ratios.

    Parameters
    ----------
    matrices
        ``(..., n, n)`` reciprocal, NaN where a pair was not judged.

    Raises
    ------
    ValueError
        If the judgements of a matrix do not link all elements.
    DiagnosticsError
        If the steps do not converge.
    """
    matrices = np.array(matrices, dtype=float)
    for place in np.argwhere(np.isnan(matrices).any(axis=(-1, -2))):
        matrices[tuple(place)] = _optimal(matrices[tuple(place)])
    return matrices


def _optimal(matrix: np.ndarray) -> np.ndarray:
    if not is_linked(matrix):
        raise ValueError("the judgements do not link all elements")
    missing = np.isnan(matrix)
    rows, columns = np.nonzero(missing)
    logs = least_squares(matrix[None]).log_weights[0]
    filled = np.where(missing, np.exp(logs[:, None] - logs), matrix)
    for _ in range(_LARGEST_NUMBER_OF_STEPS):
        right, left = eigenvector_weights(filled), eigenvector_weights(filled.T)
        step = np.sqrt(left[columns] * right[rows] / (left[rows] * right[columns]))
        change = np.abs(np.log(step / filled[rows, columns])).max()
        filled[rows, columns] = step
        if change < _SMALLEST_STEP:
            break
    if not change < _SETTLED:
        raise DiagnosticsError(
            f"the completion of the missing judgements did not converge: after {_LARGEST_NUMBER_OF_STEPS} steps they "
            f"still change by {change:.1e} of themselves"
        )
    return filled


def principal_eigenvalue(matrix: np.ndarray) -> np.ndarray:
    r"""Return :math:`\lambda_{\max}` of positive matrices ``(..., n, n)``; n for a consistent one, else larger."""
    matrix = _judged(matrix)
    return np.linalg.eigvals(matrix).real.max(axis=-1)


def eigenvector_weights(matrix: np.ndarray) -> np.ndarray:
    r"""Return the principal right eigenvector, :math:`A w = \lambda_{\max} w`, scaled to sum 1.

    Takes ``(..., n, n)`` positive matrices and gives ``(..., n)`` positive weights; larger is more important
    (Saaty 1977, *Journal of Mathematical Psychology* 15).

    Raises
    ------
    InputError
        If a matrix is not square, or a number in it is not positive and finite.

    Examples
    --------
    >>> eigenvector_weights(np.array([[1, 3], [1 / 3, 1]])).round(6).tolist()
    [0.75, 0.25]
    """
    matrix = _judged(matrix)
    values, vectors = np.linalg.eig(np.asarray(matrix, dtype=float))
    largest = values.real.argmax(axis=-1)[..., None, None]
    principal = np.abs(np.take_along_axis(vectors, largest, axis=-1)[..., 0].real)
    return principal / principal.sum(axis=-1, keepdims=True)


def geometric_weights(matrix: np.ndarray) -> np.ndarray:
    r"""Return the row geometric means, :math:`w_i \propto (\prod_j a_{ij})^{1/n}`, scaled to sum 1.

    They minimise :math:`\sum_{ij} (\log a_{ij} - \log w_i + \log w_j)^2` (Crawford & Williams 1985,
    *Journal of Mathematical Psychology* 29). Shapes as in :func:`eigenvector_weights`.

    Raises
    ------
    InputError
        If a matrix is not square, or a number in it is not positive and finite.
    """
    matrix = _judged(matrix)
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


def random_index(count: int, missing: np.ndarray | int = 0) -> np.ndarray:
    r"""Return the mean consistency index of random matrices, optimally completed where judgements are missing.

    :math:`RI_{n,m} = RI_n \bigl(1 - \frac{2m}{(n-1)(n-2)}\bigr)`: it falls nearly linearly with the number m of missing
    judgements, to zero for a tree, which cannot contradict itself (Ágoston & Csató 2022, *Omega* 108).

    Raises
    ------
    ValueError
        For n > 15, where Saaty's table ends.
    """
    if count > len(RANDOM_INDEX):
        raise ValueError(f"the random index is tabulated to n = {len(RANDOM_INDEX)}, the matrix has n = {count}")
    cycles = (count - 1) * (count - 2) / 2
    return RANDOM_INDEX[count - 1] * (1 - np.asarray(missing) / max(cycles, 1.0))


def consistency_ratio(matrix: np.ndarray, missing: np.ndarray | int = 0) -> np.ndarray:
    """Return CR = CI / :func:`random_index`; smaller is better, at most 0.10 is acceptable.

    Takes complete matrices ``(..., n, n)`` and gives ``(...)``; 0 where a contradiction is impossible (n ≤ 2, or
    judgements that form a tree).

    Parameters
    ----------
    matrix
        Judgements, where some were missing after :func:`complete`.
    missing
        How many judgements were filled in, ``(...)`` or one number.

    Raises
    ------
    ValueError
        For n > 15, where Saaty's table ends.
    """
    random = random_index(np.shape(matrix)[-1], missing)
    index = consistency_index(matrix)
    return np.divide(index, random, out=np.zeros_like(index), where=np.broadcast_to(random > 1e-12, index.shape))


def geometric_consistency_index(matrix: np.ndarray) -> np.ndarray:
    r"""Return the geometric consistency index; 0 is consistent, larger is worse.

    :math:`GCI = \frac{2}{(n-1)(n-2)} \sum_{i<j} (\log a_{ij} - \log w_i + \log w_j)^2` with the row geometric
    means w. A ratio CR of 0.10 corresponds to 0.31 (n = 3), 0.35 (n = 4) and 0.37 (n > 4) (Aguarón &
    Moreno-Jiménez 2003, *European Journal of Operational Research* 147). It is the residual variance of log least
    squares, sum of squares over degrees of freedom, and as such is defined for incomplete matrices too. 0 where
    there are no degrees of freedom (n ≤ 2, or judgements that form a tree).
    """
    matrix = np.asarray(matrix, dtype=float)
    found = least_squares(matrix.reshape(-1, *matrix.shape[-2:]))
    variance = np.divide(found.squares, found.freedom, out=np.zeros_like(found.squares), where=found.freedom > 0)
    return variance.reshape(matrix.shape[:-2])


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
        One judgement matrix, n × n; w are its eigenvector weights (Saaty 1980, section 3.5), of the optimal
        completion where judgements are missing.
    """
    count = matrix.shape[-1]
    if count < 3:
        return None
    weights = eigenvector_weights(complete(matrix))
    rows, columns = np.triu_indices(count, 1)
    worst = int(np.nanargmax(np.abs(_log_errors(matrix, weights)[rows, columns])))
    row, column = int(rows[worst]), int(columns[worst])
    return WorstJudgement(row, column, float(matrix[row, column]), float(weights[row] / weights[column]))


def aggregate_judgements(matrices: np.ndarray) -> np.ndarray:
    """Return the group's matrix: the geometric mean of the experts' judgements, cell by cell.

    Takes ``(experts, n, n)`` and gives ``(n, n)``. The geometric mean is the only one that keeps the matrix
    reciprocal (Aczél & Saaty 1983, *Journal of Mathematical Psychology* 27).

    Raises
    ------
    InputError
        If a matrix is not square, or a number in it is not positive and finite.
    """
    matrices = _judged(matrices)
    return np.exp(np.log(matrices).mean(axis=0))


def aggregate_priorities(weights: np.ndarray) -> np.ndarray:
    """Return the group's weights: the geometric mean over experts, ``(experts, n)`` to ``(n,)``, scaled to sum 1.

    (Forman & Peniwati 1998, *European Journal of Operational Research* 108.)

    Raises
    ------
    InputError
        If a weight is not positive and finite.
    """
    weights = numbers(weights, "weights", ndim=2, above=0.0)
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

    Raises
    ------
    InputError
        If a weight is not positive and finite, or a dimension is unknown.

    Examples
    --------
    >>> global_weights(np.array([0.6, 0.4]), np.array([1.0, 3.0, 5.0]), np.array([0, 0, 1])).round(3).tolist()
    [0.15, 0.45, 0.4]
    """
    dimension_weights = numbers(dimension_weights, "dimension_weights", above=0.0)
    within = numbers(within, "within", above=0.0)
    last = dimension_weights.shape[-1] - 1
    dimension = whole_numbers(dimension, "dimension", shape=within.shape[-1:], low=0, high=last)
    membership = np.asarray(dimension)[:, None] == np.arange(np.shape(dimension_weights)[-1])
    totals = within @ membership
    products = np.asarray(dimension_weights)[..., dimension] * within / totals[..., dimension]
    return products / products.sum(axis=-1, keepdims=True)


def _log_errors(matrix: np.ndarray, weights: np.ndarray) -> np.ndarray:
    logs = np.log(weights)
    return np.log(matrix) - logs[..., :, None] + logs[..., None, :]


def _judged(matrix: np.ndarray) -> np.ndarray:
    """Return square matrices (..., n, n) of positive numbers, as arrays."""
    matrix = numbers(matrix, "matrix", above=0.0)
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise InputError("matrix: not square", found=matrix.shape, expected="(…, n, n)")
    return matrix
