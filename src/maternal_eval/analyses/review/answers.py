"""The stated model of answers: a distribution over the scale, moved to another mean by a common shift of its logits."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from maternal_eval.core.arguments import number, numbers, whole
from maternal_eval.core.errors import InputError
from maternal_eval.methods.optimise import find_root

FARTHEST = 30.0
"""Largest shift in logits: with it everybody gives the best or the worst answer."""


MOST_POINTS = 51
"""Points that stand for a scale of more values: fractional measures are taken to the nearest one."""


def scale_points(low: float, high: float, whole: bool) -> tuple[int, float]:
    """Return how many points stand for a scale, and their distance: its whole numbers, or a grid where they are many.

    Examples
    --------
    >>> scale_points(1, 5, whole=True)
    (5, 1.0)
    >>> scale_points(0, 100, whole=False)
    (51, 2.0)
    """
    if whole and high - low < MOST_POINTS:
        return round(high - low) + 1, 1.0
    return MOST_POINTS, (high - low) / (MOST_POINTS - 1)


def moments(shares: np.ndarray, low: float, step: float = 1.0) -> tuple[float, float]:
    """Return mean and standard deviation of an answer with the given shares of low, low + step, …

    Raises
    ------
    InputError
        If the shares are no distribution.
    """
    shares = _distribution(shares)
    scale = low + step * np.arange(len(shares))
    mean = float(shares @ scale)
    return mean, float(np.sqrt(shares @ (scale - mean) ** 2))


def shifted(shares: np.ndarray, low: float, mean: float, step: float = 1.0) -> np.ndarray:
    """Return the distribution of the same proportional-odds family that has the wished mean (McCullagh 1980).

    Raises
    ------
    ValueError
        If the mean does not lie inside the scale.
    """
    shares = _distribution(shares)
    high = low + step * (len(shares) - 1)
    if not low < mean < high:
        raise ValueError(f"a mean answer of {mean:g} does not lie between {low:g} and {high:g}")
    above = logit(np.clip(1 - np.cumsum(shares)[:-1], 1e-12, 1 - 1e-12))
    by = find_root(
        lambda shift: float(expit(above + shift).sum() - (mean - low) / step),
        -FARTHEST - 30,
        FARTHEST + 30,
        what=f"the answers with a mean of {mean:g}",
        tolerance=1e-13,
    )
    bounds = np.concatenate([[1.0], expit(above + by), [0.0]])
    return bounds[:-1] - bounds[1:]


def below_probability(shares: np.ndarray, low: float, count: int, limit: float, step: float = 1.0) -> float:
    """Return P(mean of ``count`` answers < limit), exactly: the distribution of the sum is a power of a polynomial.

    Raises
    ------
    InputError
        If the shares are no distribution, or there is no answer.
    """
    shares = _distribution(shares)
    whole(count, "count", low=1)
    number(limit, "limit")
    number(step, "step", above=0.0)
    length = (len(shares) - 1) * count + 1
    spectrum = np.fft.rfft(shares, 2 ** int(np.ceil(np.log2(length))) * 2) ** count
    sums = np.fft.irfft(spectrum)[:length]
    means = low + step * np.arange(length) / count
    return float(np.clip(sums[means < limit - 1e-9 * step].sum(), 0.0, 1.0))


def draw_moments(
    shares: np.ndarray,
    low: float,
    count: int,
    shape: tuple[int, ...],
    random: np.random.Generator,
    step: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (of the sample, by count - 1) of ``count`` answers, many times over.

    Raises
    ------
    InputError
        If the shares are no distribution, or there is no answer.
    """
    shares = _distribution(shares)
    whole(count, "count", low=1)
    counts = random.multinomial(count, shares / shares.sum(), size=shape)
    points = np.arange(len(shares))
    mean = counts @ points / count
    square = counts @ points**2 / count - mean**2
    return low + step * mean, step * np.sqrt(np.maximum(square, 0.0) * count / max(count - 1, 1))


def _distribution(shares: np.ndarray) -> np.ndarray:
    """Return shares of two or more answers, which are not negative and sum to 1."""
    shares = numbers(shares, "shares", ndim=1, low=0.0)
    if shares.size < 2 or abs(shares.sum() - 1.0) > 1e-6:
        raise InputError("shares: not a distribution", found=f"{shares.size} shares with the sum {shares.sum():.6g}")
    return shares
