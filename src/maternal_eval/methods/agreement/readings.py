"""The door of all measures of agreement: readings that can be compared, or a refusal that says why not."""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import InputError

FEWEST_RECORDS = 3
"""Records without which no spread of a difference is known."""


def complete_readings(readings: np.ndarray, *, sources: int = 2, records: int = FEWEST_RECORDS) -> np.ndarray:
    """Return the records that every source has read.

    Parameters
    ----------
    readings
        ``(records, sources)``, one unit for all; NaN = not read.
    sources, records
        How many of each there have to be.

    Returns
    -------
    numpy.ndarray
        ``(complete records, sources)``.

    Raises
    ------
    InputError
        If there are fewer sources or complete records, a reading is infinite, or a source never varies: it reads
        nothing.

    Examples
    --------
    >>> complete_readings(np.array([[1.0, 2.0], [2.0, np.nan], [3.0, 5.0], [4.0, 4.0]])).shape
    (3, 2)
    """
    table = numbers(readings, "readings", ndim=2, missing=True, empty=True)
    if table.shape[1] < sources:
        raise InputError("too few sources", found=table.shape[1], expected=f"at least {sources}")
    table = table[np.isfinite(table).all(axis=1)]
    if len(table) < records:
        raise InputError("too few complete records", found=len(table), expected=f"at least {records}")
    constant = np.flatnonzero(np.ptp(table, axis=0) == 0)
    if constant.size:
        raise InputError(
            "a source never varies", found=f"source {constant[0] + 1} reads {table[0, constant[0]]:g} in every record"
        )
    return table
