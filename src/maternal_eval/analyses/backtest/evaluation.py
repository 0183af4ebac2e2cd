"""From draws and observed cells to scores with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.base import base_of
from maternal_eval.methods.forecasting import scores
from maternal_eval.methods.forecasting.clustered import Clustered, Statistic, clustered, over_all, ratio, ratio_skill

CONTENTS = (0.50, 0.80, 0.90, 0.95)
"""Contents of the intervals whose coverage is told."""


@dataclass(frozen=True)
class JudgedCells:
    """What a score is computed from: forecasts of cells and what the cells turned out to be.

    Attributes
    ----------
    observed, last
        ``(cells,)``: what the cell turned out to be and what it was last.
    draws
        ``(draws, cells)`` of the observed cell mean, sampling error included.
    tolerance
        What "within" means, as a share of the observed value.
    observed_shares, shares
        ``(cells, K)``: shares of the answers, observed and forecast; without them the scores of answers are NaN.
    """

    observed: np.ndarray
    draws: np.ndarray
    last: np.ndarray
    tolerance: float
    observed_shares: np.ndarray | None = None
    shares: np.ndarray | None = None

    @cached_property
    def point(self) -> np.ndarray:
        """The point forecast of each cell, ``(cells,)``."""
        return point_forecast(self.draws)

    @cached_property
    def held(self) -> dict[float, np.ndarray]:
        """Content of an interval → whether it holds what was observed, ``(cells,)``: all from one look at the draws."""
        return dict(zip(CONTENTS, scores.covered(self.observed, self.draws, CONTENTS), strict=True))


def _of_answers(score: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[JudgedCells], np.ndarray]:
    """Return a score of answers as a score of cells: NaN where the shares of the answers are not known."""

    def of(cells: JudgedCells) -> np.ndarray:
        if cells.observed_shares is None or cells.shares is None:
            return np.full(len(cells.observed), np.nan)
        return score(cells.observed_shares, cells.shares)

    return of


def _covered(probability: float, cells: JudgedCells) -> np.ndarray:
    return cells.held[probability]


@dataclass(frozen=True)
class ScoreKind:
    """A score.

    Attributes
    ----------
    name, name_en, name_zh
        Of the row, and what readers see.
    better
        "larger", "smaller" or "nominal" (a coverage should be near its probability).
    of
        Its value in each cell; None for a skill.
    skill_of
        The smaller-is-better score that a skill compares with the reference.
    """

    name: str
    better: str
    name_en: str
    name_zh: str
    of: Callable[[JudgedCells], np.ndarray] | None = None
    skill_of: str | None = None

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest possible value."""
        if self.better == "nominal" or self.name in SHARES:
            return 0.0, 1.0
        return (-np.inf, 1.0) if self.better == "larger" else (0.0, np.inf)


SHARES = frozenset({"within_tolerance", "right_direction"})
"""Scores that are shares of cells."""


def _skill(of: str) -> ScoreKind:
    """Return the skill of a score over the last value."""
    name = of.upper()
    return ScoreKind(
        f"{of}_skill", "larger", f"Skill in {name} over the last value", f"相对上期值的{name}技巧评分", skill_of=of
    )


SCORE_KINDS: dict[str, ScoreKind] = {
    kind.name: kind
    for kind in (
        ScoreKind(
            "one_minus_mape",
            "larger",
            "Accuracy as 1 − MAPE",
            "准确率：1−平均绝对百分比误差",
            lambda cells: scores.relative_closeness(cells.observed, cells.point),
        ),
        ScoreKind(
            "within_tolerance",
            "larger",
            "Accuracy as share within ±5 % (or the tolerance set)",
            "准确率：误差±5%（或所设容差）以内的比例",
            lambda cells: scores.within_tolerance(cells.observed, cells.point, cells.tolerance),
        ),
        ScoreKind(
            "right_direction",
            "larger",
            "Accuracy as share with the right direction",
            "准确率：方向正确的比例",
            lambda cells: scores.right_direction(cells.observed, cells.point, cells.last),
        ),
        ScoreKind(
            "mae",
            "smaller",
            "Mean absolute error",
            "平均绝对误差",
            lambda cells: scores.absolute_error(cells.observed, cells.point),
        ),
        ScoreKind(
            "crps",
            "smaller",
            "CRPS",
            "连续分级概率评分（CRPS）",
            lambda cells: scores.crps(cells.observed, cells.draws),
        ),
        ScoreKind(
            "rps",
            "smaller",
            "Ranked probability score of an answer",
            "单份答卷的排序概率评分",
            _of_answers(scores.ranked_probability_score),
        ),
        ScoreKind(
            "log_score",
            "smaller",
            "Log score of an answer",
            "单份答卷的对数评分",
            _of_answers(scores.log_score),
        ),
        ScoreKind(
            "width_90",
            "smaller",
            "Width of 90 % intervals",
            "90%区间宽度",
            lambda cells: scores.width(cells.draws, 0.90),
        ),
        ScoreKind("coverage_50", "nominal", "Coverage of 50 % intervals", "50%区间覆盖率", partial(_covered, 0.50)),
        ScoreKind("coverage_80", "nominal", "Coverage of 80 % intervals", "80%区间覆盖率", partial(_covered, 0.80)),
        ScoreKind("coverage_90", "nominal", "Coverage of 90 % intervals", "90%区间覆盖率", partial(_covered, 0.90)),
        ScoreKind("coverage_95", "nominal", "Coverage of 95 % intervals", "95%区间覆盖率", partial(_covered, 0.95)),
        _skill("mae"),
        _skill("crps"),
        _skill("rps"),
    )
}
"""The scores; a new one is one more row, with the function that gives it in each cell or a ``skill_of``."""

ACCURACIES = ("one_minus_mape", "within_tolerance", "right_direction")
"""The three readings of "accuracy"."""


def point_forecast(draws: np.ndarray) -> np.ndarray:
    """Return the median of the draws, which minimises the expected absolute error, ``(cells,)``."""
    return np.median(draws, axis=0)


def cell_scores(
    observed: np.ndarray,
    draws: np.ndarray,
    last: np.ndarray,
    tolerance: float,
    observed_shares: np.ndarray | None = None,
    shares: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Return every score that is a mean over cells, cell by cell; arguments as in :class:`JudgedCells`."""
    cells = JudgedCells(observed, draws, last, tolerance, observed_shares, shares)
    return {kind.name: kind.of(cells) for kind in SCORE_KINDS.values() if kind.of is not None}


def pooled_scores(
    of_cells: dict[str, np.ndarray], of_reference: dict[str, np.ndarray], unit: np.ndarray, origin: np.ndarray
) -> list[Clustered]:
    """Return every score over all cells with its clustered standard error, in the order of :data:`SCORE_KINDS`.

    Parameters
    ----------
    of_cells, of_reference
        Scores by cell of the forecaster and of the reference, on the same cells: a skill is a paired comparison, its
        cells are left out of both together.
    unit, origin
        ``(cells,)``: cluster of each cell's unit, and its origin: 0, 1, ….
    """
    return [clustered(*_pooled(kind, of_cells, of_reference), unit, origin) for kind in SCORE_KINDS.values()]


def _pooled(
    kind: ScoreKind, of_cells: dict[str, np.ndarray], of_reference: dict[str, np.ndarray]
) -> tuple[np.ndarray, Statistic]:
    """Return what is summed over cells for a score, and the statistic of these sums."""
    parts = _summed(of_cells[kind.skill_of or kind.name])
    if kind.skill_of is None:
        return parts, ratio
    return np.concatenate([parts, _summed(of_reference[kind.skill_of])], axis=1), ratio_skill


def _summed(values: np.ndarray) -> np.ndarray:
    """Return what is summed of a score, ``(cells, 2)``: its values, and whether a cell has one."""
    known = np.isfinite(values)
    return np.column_stack([np.where(known, values, 0.0), known])


def score_table(
    of_cells: dict[str, np.ndarray], of_reference: dict[str, np.ndarray], unit: np.ndarray, origin: np.ndarray
) -> pd.DataFrame:
    """Return one row per score: value, interval and base; arguments as in :func:`pooled_scores`.

    The interval is empty with a single cluster either way, and ends where the score does. ``cells`` counts the cells
    that the score rests on, ``left_out`` those in which it has no value, and ``reason`` says why (a row of
    :data:`maternal_eval.analyses.backtest.base.REASONS`).
    """
    rows = []
    for kind, found in zip(SCORE_KINDS.values(), pooled_scores(of_cells, of_reference, unit, origin), strict=True):
        values = of_cells[kind.skill_of or kind.name]
        # A share of the answers without probability makes the mean log score infinite, whatever the other cells say.
        value = float("inf") if np.isinf(values).any() and kind.skill_of is None else found.value
        low, high = np.clip(found.interval(), *kind.limits) if np.isfinite(value) else (np.nan, np.nan)
        cells, left_out, reason = base_of(kind.name, ~np.isnan(values), value, skill=kind.skill_of is not None)
        rows.append((kind.name, kind.better, value, float(low), float(high), cells, left_out, reason))
    return pd.DataFrame(rows, columns=["score", "better", "value", "low", "high", "cells", "left_out", "reason"])


def batch_errors(
    of_batches: list[dict[str, np.ndarray]], reference_batches: list[dict[str, np.ndarray]]
) -> dict[str, float]:
    """Return the Monte-Carlo standard error of each score: spread of its values over batches of draws, over √batches.

    Parameters
    ----------
    of_batches, reference_batches
        Scores by cell (see :func:`cell_scores`) from each batch of draws; NaN without batches.
    """
    if not of_batches:
        return dict.fromkeys(SCORE_KINDS, float("nan"))
    values = [
        [over_all(*_pooled(kind, own, reference)) for kind in SCORE_KINDS.values()]
        for own, reference in zip(of_batches, reference_batches, strict=True)
    ]
    with np.errstate(invalid="ignore"):  # an infinite log score has no spread
        spread = np.std(np.array(values), axis=0, ddof=1) / np.sqrt(len(values))
    return dict(zip(SCORE_KINDS, spread.tolist(), strict=True))
