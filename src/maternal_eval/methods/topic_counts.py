r"""Topics in feedback that come up more often than before: exact tests on counts, many at a time.

A topic was named y times among e pieces of feedback in the latest quarters and b times among B in the ones before. If
its rate has not risen, y given y + b is binomial with share e / (e + B), whatever the rate (Przyborowski & Wilenski
1940, *Biometrika* 31), so that

.. math:: p = P(Y \ge y) = I_{e / (e + B)}(y,\ b + 1),

I being the regularised incomplete beta function. Counts that scatter more than Poisson counts, by the factor
:math:`\phi \ge 1`, are divided by it (quasi-likelihood). All topics of a quarter are looked at together with the
step-up rule of Benjamini & Hochberg (1995), which holds for positively dependent counts, too.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincinv
from scipy.stats import false_discovery_control

from maternal_eval.core.arguments import number, numbers, whole
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import tails


def rise_probability(
    count: np.ndarray, exposure: np.ndarray, before: np.ndarray, exposure_before: np.ndarray, dispersion: float = 1.0
) -> np.ndarray:
    """Return the probability of at least ``count`` mentions if the rate has not risen.

    Parameters
    ----------
    count, before
        Mentions now and before, not negative; any shapes that fit each other.
    exposure, exposure_before
        Pieces of feedback now and before, positive.
    dispersion
        Variance of a count over its mean, at least 1.

    Returns
    -------
    numpy.ndarray
        One-sided p values; 1 where nothing was mentioned now.

    Examples
    --------
    >>> float(rise_probability(5, 100, 0, 100).round(5))  # five times heads
    0.03125
    """
    count, before = numbers(count, "count", low=0.0), numbers(before, "before", low=0.0)
    exposure = numbers(exposure, "exposure", above=0.0)
    exposure_before = numbers(exposure_before, "exposure before", above=0.0)
    phi = number(dispersion, "dispersion", low=1.0)
    share = exposure / (exposure + exposure_before)
    return np.where(count > 0, betainc(np.maximum(count, 1e-12) / phi, before / phi + 1.0, share), 1.0)


def rate_ratio(
    count: np.ndarray, exposure: np.ndarray, before: np.ndarray, exposure_before: np.ndarray, dispersion: float = 1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rate now over the rate before with the exact conditional interval (Clopper & Pearson).

    Parameters as :func:`rise_probability`.

    Returns
    -------
    ratio, low, high
        NaN where the topic was never named; ``high`` is infinite where it was not named before.
    """
    count, before = (np.asarray(part, dtype=float) for part in (count, before))
    exposure, exposure_before = (np.asarray(part, dtype=float) for part in (exposure, exposure_before))
    phi, (lower, upper) = number(dispersion, "dispersion", low=1.0), tails()
    y, b = count / phi, before / phi
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(y > 0, betaincinv(np.maximum(y, 1e-12), b + 1.0, lower), 0.0)
        high = np.where(b > 0, betaincinv(y + 1.0, np.maximum(b, 1e-12), upper), 1.0)
        scale = exposure_before / exposure
        found = (count / exposure) / (before / exposure_before)
        ends = [share / (1.0 - share) * scale for share in (low, high)]
    never = (count + before) == 0
    return tuple(np.where(never, np.nan, part) for part in (found, *ends))  # type: ignore[return-value]


def dispersion_of(counts: np.ndarray, exposure: np.ndarray) -> float:
    """Return how much more counts scatter than Poisson counts with a constant rate, at least 1.

    Pearson's statistic over its degrees of freedom, all topics together: topics that do rise make it larger and the
    tests more cautious.

    Parameters
    ----------
    counts, exposure
        Quarters × topics.
    """
    counts = numbers(counts, "counts", ndim=2, low=0.0)
    exposure = numbers(exposure, "exposure", shape=counts.shape, above=0.0)
    expected = exposure * counts.sum(axis=0) / exposure.sum(axis=0)
    named = expected > 0
    freedom = (counts.shape[0] - 1) * int(named.any(axis=0).sum())
    if freedom < 1:
        return 1.0
    pearson = float((((counts - expected) ** 2)[named] / expected[named]).sum())
    return max(1.0, pearson / freedom)


def rising_topics(
    counts: np.ndarray, exposure: np.ndarray, *, before: int, latest: int, rate: float, dispersion: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return p values and signals of every quarter that has enough quarters before it.

    Parameters
    ----------
    counts, exposure
        ``(..., quarters, topics)``: mentions, and pieces of feedback (positive).
    before, latest
        How many quarters the latest ones are compared with, and how many are the latest.
    rate
        False-discovery rate over the topics of a quarter.
    dispersion
        Of all counts; None: from the quarters before, by quarter (:func:`dispersion_of`), for two axes only.

    Returns
    -------
    p, signal
        ``(..., quarters - before - latest + 1, topics)``; the first belongs to quarter ``before + latest - 1``.

    Raises
    ------
    InputError
        If there are too few quarters, or a count is negative.
    """
    counts = numbers(counts, "counts", low=0.0)
    exposure = numbers(exposure, "exposure", shape=counts.shape, above=0.0)
    whole(before, "before", low=2)
    whole(latest, "latest", low=1)
    number(rate, "rate", above=0.0, below=1.0)
    quarters = counts.shape[-2]
    if quarters < before + latest:
        raise InputError("too few quarters to tell a rise", found=quarters, expected=f"at least {before + latest}")
    p = []
    for end in range(before + latest, quarters + 1):
        middle, start = end - latest, end - latest - before
        now, past = slice(middle, end), slice(start, middle)
        phi = dispersion_of(counts[past], exposure[past]) if dispersion is None else dispersion
        now_count, now_exposure = (part[..., now, :].sum(axis=-2) for part in (counts, exposure))
        past_count, past_exposure = (part[..., past, :].sum(axis=-2) for part in (counts, exposure))
        p.append(rise_probability(now_count, now_exposure, past_count, past_exposure, phi))
    found = np.stack(p, axis=-2)
    return found, false_discovery_control(found, axis=-1) <= rate
