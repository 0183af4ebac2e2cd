"""What nbval cannot see in an executed notebook: output that changes by itself, and what a reader needs.

nbval compares everything that a notebook prints exactly, but for pictures; addresses, paths of a machine and raw
DataTrees would differ by themselves.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat

from maternal_eval.report.notebooks import code_cells, read_notebook

MAXIMUM_BYTES = 1_000_000
BUILT_IN_STUDY = re.compile(r"data[\"'\s]*[/,][\"'\s]*maternal")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_ABSOLUTE_PATH = re.compile(r"(?<![\w./:~<])/(?:[\w.+-]+/){2,}[\w.+-]*|\b[A-Z]:\\\\?\w+")
_DATA_TREE = re.compile(r"<xarray\.DataTree|xarray\.DataTree</div>")


def lint_notebook(path: Path) -> list[str]:
    """Return what is wrong with an executed notebook; an empty list is a good one.

    Checked: execution counts run from 1 to n; no errors, no stderr; no trailing ``;`` (it hides nothing from
    nbval) and no raw DataTree (its representation holds times); an alternative text on every picture; no
    absolute paths and memory addresses in outputs; smaller than 1 MB; the word "simulated" in the text of
    notebooks on the built-in study.
    """
    notebook = read_notebook(path)
    problems = list(_size_problems(path))
    for expected, (number, cell) in enumerate(code_cells(notebook, executable=True), start=1):
        if cell.execution_count != expected:
            problems.append(f"cell {number}: execution count {cell.execution_count}, expected {expected}")
    for number, cell in code_cells(notebook):
        if _ends_with_semicolon(cell.source):
            problems.append(f"cell {number}: ends with ; (assign the value to _ instead)")
        for output in cell.outputs:
            problems += [f"cell {number}: {problem}" for problem in _output_problems(output, cell)]
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for _, cell in code_cells(notebook))
    if BUILT_IN_STUDY.search(code) and "simulated" not in text.lower():
        problems.append('uses the built-in study, but its text does not say "simulated"')
    return [f"{path.name}: {problem}" for problem in problems]


def _size_problems(path: Path) -> Iterator[str]:
    size = path.stat().st_size
    if size >= MAXIMUM_BYTES:
        yield f"{size} bytes, expected fewer than {MAXIMUM_BYTES}"


def _output_problems(output: nbformat.NotebookNode, cell: nbformat.NotebookNode) -> Iterator[str]:
    if output.output_type == "error":
        yield f"error {output.ename}"
        return
    if output.output_type == "stream":
        if output.name == "stderr":
            yield f"writes to stderr: {output.text.strip().splitlines()[0] if output.text.strip() else ''}"
        yield from _text_problems(output.text)
        return
    for kind, content in output.data.items():
        if kind.startswith("image/"):
            alt: Any = output.metadata.get(kind, {})
            if not (alt.get("alt", "") or cell.metadata.get("alt", "")).strip():
                yield f"a picture ({kind}) without alternative text (use maternal_eval.results.plotting.show)"
        elif isinstance(content, str):
            yield from _text_problems(content)


def _text_problems(text: str) -> Iterator[str]:
    for pattern, what in (
        (_DATA_TREE, "shows a raw DataTree"),
        (_ABSOLUTE_PATH, "prints an absolute path"),
        (_ADDRESS, "prints a memory address"),
    ):
        if found := pattern.search(text):
            yield f"{what}: {found.group(0)}"


def _ends_with_semicolon(source: str) -> bool:
    """Return whether the last piece of code (comments aside) is a semicolon; magics are no Python."""
    if source.lstrip().startswith(("%", "!")):
        return source.rstrip().endswith(";")
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.DEDENT, tokenize.ENDMARKER}
    last = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type not in skipped:
                last = token.string
    except (tokenize.TokenError, IndentationError):
        return source.rstrip().endswith(";")
    return last == ";"
