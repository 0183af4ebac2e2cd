"""What study.toml says of a panel that holds counts or shares instead of answers: the table [counts].

In the long form a row is one answer to one question in one cell (platform × period × stage × segments), with how many
gave it; in the wide form a row is one question in one cell, with a column for each answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from maternal_eval.core.ranges import Plain
from maternal_eval.study.names import ColumnName

PanelKind = Literal["answers", "counts", "shares"]
"""What a row of the panel holds: the answers of one respondent, or how many (which share) gave an answer."""


class CountColumns(BaseModel):
    """[counts]: which columns of a panel of counts or shares play which part.

    Attributes
    ----------
    question
        The column that names what was asked: in it stands the ``column`` of an indicator or an outcome. Several are put
        together with " / ". Not needed where the study has a single question.
    answer
        The column of the answers. Without it a share is that of the higher answer of a question with two.
    count, share
        How many, or which share, gave the answer: one of the two, as ``kind`` of [panel] says.
    answers
        The wide form: column → the answer that it counts.
    number
        The number of answers behind a share.
    low, high, probability
        The interval of a share, from which its effective number of answers follows.
    percent
        Whether shares are written 0 to 100.
    add_over
        Columns that tell rows apart but make no cell: their counts are added up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: ColumnName | Annotated[tuple[ColumnName, ...], Field(min_length=1)] | None = None
    answer: ColumnName | None = None
    count: ColumnName | None = None
    share: ColumnName | None = None
    answers: dict[ColumnName, Annotated[float, Plain]] = {}
    number: ColumnName | None = None
    low: ColumnName | None = None
    high: ColumnName | None = None
    probability: Annotated[float, Plain] = Field(default=0.95, gt=0, lt=1)
    percent: bool = False
    add_over: tuple[ColumnName, ...] = ()

    @property
    def questions(self) -> tuple[str, ...]:
        """The columns that name the question."""
        if self.question is None:
            return ()
        return self.question if isinstance(self.question, tuple) else (self.question,)

    @property
    def numeric(self) -> Mapping[str, str]:
        """Part → column, for the columns of numbers."""
        parts = {name: getattr(self, name) for name in ("answer", "count", "share", "number", "low", "high")}
        return {name: column for name, column in parts.items() if column is not None}

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the file that [counts] names."""
        return tuple(dict.fromkeys([*self.questions, *self.numeric.values(), *self.answers, *self.add_over]))
