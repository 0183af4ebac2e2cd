r"""Polychoric correlations of ordered answers by two-step maximum likelihood (Olsson 1979, *Psychometrika* 44, 443).

Two answers cut two normal variables with correlation ρ at thresholds that follow from the margins,
:math:`\tau_k = \Phi^{-1}(F_k)`. Given these, ρ maximises :math:`\sum_{ij} n_{ij} \log \pi_{ij}(\rho)` with the cell
probabilities of the bivariate normal distribution. All pairs of items are fitted at once, by Fisher scoring in
:math:`\operatorname{artanh} \rho`, because :math:`\partial \Phi_2 / \partial \rho = \varphi_2` is known in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.special import ndtr, ndtri

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import InputError

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(24)
FARTHEST = 0.9995
"""Largest correlation that is looked for: beyond it a table says only that it is larger."""

FAR = 8.0
"""What stands for an infinite threshold."""

STEPS = 60
STILL = 1e-7
LEAST = 1e-12
"""Least probability of a cell."""


@dataclass(frozen=True)
class Polychoric:
    """Correlations of pairs, ``(pairs,)``, with standard errors given the thresholds, and whether each has converged.

    A pair of which one item never varies has no correlation: NaN.
    """

    rho: np.ndarray
    error: np.ndarray
    converged: np.ndarray


def bivariate_normal(first: np.ndarray, second: np.ndarray, rho: np.ndarray) -> np.ndarray:
    r"""Return :math:`P(X \le h, Y \le k)` of a bivariate normal distribution, arrays that broadcast.

    .. math:: \Phi_2 = \Phi(h)\Phi(k) + \frac{1}{2\pi} \int_0^{\arcsin\rho}
       \exp\!\left(-\frac{h^2 + k^2 - 2hk\sin\theta}{2\cos^2\theta}\right) d\theta

    by Gauss–Legendre quadrature with 24 nodes (Drezner & Wesolowsky 1990): the error is below 1e-9 for
    :math:`|\rho| \le 0.9`.

    Examples
    --------
    >>> round(float(bivariate_normal(np.array(0.0), np.array(0.0), np.array(0.5))), 9)
    0.333333333
    """
    first, second, rho = np.broadcast_arrays(first, second, rho)
    half = np.arcsin(rho)[..., None] / 2
    angle = half * (1 + NODES)
    sine, square = np.sin(angle), np.cos(angle) ** 2
    sum_of_squares, product = (first**2 + second**2)[..., None], (first * second)[..., None]
    integrand = np.exp((product * sine - sum_of_squares / 2) / square)
    return ndtr(first) * ndtr(second) + (half * integrand) @ NODE_WEIGHTS / (2 * np.pi)


def thresholds_of(counts: np.ndarray) -> np.ndarray:
    """Return the thresholds of answers, ``(…, categories - 1)``, from counts or shares ``(…, categories)``."""
    total = counts.sum(axis=-1, keepdims=True)
    share = np.cumsum(counts, axis=-1)[..., :-1] / np.where(total > 0, total, np.nan)
    return np.clip(ndtri(np.clip(share, 0.0, 1.0)), -FAR, FAR)


def cell_probabilities(rows: np.ndarray, columns: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return the probabilities of all cells, ``(pairs, categories, categories)``, from thresholds and correlations."""
    at = _corners(ndtr(rows), ndtr(columns))
    at[:, 1:-1, 1:-1] = bivariate_normal(rows[:, :, None], columns[:, None, :], rho[:, None, None])
    return np.clip(np.diff(np.diff(at, axis=1), axis=2), LEAST, None)


def polychoric(tables: np.ndarray, start: np.ndarray | None = None, still: float = STILL) -> Polychoric:
    """Return the polychoric correlation of each table.

    Parameters
    ----------
    tables
        ``(pairs, categories, categories)``: counts, whole or weighted, answers in rising order.
    start
        ``(pairs,)``: correlations to start from, where they are about known.
    still
        Step in artanh ρ at which the search ends; replicates of an interval need less than their estimate.

    Raises
    ------
    InputError
        If a count is negative or not finite.

    Examples
    --------
    The table of Olsson (1979), who reports 0.49:

    >>> table = np.array([[[13, 6, 0], [69, 113, 22], [41, 132, 104]]])
    >>> round(float(polychoric(table).rho[0]), 2)
    0.49
    """
    counts = numbers(tables, "tables", ndim=3, low=0.0)
    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    known = ((rows > 0).sum(axis=1) > 1) & ((columns > 0).sum(axis=1) > 1)
    above, left = (
        thresholds_of(np.where(known[:, None], rows, 1.0)),
        thresholds_of(np.where(known[:, None], columns, 1.0)),
    )
    z = np.zeros(len(counts)) if start is None else np.arctanh(np.clip(start, -0.98, 0.98))
    most = np.arctanh(FARTHEST)
    done = np.zeros(len(counts), dtype=bool)
    information, pace, before = np.ones(len(counts)), np.ones(len(counts)), np.zeros(len(counts))
    for _ in range(STEPS):
        live = np.flatnonzero(~done)
        rho = np.tanh(z[live])
        probability = cell_probabilities(above[live], left[live], rho)
        slope = _density_differences(above[live], left[live], rho)
        score = (counts[live] / probability * slope).sum(axis=(1, 2))
        information[live] = counts[live].sum(axis=(1, 2)) * (slope**2 / probability).sum(axis=(1, 2))
        inner = 1 - rho**2
        step = np.clip(score / np.maximum(information[live] * inner, 1e-12), -0.5, 0.5)
        # Where the normal does not fit, expected information may be too small: a step back is taken half as far.
        pace[live] = np.where(step * before[live] < 0, pace[live] / 2, pace[live])
        before[live] = step
        step = step * pace[live]
        z[live] = np.clip(z[live] + step, -most, most)
        done[live] = (np.abs(step) < still) | ((np.abs(z[live]) >= most) & (np.sign(step) == np.sign(z[live])))
        if done.all():
            break
    error = 1 / np.sqrt(np.maximum(information, 1e-300))
    return Polychoric(np.where(known, np.tanh(z), np.nan), np.where(known, error, np.nan), done & known)


def _corners(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return distribution functions at all corners of the cells with the margins in their places."""
    at = np.zeros((len(rows), rows.shape[1] + 2, columns.shape[1] + 2))
    at[:, 1:-1, -1], at[:, -1, 1:-1], at[:, -1, -1] = rows, columns, 1.0
    return at


def _density_differences(rows: np.ndarray, columns: np.ndarray, rho: np.ndarray) -> np.ndarray:
    inner = (1 - rho**2)[:, None, None]
    h, k, r = rows[:, :, None], columns[:, None, :], rho[:, None, None]
    density = np.zeros((len(rows), rows.shape[1] + 2, columns.shape[1] + 2))
    density[:, 1:-1, 1:-1] = np.exp(-(h**2 + k**2 - 2 * r * h * k) / (2 * inner)) / (2 * np.pi * np.sqrt(inner))
    return np.diff(np.diff(density, axis=1), axis=2)


@dataclass(frozen=True)
class PairTables:
    """Tables of all pairs of items, by group of respondents: sums of groups are tables of their union.

    Attributes
    ----------
    counts
        ``(groups, pairs, categories, categories)``.
    pairs
        ``(pairs, 2)``: positions of the items.
    items
        How many items there are.
    """

    counts: np.ndarray
    pairs: np.ndarray
    items: int

    def total(self, times: np.ndarray | None = None) -> np.ndarray:
        """Return the tables of all groups together, each taken so many times."""
        return self.counts.sum(axis=0) if times is None else np.tensordot(times, self.counts, axes=1)

    def matrix(self, values: np.ndarray) -> np.ndarray:
        """Return numbers of pairs, ``(…, pairs)``, as symmetric matrices with ones in the diagonal."""
        found = np.zeros((*values.shape[:-1], self.items, self.items))
        found[..., self.pairs[:, 0], self.pairs[:, 1]] = values
        found += np.swapaxes(found, -1, -2)
        found[..., np.arange(self.items), np.arange(self.items)] = 1.0
        return found


def pair_tables(codes: np.ndarray, weights: np.ndarray, group: np.ndarray, groups: int) -> PairTables:
    """Count the answers of all pairs of items, by group.

    Parameters
    ----------
    codes
        ``(respondents, items)``: 0, 1, … in rising order of the answer; -1 = not answered.
    weights
        ``(respondents,)``, not negative.
    group
        ``(respondents,)``: 0 … groups - 1.
    groups
        How many groups there are.

    Raises
    ------
    InputError
        If there are fewer than two items.
    """
    rows, items = codes.shape
    if items < 2:
        raise InputError("too few items for a correlation", found=items, expected="at least 2")
    categories = int(codes.max(initial=1)) + 1
    pairs = np.array(list(combinations(range(items), 2)))
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(groups + 1))
    answered = (codes[order, :, None] == np.arange(categories)).astype(float).reshape(rows, -1)
    heavy = answered * weights[order, None]
    counts = np.zeros((groups, len(pairs), categories, categories))
    for one in range(groups):
        mine = slice(ends[one], ends[one + 1])
        cross = (heavy[mine].T @ answered[mine]).reshape(items, categories, items, categories)
        counts[one] = cross.swapaxes(1, 2)[pairs[:, 0], pairs[:, 1]]
    return PairTables(counts, pairs, items)


def nearest_correlation(matrix: np.ndarray, least: float = 1e-3) -> tuple[np.ndarray, bool]:
    """Return a correlation matrix whose eigenvalues are at least ``least``, and whether it had to be changed.

    Correlations that were estimated pair by pair need not belong together; smaller eigenvalues are raised and the
    diagonal is made one again.

    Examples
    --------
    >>> nearest_correlation(np.array([[1.0, 0.5], [0.5, 1.0]]))[1]
    False
    """
    values, vectors = np.linalg.eigh(matrix)
    if values.min() >= least:
        return matrix, False
    raised = (vectors * np.maximum(values, least)) @ vectors.T
    scale = np.sqrt(np.diag(raised))
    return raised / np.outer(scale, scale), True
