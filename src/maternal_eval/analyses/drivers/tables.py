"""From the fit of a group to its rows of the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.drivers.fit import DriverFit
from maternal_eval.analyses.drivers.settings import DriversSettings
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import named
from maternal_eval.methods.bootstrap import weighted_means
from maternal_eval.methods.dominance import (
    MOST_EXACT,
    explained_by_sets,
    increments,
    random_orders,
    relative_weights,
)
from maternal_eval.methods.ranks import RankDistribution
from maternal_eval.methods.sensitivity.shapley import shapley_values
from maternal_eval.study import DIMENSIONS, Study

INDICATORS = "indicators"

MOST_DIMENSIONS = 10
"""Dimensions up to which their own dominance is computed: all sets of them are enumerated in every draw."""

RISE = 1e-4
"""Coefficient, in logits over the scale, below which the gain of a draw follows the coefficient alone."""


def group_tables(
    study: Study, found: DriverFit, settings: DriversSettings, seed: np.random.SeedSequence
) -> dict[str, pd.DataFrame]:
    """Return the tables ``drivers``, ``pain_points`` and ``fits`` of one group."""
    answers = found.answers
    matrices = found.matrix_draws(settings.resamples, named(seed, "resamples"))
    matrix = found.matrix()
    orders = random_orders(len(answers.codes), settings.orders, named(seed, "orders"))
    shares, error = _dominance(matrix, orders)
    few = _with_reverse(orders, settings.resample_orders)
    of_draws = np.array([increments(one, few).mean(axis=0) for one in matrices])
    effect, drawn = corrected(shares, increments(matrix, few).mean(axis=0), of_draws)
    performance = weighted_means(study.oriented(list(answers.codes)).to_numpy()[answers.rows], answers.weight)
    relative = relative_weights(matrix)
    tables = [_rows(INDICATORS, answers.codes, effect, drawn, error, relative, performance)]
    tables += _dimension_rows(study, found, matrix, matrices)
    whole, of_whole = effect.sum(), drawn.sum(axis=1)
    low, high = interval(of_whole)
    pains = _pain_points(study, found, settings, performance, named(seed, "gains"))
    fit = {
        "answers": len(answers.category),
        "clusters": int(answers.cluster.max()) + 1,
        "categories": len(answers.points),
        "background": answers.background.shape[1],
        "explained": whole,
        "low": float(low),
        "high": float(high),
    }
    return {
        "drivers": pd.concat(tables, ignore_index=True).assign(group=answers.group),
        "pain_points": pains.assign(group=answers.group),
        "fits": pd.DataFrame([fit]).assign(group=answers.group),
    }


def _with_reverse(orders: np.ndarray, count: int) -> np.ndarray:
    """Return about ``count`` of the orders, each with its reverse."""
    half = len(orders) // 2
    taken = min(max(count // 2, 1), half)
    return np.concatenate([orders[:taken], orders[half : half + taken]])


def _dominance(matrix: np.ndarray, orders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if len(matrix) - 1 <= MOST_EXACT:
        exact = shapley_values(explained_by_sets(matrix))
        return exact, np.zeros(len(exact))
    along, half = increments(matrix, orders), len(orders) // 2
    pairs = 0.5 * (along[:half] + along[half:])
    return pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(half)


def corrected(estimate: np.ndarray, plain: np.ndarray, draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimate less its bootstrap bias, and draws that are centred there; nothing is below 0.

    R² counts what is fitted by chance; the mean of the draws says how much (Efron & Tibshirani 1993, section 10.3).

    Parameters
    ----------
    estimate
        The estimate.
    plain
        The same, computed as the draws were: with the same few orders.
    draws
        Resamples × parts.
    """
    bias = draws.mean(axis=0) - plain
    return np.maximum(estimate - bias, 0.0), np.maximum(draws + (estimate - plain) - 2 * bias, 0.0)


def _rows(
    kind: str,
    elements: tuple[str, ...],
    effect: np.ndarray,
    drawn: np.ndarray,
    error: np.ndarray,
    relative: np.ndarray,
    performance: np.ndarray,
) -> pd.DataFrame:
    whole = max(effect.sum(), 1e-12)
    shares = drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-12)
    low, high = interval(shares)
    return pd.DataFrame(
        {
            "set": kind,
            "element": list(elements),
            "dominance": effect,
            "share": effect / whole,
            "low": np.minimum(low, effect / whole),
            "high": np.maximum(high, effect / whole),
            "mcse": error / whole,
            "relative": relative / max(relative.sum(), 1e-12),
            "performance": performance,
        }
    )


def _dimension_rows(study: Study, found: DriverFit, matrix: np.ndarray, matrices: np.ndarray) -> list[pd.DataFrame]:
    of = study.model.dimension_of.loc[list(found.answers.codes)]
    names = [one for one in study.model.sibling_sets[DIMENSIONS] if one in set(of)]
    if not 2 <= len(names) <= MOST_DIMENSIONS:
        return []
    place = of.map({name: at for at, name in enumerate(names)}).to_numpy()
    # The plain matrix first, then those of the draws: one enumeration for all.
    worth = shapley_values(explained_by_sets(np.concatenate([matrix[None], matrices]), place)).T
    effect, drawn = corrected(worth[0], worth[0], worth[1:])
    weights = relative_weights(matrix)
    relative = np.bincount(place, weights)
    missing = np.full(len(names), np.nan)
    return [_rows(DIMENSIONS, tuple(names), effect, drawn, np.zeros(len(names)), relative, missing)]


def _pain_points(
    study: Study,
    found: DriverFit,
    settings: DriversSettings,
    performance: np.ndarray,
    seed: np.random.SeedSequence,
) -> pd.DataFrame:
    entries = [study.model.indicator(code) for code in found.answers.codes]
    step = settings.step / np.array([one.high - one.low for one in entries])
    gain, beta = found.gains(step), found.fit.parameters[found.coefficients]
    # How the gain follows the coefficient: the chord at the mode, over a step that is small beside the curve.
    typical = np.median(gain[np.abs(beta) > RISE] / beta[np.abs(beta) > RISE]) if (np.abs(beta) > RISE).any() else 0.0
    chord = np.where(np.abs(beta) > RISE, gain / np.where(np.abs(beta) > RISE, beta, 1.0), typical)
    drawn = found.coefficient_draws(settings.draws, seed) * chord
    low, high = interval(drawn)
    ranks = RankDistribution.of([drawn])
    rank_low, rank_high = ranks.interval()
    order = np.argsort(np.argsort(-gain, kind="stable"), kind="stable") + 1
    top = (np.argsort(np.argsort(-drawn, axis=1, kind="stable"), axis=1, kind="stable") < settings.top).mean(axis=0)
    table = pd.DataFrame(
        {
            "indicator": list(found.answers.codes),
            "performance": performance,
            "gain": gain,
            "low": low,
            "high": high,
            "p_rise": (drawn > 0).mean(axis=0),
            "rank": order,
            "rank_low": rank_low,
            "rank_high": rank_high,
            "p_top": top,
        }
    )
    return table.sort_values("rank", ignore_index=True)
