r"""Scores of a study without rows: the composite of the means of a cell instead of the mean of composites.

Both are one where the composite is an arithmetic mean and everybody answered everything. Counts do not say how the
answers of a person go together, and so neither how far composites of single persons spread: the variance of a cell's
score is bounded by the triangle inequality for standard deviations,

.. math:: \mathrm{sd}\Big(\sum_k w_k \bar v_k\Big) \le \sum_k w_k\,\mathrm{sd}(\bar v_k),

which is attained where all indicators rise and fall together: an interval is at least as wide as single answers would
make it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.scores.linking import LinkingRule, link, regimes
from maternal_eval.analyses.scores.stars import HIGHEST, LOWEST, few_stars_remarks, stars, status
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.bootstrap import counted_mean_interval
from maternal_eval.methods.composite import Composite, composite
from maternal_eval.study import FILE_NAME, Study, masses, turned
from maternal_eval.study.cells import CellTable
from maternal_eval.study.counts import answers_to, factors
from maternal_eval.study.values import asked_of, cell_table, indicator_values, value_of


def counted_composite(study: Study, weights: np.ndarray) -> Composite:
    """Return the composite score of every cell, in the order of :func:`cell_table`; not linked.

    Raises
    ------
    InputError
        If the composite is no arithmetic mean: then it is not that of the means.
    """
    return _composite(study, cell_table(study), indicator_values(study), weights)


def _composite(study: Study, table: CellTable, values: np.ndarray, weights: np.ndarray) -> Composite:
    rules = study.model_settings.aggregation
    if rules.exponents != (1.0, 1.0):
        raise InputError(
            "only the arithmetic mean of what counts say is that of single respondents",
            file=study.folder / FILE_NAME,
            column="model.aggregation.within, across",
            found=f"{rules.within}, {rules.across}",
            mend='within = "arithmetic" and across = "arithmetic" under [model.aggregation]',
        )
    asked = asked_of(study, study.model.indicators, table.frame)
    return composite(values, weights, dimension_index(study.model), asked=asked, unanswered=rules.unanswered)


def score_variance(study: Study, table: CellTable, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the largest variance that each cell's score may have: see the module."""
    codes = study.model.codes
    scales = {one.code: (one.low, one.high) for one in study.model.indicators}
    deviation = np.sqrt(table.variances(codes, value_of(study), scales))
    known, unanswered = np.isfinite(values), study.model_settings.aggregation.unanswered
    bound = np.zeros(len(values))
    for at in range(len(codes)):
        # The composite is linear: its value at the unit vectors is the weight that each answered indicator has.
        unit = np.where(known, (np.arange(len(codes)) == at).astype(float), np.nan)
        weight = composite(unit, weights, dimension_index(study.model), unanswered=unanswered).score
        bound += np.where(known[:, at], weight * deviation[:, at], 0.0)
    return bound**2


def counted_columns(study: Study, weights: np.ndarray, rule: LinkingRule) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per cell with the factors and everything that is averaged, linked; and the table of links.

    ``gated`` and ``short`` are missing: whether one person is short of any must-be is not known.
    """
    table = cell_table(study)
    values = indicator_values(study)
    plain = _composite(study, table, values, weights)
    dimension, unanswered = dimension_index(study.model), study.model_settings.aggregation.unanswered

    def on(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
        part = composite(np.where(asked, values[rows], np.nan), weights, dimension, unanswered=unanswered)
        return np.column_stack([part.score, part.dimensions])

    found = regimes(study, table.frame)
    of_cells = masses(table.frame)
    changes, links = link(found, study.model.codes, on, of_cells.weight, rule)
    linked = np.column_stack([plain.score, plain.dimensions])
    for regime, change in zip(found, changes, strict=True):
        linked[regime.rows] = rule.apply(linked[regime.rows], change)
    links["standard_error"] = np.nan  # of the differences between persons, who are not known
    columns = {"score": linked[:, 0], "answered": plain.answered, "gated": np.nan, "short": np.nan}
    columns |= {f"dimension_{one.name}": linked[:, 1 + at] for at, one in enumerate(study.model.dimensions)}
    columns["variance"] = score_variance(study, table, values, weights)
    return pd.concat([table.frame, pd.DataFrame(columns, index=table.frame.index)], axis=1), links


def counted_star_table(study: Study, resamples: int, random: np.random.Generator) -> pd.DataFrame:
    """Return the stars of every indicator: see :func:`~maternal_eval.analyses.scores.tables.star_table`."""
    known = [name for name in ("stage", "period") if name in factors(study)]
    levels = {tuple(known), tuple(name for name in known if name != "stage")}
    rows = []
    for level in sorted(levels, key=len):
        for one in study.model.indicators:
            lines = answers_to(study, one.code).dropna(subset=[one.code, *level])
            up = turned(lines[one.code].to_numpy(dtype=float), one.low, one.high, one.reversed)
            lines = lines.assign(worth=stars(up[:, None], (one,))[:, 0])
            groups: Any = lines.groupby(list(level), observed=True, sort=True) if level else [((), lines)]
            for key, cell in groups:
                mass = masses(cell)
                heard = mass.weight.sum() ** 2 / mass.squares.sum()
                share, worth = mass.weight / mass.weight.sum(), cell["worth"].to_numpy()
                mean = float(share @ worth)
                low, high = counted_mean_interval(worth, share * heard, (LOWEST, HIGHEST), resamples, random)
                place = dict(zip(level, key if isinstance(key, tuple) else (key,), strict=True))
                said = {"stars": mean, "low": low, "high": high, "n": int(mass.number.sum())}
                rows.append(
                    {"indicator": one.code, "stage": "", **place} | said | {"status": status(mean, low, high, heard)}
                )
    columns = ["indicator", "stage", *[name for name in known if name == "period"]]
    columns += ["stars", "low", "high", "n", "status"]
    return pd.DataFrame(rows, columns=columns)


def counted_remarks(study: Study, cells: pd.DataFrame, scores: pd.DataFrame, star_rows: pd.DataFrame) -> list[Remark]:
    """Say what counts cannot tell of scores, and of which nothing is sure."""
    found = [
        remark(
            "Scores are composites of the mean values of a cell; intervals are the widest that any way of answering "
            "together allows. Whether a respondent falls short of a must-be is not known: no gated score.",
            "得分为单元平均值的综合；区间取任何共同作答方式所允许的最宽者。受访者是否未达必备要求不得而知：不给出含门槛的得分。",
        )
    ]
    without = int(cells["score"].isna().sum())
    if without:
        found.append(
            remark(
                f"{without} of {len(cells)} cells answer no indicator: they have no score and are left out.",
                f"{len(cells)} 个单元中有 {without} 个没有任何指标的答案：没有得分，未计入。",
            )
        )
    partly = int(((cells["answered"] < 1.0 - 1e-9) & cells["score"].notna()).sum())
    if partly:
        found.append(
            remark(
                f"{partly} of {len(cells)} cells lack answers to some indicators: the others count for these.",
                f"{len(cells)} 个单元中有 {partly} 个缺少部分指标的答案：由其余指标分担其权重。",
            )
        )
    return [*found, *few_stars_remarks(star_rows)]
