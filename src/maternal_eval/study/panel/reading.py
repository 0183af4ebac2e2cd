"""Reading a panel file, or any other file of a study: one row of a table per format, one clear sentence if it fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.study.panel.columnar import read_parquet
from maternal_eval.study.panel.delimited import read_delimited
from maternal_eval.study.panel.files import begins_with, refuse_mislabelled, regular_file
from maternal_eval.study.panel.header import Layout, unused
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.statistical import read_spss, read_stata
from maternal_eval.study.panel.workbook import read_workbook


@dataclass(frozen=True)
class Format:
    """A format of files: what they are by their content (see :mod:`maternal_eval.study.panel.files`) and their reader.

    ``begins``: how such a file begins, for a kind that :mod:`~maternal_eval.study.panel.files` does not know.
    """

    kind: str
    read: Callable[[Path, Layout, Sequence[str] | None], RawPanel]
    begins: bytes = b""


READERS: dict[str, Format] = {
    ".csv": Format("csv", read_delimited),
    ".csv.gz": Format("gzip", read_delimited),
    ".tsv": Format("csv", read_delimited),
    ".txt": Format("csv", read_delimited),
    ".tab": Format("csv", read_delimited),
    ".parquet": Format("parquet", read_parquet),
    ".xlsx": Format("xlsx", read_workbook),
    ".xlsm": Format("xlsx", read_workbook),
    ".sav": Format("spss", read_spss),
    ".zsav": Format("spss", read_spss),
    ".dta": Format("stata", read_stata),
}
"""Panel formats: file ending → reader. A new format is one more row."""


def read_panel(path: Path, layout: Layout | None = None, columns: Sequence[str] | None = None) -> RawPanel:
    """Read a CSV (also gzip), Parquet, Excel, SPSS or Stata file.

    In CSV files every cell is text as it is written (007, true, NA), and only an empty one is missing; numbers are made
    of it by the contract. In the other formats numbers are numbers and text is text.

    Parameters
    ----------
    path
        The file; its ending decides the reader (see :data:`READERS`), its content has to agree.
    layout
        Delimiter, encoding, sheet and row of names; the panel's of study.toml.
    columns
        The columns that are needed; only they are read. All if None.

    Raises
    ------
    InputError
        If the file is missing, of an unknown kind, not what its name says, cut off, damaged or too large, or its text
        cannot be told.
    """
    layout = layout or Layout()
    ending = known_ending(path)
    regular_file(path)
    key = "panel.file" if layout.of_panel else "its entry"
    if path.stat().st_size == 0:
        raise InputError("the panel is empty", file=path, found="0 bytes", expected="a header and answers")
    found = READERS[ending]
    if not (found.begins and begins_with(path, found.begins)):
        refuse_mislabelled(path, found.kind, key)
    raw = found.read(path, layout, columns)
    return replace(raw, remarks=[*raw.remarks, *unused(path.name, raw.columns, columns)])


SAVED_AS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".xls", ".xlsb", ".ods", ".numbers", ".et"), "open it in a spreadsheet program and save it as .xlsx"),
    ((".zip", ".rar", ".7z", ".tar", ".tgz", ".bz2", ".xz"), "unpack it and give the file inside"),
    ((".jsonl", ".ndjson"), 'in Python: pandas.read_json("FILE", lines=True).to_csv("panel.csv", index=False)'),
    ((".json",), 'in Python: pandas.read_json("FILE").to_csv("panel.csv", index=False)'),
    ((".rds", ".rdata", ".rda"), 'in R: write.csv(x, "panel.csv", row.names = FALSE)'),
    ((".sas7bdat", ".xpt", ".por"), "save it as .sav, .dta or .csv in the program that it is from"),
    (
        (".pdf", ".doc", ".docx", ".wps", ".html", ".htm"),
        "a document is no table: give the answers as .csv or .xlsx",
    ),
    ((".feather", ".arrow", ".orc", ".db", ".sqlite"), "write it as .parquet or .csv"),
)
"""Endings of files that are not read → how to save what they hold."""


def known_ending(path: Path) -> str:
    """Return the ending of a file that can be read.

    Raises
    ------
    InputError
        If it is none of :data:`READERS`.
    """
    ending = next((ending for ending in READERS if path.name.lower().endswith(ending)), None)
    if ending is None:
        suffix = path.suffix.lower()
        raise InputError(
            "the panel's format is not known",
            file=path,
            found=path.suffix or "no ending",
            expected=", ".join(READERS),
            mend=next((how for endings, how in SAVED_AS if suffix in endings), None),
        )
    return ending
