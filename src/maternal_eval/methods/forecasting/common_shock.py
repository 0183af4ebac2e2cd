r"""The step that all units take together in a coming period: how large it is, learned from earlier forecasts.

Cells of one period share what happened in it, so their errors do not average out: over J earlier origins the mean
error :math:`\bar e_j` of the cells of origin j varies by more than the forecaster's own draws say where its common step
is too small. What is missing is

.. math:: \hat\sigma^2 = \frac{1}{J + 1} \max\Bigl(0, \sum_j \frac{\bar e_j^2 - v_j}{h_j}\Bigr)

per step of time, with the variance :math:`v_j` of the mean of the cells among the draws and the horizon :math:`h_j`:
a moment estimate, drawn towards none by one origin without any excess.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers


def common_shock_variance(errors: np.ndarray, variances: np.ndarray, horizons: np.ndarray) -> float:
    """Return the variance per step that forecasts lack in common; 0 without earlier origins.

    Parameters
    ----------
    errors
        ``(J,)``: observed less forecast, averaged over the cells of each earlier origin.
    variances
        ``(J,)``: variance of that average among the forecast's draws, sampling error included.
    horizons
        ``(J,)``: steps of time that each forecast reached ahead.

    Raises
    ------
    InputError
        If a variance is negative, a horizon below 1, or a number is not finite.

    Examples
    --------
    Three errors of 0.3 where 0.1 was expected: (3 × 0.08) / 4.

    >>> round(common_shock_variance(np.full(3, 0.3), np.full(3, 0.01), np.ones(3)), 6)
    0.06
    """
    errors = numbers(errors, "errors", ndim=1, empty=True)
    variances = numbers(variances, "variances", shape=errors.shape, low=0.0, empty=True)
    horizons = numbers(horizons, "horizons", shape=errors.shape, low=1.0, empty=True)
    excess = float(((errors**2 - variances) / horizons).sum())
    return max(excess, 0.0) / (1 + len(errors))
