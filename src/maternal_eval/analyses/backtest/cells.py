"""Cells: means of an answer by unit (platform × stage, or what the study has) and period, with their precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.methods.design_effect import crossed_design_effects
from maternal_eval.study import OUTCOME_KINDS, Outcome, Study, cluster_codes, cluster_columns, counts, masses
from maternal_eval.study.periods import NUMBERS, Timeline

ALL = "all"
"""Name of the one unit of a study that has neither platforms nor stages nor segments."""


@dataclass(frozen=True)
class Target:
    """What is forecast: the mean of an outcome in each unit.

    Attributes
    ----------
    outcome
        The outcome, on its own scale (a binary one gives a rate; the mean of ordinal codes is a mean of codes).
    units
        Columns that make a unit.
    minimum
        A cell with fewer answers is left out.
    innovation_scale
        Prior guess of the change of a mean in one period, as a share of the outcome's range.
    """

    outcome: Outcome
    units: tuple[str, ...]
    minimum: int = 20
    innovation_scale: float = 0.025

    @property
    def name(self) -> str:
        """Name of what is forecast: that of the outcome."""
        return self.outcome.name

    @property
    def values(self) -> np.ndarray | None:
        """The answers in order, ``(K,)``; None for an outcome without categories."""
        outcome = self.outcome
        if not OUTCOME_KINDS[outcome.kind].ordered_categories or outcome.low is None:
            return None
        return outcome.low + np.arange(outcome.levels)


@dataclass(frozen=True)
class History:
    """Cell means over periods.

    Attributes
    ----------
    periods
        ``(T,)``.
    steps
        ``(T,)``: step of time of each period.
    units
        ``(C,)``: the units, as an index of tuples.
    mean
        ``(T, C)``; NaN where a cell has too few answers.
    variance
        ``(T, C)``: sampling variance of the mean.
    count
        ``(T, C)``: number of answers, whether enough or not.
    effective
        ``(T, C)``: effective number of answers, (Σw)² / Σw² (Kish 1965) over the design effect of clusters.
    within_variance
        Variance of the answers inside the cells, pooled.
    """

    periods: tuple[int, ...]
    steps: np.ndarray
    units: pd.MultiIndex
    mean: np.ndarray
    variance: np.ndarray
    count: np.ndarray
    effective: np.ndarray
    within_variance: float

    def last(self) -> np.ndarray:
        """Return the latest mean of each unit, ``(C,)``; NaN without any."""
        return pd.DataFrame(self.mean).ffill().iloc[-1].to_numpy()

    def known_units(self) -> pd.MultiIndex:
        """Return the units with at least one mean."""
        return self.units[~np.isnan(self.mean).all(axis=0)]


@dataclass(frozen=True)
class UnitChoice:
    """What makes a unit, and why.

    Attributes
    ----------
    columns
        Columns that make a unit; none: everybody together.
    minimum
        A cell with fewer answers is left out.
    finer
        The finest columns that the study has, where their cells are too small; empty if they are taken.
    typical
        Median number of answers in a cell of ``finer``.
    aggregates
        Whether the rows are figures of cells and not answers: then a single one is a cell.
    """

    columns: tuple[str, ...]
    minimum: int
    finer: tuple[str, ...] = ()
    typical: float = 0.0
    aggregates: bool = False


def unit_choice(study: Study, minimum: int) -> UnitChoice:
    """Return the columns that make a unit: the finest whose typical cell has ``minimum`` answers.

    Candidates from fine to coarse: platform × stage, stage × first segment (without platforms), stage, platform, first
    segment, everything together. A candidate is taken when its median cell reaches the minimum. Decide it on the
    training periods.
    """
    panel, first = study.panel, study.segments[:1]
    candidates = [("platform", "stage")] if "platform" in panel else [("stage", *first)]
    candidates += [("stage",), ("platform",), first]
    finest: tuple[tuple[str, ...], float] | None = None
    for columns in candidates:
        if columns and all(column in panel for column in columns):
            sizes = counts.rows_by(study, ["period", *columns]).dropna()["rows"]
            typical = float(sizes.median()) if len(sizes) else 0.0
            finest = finest or (columns, typical)
            if typical >= minimum:
                return UnitChoice(columns, minimum, *(() if finest[0] == columns else finest))
    return UnitChoice((), minimum, *(finest or ()))


def history(
    panel: pd.DataFrame,
    values: np.ndarray,
    units: tuple[str, ...],
    minimum: int,
    periods: tuple[int, ...],
    timeline: Timeline = NUMBERS,
    clusters: tuple[str, ...] = (),
) -> History:
    """Return the cell means of ``values`` by unit and period.

    Parameters
    ----------
    panel
        Rows of answers with ``period``, the unit columns and maybe ``weight``; or lines of a tally.
    values
        ``(rows,)``: what is averaged; NaN = not answered.
    units, minimum
        See :class:`Target`.
    periods
        Periods in order; rows of others are ignored.
    timeline
        Which step of time each period is.
    clusters
        Columns whose rows resemble each other: effective numbers are divided by their design effect
        (:mod:`maternal_eval.methods.design_effect`).
    """
    number, weight, squared = masses(panel)
    period = pd.Index(periods).get_indexer(pd.Index(panel["period"]))
    unit, index = units_of(panel, units)
    kept = ~np.isnan(values) & (weight > 0) & (period >= 0) & (unit >= 0)
    used = np.unique(unit[kept])
    place = np.full(len(index), -1)
    place[used] = np.arange(len(used))
    shape = (len(periods), len(used))
    cell = period[kept] * len(used) + place[unit[kept]]
    value, weight, number = values[kept], weight[kept], number[kept]

    def total(numbers: np.ndarray) -> np.ndarray:
        return np.bincount(cell, weights=numbers, minlength=shape[0] * shape[1]).astype(float)

    count, mass = total(number), total(weight)
    mean = _ratio(total(weight * value), mass)
    effective = np.nan_to_num(_ratio(mass**2, total(squared[kept])))
    if clusters and len(value):
        _, effect = crossed_design_effects(value, cluster_codes(panel[kept], clusters), cell)
        effective[: len(effect)] /= effect
    # Each cell mean costs one degree of freedom.
    answers = int(number.sum())
    freedom = max(answers - int((count > 0).sum()), 1)
    squares = float((weight * (value - mean[cell]) ** 2).sum())
    within = squares / float(weight.sum()) * answers / freedom if answers else float("nan")
    enough = count >= minimum
    mean = np.where(enough, mean, np.nan)
    variance = np.where(enough, _ratio(np.full_like(effective, within), effective), np.nan)
    mean, variance, count, effective = (part.reshape(shape) for part in (mean, variance, count, effective))
    return History(periods, timeline.positions(periods), index[used], mean, variance, count, effective, within)


def units_of(panel: pd.DataFrame, units: tuple[str, ...]) -> tuple[np.ndarray, pd.MultiIndex]:
    """Return the number of each row's unit (−1: a column is missing) and the units in the order of the categories."""
    if not units:
        return np.zeros(len(panel), dtype=int), pd.MultiIndex.from_tuples([(ALL,)], names=[ALL])
    columns = [panel[unit].astype("category").cat for unit in units]
    sizes = [len(column.categories) for column in columns]
    codes = np.array([column.codes.to_numpy() for column in columns])
    known = (codes >= 0).all(axis=0)
    number = np.where(known, np.ravel_multi_index(np.maximum(codes, 0), sizes), -1)
    levels = [column.categories.astype("str") for column in columns]
    return number, pd.MultiIndex.from_product(levels, names=list(units))


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Return the ratio, NaN where the denominator is 0."""
    empty = np.full(denominator.shape, np.nan)
    return np.divide(numerator, denominator, out=empty, where=denominator > 0)


def outcome_history(study: Study, target: Target, periods: tuple[int, ...]) -> History:
    """Return the cell means of the target's outcome in ``periods``."""
    panel = counts.answers_to(study, target.name)
    values = panel[target.name].to_numpy(dtype=float)
    clusters = () if study.counted is not None else cluster_columns(study)
    return history(panel, values, target.units, target.minimum, periods, study.timeline, clusters)


def answer_counts(study: Study, target: Target, cells: History) -> np.ndarray:
    """Return the effective number of answers of each kind, ``(T, C, K)``, in the cells of ``cells``.

    The weighted shares of the answers times the effective number of answers of the cell (Kish 1965): unequal weights
    cost precision. Cells with fewer answers than the minimum count here too.

    Raises
    ------
    ValueError
        If the outcome has no categories.
    """
    values, panel = target.values, counts.answers_to(study, target.name)
    if values is None:
        raise ValueError(f"outcome {target.name} has no categories")
    period = pd.Index(cells.periods).get_indexer(pd.Index(panel["period"]))
    unit, index = units_of(panel, target.units)
    place = cells.units.get_indexer(index)
    answer = panel[target.name].to_numpy(dtype=float)
    weight = masses(panel).weight
    kept = ~np.isnan(answer) & (weight > 0) & (period >= 0) & (unit >= 0)
    kept[kept] &= place[unit[kept]] >= 0
    shape = (len(cells.periods), len(cells.units), len(values))
    category = np.round(answer[kept] - values[0]).astype(int)
    flat = np.ravel_multi_index((period[kept], place[unit[kept]], category), shape)
    weighted = np.bincount(flat, weights=weight[kept], minlength=int(np.prod(shape))).reshape(shape)
    total = weighted.sum(axis=-1)
    return weighted * np.nan_to_num(_ratio(cells.effective, total))[..., None]
