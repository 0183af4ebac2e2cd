"""Files before they are read: whether there is one, and what it really is, whatever its name says."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maternal_eval.core.errors import InputError

ENDINGS = {
    "csv": ".csv",
    "gzip": ".csv.gz",
    "parquet": ".parquet",
    "xlsx": ".xlsx",
    "spss": ".sav",
    "stata": ".dta",
}
"""Kind of file → the ending that it should have."""

_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "gzip", "a gzip file"),
    (b"PAR1", "parquet", "a Parquet file"),
    (b"$FL2", "spss", "an SPSS file"),
    (b"$FL3", "spss", "an SPSS file"),
    (b"<stata_dta>", "stata", "a Stata file"),
    (b"ARROW1", "other", "an Arrow (Feather) file"),
    (b"SQLite format 3", "other", "an SQLite data base"),
    (b"%PDF", "other", "a PDF file"),
    (b"\x89HDF", "other", "an HDF5 file"),
    (b"\xfd7zXZ", "other", "an xz archive"),
    (b"BZh", "other", "a bzip2 archive"),
    (b"7z\xbc\xaf", "other", "a 7z archive"),
    (b"Rar!", "other", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "other", "a zstd archive"),
    (b"RDX", "other", "an R data file"),
    (b"\x89PNG", "other", "a picture"),
    (b"\xff\xd8\xff", "other", "a picture"),
    (b"{\\rtf", "other", "an RTF text"),
)

_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML file"),
)

_OLD_STATA = range(0x68, 0x74)
"""First bytes of Stata files before version 13: the release, 104 to 115."""


def regular_file(path: Path, expected: str = "a panel file") -> Path:
    """Return ``path`` if it is a file that can be read.

    Raises
    ------
    InputError
        If there is nothing, a folder, a pipe or device, a link to nothing, or a file that must not be read.
    """
    problem = None
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        problem = "the link leads to nothing" if path.is_symlink() else "there is no such file"
    except (OSError, ValueError) as error:
        problem = f"the file cannot be reached ({reason(error)})"
    else:
        if stat.S_ISDIR(mode):
            problem = "this is a folder and no file"
        elif not stat.S_ISREG(mode):
            problem = "this is a pipe or a device and no file"
    if problem is not None:
        raise InputError(problem, file=path, expected=expected)
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise cannot_be_read(path, error) from None
    return path


def reason(error: Exception) -> str:
    """Return what the system says of a fault, in its words and without the path."""
    said = str(getattr(error, "strerror", None) or error).splitlines() or [type(error).__name__]
    return said[0][:80].lower()


def cannot_be_read(path: Path, error: OSError) -> InputError:
    """Return the sentence for a file that the system does not give."""
    return InputError(f"the file cannot be read ({reason(error)})", file=path, expected="a file that may be read")


def kind_of(path: Path) -> tuple[str, str]:
    """Return what a file is by its content: a key of :data:`ENDINGS` or ``other``, and the same in words."""
    with open(path, "rb") as handle:
        head = handle.read(512)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _kind_of_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _kind_of_container(path)
    for beginning, kind, words in _BEGINNINGS:
        if head.startswith(beginning):
            return kind, words
    if len(head) > 3 and head[0] in _OLD_STATA and head[1] in (1, 2) and head[2] == 1 and head[3] == 0:
        return "stata", "a Stata file"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((("other", words) for mark, words in _MARKUP if start.startswith(mark)), ("csv", "text"))


def _kind_of_zip(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "xlsx", "a workbook that is cut off or damaged"
    if "xl/workbook.xml" in names or any(name.startswith("xl/worksheets/") for name in names):
        return "xlsx", "an Excel workbook"
    if "xl/workbook.bin" in names:
        return "other", "an Excel workbook in binary form (.xlsb)"
    if any(name.startswith("word/") for name in names):
        return "other", "a Word document"
    if "content.xml" in names:
        return "other", "an OpenDocument file"
    return "other", "a zip archive"


def _kind_of_container(path: Path) -> tuple[str, str]:
    # The names of the streams inside stand in UTF-16; a workbook is small enough to look for them.
    with open(path, "rb") as handle:
        content = handle.read(64 << 20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "other", "password-protected"
    return "other", "an old Excel workbook (.xls)"


def begins_with(path: Path, beginning: bytes) -> bool:
    """Return whether a file begins with these bytes."""
    with open(path, "rb") as handle:
        return handle.read(len(beginning)) == beginning


def refuse_mislabelled(path: Path, kind: str, key: str) -> None:
    """Refuse a file that is something else than ``kind``, a key of :data:`ENDINGS`, and say what it is.

    Parameters
    ----------
    path, kind
        The file and what its name says.
    key
        The entry of study.toml that names it, e.g. ``panel.file``.
    """
    found, words = kind_of(path)
    if found == kind:
        return
    wanted = ENDINGS.get(kind, f".{kind}")
    if found in ENDINGS:
        name = path.name[: -len(wanted)] + ENDINGS[found]
        mend = f'name the file {name} and write {key} = "{name}" in study.toml'
    elif words == "password-protected":
        raise InputError(
            "the file is password-protected",
            file=path,
            expected="a file that opens without a password",
            mend="save it without a password",
        )
    else:
        mend = "save it as .csv or .xlsx"
    raise InputError("the file is not what its name says", file=path, found=words, expected=f"{wanted} file", mend=mend)


@contextmanager
def opened_or_refused(path: Path) -> Iterator[None]:
    """Turn what the system says while a file is read into a sentence."""
    try:
        yield
    except OSError as error:
        raise cannot_be_read(path, error) from None
