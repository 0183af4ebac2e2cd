"""The wheel holds everything that the package reads, and works where there is no checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

PACKAGE = "src/maternal_eval"

TEXT = """---
title: {title}
date: 2026-01-01
notice: {title}
---

# {title} {{#sec:one}}

{simulated}{{{{my_study.check.answers}}}}
"""


def _tracked(root: Path) -> set[str]:
    """Files of the package as git knows them, or as they lie there where it is no repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", PACKAGE],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(root)) for path in (root / PACKAGE).rglob("*") if "__pycache__" not in str(path)]
    return {name.removeprefix("src/") for name in listed if (root / name).is_file()}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    command = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", command, str(out)], cwd=root, check=True, capture_output=True)
    (found,) = out.glob("*.whl")
    return found


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    notebooks = {f"maternal_eval/notebooks/{path.name}" for path in (root / "notebooks").glob("*.ipynb")}
    assert names == _tracked(root) | notebooks
    others = {Path(name).suffix for name in names} - {".py"}
    assert {".toml", ".csv", ".md", ".lua", ".html", ".csl"} <= others


def test_the_wheel_installs_the_verb_and_carries_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entries,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "maternal-eval = maternal_eval.__main__:main" in archive.read(entries).decode()
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the installed verb in a folder outside the checkout.

    The environment is fresh and holds the wheel alone; the packages that it needs are seen through a path file, so
    that nothing is downloaded. A path file is not followed twice: the checkout's own stays unseen.
    """
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", with_pip=False)
    site = next((folder / "venv").glob("lib*/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(folder / "venv" / "bin" / "python"), "-m", "maternal_eval", *arguments]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    run.folder = folder  # type: ignore[attr-defined]
    run.site = site  # type: ignore[attr-defined]
    return run


def _fill_in(study: Path) -> None:
    """Write answers into an empty study, and one paper that tells how many there are."""
    random = np.random.default_rng(0)
    rows = 60
    panel = pd.DataFrame(
        {
            "respondent": np.arange(rows),
            "year": np.tile([2020, 2021, 2022], rows // 3),
            "stage": random.choice(["before", "after"], rows),
        }
        | {name: random.integers(1, 6, rows) for name in ("Q1", "Q2", "Q3", "satisfaction")}
    )
    panel.to_csv(study / "panel.csv", index=False)
    toml = (study / "study.toml").read_text(encoding="utf-8")
    assert 'name = "my_study"' in toml
    toml = toml.replace(
        "simulated = false", 'simulated = true\nanalyses = ["check", "score"]'.replace("score", "scores")
    )
    toml += '\n[paper]\ntexts = "reports"\nnotebooks = "notebooks"\n'
    (study / "study.toml").write_text(toml, encoding="utf-8")
    (study / "reports").mkdir()
    (study / "notebooks").mkdir()
    (study / "reports" / "references.bib").write_text("")
    for language, title, simulated in (("en", "A paper", "Simulated: "), ("zh", "一份报告", "模拟：")):
        text = TEXT.format(title=title, simulated=simulated)
        (study / "reports" / f"blue-paper.{language}.md").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_new_check_and_paper_run_outside_the_checkout(elsewhere) -> None:
    folder: Path = elsewhere.folder
    where = subprocess.run(
        [folder / "venv" / "bin" / "python", "-c", "import maternal_eval; print(maternal_eval.__file__)"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert Path(where).is_relative_to(elsewhere.site)
    shutil.rmtree(folder / "mine", ignore_errors=True)
    made = elsewhere("new", "mine")
    assert made.returncode == 0, made.stderr
    waiting = elsewhere("check", "mine")
    assert (waiting.returncode, "the panel is empty" in waiting.stderr) == (2, True)
    _fill_in(folder / "mine")
    checked = elsewhere("check", "mine")
    assert checked.returncode == 0, checked.stderr
    assert "60" in checked.stdout
    paper = elsewhere("paper", "mine")
    # Nothing is frozen yet, and that is no agreement.
    assert paper.returncode == 1, paper.stderr
    made_papers = sorted(path.name for path in (folder / "build" / "reports").glob("blue-paper.*"))
    assert made_papers == sorted(f"blue-paper.{one}.{kind}" for one in ("en", "zh") for kind in ("pdf", "docx", "html"))
    assert elsewhere("paper", "mine", "--freeze").returncode == 0
    again = elsewhere("paper", "mine")
    assert again.returncode == 0, again.stderr
