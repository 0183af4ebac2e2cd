"""Composite forecasts for a study without rows: the relation of outcome and score runs over cells, not respondents."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.cells import History, Target, history, units_of
from maternal_eval.analyses.backtest.forecasters import Training
from maternal_eval.analyses.scores.counted import score_variance
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study import Study, counts
from maternal_eval.study.cells import CellTable
from maternal_eval.study.values import cell_table, indicator_values


def scored_cells(training: Training, target: Target, score: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Return the training cells that have a score and an outcome.

    Parameters
    ----------
    score
        Composite score of each cell, in the order of :func:`~maternal_eval.study.values.cell_table`.
    weights
        The global weights behind it, in the order of the indicators.

    Returns
    -------
    pandas.DataFrame
        The factors; ``score`` and ``outcome``, the means of the cell; ``score_variance`` and ``outcome_variance``, the
        variances of these: of the score the largest that it may have, see
        :mod:`maternal_eval.analyses.scores.counted`; ``counted``, ``weight`` and ``weight_squares`` of the outcome.
    """
    study = training.study
    of_score, of_outcome = cell_table(study), CellTable.of(study, [target.name])
    values = indicator_values(study)
    answers = of_outcome.answers[target.name]
    low, high = target.outcome.low, target.outcome.high
    ends = answers.values[[0, -1]] if low is None or high is None else np.array([low, high])
    right = of_outcome.frame.assign(
        outcome=answers.means(answers.values), outcome_variance=answers.variances(answers.values, ends)
    )
    keys = counts.factors(study)
    left = of_score.frame[keys].assign(score=score, score_variance=score_variance(study, of_score, values, weights))
    # As text: a question that some platforms lack knows fewer levels, which are another kind of column.
    named = [key for key in keys if key != "period"]
    merged = left.astype(dict.fromkeys(named, object)).merge(right.astype(dict.fromkeys(named, object)), on=keys)
    for name in named:
        merged[name] = pd.Categorical(merged[name], of_outcome.frame[name].cat.categories)
    return merged.dropna(subset=["score", "outcome", "score_variance", "outcome_variance"]).reset_index(drop=True)


def cell_history(
    cells: pd.DataFrame, values: np.ndarray, variances: np.ndarray, training: Training, target: Target
) -> History:
    """Return the means of cells that are independent of each other by unit and period, with their variances.

    Parameters
    ----------
    cells
        As :func:`scored_cells`.
    values, variances
        ``(cells,)``: what is averaged by weight, and its variance.
    """
    periods = training.periods
    found = history(cells, values, target.units, target.minimum, periods, training.study.timeline)
    unit, index = units_of(cells, target.units)
    place = found.units.get_indexer(index)
    at, when = place[unit], pd.Index(periods).get_indexer(pd.Index(cells["period"]))
    kept = (unit >= 0) & (at >= 0) & (when >= 0)
    flat, shape = when[kept] * len(found.units) + at[kept], found.mean.shape
    weight = cells["weight"].to_numpy()[kept]

    def total(numbers: np.ndarray) -> np.ndarray:
        return np.bincount(flat, numbers, minlength=shape[0] * shape[1]).reshape(shape)

    mass = total(weight)
    variance = np.divide(total(weight**2 * variances[kept]), mass**2, out=np.full(shape, np.nan), where=mass > 0)
    return replace(found, variance=np.where(np.isnan(found.mean), np.nan, variance))


def counted_remarks(study: Study, composites: bool) -> list[Remark]:
    """Say over what the relation of outcome and score runs in a study without rows."""
    if study.counted is None or not composites:
        return []
    return [
        remark(
            "Composites: outcome and score are related over cells and not over respondents, whose joint answers are "
            "not known; what holds between cells need not hold between persons.",
            "综合得分类预测：结果变量与得分的关系按单元而非按受访者估计，因同一受访者的共同作答不得而知；单元之间的关系未必适用于个人。",
        )
    ]
