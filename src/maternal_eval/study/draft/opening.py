"""How a file of unknown make is laid out: its encoding, delimiter, sheet and rows of names."""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.draft.header_rows import Names, names_in
from maternal_eval.study.draft.numbers import number_in_words
from maternal_eval.study.long_form import wide
from maternal_eval.study.panel.columnar import parquet_header, readable_columns, scan_parquet
from maternal_eval.study.panel.contract import code_text
from maternal_eval.study.panel.delimited import first_look, look_through, scan_batches, scan_delimited
from maternal_eval.study.panel.encoding import blocks, decoded, find_encoding
from maternal_eval.study.panel.files import kind_of, refuse_mislabelled, regular_file
from maternal_eval.study.panel.header import Layout, joined_names, positions
from maternal_eval.study.panel.raw import RawPanel
from maternal_eval.study.panel.reading import READERS, known_ending, read_panel
from maternal_eval.study.panel.workbook import first_rows

BLOCK = 8 << 20
"""Bytes of delimited text that are counted at once."""

SMALL = 1 << 19
"""Bytes of a file that is looked through whole to say where something is wrong."""

LOOKED_AT = 40
"""Rows from which the layout of a file is told."""

WESTERN = "cp1252"
"""Tried last, and told: text in it can be read in other ways too."""

_DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Opened:
    """A file, how it is laid out, and what that was told from.

    ``long`` names question, answer and whose answers belong together, of a file with one row per answer.
    ``leave_out`` is column → values of the rows that are no answers: totals, notes. ``wordings`` is column → the
    question above or below its name; ``doubts`` are what a person has to look at.
    """

    path: Path
    layout: Layout
    wordings: dict[str, str] = field(default_factory=dict)
    doubts: tuple[Remark, ...] = ()
    long: tuple[str, str, tuple[str, ...]] | None = None
    leave_out: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Whether the file is delimited text."""
        return READERS[known_ending(self.path)].kind in ("csv", "gzip")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield all named columns of delimited text as dictionaries, in blocks; nobody looks at its structure."""
        encoding = find_encoding(self.path, self.layout.encoding)
        file = first_look(self.path, self.layout, encoding)
        wanted = positions(file.header, None)
        names = [file.header[position] for position in wanted]
        kind = pa.dictionary(pa.int32(), pa.string())
        try:
            for batch in scan_batches(file, wanted, kind, BLOCK):
                named = pa.RecordBatch.from_arrays(batch.columns, names=names)
                yield named.filter(_kept(named, self.leave_out)) if self.leave_out else named
        except InputError as error:
            row = _uneven_row(self.path, encoding.name, self.layout.delimiter, len(file.header))
            if error.row is not None or row is None or "row is not whole" not in error.problem:
                raise
            raise InputError(
                error.problem, file=error.file, row=row, found=error.found, expected=error.expected
            ) from None

    def parts(self) -> Iterator[RawPanel]:
        """Yield all columns of the file in parts that follow each other; small files are one part."""
        for part in self._all_parts():
            gone = np.zeros(len(part.frame), dtype=bool)
            for column, values in self.leave_out.items():
                if column in part.frame:
                    gone |= part.frame[column].map(code_text, na_action="ignore").str.strip().isin(values).to_numpy()
            yield replace(part, frame=part.frame[~gone].reset_index(drop=True)) if gone.any() else part

    def _all_parts(self) -> Iterator[RawPanel]:
        if self.long is not None:
            parts = list(replace(self, long=None).parts())
            whole = replace(parts[0], frame=pd.concat([part.frame for part in parts], ignore_index=True))
            question, answer, key = self.long
            yield wide(whole, question, answer, key)
        elif self.is_text:
            file = look_through(self.path, self.layout)
            wanted, done = positions(file.header, None), 0
            for frame in scan_delimited(file, wanted):
                numbers = file.row_numbers(done, done + len(frame))
                yield RawPanel(frame, self.path.name, numbers[0], header=file.header, row_numbers=numbers)
                done += len(frame)
        elif self.path.name.lower().endswith(".parquet"):
            header = parquet_header(self.path)[0]
            wanted = readable_columns(self.path, positions(header, None))
            for frame in scan_parquet(self.path, header, wanted):
                yield RawPanel(frame, self.path.name, first_row=1, header=tuple(header))
        else:
            yield self._whole()

    def _whole(self) -> RawPanel:
        """Read a file at once; a column of a workbook that cannot be read is left out and named."""
        names: list[str] | None = None
        refused: list[Remark] = []
        while True:
            try:
                raw = read_panel(self.path, self.layout, names)
                return replace(raw, remarks=[*raw.remarks, *refused])
            except InputError as error:
                if names is None:
                    names = [name for name in read_panel(self.path, self.layout, []).columns if name]
                if error.column not in names:
                    raise
                names.remove(error.column)
                refused.append(remark(f"A column is left out: {error}.", f"有一列未读取：{error}。"))


def _kept(batch: pa.RecordBatch, leave_out: dict[str, tuple[str, ...]]) -> pa.Array:
    """Return which rows of columns as dictionaries hold none of the values that are left out."""
    kept = np.ones(batch.num_rows, dtype=bool)
    for column, values in leave_out.items():
        if column in batch.schema.names:
            coded = batch.column(column)
            wrong = [n for n, text in enumerate(coded.dictionary.to_pylist()) if text.strip() in values]
            kept &= ~np.isin(coded.indices.fill_null(-1).to_numpy(), wrong)
    return pa.array(kept)


def open_file(path: Path, sheet: str | None = None, header: int | None = None, encoding: str | None = None) -> Opened:
    """Find out how a file is laid out.

    Parameters
    ----------
    path
        A file of one of the formats that a panel may have.
    sheet, header, encoding
        What is known already: the sheet of a workbook, the number of rows above the first answer, the encoding.

    Raises
    ------
    InputError
        If there is no such file, its format is not known, or it holds no table.
    """
    regular_file(path)
    if path.stat().st_size == 0:
        raise InputError("the file is empty", file=path, found="0 bytes", expected="names of columns and answers")
    kind = READERS[known_ending(path)].kind
    try:
        refuse_mislabelled(path, kind, "panel.file")
    except InputError as error:
        other = next((ending for ending, one in READERS.items() if one.kind == kind_of(path)[0]), None)
        mend = f"name the file {path.stem}{other}" if other else error.mend
        raise InputError(error.problem, file=path, found=error.found, expected=error.expected, mend=mend) from None
    if kind in ("csv", "gzip"):
        return _open_text(path, header, encoding)
    if kind == "xlsx":
        return _open_workbook(path, sheet, header)
    return Opened(path, Layout(encoding=encoding))


def _open_text(path: Path, header: int | None, encoding: str | None) -> Opened:
    said: list[Remark] = []
    try:
        found = find_encoding(path, encoding)
    except InputError as error:
        sample = None if encoding is not None else _western(path)
        if sample is not None:
            said.append(
                remark(
                    f"The text was read as {WESTERN}, where it holds “{sample}”; if that is wrong, give --encoding.",
                    f"文字按 {WESTERN} 读取，其中含“{sample}”；如有误，请用 --encoding 指定编码。",
                )
            )
            return _read_text(path, header, WESTERN, WESTERN, said)
        raise InputError(
            error.problem,
            file=path,
            row=error.row,
            found=error.found,
            expected=error.expected,
            mend="--encoding with one of gb18030, big5, cp1252, shift_jis",
        ) from None
    if found.sample and encoding is None:
        said.append(
            remark(
                f"The text was read as {found.name}, where it holds “{found.sample}”; if that is wrong, give "
                "--encoding.",
                f"文字按 {found.name} 读取，其中含“{found.sample}”；如有误，请用 --encoding 指定编码。",
            )
        )
    # Only what a reader without this line would find otherwise has to be written down.
    declared = encoding if encoding is not None else found.name if found.sample else None
    return _read_text(path, header, found.name, declared, said)


def _western(path: Path) -> str | None:
    """Return a sample of text that is Western European in Windows-1252: few letters with accents among many."""
    start = next(blocks(path), b"")[: 1 << 20]
    try:
        text = start.decode(WESTERN)
    except UnicodeDecodeError:
        return None
    foreign = [sign for sign in text if not sign.isascii()]
    usual = sum(sign.isalpha() or sign in "€£§°–—‘’“”…«»¿¡ºª" for sign in foreign)
    found = re.search(r"\w*[^\x00-\x7f]\w*", text)
    few = len(foreign) <= 0.1 * len(text) and usual >= 0.9 * len(foreign)
    return found[0][:20] if found is not None and few and not re.search(r"[^\x00-\x7f]{4}", text) else None


def _read_text(path: Path, header: int | None, encoding: str, declared: str | None, said: list[Remark]) -> Opened:
    start = next(decoded(path, encoding), b"").decode("utf-8", "ignore")
    _refuse_open_quote(path, start)
    delimiter = _delimiter(start)
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
    try:
        rows = list(itertools.islice(enumerate(reader, start=1), LOOKED_AT))
    except csv.Error as error:
        raise InputError("the file cannot be read as a table", file=path, found=str(error)) from None
    return _with_names(Opened(path, Layout(delimiter, declared), doubts=tuple(said)), rows, header)


def _uneven_row(path: Path, encoding: str, delimiter: str, width: int) -> int | None:
    """Return the first row of a small file that has another number of fields than its names, below these."""
    if path.stat().st_size > SMALL:
        return None
    text = b"".join(decoded(path, encoding)).decode("utf-8", "ignore")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    below = False
    for row in reader:
        if below and row and len(row) != width:
            return reader.line_num
        below = below or len(row) == width
    return None


def _refuse_open_quote(path: Path, start: str) -> None:
    """Refuse a small file in which a quotation mark is never closed: all rows below it would be one cell."""
    if path.stat().st_size > SMALL or start.count('"') % 2 == 0 or not re.search(r'(?:\A|[,;\t|\n])"[^"]*\Z', start):
        return
    raise InputError(
        "a quotation mark is not closed",
        file=path,
        row=start[: start.rindex('"')].count("\n") + 1,
        found=start[start.rindex('"') :].splitlines()[0],
        expected="a second one where the cell ends",
    )


def _delimiter(start: str) -> str:
    """Return the sign that cuts the first lines into the same number of fields, the larger number the better."""
    lines = [line for line in start.splitlines()[: LOOKED_AT + 1] if line.strip()]
    if len(start.splitlines()) > len(lines) + 1 and len(lines) > 1:
        lines = lines[:LOOKED_AT]
    best, most = ",", (0.0, 0)
    for sign in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=sign) if row]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        if usual < 2:
            continue
        # The names decide between signs that cut alike: a decimal comma stands in numbers only.
        whole = widths.count(usual) / len(widths) + (max(widths[:3]) == usual)
        if (whole, usual) > most:
            best, most = sign, (whole, usual)
    return best


def _open_workbook(path: Path, sheet: str | None, header: int | None) -> Opened:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sheets = first_rows(path, LOOKED_AT)
    except InputError:
        raise
    except Exception as error:
        read_panel(path, Layout(sheet=sheet))  # which says what is wrong with it
        raise InputError("the file cannot be read as a workbook", file=path, found=type(error).__name__) from None
    if sheet is not None and sheet not in sheets:
        raise InputError("there is no such sheet", file=path, found=sheet, expected="one of " + ", ".join(sheets))
    sizes = {title: one.cells for title, one in sheets.items() if one.cells and (one.visible or title == sheet)}
    if not sizes or (sheet is not None and sheet not in sizes):
        raise InputError("the file is empty", file=path, found="no sheet with rows", expected="names and answers")
    chosen = sheet if sheet is not None else max(sizes, key=lambda title: sizes[title])
    said: list[Remark] = []
    if sheet is None and len(sizes) > 1:
        others = [title for title in sizes if title != chosen]
        said.append(
            remark(
                f"Sheet {chosen} is taken, the largest one; others: {', '.join(others)} (--sheet NAME).",
                f"采用最大的工作表 {chosen}；其他工作表：{'、'.join(others)}（可用 --sheet 指定）。",
            )
        )
    layout = Layout(sheet=chosen if len(sheets) > 1 else None)
    return _with_names(Opened(path, layout, doubts=tuple(said)), sheets[chosen].rows, header)


def _with_names(opened: Opened, rows: Sequence[tuple[int, Sequence[str]]], above: int | None) -> Opened:
    filled = [(number, list(cells)) for number, cells in rows if any(cell.strip() for cell in cells)]
    if len(filled) < 2:
        raise InputError("the file has no answers", file=opened.path, found=f"{len(filled)} filled rows")
    found = names_in(filled, above)
    by_row = dict(filled)
    first = filled[0][0]
    header: int | tuple[int, ...] | None = found.header if len(found.header) > 1 else found.header[0]
    layout = replace(opened.layout, header=None if header == first and found.answers is None else header)
    layout = replace(layout, answers=found.answers)
    named = [by_row.get(number, []) for number in found.header]
    names = joined_names(named) if len(named) > 1 else [name.strip() for name in named[0]]
    _refuse_no_names(opened.path, names, filled, found)
    wordings: dict[str, str] = {}
    above_names = [by_row[number] for number in found.header[:-1]]
    texts = by_row.get(found.wordings or 0)
    for column, name in enumerate(names):
        if texts is not None:
            text = texts[column] if column < len(texts) else ""
            if not text and found.wordings is not None and found.wordings < found.header[0]:
                text = next((texts[left] for left in range(min(column, len(texts) - 1), -1, -1) if texts[left]), "")
            wordings[name] = text
        elif above_names:
            upper = next((row[left] for row in above_names for left in range(min(column, len(row) - 1), -1, -1)
                          if row[left].strip()), "")  # fmt: skip
            wordings[name] = upper if upper != name else ""
    said = list(opened.doubts)
    if len(found.header) > 1 or found.answers is not None or header != first:
        rows_en, first_answer = " and ".join(map(str, found.header)), found.answers or found.header[-1] + 1
        said.append(
            remark(
                f"The names of the columns are taken from row {rows_en}, the first answer from row "
                f"{first_answer}; if that is wrong, give --header N, the rows above the answers.",
                f"列名取自第 {'、'.join(map(str, found.header))} 行，首个答案在第 {first_answer} 行；"
                "如有误，请用 --header N 指定答案之上的行数。",
            )
        )
    return replace(opened, layout=layout, wordings={k: v for k, v in wordings.items() if v}, doubts=tuple(said))


def _refuse_no_names(path: Path, names: Sequence[str], filled: Sequence[tuple[int, list[str]]], found: Names) -> None:
    """Refuse a file whose first row holds answers like all others."""
    cells = [name for name in names if name]
    numbers = [number_in_words(name) for name in cells]
    known = [written.number for written in numbers if written is not None]
    steps = all(after == before + 1 for before, after in itertools.pairwise(known))
    # Numbered questions (1, 2, 3), or years beside each other.
    are_names = steps and (len(known) == len(cells) or (len(known) > 2 and known[0] >= 1900 and known[-1] <= 2100))
    if len(known) > 0.6 * len(cells) and len(cells) > 1 and not are_names:
        raise InputError(
            "the file has no names of columns",
            file=path,
            row=found.header[-1],
            found=", ".join(cells)[:80],
            expected="a row with a name over each column",
            mend="write such a row above the answers",
        )


def shown(name: str, most: int = 110) -> str:
    """Return the name of a column as a title: in one line, without control signs, cut where it is long."""
    signs = [" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in name]
    text = " ".join("".join(s for s in signs if unicodedata.category(s) not in ("Cf", "Cs", "Co", "Cn")).split())
    text = re.sub(r"^(?:Q?\d{1,3}[、.．:：)）]\s*)", "", text).strip(" :：?？") or text
    return text if len(text) <= most else text[: most - 1] + "…"
