r"""Reliability of a set of items from their correlations: alpha and omega, for many matrices at once.

:math:`\alpha = \frac{k}{k-1}\left(1 - \frac{k}{\mathbf 1^\top R \mathbf 1}\right)` (Cronbach 1951; *ordinal* alpha if R
holds polychoric correlations, Zumbo, Gadermann & Zeisser 2007), and
:math:`\omega = (\sum \lambda_j)^2 / \{(\sum \lambda_j)^2 + \sum (1 - \lambda_j^2)\}` with the loadings of one factor
(McDonald 1999), found by least squares of the correlations (iterated principal axes). Ordinal versions are the
reliability of the sum of the *latent* answers; that of the observed answers is a little lower.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import InputError

ROUNDS = 200
STILL = 1e-7


def alpha(matrix: np.ndarray) -> np.ndarray:
    """Return alpha of covariances or correlations, ``(…,)`` of ``(…, items, items)``.

    Raises
    ------
    InputError
        With fewer than two items.

    Examples
    --------
    >>> round(float(alpha(np.array([[1.0, 0.5], [0.5, 1.0]]))), 4)
    0.6667
    """
    matrix = _matrices(matrix)
    k = matrix.shape[-1]
    return k / (k - 1) * (1 - np.einsum("...jj->...", matrix) / matrix.sum(axis=(-2, -1)))


def one_factor(matrix: np.ndarray) -> np.ndarray:
    """Return the loadings of one factor on correlations, ``(…, items)``, by least squares; the sum is positive.

    With two items nothing but their correlation is known, and both get its root.

    Examples
    --------
    >>> loading = np.array([0.9, 0.7, 0.5])
    >>> found = one_factor(np.outer(loading, loading) + np.diag(1 - loading**2))
    >>> found.round(4).tolist()
    [0.9, 0.7, 0.5]
    """
    matrix = _matrices(matrix)
    k = matrix.shape[-1]
    diagonal = np.arange(k)
    if k == 2:
        root = np.sqrt(np.clip(matrix[..., 0, 1], 0.0, None))
        return np.stack([root, root], axis=-1)
    off = np.where(np.eye(k, dtype=bool), 0.0, np.abs(matrix))
    communality = np.clip(off.max(axis=-1), 0.05, 0.95)
    loading = np.zeros(matrix.shape[:-1])
    for _ in range(ROUNDS):
        reduced = matrix.copy()
        reduced[..., diagonal, diagonal] = communality
        values, vectors = np.linalg.eigh(reduced)
        loading = vectors[..., -1] * np.sqrt(np.clip(values[..., -1], 0.0, None))[..., None]
        renewed = np.clip(loading**2, 0.0, 0.999)
        if np.abs(renewed - communality).max() < STILL:
            break
        communality = renewed
    loading = np.clip(loading, -0.9995, 0.9995)
    sign = np.sign(loading.sum(axis=-1, keepdims=True))
    return loading * np.where(sign == 0, 1.0, sign)


def omega(matrix: np.ndarray) -> np.ndarray:
    """Return omega of correlations, ``(…,)`` of ``(…, items, items)``.

    Examples
    --------
    >>> loading = np.array([0.8, 0.8, 0.8])
    >>> round(float(omega(np.outer(loading, loading) + np.diag(1 - loading**2))), 4)
    0.8421
    """
    loading = one_factor(matrix)
    common = loading.sum(axis=-1) ** 2
    return common / (common + (1 - loading**2).sum(axis=-1))


def _matrices(matrix: np.ndarray) -> np.ndarray:
    matrix = numbers(matrix, "matrix")
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2] or matrix.shape[-1] < 2:
        raise InputError("matrix: no correlations of two or more items", found=matrix.shape)
    return matrix
