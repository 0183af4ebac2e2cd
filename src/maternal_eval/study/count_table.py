"""A panel that holds counts: answers by cell and question, in the same interface as a panel counted in its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel.contract import ColumnRule

QUESTION, ANSWER = "[question]", "[answer]"
"""Columns of a table of counts; no column of a study can be called so."""

ROW = "[row]"
"""Column that keeps the position of a line in its file, as long as the file is read."""

MASSES = ("counted", "weight", "weight_squares")
"""What a line stands for: number of answers, sum of their weights, sum of their squared weights."""


@dataclass(frozen=True)
class CountTable:
    """Answers by cell and question; which of them one respondent gave together is not known.

    Attributes
    ----------
    frame
        One line per cell, question and answer: the study's platform, stage, period, quarter and segments (as far as it
        has them), :data:`QUESTION` (code of an indicator or name of an outcome), :data:`ANSWER`, and :data:`MASSES`.
        (Σ weight)² / Σ weight_squares is the effective number of answers of a cell; of plain counts all three are the
        count.
    source
        What a person calls the file.
    """

    frame: pd.DataFrame
    source: str

    @property
    def joint(self) -> tuple[str, str]:
        """What whoever wants the rows has to do without, in English and Chinese."""
        return (
            "the answers of single respondents (the panel holds counts: who gave which answers together is not known)",
            "单个受访者的答卷（面板为计数：同一受访者同时给出哪些答案不得而知）",
        )

    @property
    def refusal(self) -> InputError:
        """What is said to whoever asks for rows."""
        return InputError(
            "this needs the answers of single respondents, and the panel holds counts: who gave which answers together "
            "is not known",
            file=self.source,
        )

    @property
    def factors(self) -> list[str]:
        """Columns that make a cell."""
        return [str(name) for name in self.frame if name not in (QUESTION, ANSWER, *MASSES)]

    @property
    def rows(self) -> int:
        """Number of respondents, as far as it is known: of each cell those who answered its most answered question."""
        return int(self._most_answered()["counted"].sum())

    def _most_answered(self) -> pd.DataFrame:
        """Return one line per cell: the masses of the question that was answered most often in it."""
        factors = self.factors
        by_question = self.frame.groupby([*factors, QUESTION], dropna=False, sort=True)[list(MASSES)].sum()
        table = by_question.reset_index().sort_values("counted", ascending=False, kind="stable")
        return table.drop_duplicates(factors) if factors else table.head(1)

    def tally(self, rules: Sequence[ColumnRule], weight: ColumnRule | None = None) -> pd.DataFrame:
        """Count the answers by combination of columns: see :meth:`maternal_eval.study.panel.CountedPanel.tally`.

        Without a question among the columns respondents are counted: in each cell those of its most answered question.

        Raises
        ------
        InputError
            If two questions are among the columns.
        """
        factors = self.factors
        names = [rule.name for rule in rules]
        asked = [name for name in names if name not in factors]
        if len(asked) > 1:
            raise self.refusal
        lines = self._most_answered()
        if asked:
            lines = self.frame[self.frame[QUESTION] == asked[0]].rename(columns={ANSWER: asked[0]})
        if names:
            found = lines.groupby(names, dropna=False, sort=True)[list(MASSES)].sum().reset_index()
        else:
            found = lines[list(MASSES)].sum().to_frame().T.astype({"counted": "int64"})
        found.insert(len(names), "rows", found["counted"])
        return found

    def describe(self, rules: Sequence[ColumnRule], period: ColumnRule | None, periods: Sequence[int]) -> pd.DataFrame:
        """Return number of answers, smallest and largest answer of numeric columns in the given periods.

        Returns
        -------
        pandas.DataFrame
            Index: canonical name; columns answered, smallest, largest.
        """
        frame = self.frame if period is None else self.frame[self.frame[period.name].isin(periods)]
        by_question = frame.groupby(QUESTION).agg(
            answered=("counted", "sum"), smallest=(ANSWER, "min"), largest=(ANSWER, "max")
        )
        found = by_question.reindex([rule.name for rule in rules]).rename_axis(None)
        return found.fillna({"answered": 0}).astype({"answered": "int64"})

    def within(self, periods: Sequence[int]) -> CountTable:
        """Return the counts of some periods."""
        if "period" not in self.frame:
            return self
        return replace(self, frame=self.frame[self.frame["period"].isin(periods)].reset_index(drop=True))

    def respondents(self, rule: ColumnRule, period: ColumnRule | None, periods: Sequence[int]) -> int:
        """Refuse: counts name nobody.

        Raises
        ------
        InputError
            Always.
        """
        raise self.refusal
