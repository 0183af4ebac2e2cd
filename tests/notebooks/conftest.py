from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

PICTURE = "iVBORw0KGgo="
"""The signature of a PNG file, in Base64."""

FIGURE = """\
import matplotlib.pyplot as plt
from maternal_eval.results.plotting import figure_style, show
with figure_style("zh"):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.plot([0, 1], [1, 2], label="模拟")
    axes.legend()
show(figure, alt="A simulated line that rises from 1 to 2")
"""


@pytest.fixture
def write_notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a notebook of code cells under a text that says "simulated"."""

    def write(*sources: str, name: str = "demo.ipynb", text: str = "# Demo\n\nOn simulated data.") -> Path:
        notebook = nbformat.v4.new_notebook()
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        notebook.cells = [nbformat.v4.new_markdown_cell(text), *cells]
        path = tmp_path / name
        nbformat.write(notebook, path)
        return path

    return write
