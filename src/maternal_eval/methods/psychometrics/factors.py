r"""Factor models of covariances by maximum likelihood: one factor, correlated factors, and a general one beside groups.

:math:`\Sigma = \Lambda \Phi \Lambda^\top + \Psi` minimises
:math:`F = \log|\Sigma| + \operatorname{tr}(S \Sigma^{-1}) - \log|S| - p` (Jöreskog 1969, *Psychometrika* 34, 183–202);
N F is chi-squared where the model holds and the data are normal. Factor variances are one, and the correlations
:math:`\Phi = U U^\top` are kept positive definite by rows of U of length one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.optimise import minimise

FLOOR = 0.005
"""Least share of an item's variance that is its own: no item is a factor."""

FLAT = 1e-5
STOPPING = {"ftol": 1e-13, "gtol": 1e-7, "maxiter": 2000, "maxfun": 4000}
"""Largest relative gradient at the end, and when the search stops: tight, so that processors agree in four digits."""

NONE = -1
"""A loading that is zero."""


@dataclass(frozen=True)
class Structure:
    """A factor model.

    Attributes
    ----------
    name
        How it is called.
    loadings
        ``(items, factors)``: which parameter each loading is, :data:`NONE` = zero; two that are the same are equal.
    correlated
        Whether the factors correlate.
    """

    name: str
    loadings: np.ndarray
    correlated: bool

    @property
    def parameters(self) -> int:
        """Number of free parameters: loadings, correlations of factors, own variances."""
        items, factors = self.loadings.shape
        between = factors * (factors - 1) // 2 if self.correlated else 0
        return len(set(self.loadings[self.loadings != NONE].tolist())) + between + items


def one_factor_structure(groups: np.ndarray) -> Structure:
    """Return the model in which all items measure one thing."""
    return Structure("one", np.arange(len(groups))[:, None], correlated=False)


def group_structure(groups: np.ndarray) -> Structure:
    """Return the model with one factor per group, which correlate; ``groups`` holds 0, 1, … for each item.

    Raises
    ------
    InputError
        If a group has fewer than two items: one item is no factor.
    """
    loadings = _by_group(groups)
    count = loadings.shape[1]
    return Structure("groups", loadings, correlated=count > 1)


def bifactor_structure(groups: np.ndarray) -> Structure:
    """Return the model with a general factor and one per group beside it, all uncorrelated.

    Two items alone do not tell their loadings on a factor of their own apart: there they are equal.

    Raises
    ------
    InputError
        As :func:`group_structure`.
    """
    own = _by_group(groups)
    items = len(own)
    shifted = np.where(own == NONE, NONE, own + items)
    for column in shifted.T:
        mine = np.flatnonzero(column != NONE)
        if len(mine) == 2:
            column[mine] = column[mine].min()
    return Structure("bifactor", np.column_stack([np.arange(items), shifted]), correlated=False)


def _by_group(groups: np.ndarray) -> np.ndarray:
    groups = whole_numbers(groups, "groups", ndim=1, low=0)
    sizes = np.bincount(groups)
    if (sizes[sizes > 0] < 2).any():
        raise InputError("a group of one item is no factor", found=f"group {int(np.flatnonzero(sizes == 1)[0])}")
    _, place = np.unique(groups, return_inverse=True)
    at = np.arange(len(groups))
    return np.where(place[:, None] == np.arange(place.max() + 1), at[:, None], NONE)


@dataclass(frozen=True)
class FactorFit:
    """A fitted factor model.

    Attributes
    ----------
    structure
        The model.
    loadings, factors, own
        Λ, ``(items, factors)``; Φ; the diagonal of Ψ.
    implied
        Σ.
    discrepancy
        F; times the number of respondents it is chi-squared with ``freedom`` degrees of freedom.
    freedom
        Degrees of freedom.
    """

    structure: Structure
    loadings: np.ndarray
    factors: np.ndarray
    own: np.ndarray
    implied: np.ndarray
    discrepancy: float
    freedom: int

    @property
    def correlations(self) -> np.ndarray:
        """The correlations of the items that the model implies."""
        scale = np.sqrt(np.diag(self.implied))
        return self.implied / np.outer(scale, scale)

    @property
    def standardised(self) -> np.ndarray:
        """Loadings as correlations of items with factors (with uncorrelated factors), ``(items, factors)``."""
        return self.loadings / np.sqrt(np.diag(self.implied))[:, None]


def fit_factors(covariance: np.ndarray, structure: Structure) -> FactorFit:
    """Fit a factor model by maximum likelihood.

    Parameters
    ----------
    covariance
        ``(items, items)``, positive definite.
    structure
        The model.

    Raises
    ------
    InputError
        If the covariances are not positive definite, or lengths do not agree.
    DiagnosticsError
        If the search does not converge.
    """
    items = len(structure.loadings)
    s = numbers(covariance, "covariance", shape=(items, items))
    sign, logarithm = np.linalg.slogdet(s)
    if sign <= 0 or np.linalg.eigvalsh(s).min() <= 0:
        raise InputError("the covariances are not positive definite", found="an eigenvalue of at most 0")
    scale = np.sqrt(np.diag(s))
    problem = _Problem(s / np.outer(scale, scale), structure)
    what = f"the factor model {structure.name!r}"
    found = minimise(problem, problem.start(), what=what, flat=FLAT, options=STOPPING)
    loading, phi, own, _ = problem.parts(found.x)
    loading, own = loading * scale[:, None], own * scale**2
    implied = loading @ phi @ loading.T + np.diag(own)
    discrepancy = float(np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, s)) - logarithm - items)
    signs = np.where(loading.sum(axis=0) < 0, -1.0, 1.0)
    freedom = items * (items + 1) // 2 - structure.parameters
    return FactorFit(
        structure, loading * signs, phi * np.outer(signs, signs), own, implied, max(discrepancy, 0.0), freedom
    )


class _Problem:
    """The discrepancy and its gradient as a function of one vector: loadings, rows of U below the diagonal, log own."""

    def __init__(self, matrix: np.ndarray, structure: Structure) -> None:
        self.matrix, self.structure = matrix, structure
        free = structure.loadings != NONE
        names, self.place = np.unique(structure.loadings[free], return_inverse=True)
        self.free, self.count = free, len(names)
        factors = structure.loadings.shape[1]
        self.lower = np.tril_indices(factors, -1) if structure.correlated else (np.array([], int), np.array([], int))

    def start(self) -> np.ndarray:
        """Return the start: loadings of 0.6 on the first factor and 0.4 on a second one, factors that correlate."""
        first = np.zeros(self.count)
        column = np.broadcast_to(np.arange(self.free.shape[1]), self.free.shape)[self.free]
        second = (self.free.sum(axis=1)[:, None] > 1) & (np.arange(self.free.shape[1]) > 0)
        first[self.place] = np.where(second[self.free] & (column > 0), 0.4, 0.6)
        return np.concatenate([first, np.full(len(self.lower[0]), 0.4), np.full(len(self.matrix), np.log(0.5))])

    def parts(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return loadings, correlations of the factors, own variances, and the raw rows of U."""
        loading = np.zeros(self.free.shape)
        loading[self.free] = x[: self.count][self.place]
        rows = np.eye(self.free.shape[1])
        rows[self.lower] = x[self.count : self.count + len(self.lower[0])]
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        own = FLOOR + np.exp(np.clip(x[self.count + len(self.lower[0]) :], -30.0, 5.0))
        return loading, unit @ unit.T, own, rows

    def __call__(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the discrepancy (a constant apart) and its gradient."""
        loading, phi, own, rows = self.parts(x)
        implied = loading @ phi @ loading.T + np.diag(own)
        factor = np.linalg.cholesky(implied)
        inverse = np.linalg.inv(implied)
        value = 2 * float(np.log(np.diag(factor)).sum()) + float((inverse * self.matrix).sum())
        slope = inverse - inverse @ self.matrix @ inverse
        of_loading = (2 * slope @ loading @ phi)[self.free]
        gradient = np.bincount(self.place, of_loading, self.count)
        norm = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / norm
        of_unit = 2 * (loading.T @ slope @ loading) @ unit
        of_rows = (of_unit - unit * (of_unit * unit).sum(axis=1, keepdims=True)) / norm
        return value, np.concatenate([gradient, of_rows[self.lower], np.diag(slope) * (own - FLOOR)])
