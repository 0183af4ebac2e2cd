"""Are answers that were held out forecast worse with stage weights? Stands in for the backtest in simulation studies.

The composite with given weights forecasts the answers of held-out respondents: slope and thresholds are fitted to the
training answers of the stage with these weights fixed, and the ranked probability score (the CRPS of an ordered answer;
smaller is better) judges the forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from maternal_eval.analyses.stage_weights.simulate import composite_values
from maternal_eval.core.intervals import normal_reach
from maternal_eval.methods.optimise import minimise
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers, log_likelihood


@dataclass(frozen=True)
class HeldOut:
    """Mean score with the static weights, mean difference (stage less static), and the upper end of its interval."""

    static: float
    difference: float
    high: float


def compare_held_out(
    train: Sequence[StageAnswers],
    test: Sequence[StageAnswers],
    static: np.ndarray,
    by_stage: np.ndarray,
) -> HeldOut:
    """Compare weights by stage (stages × indicators) with static ones on held-out respondents of all stages."""
    of_static, of_stage = [], []
    for known, new, weights in zip(train, test, by_stage, strict=True):
        of_static.append(ranked_probability_scores(known, new, static))
        of_stage.append(ranked_probability_scores(known, new, weights))
    reference = np.concatenate(of_static)
    difference = np.concatenate(of_stage) - reference
    mean, error = float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(difference.size))
    return HeldOut(float(reference.mean()), mean, mean + normal_reach() * error)


def ranked_probability_scores(train: StageAnswers, test: StageAnswers, weights: np.ndarray) -> np.ndarray:
    """Return the score of every held-out respondent: sum over k of (P(y ≤ k) - 1{y ≤ k})²."""
    slope, thresholds = _fit(train, weights)
    predictor = slope * (composite_values(test, weights) - test.centre)
    below = expit(thresholds - predictor[:, None])
    return ((below - (test.outcome[:, None] <= np.arange(thresholds.size))) ** 2).sum(axis=1)


def _fit(train: StageAnswers, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return slope and thresholds of highest likelihood with the weights fixed and no effects of period or platform.

    Effects are left out on purpose: a forecast with the training levels' effects would judge them, not the weights.

    Raises
    ------
    DiagnosticsError
        If the search does not converge.
    """
    composite = composite_values(train, weights)
    single = replace(
        train,
        values=composite[:, None].astype(np.float32),
        answered=np.ones((composite.size, 1), dtype=np.float32),
        dimension_start=np.array([0, 1]),
        effects=np.empty((composite.size, 0), dtype=np.int64),
        effect_count=0,
    )
    shares = np.bincount(train.outcome, minlength=train.categories) + 0.5
    below = np.cumsum(shares)[:-1] / shares.sum()
    start = np.log(below / (1 - below))

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        # slope, first threshold, logs of the gaps: every point is a model
        gaps = np.exp(point[2:])
        thresholds = point[1] + np.concatenate([[0.0], np.cumsum(gaps)])
        value, by = log_likelihood(np.concatenate([point[:1], thresholds]), single)
        behind = np.cumsum(by[:0:-1])[::-1]
        return -value, -np.concatenate([by[:1], behind[:1], behind[1:] * gaps])

    point = np.concatenate([[1.0], start[:1], np.log(np.diff(start))])
    found = minimise(loss, point, what="the forecast of held-out answers")
    return float(found.x[0]), found.x[1] + np.concatenate([[0.0], np.cumsum(np.exp(found.x[2:]))])
