"""What a result reports: its numbers, each named once, and the tables of the papers.

Comparison with the frozen edition, findings, JSON and prose read the same list. An analysis fills it in the function
``collect`` of its ``report`` module; nothing there knows of studies, stores or papers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import KIND, PROBABILITY
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.results.tables import Cell, Evidence, TableColumn

RANGE = "range"
"""Kind of an interval that holds all values that are possible: its ends are computed, and compared, as its value is."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One number (or name) of a result.

    Attributes
    ----------
    key
        Its name inside the analysis: lower-case words joined by ``_`` and ``.``.
    value
        A number, or a text: one string for both languages or one in each.
    low, high, probability, kind
        Its interval, in the unit of the value, or None.
    error
        Monte-Carlo standard error in the unit of the value: 0 where nothing was sampled, None where two runs are not
        compared in it (a text, a number that jumps where a probability passes a threshold, a number that is picked from
        others which are compared).
    unit, decimals
        How it is written, see :mod:`maternal_eval.results.numbers`.
    evidence
        What it can show.
    """

    key: str
    value: Any
    low: float | None = None
    high: float | None = None
    probability: float | None = None
    kind: str | None = None
    error: float | None = None
    unit: str = ""
    decimals: int = 2
    evidence: Evidence

    def to_json(self) -> dict[str, Any]:
        """Return the quantity as plain JSON values; what it does not have is left out."""
        return {name: one for name, one in vars(self).items() if name == "value" or one not in (None, "")}


@dataclass(frozen=True)
class ReportedTable:
    """A table of the papers: the columns of ``frame`` that ``columns`` names, with a caption in both languages."""

    name: str
    frame: pd.DataFrame
    caption: dict[str, str]
    columns: Mapping[str, TableColumn]
    evidence: Evidence


@dataclass
class Reported:
    """The numbers and tables of one result; ``evidence`` is what they can show unless one says otherwise."""

    evidence: Evidence
    quantities: dict[str, Quantity] = field(default_factory=dict)
    tables: dict[str, ReportedTable] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict, repr=False)

    def add(
        self,
        name: str,
        value: Any,
        *,
        unit: str = "",
        decimals: int = 2,
        low: Any = None,
        high: Any = None,
        probability: float | None = PROBABILITY,
        kind: str = KIND,
        error: float | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        """Add one number; one that is missing or infinite is left out, and so is an interval with such an end.

        Two names that make the same key (of units called ``A-1`` and ``a 1``, say) get a number: ``a_1``, ``a_1_2``.

        Raises
        ------
        InputError
            If the name is taken.
        """
        if value is None or (isinstance(value, float | np.floating) and not math.isfinite(value)):
            return
        has_interval = low is not None and bool(np.isfinite([low, high]).all())
        key = self._free_key(name)
        self.quantities[key] = Quantity(
            key=key,
            value=value.item() if isinstance(value, np.generic) else value,
            low=float(low) if has_interval else None,
            high=float(high) if has_interval else None,
            probability=probability if has_interval else None,
            kind=kind if has_interval else None,
            # Where the error is not known (of a single batch of draws, say) two runs have to be equal.
            error=None if error is None else float(np.nan_to_num(error, nan=0.0, posinf=0.0)),
            unit=unit,
            decimals=decimals,
            evidence=evidence or self.evidence,
        )

    def add_each(
        self,
        name: str,
        table: pd.DataFrame,
        value: str,
        *,
        error: str | float | Sequence[float] | np.ndarray | pd.Series | None = None,
        low: str = "",
        high: str = "",
        **more: Any,
    ) -> None:
        """Add the column ``value`` of a table, a number a row.

        Parameters
        ----------
        name
            Pattern of the names, with columns in braces: ``score.{stage}.{period}``.
        error
            Name of the column of Monte-Carlo standard errors, one for all rows, or one a row.
        low, high
            Names of the columns of the interval's ends; without them there is none.
        more
            As in :meth:`add`.
        """
        rows: list[dict[Any, Any]] = table.to_dict("records")
        known = table[error].to_numpy() if isinstance(error, str) else error
        errors = [None] * len(rows) if known is None else np.broadcast_to(np.asarray(known, float), len(rows)).tolist()
        for row, own in zip(rows, errors, strict=True):
            ends = {"low": row[low], "high": row[high]} if low else {}
            self.add(name.format_map(row), row[value], error=own, **ends, **more)

    def _free_key(self, name: str) -> str:
        key = first = key_part(name)
        number = 1
        while key in self._names:
            if self._names[key] == name:
                raise InputError("two quantities of the same name", found=name)
            number += 1
            key = f"{first}_{number}"
        self._names[key] = name
        return key

    def add_table(
        self,
        name: str,
        frame: pd.DataFrame,
        caption: Mapping[str, str],
        columns: Mapping[str, TableColumn],
        evidence: Evidence | None = None,
    ) -> None:
        """Add a table; its name may be used once."""
        if name in self.tables:
            raise InputError("two tables of the same name", found=name)
        self.tables[name] = ReportedTable(name, frame, dict(caption), columns, evidence or self.evidence)


def key_part(name: str) -> str:
    """Return a name as part of a key: lower case, words joined by ``_``, parts by ``.``; letters of any script stay.

    Examples
    --------
    >>> key_part("Score.After birth.2020"), key_part("score.产后.2020"), key_part("fall.0.25.(naive)")
    ('score.after_birth.2020', 'score.产后.2020', 'fall.0.25.naive')
    """
    parts = (re.sub(r"\W+", "_", part).strip("_") for part in name.lower().split("."))
    return ".".join(part for part in parts if part) or "unnamed"


def both(labels: Mapping[str, Mapping[str, str]], name: str) -> dict[str, str]:
    """Return a name in both languages, or the name itself where the result has none for it."""
    return {language: labels.get(name, {}).get(language, name) for language in LANGUAGES}


def names(result: Any, name: str) -> dict[str, str]:
    """Return the name of an indicator, dimension, stage or outcome of ``result`` in both languages."""
    return both(result.labels, str(name))


def with_cells(table: pd.DataFrame, **columns: Iterable[Cell]) -> pd.DataFrame:
    """Return a table with further columns of cells: texts in both languages, numbers with their interval."""
    added: dict[str, Any] = {name: list(cells) for name, cells in columns.items()}
    return table.assign(**added)


def extreme(table: pd.DataFrame, column: str, *, largest: bool = True) -> Any:
    """Return the row of a table in which a column is largest, or smallest: the first of several, missing ones apart."""
    values = table[column].to_numpy(dtype=float)
    return table.iloc[int(np.nanargmax(values if largest else -values))]


def with_interval(row: Mapping[Any, Any], value: str, low: str = "low", high: str = "high") -> dict[str, float] | float:
    """Return a table cell with its interval, or the bare number where there is none."""
    number = float(row[value])
    if pd.isna(row[low]) or pd.isna(row[high]):
        return number
    return {"value": number, "low": float(row[low]), "high": float(row[high])}
