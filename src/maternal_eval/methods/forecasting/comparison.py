"""Is one forecaster better than another? Differences of scores, clustered by unit and origin, and over the origins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.methods.forecasting.clustered import clustered, ratio

COMPARED = ("mae", "crps", "rps", "log_score")
"""Smaller-is-better scores whose differences are reported."""


@dataclass(frozen=True)
class DieboldMariano:
    """Test that two forecasters are equally good; negative statistics favour the first.

    ``n`` is the number of forecasts in the series; statistic and p-value are NaN with fewer than two, or if all
    differences are equal.
    """

    statistic: float
    p_value: float
    n: int


def diebold_mariano(difference: np.ndarray, horizon: int = 1) -> DieboldMariano:
    r"""Return the test of Diebold & Mariano (1995) with the small-sample correction of Harvey et al. (1997).

    :math:`DM = \bar d / \sqrt{\hat V / n}` with :math:`\hat V = \gamma_0 + 2\sum_{k<h} \gamma_k` the long-run variance
    of the differences d of losses, times :math:`\sqrt{(n + 1 - 2h + h(h-1)/n) / n}`, against Student's t with n − 1
    degrees of freedom, two-sided. For h = 1 it is the one-sample t test: exact only if the differences of the origins
    are independent and normal, which origins that share training periods are not.

    Parameters
    ----------
    difference
        ``(n,)``: loss of the first minus loss of the second forecaster, in the order of time.
    horizon
        Steps h that the forecasts reach ahead.

    Raises
    ------
    InputError
        If a difference is not finite, or the horizon is not a whole number of steps.
    """
    difference = numbers(difference, "difference", ndim=1, empty=True)
    whole(horizon, "horizon", low=1)
    difference = np.asarray(difference, dtype=float)
    n = len(difference)
    if n <= horizon or n < 2:
        return DieboldMariano(float("nan"), float("nan"), n)
    centred = difference - difference.mean()
    variance = sum((1 if lag == 0 else 2) * float(centred[lag:] @ centred[: n - lag]) / n for lag in range(horizon))
    # Differences that are equal up to rounding have no variance to compare their mean with.
    if not variance > (1e-12 * np.abs(difference).max()) ** 2:
        return DieboldMariano(float("nan"), float("nan"), n)
    correction = np.sqrt((n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n)
    statistic = float(difference.mean() / np.sqrt(variance / n) * correction)
    return DieboldMariano(statistic, float(2 * student.sf(abs(statistic), n - 1)), n)


def difference_table(
    own: dict[str, np.ndarray], other: dict[str, np.ndarray], unit: np.ndarray, origin: np.ndarray
) -> pd.DataFrame:
    """Return one row per compared score: mean difference (negative: the first is better) and how sure it is.

    ``low``, ``high``, ``statistic``, ``p_value`` and ``degrees`` come from one standard error, clustered by unit and
    origin (:mod:`maternal_eval.methods.forecasting.clustered`): of one origin they say nothing about other periods.
    ``dm_statistic``, ``dm_p_value``, ``dm_n`` are the test of :func:`diebold_mariano` over the means of the origins.
    ``cells`` counts the cells in which both forecasters have the score; all means are over these.

    Parameters
    ----------
    own, other
        Scores by cell of the two forecasters, on the same cells.
    unit, origin
        ``(cells,)``: cluster of each cell's unit, and its origin in the order of time: 0, 1, ….
    """
    rows = []
    for name in COMPARED:
        with np.errstate(invalid="ignore"):  # two infinite log scores have no difference
            difference = own[name] - other[name]
        known = np.isfinite(difference)
        if not known.any():
            continue
        parts = np.column_stack([np.where(known, difference, 0.0), known])
        found = clustered(parts, ratio, unit, origin)
        low, high = found.interval()
        by_origin = np.array([difference[known & (origin == number)].mean() for number in np.unique(origin[known])])
        test = diebold_mariano(by_origin)
        rows.append(
            {
                "score": name,
                "difference": found.value,
                "low": low,
                "high": high,
                "statistic": found.statistic,
                "p_value": found.p_value,
                "degrees": found.degrees,
                "dm_statistic": test.statistic,
                "dm_p_value": test.p_value,
                "dm_n": test.n,
                "cells": int(known.sum()),
                "clusters": len(np.unique(unit)),
            }
        )
    return pd.DataFrame(rows)
