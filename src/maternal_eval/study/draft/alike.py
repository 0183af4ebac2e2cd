"""Whether columns look like answers to one battery: by their names, and by answers that go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from maternal_eval.study.draft.profile import ColumnProfile
from maternal_eval.study.draft.words import tells


def go_together(values: Mapping[str, np.ndarray], names: Sequence[str]) -> dict[str, float]:
    """Return the mean correlation of each column with the others, 0 where too few answers show it."""
    if len(names) < 2:
        return dict.fromkeys(names, 0.0)
    table = np.column_stack([values[name] for name in names])
    known = np.isfinite(table)
    filled = np.where(known, table - np.nanmean(np.where(known.any(axis=0), table, 0.0), axis=0), 0.0)
    both = known.T.astype(float) @ known.astype(float)
    spread = np.sqrt((filled**2).T @ known.astype(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = (filled.T @ filled) / (spread * spread.T)
    usable = np.isfinite(correlation) & (both >= 30) & ~np.eye(len(names), dtype=bool)
    total = np.where(usable, correlation, 0.0).sum(axis=1)
    return dict(zip(names, (total / np.maximum(usable.sum(axis=1), 1)).tolist(), strict=True))


def is_rated(column: ColumnProfile) -> bool:
    """Whether the name or question of a column tells that something is rated."""
    return any(tells(column.told, part) for part in ("rating", "overall", "recommend"))
