"""What follows from published totals: an attacker who solves the linear system of everything that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import InputError, MaternalEvalError

if TYPE_CHECKING:
    from scipy import sparse

_INFEASIBLE = 2


def feasible_intervals(
    equations: np.ndarray | sparse.spmatrix | sparse.sparray,
    totals: np.ndarray,
    low: float | np.ndarray = 0.0,
    high: float | np.ndarray = np.inf,
    targets: Sequence[int] | None = None,
) -> np.ndarray:
    r"""Return the least and largest value that each hidden cell can have, by linear programming.

    For a hidden cell j the interval is :math:`[\min x_j, \max x_j]` over all x with :math:`A x = b` and
    :math:`low \le x \le high` (the shuttle or audit problem; Fischetti & Salazar-González 2001, section 2).

    Parameters
    ----------
    equations, totals
        A (relations × hidden cells) and b: what the published cells leave for the hidden ones.
    low, high
        What the attacker knows of each beforehand.
    targets
        Cells to be looked at; all if None.

    Returns
    -------
    numpy.ndarray
        ``(targets, 2)``; NaN where nothing fits what is known.

    Raises
    ------
    InputError
        If totals are not one finite number per relation, or the least value of a cell lies above its largest.

    Examples
    --------
    >>> feasible_intervals(np.array([[1.0, 1.0]]), np.array([7.0])).tolist()
    [[0.0, 7.0], [0.0, 7.0]]
    """
    from scipy.optimize import linprog  # only where something is hidden: it takes longer than a small study

    totals = numbers(totals, "totals", shape=(equations.shape[0],), empty=True)
    if not np.all(np.asarray(low) <= high):
        raise InputError("a cell cannot lie between a lowest value and a smaller highest one", found=f"{low} to {high}")
    count = equations.shape[1]
    bounds = np.column_stack([np.broadcast_to(low, count), np.broadcast_to(high, count)])
    ends = []
    for target in range(count) if targets is None else targets:
        objective = np.zeros(count)
        objective[target] = 1.0
        found = []
        for sign in (1.0, -1.0):
            solved = linprog(sign * objective, A_eq=equations, b_eq=totals, bounds=bounds, method="highs")
            if solved.status == _INFEASIBLE:
                found.append(np.nan)
            elif solved.status == 0:
                found.append(float(solved.x[target]))
            elif solved.status == 3:
                found.append(np.inf)
            else:
                raise MaternalEvalError(f"the audit of hidden cells was not solved: {solved.message}")
        ends.append(found)
    return np.array(ends, dtype=float).reshape(-1, 2)
