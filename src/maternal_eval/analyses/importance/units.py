"""The units whose importance, ranks and sensitivity to leaving something out are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from maternal_eval.methods.bootstrap import weighted_means
from maternal_eval.study import Study

RANKED = (("platform",), ("platform", "stage"), ("stage",))
"""Levels at which units are ranked, as far as the study has them; stages alone only without platforms."""


@dataclass(frozen=True)
class Units:
    """Units: one row of ``names`` each, and the rows of the panel that belong to it."""

    names: pd.DataFrame
    members: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, panel: pd.DataFrame, level: Sequence[str], rows: np.ndarray) -> Units:
        """Return the units of ``level`` among the given rows of the panel (a mask)."""
        positions = np.flatnonzero(rows)
        groups = panel.iloc[positions].groupby(list(level), observed=True, sort=True)
        names = groups.size().index.to_frame(index=False)
        number = groups.ngroup().to_numpy()
        return cls(names, tuple(positions[number == unit] for unit in range(len(names))))

    def __len__(self) -> int:
        return len(self.members)

    @property
    def labels(self) -> list[str]:
        """Name of each unit."""
        return [" / ".join(map(str, row)) for row in self.names.itertuples(index=False)]

    def means(self, table: np.ndarray, survey: np.ndarray) -> np.ndarray:
        """Return units × columns: weighted means over each unit's rows of the table; NaN where nobody answered."""
        return np.stack([weighted_means(table[at], survey[at]) for at in self.members])


def ranked_levels(study: Study) -> list[tuple[str, ...]]:
    """Return the levels of :data:`RANKED` that the study has."""
    has = {"platform": study.has_platforms, "stage": bool(study.stages)}
    levels = [level for level in RANKED if all(has[name] for name in level)]
    return [level for level in levels if level != ("stage",) or not has["platform"]]


def latest(study: Study, panel: pd.DataFrame) -> np.ndarray:
    """Return a mask of the rows (or cells) of the last period; all of them in a study without periods."""
    if not study.periods:
        return np.ones(len(panel), dtype=bool)
    return (panel["period"] == study.periods[-1]).to_numpy()
