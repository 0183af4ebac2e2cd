r"""How much of a composite's variation goes with each of its parts, on plain arrays.

A weight is what a part is meant to count; its importance is what it does. For a composite :math:`y = \sum_i w_i x_i`
over units the importance of part i is the share of the variance of y that x_i explains (Paruolo, Saisana & Saltelli
2013, *JRSS A* 176):

.. math:: S_i = \frac{\operatorname{Var}(E[y \mid x_i])}{\operatorname{Var}(y)},

the correlation ratio; in its linear form the squared correlation of y and x_i. With uncorrelated parts the S_i add up
to 1; with correlated ones to more, since each carries what it shares with others. Normalised to the sum 1 they are held
against the weights (Becker, Saisana, Paruolo & Vandecasteele 2017, *Ecological Indicators* 80).

An unanswered part hands its weight to its siblings, which is the same as giving it their weighted mean
(:func:`fill_unanswered`). The importance of a part is measured on the units that answered it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_smoothing_spline
from scipy.special import softmax

from maternal_eval.core.arguments import numbers, whole_numbers
from maternal_eval.core.errors import InputError
from maternal_eval.methods.optimise import fit_residuals

MOST_LEVELS = 12
"""A part with at most so many different values is taken level by level; one with more is smoothed."""

GROUPS = 60
"""Groups of neighbouring values that a smoother works on; their means lose next to nothing of a smooth curve."""

FEWEST_GROUPS = 5
"""What scipy's smoothing spline needs."""


def fill_unanswered(values: np.ndarray, weights: np.ndarray, dimension: np.ndarray | None = None) -> np.ndarray:
    """Return values without gaps, so that their weighted mean is the composite with renormalised weights.

    Parameters
    ----------
    values
        Units × parts; NaN where not answered.
    weights
        ``(parts,)``, not negative.
    dimension
        ``(parts,)`` position of each part's dimension; one dimension if not given.

    Returns
    -------
    numpy.ndarray
        A gap holds the weighted mean of the answered siblings, or of the other dimensions' means where none is
        answered. A unit without any answer stays NaN.

    Raises
    ------
    InputError
        If a weight is negative or not finite, a value infinite, or lengths do not agree.
    """
    values = numbers(values, "values", ndim=2, missing=True)
    weights = numbers(weights, "weights", shape=(values.shape[1],), low=0.0)
    if dimension is not None:
        dimension = whole_numbers(dimension, "dimension", shape=weights.shape, low=0)
    values, weights = np.asarray(values, dtype=float), np.asarray(weights, dtype=float)
    place = np.zeros(len(weights), dtype=int) if dimension is None else np.asarray(dimension)
    membership = (place[:, None] == np.arange(place.max() + 1)).astype(float)
    answered = ~np.isnan(values)
    known = answered @ (weights[:, None] * membership)
    sums = np.where(answered, values, 0.0) @ (weights[:, None] * membership)
    means = np.divide(sums, known, out=np.full(sums.shape, np.nan), where=known > 0)
    of_dimension = np.where(np.isnan(means), 0.0, weights @ membership)
    total = of_dimension.sum(axis=1)
    overall = np.divide(
        (of_dimension * np.nan_to_num(means)).sum(axis=1), total, out=np.full(len(values), np.nan), where=total > 0
    )
    means = np.where(np.isnan(means), overall[:, None], means)
    return np.where(answered, values, means[:, place])


@dataclass(frozen=True)
class LinearImportance:
    r"""Squared correlations of the composite with its parts, as a function of the weights.

    :math:`S_i(w) = (c_i' w)^2 / (v_i\, w' C_i w)` with :math:`c_i` the covariances of x_i with all parts, :math:`v_i`
    its variance and :math:`C_i` the covariance matrix of the parts, all over the units that answered i.
    """

    cross: np.ndarray
    spread: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(
        cls,
        values: np.ndarray,
        weights: np.ndarray,
        survey: np.ndarray | None = None,
        dimension: np.ndarray | None = None,
    ) -> LinearImportance:
        """Return the importance function of units × parts; gaps are filled under ``weights``.

        ``survey`` weighs the units. A part that does not vary has no importance.

        Raises
        ------
        InputError
            As :func:`fill_unanswered`, or if a survey weight is negative or not finite.
        """
        if survey is not None:
            survey = numbers(survey, "survey", shape=(len(values),), low=0.0)
        filled = fill_unanswered(values, weights, dimension)
        mass = np.ones(len(values)) if survey is None else np.asarray(survey, dtype=float)
        usable = np.isfinite(filled).all(axis=1)
        answered = np.isfinite(values) & usable[:, None]
        filled = np.where(usable[:, None], filled, 0.0)
        cross, spread, covariance = [], [], []
        for part in range(filled.shape[1]):
            rows = answered[:, part] & (mass > 0)
            of_rows = filled[rows]
            share = mass[rows] / mass[rows].sum() if rows.any() else mass[rows]
            centred = of_rows - share @ of_rows
            matrix = (share[:, None] * centred).T @ centred
            cross.append(matrix[part])
            spread.append(matrix[part, part])
            covariance.append(matrix)
        return cls(np.array(cross), np.array(spread), np.array(covariance))

    def at(self, weights: np.ndarray) -> np.ndarray:
        """Return S_i for weights ``(parts,)``; 0 where a part does not vary."""
        variance = np.einsum("iab,a,b->i", self.covariance, weights, weights)
        scale = self.spread * variance
        return np.divide((self.cross @ weights) ** 2, scale, out=np.zeros_like(scale), where=scale > 1e-15)

    def shares(self, weights: np.ndarray) -> np.ndarray:
        """Return S_i normalised to the sum 1; NaN where nothing varies."""
        importance = self.at(weights)
        total = importance.sum()
        return importance / total if total > 0 else np.full(len(importance), np.nan)


def effective_weights(
    values: np.ndarray,
    weights: np.ndarray,
    survey: np.ndarray | None = None,
    dimension: np.ndarray | None = None,
) -> np.ndarray:
    """Return what the weights effectively are: the linear importances of the parts, normalised to the sum 1.

    Parameters
    ----------
    values
        Units × parts, larger is better; NaN = not answered.
    weights
        ``(parts,)`` nominal weights, not negative.
    survey
        ``(units,)`` survey weights; all equal if not given.
    dimension
        ``(parts,)`` position of each part's dimension, inside which unanswered parts hand on their weight.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(100_000, 2)) * [1.0, 2.0]
    >>> effective_weights(x, np.array([0.5, 0.5])).round(2)
    array([0.2, 0.8])
    """
    return LinearImportance.of(values, weights, survey, dimension).shares(np.asarray(weights, dtype=float))


def weights_for_importance(importance: LinearImportance, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the weights whose importances come nearest to the targets, and the shares they attain.

    Minimises :math:`\sum_i (S_i(w) / \sum_j S_j(w) - t_i)^2` over the simplex, from several starts; with strongly
    correlated parts no weights attain every target, and the gap says how far they fall short.

    Parameters
    ----------
    importance
        The importance as a function of the weights.
    targets
        ``(parts,)`` wished shares, not negative, sum 1.

    Raises
    ------
    InputError
        If the targets are negative or do not sum to 1.
    """
    targets = numbers(targets, "targets", shape=importance.spread.shape, low=0.0)
    if abs(targets.sum() - 1.0) > 1e-6:
        raise InputError("targets: shares have to sum to 1", found=f"{targets.sum():.6g}")
    targets = np.asarray(targets, dtype=float)
    found = [
        fit_residuals(
            lambda logits: importance.shares(softmax(logits)) - targets,
            start,
            what="the search for weights with the wished importance",
            bounds=(-12.0, 12.0),
        )
        for start in (np.log(np.maximum(targets, 1e-5)), np.zeros(len(targets)))
    ]
    best = softmax(min(found, key=lambda one: one.cost).x)
    return best, importance.shares(best)


def own_share(values: np.ndarray, weights: np.ndarray, survey: np.ndarray, dimension: np.ndarray) -> np.ndarray:
    r"""Return the part of each linear importance that is not due to correlation with the other parts.

    With :math:`z_i` the residual of x_i after regression on all others, the own share is the squared correlation of y
    and z_i; the rest of S_i comes through the correlation with others and can be negative (Xu & Gertner 2008).
    """
    weights = np.asarray(weights, dtype=float)
    own = np.zeros(len(weights))
    covariance = LinearImportance.of(values, weights, survey, dimension).covariance
    for part, matrix in enumerate(covariance):
        others = np.arange(len(weights)) != part
        slope = np.linalg.lstsq(matrix[np.ix_(others, others)], matrix[others, part], rcond=None)[0]
        residual = np.zeros(len(weights))
        residual[part], residual[others] = 1.0, -slope
        spread, variance = residual @ matrix @ residual, weights @ matrix @ weights
        if spread > 1e-12 * matrix[part, part] and variance > 1e-15:
            own[part] = (residual @ matrix @ weights) ** 2 / (spread * variance)
    return own


def correlation_ratio(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None) -> float:
    r"""Return :math:`\eta^2 = \operatorname{Var}(E[y|x]) / \operatorname{Var}(y)`, between 0 and 1.

    Up to :data:`MOST_LEVELS` different values of x: by level, corrected for the chance variance of level means
    (epsilon squared, Kelley 1935). More: a penalised cubic spline through the means of :data:`GROUPS` groups of
    neighbouring x, its penalty by generalised cross-validation.

    Parameters
    ----------
    x, y
        ``(units,)``; pairs with a NaN are left out.
    weights
        ``(units,)``, not negative; all equal if not given.

    Returns
    -------
    float
        NaN without variation of y; 0 without variation of x.

    Raises
    ------
    InputError
        If lengths do not agree, a number is infinite, or a weight is negative or not finite.
    """
    x = numbers(x, "x", ndim=1, missing=True)
    y = numbers(y, "y", shape=x.shape, missing=True)
    if weights is not None:
        weights = numbers(weights, "weights", shape=x.shape, low=0.0)
    mass = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float)
    used = np.isfinite(x) & np.isfinite(y) & (mass > 0)
    x, y, mass = np.asarray(x, dtype=float)[used], np.asarray(y, dtype=float)[used], mass[used]
    if not len(y) or np.ptp(y) == 0:
        return float("nan")
    mean = np.average(y, weights=mass)
    total = np.average((y - mean) ** 2, weights=mass)
    # Values that differ by rounding alone are one value.
    levels, place = np.unique(np.round(x / (np.abs(x).max() or 1.0), 9), return_inverse=True)
    x = levels[place]
    smooth = len(levels) > MOST_LEVELS
    if smooth:
        edges = np.unique(np.quantile(x, np.linspace(0, 1, GROUPS + 1)[1:-1]))
        place = np.unique(np.searchsorted(edges, x, side="left"), return_inverse=True)[1]
    heft = np.bincount(place, mass)
    means = np.bincount(place, mass * y) / heft
    if smooth and len(heft) >= FEWEST_GROUPS:
        centres = np.bincount(place, mass * x) / heft
        curve = make_smoothing_spline((centres - centres[0]) / np.ptp(centres), means, heft / heft.mean())
        means = curve((centres - centres[0]) / np.ptp(centres))
        fitted = np.average((means - np.average(means, weights=heft)) ** 2, weights=heft)
        return float(np.clip(fitted / total, 0.0, 1.0))
    between = np.average((means - mean) ** 2, weights=heft)
    count = mass.sum() ** 2 / (mass**2).sum()
    if count <= len(heft):
        return float("nan")
    return float(np.clip(1.0 - (count - 1) / (count - len(heft)) * (1.0 - between / total), 0.0, 1.0))
