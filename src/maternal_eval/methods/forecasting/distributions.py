r"""From a forecast of the mean of the answers to one of their distribution.

A forecaster that says only what the mean will be is given the distribution nearest to the last one, in the sense of
Kullback and Leibler, that has this mean: :math:`p_k \propto q_k e^{\lambda v_k}` with base distribution q and
answers :math:`v_k` (exponential tilting; Kullback & Leibler 1951, Csiszár 1975). So all forecasters can be judged on
the answers themselves by the same rule.
"""

from __future__ import annotations

import numpy as np

from maternal_eval.core.arguments import increasing, numbers

PSEUDO_ANSWERS = 20.0
"""Answers of all units together that are added to those of each unit, so that small cells lean on the rest."""

STRONGEST_TILT, STEPS = 40.0, 401
"""Range and number of the tilts between which is interpolated; in units of the answer scale's range."""


NEWTON_STEPS, LONGEST_STEP = 12, 4.0
"""Steps that find a tilt to rounding where a shift is within what the scale allows, and the longest one."""


def base_shares(counts: np.ndarray) -> np.ndarray:
    """Return the shares of the answers of each unit in its last period with answers.

    Parameters
    ----------
    counts
        ``(T, C, K)`` effective counts.

    Returns
    -------
    numpy.ndarray
        ``(C, K)``, all positive. :data:`PSEUDO_ANSWERS` answers of all units together are added; half an answer of
        each kind keeps every share above 0.

    Raises
    ------
    InputError
        If a count is negative or not finite.

    Examples
    --------
    >>> base_shares(np.array([[[30.0, 10.0], [0.0, 0.0]]])).round(3).tolist()
    [[0.748, 0.252], [0.744, 0.256]]
    """
    counts = numbers(counts, "counts", ndim=3, low=0.0)
    answered = counts.sum(axis=-1) > 0
    last = np.where(answered, np.arange(len(counts))[:, None], -1).max(axis=0)
    of_unit = np.where(last[:, None] >= 0, counts[np.maximum(last, 0), np.arange(counts.shape[1])], 0.0)
    everything = counts[np.flatnonzero(answered.any(axis=1))[-1]].sum(axis=0) + 0.5
    together = everything / everything.sum()
    mixed = of_unit + PSEUDO_ANSWERS * together
    return mixed / mixed.sum(axis=1, keepdims=True)


def tilted_shares(base: np.ndarray, values: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Return the distributions nearest to ``base`` that have the means ``mean``.

    Parameters
    ----------
    base
        ``(C, K)`` positive shares.
    values
        ``(K,)`` answers, increasing.
    mean
        ``(draws, C)`` wished means; those beyond what a strong tilt reaches get its distribution.

    Returns
    -------
    numpy.ndarray
        ``(draws, C, K)``; sums to 1. Interpolated between :data:`STEPS` exact tilts: the mean is met exactly.

    Raises
    ------
    InputError
        If a share is not positive, answers do not increase, or a mean is not finite.
    """
    base = numbers(base, "base", ndim=2, above=0.0)
    values = increasing(numbers(values, "values", shape=base.shape[1:]), "values")
    mean = numbers(mean, "mean", shape=(None, len(base)))
    scaled = (values - values.mean()) / (values[-1] - values[0])
    tilt = np.linspace(-1.0, 1.0, STEPS) ** 3 * STRONGEST_TILT  # fine near no tilt, where forecasts lie
    log_shares = np.log(base)[:, None, :] + tilt[:, None] * scaled
    shares = np.exp(log_shares - log_shares.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    means = shares @ values
    result = np.empty((*mean.shape, len(values)))
    for unit, known in enumerate(means):
        above = np.clip(np.searchsorted(known, mean[:, unit]), 1, STEPS - 1)
        low, high = known[above - 1], known[above]
        part = np.clip((mean[:, unit] - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)[:, None]
        result[:, unit] = (1.0 - part) * shares[unit, above - 1] + part * shares[unit, above]
    return result


def shifted_shares(shares: np.ndarray, values: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Return the distributions nearest to ``shares`` whose means lie ``shift`` higher.

    Exponential tilting as in :func:`tilted_shares`, each distribution by its own tilt (Newton's method, bounded).

    Parameters
    ----------
    shares
        ``(draws, C, K)``: not negative, with a sum of 1.
    values
        ``(K,)`` answers, increasing.
    shift
        ``(draws, C)`` or ``(draws, 1)``; where the mean would leave the scale, as far as a strong tilt reaches.

    Returns
    -------
    numpy.ndarray
        ``(draws, C, K)``; sums to 1.

    Raises
    ------
    InputError
        If a share is negative, answers do not increase, or a shift is not finite.

    Examples
    --------
    >>> moved = shifted_shares(np.full((1, 1, 3), 1 / 3), np.array([1.0, 2.0, 3.0]), np.array([[0.5]]))
    >>> round(float(moved[0, 0] @ [1.0, 2.0, 3.0]), 6)
    2.5
    """
    shares = numbers(shares, "shares", ndim=3, low=0.0)
    values = increasing(numbers(values, "values", shape=shares.shape[2:]), "values")
    shift = numbers(shift, "shift", shape=(len(shares), None))
    scaled = (values - values.mean()) / (values[-1] - values[0])
    wished = shares @ scaled + shift / (values[-1] - values[0])
    tilt = np.zeros(wished.shape)
    moved = shares
    for _ in range(NEWTON_STEPS):
        mean = moved @ scaled
        spread = np.maximum(moved @ scaled**2 - mean**2, 1e-9)
        step = np.clip((wished - mean) / spread, -LONGEST_STEP, LONGEST_STEP)
        tilt = np.clip(tilt + step, -STRONGEST_TILT, STRONGEST_TILT)
        factor = np.exp(tilt[..., None] * scaled)
        moved = shares * factor
        moved /= moved.sum(axis=-1, keepdims=True)
    return moved
