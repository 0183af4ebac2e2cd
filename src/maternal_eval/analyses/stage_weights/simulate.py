"""Outcomes with known stage weights on given answers: what simulation studies and tests learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from maternal_eval.analyses.stage_weights.design import merge_sparse
from maternal_eval.methods.simplex_regression.likelihood import StageAnswers


def composite_values(answers: StageAnswers, weights: np.ndarray) -> np.ndarray:
    """Return the composite value (0–1) of every respondent, ``(respondents,)``.

    Weights ``(indicators,)`` are renormalised over the answered items of a dimension, then over the answered
    dimensions, exactly as in the likelihood.
    """
    starts = answers.dimension_start[:-1]
    held = np.add.reduceat(weights, starts)
    known = np.add.reduceat(answers.answered * weights, starts, axis=1)
    top = np.add.reduceat(answers.values * weights, starts, axis=1)
    mean = np.divide(top, known, out=np.zeros_like(top), where=known > 0)
    present = np.where(known > 0, held, 0.0)
    return (present * mean).sum(axis=1) / present.sum(axis=1)


def draw_outcomes(
    answers: StageAnswers,
    weights: np.ndarray,
    slope: float,
    shares: np.ndarray,
    random: np.random.Generator,
) -> StageAnswers:
    """Return the same respondents with outcomes drawn from the cumulative logistic model.

    Parameters
    ----------
    answers
        Values and which items were answered; outcomes and effects are replaced (there are no effects).
    weights, slope
        True weights of the stage (sum 1), and the logits from the worst to the best composite value.
    shares
        Share of each category; thresholds are put where the drawn latent satisfaction has these shares. Sparse
        categories are merged as in the analysis.
    """
    latent = slope * (composite_values(answers, weights) - answers.centre) + random.logistic(size=len(answers.outcome))
    thresholds = np.quantile(latent, np.cumsum(shares)[:-1] / np.sum(shares))
    outcome, categories = merge_sparse(np.searchsorted(thresholds, latent), len(shares))
    none = np.empty((len(outcome), 0), dtype=np.int64)
    return replace(answers, outcome=outcome.astype(np.int64), categories=categories, effects=none, effect_count=0)


def take(answers: StageAnswers, rows: np.ndarray) -> StageAnswers:
    """Return some respondents of a stage, in the order given; a position may stand several times."""
    parts = {name: getattr(answers, name)[rows] for name in ("values", "answered", "outcome", "effects")}
    return replace(answers, **parts)


def keep_indicators(answers: StageAnswers, kept: np.ndarray) -> StageAnswers:
    """Return a stage with some of its indicators; respondents who answered none of them are left out.

    Parameters
    ----------
    kept
        Positions in increasing order, at least one of every dimension.
    """
    counts = [np.count_nonzero((kept >= low) & (kept < high)) for low, high in _dimensions(answers)]
    rows = answers.answered[:, kept].any(axis=1)
    return replace(
        answers,
        values=answers.values[rows][:, kept],
        answered=answers.answered[rows][:, kept],
        outcome=answers.outcome[rows],
        effects=answers.effects[rows],
        dimension_start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )


def _dimensions(answers: StageAnswers) -> list[tuple[int, int]]:
    return list(zip(answers.dimension_start[:-1], answers.dimension_start[1:], strict=True))
