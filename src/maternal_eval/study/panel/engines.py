"""Engines that count where the answers lie: one question, asked in the same SQL of whatever holds them.

An engine is asked for nothing but sums by combination of columns (:class:`Grouped`), which are small, and which add up
over parts of a table. So a file, a database, an object store and a cluster of machines are asked alike; where a server
or workers count, no row of the panel ever passes through this machine. A new engine is a class with the two methods of
:class:`Engine`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import pandas as pd

from maternal_eval.core.errors import InputError

MEMORY_LIMIT = "1GB"
"""Memory that DuckDB may take; beyond it goes to a temporary folder."""

MOST_LINES = 1_000_000
"""Lines of an answer: more are no counts any longer."""


def quoted(name: str, mark: str = '"') -> str:
    """Return a name as SQL writes it.

    Examples
    --------
    >>> quoted('town "size"')
    '"town ""size\"""'
    """
    return mark + name.replace(mark, 2 * mark) + mark


@dataclass(frozen=True)
class Grouped:
    """A question to an engine: sums by combination of columns.

    Attributes
    ----------
    keys
        Columns, as the table calls them; none: one line for all rows.
    sums
        Name → what is added up over the rows, in SQL; each is a sum or a count, so that parts add up.
    where
        Condition on the rows, in SQL; empty: all.
    mark
        What quotes a name: ``"`` in standard SQL.
    """

    keys: tuple[str, ...]
    sums: Mapping[str, str]
    where: str = ""
    mark: str = '"'

    def sql(self, table: str) -> str:
        """Return the question in SQL that every engine understands: SELECT, sums, GROUP BY.

        Examples
        --------
        >>> Grouped(("year",), {"rows": "count(*)"}).sql("answers")
        'SELECT "year", count(*) AS "rows" FROM answers GROUP BY "year" LIMIT 1000001'
        """
        names = [quoted(key, self.mark) for key in self.keys]
        asked = [*names, *(f"{sum_} AS {quoted(name, self.mark)}" for name, sum_ in self.sums.items())]
        text = f"SELECT {', '.join(asked)} FROM {table}"
        text += f" WHERE {self.where}" if self.where else ""
        return f"{text} GROUP BY {', '.join(names)} LIMIT {MOST_LINES + 1}" if names else text

    def together(self, parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
        """Return the answer of all parts of a table from those of each."""
        every = pd.concat(list(parts), ignore_index=True)
        every.columns = pd.Index([*self.keys, *self.sums])
        sums = list(self.sums)
        every[sums] = every[sums].astype("float64").fillna(0.0)
        if not self.keys:
            return every.sum().to_frame().T
        return every.groupby(list(self.keys), dropna=False, sort=True)[sums].sum().reset_index()


class Engine(Protocol):
    """What holds a table of answers and counts them."""

    def columns(self) -> list[str]:
        """Return the names of the table's columns."""

    def ask(self, question: Grouped) -> pd.DataFrame:
        """Return one line per combination of the keys: these, then the sums."""


def in_duckdb(relation: str, text: Callable[[str], str], memory: str = MEMORY_LIMIT) -> pd.DataFrame:
    """Run a question on a relation of DuckDB in bounded memory: here, or on a worker of a cluster.

    Parameters
    ----------
    relation
        What SELECT takes FROM: ``read_parquet('…')``, a table function, a query in brackets.
    text
        Relation → SQL.
    memory
        Beyond it DuckDB goes to a temporary folder.
    """
    import duckdb

    with tempfile.TemporaryDirectory() as overflow:
        settings: dict[str, Any] = {"memory_limit": memory, "temp_directory": overflow}
        with duckdb.connect(config=settings) as connection:
            _know_store(connection, relation)
            return connection.execute(text(relation)).df()


def _know_store(connection: Any, relation: str) -> None:
    """Let DuckDB read from an object store through fsspec where that knows it; DuckDB's own extensions serve else."""
    store = urlsplit(relation.partition("'")[2]).scheme if "://" in relation else ""
    if not store or store in ("http", "https"):
        return
    try:
        import fsspec  # type: ignore[import-untyped]

        connection.register_filesystem(fsspec.filesystem(store))
    except (ImportError, ValueError):
        return


@dataclass(frozen=True)
class DuckDBEngine:
    """DuckDB on files, on an object store, or on anything else that it can select from.

    Attributes
    ----------
    relation
        What SELECT takes FROM.
    memory
        Memory that it may take.
    """

    relation: str
    memory: str = MEMORY_LIMIT

    @classmethod
    def at(cls, place: str) -> DuckDBEngine:
        """Return the engine for Parquet or CSV files at a path, a pattern (``year=*/*.parquet``) or an address (s3://…).

        Raises
        ------
        InputError
            If it is neither.
        """
        reader = {".parquet": "read_parquet", ".csv": "read_csv", ".csv.gz": "read_csv"}
        found = next((reader[ending] for ending in reader if place.lower().endswith(ending)), None)
        if found is None:
            raise InputError("no such format can be counted", found=place, expected="an ending of " + ", ".join(reader))
        return cls(f"{found}({quoted(place, chr(39))})")

    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return [str(name) for name in self._run(lambda table: f"SELECT * FROM {table} LIMIT 0").columns]

    def ask(self, question: Grouped) -> pd.DataFrame:
        """Return the answer of DuckDB."""
        return question.together([self._run(question.sql)])

    def _run(self, text: Callable[[str], str]) -> pd.DataFrame:
        import duckdb

        try:
            return in_duckdb(self.relation, text, self.memory)
        except (duckdb.Error, OSError) as error:
            raise InputError(
                "the panel cannot be counted", file=self.relation, found=str(error).splitlines()[0]
            ) from error


@dataclass(frozen=True)
class ClientEngine:
    """Any database or distributed engine that has a client in Python's standard form (DB-API 2.0, PEP 249).

    Trino, Spark (Thrift), ClickHouse, PostgreSQL, SQLite … : whatever runs ``SELECT … GROUP BY``.

    Attributes
    ----------
    connection
        An open connection of the client.
    table
        The table (or view) of the answers, as the engine calls it.
    mark
        What quotes a name there.
    """

    connection: Any
    table: str
    mark: str = '"'

    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._run(f"SELECT * FROM {self.table} LIMIT 1").columns)

    def ask(self, question: Grouped) -> pd.DataFrame:
        """Return the answer of the engine."""
        asked = Grouped(question.keys, question.sums, question.where, self.mark)
        return asked.together([self._run(asked.sql(self.table))])

    def _run(self, text: str) -> pd.DataFrame:
        cursor = self.connection.cursor()
        try:
            cursor.execute(text)
            return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])
        except Exception as error:  # each client has errors of its own
            raise InputError("the engine refuses", file=self.table, found=str(error).splitlines()[0]) from error
        finally:
            cursor.close()


@dataclass(frozen=True)
class ClusterEngine:
    """Workers of a Dask cluster: each counts its parts of the table with DuckDB where they lie, and the sums come here.

    Attributes
    ----------
    client
        A client of the scheduler (:func:`maternal_eval.methods.sensitivity.cluster.connect`).
    parts
        Relations of DuckDB, one for each part of the table, such as ``read_parquet('s3://…/part-0.parquet')``.
    memory
        Memory that DuckDB may take on a worker.
    """

    client: Any
    parts: Sequence[str]
    memory: str = field(default=MEMORY_LIMIT)

    def columns(self) -> list[str]:
        """Return the names of the columns of the first part."""
        return DuckDBEngine(self.parts[0], self.memory).columns()

    def ask(self, question: Grouped) -> pd.DataFrame:
        """Return the sums of all parts, each counted by a worker."""
        waiting = self.client.map(in_duckdb, list(self.parts), text=question.sql, memory=self.memory, pure=False)
        try:
            return question.together(self.client.gather(waiting))
        except OSError as error:
            raise InputError("the cluster does not answer", found=str(error).splitlines()[0]) from error
