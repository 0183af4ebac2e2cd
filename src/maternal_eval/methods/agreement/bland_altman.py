r"""Bias and limits of agreement of two readings (Bland & Altman 1986, *Lancet* 327, 307–310).

With differences :math:`d_i = x_i - y_i`, mean :math:`\bar d` and standard deviation s, 95 % of the differences lie
between :math:`\bar d \pm 1.96 s` if they are normal. Intervals of the limits join those of :math:`\bar d` (Student) and
of s (chi-squared) by the method of variance estimates recovery (Zou 2013, *Stat. Methods Med. Res.* 22, 630–642).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2, norm
from scipy.stats import t as student

from maternal_eval.core.intervals import PROBABILITY, tails
from maternal_eval.methods.agreement.readings import complete_readings

COVERAGE = 0.95
"""Share of the differences between the limits of agreement, by convention."""


@dataclass(frozen=True)
class Limits:
    """Bias and limits of agreement of two sources, in the unit of the readings; each with its interval.

    Attributes
    ----------
    n
        Records that both have read.
    bias, sd
        Mean and standard deviation of first minus second.
    lower, upper
        Limits between which :data:`COVERAGE` of the differences lie.
    slope
        Of the difference on the mean of both readings: 0 where the error grows with neither (unequal spreads tilt it).
    """

    n: int
    bias: float
    bias_low: float
    bias_high: float
    sd: float
    lower: float
    lower_low: float
    lower_high: float
    upper: float
    upper_low: float
    upper_high: float
    slope: float
    slope_low: float
    slope_high: float


def limits_of_agreement(first: np.ndarray, second: np.ndarray, probability: float = PROBABILITY) -> Limits:
    """Return bias and limits of agreement of two sources.

    Parameters
    ----------
    first, second
        ``(records,)``, in one unit; a record that one of them lacks (NaN) is left out.
    probability
        Content of the intervals.

    Raises
    ------
    InputError
        See :func:`~maternal_eval.methods.agreement.readings.complete_readings`.

    Examples
    --------
    >>> found = limits_of_agreement(np.array([1.0, 3.0, 5.0, 6.0]), np.array([2.0, 2.0, 5.0, 5.0]))
    >>> round(found.bias, 2), round(found.upper - found.lower, 2)
    (0.25, 3.75)
    """
    pairs = complete_readings(np.column_stack([first, second]))
    difference, middle = pairs[:, 0] - pairs[:, 1], pairs.mean(axis=1)
    n = len(pairs)
    bias, sd = float(difference.mean()), float(difference.std(ddof=1))
    low, high = tails(probability)
    reach = float(student.ppf(high, n - 1)) * sd / np.sqrt(n)
    spread_low, spread_high = (float(sd * np.sqrt((n - 1) / chi2.ppf(end, n - 1))) for end in (high, low))
    z = float(norm.ppf(0.5 + COVERAGE / 2))
    inner = float(np.hypot(reach, z * (sd - spread_low)))
    outer = float(np.hypot(reach, z * (spread_high - sd)))
    centred = middle - middle.mean()
    information = float(centred @ centred)
    slope = float(centred @ difference) / information if information > 0 else float("nan")
    residual = difference - bias - slope * centred
    error = np.sqrt(residual @ residual / max(n - 2, 1) / information) if information > 0 else np.nan
    half = float(student.ppf(high, max(n - 2, 1)) * error)
    return Limits(
        n=n,
        bias=bias,
        bias_low=float(bias - reach),
        bias_high=float(bias + reach),
        sd=sd,
        lower=bias - z * sd,
        lower_low=bias - z * sd - outer,
        lower_high=bias - z * sd + inner,
        upper=bias + z * sd,
        upper_low=bias + z * sd - inner,
        upper_high=bias + z * sd + outer,
        slope=slope,
        slope_low=slope - half,
        slope_high=slope + half,
    )
