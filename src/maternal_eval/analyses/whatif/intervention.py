"""What a scenario does to the answers of the respondents it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.analyses.whatif.link import operation_levels, transformed
from maternal_eval.analyses.whatif.population import Population
from maternal_eval.analyses.whatif.scenarios import Change, Operation, Scenario, inside
from maternal_eval.core.errors import InputError
from maternal_eval.study import FILE_NAME, Study, turned
from maternal_eval.study.values import values_of


@dataclass(frozen=True)
class Intervention:
    """A scenario on the target respondents.

    Attributes
    ----------
    scenario
        What was asked.
    columns
        Positions of the indicators that change.
    answers
        Target respondents × columns × sets: the answers afterwards; one set where no operation is involved.
    about
        Positions of the target respondents in its place who answered an indicator that it changes.
    touched, clipped
        Share of the target respondents in its place whose answers change, and share of the answers to be changed that
        stop at the end of the scale, because they stand there already or would have gone beyond it.
    unlinked
        Share of the target respondents in its place whose platform and period the log of an operation does not hold.
    """

    scenario: Scenario
    columns: np.ndarray
    answers: np.ndarray
    about: np.ndarray
    touched: float
    clipped: float
    unlinked: float = 0.0

    @property
    def by_set(self) -> bool:
        """Whether the answers afterwards differ between sets: an operation reaches them through an uncertain link."""
        return self.answers.shape[2] > 1

    def values_after(self, population: Population, rows: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
        """Return answers and values (rows × indicators) after the intervention, in set ``place``."""
        answers, values = population.answers[rows].copy(), population.values[rows].copy()
        changed = self.answers[:, :, min(place, self.answers.shape[2] - 1)]
        answers[:, self.columns] = changed
        columns = self.columns
        low, high, reverse = (getattr(population, name)[columns] for name in ("low", "high", "reverse"))
        of_columns = [population.indicators[column] for column in columns]
        values[:, columns] = values_of(of_columns, turned(changed, low, high, reverse), population.shapes)
        return answers, values


def intervene(
    study: Study,
    population: Population,
    rows: np.ndarray,
    scenario: Scenario,
    operations: Mapping[str, Operation],
    slopes: Mapping[str, np.ndarray],
) -> Intervention:
    """Return what a checked scenario does to the respondents ``rows``.

    Parameters
    ----------
    slopes
        Operation → slope of its link in each set.
    """
    panel = population.panel.iloc[rows]
    here = inside(panel, scenario)
    indicator_of = {
        target: operations[target].indicator if target in operations else target for target in scenario.changes
    }
    columns = np.array(sorted({population.column(code) for code in indicator_of.values()}), dtype=np.int64)
    linked = [target for target in scenario.changes if target in operations]
    sets = len(slopes[linked[0]]) if linked else 1
    before = population.answers[rows][:, columns]
    wanted = np.repeat(before[:, :, None], sets, axis=2)
    missing = np.zeros(len(rows), dtype=bool)
    for target, change in scenario.changes.items():
        place = int(np.flatnonzero(columns == population.column(indicator_of[target]))[0])
        if target in operations:
            step = operation_step(study, panel, operations[target], change)
            missing |= np.isnan(step)
            wanted[here, place] += np.nan_to_num(step)[here, None] * slopes[target]
        else:
            wanted[here, place] = change.apply(wanted[here, place])
    low, high = population.low[columns][None, :, None], population.high[columns][None, :, None]
    after = np.clip(wanted, low, high)
    known = (here[:, None] & np.isfinite(before))[:, :, None] & np.ones(sets, dtype=bool)
    moves = known & (after != before[:, :, None])
    stopped = known & (wanted != after)
    changed, survey = moves.any(axis=(1, 2)), population.survey[rows][here]
    return Intervention(
        scenario=scenario,
        columns=columns,
        answers=after,
        about=np.flatnonzero(known.any(axis=(1, 2))),
        touched=float(np.average(changed[here], weights=survey)) if here.any() else 0.0,
        clipped=float(stopped.sum() / known.sum()) if known.any() else 0.0,
        unlinked=float(np.average(missing[here], weights=survey)) if here.any() else 0.0,
    )


def operation_step(study: Study, panel: pd.DataFrame, operation: Operation, change: Change) -> np.ndarray:
    """Return by how much the transformed operation changes for each respondent, by her platform and period.

    NaN where the log does not hold her platform and period.

    Raises
    ------
    InputError
        If the operation would fall below zero somewhere, or to zero where its logarithm counts.
    """
    levels = operation_levels(study, operation)
    index = pd.MultiIndex.from_arrays([panel["platform"].astype(str), panel["period"].astype(int)])
    level = levels.reindex(index).to_numpy(dtype=float)
    scaled = change.apply(level * operation.units) / operation.units
    if ((scaled <= 0) if operation.transform == "log" else (scaled < 0)).any():
        raise InputError(
            "the intervention goes beyond what the operation can be",
            file=study.folder / FILE_NAME,
            column="analysis.whatif.scenarios",
            found=f"{operation.en} of {np.nanmin(scaled) * operation.units:g}",
            expected="a level above 0" if operation.transform == "log" else "a level of at least 0",
        )
    return transformed(operation, scaled) - transformed(operation, level)
