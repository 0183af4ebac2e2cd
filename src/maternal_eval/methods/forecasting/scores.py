"""Scores of forecasts on plain arrays; every score states whether larger or smaller is better.

"Accuracy" has no agreed meaning, so three readings stand side by side: one minus the mean absolute percentage error,
the share of cells within ± 5 %, and the share with the right direction of change.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maternal_eval.core.arguments import numbers
from maternal_eval.core.arguments import probability as content


def relative_closeness(observed: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    r"""Return :math:`1 - |f - y| / |y|` per cell, f forecast and y observed; its mean is 1 − MAPE. Larger is better.

    1 is perfect. It can be negative, and is NaN where 0 was observed.

    Examples
    --------
    >>> relative_closeness(np.array([4.0, 2.0]), np.array([3.0, 2.0]))
    array([0.75, 1.  ])
    """
    observed = np.asarray(observed, dtype=float)
    error = np.abs(forecast - observed)
    return 1.0 - np.divide(error, np.abs(observed), out=np.full_like(error, np.nan), where=observed != 0)


def within_tolerance(observed: np.ndarray, forecast: np.ndarray, tolerance: float = 0.05) -> np.ndarray:
    r"""Return 1.0 where :math:`|f - y| \le tolerance \, |y|` (f forecast, y observed), else 0.0. Larger is better."""
    # A margin for rounding: 3.8 is within 5 % of 4.0.
    return (np.abs(forecast - observed) <= tolerance * np.abs(observed) * (1 + 1e-12)).astype(float)


def right_direction(
    observed: np.ndarray, forecast: np.ndarray, last: np.ndarray, negligible: float = 1e-9
) -> np.ndarray:
    """Return 1.0 where forecast and observed lie on the same side of the last value, else 0.0. Larger is better.

    NaN where the forecast is the last value (a change below ``negligible``): then it says nothing on the direction.
    """
    stated = np.asarray(forecast - last, dtype=float)
    same = np.sign(stated) == np.sign(observed - last)
    return np.where(np.abs(stated) > negligible, same.astype(float), np.nan)


def absolute_error(observed: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Return :math:`|f - y|` in the unit of the outcome (f forecast, y observed); its mean: MAE. Less is better."""
    return np.abs(np.asarray(forecast) - observed)


def crps(observed: np.ndarray, draws: np.ndarray) -> np.ndarray:
    r"""Return the continuous ranked probability score of an ensemble, in the unit of the outcome. Smaller is better.

    :math:`\frac1M \sum_i |x_i - y| - \frac{1}{2 M^2} \sum_{ij} |x_i - x_j|` (Gneiting & Raftery 2007, *JASA* 102).

    Parameters
    ----------
    observed
        ``(cells,)``.
    draws
        ``(M, cells)``.

    Raises
    ------
    InputError
        If a number is infinite, or there is not one column of draws per cell.
    """
    observed = numbers(observed, "observed", ndim=1, missing=True)
    draws = numbers(draws, "draws", shape=(None, observed.size), missing=True)
    ordered = np.sort(draws, axis=0)
    count = len(ordered)
    ranks = 2 * np.arange(1, count + 1) - count - 1
    spread = (ranks[:, None] * ordered).sum(axis=0) / count**2
    return np.abs(ordered - observed).mean(axis=0) - spread


def ranked_probability_score(shares: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    r"""Return the ranked probability score of a forecast distribution, averaged over the answers. Smaller is better.

    :math:`\sum_k (F_k - 1\{y \le k\})^2` for an answer y (Epstein 1969, *J. Appl. Meteorol.* 8), from 0 to K − 1.

    Parameters
    ----------
    shares
        ``(cells, K)``: shares of the answers that were observed, lowest first; they add up to 1. One answer is a row
        with a single 1.
    forecast
        ``(cells, K)``: forecast probabilities, which add up to 1.

    Raises
    ------
    ValueError
        If the two do not have the same categories, or probabilities do not add up to 1.
    """
    shares, forecast = np.asarray(shares, dtype=float), np.asarray(forecast, dtype=float)
    _check_distributions(shares, forecast)
    below = forecast.cumsum(axis=-1)
    steps = np.triu(np.ones((shares.shape[-1],) * 2))  # 1 where the answer of the row is at most that of the column
    each = ((below[:, None, :] - steps) ** 2).sum(axis=-1)
    return (shares * each).sum(axis=-1)


def log_score(shares: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    r"""Return minus the log probability of the answers that were given, averaged over them. Smaller is better.

    :math:`-\sum_k s_k \log p_k` in nats (Good 1952); infinite where an observed answer was given probability 0.
    Arguments and errors as in :func:`ranked_probability_score`.
    """
    shares, forecast = np.asarray(shares, dtype=float), np.asarray(forecast, dtype=float)
    _check_distributions(shares, forecast)
    with np.errstate(divide="ignore"):
        logs = np.log(forecast)
    return -np.where(shares > 0, shares * logs, 0.0).sum(axis=-1)


def _check_distributions(shares: np.ndarray, forecast: np.ndarray) -> None:
    if shares.shape != forecast.shape:
        raise ValueError(f"observed {shares.shape} and forecast {forecast.shape} do not have the same categories")
    for name, part in (("observed shares", shares), ("forecast probabilities", forecast)):
        if np.any(part < 0) or not np.allclose(part.sum(axis=-1), 1.0, atol=1e-4):
            raise ValueError(f"{name} have to be a distribution over the categories")


def width(draws: np.ndarray, probability: float) -> np.ndarray:
    """Return the width of the equal-tailed interval of the draws: sharpness. Smaller is better if it covers.

    Raises
    ------
    InputError
        If the probability is not strictly between 0 and 1, or a draw is infinite.
    """
    content(probability, "probability")
    draws = numbers(draws, "draws", missing=True)
    tail = (1.0 - probability) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], axis=0)
    return high - low


def covered(observed: np.ndarray, draws: np.ndarray, probabilities: Sequence[float]) -> np.ndarray:
    """Return 1.0 where the equal-tailed interval of the draws holds the observed value, else 0.0.

    The mean over cells should come near the probability: neither larger nor smaller is better.

    Parameters
    ----------
    observed, draws
        ``(cells,)`` and ``(M, cells)``.
    probabilities
        Contents of the intervals.

    Returns
    -------
    numpy.ndarray
        ``(probabilities, cells)``; NaN where a draw or the observed value is missing.

    Raises
    ------
    InputError
        If a probability is not strictly between 0 and 1, or a draw is infinite.
    """
    numbers(probabilities, "probabilities", ndim=1, above=0.0, below=1.0)
    draws = numbers(draws, "draws", ndim=2, missing=True)
    tails = (1.0 - np.asarray(probabilities)) / 2.0
    low, high = np.split(np.quantile(draws, np.concatenate([tails, 1.0 - tails]), axis=0), 2)
    inside = ((observed >= low) & (observed <= high)).astype(float)
    return np.where(np.isnan(low + observed), np.nan, inside)


def probability_integral_transform(observed: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return the share of draws below the observed value (half of the equal ones): uniform if calibrated."""
    return (draws < observed).mean(axis=0) + 0.5 * (draws == observed).mean(axis=0)


def skill(score: float | np.ndarray, reference: float | np.ndarray) -> np.ndarray:
    """Return 1 − score / reference for a smaller-is-better score: 1 perfect, 0 no better, negative worse."""
    reference = np.asarray(reference, dtype=float)
    ratio = np.divide(score, reference, out=np.full_like(reference, np.nan), where=reference > 0)
    return 1.0 - ratio
