"""Kano answers that stand in columns of the panel: which pair of columns asks about which element."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.evaluation_model import EvaluationModel
from maternal_eval.study.panel.contract import ColumnRule

SEPARATOR = ";"
"""Between the codes of several indicators that one Kano question asks about."""

SIDES = ("functional", "dysfunctional")


def read_kano_columns(table: pd.DataFrame, path: Path, model: EvaluationModel) -> pd.DataFrame:
    """Check the table ``element, functional, dysfunctional`` with optional ``indicator``, ``name_zh``, ``name_en``.

    An element is what a pair of Kano questions asks about. It may be an indicator, several (codes joined by
    :data:`SEPARATOR`), or nothing that the evaluation model holds (empty).

    Returns
    -------
    pandas.DataFrame
        The same rows with all six columns; ``indicator`` is empty text where the element is no indicator.

    Raises
    ------
    InputError
        If an element or column stands twice, or an indicator is unknown.
    """
    table = table.reindex(columns=["element", *SIDES, "indicator", "name_zh", "name_en"])
    table["indicator"] = table["indicator"].astype(object).fillna("").astype(str).str.strip()
    for name in ("name_zh", "name_en"):
        table[name] = table[name].astype(object).fillna(table["element"]).astype(str)
    columns = pd.concat([table["functional"], table["dysfunctional"]])
    for what, values in (("element", table["element"]), ("column of the panel", columns)):
        repeated = values[values.duplicated()]
        if not repeated.empty:
            raise InputError(
                f"the {what} stands twice", file=path, row=int(repeated.index[0]) + 2, found=repeated.iloc[0]
            )
    for position, codes in enumerate(table["indicator"]):
        for code in codes.split(SEPARATOR) if codes else []:
            if code not in model.codes:
                raise InputError(
                    "the indicator is unknown",
                    file=path,
                    row=position + 2,
                    column="indicator",
                    found=code,
                    expected="a code of the indicator file, or nothing",
                )
    return table


def kano_rules(columns: pd.DataFrame | None) -> list[ColumnRule]:
    """Return the rules of the panel's Kano columns: whole numbers from 1 to 5, or nothing."""
    if columns is None:
        return []
    return [
        ColumnRule(row[side], _column(row["element"], side), 1, 5, whole=True)
        for row in columns.to_dict("records")
        for side in SIDES
    ]


def kano_answers(panel: pd.DataFrame, columns: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the panel without its Kano columns, and the complete pairs of answers, one a row.

    The answers have ``respondent`` (the row's number where the panel names none), ``stage`` if the panel has it,
    ``indicator`` (the element), ``functional`` and ``dysfunctional``.
    """
    respondent = panel["respondent"] if "respondent" in panel else pd.Series(panel.index.astype(str), panel.index)
    known = {"respondent": respondent} | ({"stage": panel["stage"].astype("str")} if "stage" in panel else {})
    parts = [
        pd.DataFrame(known | {"indicator": element} | {side: panel[_column(element, side)] for side in SIDES})
        for element in columns["element"]
    ]
    answers = pd.concat(parts).dropna(subset=list(SIDES)).reset_index(drop=True)
    own = [_column(element, side) for element in columns["element"] for side in SIDES]
    return panel.drop(columns=own), answers


def _column(element: str, side: str) -> str:
    return f"kano/{element}/{side}"
