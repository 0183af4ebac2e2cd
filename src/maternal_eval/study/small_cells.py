"""The cells of a study's respondents, the totals that tie them together, and which of them are hidden everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.methods.disclosure.suppression import Relation, suppressed
from maternal_eval.study import Study, counts

FACTORS = ("platform", "stage", "period")
"""What makes a cell, as far as the study has it."""

type Key = tuple[str | None, ...]
"""A cell: a level of each of :data:`FACTORS`, None for all of them together."""

_OVER_PERIODS = {("platform", "stage"), ("platform",), ("stage",)}
"""Combinations over all periods: tables that show them hide a cell that is hidden in any period, so that single periods
may be shown where possible."""


def key_of(row: Mapping[str, Any], totals: Mapping[str, str], has_periods: bool) -> Key:
    """Return the cell of a row of a table; a factor that is not there, empty or a total stands for all levels."""
    key: list[str | None] = []
    for factor in FACTORS:
        value: Any = row.get(factor)
        absent = value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA
        if absent or str(value) in ("", totals.get(factor)) or (factor == "period" and not has_periods):
            key.append(None)
        else:
            key.append(str(int(value)) if factor == "period" else str(value))
    return tuple(key)


def relations_of(places: Sequence[tuple[Any, Key]], numbers: np.ndarray) -> list[Relation]:
    """Return which cells add up to which: a total over one factor, and the cells that have a level of it.

    Parameters
    ----------
    places
        Per cell a label that tells tables apart, and its key.
    numbers
        ``(cells,)``: answers. Parts that exceed their total are no parts of it.
    """
    parts: dict[tuple[Any, Key, int], list[int]] = {}
    for at, (label, key) in enumerate(places):
        for factor, level in enumerate(key):
            if level is not None:
                total = (*key[:factor], None, *key[factor + 1 :])
                parts.setdefault((label, total, factor), []).append(at)
    relations = []
    for at, (label, key) in enumerate(places):
        for factor, level in enumerate(key):
            of_total = parts.get((label, key, factor), ()) if level is None else ()
            if of_total:
                rest = float(numbers[at] - numbers[list(of_total)].sum())
                if rest > -0.5:
                    relations.append(Relation(at, tuple(of_total), rest if rest > 0.5 else 0.0))
    return relations


@dataclass(frozen=True)
class StudyCells:
    """The cells of a study that no table may show.

    All tables of a study hide the same cells, whatever each of them counts: what one shows another must not give away.

    Attributes
    ----------
    hidden
        Cells with few rows, and those hidden so that these cannot be worked out.
    has_periods
        Whether cells have a period.
    sizes
        Rows of each hidden cell.
    """

    hidden: frozenset[Key]
    has_periods: bool
    sizes: Mapping[Key, float] = field(default_factory=dict)

    @classmethod
    def of(cls, study: Study, minimum: int) -> StudyCells:
        """Count the rows of a study by every combination that results show, and decide what is hidden.

        Rows without a level of a factor belong to no cell; where a total holds them, its table is looked at by itself.
        """
        has = {"platform": study.has_platforms, "stage": bool(study.stages), "period": bool(study.periods)}
        present = [factor for factor in FACTORS if has[factor]]
        finest = counts.rows_by(study, present).dropna()
        places: list[tuple[Any, Key]] = []
        numbers: list[float] = []
        for size in range(len(present), -1, -1):
            for level in combinations(present, size):
                if level in _OVER_PERIODS and "period" in present:
                    continue
                grouped = finest.groupby(list(level), observed=True)["rows"].sum().reset_index() if level else None
                rows: list[dict[Any, Any]] = [{"rows": finest["rows"].sum()}]
                if grouped is not None:
                    rows = grouped.to_dict("records")
                for row in rows:
                    if row["rows"] > 0:
                        places.append(((), key_of(row, {}, has["period"])))
                        numbers.append(float(row["rows"]))
        found = suppressed(np.array(numbers), relations_of(places, np.array(numbers)), minimum)
        sizes = {key: size for (_, key), size, out in zip(places, numbers, found, strict=True) if out}
        return cls(frozenset(sizes), has["period"], sizes)

    def hides(self, key: Key, *, any_period: bool = False, until: int | None = None, entering: float = 0.0) -> bool:
        """Whether a cell is hidden; ``any_period``: in any of the periods.

        Parameters
        ----------
        until
            The last of the periods that count; all if None.
        entering
            Hidden cells with fewer rows do not count: what is shown was made without them.
        """
        if not any_period:
            return key in self.hidden
        if key[:2] == (None, None):
            return False
        return any(
            other[:2] == key[:2]
            and self.sizes.get(other, entering) >= entering
            and (until is None or other[2] is None or int(other[2]) <= until)
            for other in self.hidden
        )
