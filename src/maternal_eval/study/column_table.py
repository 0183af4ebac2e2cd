"""The columns of a panel as ``check`` shows them: what each is for, how it is answered, how many levels it has."""

from __future__ import annotations

from typing import Any

import pandas as pd

from maternal_eval.study import counts
from maternal_eval.study.study import Study

COLUMNS = (
    "column",
    "source",
    "role",
    "answered",
    "share",
    "smallest",
    "largest",
    "scale",
    "labels",
    "levels",
    "smallest_cell",
)
"""``labels``: what the file calls the answers; ``share`` is 0–1; ``smallest_cell`` the smallest number of answers in a
cell of period and stage, for a column of codes that of its rarest level; nothing where it is below the number of
answers that may be shown."""


def column_table(study: Study) -> pd.DataFrame:
    """Return one row per column of the panel that the study uses; counts only where a large panel is not read."""
    total = counts.number_of_rows(study)
    numeric = [*study.model.codes, *study.outcomes]
    answers = counts.answers(study, numeric).to_dict("index")
    of_cell = _smallest_cells(study, numeric)
    rows = []
    for rule in study.rules:
        name = rule.name
        row: dict[str, Any] = {"column": name, "source": rule.source, "role": _role(study, name)}
        if name in answers:
            answered = int(answers[name]["answered"])
            row |= {
                "answered": answered,
                "smallest": float(answers[name]["smallest"]),
                "largest": float(answers[name]["largest"]),
                "scale": _scale(rule.low, rule.high),
                "labels": ", ".join(f"{code:g} {label}" for code, label in study.answer_labels.get(name, {}).items()),
                "smallest_cell": of_cell.get(name),
            }
            if study.counted is None:
                row["levels"] = int(study.panel[name].nunique())
        elif study.counted is None:
            values = study.panel[name]
            row |= {"answered": int(values.notna().sum()), "levels": int(values.nunique())}
            if name in ("period", "quarter", "stage", "platform", *study.segments):
                row["smallest_cell"] = int(values.value_counts().min()) if values.notna().any() else 0
            if pd.api.types.is_numeric_dtype(values):
                row |= {"smallest": float(values.min()), "largest": float(values.max())}
        least = row.get("smallest_cell")
        if least is not None and 0 < least < study.definition.disclosure.minimum:
            row["smallest_cell"] = None
        row["share"] = row["answered"] / total if "answered" in row and total else None
        rows.append(row)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = dict.fromkeys(("answered", "levels", "smallest_cell"), "Int64")
    return table.astype(whole | dict.fromkeys(("share", "smallest", "largest"), "float64"))


def _role(study: Study, name: str) -> str:
    if name in study.outcomes:
        outcome = study.outcomes[name]
        return f"outcome, {outcome.kind}" + (" (less is better)" if outcome.reversed else "")
    if name in study.model.codes:
        one = study.model.indicator(name)
        return f"indicator, {one.kind}" + (" (less is better)" if one.reversed else "")
    if name in study.segments:
        return "segment"
    if name in study.definition.columns.clusters:
        return "cluster"
    if name == "stage":
        return "stage, ordered" if study.stages_ordered else "stage, without an order"
    return name


def _scale(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:g}–{high:g}"


def _smallest_cells(study: Study, names: list[str]) -> dict[str, int]:
    by = [name for name in ("period", "stage") if name in study.panel and (name != "stage" or study.stages)]
    if study.counted is not None or not by or not names:
        return {}
    answered = study.panel.groupby(by, observed=True)[names].count()
    return {} if answered.empty else {name: int(answered[name].min()) for name in names}
