"""The one place where something is minimised or solved: what comes back has converged, or an error says what did not.

An optimiser that stops early returns a point like any other, and scipy's flag alone is not enough: it is set by a
small change of the value too, and by a line search that gave up at a bad number. So the value has to be finite, no
worse than at the start, and flat at the end; else the search goes on from where it stopped, then from places around
it (drawn with a fixed seed: the same call gives the same answer), and at last fails loudly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

from maternal_eval.core.errors import DiagnosticsError

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Value and gradient at a point."""

FLAT = 1e-3
r""":math:`|g_j| \max(|x_j|, 1) / \max(|f|, 1)`, largest relative gradient at a minimum (Dennis & Schnabel 1983, 7.2).
Where f is minus a log-likelihood, the default stopping rule of L-BFGS-B leaves a tenth
to a thousandth of this."""

RESTARTS = 4
"""Attempts after the first: one from where it stopped, the others from around there."""

SPREAD = 0.1
"""Standard deviation of the perturbed starts, relative to :math:`max(|x_j|, 1)`."""

TIGHTER = {"ftol": 1e-13, "gtol": 1e-8}
"""Stopping rule of the attempts after the first, which stopped too early."""

STOPPING = 1e-6
"""Relative difference of values at which two searches have found the same minimum: what their stopping rules leave."""

SEED = 20260101


@dataclass(frozen=True)
class Found:
    """A minimum.

    Attributes
    ----------
    x
        Where it is.
    value
        The value there, finite and at most that of the start.
    gradient
        Relative size of the gradient there; see :data:`FLAT`.
    attempts
        How many searches it took.
    """

    x: np.ndarray
    value: float
    gradient: float
    attempts: int


def minimise(
    function: Objective,
    start: np.ndarray,
    *,
    what: str,
    method: str = "L-BFGS-B",
    flat: float = FLAT,
    options: Mapping[str, Any] | None = None,
) -> Found:
    """Minimise a smooth function of free variables.

    Parameters
    ----------
    function
        Returns value and gradient.
    start
        Where to start, finite.
    what
        What is sought, in a few words: stands in the error.
    method, options
        Of :func:`scipy.optimize.minimize`; a method that uses the gradient and takes no bounds.
    flat
        Largest relative gradient at the end; see :data:`FLAT`.

    Returns
    -------
    Found

    Raises
    ------
    DiagnosticsError
        If no attempt converges, or the function has no finite value or gradient at the start.

    Examples
    --------
    >>> found = minimise(lambda x: (float((x - 3) @ (x - 3)), 2 * (x - 3)), np.zeros(2), what="the example")
    >>> found.x.round(6).tolist(), found.attempts
    ([3.0, 3.0], 1)
    """
    start = np.asarray(start, dtype=float)
    first_value, first_gradient = function(start)
    if not (np.isfinite(first_value) and np.isfinite(first_gradient).all()):
        raise DiagnosticsError(f"{what} cannot be fitted: the objective is not finite where the search starts")
    random = np.random.default_rng(SEED)
    best, best_value, complaint = start, float(first_value), ""
    for attempt in range(1 + RESTARTS):
        point = best
        if attempt > 1 or (attempt == 1 and best is start):  # a second search from the same place would end the same
            point = best + SPREAD * np.maximum(np.abs(best), 1.0) * random.standard_normal(best.size)
        patience = TIGHTER if attempt and method == "L-BFGS-B" else {}
        found = optimize.minimize(function, point, jac=True, method=method, options={**(options or {}), **patience})
        x, value = np.asarray(found.x, dtype=float), float(found.fun)
        slope = _relative_gradient(x, value, np.asarray(found.jac, dtype=float))
        no_worse = value <= min(first_value + _rounding(first_value), best_value + STOPPING * max(abs(best_value), 1.0))
        if found.success and no_worse and slope <= flat:
            return Found(x, value, slope, attempt + 1)
        complaint = _complaint(found, value, best_value, slope)
        if np.isfinite(value) and np.isfinite(x).all() and value < best_value:
            best, best_value = x, value
    raise DiagnosticsError(f"{what} did not converge in {1 + RESTARTS} attempts: {complaint}")


def minimise_on_simplex(function: Objective, count: int, *, what: str, gap: float = 1e-6) -> Found:
    r"""Minimise a convex function of shares that are not negative and sum to 1, from equal shares.

    Parameters
    ----------
    function
        Returns value and gradient; scaled so that values of order 1 matter.
    count
        Number of shares.
    what
        What is sought, in a few words.
    gap
        Largest duality gap :math:`w^\top g - \min_j g_j` at the end: for a convex function the value lies no further
        than this above the minimum (Jaggi 2013, *ICML*).

    Raises
    ------
    DiagnosticsError
        If the gap stays larger, or a value is not finite.

    Examples
    --------
    >>> found = minimise_on_simplex(lambda w: (float(w @ [1, 3]), np.array([1.0, 3.0])), 2, what="the example")
    >>> found.x.round(9).tolist()
    [1.0, 0.0]
    """
    if count < 1:
        raise ValueError("shares need at least one part")
    point = np.full(count, 1.0 / count)
    first_value = float(function(point)[0])
    if not np.isfinite(first_value):
        raise DiagnosticsError(f"{what} cannot be fitted: the objective is not finite at equal shares")
    random = np.random.default_rng(SEED)
    left = np.inf
    for attempt in range(1 + RESTARTS):
        found = optimize.minimize(
            function,
            point,
            jac=True,
            bounds=[(0.0, 1.0)] * count,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": lambda w: np.ones(count)},
            method="SLSQP",
            options={"ftol": 1e-6 if attempt == 0 else 1e-12, "maxiter": 100 * (1 + attempt)},
        )
        weights = np.clip(found.x, 0.0, None)
        weights = weights / weights.sum() if weights.sum() > 0 else np.full(count, np.nan)
        value, gradient = function(weights)
        left = float(weights @ gradient - gradient.min())
        if found.success and np.isfinite(value) and left <= gap and value <= first_value + _rounding(first_value):
            return Found(weights, float(value), left, attempt + 1)
        point = random.dirichlet(np.ones(count)) if not np.isfinite(left) or attempt else weights
    raise DiagnosticsError(
        f"{what} did not converge in {1 + RESTARTS} attempts: the value may lie {left:.2g} above its minimum"
    )


def fit_residuals(
    function: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    *,
    what: str,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> optimize.OptimizeResult:
    """Return scipy's least-squares fit of residuals, converged; its ``x``, ``cost`` and ``fun``.

    Raises
    ------
    DiagnosticsError
        If the search ends at its limit of evaluations, at a number that is not finite, or above its start.
    """
    start = np.asarray(start, dtype=float)
    before = 0.5 * float((np.asarray(function(start)) ** 2).sum())
    if not np.isfinite(before):
        raise DiagnosticsError(f"{what} cannot be fitted: the residuals are not finite where the search starts")
    found = optimize.least_squares(function, start, bounds=bounds)
    if not found.success:  # at its limit of evaluations: go on from there
        found = optimize.least_squares(function, found.x, bounds=bounds, max_nfev=2000 * max(1, start.size))
    cost = float(found.cost)
    if not (found.success and np.isfinite(cost) and cost <= before + _rounding(before)):
        raise DiagnosticsError(f"{what} did not converge: {found.message.rstrip('.')} (cost {cost:.3g})")
    return found


def find_root(
    function: Callable[[float], float], low: float, high: float, *, what: str, tolerance: float = 2e-12
) -> float:
    """Return where a function of one number is zero, between two ends with different signs (Brent's method).

    Raises
    ------
    DiagnosticsError
        If the signs at the ends are the same or a value is not finite: there is no root between, or it is not known.

    Examples
    --------
    >>> round(find_root(lambda x: x**2 - 2, 0, 2, what="the example"), 6)
    1.414214
    """
    at_low, at_high = float(function(low)), float(function(high))
    if not (np.isfinite(at_low) and np.isfinite(at_high)) or at_low * at_high > 0:
        raise DiagnosticsError(
            f"{what} has no solution between {low:.6g} and {high:.6g}: "
            f"{at_low:.3g} at one end, {at_high:.3g} at the other"
        )
    root, report = optimize.brentq(function, low, high, xtol=tolerance, full_output=True, disp=False)
    if not report.converged or not np.isfinite(root):
        raise DiagnosticsError(f"{what} did not converge between {low:.6g} and {high:.6g}")
    return float(root)


def _relative_gradient(x: np.ndarray, value: float, gradient: np.ndarray) -> float:
    if not (np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(x).all()):
        return float("inf")
    return float((np.abs(gradient) * np.maximum(np.abs(x), 1.0)).max(initial=0.0) / max(abs(value), 1.0))


def _rounding(value: float) -> float:
    """How far a value may lie above another and still count as no worse."""
    return 1e-9 * max(1.0, abs(value))


def _complaint(found: optimize.OptimizeResult, value: float, before: float, slope: float) -> str:
    if not np.isfinite(value):
        return f"the objective became {value}"
    if value > before + STOPPING * max(abs(before), 1.0):
        return f"the objective rose from {before:.6g} to {value:.6g}"
    if not found.success:
        return f"{str(found.message).rstrip('.')} (relative gradient {slope:.2g} at the end)"
    return f"the relative gradient at the end is {slope:.2g}"
