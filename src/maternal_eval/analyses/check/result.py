"""Check: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from maternal_eval.core.remarks import Remark
from maternal_eval.results import Result
from maternal_eval.results.schema import count, number, schema, share, text

TABLES = {
    "": schema("fact", "value", fact=text("Fact", "项目"), value=text("Value", "取值")),
    "answers": schema(
        "column",
        "answered share_answered smallest largest",
        answered=count("Answered", "已答份数"),
        share_answered=share("Share answered", "作答比例", decimals=0),
        smallest=number("Smallest answer", "最小答案"),
        largest=number("Largest answer", "最大答案"),
    ),
    "cells": schema("period? stage?", "answers"),
    "columns": schema(
        "column",
        "source role answered share smallest largest scale labels? levels smallest_cell",
        source=text("Column of the file", "文件中的列"),
        role=text("Role", "角色"),
        answered=count("Answered", "已答份数"),
        share=share("Share answered", "作答比例", decimals=0),
        smallest=number("Smallest answer", "最小答案"),
        largest=number("Largest answer", "最大答案"),
        scale=text("Scale", "量尺"),
        labels=text("What the file calls them", "文件中的标签"),
        levels=count("Levels", "取值个数"),
        smallest_cell=count("{Answers} of the smallest cell", "最小单元{answer}数"),
    ),
}
"""Field → schema of its table; the empty name is that of :meth:`table`."""


@dataclass(frozen=True)
class CheckResult(Result):
    """Counts of what the study holds, and what cannot be computed because it is absent.

    ``answers`` has one row per indicator and outcome: respondents, answered, share answered (0–1), smallest and
    largest answer. ``cells`` counts answers by period and stage. ``absent`` lists missing parts,
    ``remarks`` what was left out, guessed or merged at reading. ``columns``: see
    :func:`~maternal_eval.study.column_table.column_table`.
    """

    facts: dict[str, str | int | float]
    answers: pd.DataFrame
    cells: pd.DataFrame
    absent: list[dict[str, str]]
    remarks: list[Remark] = field(default_factory=list)
    columns: pd.DataFrame = field(default_factory=pd.DataFrame)

    def table(self) -> pd.DataFrame:
        """Return the facts, one a row."""
        return pd.DataFrame({"fact": list(self.facts), "value": [str(value) for value in self.facts.values()]})
