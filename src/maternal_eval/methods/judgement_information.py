r"""What the judgements of a group say about log weights: least squares by expert, and the normal theory above it.

In an orthonormal basis Z of the vectors that sum to zero, :math:`\theta = Z \varphi`, an expert's log judgements are
:math:`y_e = X_e (\varphi + v_e) + \varepsilon_e` with the rows of :math:`X_e` the judged pairs. Least squares
gives an estimate :math:`b_e` and a residual sum of squares; both are sufficient. With :math:`v_e \sim N(0, \tau^2 I)`

.. math:: b_e \sim N\bigl(\varphi,\; \tau^2 I + \sigma_e^2 (X_e' X_e)^{-1}\bigr),

and a complete matrix has :math:`X_e' X_e = n I`. A flat prior of :math:`\varphi` is integrated out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_RANK = 1e-9
_BLOCK = 2_000_000


def basis(count: int) -> np.ndarray:
    """Return an orthonormal basis, count × (count - 1), of the vectors that sum to zero (Helmert's contrasts)."""
    columns = np.arange(1, count)
    upper = np.where(np.arange(count)[:, None] < columns, 1.0, 0.0)
    upper[columns, columns - 1] = -columns
    return upper / np.sqrt(columns * (columns + 1.0))


@dataclass(frozen=True)
class Balanced:
    """Every expert judged every pair.

    Attributes
    ----------
    estimates
        Experts × (n - 1): least-squares log weights in the basis.
    squares
        Residual sums of squares by expert.
    freedom
        Their degrees of freedom, (n - 1)(n - 2) / 2.
    """

    estimates: np.ndarray
    squares: np.ndarray
    freedom: np.ndarray

    @property
    def _count(self) -> int:
        return self.estimates.shape[1] + 1

    @property
    def log_weights(self) -> np.ndarray:
        """Least-squares log weights, experts × n; each row sums to zero."""
        return self.estimates @ basis(self._count).T

    @property
    def ranks(self) -> np.ndarray:
        """How many contrasts an expert's pairs determine, by expert."""
        return np.full(len(self.squares), self._count - 1.0)

    @property
    def distances(self) -> np.ndarray:
        """Squared distances of the experts' estimates from their mean, in units of the residual variance."""
        return self._count * ((self.estimates - self.estimates.mean(axis=0)) ** 2).sum(axis=1)

    def log_evidence(self, tau: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        """Return log p(estimates | tau, sigma) up to a constant: nodes × taus for ``(taus,)`` and nodes × experts."""
        dimension = self._count - 1
        precision = 1 / (tau[:, None] ** 2 + sigma[:, None, :] ** 2 / self._count)
        total = precision.sum(axis=-1)
        mean = precision @ self.estimates / total[..., None]
        spread = precision @ (self.estimates**2).sum(axis=1) - total * (mean**2).sum(axis=-1)
        return 0.5 * (dimension * (np.log(precision).sum(axis=-1) - np.log(total)) - spread)

    def conditional(self, tau: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (draws × n - 1) and a root of the covariance of phi given tau (draws) and sigma."""
        precision = 1 / (tau[:, None] ** 2 + sigma**2 / self._count)
        total = precision.sum(axis=1)
        mean = precision @ self.estimates / total[:, None]
        return mean, np.eye(self._count - 1) / np.sqrt(total)[:, None, None]


@dataclass(frozen=True)
class General:
    """Any set of judged pairs by expert.

    Attributes
    ----------
    estimates, squares, freedom
        As in :class:`Balanced`; directions that an expert's pairs say nothing about are zero in the estimates.
    values, vectors
        Eigenvalues (experts × n - 1) and eigenvectors (experts × n - 1 × n - 1) of X'X.
    """

    estimates: np.ndarray
    squares: np.ndarray
    freedom: np.ndarray
    values: np.ndarray
    vectors: np.ndarray

    @property
    def log_weights(self) -> np.ndarray:
        """Least-squares log weights, experts × n; each row sums to zero."""
        return self.estimates @ basis(self.estimates.shape[1] + 1).T

    @property
    def ranks(self) -> np.ndarray:
        """How many contrasts an expert's pairs determine, by expert."""
        return (self.values > 0).sum(axis=1).astype(float)

    @property
    def distances(self) -> np.ndarray:
        """Squared distances of the experts' estimates from their mean, in units of the residual variance."""
        rotated = np.einsum("ejk,ej->ek", self.vectors, self.estimates - self._centre)
        return (self.values * rotated**2).sum(axis=1)

    @cached_property
    def _centre(self) -> np.ndarray:
        return self.conditional(np.ones(1), np.ones((1, len(self.squares))))[0]

    def log_evidence(self, tau: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        """Return log p(estimates | tau, sigma) up to a constant: nodes × taus for ``(taus,)`` and nodes × experts."""
        size = max(1, _BLOCK // (tau.size * self.values.size))
        blocks = [sigma[start : start + size] for start in range(0, len(sigma), size)]
        return np.concatenate([self._evidence(tau[None, :], block[:, None, :]) for block in blocks])

    def conditional(self, tau: np.ndarray, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (draws × n - 1) and a root of the covariance of phi given tau (draws) and sigma."""
        _, total, linear, _ = self._moments(tau, sigma, self.estimates)
        mean = np.linalg.solve(total, linear[..., None])[..., 0]
        inverse_root = np.linalg.inv(np.linalg.cholesky(total))
        return mean, np.swapaxes(inverse_root, -1, -2)

    def _moments(
        self, tau: np.ndarray, sigma: np.ndarray, estimates: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the experts' precisions along their eigenvectors and the sums of A, A b and b'A b over experts."""
        along = self.values / (sigma[..., None] ** 2 + tau[..., None, None] ** 2 * self.values)
        rotated = np.einsum("ejk,ej->ek", self.vectors, estimates)
        dimension = self.values.shape[1]
        outer = np.einsum("eik,ejk->ekij", self.vectors, self.vectors).reshape(-1, dimension**2)
        flat = along.reshape(*along.shape[:-2], -1)
        total = (flat @ outer).reshape(*along.shape[:-2], dimension, dimension)
        linear = flat @ (self.vectors * rotated[:, None, :]).transpose(0, 2, 1).reshape(-1, dimension)
        return along, total, linear, flat @ (rotated**2).ravel()

    def _evidence(self, tau: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        # Estimates near zero lose fewer digits in the difference that the last pivot is.
        along, total, linear, square = self._moments(tau, sigma, self.estimates - self._centre)
        # The last pivot of the bordered matrix is b'A b - r'H⁻¹r: one factorisation gives determinant and square.
        bordered = np.empty((*square.shape, total.shape[-1] + 1, total.shape[-1] + 1))
        bordered[..., :-1, :-1] = total
        bordered[..., -1, :-1] = bordered[..., :-1, -1] = linear
        bordered[..., -1, -1] = square * (1 + 1e-12) + 1e-12
        pivots = np.diagonal(np.linalg.cholesky(bordered), axis1=-2, axis2=-1)
        said = np.log(along, out=np.zeros_like(along), where=along > 0).sum(axis=(-1, -2))
        return 0.5 * (said - pivots[..., -1] ** 2) - np.log(pivots[..., :-1]).sum(axis=-1)


def least_squares(matrices: np.ndarray) -> Balanced | General:
    """Return what judgement matrices say, experts × n × n, reciprocal; NaN where a pair is not judged.

    Raises
    ------
    ValueError
        If the judgements of all experts together do not link all elements.
    """
    logs = np.log(np.asarray(matrices, dtype=float))
    count = logs.shape[-1]
    contrasts = basis(count)
    rows, columns = np.triu_indices(count, 1)
    judged = logs[:, rows, columns]
    pairs = contrasts[rows] - contrasts[columns]
    if not np.isnan(judged).any():
        estimates = logs.mean(axis=2) @ contrasts
        squares = ((judged - estimates @ pairs.T) ** 2).sum(axis=1)
        return Balanced(estimates, squares, np.full(len(logs), (count - 1) * (count - 2) / 2))
    known = ~np.isnan(judged)
    products = np.einsum("ep,pi,pj->eij", known.astype(float), pairs, pairs)
    if np.linalg.matrix_rank(products.sum(axis=0), tol=_RANK) < count - 1:
        raise ValueError("the judgements do not link all elements")
    values, vectors = np.linalg.eigh(products)
    values = np.where(values > _RANK, values, 0.0)
    filled = np.where(known, judged, 0.0)
    estimates = np.stack(
        [np.linalg.lstsq(pairs[seen], said[seen], rcond=None)[0] for seen, said in zip(known, filled, strict=True)]
    )
    squares = (np.where(known, filled - estimates @ pairs.T, 0.0) ** 2).sum(axis=1)
    freedom = known.sum(axis=1) - (values > 0).sum(axis=1)
    return General(estimates, squares, freedom.astype(float), values, vectors)
