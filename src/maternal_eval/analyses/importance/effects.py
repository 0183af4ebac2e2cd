"""Importance of the dimensions and indicators of a study, over respondents and over units."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.importance.units import Units
from maternal_eval.analyses.weights.hierarchy import dimension_index
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import interval
from maternal_eval.core.randomness import generator, named
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.composite import FULL_SCORE, composite
from maternal_eval.methods.effective_weights import (
    LinearImportance,
    correlation_ratio,
    fill_unanswered,
    own_share,
    weights_for_importance,
)
from maternal_eval.study import DIMENSIONS, Study

RESPONDENTS, UNITS = "respondents", "units"
"""Over what the composite varies: single respondents, or the means of platform × stage × period."""

LEVEL_ZH = {RESPONDENTS: "受访者", UNITS: "单元"}
"""Their Chinese names in sentences."""

INDICATORS = "indicators"

FEWEST_RESAMPLED = 5
"""With fewer respondents, platforms or units to draw from, a bootstrap says nothing: there is no interval."""


def importance_tables(
    study: Study,
    panel: pd.DataFrame,
    values: np.ndarray,
    weights: np.ndarray,
    survey: np.ndarray,
    resamples: int,
    tolerance: float,
    seed: int | np.random.SeedSequence,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[Remark]]:
    """Return the tables ``importance``, ``reweighted`` and ``attainable`` of the result, and what could not be done.

    ``panel`` holds the rows of ``values``: those of the study, or its cells where it has no rows. Then there is no
    importance over respondents.
    """
    dimension = dimension_index(study.model)
    names = [one.name for one in study.model.dimensions]
    of_dimensions = composite(values, weights, dimension).dimensions / FULL_SCORE
    mass = np.bincount(dimension, weights)
    sets = [(INDICATORS, study.model.codes, values, weights, dimension)]
    if len(names) > 1:
        sets.insert(0, (DIMENSIONS, names, of_dimensions, mass, np.zeros(len(names), dtype=int)))
    factors = [name for name in ("platform", "stage", "period") if name in panel]
    levels: dict[str, Units | None] = {RESPONDENTS: None} if study.counted is None else {}
    notes: list[Remark] = []
    if study.counted is not None:
        joint_en, joint_zh = study.counted.joint
        notes.append(not_done(RESPONDENTS, f"it needs {joint_en}", f"需要{joint_zh}"))
    if factors:
        levels[UNITS] = Units.of(panel, factors, survey > 0)
    parts, changed, reached = [], [], []
    for level, units in levels.items():
        for kind, elements, table, nominal, place in sets:
            cells = table if units is None else units.means(table, survey)
            count = np.isfinite(cells).all(axis=1).sum() if units is not None else len(cells)
            if count <= len(elements) + 1:
                notes.append(
                    not_done(
                        f"{level}/{kind}",
                        f"{count} {level} are too few for {len(elements)} parts",
                        f"{count}个{LEVEL_ZH[level]}不足以估计{len(elements)}个部分的重要性",
                    )
                )
                continue
            heft = survey if units is None else np.ones(len(cells))
            clusters = None if units is None else _clusters(units)
            function = LinearImportance.of(cells, nominal, heft, place)
            if not function.at(nominal).any():
                notes.append(
                    not_done(
                        f"{level}/{kind}",
                        f"the composite does not vary over {level}: importance is undefined",
                        f"综合得分在{LEVEL_ZH[level]}之间没有变化：重要性无定义",
                    )
                )
                continue
            random = generator(named(seed, f"{level}/{kind}"))
            found = _of_set(cells, nominal, heft, place, clusters, resamples, random)
            parts.append(found.assign(level=level, set=kind, element=elements))
            wished = nominal / nominal.sum()
            better, attained = weights_for_importance(function, wished)
            table_of_set = {"nominal": wished, "weight": better, "attained": attained}
            changed.append(pd.DataFrame({"level": level, "set": kind, "element": elements} | table_of_set))
            gap = float(np.abs(attained - wished).max())
            reached.append({"level": level, "set": kind, "gap": gap, "attained": gap <= tolerance})
    first = ["level", "set", "element"]
    if not parts:
        reason = notes[0]["en"].partition(": ")[2] if notes else None
        raise InputError("the importance of nothing can be measured", file=study.folder, found=reason)
    importance = pd.concat(parts, ignore_index=True)
    columns = [*first, *importance.columns.difference(first, sort=False)]
    return importance[columns], pd.concat(changed, ignore_index=True), pd.DataFrame(reached), notes


def not_done(part: str, en: str, zh: str) -> Remark:
    """Return the remark on a part of the result that could not be computed."""
    return remark(f"{part}: {en}.", f"{part}：{zh}。")


def _clusters(units: Units) -> np.ndarray:
    """Return the cluster of each unit: its platform where there are at least two, else itself."""
    if "platform" in units.names:
        clusters, platforms = pd.factorize(units.names["platform"])
        if len(platforms) > 1:
            return clusters
    return np.arange(len(units))


def _of_set(
    values: np.ndarray,
    weights: np.ndarray,
    survey: np.ndarray,
    dimension: np.ndarray,
    clusters: np.ndarray | None,
    resamples: int,
    random: np.random.Generator,
) -> pd.DataFrame:
    """Return the importance measures of one set of parts, one row per part."""
    filled = fill_unanswered(values, weights, dimension)
    composite = filled @ (weights / weights.sum())
    function = LinearImportance.of(values, weights, survey, dimension)
    linear, own = function.at(weights), own_share(values, weights, survey, dimension)
    nonlinear = np.array([correlation_ratio(column, composite, survey) for column in values.T])
    low, high, error = _bootstrap_intervals(values, composite, survey, clusters, resamples, random)
    return pd.DataFrame(
        {
            "nominal": weights / weights.sum(),
            "linear": linear,
            "nonlinear": nonlinear,
            "own": own,
            "correlated": linear - own,
            "effective": function.shares(weights),
            "low": low,
            "high": high,
            "error": error,
            "effective_nonlinear": nonlinear / nonlinear.sum(),
        }
    )


def _bootstrap_intervals(
    values: np.ndarray,
    composite: np.ndarray,
    survey: np.ndarray,
    clusters: np.ndarray | None,
    resamples: int,
    random: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ends of the intervals and standard errors of the effective shares; NaN where too little is resampled."""
    usable = np.isfinite(composite) & (survey > 0)
    sources = int(usable.sum()) if clusters is None else len(np.unique(clusters[usable]))
    missing = np.full(values.shape[1], np.nan)
    draws = _bootstrap(values, composite, survey, clusters, resamples, random)
    # A resample in which nothing varies has no shares; where that is common, neither has the interval.
    draws = draws[np.isfinite(draws).all(axis=1)]
    if sources < FEWEST_RESAMPLED or len(draws) < resamples / 2:
        return missing, missing.copy(), missing.copy()
    low, high = interval(draws)
    return low, high, draws.std(axis=0)


def _bootstrap(
    values: np.ndarray,
    composite: np.ndarray,
    survey: np.ndarray,
    clusters: np.ndarray | None,
    resamples: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Return resamples × parts: effective shares when whole clusters (or single rows) are drawn with replacement.

    NaN where nothing varies in a resample.

    Squared correlations need five weighted sums per part, so that one matrix product does all resamples.
    """
    place = np.arange(len(values)) if clusters is None else clusters
    count = int(place.max()) + 1
    times = random.multinomial(count, np.full(count, 1.0 / count), size=resamples)
    usable = np.isfinite(composite)
    answered = (np.isfinite(values) & usable[:, None]) * survey[:, None]
    x, y = np.where(np.isfinite(values), values, 0.0), np.where(usable, composite, 0.0)[:, None]
    terms = np.concatenate([answered * part for part in (np.ones_like(x), x, x**2, y + 0 * x, y**2 + 0 * x, x * y)], 1)
    by_cluster = terms if clusters is None else np.stack([np.bincount(place, column, count) for column in terms.T], 1)
    sums = np.moveaxis((times @ by_cluster).reshape(resamples, 6, -1), 1, 0)
    mass = np.where(sums[0] > 0, sums[0], 1.0)
    mean_x, square_x, mean_y, square_y, product = sums[1:] / mass
    spread = (square_x - mean_x**2) * (square_y - mean_y**2)
    linear = np.divide((product - mean_x * mean_y) ** 2, spread, out=np.zeros_like(spread), where=spread > 1e-15)
    total = linear.sum(axis=1, keepdims=True)
    return np.divide(linear, total, out=np.full_like(linear, np.nan), where=total > 0)
