"""What a result reports: its numbers, each named once, and the tables of the papers.

Comparison, findings, JSON and prose read the same list. An analysis fills it in the function ``collect`` of its
``report`` module; nothing there knows of studies, stores or papers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import KIND, PROBABILITY
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.results.tables import Evidence, TableColumn


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
        compared in it (a text, a number that jumps where a probability passes a threshold).
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
        """Add one number; an interval with a missing end is left out.

        Raises
        ------
        InputError
            If the name is taken.
        """
        has_interval = low is not None and not pd.isna(low) and not pd.isna(high)
        key = key_part(name)
        if key in self.quantities:
            raise InputError("two quantities of the same name", found=key)
        self.quantities[key] = Quantity(
            key=key,
            value=value,
            low=float(low) if has_interval else None,
            high=float(high) if has_interval else None,
            probability=probability if has_interval else None,
            kind=kind if has_interval else None,
            error=error,
            unit=unit,
            decimals=decimals,
            evidence=evidence or self.evidence,
        )

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
    """Return a name as part of a key: lower case, words joined by ``_``, parts by ``.``."""
    return re.sub(r"[^a-z0-9_.]+", "_", name.lower()).strip("_")


def both(labels: Mapping[str, Mapping[str, str]], name: str) -> dict[str, str]:
    """Return a name in both languages, or the name itself where the result has none for it."""
    return {language: labels.get(name, {}).get(language, name) for language in LANGUAGES}


def names(result: Any, name: str) -> dict[str, str]:
    """Return the name of an indicator, dimension, stage or outcome of ``result`` in both languages."""
    return both(result.labels, str(name))


def with_interval(row: Mapping[str, Any], value: str, low: str = "low", high: str = "high") -> dict[str, float] | float:
    """Return a table cell with its interval, or the bare number where there is none."""
    number = float(row[value])
    if pd.isna(row[low]) or pd.isna(row[high]):
        return number
    return {"value": number, "low": float(row[low]), "high": float(row[high])}
