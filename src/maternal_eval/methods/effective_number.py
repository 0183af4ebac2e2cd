r"""What a published share with its interval is worth: the number of answers that would leave it as unsure.

Surveys with strata, clusters and weights print a share :math:`p` with an interval, and the number of persons asked
says too much of it. On the logit scale, where such intervals are made so that they stay inside 0 and 1 (Korn & Graubard
1998; the usual choice of design-based software), the half width is :math:`z\,se` with
:math:`se^2 = 1 / \{n\,p(1 - p)\}`. So the effective number of answers is

.. math:: n = \frac{1}{p(1 - p)} \Big\{\frac{2 z}{\mathrm{logit}(high) - \mathrm{logit}(low)}\Big\}^2 .

Where an end is printed as 0 or 1 the other one is taken alone. A share of 0 or 1 has no logit: its interval is taken
for the exact one (Clopper & Pearson 1934), :math:`high = 1 - (\alpha/2)^{1/n}`.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import numbers, whole_numbers
from maternal_eval.core.arguments import probability as content
from maternal_eval.core.errors import InputError


def effective_number(share: np.ndarray, low: np.ndarray, high: np.ndarray, probability: float = 0.95) -> np.ndarray:
    """Return the effective number of answers behind each share with an interval.

    Parameters
    ----------
    share, low, high
        Shares 0 to 1 and the ends of their intervals, of one shape; low ≤ share ≤ high.
    probability
        Content of the intervals, 0 to 1.

    Returns
    -------
    numpy.ndarray
        Of the same shape; NaN where an interval says nothing: it has no width, or reaches from 0 to 1.

    Raises
    ------
    InputError
        If something is no share, or an interval does not hold its share.

    Examples
    --------
    >>> low, high = logit_interval(np.array([0.2]), np.array([400.0]))
    >>> effective_number(np.array([0.2]), low, high).round(6).tolist()
    [400.0]
    >>> effective_number(np.array([0.0]), np.array([0.0]), np.array([0.036])).round().tolist()  # "3.7 / n"
    [101.0]
    """
    share = numbers(share, "share", low=0.0, high=1.0)
    low, high = (
        numbers(end, name, shape=share.shape, low=0.0, high=1.0) for end, name in ((low, "low"), (high, "high"))
    )
    outside = (low > share) | (share > high)
    if outside.any():
        at = int(np.flatnonzero(outside)[0])
        raise InputError(
            "an interval does not hold its share",
            row=at,
            found=f"{share.flat[at]:g} and {low.flat[at]:g} to {high.flat[at]:g}",
            expected="low ≤ share ≤ high",
        )
    from scipy.special import logit, ndtri  # takes as long as reading a small study, which may have no shares

    tail = 0.5 * (1.0 - content(probability, "probability"))
    z = -ndtri(tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        up, down = logit(high) - logit(share), logit(share) - logit(low)
        # An end that is printed as 0 or 1 is an end that was rounded away.
        half = np.where((low > 0) & (high < 1), 0.5 * (up + down), np.where(high < 1, up, down))
        found = (z / half) ** 2 / (share * (1.0 - share))
        found = np.where(share == 0, np.log(tail) / np.log1p(-high), found)
        found = np.where(share == 1, np.log(tail) / np.log(low), found)
    said = np.isfinite(found) & (found > 0) & (high > low)
    return np.where(said, found, np.nan)


def logit_interval(share: np.ndarray, number: np.ndarray, probability: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of a share from the given number of independent answers, symmetric on the logit scale.

    Parameters
    ----------
    share
        Shares strictly between 0 and 1.
    number
        Effective numbers of answers, of the same shape.
    probability
        Content of the interval, 0 to 1.

    Returns
    -------
    low, high
        Ends of the intervals, 0 to 1.

    Raises
    ------
    InputError
        If a share is 0 or 1 or a number is not positive.

    Examples
    --------
    >>> [end.round(3).tolist() for end in logit_interval(np.array([0.5]), np.array([100.0]))]
    [[0.403], [0.597]]
    """
    share = numbers(share, "share", above=0.0, below=1.0)
    number = numbers(number, "number", shape=share.shape, above=0.0)
    from scipy.special import expit, logit, ndtri

    half = -ndtri(0.5 * (1.0 - content(probability, "probability"))) / np.sqrt(number * share * (1.0 - share))
    return expit(logit(share) - half), expit(logit(share) + half)


def effective_numbers_of_cells(share: np.ndarray, number: np.ndarray, cell: np.ndarray) -> np.ndarray:
    r"""Return the effective number of answers to a question in each cell from those of its shares.

    A multinomial with n answers has variances :math:`p_k(1 - p_k) / n`; with a number of its own for each share, the
    one for all of them keeps their sum: :math:`\sum p_k(1 - p_k) / \sum p_k(1 - p_k) n_k^{-1}` (the first-order
    correction of Rao & Scott 1981).

    Parameters
    ----------
    share, number
        ``(lines,)``: shares, and the effective number of each; NaN = not known.
    cell
        ``(lines,)``: cell 0, 1, … of each.

    Returns
    -------
    numpy.ndarray
        ``(cells,)``; NaN where none is known. The mean number where every share is 0 or 1.

    Raises
    ------
    InputError
        If something is no share, a number is not positive, or lengths do not agree.

    Examples
    --------
    >>> effective_numbers_of_cells([0.3, 0.7, 1.0], [90.0, 90.0, 50.0], [0, 0, 1]).round(6).tolist()
    [90.0, 50.0]
    """
    share = numbers(share, "share", ndim=1, low=0.0, high=1.0)
    number = numbers(number, "number", shape=share.shape, above=0.0, missing=True)
    cell = whole_numbers(cell, "cell", shape=share.shape, low=0)
    known = np.isfinite(number)
    variance = np.where(known, share * (1.0 - share), 0.0)
    number = np.where(known, number, 1.0)
    worth, squares, times, total = (
        np.bincount(cell, part)
        for part in (variance, variance / number, known.astype(float), np.where(known, number, 0))
    )
    plain = np.divide(total, times, out=np.full(len(times), np.nan), where=times > 0)
    return np.divide(worth, squares, out=plain, where=squares > 0)
