"""Columns of a counted panel as the contract converted them, kept for as long as somebody counts them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from maternal_eval.study.panel.contract import ColumnRule


@dataclass(frozen=True)
class Store:
    """Columns as the contract converted them, in a temporary file that goes when nobody counts it any more."""

    folder: tempfile.TemporaryDirectory[str] = field(repr=False)
    names: frozenset[str]

    @property
    def path(self) -> str:
        """The Parquet file."""
        return (Path(self.folder.name) / "converted.parquet").as_posix()

    def holds(self, rules: Sequence[ColumnRule]) -> bool:
        """Whether all columns of ``rules`` are in it."""
        return self.names.issuperset(rule.name for rule in rules)

    @classmethod
    def of(cls, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> Store:
        """Write converted columns."""
        store = cls(tempfile.TemporaryDirectory(prefix="counted-"), frozenset(schema.names))
        with arrow_parquet.ParquetWriter(store.path, schema, compression="snappy") as writer:
            for batch in batches:
                writer.write_batch(batch)
        return store
