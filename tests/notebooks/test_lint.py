from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from maternal_eval.core.errors import InputError
from tests.notebooks.conftest import PICTURE
from verification.notebook_lint import lint_notebook

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_of_the_repository_are_in_order(path: Path) -> None:
    assert lint_notebook(path) == []


def stream(text: str, name: str = "stdout") -> Any:
    return new_output("stream", name=name, text=text)


def result(data: dict[str, str], metadata: dict[str, Any] | None = None) -> Any:
    return new_output("display_data", data=data, metadata=metadata or {})


@pytest.fixture
def lint(tmp_path: Path) -> Callable[..., list[str]]:
    def check(
        source: str = "1 + 1",
        *outputs: Any,
        count: int | None = 1,
        text: str = "# Title",
        metadata: dict[str, Any] | None = None,
    ) -> list[str]:
        cell = new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata or {})
        path = tmp_path / "broken.ipynb"
        nbformat.write(new_notebook(cells=[new_markdown_cell(text), cell]), path)
        return lint_notebook(path)

    return check


@pytest.mark.parametrize(
    ("source", "outputs", "options"),
    [
        ("1 + 1", [result({"text/plain": "2"})], {}),
        ("# only a comment with ;\nx = 1  # ;", [], {}),
        ("print('a;')", [stream("a;\n")], {}),
        ("x", [stream("must_be/performance/attractive and https://example.org/a/b/c, 1/2/3")], {}),
        ("x", [result({"text/plain": "../data/maternal/panel.parquet"})], {}),
        ("", [], {"count": None}),
        ("x", [result({"image/png": PICTURE}, {"image/png": {"alt": "A line"}})], {}),
        ("x", [result({"image/png": PICTURE})], {"metadata": {"alt": "A line"}}),
        ("Study.read('../data/maternal')", [], {"text": "Results are Simulated."}),
        ("Study.read('../data/other')", [], {}),
    ],
)
def test_good_cells(source: str, outputs: list[Any], options: dict[str, Any], lint: Callable[..., list[str]]) -> None:
    assert lint(source, *outputs, **options) == []


@pytest.mark.parametrize(
    ("source", "outputs", "options", "problem"),
    [
        ("1 + 1", [], {"count": None}, "cell 2: execution count None, expected 1"),
        ("1 + 1", [], {"count": 7}, "cell 2: execution count 7, expected 1"),
        ("axes.plot(x);", [], {}, "cell 2: ends with ;"),
        ("axes.plot(x);  # hidden", [], {}, "cell 2: ends with ;"),
        ("%time x;", [], {}, "cell 2: ends with ;"),
        ("x", [new_output("error", ename="ValueError", evalue="bad", traceback=[])], {}, "error ValueError"),
        ("x", [stream("UserWarning: old\nmore", "stderr")], {}, "writes to stderr: UserWarning: old"),
        ("x", [result({"image/png": PICTURE})], {}, "a picture (image/png) without alternative text"),
        ("x", [result({"image/svg+xml": "<svg/>"}, {"image/svg+xml": {"alt": " "}})], {}, "without alternative"),
        ("x", [result({"text/plain": "<xarray.DataTree>\nGroup: /"})], {}, "shows a raw DataTree"),
        ("x", [result({"text/html": "<div>xarray.DataTree</div>"})], {}, "shows a raw DataTree"),
        ("x", [stream("/home/someone/maternal_eval/data.csv")], {}, "prints an absolute path: /home/someone"),
        ("x", [stream(r"C:\Users\someone")], {}, r"prints an absolute path: C:\Users"),
        ("x", [result({"text/plain": "<function f at 0x7f3a2b1c4d5e>"})], {}, "prints a memory address: 0x7f"),
        ("Study.read('../data/maternal')", [], {}, 'its text does not say "simulated"'),
        ("Study.read(ROOT / 'data' / 'maternal')", [], {}, 'its text does not say "simulated"'),
        ("x", [stream("a" * 1_000_000)], {}, "bytes, expected fewer than 1000000"),
    ],
)
def test_broken_cells(
    source: str,
    outputs: list[Any],
    options: dict[str, Any],
    problem: str,
    lint: Callable[..., list[str]],
) -> None:
    (found,) = lint(source, *outputs, **options)
    assert found.startswith("broken.ipynb: ")
    assert problem in found


def test_counts_run_from_one_without_gaps(tmp_path: Path) -> None:
    cells = [new_code_cell("1", execution_count=count) for count in (1, 3, 2)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "gaps.ipynb")
    assert [problem.split(": ", 1)[1] for problem in lint_notebook(tmp_path / "gaps.ipynb")] == [
        "cell 2: execution count 3, expected 2",
        "cell 3: execution count 2, expected 3",
    ]


def test_missing_and_malformed_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the notebook is missing"):
        lint_notebook(tmp_path / "absent.ipynb")
    (tmp_path / "broken.ipynb").write_text("no JSON")
    with pytest.raises(InputError, match="not a notebook"):
        lint_notebook(tmp_path / "broken.ipynb")
