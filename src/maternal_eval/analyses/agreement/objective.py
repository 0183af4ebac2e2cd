"""How precise an objective reading (a wearable) has to be to make the composite better."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.agreement.settings import Objective
from maternal_eval.analyses.weights.compute import static_weights
from maternal_eval.methods.agreement.precision import joined_gain, largest_gain, required_error
from maternal_eval.methods.composite import FULL_SCORE
from maternal_eval.study import Study, survey_weights
from maternal_eval.study.values import indicator_values

GAINS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.10)
"""Shares of the composite's error variance that an objective reading should take away."""

READINGS = (0.0, 2.0, 5.0, 10.0, 15.0, 20.0)
"""Standard deviations of the error of an objective reading, points of 0–100."""


def precision_table(study: Study, objective: Objective, own: float, reliability: float) -> pd.DataFrame:
    r"""Return required precisions and gains.

    The items of the composite are taken to err like the source: their error variance is :math:`(1 - \rho)` of their
    variance. The unit of the item is then that of the source, whose error is known, and the reliability cancels from
    the share that the item has in the composite's error.

    Parameters
    ----------
    own, reliability
        Standard deviation of the source's error (points of 0–100), and its reliability.

    Returns
    -------
    pandas.DataFrame
        ``kind`` "required" (for a ``gain``, the largest ``error``; NaN = no reading can), "gained" (for an ``error``,
        the ``gain``), "largest" (with a perfect reading) and "respondents" (the same as a share of the variance between
        respondents: what as many more respondents would do for a mean).
    """
    weights = static_weights(study).to_numpy(dtype=float)
    values, survey = FULL_SCORE * indicator_values(study), survey_weights(study.panel)
    spread = np.array([_variance(column, survey) for column in values.T])
    at = study.model.codes.index(objective.indicator)
    error = np.sqrt((1 - reliability) * spread)
    total = float(weights**2 @ error**2)
    weight, item = float(weights[at]), float(error[at])
    unit = own / item if item > 0 else np.nan
    best = largest_gain(weight, item, total)
    answered = np.isfinite(values)
    mass = np.where(answered, weights, 0.0)
    composite = (mass * np.where(answered, values, 0.0)).sum(axis=1) / np.where(
        answered.any(axis=1), mass.sum(axis=1), np.nan
    )
    rows = [("required", gain, unit * required_error(weight, item, total, gain)) for gain in GAINS]
    rows += [("gained", joined_gain(weight, item, reading / unit, total), reading) for reading in READINGS]
    rows += [("largest", best, 0.0), ("respondents", best * total / _variance(composite, survey), 0.0)]
    return pd.DataFrame(rows, columns=["kind", "gain", "error"])


def _variance(column: np.ndarray, survey: np.ndarray) -> float:
    known = np.isfinite(column) & (survey > 0)
    mean = np.average(column[known], weights=survey[known])
    return float(np.average((column[known] - mean) ** 2, weights=survey[known]))
