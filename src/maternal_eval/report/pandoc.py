"""Pandoc (from the Python package) and typst, run off-line, reproducibly, with warnings as errors."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pypandoc
import typst

from maternal_eval.core.errors import MaternalEvalError
from maternal_eval.results.plotting.fonts import font_folders

PDF_STANDARD: typst.PDFStandard = "ua-1"
"""PDF/UA-1: tagged for screen readers, every figure and formula with an alternative text."""


def run_pandoc(arguments: Sequence[str], text: str = "", *, timestamp: int = 0) -> bytes:
    """Run pandoc on ``text`` and return its output.

    Parameters
    ----------
    arguments
        Options. No user data folder is read.
    timestamp
        Seconds since 1970 that stand for now in the output.

    Raises
    ------
    MaternalEvalError
        If pandoc fails or warns (an unresolved reference, a missing citation or picture).
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(timestamp), "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    command = [pypandoc.get_pandoc_path(), "--fail-if-warnings", *arguments]
    finished = subprocess.run(command, input=text.encode(), capture_output=True, env=environment, check=False)
    if finished.returncode != 0:
        raise MaternalEvalError("pandoc: " + " ".join(finished.stderr.decode(errors="replace").split()))
    return finished.stdout


def typeset(source: Path, *, timestamp: int) -> bytes:
    """Return the PDF of a typst file, which reads nothing outside of its own folder.

    Raises
    ------
    MaternalEvalError
        If typst fails or warns (a font or a glyph that is missing, a figure without alternative text).
    """
    compiler = typst.Compiler(
        str(source),
        root=str(source.parent),
        font_paths=[str(folder) for folder in font_folders()],
        ignore_system_fonts=True,
    )
    try:
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", pdf_standards=PDF_STANDARD, timestamp=datetime.fromtimestamp(timestamp, UTC)
        )
    except typst.TypstError as error:
        raise MaternalEvalError(f"typst: {_one_line(error.message, error.diagnostic)}") from error
    if warnings:
        first = _one_line(warnings[0].message, warnings[0].diagnostic)
        raise MaternalEvalError(f"typst: {first} (warnings: {len(warnings)})")
    if not isinstance(pdf, bytes):
        raise MaternalEvalError("typst returned no PDF")
    return pdf


def _one_line(message: str, diagnostic: str) -> str:
    """Return a message of typst and the line of source that it is about."""
    place = re.search(r"^ *\d+ │ (.*)$", diagnostic, re.MULTILINE)
    return f"{message}: {place.group(1).strip()[:200]}" if place else message
