"""Comparing two runs of one analysis: equal within Monte-Carlo error, or not."""

from __future__ import annotations

import numpy as np
import pandas as pd

MULTIPLE = 5.0
"""How many Monte-Carlo standard errors two runs may lie apart. With some hundred independent quantities, 5 lets a
true difference of zero fail about once in ten thousand comparisons of whole runs."""

RELATIVE_TOLERANCE = 1e-6
"""What quantities without sampling may differ by, relative to their size: processors round differently."""


def compare(fresh: pd.DataFrame, frozen: pd.DataFrame, multiple: float = MULTIPLE) -> pd.DataFrame:
    r"""Compare the estimates of two runs.

    A quantity agrees when :math:`|a - b| \le m \sqrt{s_a^2 + s_b^2} + 10^{-6} |b|` with a the fresh and b the frozen
    value, :math:`s` their Monte-Carlo errors and m the ``multiple``.

    Parameters
    ----------
    fresh, frozen
        Tables of :meth:`Result.estimates`: index ``quantity``, columns ``value`` and ``mcse``.
    multiple
        Number of joint Monte-Carlo standard errors allowed.

    Returns
    -------
    pandas.DataFrame
        Index ``quantity``; columns ``fresh``, ``frozen``, ``difference``, ``tolerance``, ``share`` (difference over
        tolerance: at most 1 is agreement) and ``agrees``. A quantity that only one run has does not agree.
    """
    both = fresh.add_suffix("_fresh").join(frozen.add_suffix("_frozen"), how="outer")
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
