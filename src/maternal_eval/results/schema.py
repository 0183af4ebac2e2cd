"""Schemas of the tables of results: what each column is called in both languages, its unit, and what may stand in it.

A result lists its tables in ``TABLES`` (field → :class:`TableSchema`; ``""`` is its main table where that is none of
the fields). Columns that many tables have are named once, in :mod:`maternal_eval.results.vocabulary`. Tables of papers
take headings, units and decimals from here, ``--out`` writes them beside each CSV file, ``--json`` beside the numbers.
Tests hold every table that is stored to its schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from maternal_eval.core.words import DEFAULT_WORDS, Words
from maternal_eval.results.tables import TableColumn

if TYPE_CHECKING:
    import pandera.pandas as pandera

Kind = Literal["number", "amount", "count", "share", "truth", "text"]
"""What may stand in a column: any number; a number from 0; a whole one; a number from 0 to 1; true or false; text."""

ROUNDING = 1e-9
"""What a share may lie outside of 0 … 1 by: a sum of weights may end in …0001."""

ENDS = {
    "low": ("low end", "下限"),
    "high": ("high end", "上限"),
    "mcse": ("Monte-Carlo error", "蒙特卡罗误差"),
    "error": ("standard error", "标准误"),
}
"""Endings of the names of columns that belong to another one, ``share_low`` to ``share``."""


@dataclass(frozen=True)
class Column:
    """A column: its headings, how its numbers are written, and what may stand in it; any cell may be missing."""

    en: str
    zh: str
    kind: Kind = "number"
    unit: str = ""
    decimals: int = 2

    def written(
        self,
        words: Words = DEFAULT_WORDS,
        *,
        en: str = "",
        zh: str = "",
        decimals: int | None = None,
        width: float | None = None,
        signed: bool = False,
    ) -> TableColumn:
        """Return the column of a paper's table; ``en`` and ``zh`` are shorter headings where it says the rest.

        ``words`` are those of the study, which stand in the headings.
        """
        return TableColumn.in_words(
            words,
            en or self.en,
            zh or self.zh,
            decimals=self.decimals if decimals is None else decimals,
            unit=self.unit,
            signed=signed,
            width=width,
        )

    def belonging(self, ending: str) -> Column:
        """Return the column of an end of the interval, or of the error, of this one."""
        en, zh = ENDS[ending]
        return replace(self, en=f"{self.en}, {en}", zh=f"{self.zh}{zh}", kind="number")

    def holds(self, values: pd.Series) -> bool:
        """Whether nothing else stands in a column than what may."""
        known = values.dropna()
        if known.empty:
            return True
        if self.kind == "text":
            return bool(known.map(lambda value: isinstance(value, str)).all())
        if self.kind == "truth":
            return pd.api.types.is_bool_dtype(known)
        if not pd.api.types.is_numeric_dtype(known) or pd.api.types.is_bool_dtype(known):
            return False
        numbers = known.to_numpy(dtype=float)
        if self.kind in ("amount", "count"):
            return bool(((numbers >= 0) & ((numbers == np.round(numbers)) | (self.kind == "amount"))).all())
        return self.kind != "share" or bool(((numbers >= -ROUNDING) & (numbers <= 1 + ROUNDING)).all())


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table in order.

    Attributes
    ----------
    columns
        Name → column. A name with ``*`` stands for all columns that begin so (``dimension_*``): there are as many as
        the study has parts.
    key
        Columns that tell the rows apart: no two rows have the same, and none is missing but for optional ones.
    optional
        Columns that a table may lack: those of what not every study has (periods, platforms).
    """

    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    optional: frozenset[str] = field(default_factory=frozenset)

    def __getitem__(self, name: str) -> Column:
        if name in self.columns:
            return self.columns[name]
        for pattern, column in self.columns.items():
            if pattern.endswith("*") and name.startswith(pattern[:-1]):
                part = name[len(pattern) - 1 :]
                return replace(column, en=f"{column.en}: {part}", zh=f"{column.zh}：{part}")
        raise KeyError(name)

    @property
    def as_pandera(self) -> pandera.DataFrameSchema:
        """The schema as pandera checks it; headings, unit and decimals are the metadata of each column."""
        import pandera.pandas as pandera

        columns = {}
        for name, column in self.columns.items():
            pattern = name.endswith("*")
            # A pattern stands for no column that has a name of its own.
            beside = "|".join(re.escape(other) for other in self.columns if not other.endswith("*"))
            columns[f"^(?!(?:{beside})$){re.escape(name[:-1])}" if pattern else name] = pandera.Column(
                None,
                pandera.Check(column.holds, name=column.kind, error=f"not a {column.kind}"),
                nullable=name not in self.key or name in self.optional,
                required=name not in self.optional and not pattern,
                regex=pattern,
                title=column.en,
                metadata={"en": column.en, "zh": column.zh, "unit": column.unit, "decimals": column.decimals},
            )
        return pandera.DataFrameSchema(columns, strict=True)

    def check(self, table: pd.DataFrame, name: str = "") -> None:
        """Hold a table to its schema.

        Raises
        ------
        ValueError
            With every column that is missing, unknown, or holds something else, and rows that are not told apart.
        """
        import pandera.pandas as pandera

        if table.empty:
            return  # there is nothing to tell
        problems: list[str] = []
        try:
            self.as_pandera.validate(table, lazy=True)
        except pandera.errors.SchemaErrors as errors:
            cases = errors.failure_cases
            problems += [
                f"{case['column'] or case['failure_case']}: {case['check']}" for case in cases.to_dict("records")
            ]
        key = [one for one in self.key if one in table]
        if key and table.duplicated(key).any():
            first = table.loc[table.duplicated(key), key].iloc[0].to_dict()
            problems.append(f"two rows of the same {', '.join(key)}: {first}")
        if problems:
            told = "; ".join(dict.fromkeys(problems))
            raise ValueError(f"table {name or '(main)'}: {told} (its schema stands in TABLES of result.py)")

    def described(self, table: pd.DataFrame, words: Words = DEFAULT_WORDS) -> pd.DataFrame:
        """Return what the columns of a table are: ``column``, headings ``en`` and ``zh``, ``unit``, ``decimals``.

        Headings are in the ``words`` of the study. A column that the schema does not know is called by its own name.
        """
        rows: list[dict[str, Any]] = []
        for name in map(str, table.columns):
            try:
                column = self[name]
            except KeyError:
                column = Column(name, name, "text")
            rows.append(
                {
                    "column": name,
                    "en": words.say("en", column.en, column.zh),
                    "zh": words.say("zh", column.en, column.zh),
                    "unit": column.unit,
                    "decimals": column.decimals if column.kind in ("number", "share") else None,
                }
            )
        return pd.DataFrame(rows, columns=["column", "en", "zh", "unit", "decimals"])


def text(en: str, zh: str) -> Column:
    """Return a column of text."""
    return Column(en, zh, "text")


def truth(en: str, zh: str) -> Column:
    """Return a column of true and false."""
    return Column(en, zh, "truth")


def count(en: str, zh: str) -> Column:
    """Return a column of whole numbers from 0."""
    return Column(en, zh, "count", decimals=0)


def amount(en: str, zh: str) -> Column:
    """Return a column of numbers from 0 that need not be whole: of answers that stand for shares or are weighted."""
    return Column(en, zh, "amount", decimals=0)


def share(en: str, zh: str, decimals: int = 1) -> Column:
    """Return a column of numbers from 0 to 1 that are written in per cent."""
    return Column(en, zh, "share", "share", decimals)


def chance(en: str, zh: str) -> Column:
    """Return a column of probabilities, written as they are."""
    return Column(en, zh, "share")


def relative(en: str, zh: str, decimals: int = 1) -> Column:
    """Return a column of relative changes, of any sign and size, that are written in per cent."""
    return Column(en, zh, "number", "share", decimals)


def number(en: str, zh: str, decimals: int = 2, unit: str = "") -> Column:
    """Return a column of any numbers."""
    return Column(en, zh, "number", unit, decimals)


def schema(key: str, others: str = "", **own: Column) -> TableSchema:
    """Return the schema of a table.

    Parameters
    ----------
    key, others
        Names of the columns, those that tell rows apart first; with ``?`` behind the name of one that may be absent.
        ``NAME_low``, ``NAME_high``, ``NAME_mcse`` and ``NAME_error`` belong to the column ``NAME``.
    own
        Columns that this table alone has, or that are something else here than in the vocabulary.

    Examples
    --------
    >>> found = schema("stage period?", "score low high", score=number("Expected answer", "期望得分"))
    >>> found["score"].en, found["high"].zh, found.key, sorted(found.optional)
    ('Expected answer', '上限', ('stage', 'period'), ['period'])
    """
    from maternal_eval.results.vocabulary import COLUMNS

    def find(name: str) -> Column:
        for known in (own, COLUMNS):
            if name in known:
                return known[name]
        base, _, ending = name.rpartition("_")
        if ending in ENDS and base:
            return find(base).belonging(ending)
        raise KeyError(f"no column {name!r} in the vocabulary; give it as an own one")

    columns, optional = {}, set()
    for named in f"{key} {others}".split():
        name = named.removesuffix("?")
        columns[name] = own[name[:-1]] if name.endswith("*") else find(name)
        if name != named:
            optional.add(name)
    return TableSchema(columns, tuple(name.removesuffix("?") for name in key.split()), frozenset(optional))
