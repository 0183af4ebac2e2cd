"""How much a file may hold: beyond these bounds a panel is refused in one sentence and not tried in memory or time."""

from __future__ import annotations

from pathlib import Path

from maternal_eval.core.errors import InputError

LARGEST_READ = 1_000_000
"""Panels with more rows are counted in their file and not read."""

MOST_COLUMNS = 16_384
"""Columns of a file: as many as a spreadsheet has."""

MOST_INDICATORS = 1000
"""Indicators of a study: many analyses take time that grows with their square."""

MOST_CELLS = 50_000_000
"""Cells of the columns that are read at once: some 30 bytes each at the height of reading and checking."""

MOST_WORKBOOK_CELLS = 20_000_000
"""Cells of a sheet that are looked at: a workbook is read cell by cell."""

MOST_BYTES = 512 << 20
"""Bytes of the columns that are read at once, unpacked."""

MOST_UNPACKED = 64 << 30
"""Bytes of a text file, unpacked."""

SURE_UNPACKED, MOST_TIMES = 1 << 30, 100
"""A packed file may unpack to ``SURE_UNPACKED`` bytes in any case, and else to ``MOST_TIMES`` its size."""

LONGEST_LINE = 16 << 20
"""Bytes of a line."""


def check_columns(columns: int, path: Path) -> None:
    """Refuse a file with too many columns."""
    if columns > MOST_COLUMNS:
        raise InputError(
            "the file has too many columns",
            file=path,
            found=f"{columns:,}",
            expected=f"at most {MOST_COLUMNS:,}",
            mend="keep the columns that study.toml names",
        )


def check_cells(rows: int, columns: int, path: Path, most: int | None = None) -> None:
    """Refuse a file of which too many cells would have to be read."""
    most = MOST_CELLS if most is None else most
    if rows * columns > most:
        raise InputError(
            "the file holds too much to be read",
            file=path,
            found=f"{rows:,} rows of {columns:,} columns",
            expected=f"at most {most:,} cells",
            mend="keep fewer columns, or split the study",
        )


def check_bytes(unpacked: int, path: Path, packed: int | None = None) -> None:
    """Refuse a file that unpacks to more than the memory should hold (``packed``: to far more than its size)."""
    if packed is None:
        too_much = unpacked > MOST_BYTES
    else:
        too_much = unpacked > MOST_UNPACKED or unpacked > max(SURE_UNPACKED, MOST_TIMES * packed)
    if too_much:
        raise InputError(
            "the file unpacks to more than can be read",
            file=path,
            found=f"more than {max(unpacked >> 20, 1):,} MB",
            expected=f"at most {(MOST_BYTES if packed is None else SURE_UNPACKED) >> 20:,} MB",
            mend="keep the columns that study.toml names",
        )
