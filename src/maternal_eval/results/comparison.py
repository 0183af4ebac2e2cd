"""Comparing two runs of one analysis: equal within Monte-Carlo error, or not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from maternal_eval.results.reported import RANGE, Quantity

MULTIPLE = 5.0
"""How many Monte-Carlo standard errors two runs may lie apart. With some hundred independent quantities, 5 lets a
true difference of zero fail about once in ten thousand comparisons of whole runs."""

RELATIVE_TOLERANCE = 1e-6
"""What quantities without sampling may differ by, relative to their size: processors round differently."""


def compared(quantities: Mapping[str, Quantity]) -> pd.DataFrame:
    """Return what two runs are compared in: the numbers that have a Monte-Carlo error, be it 0.

    Returns
    -------
    pandas.DataFrame
        Index ``quantity``; columns ``value`` and ``mcse``. The ends of a range, which are computed as its value is,
        have rows of their own, ``KEY[low]`` and ``KEY[high]``.
    """
    rows: list[tuple[str, float, float]] = []
    for key, one in quantities.items():
        if one.error is None:
            continue
        rows.append((key, float(one.value), one.error))
        if one.kind == RANGE and one.low is not None and one.high is not None:
            rows += [(f"{key}[low]", one.low, one.error), (f"{key}[high]", one.high, one.error)]
    return pd.DataFrame(rows, columns=["quantity", "value", "mcse"]).set_index("quantity").astype("float64")


def compare(fresh: Mapping[str, Quantity], frozen: Mapping[str, Quantity], multiple: float = MULTIPLE) -> pd.DataFrame:
    r"""Compare the quantities of two runs.

    A quantity agrees when :math:`|a - b| \le m \sqrt{s_a^2 + s_b^2} + 10^{-6} |b|` with a the fresh and b the frozen
    value, :math:`s` their Monte-Carlo errors and m the ``multiple``.

    Parameters
    ----------
    fresh, frozen
        See :meth:`Result.quantities`; those without a Monte-Carlo error are not compared (:func:`compared`).
    multiple
        Number of joint Monte-Carlo standard errors allowed.

    Returns
    -------
    pandas.DataFrame
        Index ``quantity``; columns ``fresh``, ``frozen``, ``difference``, ``tolerance``, ``share`` (difference over
        tolerance: at most 1 is agreement) and ``agrees``. A quantity that only one run has does not agree.
    """
    both = compared(fresh).add_suffix("_fresh").join(compared(frozen).add_suffix("_frozen"), how="outer")
    error = np.sqrt(both["mcse_fresh"] ** 2 + both["mcse_frozen"] ** 2)
    tolerance = multiple * error + RELATIVE_TOLERANCE * both["value_frozen"].abs() + 1e-12
    difference = both["value_fresh"] - both["value_frozen"]
    return pd.DataFrame(
        {
            "fresh": both["value_fresh"],
            "frozen": both["value_frozen"],
            "difference": difference,
            "tolerance": tolerance,
            "share": difference.abs() / tolerance,
            "agrees": (difference.abs() <= tolerance).fillna(False),
        }
    ).rename_axis("quantity")


def summarise(comparison: pd.DataFrame) -> dict[str, object]:
    """Return one line on a comparison: how many quantities, how many agree, and the worst one."""
    shares = comparison["share"].fillna(np.inf)
    return {
        "quantities": len(comparison),
        "agree": int(comparison["agrees"].sum()),
        "worst_quantity": str(shares.idxmax()) if len(shares) else "",
        "worst_share_of_tolerance": float(shares.max()) if len(shares) else 0.0,
    }
