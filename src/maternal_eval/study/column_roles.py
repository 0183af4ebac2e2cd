"""[columns] of study.toml: which columns of the panel play which part, and a stage that follows from two dates."""

from __future__ import annotations

import itertools
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from maternal_eval.study.dates import Order
from maternal_eval.study.names import ColumnName, Key, Title
from maternal_eval.study.recoding.declared import Real, Table, rising


class StageFromDates(Table, BaseModel):
    """``stage = { from = …, origin = …, cuts = […] }`` under [columns]: the life stage at a date, counted from another.

    From the date in column ``origin`` (a due date, a birthday) to that in column ``from`` (an order, a survey) it is so
    many days, weeks or months, negative before the origin. Each of ``cuts`` begins a stage: a stage holds its lower cut
    and not its upper one, so that k cuts make k + 1 stages, which follow each other. Outside ``limits`` there is none.
    ``birthday``: the origin lies in the past of every row.
    """

    date: ColumnName = Field(alias="from")
    origin: ColumnName
    cuts: tuple[Real, ...] = Field(min_length=1, max_length=99)
    labels: tuple[Title, ...] = ()
    unit: Literal["days", "weeks", "months"] = "days"
    limits: tuple[Real, Real] | None = None
    dates: Order | None = None

    @model_validator(mode="after")
    def _possible(self) -> StageFromDates:
        rising(self.cuts, "cuts")
        if self.labels and len(self.labels) != len(self.cuts) + 1:
            raise ValueError(f"labels: {len(self.cuts) + 1} of them, one more than the numbers in cuts")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("labels: each once")
        if self.limits is not None and not self.limits[0] < self.cuts[0] <= self.cuts[-1] < self.limits[1]:
            raise ValueError("limits: a number below all cuts and one above them")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the stages in their order."""
        if self.labels:
            return self.labels
        ends = [f"{cut:g}" for cut in self.cuts]
        inner = [f"{low} to below {high}" for low, high in itertools.pairwise(ends)]
        return tuple(f"{part} {self.unit}" for part in (f"before {ends[0]}", *inner, f"from {ends[-1]}"))


def _stage_column(date: object, origin: object) -> str:
    """Return the name of the column of stages that the panel gets."""
    return f"stage at {date} from {origin}"


class Columns(Table, BaseModel):
    """[columns]: which columns of the panel play which part.

    ``period = { column = "date", by = "month" }`` groups dates by year, quarter or month: then ``period`` is the
    column, ``period_by`` says by what, and ``period_dates`` what 3/5/2024 is (``dates = "day first"`` or "month
    first"). ``segments`` are columns, or a table of names and their columns. A ``stage`` may come from two dates
    (:class:`StageFromDates`). ``missing_weight`` says what becomes of a row without survey weight: it is refused unless
    "leave_out" leaves such rows out of every analysis. ``clusters`` are columns whose rows resemble each other beside
    ``respondent`` (interviewers, hospitals, lecturers), nested or crossed: they widen intervals and are published
    nowhere.
    """

    respondent: ColumnName | None = None
    period: ColumnName | None = None
    period_by: Literal["year", "quarter", "month"] | None = None
    period_dates: Order | None = None
    quarter: ColumnName | None = None
    stage: ColumnName | None = None
    stage_dates: StageFromDates | None = None
    platform: ColumnName | None = None
    weight: ColumnName | None = None
    segments: tuple[Key, ...] = ()
    segment_columns: dict[Key, ColumnName] = {}
    clusters: tuple[Key, ...] = ()
    missing_weight: Literal["refuse", "leave_out"] = "refuse"

    @model_validator(mode="before")
    @classmethod
    def _tables(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        table = dict(table)
        period, stage, segments = (table.get(name) for name in ("period", "stage", "segments"))
        if isinstance(period, dict):
            if not {"column", "by"} <= set(period) <= {"column", "by", "dates"}:
                raise ValueError('period is a column, or { column = "date", by = "month" } ("quarter", "year")')
            table |= {"period": period["column"], "period_by": period["by"], "period_dates": period.get("dates")}
        if isinstance(stage, dict):
            table |= {"stage": _stage_column(stage.get("from"), stage.get("origin")), "stage_dates": stage}
        if isinstance(segments, dict):
            table |= {"segments": tuple(segments), "segment_columns": segments}
        return table

    def source(self, segment: str) -> str:
        """Return the column of the file that holds a segment."""
        return self.segment_columns.get(segment, segment)
