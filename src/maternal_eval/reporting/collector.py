"""How one analysis adds its numbers to the findings: under which names, with which evidence and source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from maternal_eval.analysis import Analysis
from maternal_eval.intervals import KIND, PROBABILITY
from maternal_eval.plotting import LANGUAGES
from maternal_eval.reporting.findings import Finding, Findings
from maternal_eval.reporting.tables import Evidence, FindingsTable, TableColumn
from maternal_eval.results.provenance import hash_bytes
from maternal_eval.steps import STEPS

NOTEBOOKS = {
    "check": "01_evaluation_model",
    "weights": "01_evaluation_model",
    "kano": "01_evaluation_model",
    "scores": "01_evaluation_model",
    "importance": "01_evaluation_model",
    "claims": "02_published_figures",
    "backtest": "03_backtest",
    "sensitivity": "04_sensitivity",
    "satisfaction": "05_satisfaction",
    "items": "05_satisfaction",
    "calibration": "05_satisfaction",
    "stage_weights": "06_stage_weights",
    "schedule": "06_stage_weights",
    "whatif": "07_what_if",
    "review": "07_what_if",
    "proposal_power": "06_stage_weights",
}
"""The notebook that derives the results of an analysis on the built-in study; real studies have one of their own."""

REAL_DATA_NOTEBOOK = "08_real_data"


@dataclass(frozen=True)
class Collector:
    """Adds findings of one analysis of one study, with everything that all of them share."""

    findings: Findings
    analysis: Analysis
    step: str
    evidence: Evidence

    @property
    def prefix(self) -> str:
        """How the keys of this analysis begin, e.g. ``maternal.backtest``."""
        return f"{self.analysis.name}.{self.step}"

    @property
    def source(self) -> str:
        """Notebook that derives the numbers."""
        return NOTEBOOKS[self.step] if self.analysis.definition.study.simulated else REAL_DATA_NOTEBOOK

    @property
    def input_hash(self) -> str:
        """Hash of what the result depends on, from its manifest."""
        key = self.analysis.store.manifest(self.analysis.name, self.step).key
        return hash_bytes(repr(asdict(key)).encode())

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
        evidence: Evidence | None = None,
    ) -> None:
        """Add one finding; an interval with a missing end is left out."""
        has_interval = low is not None and not pd.isna(low) and not pd.isna(high)
        self.findings.add(
            Finding(
                key=f"{self.prefix}.{key_part(name)}",
                value=value,
                evidence=evidence or self.evidence,
                step=STEPS[self.step].verb,
                source=self.source,
                unit=unit,
                decimals=decimals,
                low=float(low) if has_interval else None,
                high=float(high) if has_interval else None,
                interval_probability=probability if has_interval else None,
                interval_kind=kind if has_interval else None,
                input_hash=self.input_hash,
            )
        )

    def add_table(
        self,
        name: str,
        frame: pd.DataFrame,
        caption: Mapping[str, str],
        columns: Mapping[str, TableColumn],
        evidence: Evidence | None = None,
    ) -> None:
        """Add a table under the name ``<study>-<name>``."""
        self.findings.add_table(
            FindingsTable.from_frame(
                frame,
                name=f"{self.analysis.name}-{name}",
                caption=dict(caption),
                columns=columns,
                evidence=evidence or self.evidence,
                step=STEPS[self.step].verb,
                source=self.source,
                input_hash=self.input_hash,
            )
        )


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
