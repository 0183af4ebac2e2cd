"""Notebooks: running them reproducibly.

Executed notebooks hold no time stamps and no versions, so that a second run on frozen results gives the same
file. Figures are shown by :func:`maternal_eval.results.plotting.show`: the PNG is never compared by nbval, its
alternative text is. Everything else that a notebook prints is compared exactly.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from maternal_eval.core.errors import InputError, MaternalEvalError
from maternal_eval.core.files import write_whole
from maternal_eval.core.progress import Progress, report

if TYPE_CHECKING:
    # Imported where a notebook is read or run: it takes seconds, and most runs of the main job run none.
    import nbformat
    from nbclient import NotebookClient

CELL_TIMEOUT = 3600
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


_running: set[NotebookClient] = set()
"""The clients whose kernels run now."""


def _end_kernels() -> None:
    """End the processes of all kernels that run; their clients report them as dead."""
    for client in list(_running):
        process = getattr(getattr(client.km, "provisioner", None), "process", None)
        if process is not None:
            process.kill()


def execute_notebook(
    source: Path,
    destination: Path,
    environment: Mapping[str, str] | None = None,
    *,
    timeout: int = CELL_TIMEOUT,
) -> Path:
    """Run a notebook from its first cell and write it with its outputs.

    Parameters
    ----------
    source
        The notebook; it runs in its own folder, so that relative paths hold.
    destination
        Where the executed notebook goes; may be ``source``. Replaced only when all cells have run.
    environment
        Environment variables for its kernel, on top of those of this process.
    timeout
        Seconds that one cell may take.

    Returns
    -------
    Path
        ``destination``.

    Raises
    ------
    InputError
        If the notebook is missing or is not a notebook.
    MaternalEvalError
        If a cell fails; names the notebook, the cell and the error.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = read_notebook(source)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        # The kernel talks to this process only; its warning about that belongs in no report.
        extra_arguments=["--IPKernelApp.log_level=40"],
        resources={"metadata": {"path": str(source.parent.resolve())}},
    )
    _running.add(client)
    try:
        client.execute(env={**os.environ, **(environment or {})})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        number = next((i for i, cell in code_cells(notebook) if _failed(cell)), None)
        where = f"{source}, cell {number}" if number is not None else str(source)
        reason = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
        raise MaternalEvalError(f"{where}: {' '.join(reason.split())}") from error
    finally:
        _running.discard(client)
    destination.parent.mkdir(parents=True, exist_ok=True)
    write_whole(destination, lambda unfinished: nbformat.write(normalised(notebook), unfinished))
    return destination


def execute_notebooks(
    sources: Sequence[Path],
    destination: Path,
    environment: Mapping[str, str] | None = None,
    *,
    workers: int = 2,
    timeout: int = CELL_TIMEOUT,
    progress: Progress | None = None,
) -> list[Path]:
    """Run notebooks, up to ``workers`` at a time, and write them into the folder ``destination``.

    Returns the written paths in the order of ``sources``. All notebooks are run even if one fails; then the
    first failure in that order is raised.
    """
    written = [destination / source.name for source in sources]
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = [
            pool.submit(execute_notebook, source, target, environment, timeout=timeout)
            for source, target in zip(sources, written, strict=True)
        ]
        names = {future: source.name for future, source in zip(futures, sources, strict=True)}
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                report(progress, f"notebook {names[future]}", done, len(sources))
        except BaseException:
            # An interruption does not wait for cells that may take an hour.
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in futures):
                _end_kernels()
                time.sleep(0.1)
            raise
    for future in futures:
        future.result()
    return written


def normalised(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook without what changes from run to run or from machine to machine.

    The kernel is called ``python3``; times, versions and widget states go; cells are named by their position,
    consecutive pieces of one stream are joined.
    """
    import nbformat

    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict({"kernelspec": dict(KERNEL), "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for position, cell in enumerate(notebook.cells):
        cell.id = f"cell-{position:02d}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in ("tags", "alt")})
        if cell.cell_type == "code":
            cell.outputs = _joined_streams(cell.outputs)
    return notebook


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook; a missing or malformed file is an :class:`InputError`."""
    import nbformat

    try:
        notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise InputError("the notebook is missing", file=path) from error
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError) as error:
        raise InputError("not a notebook", file=path, found=str(error).splitlines()[0]) from error
    return notebook


def source_of(path: Path) -> list[str]:
    """Return the code of a notebook, cell by cell; none if it cannot be read, which running it will say."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def code_cells(
    notebook: nbformat.NotebookNode, *, executable: bool = False
) -> Iterator[tuple[int, nbformat.NotebookNode]]:
    """Yield code cells with their position among all cells (from 1); empty ones never get a count."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code" and (cell.source.strip() or not executable):
            yield number, cell


def _failed(cell: nbformat.NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _joined_streams(outputs: Sequence[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Return outputs with neighbouring pieces of one stream in one: how they are cut depends on timing."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if (
            output.output_type == "stream"
            and last is not None
            and last.output_type == "stream"
            and last.name == output.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    return joined
