"""The numbers of the papers as a spreadsheet: what each is, its value, interval, unit, kind of evidence and source.

CSV for programs, XLSX for people, with a second sheet that says what the columns mean. The same numbers give the same
bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import pandas as pd

from maternal_eval.core.files import write_whole
from maternal_eval.core.languages import LANGUAGES, Language
from maternal_eval.report.prose import Prose
from maternal_eval.results.base import spreadsheet_table
from maternal_eval.results.findings import Findings
from maternal_eval.results.naming import STUDY, number_name
from maternal_eval.results.numbers import INTERVAL_KINDS, unit_of
from maternal_eval.results.tables import EVIDENCE

FILES = ("numbers.csv", "numbers.xlsx")
NOTES = {
    "key": ("Name of the number in the texts: {{key}}", "数值在文本中的名称：{{key}}"),
    "study": ("Study that it comes from", "所属研究"),
    "number": ("What it is, in English", "含义（英文）"),
    "数值": ("What it is, in Chinese", "含义（中文）"),
    "value": ("Value; a share counts from 0 to 1, a text stands as it is", "取值；占比为 0 至 1，文字照录"),
    "low": ("Lower end of its interval", "区间下端"),
    "high": ("Upper end of its interval", "区间上端"),
    "probability": ("Probability of the interval; empty for a range", "区间概率；取值范围则为空"),
    "interval": ("Kind of the interval", "区间类型"),
    "unit": ("Unit; empty for a plain number", "单位；无单位者为空"),
    "decimals": ("Decimals that the papers print", "报告所印的小数位数"),
    "evidence": ("Class of evidence", "证据类别"),
    "source": ("Notebook that derives it", "推导所在的笔记本"),
    "papers": ("Papers that print it", "印有该数值的报告"),
}
"""Column → what it holds, in English and Chinese."""
_MADE = datetime(1980, 1, 1)
_ENTRY = (1980, 1, 1, 0, 0, 0)


def number_list(papers: Mapping[str, Mapping[Language, Prose]], findings: Findings) -> pd.DataFrame:
    """Return one row per number that a paper prints, in the order of the papers; columns as in :data:`NOTES`."""
    printed: dict[str, list[str]] = {}
    for name, both in papers.items():
        for key in both["en"].keys:
            printed.setdefault(key, []).append(name)
    rows = []
    for key, where in printed.items():
        finding = findings[key]
        study = key.split(".")[0]
        names = findings.names.get(study, {})
        called = number_name(key, names)
        value = finding.value["en"] if isinstance(finding.value, dict) else finding.value
        rows.append(
            {
                "key": key,
                "study": names.get(STUDY, {}).get("en", study),
                "number": called["en"],
                "数值": called["zh"],
                "value": value,
                "low": finding.low,
                "high": finding.high,
                "probability": finding.probability,
                "interval": INTERVAL_KINDS[finding.kind][0] if finding.kind else None,
                "unit": "share (0–1)" if finding.unit == "share" else unit_of(finding.unit).en.strip(),
                "decimals": finding.decimals,
                "evidence": EVIDENCE[finding.evidence][0],
                "source": finding.source,
                "papers": ", ".join(where),
            }
        )
    return pd.DataFrame(rows, columns=list(NOTES))


def write_number_list(papers: Mapping[str, Mapping[Language, Prose]], findings: Findings, out: Path) -> list[Path]:
    """Write the numbers of the papers as ``numbers.csv`` (UTF-8 with mark) and ``numbers.xlsx``; return the paths."""
    table = spreadsheet_table(number_list(papers, findings))
    text = table.to_csv(index=False, lineterminator="\n")
    contents = (b"\xef\xbb\xbf" + text.encode(), _workbook(table))
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / name for name in FILES]
    for path, content in zip(paths, contents, strict=True):
        write_whole(path, partial(Path.write_bytes, data=content))
    return paths


def _workbook(table: pd.DataFrame) -> bytes:
    """Return the table and the notes on its columns as an Excel file without a time of making."""
    notes = pd.DataFrame(
        [(column, *texts) for column, texts in NOTES.items()], columns=["column", *map(str, LANGUAGES)]
    )
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer, engine="openpyxl") as writer:
        table.to_excel(writer, sheet_name="numbers", index=False, freeze_panes=(1, 1))
        notes.to_excel(writer, sheet_name="notes", index=False)
        for sheet, widths in (("numbers", (44, 34, 52, 36)), ("notes", (14, 60, 40))):
            for letter, width in zip("ABCD", widths, strict=False):
                writer.sheets[sheet].column_dimensions[letter].width = width
        writer.book.properties.created = writer.book.properties.modified = _MADE
    return _with_fixed_times(buffer.getvalue())


def _with_fixed_times(content: bytes) -> bytes:
    """Return a zip file whose entries carry one fixed time, as openpyxl writes the time of making into each."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the present moment there, whatever was set
                part = _without_moment(part)
            made.writestr(zipfile.ZipInfo(name, _ENTRY), part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _without_moment(core: bytes) -> bytes:
    start, end = core.find(b"<dcterms:modified"), core.find(b"</dcterms:modified>")
    if start < 0 or end < 0:
        return core
    opening = core.index(b">", start) + 1
    return core[:opening] + _MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + core[end:]
