"""Panels too large to be read: held to their contract and counted where they lie, by DuckDB.

A Parquet or CSV file (also gzip) is scanned in bounded memory. What comes back is small: the answers by combination of
a few columns, with the sums of weights and of squared weights that the satisfaction model needs. Nothing else can be
computed from such a panel: whoever asks for its rows is told so (:class:`RowsNotRead`).
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.panel.contract import ColumnRule, require_columns, violation
from maternal_eval.panel.raw import RawPanel

LARGEST_READ = 1_000_000
"""Panels with more rows are counted in their file and not read."""

MEMORY_LIMIT = "1GB"
"""Memory that DuckDB may take; beyond it goes to a temporary folder."""

COUNTED_ENDINGS = (".parquet", ".csv", ".csv.gz")
"""Formats that can be counted without being read."""

# What the reader of small panels (Arrow) takes for nothing in a column of numbers.
_NOTHING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "N/A", "NA", "NULL",
    "NaN", "n/a", "nan", "null",
)  # fmt: skip

_TEXT_TYPES = ("VARCHAR", "ENUM")


def is_large(path: Path, limit: int = LARGEST_READ) -> bool:
    """Whether a panel file has more than ``limit`` rows; only Parquet and CSV files can be large in this sense."""
    name = path.name.lower()
    if not name.endswith(COUNTED_ENDINGS) or not path.is_file():
        return False
    if name.endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as arrow_parquet

        try:
            return bool(arrow_parquet.ParquetFile(path).metadata.num_rows > limit)
        except (pa.ArrowInvalid, OSError):
            return False  # the reader of small panels says what is wrong with it
    lines = 0
    try:
        with (gzip.open if name.endswith(".gz") else open)(path, "rb") as handle:
            while block := handle.read(1 << 20):
                lines += block.count(b"\n")
                if lines > limit + 1:
                    return True
    except (EOFError, OSError):
        return False
    return False


class RowsNotRead:
    """Stands where the rows of a panel would stand that is only counted; knows which columns it has, and no more."""

    def __init__(self, columns: Sequence[str], source: str, rows: int) -> None:
        self._columns, self._source, self._rows = tuple(columns), source, rows

    def __contains__(self, column: object) -> bool:
        return column in self._columns

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __getitem__(self, name: object) -> NoReturn:
        self._refuse()

    def __len__(self) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise InputError(
            "the panel is too large for this: its answers are only counted in the file",
            file=self._source,
            found=f"{self._rows:,} rows",
            expected=f"at most {LARGEST_READ:,}",
        )


@dataclass(frozen=True)
class CountedPanel:
    """A panel file and the rules of its columns.

    Attributes
    ----------
    path, delimiter, encoding
        The file; the latter two of CSV files.
    """

    path: Path
    delimiter: str = ","
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        """Refuse an encoding that cannot be counted.

        Raises
        ------
        InputError
            If it is a CSV file in another encoding than UTF-8.
        """
        if not self._is_parquet and self.encoding.lower().replace("_", "-") not in ("utf-8", "utf8", "ascii"):
            raise InputError(
                "a CSV panel of this size cannot be counted in this encoding",
                file=self.path.name,
                found=self.encoding,
                expected="utf-8, or a Parquet file",
            )

    @property
    def _is_parquet(self) -> bool:
        return self.path.name.lower().endswith(".parquet")

    @property
    def _table(self) -> str:
        place = _quoted(str(self.path), "'")
        if self._is_parquet:
            return f"read_parquet({place}, file_row_number = true)"
        delimiter = _quoted(self.delimiter, "'")
        options = f"header = true, all_varchar = true, delim = {delimiter}, quote = '\"', escape = '\"', nullstr = ''"
        return f"read_csv({place}, {options}, strict_mode = true)"

    @cached_property
    def types(self) -> dict[str, str]:
        """Columns of the file and their types."""
        described = self.query(f"DESCRIBE SELECT * FROM {self._table}")
        types = dict(zip(described["column_name"], described["column_type"], strict=True))
        types.pop("file_row_number", None)
        return types

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.query(f"SELECT count(*) AS rows FROM {self._table}")["rows"].iloc[0])

    def query(self, sql: str) -> pd.DataFrame:
        """Run a query in bounded memory.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        import duckdb

        with tempfile.TemporaryDirectory() as overflow:
            settings: dict[str, Any] = {"memory_limit": MEMORY_LIMIT, "temp_directory": overflow}
            try:
                with duckdb.connect(config=settings) as connection:
                    return connection.execute(sql).df()
            except duckdb.Error as error:
                raise InputError(
                    "the panel cannot be counted", file=self.path.name, found=str(error).splitlines()[0]
                ) from error

    def check(self, rules: Sequence[ColumnRule]) -> None:
        """Hold the file to its rules in one scan: the same contract as for panels that are read.

        Raises
        ------
        InputError
            At the first violation: file, row, column, what was found and what was expected.
        """
        raw = RawPanel(pd.DataFrame(columns=list(self.types)), self.path.name, first_row=1 if self._is_parquet else 2)
        require_columns(raw, rules)
        bad = ", ".join(f"count(*) FILTER (WHERE {self._violates(rule)}) AS c{n}" for n, rule in enumerate(rules))
        found = self.query(f"SELECT {bad} FROM {self._table}").iloc[0]
        wrong = [rule for number, rule in enumerate(rules) if found[f"c{number}"]]
        if not wrong:
            return
        number = "file_row_number" if self._is_parquet else "row_number() OVER () - 1"
        columns = ", ".join(
            f"min(CASE WHEN {self._violates(rule)} THEN place END) AS p{n}, "
            f"arg_min({_name(rule)}, place) FILTER (WHERE {self._violates(rule)}) AS v{n}"
            for n, rule in enumerate(wrong)
        )
        places = self.query(f"SELECT {columns} FROM (SELECT *, {number} AS place FROM {self._table})").iloc[0]
        first = min(range(len(wrong)), key=lambda n: int(places[f"p{n}"]))
        rule, value = wrong[first], places[f"v{first}"]
        nothing = pd.isna(value) or str(value).strip() == "" or (rule.numeric and str(value).strip() in _NOTHING)
        number_found = pd.to_numeric(value, errors="coerce")
        problem = "the value is off the scale"
        if nothing:
            value, problem = "nothing", "the value is missing"
        elif rule.values is not None:
            problem = "the value is unknown"
        elif pd.isna(number_found):
            problem = "not a number"
        if not nothing and not pd.isna(number_found):
            value = float(number_found)
        raise violation(raw, rule, int(places[f"p{first}"]), value, problem)

    def tally(self, rules: Sequence[ColumnRule], weight: ColumnRule | None = None) -> pd.DataFrame:
        """Count the rows by combination of columns.

        Parameters
        ----------
        rules
            The columns to count by; checked before.
        weight
            The column of survey weights; every row counts 1 if None.

        Returns
        -------
        pandas.DataFrame
            The columns under their canonical names (missing where nothing stands), ``rows``, ``counted`` (rows with a
            positive weight), and of these ``weight`` and ``weight_squares``: sums of weights and of squared weights,
            to 10 significant digits, because the last ones depend on the order in which threads add. Sorted by the
            columns.
        """
        name = None if weight is None else self._number(weight)
        sums = (
            "count(*) AS counted, count(*)::DOUBLE AS weight, count(*)::DOUBLE AS weight_squares"
            if name is None
            else f"count(*) FILTER (WHERE {name} > 0) AS counted, coalesce(sum({name}), 0) AS weight, "
            f"coalesce(sum({name} * {name}), 0) AS weight_squares"
        )
        raw = ", ".join(_name(rule) for rule in rules)
        inner = f"SELECT {raw}, count(*) AS rows, {sums} FROM {self._table} GROUP BY ALL"
        columns = ", ".join(
            f"{self._number(rule) if rule.numeric else self._text(rule)} AS {_quoted(rule.name)}" for rule in rules
        )
        groups = ", ".join(str(number + 1) for number in range(len(rules)))
        outer = (
            f"SELECT {columns}, sum(rows)::BIGINT AS rows, sum(counted)::BIGINT AS counted, sum(weight) AS weight, "
            f"sum(weight_squares) AS weight_squares FROM ({inner}) GROUP BY {groups} ORDER BY {groups}"
        )
        tally = self.query(outer)
        for column in ("weight", "weight_squares"):
            tally[column] = [float(f"{value:.10g}") for value in tally[column]]
        return tally

    def describe(self, rules: Sequence[ColumnRule], period: ColumnRule | None, periods: Sequence[int]) -> pd.DataFrame:
        """Return number of answers, smallest and largest answer of numeric columns in the given periods.

        Returns
        -------
        pandas.DataFrame
            Index: canonical name; columns answered, smallest, largest.
        """
        asked = ", ".join(
            f"count({number}) AS n{n}, min({number}) AS a{n}, max({number}) AS b{n}"
            for n, number in enumerate(self._number(rule) for rule in rules)
        )
        found = self.query(f"SELECT {asked} FROM {self._table} {self._in(period, periods)}").iloc[0]
        rows = [(int(found[f"n{n}"]), found[f"a{n}"], found[f"b{n}"]) for n in range(len(rules))]
        return pd.DataFrame(
            rows, index=[rule.name for rule in rules], columns=["answered", "smallest", "largest"]
        ).astype({"smallest": "float64", "largest": "float64"})

    def respondents(self, rule: ColumnRule, period: ColumnRule | None, periods: Sequence[int]) -> int:
        """Return about how many different respondents there are (HyperLogLog, within a few per cent)."""
        people = f"SELECT approx_count_distinct({_name(rule)}) AS people"
        return int(self.query(f"{people} FROM {self._table} {self._in(period, periods)}")["people"].iloc[0])

    def _in(self, period: ColumnRule | None, periods: Sequence[int]) -> str:
        return "" if period is None else f"WHERE {self._number(period)} IN ({', '.join(map(str, periods))})"

    def _is_text(self, rule: ColumnRule) -> bool:
        return self.types[rule.source].startswith(_TEXT_TYPES)

    def _empty(self, rule: ColumnRule) -> str:
        name = _name(rule)
        if not self._is_text(rule):
            floating = self.types[rule.source] in ("FLOAT", "DOUBLE")
            return f"({name} IS NULL OR isnan({name}))" if floating else f"({name} IS NULL)"
        if rule.numeric:
            spellings = ", ".join(_quoted(spelling, "'") for spelling in _NOTHING)
            return f"({name} IS NULL OR trim({name}) IN ({spellings}))"
        return f"({name} IS NULL OR trim({name}) = '')"

    def _number(self, rule: ColumnRule) -> str:
        """Return the column as a number, or NULL where nothing stands (or no number)."""
        number = f"TRY_CAST({_name(rule)} AS DOUBLE)"
        return f"(CASE WHEN {self._empty(rule)} THEN NULL ELSE {number} END)"

    def _text(self, rule: ColumnRule) -> str:
        """Return the column as text, whole numbers without a point (2.0 as 2), or NULL where nothing stands."""
        name, text = _name(rule), f"trim(CAST({_name(rule)} AS VARCHAR))"
        number = f"TRY_CAST({name} AS DOUBLE)"
        if self._is_text(rule) and self._is_parquet:
            return f"(CASE WHEN {self._empty(rule)} THEN NULL ELSE {text} END)"
        whole = f"{number} IS NOT NULL AND isfinite({number}) AND {number} = floor({number})"
        code = f"CAST(CAST({number} AS BIGINT) AS VARCHAR)"
        return f"(CASE WHEN {self._empty(rule)} THEN NULL WHEN {whole} THEN {code} ELSE {text} END)"

    def _violates(self, rule: ColumnRule) -> str:
        empty, wrong = self._empty(rule), []
        if rule.numeric:
            number = f"TRY_CAST({_name(rule)} AS DOUBLE)"
            wrong += [f"{number} IS NULL", f"isinf({number})", f"isnan({number})"]
            wrong += [] if rule.low is None else [f"{number} < {rule.low!r}"]
            wrong += [] if rule.high is None else [f"{number} > {rule.high!r}"]
            wrong += [f"{number} <> round({number})"] if rule.whole else []
        elif rule.values is not None:
            values = ", ".join(_quoted(value, "'") for value in rule.values)
            wrong += [f"{self._text(rule)} NOT IN ({values})"]
        conditions = [f"NOT {empty} AND ({' OR '.join(wrong)})"] if wrong else []
        conditions += [empty] if rule.required else []
        return f"coalesce({' OR '.join(f'({condition})' for condition in conditions) or 'false'}, false)"


def _name(rule: ColumnRule) -> str:
    return _quoted(rule.source)


def _quoted(text: str, mark: str = '"') -> str:
    return mark + text.replace(mark, 2 * mark) + mark
