r"""Coefficients that are alike inside their set until the answers tell them apart: a hierarchy without an anchor.

Given estimates :math:`\hat b \sim N(b, V)`, the coefficients of a set scatter around a mean of its own,
:math:`b_j \sim N(\mu_{s(j)}, \tau^2)`, with every :math:`\mu_s` free and :math:`\tau` flat up to a multiple of the mean
coefficient. With :math:`\mu` integrated out the prior precision is :math:`(I - H) / \tau^2`, H the matrix that takes
the mean of each set, so that for given τ

.. math:: Q = V^{-1} + (I - H) / \tau^2, \qquad m = Q^{-1} V^{-1} \hat b, \qquad
   \log p(\hat b \mid \tau) = -(p - s) \log \tau - \tfrac12 \log |Q| + \tfrac12 m^\top Q m + \text{const}

with p coefficients in s sets. Why a hierarchy: thirty weights with a flat prior each carry their own error, and the
errors add up in every measure of distance, so that weights which agree look as if they did not (Stein 1956; Efron &
Morris 1977). Nothing is said of where the weights lie: dimensions are free, and so is the size of the differences.
"""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from maternal_eval.core.randomness import Seed, generator
from maternal_eval.methods.nonnegative_normal import nonnegative_draws

GRID = 8
"""Values of τ."""

SMALLEST, LARGEST = 0.03, 2.0
"""Ends of the grid of τ, in mean coefficients."""


def scatter_posterior(
    estimate: np.ndarray, covariance: np.ndarray, sets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the grid of τ, its probabilities, and mean and covariance of the coefficients at each.

    Parameters
    ----------
    estimate, covariance
        Of the coefficients.
    sets
        Number 0, 1, … of the set of each.

    Returns
    -------
    tau, probability, means, covariances
        ``(GRID,)``, ``(GRID,)``, ``(GRID, p)``, ``(GRID, p, p)``.
    """
    size = len(estimate)
    typical = max(float(np.abs(estimate).mean()), 1e-6)
    tau = typical * np.geomspace(SMALLEST, LARGEST, GRID)
    member = (sets[:, None] == np.arange(sets.max() + 1)).astype(float)
    inside = np.eye(size) - (member / np.maximum(member.sum(axis=0), 1.0)) @ member.T
    precision = np.linalg.inv(covariance)
    free = size - len(np.unique(sets))
    log, means, covariances = [], [], []
    for one in tau:
        joint = precision + inside / one**2
        solved = np.linalg.inv(joint)
        mean = solved @ precision @ estimate
        # A step of a geometric grid stands for a stretch of τ that is as long as τ: the prior is flat in τ.
        log.append(
            np.log(one) - free * np.log(one) - 0.5 * np.linalg.slogdet(joint)[1] + 0.5 * float(mean @ joint @ mean)
        )
        means.append(mean)
        covariances.append(0.5 * (solved + solved.T))
    return tau, softmax(np.array(log)), np.array(means), np.array(covariances)


def exchangeable_draws(
    estimate: np.ndarray, covariance: np.ndarray, sets: np.ndarray, draws: int, seed: Seed, sweeps: int = 60
) -> np.ndarray:
    """Return draws of the coefficients, draws × coefficients, none of them negative.

    Parameters
    ----------
    estimate, covariance, sets
        As :func:`scatter_posterior`.
    draws, seed, sweeps
        As :func:`~maternal_eval.methods.nonnegative_normal.nonnegative_draws`.

    Raises
    ------
    DiagnosticsError
        As there.
    """
    random = generator(seed)
    _, probability, means, covariances = scatter_posterior(estimate, covariance, sets)
    counts = random.multinomial(draws, probability)
    parts = [
        nonnegative_draws(mean, spread, int(count), random, sweeps)
        for mean, spread, count in zip(means, covariances, counts, strict=True)
        if count
    ]
    return random.permutation(np.concatenate(parts))


def clipped_draws(estimate: np.ndarray, covariance: np.ndarray, sets: np.ndarray, draws: int, seed: Seed) -> np.ndarray:
    """Return fast approximate draws for simulations: normal ones of which what is negative is taken for 0.

    Parameters
    ----------
    estimate, covariance, sets, draws, seed
        As :func:`exchangeable_draws`.
    """
    random = generator(seed)
    _, probability, means, covariances = scatter_posterior(estimate, covariance, sets)
    parts = []
    counts, roots = random.multinomial(draws, probability), np.linalg.cholesky(covariances)
    for mean, root, count in zip(means, roots, counts, strict=True):
        parts.append(mean + random.standard_normal((int(count), len(mean))) @ root.T)
    return np.maximum(random.permutation(np.concatenate(parts)), 1e-9)
