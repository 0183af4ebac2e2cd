"""What a study needs of a panel whose rows it does not hold: one small interface, whatever stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, Protocol

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel.contract import ColumnRule


class Tallied(Protocol):
    """A panel that is counted where it lies, or that holds counts.

    ``joint`` says what cannot be had of it: "(en, zh)", the end of a sentence on what an analysis lacks.
    """

    @property
    def rows(self) -> int:
        """Number of rows that count (of respondents, as far as that is known)."""

    @property
    def joint(self) -> tuple[str, str]:
        """What whoever wants the rows has to do without, in English and Chinese."""

    def tally(self, rules: Sequence[ColumnRule], weight: ColumnRule | None = None) -> pd.DataFrame:
        """Count by combination of columns: these, and ``rows``, ``counted``, ``weight`` and ``weight_squares``."""

    def describe(self, rules: Sequence[ColumnRule], period: ColumnRule | None, periods: Sequence[int]) -> pd.DataFrame:
        """Return number of answers, smallest and largest answer of numeric columns in the given periods."""

    def within(self, periods: Sequence[int]) -> Tallied:
        """Return the panel cut to some periods, where that is cheap: tallies are cut to those of the study anyway."""

    def respondents(self, rule: ColumnRule, period: ColumnRule | None, periods: Sequence[int]) -> int | None:
        """Return about how many different respondents there are; None where they are not told apart."""


class RowsNotRead:
    """Stands where the rows of a panel would stand that is only counted; knows which columns it has, and no more."""

    def __init__(self, columns: Sequence[str], refusal: InputError) -> None:
        self._columns, self._refusal = tuple(columns), refusal

    def __contains__(self, column: object) -> bool:
        return column in self._columns

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __getitem__(self, name: object) -> NoReturn:
        self._refuse()

    def __len__(self) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise self._refusal
