"""The audit of a published table: what an attacker can work out of its hidden cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from maternal_eval.methods.disclosure.audit import feasible_intervals


def audit_table(
    table: pd.DataFrame,
    row_totals: Sequence[float] | None = None,
    column_totals: Sequence[float] | None = None,
    *,
    least: float = 1.0,
    most: float = np.inf,
    width: float = 1.0,
) -> pd.DataFrame:
    """Say which hidden cells of a table of counts can be worked out from its totals.

    Parameters
    ----------
    table
        Counts; NaN is a hidden cell.
    row_totals, column_totals
        Published totals; NaN or None where there is none.
    least, most
        What is known of every hidden cell: one is hidden because it holds at least ``least`` and at most ``most``.
        Where no counts fit ``least``, the table does not keep to that, and it is 0.
    width
        Narrowest interval that still protects a cell.

    Returns
    -------
    pandas.DataFrame
        One row per hidden cell: ``row``, ``column``, ``low``, ``high`` (what it can be) and ``safe`` (the interval is
        at least ``width`` wide).

    """
    values = table.to_numpy(dtype=float)
    hidden = np.argwhere(np.isnan(values))
    equations, totals = [], []
    for axis, given in enumerate((row_totals, column_totals)):
        for place, total in enumerate([] if given is None else given):
            if np.isfinite(total):
                equations.append((hidden[:, axis] == place).astype(float))
                totals.append(total - np.nansum(np.take(values, place, axis=axis)))
    matrix, known = np.array(equations).reshape(-1, len(hidden)), np.array(totals, dtype=float)
    lower = np.full(len(hidden), float(least))
    # Rows in which not even the least fits hold cells that are hidden although they are empty.
    for equation, total in zip(matrix, known, strict=True):
        if equation @ lower > total:
            lower[equation > 0] = 0.0
    ends = feasible_intervals(matrix, known, lower, most)
    return pd.DataFrame(
        {
            "row": [table.index[row] for row, _ in hidden],
            "column": [table.columns[column] for _, column in hidden],
            "low": ends[:, 0],
            "high": ends[:, 1],
            "safe": ends[:, 1] - ends[:, 0] >= width - 1e-9,
        }
    )
