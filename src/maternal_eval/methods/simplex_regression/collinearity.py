"""Which indicators the answers cannot tell apart: they share a weight, and only its sum is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from maternal_eval.core.intervals import interval
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers

SUSPECT_ANSWERS, SUSPECT_WEIGHTS = 0.8, -0.5
"""Pairs are looked at from this correlation of their answers on, or down to this one of their weights' draws."""

LEFT_OPEN = 10.0
"""Two indicators cannot be told apart if their weights' draws correlate by at most the latter, and of the prior
variance of the ratio of their weights this many times as much is left as of their sum's (1 - ``ratio_informed`` over
1 - ``sum_informed``)."""

_SUSPECTS = ("stage", "first", "second", "answer_correlation", "weight_correlation")
COLUMNS = (*_SUSPECTS, "ratio_informed", "sum_informed", "told_apart")


def pair_table(
    draws: np.ndarray,
    prior_draws: np.ndarray,
    answers: Sequence[StageAnswers],
    stages: Sequence[str],
    codes: Sequence[str],
) -> pd.DataFrame:
    """Return the pairs of indicators that may share their weight, one row per stage and pair, worst first.

    Copies of each other give the likelihood the sum of their weights alone: what is known of the ratio is the prior,
    narrowed only by what the other indicators say about how much weights move. With little data nothing is known of
    the sum either; that is said by ``informed`` of each weight and is no collinearity.

    Parameters
    ----------
    draws, prior_draws
        Draws × stages × indicators of the weights.
    answers
        One per stage.

    Returns
    -------
    pandas.DataFrame
        ``answer_correlation`` of the values of those who answered both; ``weight_correlation`` of the posterior draws;
        ``ratio_informed`` and ``sum_informed``, 1 - (posterior over prior width of the interval of the log)² for the
        ratio and the sum of the two weights; ``told_apart``.
    """
    rows = []
    for s, (stage, part) in enumerate(zip(stages, answers, strict=True)):
        of_answers, of_draws = answer_correlation(part), np.corrcoef(draws[:, s], rowvar=False)
        for i, j in combinations(range(len(codes)), 2):
            if not (of_answers[i, j] >= SUSPECT_ANSWERS or of_draws[i, j] <= SUSPECT_WEIGHTS):
                continue
            first, second, p, q = draws[:, s, i], draws[:, s, j], prior_draws[:, s, i], prior_draws[:, s, j]
            ratio = _informed(np.log(first / second), np.log(p / q))
            total = _informed(np.log(first + second), np.log(p + q))
            apart = not (of_draws[i, j] <= SUSPECT_WEIGHTS and 1.0 - ratio >= LEFT_OPEN * (1.0 - total))
            rows.append((stage, codes[i], codes[j], of_answers[i, j], of_draws[i, j], ratio, total, apart))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"told_apart": bool})
    return table.sort_values(["told_apart", "ratio_informed"], kind="stable").reset_index(drop=True)


def answer_correlation(answers: StageAnswers) -> np.ndarray:
    """Return the correlations of the values of those who answered both items; NaN where they do not vary."""
    have = answers.answered.astype(float)
    value = answers.values.astype(float) * have
    count = have.T @ have
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (value.T @ have) / count  # of the row's item among those who answered the column's too
        covariance = (value.T @ value) / count - mean * mean.T
        variance = ((value**2).T @ have) / count - mean**2
        variance = np.where(variance > np.finfo(np.float32).eps, variance, np.nan)
        return covariance / np.sqrt(variance * variance.T)


def _informed(posterior: np.ndarray, prior: np.ndarray) -> float:
    (low, high), (prior_low, prior_high) = interval(posterior), interval(prior)
    return float(1.0 - ((high - low) / (prior_high - prior_low)) ** 2)
