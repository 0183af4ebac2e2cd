"""A panel as its file says it, before any check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from maternal_eval.core.remarks import Remark


@dataclass(frozen=True)
class RawPanel:
    """A panel as its file says it, before any check.

    Attributes
    ----------
    frame
        The columns that were asked for, one row per answer.
    source
        What a person calls the panel: the file's name.
    first_row
        The number that the first data row has for a person looking at the file: 2 where a header line stands above it,
        1 where it does not.
    value_labels
        Column → code → label (SPSS and Stata files).
    variable_labels
        Column → the question's wording (SPSS and Stata files).
    remarks
        What a person should hear about the reading: the encoding that was found, the sheet that was used, columns and
        sheets that are not used, codes that stand for no answer.
    header
        The names of all columns of the file in their order, those that were not read among them; empty if ``frame``
        has them all.
    row_numbers
        The numbers of the rows where they do not simply follow ``first_row`` (empty lines between them).
    """

    frame: pd.DataFrame
    source: str
    first_row: int
    value_labels: dict[str, dict[object, str]] = field(default_factory=dict)
    variable_labels: dict[str, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    header: Sequence[str] = ()
    row_numbers: Sequence[int] | None = None

    @property
    def columns(self) -> list[str]:
        """Names of all columns of the file, and of those that were derived from them."""
        own = [str(column) for column in self.frame.columns]
        return [*self.header, *(name for name in own if name not in self.header)] if self.header else own

    def row(self, position: int) -> int:
        """Return the number that the row at ``position`` (from 0) has for a person looking at the file."""
        return position + self.first_row if self.row_numbers is None else int(self.row_numbers[position])
