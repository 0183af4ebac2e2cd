"""Weights on the simplex that a later outcome would give: non-negative least squares, drawn towards equal weights."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls

from maternal_eval.core.arguments import number, numbers

PENALTIES = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, np.inf)
"""Strengths that are tried, in mean squares of an indicator; the last one leaves equal weights."""


def fitted_coefficients(rows: np.ndarray, response: np.ndarray, mass: np.ndarray, penalty: float) -> np.ndarray:
    r"""Return the coefficients of a composite whose weights are drawn towards equal ones.

    Minimises :math:`\sum_i m_i (y_i - x_i^\top\beta)^2 + \lambda s \sum_j (\beta_j - \bar\beta)^2` over
    :math:`\beta_j \ge 0`, with :math:`s` the mean of :math:`\sum_i m_i x_{ij}^2` over the indicators: weights
    :math:`w = \beta / \sum \beta` and the slope of the composite, :math:`\sum\beta`, at once. The penalty says nothing
    on the slope. Without a penalty it is the non-negative least squares of Lawson & Hanson (1974, *Solving Least
    Squares Problems*, ch. 23); with an infinite one all coefficients are the same.

    Parameters
    ----------
    rows, response, mass
        ``(n, J)``, ``(n,)``, ``(n,)``: indicators (larger better) and response (larger better), both as departures from
        their mean; the mass of each row, not below 0.
    penalty
        :math:`\lambda`, from 0 to infinity.

    Returns
    -------
    numpy.ndarray
        ``(J,)``, not below 0; all 0 where no composite goes with the response.

    Raises
    ------
    InputError
        If a number is not finite, a mass below 0, or the shapes do not fit.

    Examples
    --------
    >>> rows, response = np.eye(2), np.array([3.0, 1.0])
    >>> [fitted_coefficients(rows, response, np.ones(2), at).round(2).tolist() for at in (0.0, 1.0, np.inf)]
    [[3.0, 1.0], [2.5, 1.5], [2.0, 2.0]]
    """
    rows = numbers(rows, "rows", ndim=2)
    response = numbers(response, "response", shape=rows.shape[:1])
    mass = numbers(mass, "mass", shape=rows.shape[:1], low=0.0)
    items = rows.shape[1]
    if not np.isinf(penalty):
        number(penalty, "penalty", low=0.0)
    root = np.sqrt(mass)
    design, wanted = rows * root[:, None], response * root
    if np.isinf(penalty):
        together = design.sum(axis=1)
        squares = float(together @ together)
        return np.full(items, max(float(together @ wanted) / squares, 0.0) if squares > 0 else 0.0)
    scale = float((design**2).sum()) / items
    away = np.sqrt(penalty * scale) * (np.eye(items) - 1.0 / items)
    found, _ = nnls(np.vstack([design, away]), np.concatenate([wanted, np.zeros(items)]))
    return found


def as_weights(coefficients: np.ndarray) -> np.ndarray:
    """Return coefficients as weights that sum to 1; equal ones where all are 0, since nothing speaks for others.

    Examples
    --------
    >>> as_weights(np.array([3.0, 1.0])).tolist(), as_weights(np.zeros(2)).tolist()
    ([0.75, 0.25], [0.5, 0.5])
    """
    total = float(coefficients.sum())
    return coefficients / total if total > 0 else np.full(len(coefficients), 1.0 / len(coefficients))


def rolling_penalty(rows: np.ndarray, response: np.ndarray, mass: np.ndarray, period: np.ndarray) -> float:
    """Return the strength of :data:`PENALTIES` whose coefficients best predict each later period from those before it.

    Every period but the first is predicted once; the squared errors are added by mass, and of two strengths that do as
    well the larger one is taken. With a single period nothing can be held out: then weights are equal.

    Parameters
    ----------
    rows, response, mass
        As :func:`fitted_coefficients`.
    period
        ``(n,)``: when the response was observed.
    """
    times = np.unique(period)
    if len(times) < 2:
        return np.inf
    losses = []
    for penalty in PENALTIES:
        loss = 0.0
        for now in times[1:]:
            before, then = period < now, period == now
            found = fitted_coefficients(rows[before], response[before], mass[before], penalty)
            loss += float((mass[then] * (response[then] - rows[then] @ found) ** 2).sum())
        losses.append(loss)
    best = min(losses)
    return max(one for one, loss in zip(PENALTIES, losses, strict=True) if loss <= best * (1.0 + 1e-9))
