from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from maternal_eval.core.errors import InputError, MaternalEvalError
from maternal_eval.report.notebooks import execute_notebook, execute_notebooks
from tests.notebooks.conftest import FIGURE, PICTURE
from verification.notebook_lint import lint_notebook


def outputs(path: Path) -> list[str]:
    notebook = nbformat.read(path, as_version=4)
    return [output.text for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output]


def changed(cell: nbformat.NotebookNode, kind: str, old: str, new: str) -> None:
    (output,) = (output for output in cell.outputs if old in output.get("data", {}).get(kind, ""))
    output.data[kind] = output.data[kind].replace(old, new)


def test_executed_notebook_is_in_order_and_nbval_sees_what_it_must(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    source = write_notebook("print('first')\nprint('second')", FIGURE, "show(figure, alt='Again')", "round(1 / 3, 3)")
    executed = execute_notebook(source, tmp_path / "out" / "demo.ipynb")
    assert lint_notebook(executed) == []
    assert lint_notebook(source) != []

    notebook = nbformat.read(executed, as_version=4)
    _, _, figure, again, number = notebook.cells
    changed(figure, "text/plain", "rises from 1 to 2", "rises from 1 to 3")
    again.outputs[0].data["image/png"] = PICTURE
    changed(number, "text/plain", "0.333", "0.334")
    nbformat.write(notebook, executed)
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-rA", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [*command, f"--rootdir={executed.parent}", str(executed)],
        cwd=executed.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    outcome = {
        cell: word for word, cell in re.findall(r"^(PASSED|FAILED) .*::Cell (\d)", finished.stdout, re.MULTILINE)
    }
    # The printed text and the other picture pass; the changed alternative text and the changed number do not.
    assert outcome == {"0": "PASSED", "1": "FAILED", "2": "PASSED", "3": "FAILED"}, finished.stdout


def test_two_runs_give_the_same_file(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    code = "import sys\nprint('a', flush=True)\nprint('b', flush=True)\n{'x': 1}"
    source = write_notebook(code)
    first = execute_notebook(source, tmp_path / "first.ipynb").read_bytes()
    second = execute_notebook(write_notebook(code), tmp_path / "second.ipynb").read_bytes()
    assert first == second
    notebook = nbformat.reads(first.decode(), as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info == {"name": "python"}
    assert all("execution" not in cell.metadata for cell in notebook.cells)
    assert [output.get("text") for output in notebook.cells[1].outputs] == ["a\nb\n", None]


def test_kernel_gets_the_environment_and_the_folder(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    source = write_notebook("import os, pathlib\nprint(os.environ['STUDY'], pathlib.Path('here.txt').exists())")
    (tmp_path / "here.txt").write_text("")
    executed = execute_notebook(source, tmp_path / "out" / "demo.ipynb", {"STUDY": "maternal"})
    assert outputs(executed) == ["maternal True\n"]


def test_failing_cell_is_named_and_nothing_is_written(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    source = write_notebook("1", "raise ValueError('no such stage')", "2")
    with pytest.raises(MaternalEvalError, match=r"demo\.ipynb, cell 3: ValueError: no such stage"):
        execute_notebook(source, tmp_path / "out.ipynb")
    assert not list(tmp_path.glob("out*"))
    with pytest.raises(InputError, match="the notebook is missing"):
        execute_notebook(tmp_path / "absent.ipynb", tmp_path / "out.ipynb")


def test_notebooks_run_two_at_a_time_and_the_failure_is_raised_last(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    sources = [
        write_notebook("print('one')", name="1.ipynb"),
        write_notebook("raise KeyError('two')", name="2.ipynb"),
        write_notebook("print('three')", name="3.ipynb"),
    ]
    news: list[tuple[str, int, int]] = []
    with pytest.raises(MaternalEvalError, match=r"2\.ipynb, cell 2: KeyError"):
        execute_notebooks(
            sources, tmp_path / "out", progress=lambda task, done, total: news.append((task, done, total))
        )
    assert outputs(tmp_path / "out" / "1.ipynb") == ["one\n"]
    assert outputs(tmp_path / "out" / "3.ipynb") == ["three\n"]
    assert {task for task, _, _ in news} == {"notebook 1.ipynb", "notebook 2.ipynb", "notebook 3.ipynb"}
    assert [(done, total) for _, done, total in news] == [(1, 3), (2, 3), (3, 3)]


def test_an_interruption_does_not_wait_for_the_cells_that_run(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    quick = write_notebook("1 + 1").rename(tmp_path / "quick.ipynb")
    slow = write_notebook("import time\ntime.sleep(3600)").rename(tmp_path / "slow.ipynb")

    def interrupted(task: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    # Whoever waits for the cell waits for an hour, and the run of the tests with it.
    with pytest.raises(KeyboardInterrupt):
        execute_notebooks([quick, slow], tmp_path / "out", progress=interrupted)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["quick.ipynb"]
