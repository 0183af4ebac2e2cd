"""Reading a panel file: one row of a table per format, one clear sentence when a file cannot be read."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as arrow_parquet
import pyreadstat

from maternal_eval.errors import InputError
from maternal_eval.panel.raw import RawPanel


def _read_csv(path: Path, delimiter: str, encoding: str) -> RawPanel:
    invalid: list[arrow_csv.InvalidRow] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        invalid.append(row)
        return "error"

    parse = arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=refuse, newlines_in_values=True)
    # One thread: only then does Arrow number the rows that it refuses.
    read = arrow_csv.ReadOptions(use_threads=False, encoding=encoding)
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opener(path, "rb") as handle:
            table = arrow_csv.read_csv(handle, read_options=read, parse_options=parse)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(
            "the file is cut off or damaged", file=path, found=str(error), expected="a whole gzip file"
        ) from None
    except pa.ArrowInvalid as error:
        if invalid:
            row = invalid[0]
            raise InputError(
                "the row is not whole (is the file cut off?)",
                file=path,
                row=row.number,
                found=f"{row.actual_columns} fields",
                expected=f"{row.expected_columns}",
            ) from None
        if "Empty CSV" in str(error):
            raise InputError(
                "the panel is empty", file=path, found="no header", expected="a header and answers"
            ) from None
        raise InputError("the file cannot be read as CSV", file=path, found=str(error)) from None
    except UnicodeDecodeError:
        raise _wrong_encoding(path, None, encoding) from None
    # Arrow does not refuse text in another encoding: it hands the column over as bytes.
    undecoded = [field.name for field in table.schema if pa.types.is_binary(field.type)]
    if undecoded:
        raise _wrong_encoding(path, undecoded[0], encoding)
    return RawPanel(table.to_pandas(), path.name, first_row=2)


def _wrong_encoding(path: Path, column: str | None, encoding: str) -> InputError:
    return InputError(
        "the text is not in the declared encoding (set panel.encoding in study.toml, e.g. 'gbk')",
        file=path.name,
        column=column,
        expected=encoding,
    )


def _read_parquet(path: Path, delimiter: str, encoding: str) -> RawPanel:
    try:
        return RawPanel(arrow_parquet.read_table(path).to_pandas(), path.name, first_row=1)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            "the file is cut off or no Parquet file",
            file=path,
            found="no Parquet footer" if "footer" in str(error) else str(error).splitlines()[0],
            expected="a whole Parquet file",
        ) from None


def _read_excel(path: Path, delimiter: str, encoding: str) -> RawPanel:
    try:
        return RawPanel(pd.read_excel(path), path.name, first_row=2)
    except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise InputError(
            "the file is cut off or no Excel workbook",
            file=path,
            found=str(error),
            expected="a whole .xlsx file",
        ) from None


def _read_spss(path: Path, delimiter: str, encoding: str) -> RawPanel:
    try:
        frame, meta = pyreadstat.read_sav(str(path))
    except (pyreadstat.ReadstatError, OSError) as error:
        raise InputError(
            "the file is cut off or no SPSS file",
            file=path,
            found=str(error).splitlines()[0],
            expected="a whole .sav file",
        ) from None
    labels: dict[str, Any] = meta.variable_value_labels
    return RawPanel(frame, path.name, first_row=1, value_labels=labels)


READERS: dict[str, Callable[[Path, str, str], RawPanel]] = {
    ".csv": _read_csv,
    ".csv.gz": _read_csv,
    ".parquet": _read_parquet,
    ".xlsx": _read_excel,
    ".sav": _read_spss,
}
"""Panel formats: file ending → reader. A new format is one more row."""


def read_panel(path: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> RawPanel:
    """Read a panel from a CSV (also gzip), Parquet, Excel or SPSS file.

    Parameters
    ----------
    path
        The file; its ending decides the reader (see :data:`READERS`).
    delimiter, encoding
        Of CSV files.

    Raises
    ------
    InputError
        If the file is missing, of an unknown kind, cut off or damaged.
    """
    reader = next((READERS[ending] for ending in READERS if path.name.lower().endswith(ending)), None)
    if reader is None:
        raise InputError("the panel's format is not known", file=path, found=path.suffix, expected=", ".join(READERS))
    if not path.is_file():
        raise InputError("there is no such file", file=path, expected="a panel file")
    if path.stat().st_size == 0:
        raise InputError("the panel is empty", file=path, found="0 bytes", expected="a header and answers")
    return reader(path, delimiter, encoding)
