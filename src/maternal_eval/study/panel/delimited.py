"""Delimited text: every cell is text, only an empty one is missing, and only the columns that are needed are kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.panel import limits
from maternal_eval.study.panel.encoding import BLOCK, Encoding, decoded, find_encoding
from maternal_eval.study.panel.files import opened_or_refused
from maternal_eval.study.panel.header import (
    HEADER_ROWS,
    Layout,
    checked_header,
    joined_names,
    positions,
    refuse_other_header,
)
from maternal_eval.study.panel.raw import RawPanel

DELIMITERS = {",": ",", ";": ";", "\t": "\\t", "|": "|"}
"""What may stand between fields, and how study.toml writes it."""


CODED_BLOCK = 2 * limits.LONGEST_LINE
"""Bytes of a part whose values are coded."""


@dataclass(frozen=True)
class Delimited:
    """A delimited file that was looked through once, whole.

    Attributes
    ----------
    path, delimiter, encoding
        The file and how it is read.
    header
        Names of the columns; "" where a column has none.
    header_row
        The last row above the first answer, as a person counts (from 1, empty lines included): that of the header.
    lines_before
        Physical lines above this row.
    rows
        Number of rows below the header, empty lines left out.
    empty
        Row numbers of empty lines below the header that have rows after them.
    following
        The first rows below the header, each with its number.
    """

    path: Path
    delimiter: str
    encoding: Encoding
    header: tuple[str, ...]
    header_row: int
    lines_before: int
    rows: int
    empty: tuple[int, ...]
    following: tuple[tuple[int, tuple[str, ...]], ...]

    def remarks(self) -> list[Remark]:
        """Return what a person should hear of the file."""
        found = self.encoding.remarks(self.path.name)
        if self.empty:
            found.append(
                remark(
                    f"{self.path.name}: {len(self.empty)} empty lines are left out (the first is row {self.empty[0]}).",
                    f"{self.path.name}：略去 {len(self.empty)} 个空行（首个为第 {self.empty[0]} 行）。",
                )
            )
        return found

    def row_numbers(self, start: int, stop: int) -> Sequence[int]:
        """Return the numbers, for a person, of the rows at positions ``start`` to ``stop`` (not included)."""
        first = self.header_row + 1
        if not self.empty:
            return range(start + first, stop + first)
        numbers = np.arange(start + first, stop + first)
        # The n-th empty line stands before all rows whose number without it would be at least its own.
        shifts = np.asarray(self.empty) - np.arange(len(self.empty))
        return (numbers + np.searchsorted(shifts, numbers, side="right")).tolist()


def look_through(path: Path, layout: Layout) -> Delimited:
    """Look through a delimited file once: encoding, structure, header and number of rows.

    Raises
    ------
    InputError
        If it cannot be read, is no text, is cut off, its quotation marks do not match, or its header is no header.
    """
    status = path.stat()
    return _look_through(path, layout, status.st_mtime_ns, status.st_size)


def first_look(path: Path, layout: Layout, encoding: Encoding) -> Delimited:
    """Return what the beginning of a delimited file says of it: its header, and no rows or faults further down."""
    start = next(decoded(path, encoding.name), b"")
    header, header_row, lines_before, following = _header(path, layout, start.decode("utf-8", "ignore"))
    return Delimited(path, layout.delimiter, encoding, tuple(header), header_row, lines_before, 0, (), following)


@lru_cache(maxsize=32)
def _look_through(path: Path, layout: Layout, changed: int, size: int) -> Delimited:
    encoding = find_encoding(path, layout.encoding, binding=layout.of_panel)
    structure = _Structure(path, layout.delimiter)
    carry, start = b"", b""
    for block in decoded(path, encoding.name):
        if len(start) < BLOCK:
            start += block
        content = carry + block
        cut = content.rfind(b"\n") + 1
        carry = content[cut:]
        if len(carry) > limits.LONGEST_LINE:
            raise InputError(
                "the line is too long",
                file=path,
                row=structure.rows + 1,
                found=f"more than {limits.LONGEST_LINE >> 20} MB",
                expected="one answer a line",
            )
        structure.take(content[:cut])
    structure.take(carry)
    structure.finish()
    header, header_row, lines_before, following = _header(path, layout, start.decode("utf-8", "ignore"))
    below = [row for row in structure.empty if header_row < row <= structure.last_filled]
    filled = structure.last_filled - header_row - len(below) if structure.last_filled > header_row else 0
    return Delimited(
        path, layout.delimiter, encoding, tuple(header), header_row, lines_before, filled, tuple(below), following
    )


class _Structure:
    """Rows, empty lines and quotation marks, found in pieces that end with a line."""

    def __init__(self, path: Path, delimiter: str) -> None:
        self.path, self.delimiter = path, ord(delimiter)
        self.rows = 0
        self.last_filled = 0
        self.empty: list[int] = []
        self.inside = False
        self.opened_in = 0

    def take(self, piece: bytes) -> None:
        if not piece:
            return
        if b"\0" in piece:
            row = self.rows + piece[: piece.index(b"\0")].count(b"\n") + 1
            raise InputError(
                "the file holds a zero byte and is no text", file=self.path, row=row, expected="text, saved as CSV"
            )
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b'"' not in piece and not self.inside and b"\n\n" not in piece and not piece.startswith(b"\n"):
            self.rows += piece.count(b"\n") + (not piece.endswith(b"\n"))
            self.last_filled = self.rows
            return
        signs = np.frombuffer(piece, dtype=np.uint8)
        marks = np.flatnonzero(signs == ord('"'))
        ends = np.flatnonzero(signs == ord("\n"))
        if not piece.endswith(b"\n"):
            ends = np.append(ends, len(signs))
        within = (np.searchsorted(marks, ends) + self.inside) % 2 == 1
        ends = ends[~within]
        self._check_marks(signs, marks, ends)
        starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
        lengths = ends - starts
        if self.inside and len(lengths):
            lengths[0] = max(lengths[0], 1)  # its beginning stands in the piece before
        numbers = self.rows + 1 + np.arange(len(ends))
        self.empty += numbers[lengths == 0].tolist()
        if len(self.empty) > limits.LARGEST_READ:
            raise InputError("the file has too many empty lines", file=self.path, found=f"{len(self.empty):,}")
        if (lengths > 0).any():
            self.last_filled = int(numbers[lengths > 0][-1])
        self.rows += len(ends)
        self.inside = bool((len(marks) + self.inside) % 2)
        if self.inside:
            self.opened_in = self.rows + 1

    def _check_marks(self, signs: np.ndarray, marks: np.ndarray, ends: np.ndarray) -> None:
        opening = marks[int(self.inside) :: 2]
        closing = marks[1 - int(self.inside) :: 2]
        line, mark = ord("\n"), ord('"')
        before = np.where(opening > 0, signs[np.maximum(opening - 1, 0)], line)
        after = np.where(closing + 1 < len(signs), signs[np.minimum(closing + 1, len(signs) - 1)], line)
        wrong = [
            opening[~np.isin(before, (self.delimiter, line, mark))],
            closing[~np.isin(after, (self.delimiter, line, mark))],
        ]
        places = np.concatenate(wrong)
        if len(places):
            raise InputError(
                "a quotation mark stands in the middle of a field",
                file=self.path,
                row=self.rows + 1 + int((ends < places.min()).sum()),
                expected="quotation marks around a whole field, and twice inside it",
                mend='write the field as "… ""word"" …"',
            )

    def finish(self) -> None:
        if self.inside:
            raise InputError(
                "a quotation mark is never closed (is the file cut off?)",
                file=self.path,
                row=self.opened_in,
                expected="quotation marks in pairs",
            )


def _header(
    path: Path, layout: Layout, start: str
) -> tuple[list[str], int, int, tuple[tuple[int, tuple[str, ...]], ...]]:
    """Return the names of the columns, the row they stand in, the number of lines above it, and the first rows."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=layout.delimiter)
    before = lines = above = 0
    rows: list[tuple[int, tuple[str, ...]]] = []
    named = layout.header_rows
    last = layout.last_above(named[-1]) if named else 0
    over: list[list[str]] = []
    for row, fields in enumerate(reader, start=1):
        if not named and fields:
            named, last = (row,), layout.last_above(row)
        if row in named:
            over.append(fields)
        if named and row > last and fields:
            rows.append((row, tuple(fields)))
        elif named and fields:
            lines, above = before, row
        before = reader.line_num
        if len(rows) >= HEADER_ROWS:
            break
    wanted = joined_names(over) if len(named) > 1 else over[0] if over else []
    if not any(name.strip() for name in wanted):
        where = f" in row {', '.join(map(str, layout.header_rows))}" if layout.header_rows else ""
        raise InputError("the panel is empty", file=path, found=f"no header{where}", expected="a header and answers")
    at = named[-1]
    if len(wanted) == 1 and wanted[0].lower().startswith("sep="):
        raise InputError(
            "the first line is a note for a spreadsheet program",
            file=path,
            row=at,
            found=wanted[0],
            expected="a header",
            mend=layout.mend("delimiter", wanted[0][4:5] or ",", "remove that line") + " and remove that line",
        )
    _refuse_other_delimiter(path, layout, wanted, [list(fields) for _, fields in rows], at)
    return checked_header(path, wanted, at), above, lines, tuple(rows)


def _refuse_other_delimiter(path: Path, layout: Layout, header: list[str], rows: list[list[str]], at: int) -> None:
    if len(header) > 1:
        return
    for other, written in DELIMITERS.items():
        parts = header[0].count(other) + 1
        if other == layout.delimiter or parts < 2:
            continue
        if all(layout.delimiter.join(fields).count(other) + 1 == parts for fields in rows):
            raise InputError(
                "the fields are separated by something else",
                file=path,
                row=at,
                found=f"{parts} names with {_named(other)} between them",
                expected=f"{_named(layout.delimiter)} between the fields",
                mend=layout.mend("delimiter", written, "save the file with commas between the fields"),
            )


def _named(delimiter: str) -> str:
    return {"\t": "a tab", ",": "a comma", ";": "a semicolon"}.get(delimiter, repr(delimiter))


def read_delimited(path: Path, layout: Layout, columns: Sequence[str] | None) -> RawPanel:
    """Read the named columns (all, if None) of a delimited file as text.

    Raises
    ------
    InputError
        If the file is not whole text with one header: with the row.
    """
    file = look_through(path, layout)
    if layout.header is None:
        refuse_other_header(path, layout, file.header_row, [(file.header_row, file.header), *file.following], columns)
    wanted = positions(file.header, columns)
    limits.check_cells(file.rows, len(wanted), path)
    parts = list(scan_delimited(file, wanted))
    frame = pd.concat(parts, ignore_index=True) if parts else _as_frame(file, wanted, None)
    return RawPanel(
        frame,
        path.name,
        first_row=file.header_row + 1,
        remarks=file.remarks(),
        header=file.header,
        row_numbers=file.row_numbers(0, len(frame)) if file.empty else None,
    )


def scan_delimited(file: Delimited, wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
    """Yield the columns at the ``wanted`` positions in parts that follow each other, in bounded memory."""
    for batch in scan_batches(file, wanted, pa.string(), 2 * limits.LONGEST_LINE):
        yield _as_frame(file, wanted, batch)


def scan_coded(file: Delimited, wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
    """Yield what :func:`scan_delimited` does with each column as codes of its different values, in smaller parts."""
    kind = pa.dictionary(pa.int32(), pa.string())
    names = [file.header[position] for position in wanted]
    for batch in scan_batches(file, wanted, kind, CODED_BLOCK):
        columns = {number: batch.column(number).to_pandas() for number in range(len(names))}
        yield pd.DataFrame(columns, index=range(batch.num_rows)).set_axis(names, axis=1)


def scan_batches(file: Delimited, wanted: Sequence[int], kind: pa.DataType, block: int) -> Iterator[pa.RecordBatch]:
    """Yield the columns at the ``wanted`` positions as ``kind`` (text or a dictionary of texts), in blocks of bytes."""
    names = [f"f{position}" for position in wanted]
    convert = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, kind),
        # With no column asked for, one is read: the rows count all the same.
        include_columns=names or ["f0"],
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    read = arrow_csv.ReadOptions(
        use_threads=pa.types.is_dictionary(kind),
        encoding=file.encoding.name,
        autogenerate_column_names=True,
        skip_rows=file.lines_before,
        block_size=block,
    )
    done = 0
    with _whole_rows(file, lambda: done) as handler, opened_or_refused(file.path):
        parse = arrow_csv.ParseOptions(
            delimiter=file.delimiter, invalid_row_handler=handler, newlines_in_values=True, ignore_empty_lines=True
        )
        opened: Any = pa.input_stream(str(file.path), compression="detect")
        with opened as stream, arrow_csv.open_csv(stream, read, parse, convert) as batches:
            for number, batch in enumerate(batches):
                part = batch.slice(1) if number == 0 else batch
                if part.num_rows:
                    yield part
                    done += part.num_rows


@contextmanager
def _whole_rows(file: Delimited, done: Any) -> Iterator[Any]:
    invalid: list[arrow_csv.InvalidRow] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        invalid.append(row)
        return "error"

    try:
        yield refuse
    except pa.ArrowInvalid as error:
        if not invalid and "straddling" in str(error):
            raise InputError(
                "a row is too long", file=file.path, expected=f"at most {limits.LONGEST_LINE >> 20} MB"
            ) from None
        if not invalid:
            found = str(error).splitlines()[0][:80]
            raise InputError("the file cannot be read as CSV", file=file.path, found=found) from None
        row = invalid[0]
        # Arrow counts the lines that it skips, but no empty ones.
        place = None if row.number is None else row.number - 2 - file.lines_before
        number = None if place is None else file.row_numbers(place, place + 1)[0]
        raise InputError(
            "the row is not whole (is the file cut off?)",
            file=file.path,
            row=number,
            found=f"{row.actual_columns} fields",
            expected=f"{row.expected_columns}",
        ) from None


def _as_frame(file: Delimited, wanted: Sequence[int], batch: pa.RecordBatch | None) -> pd.DataFrame:
    names = [file.header[position] for position in wanted]
    if batch is None:
        return pd.DataFrame({number: pd.Series(dtype="str") for number in range(len(names))}).set_axis(names, axis=1)
    columns = {number: batch.column(number).to_pandas() for number in range(len(names))}
    frame = pd.DataFrame(columns, index=range(batch.num_rows)).astype("str")
    return frame.set_axis(names, axis=1)
