"""Panels too large to be read: held to their contract and counted where they lie.

A Parquet or CSV file (also gzip) is scanned in parts and in bounded memory, and DuckDB counts. What comes back is
small: the answers by combination of a few columns, with the sums of weights and of squared weights that the
satisfaction model needs. Nothing else can be computed from such a panel: whoever asks for its rows is told so
(:class:`~maternal_eval.study.panel.tallied.RowsNotRead`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark
from maternal_eval.study.panel.columnar import parquet_header, scan_parquet
from maternal_eval.study.panel.contract import ColumnRule, check_panel, coded, require_columns
from maternal_eval.study.panel.delimited import look_through, scan_coded
from maternal_eval.study.panel.engines import MEMORY_LIMIT, MOST_LINES, quoted
from maternal_eval.study.panel.files import refuse_mislabelled
from maternal_eval.study.panel.header import Layout, positions, unused
from maternal_eval.study.panel.limits import LARGEST_READ
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.stored import Store

if TYPE_CHECKING:
    from maternal_eval.study.recoding.columns import Recoder

COUNTED_ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".txt", ".tab")
"""Formats that can be counted without being read."""


def is_large(path: Path, limit: int = LARGEST_READ, *, layout: Layout | None = None) -> bool:
    """Whether a panel file has more than ``limit`` rows; only Parquet and CSV files can be large in this sense."""
    if not path.name.lower().endswith(COUNTED_ENDINGS) or not path.is_file() or path.stat().st_size == 0:
        return False
    try:
        kind = "parquet" if _is_parquet(path) else "gzip" if path.name.lower().endswith(".gz") else "csv"
        refuse_mislabelled(path, kind, "panel.file")
        return _rows(path, layout or Layout()) > limit
    except (InputError, OSError):
        return False  # the reader of small panels says what is wrong with it


def _is_parquet(path: Path) -> bool:
    return path.name.lower().endswith(".parquet")


def _rows(path: Path, layout: Layout) -> int:
    return parquet_header(path)[1] if _is_parquet(path) else look_through(path, layout).rows


MOST_STORED = 500_000_000
"""Cells that are kept, as converted, in a temporary file."""

MOST_REMEMBERED = 1000
"""Different values of a column, in one part, of which it is remembered what the contract made of them."""


@dataclass(frozen=True)
class CountedPanel:
    """A panel file that is counted and not read.

    It is scanned in parts by the readers of small panels, and each part is held to the contract and converted by
    :func:`~maternal_eval.study.panel.contract.check_panel`, so that nothing can be counted otherwise than it would be
    read.

    Attributes
    ----------
    path, layout
        The file and how it is laid out.
    recoded
        Column → value as it is written → the number that stands for it.
    needs
        A column without which a row does not count at all; None: every row does.
    recoder
        What study.toml says that answers mean, applied to every part.
    store
        The columns as they were converted when they were checked: what is counted after that.
    memory
        What the contract made of values that were met before.
    """

    path: Path
    layout: Layout = field(default_factory=Layout)
    recoded: dict[str, dict[Any, float]] = field(default_factory=dict)
    needs: ColumnRule | None = None
    recoder: Recoder | None = None
    store: Store | None = None
    memory: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns of the file."""
        if _is_parquet(self.path):
            return parquet_header(self.path)[0]
        return list(look_through(self.path, self.layout).header)

    @cached_property
    def rows(self) -> int:
        """Number of rows that count."""
        if self.needs is None:
            return _rows(self.path, self.layout)
        return self.rows_in(None, ())

    @property
    def joint(self) -> tuple[str, str]:
        """What whoever wants the rows has to do without, in English and Chinese."""
        return (
            f"a panel of at most {LARGEST_READ:,} rows (a larger one is only counted in its file)",
            f"不超过 {LARGEST_READ:,} 行的面板（更大的面板只在文件中计数）",
        )

    @property
    def source(self) -> str:
        """What a person calls the panel: the file's name."""
        return self.path.name

    def placed(self, error: InputError) -> InputError:
        """Return the error as it is: its row is one of the file."""
        return error

    @property
    def refusal(self) -> InputError:
        """What is said to whoever asks for its rows."""
        return InputError(
            "the panel is too large for this: its answers are only counted in the file",
            file=self.path.name,
            found=f"{self.rows:,} rows",
            expected=f"at most {LARGEST_READ:,}",
        )

    def rows_in(self, period: ColumnRule | None, periods: Sequence[int]) -> int:
        """Return the number of rows that count in the given periods."""
        used = [rule for rule in (period, self.needs) if rule is not None]
        return int(self.query(f"SELECT count(*) AS rows FROM answers {_in(period, periods)}", used)["rows"].iloc[0])

    def remarks(self, columns: Sequence[str]) -> list[Remark]:
        """Return what a person should hear of the file, of which the study uses ``columns``."""
        of_text = [] if _is_parquet(self.path) else look_through(self.path, self.layout).remarks()
        return [*of_text, *unused(self.path.name, self.columns, columns)]

    def check(self, rules: Sequence[ColumnRule]) -> CountedPanel:
        """Hold the file to its rules in one scan: the same contract as for panels that are read.

        Returns the panel that is to be counted: where its cells are few enough, what the contract made of them is kept
        in a temporary file, so that the file itself is not scanned again.

        Raises
        ------
        InputError
            At the first violation: file, row, column, what was found and what was expected.
        """
        require_columns(RawPanel(pd.DataFrame(), self.path.name, first_row=1, header=self.columns), rules)
        if self.needs is not None or _rows(self.path, self.layout) * len(rules) > MOST_STORED:
            for _ in self._converted(rules):
                pass
            return self
        return replace(self, store=Store.of(_schema(rules), self._converted(rules)))

    def distinct(self, column: str) -> pd.DataFrame:
        """Return each value of a column once, as it is written, and the first row that it stands in.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        return self.different((column,))[column]

    def different(self, columns: Sequence[str]) -> dict[str, pd.DataFrame]:
        """Return what :meth:`distinct` does for several columns, in one scan; what is known is not looked for again."""
        known: dict[str, pd.DataFrame] = {}
        for column in columns:
            if column not in self.recoded and ("distinct", column) in self.memory:
                known[column] = self.memory["distinct", column]
        wanted = [column for column in columns if column not in known]
        found: dict[str, list[pd.DataFrame]] = {column: [] for column in wanted}
        for part in self._parts(wanted) if wanted else ():
            for column in wanted:
                values = part.frame[column]
                first = np.flatnonzero((~values.duplicated() & values.notna()).to_numpy())
                rows = [part.row(position) for position in first.tolist()]
                found[column].append(pd.DataFrame({"value": values.iloc[first].to_numpy(dtype=object), "row": rows}))
        for column, tables in found.items():
            table = pd.concat(tables, ignore_index=True).drop_duplicates("value", ignore_index=True)
            known[column] = self.memory["distinct", column] = table
        return {column: known[column] for column in columns}

    def _parts(self, columns: Sequence[str]) -> Iterator[RawPanel]:
        """Yield columns of the file in parts that follow each other."""
        for written in self._written(columns):
            part = written if self.recoder is None else self.recoder.recoded(written)
            changed = {
                name: part.frame[name].astype(object).map(self.recoded[name])
                for name in columns
                if name in self.recoded
            }
            yield replace(part, frame=part.frame.assign(**changed)) if changed else part

    def _written(self, columns: Sequence[str]) -> Iterator[RawPanel]:
        wanted = positions(self.columns, columns)
        done = 0
        if _is_parquet(self.path):
            for frame in scan_parquet(self.path, self.columns, wanted):
                yield RawPanel(frame, self.path.name, first_row=done + 1, header=self.columns)
                done += len(frame)
            return
        file = look_through(self.path, self.layout)
        for frame in scan_coded(file, wanted):
            numbers = file.row_numbers(done, done + len(frame))
            yield RawPanel(frame, self.path.name, numbers[0], header=self.columns, row_numbers=numbers)
            done += len(frame)

    def _converted(self, rules: Sequence[ColumnRule]) -> Iterator[pa.RecordBatch]:
        """Yield the columns under their canonical names, as the contract converts them."""
        schema = _schema(rules)
        needed = [*rules, *([self.needs] if self.needs is not None and self.needs not in rules else [])]
        for part in self._parts([rule.source for rule in needed]):
            if self.needs is not None:
                counts = _convert(part, self.needs, [self.needs], self.memory).notna().to_numpy()
                kept = [part.row(position) for position in np.flatnonzero(counts).tolist()]
                part = replace(part, frame=part.frame[counts].reset_index(drop=True), row_numbers=kept)
            columns = [
                pa.array(_convert(part, rule, rules, self.memory), type=schema.field(rule.name).type) for rule in rules
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def query(self, select: str, rules: Sequence[ColumnRule]) -> pd.DataFrame:
        """Run a query on the table ``answers``, which has the columns of ``rules``, in bounded memory.

        Raises
        ------
        InputError
            If the file cannot be read or breaks a rule.
        """
        import duckdb

        refused: list[InputError] = []

        def parts() -> Iterator[pa.RecordBatch]:
            try:
                yield from self._converted(rules)
            except InputError as error:
                refused.append(error)
                raise

        with tempfile.TemporaryDirectory() as overflow:
            settings: dict[str, Any] = {"memory_limit": MEMORY_LIMIT, "temp_directory": overflow}
            try:
                with duckdb.connect(config=settings) as connection:
                    if self.store is not None and self.store.holds([*rules, *([self.needs] if self.needs else [])]):
                        return connection.execute(select.replace("FROM answers", f"FROM ({self._stored()})", 1)).df()
                    connection.register("answers", pa.RecordBatchReader.from_batches(_schema(rules), parts()))
                    return connection.execute(select).df()
            except duckdb.Error as error:
                if refused:
                    raise refused[0] from None
                raise InputError(
                    "the panel cannot be counted", file=self.path.name, found=str(error).splitlines()[0]
                ) from error

    def _stored(self) -> str:
        """Return the query that gives the rows that count."""
        assert self.store is not None
        where = "" if self.needs is None else f" WHERE {quoted(self.needs.name)} IS NOT NULL"
        return f"SELECT * FROM read_parquet('{self.store.path}'){where}"

    def tally(self, rules: Sequence[ColumnRule], weight: ColumnRule | None = None) -> pd.DataFrame:
        """Count the rows by combination of columns.

        Parameters
        ----------
        rules
            The columns to count by; checked before.
        weight
            The column of survey weights; every row counts 1 if None.

        Raises
        ------
        InputError
            If there are more than :data:`MOST_LINES` combinations.

        Returns
        -------
        pandas.DataFrame
            The columns under their canonical names (missing where nothing stands), ``rows``, ``counted`` (rows with a
            positive weight), and of these ``weight`` and ``weight_squares``: sums of weights and of squared weights,
            to 10 significant digits, because the last ones depend on the order in which threads add. Sorted by the
            columns.
        """
        name = None if weight is None else quoted(weight.name)
        sums = (
            "count(*) AS counted, count(*)::DOUBLE AS weight, count(*)::DOUBLE AS weight_squares"
            if name is None
            else f"count(*) FILTER (WHERE {name} > 0) AS counted, coalesce(sum({name}), 0) AS weight, "
            f"coalesce(sum({name} * {name}), 0) AS weight_squares"
        )
        groups = ", ".join(quoted(rule.name) for rule in rules)
        tally = self.query(
            f"SELECT {groups}, count(*) AS rows, {sums} FROM answers GROUP BY {groups} ORDER BY {groups} "
            f"LIMIT {MOST_LINES + 1}",
            [*rules, *([weight] if weight is not None else [])],
        )
        if len(tally) > MOST_LINES:
            raise InputError(
                "there are too many different answers to be counted",
                file=self.path.name,
                column=", ".join(rule.source for rule in rules),
                found=f"more than {MOST_LINES:,} combinations",
                expected="answers on a scale of few values, and cells of many answers",
            )
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
            for n, number in enumerate(quoted(rule.name) for rule in rules)
        )
        needed = [*rules, *([period] if period is not None else [])]
        found = self.query(f"SELECT {asked} FROM answers {_in(period, periods)}", needed).iloc[0]
        rows = [(int(found[f"n{n}"]), found[f"a{n}"], found[f"b{n}"]) for n in range(len(rules))]
        return pd.DataFrame(
            rows, index=[rule.name for rule in rules], columns=["answered", "smallest", "largest"]
        ).astype({"smallest": "float64", "largest": "float64"})

    def within(self, periods: Sequence[int]) -> CountedPanel:
        """Return the panel itself: tallies are cut to the periods of their study."""
        return self

    def respondents(self, rule: ColumnRule, period: ColumnRule | None, periods: Sequence[int]) -> int:
        """Return about how many different respondents there are (HyperLogLog, within a few per cent)."""
        people = f"SELECT approx_count_distinct({quoted(rule.name)}) AS people FROM answers {_in(period, periods)}"
        return int(self.query(people, [rule, *([period] if period is not None else [])])["people"].iloc[0])


def _schema(rules: Sequence[ColumnRule]) -> pa.Schema:
    return pa.schema([(rule.name, pa.float64() if rule.numeric else pa.string()) for rule in rules])


def _convert(
    part: RawPanel, rule: ColumnRule, rules: Sequence[ColumnRule], memory: dict[object, Any] | None = None
) -> pd.Series:
    """Return one column as the contract converts it; each different value is converted once."""
    values = part.frame[rule.source]
    codes, different = coded(values, with_missing=True)
    known: dict[object, object] = {} if memory is None else memory.setdefault(rule, {})
    keys = [None if pd.isna(value) else value for value in different] if len(different) <= MOST_REMEMBERED else []
    if keys and all(key in known for key in keys):
        table = np.array([known[key] for key in keys], dtype=np.float64 if rule.numeric else object)
        return pd.Series(table[codes], dtype="float64" if rule.numeric else "str")
    small = RawPanel(
        pd.DataFrame({rule.source: pd.Series(different, dtype=_plain_type(values))}),
        part.source,
        part.first_row,
        value_labels=part.value_labels,
        header=part.header,
    )
    try:
        converted = check_panel(small, [rule])[rule.name]
    except InputError:
        # Once more with all rows: the sentence has to name the first one.
        plain = {name: part.frame[name].astype(_plain_type(part.frame[name])) for name in part.frame.columns}
        check_panel(replace(part, frame=pd.DataFrame(plain)), rules)
        raise
    if keys and len(known) + len(keys) <= 10 * MOST_REMEMBERED:
        known.update(zip(keys, converted.tolist(), strict=True))
    return converted.take(codes)


def _plain_type(values: pd.Series) -> Any:
    """Return the type that values have apart from being coded."""
    return values.cat.categories.dtype if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype


def _in(period: ColumnRule | None, periods: Sequence[int]) -> str:
    return "" if period is None else f"WHERE {quoted(period.name)} IN ({', '.join(map(str, periods))})"
