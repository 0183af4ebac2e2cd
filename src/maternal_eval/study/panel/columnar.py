"""Parquet files: what their types mean for a panel, read or scanned in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as arrow_parquet

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel import limits
from maternal_eval.study.panel.files import cannot_be_read
from maternal_eval.study.panel.header import Layout, checked_header, positions
from maternal_eval.study.panel.raw import RawPanel

ROWS_AT_ONCE = 1 << 19

EXACT = 2**53
"""Whole numbers beyond it are not all floating-point numbers: they stay digits."""


@contextmanager
def _opened(path: Path) -> Iterator[arrow_parquet.ParquetFile]:
    try:
        with arrow_parquet.ParquetFile(path) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        # Arrow calls much of what is wrong inside a file an OSError; the system's own have a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise cannot_be_read(path, error) from None
        raise InputError(
            "the file is cut off or no Parquet file",
            file=path,
            found="no Parquet footer" if "footer" in str(error) else (str(error).splitlines() or ["nothing"])[0][:80],
            expected="a whole Parquet file",
        ) from None


def parquet_header(path: Path) -> tuple[list[str], int]:
    """Return the names of the columns and the number of rows.

    Raises
    ------
    InputError
        If it is no whole Parquet file.
    """
    with _opened(path) as file:
        return checked_header(path, file.schema_arrow.names, 0), int(file.metadata.num_rows)


def read_parquet(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
    """Read the named columns (all, if None) of a Parquet file.

    Raises
    ------
    InputError
        If it is no whole Parquet file, holds too much, or a wanted column is no column of numbers, text or dates.
    """
    header, rows = parquet_header(path)
    wanted = positions(header, columns)
    limits.check_cells(rows, len(wanted), path)
    parts = list(scan_parquet(path, header, wanted))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[header[n] for n in wanted])
    return RawPanel(frame, path.name, first_row=1, header=tuple(header))


def scan_parquet(path: Path, header: Sequence[str], wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
    """Yield the columns at the ``wanted`` positions in parts that follow each other, in bounded memory."""
    with _opened(path) as file:
        schema = file.schema_arrow
        for position in wanted:
            _refuse_type(path, header[position], schema.field(position).type)
        names = [schema.names[position] for position in wanted]
        _check_size(path, file, names)
        text = [name for name in names if pa.types.is_string(schema.field(name).type)]
        # As a dictionary, text that repeats takes no memory before its size is known.
        with arrow_parquet.ParquetFile(path, read_dictionary=text) as lean:
            for batch in lean.iter_batches(ROWS_AT_ONCE, columns=names):
                data = [_column(path, name, batch.column(number)) for number, name in enumerate(names)]
                frame = pd.DataFrame(dict(enumerate(data)), index=range(batch.num_rows))
                yield frame.set_axis([header[position] for position in wanted], axis=1)


def readable_columns(path: Path, wanted: Sequence[int]) -> list[int]:
    """Return those of the ``wanted`` positions whose columns hold one number, text or date a row."""
    with _opened(path) as file:
        found = []
        for position in wanted:
            try:
                _refuse_type(path, "", file.schema_arrow.field(position).type)
            except InputError:
                continue
            found.append(position)
        return found


def _refuse_type(path: Path, name: str, kind: pa.DataType) -> None:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    simple = (
        pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_string,
        pa.types.is_large_string, pa.types.is_string_view, pa.types.is_date, pa.types.is_timestamp, pa.types.is_null,
    )  # fmt: skip
    if not any(is_one(kind) for is_one in simple):
        nested = pa.types.is_nested(kind)
        raise InputError(
            "the column holds several values a row" if nested else "the column holds neither numbers nor text",
            file=path,
            column=name,
            found=str(kind)[:80],
            expected="one number or one text a row",
            mend="write each value into a column of its own" if nested else "save it as numbers or text",
        )


def _check_size(path: Path, file: arrow_parquet.ParquetFile, names: Sequence[str]) -> None:
    wanted, total = set(names), 0
    for group in range(file.metadata.num_row_groups):
        described = file.metadata.row_group(group)
        for number in range(described.num_columns):
            column = described.column(number)
            if column.path_in_schema.split(".")[0] in wanted:
                total += column.total_uncompressed_size
    # A panel that is scanned is larger than what is read at once: its groups are bounded.
    limits.check_bytes(total // max(file.metadata.num_row_groups, 1), path)


def _column(path: Path, name: str, values: pa.Array) -> pd.Series:
    kind = values.type
    if pa.types.is_dictionary(kind):
        lengths = compute.binary_length(values.dictionary) if _is_text(kind.value_type) else None
        if lengths is not None:
            limits.check_bytes(int(compute.sum(lengths.take(values.indices)).as_py() or 0), path)
        values = values.dictionary_decode()
        kind = values.type
    if pa.types.is_decimal(kind):
        values = compute.cast(values, pa.string() if kind.scale <= 0 and kind.precision > 15 else pa.float64())
    elif pa.types.is_integer(kind) and values.null_count and _beyond_exact(values):
        values = compute.cast(values, pa.string())
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return _times(path, name, values)
    return values.to_pandas()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _beyond_exact(values: pa.Array) -> bool:
    ends = compute.min_max(values).as_py()
    return bool(ends["min"] is not None and (ends["max"] > EXACT or ends["min"] < -EXACT))


def _times(path: Path, name: str, values: pa.Array) -> pd.Series:
    try:
        return pd.Series(np.asarray(values.cast(pa.timestamp("us")).to_pandas(), dtype="datetime64[us]"))
    except (pa.ArrowInvalid, ValueError, OverflowError):
        raise InputError(
            "the column holds dates beyond all calendars", file=path, column=name, expected="dates of the years 1–9999"
        ) from None
