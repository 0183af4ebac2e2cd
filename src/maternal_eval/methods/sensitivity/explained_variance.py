r"""Which answers explain an outcome: Shapley effects for dependent survey answers.

Answers to neighbouring items say much the same, so no Sobol' index belongs to one of them. What is shared out here is
the variance of the best LINEAR predictor of the outcome: the worth of a set of answers is the R² of the regression on
them, and an answer's effect its mean increment over the orders of entry (LMG: Lindeman, Merenda & Gold 1980; Grömping
2007). These are the Shapley effects exactly if answers and outcome are jointly normal (Owen & Prieur 2017). The limits:
what only a curve or an interaction would explain belongs to nobody and stands in the part that is not explained; the
correlations are those of pairs of answers given, so items that go unanswered for a reason bias them; association,
not cause.

Along one order all increments of R² come from one Cholesky factor: with R = LL' the correlations of the answers in that
order and r those with the outcome, the squares of :math:`L^{-1} r` are the increments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.core.arguments import probability as content
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY, interval
from maternal_eval.core.randomness import Seed, generator

GROUPS = 400
"""Random groups of respondents that the bootstrap draws from (Wolter 2007): their sums are made once."""

SMALLEST = 1e-6
"""Eigenvalues of a correlation matrix of pairs are kept above this: pairs alone do not make it definite."""


@dataclass(frozen=True)
class ExplainedVariance:
    """How much of an outcome's variance each answer explains.

    Attributes
    ----------
    shares
        ``(answers,)``: of the outcome's variance; they add up to ``explained``.
    low, high
        Equal-tailed bootstrap intervals over random groups of respondents, centred at the shares: R² of a resample
        is too
        large, and its mean excess is taken off.
    error
        Monte-Carlo standard error from the sampled orders.
    explained
        R² of the regression on all answers.
    respondents
        Number of respondents.
    """

    shares: np.ndarray
    low: np.ndarray
    high: np.ndarray
    error: np.ndarray
    explained: float
    respondents: int


def pair_sums(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return what correlations by pair are made of: sums over the rows where both columns are known.

    Parameters
    ----------
    columns
        Rows × columns, near 0; NaN where not known.
    weights
        Of the rows.

    Returns
    -------
    numpy.ndarray
        4 × columns × columns: weight, sum of the first column, sum of its squares, sum of the products.
    """
    known = np.isfinite(columns).astype(float)
    filled = np.where(known > 0, columns, 0.0)
    weighted = filled * weights[:, None]
    return np.stack(
        [(known * weights[:, None]).T @ known, weighted.T @ known, (weighted * filled).T @ known, weighted.T @ filled]
    )


def pair_correlations(sums: np.ndarray) -> np.ndarray:
    """Return correlations by pair (..., columns, columns) for :func:`pair_sums` (..., 4, columns, columns).

    They are made positive definite where pairs of different rows do not fit together.

    Raises
    ------
    InputError
        If a column does not vary among the rows that it shares with another.
    """
    count, first, square, product = np.moveaxis(sums, -3, 0)
    turned = np.swapaxes(first, -1, -2)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = first / count
        variance = square / count - mean**2
        covariance = product / count - mean * turned / count
        correlation = covariance / np.sqrt(variance * np.swapaxes(variance, -1, -2))
    if not np.isfinite(correlation).all():
        raise InputError("a column does not vary among the rows that it shares with another: no correlation")
    values, vectors = np.linalg.eigh(correlation)
    if values.min() < SMALLEST:
        correlation = (vectors * np.maximum(values, SMALLEST)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
        scale = np.sqrt(np.diagonal(correlation, axis1=-2, axis2=-1))
        correlation = correlation / scale[..., :, None] / scale[..., None, :]
    return correlation


def shapley_of_r2(correlation: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Return increments of R² by order and answer, orders × answers.

    Parameters
    ----------
    correlation
        Answers and, last, the outcome.
    orders
        Orders × answers: permutations.

    Raises
    ------
    InputError
        If a correlation is not between -1 and 1.
    """
    correlation = numbers(correlation, "correlation", ndim=2, low=-1.0 - 1e-9, high=1.0 + 1e-9)
    of_answers, with_outcome = correlation[:-1, :-1], correlation[:-1, -1]
    factor = np.linalg.cholesky(of_answers[orders[:, :, None], orders[:, None, :]])
    steps = np.linalg.solve(factor, with_outcome[orders][..., None])[..., 0] ** 2
    increments = np.empty_like(steps)
    np.put_along_axis(increments, orders, steps, axis=1)
    return increments


def explained_variance(
    answers: np.ndarray,
    outcome: np.ndarray,
    weights: np.ndarray,
    *,
    orders: int = 2000,
    resamples: int = 100,
    probability: float = PROBABILITY,
    seed: Seed = 0,
) -> ExplainedVariance:
    """Return the Shapley effects of answers on an outcome, as shares of its variance.

    Parameters
    ----------
    answers
        Respondents × answers; NaN where not answered.
    outcome
        ``(respondents,)``; those without it are left out.
    weights
        Survey weights.
    orders
        Sampled orders of entry for the data, in pairs of an order and its reverse; a tenth of them for each resample.
    resamples
        Bootstrap resamples of the respondents.

    Raises
    ------
    InputError
        If an answer or the outcome does not vary.
    """
    answers = numbers(answers, "answers", ndim=2, missing=True)
    outcome = numbers(outcome, "outcome", shape=answers.shape[:1], missing=True)
    weights = numbers(weights, "weights", shape=answers.shape[:1], low=0.0)
    whole(orders, "orders", low=3)
    whole(resamples, "resamples", low=1)
    content(probability, "probability")
    used = np.isfinite(outcome) & (weights > 0) & np.isfinite(answers).any(axis=1)
    columns = np.column_stack([answers[used], outcome[used]])
    columns = columns - np.nanmean(columns, axis=0)
    weight = weights[used] / weights[used].mean()
    random = generator(seed)
    half = np.array([random.permutation(answers.shape[1]) for _ in range((orders + 1) // 2)])
    rows = np.array_split(random.permutation(len(columns)), min(GROUPS, len(columns)))
    sums = np.stack([pair_sums(columns[group], weight[group]) for group in rows])
    increments = shapley_of_r2(pair_correlations(sums.sum(axis=0)), np.concatenate([half, half[:, ::-1]]))
    shares = increments.mean(axis=0)
    pairs = 0.5 * (increments[: len(half)] + increments[len(half) :])
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    few = max(1, len(half) // 10)
    same = np.concatenate([half[:few], half[:few, ::-1]])
    counts = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=resamples)
    correlations = pair_correlations(np.tensordot(counts.astype(float), sums, axes=1))
    drawn = np.array([shapley_of_r2(correlation, same).mean(axis=0) for correlation in correlations])
    # All resamples use the same orders, so their spread is the respondents'; R² of a resample is too large on average.
    low, high = interval(shares + drawn - drawn.mean(axis=0), probability=probability)
    return ExplainedVariance(shares, low, high, error, float(shares.sum()), len(columns))
