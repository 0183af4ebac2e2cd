r"""Intervals from leaving out batches of respondents in turn (delete-a-group jackknife, Kott 2001, *J. Off. Stat.* 17).

With G estimates :math:`\theta_{(g)}` without one batch each, the variance of the estimate is
:math:`\frac{G-1}{G} \sum_g (\theta_{(g)} - \bar\theta)^2`, and Student's t has G - 1 degrees of freedom.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from maternal_eval.core.intervals import PROBABILITY, tails


def jackknife_interval(
    value: np.ndarray | float, without: np.ndarray, probability: float = PROBABILITY
) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of an estimate, ``(…,)``, from the estimates without each batch, ``(batches, …)``.

    Examples
    --------
    >>> low, high = jackknife_interval(2.0, np.array([1.9, 2.0, 2.1]))
    >>> round(float(low), 3), round(float(high), 3)
    (1.663, 2.337)
    """
    batches = len(without)
    spread = np.sqrt((batches - 1) / batches * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    reach = float(student.ppf(tails(probability)[1], batches - 1)) * spread
    return np.asarray(value - reach), np.asarray(value + reach)
