"""Kills a run at one of its file-system changes and looks at what is left. A program of its own: it forks.

Usage: python killing.py CASE FOLDER SIGNAL STEP OFFSET

In a process that has imported everything, each run is a fork: it is killed (or interrupted) just before its N-th change
of a file or folder below its work folder, for N = 1 + OFFSET, 1 + OFFSET + STEP, … until a run ends by itself. Changes
are those that Python announces to audit hooks: opening for writing, renaming, removing, making folders, permissions.
Prints one line of JSON: the number of changes, of kills, and what went wrong.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
import traceback
from pathlib import Path

from maternal_eval.app import cli
from maternal_eval.app.steps import STEPS
from maternal_eval.core import faults
from maternal_eval.results import ResultStore

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate"}
LEFT = {".lock", ".holder"}
"""What a killed run may leave: they belong to nobody, and the next run takes them over."""


def changes_files(event: str, arguments: tuple) -> bool:
    if event == "open":
        path, _, flags = arguments
        return isinstance(path, str | bytes) and bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in CHANGES


def run(work: Path, arguments: list[str], *, at: int = 0, by: int = signal.SIGKILL) -> tuple[int, int, str]:
    """Run the command line in a fork; return its status as the system has it, its changes and what it said."""
    said, count = work.parent / "said", work.parent / "count"
    child = os.fork()
    if child == 0:
        os.chdir(work)
        # What is started in the background of a shell takes no notice of it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        root = os.path.realpath(work) + os.sep
        for number in (1, 2):
            os.dup2(os.open(said if number == 2 else os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        counter = os.open(count, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        seen = 0

        def hook(event: str, arguments: tuple) -> None:
            nonlocal seen
            if changes_files(event, arguments):
                paths = [os.fsdecode(path) for path in arguments[:2] if isinstance(path, str | bytes)]
                if any((os.path.realpath(os.path.dirname(path) or ".") + os.sep).startswith(root) for path in paths):
                    seen += 1
                    if seen == at:
                        os.kill(os.getpid(), by)
                    os.pwrite(counter, str(seen).encode(), 0)

        sys.argv = ["maternal-eval", *arguments]
        sys.addaudithook(hook)

        def application() -> object:
            try:
                return cli.application()
            finally:
                if not at:
                    (work.parent / "modules").write_text("\n".join(map(str, list(sys.modules))))

        try:
            faults.run_and_end(application)
        finally:
            os._exit(70)  # not reached: the run leaves with its own code
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), int(count.read_text() or 0), said.read_text()


def contents(work: Path) -> dict[str, str]:
    """Return every file below the folder with the hash of its content; folders have none."""
    return {
        str(path.relative_to(work)): "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(work.rglob("*"))
        if path.name not in LEFT
    }


def stored_can_be_read(work: Path, stores: tuple[str, ...]) -> list[str]:
    """Return which of the results that were there before is lost."""
    lost = []
    for name in stores:
        store = ResultStore(work / name)
        for step in ("check", "score"):
            if (work.parent / "before" / name / "small" / step).is_dir():
                try:
                    store.load(STEPS[step].result_class, "small", step)
                except Exception as error:
                    lost.append(f"{name} {step}: {error}")
    return lost


def stand_ins() -> None:
    """Let the main job write all its files without kernels, pandoc and typst, which change nothing below the folder."""
    import nbclient
    import nbformat

    from maternal_eval.report import papers

    def execute(self: object, env: dict[str, str]) -> None:
        for cell in self.nb.cells:  # type: ignore[attr-defined]
            cell.outputs = [nbformat.v4.new_output("stream", text="ran\n")]
            cell.execution_count = 1

    def made(*arguments: object, **more: object) -> bytes:
        return b"made by a stand-in\n"

    nbclient.NotebookClient.execute = execute
    papers.run_pandoc = made
    papers.typeset = made
    papers.remembering = lambda word, *_: word  # no Word file to remember in


def same(found: dict[str, str], expected: dict[str, str]) -> list[str]:
    return sorted(
        f"{path}: {'more' if path not in expected else 'lost' if path not in found else 'other'}"
        for path in found.keys() | expected.keys()
        if found.get(path) != expected.get(path)
    )


def main(case: str, folder: Path, by: int, step: int, offset: int) -> dict[str, object]:
    """Kill a case at its changes; see the top."""
    arguments = {
        "check": ["check", "study", "--json", "out.json", "--seed", "2"],
        "score": ["score", "study", "--out", "out", "--seed", "2"],
        "paper": ["paper", "study", "--seed", "2"],
        "freeze": ["paper", "study", "--seed", "2", "--freeze"],
    }[case]
    is_paper = case in ("paper", "freeze")
    stores = ("build/results", "derived") if is_paper else ("build/results",)
    if is_paper:
        stand_ins()
    before, work = folder / "before", folder / "work"
    # A run with another seed first: there is something to lose.
    earlier = [word if word != "2" else "1" for word in arguments]
    code, _, said = run(before, earlier)
    assert code in ((0, 1) if is_paper else (0,)), said
    # Each fork would import again what the verb imports late.
    for module in (folder / "modules").read_text().split():
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    shutil.copytree(before, work)
    code, _, said = run(work, arguments)
    assert code in ((0, 1) if is_paper else (0,)), said
    expected = contents(work)
    problems: list[str] = []
    kills, number = 0, 1 + offset
    while True:
        shutil.rmtree(work)
        shutil.copytree(before, work)
        code, changes, said = run(work, arguments, at=number, by=by)
        if code in (0, 1):
            break  # there are fewer changes than that
        kills += 1
        if by == signal.SIGKILL and code != -signal.SIGKILL:
            problems.append(f"{number}: ended with {code}: {said}")
        if by == signal.SIGINT and (code, said.splitlines()[-1:], "Traceback" in said) != (
            130, ["interrupted: what was finished is kept, and the same command goes on from there"], False
        ):  # fmt: skip
            problems.append(f"{number}: ended with {code}: {said}")
        problems += [f"{number}: lost {lost}" for lost in stored_can_be_read(work, stores)]
        after = contents(work)
        sources = contents(before / "study")
        problems += [f"{number}: source {one}" for one in same(contents(work / "study"), sources)]
        # Whatever is there by its own name is the old one or the new one, whole.
        known = [contents(before), expected]
        problems += [
            f"{number}: half {path}"
            for path, mark in after.items()
            if mark and "/." not in f"/{path}" and "figures/" not in path and not path.startswith("build/results")
            if mark not in [one.get(path) for one in known]
        ]
        code, _, said = run(work, arguments)
        if code not in (0, 1) or "internal" in said:
            problems.append(f"{number}: the next run ended with {code}: {said}")
        problems += [f"{number}: then {one}" for one in same(contents(work), expected)]
        number += step
    return {"changes": changes, "kills": kills, "problems": problems[:20]}


if __name__ == "__main__":
    try:
        print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:6]))))
    except Exception:
        traceback.print_exc()
        sys.exit(1)
