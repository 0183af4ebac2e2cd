"""Calibration: the distribution of the probability integral transforms, with simultaneous bands."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from maternal_eval.core.intervals import PROBABILITY

POINTS = np.arange(1, 20) / 20
"""Where the distribution function is looked at."""

SIMULATIONS = 2000
"""Simulated uniform samples from which the width of the bands is found."""


@cache
def _bands(cells: int) -> tuple[np.ndarray, np.ndarray]:
    from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands

    # A fixed seed: the bands depend on the number of cells alone.
    pointwise = simulate_confidence_bands(cells, 1, POINTS, PROBABILITY, SIMULATIONS, np.random.default_rng(0))
    low, high = get_pointwise_confidence_band(pointwise, cells, POINTS)
    return np.asarray(low), np.asarray(high)


def calibration_table(transform: np.ndarray) -> pd.DataFrame:
    """Return the empirical distribution function of the transforms with simultaneous bands.

    With probability :data:`~maternal_eval.core.intervals.PROBABILITY` the whole function of a calibrated forecaster
    lies within ``low`` … ``high`` if the cells are independent (Säilynoja, Bürkner & Vehtari 2022, *Statistics and
    Computing* 32). Cells of one test period share that period's common step, so a forecaster can leave the bands in
    one direction by bad luck with few periods.

    Parameters
    ----------
    transform
        ``(cells,)``, see :func:`maternal_eval.methods.forecasting.scores.probability_integral_transform`.
    """
    low, high = _bands(len(transform))
    function = np.searchsorted(np.sort(transform), POINTS, side="right") / len(transform)
    return pd.DataFrame({"point": POINTS, "share_below": function, "low": low, "high": high})
