"""Check: what the analysis found."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from maternal_eval.core.remarks import Remark
from maternal_eval.results import Result


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
