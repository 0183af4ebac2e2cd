"""A folder that a verb is called from: its settings files change nothing, and nothing in it is unpickled."""

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NUMBA = """
import numba
from numba import njit
import sys

sys.path.insert(0, {modules!r})
import kernel
kernel.twice(1.0)
print(kernel.twice.stats.cache_path)
"""

KERNEL = """
from numba import njit

@njit(cache=True)
def twice(x):
    return 2.0 * x
"""


class Mark:
    """Unpickled, it leaves a mark."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (Path(self.path),))


@pytest.fixture
def folder(tmp_path):
    """A folder whose settings for numba point to a cache, and a module with a compiled function beside it."""
    folder, modules = tmp_path / "folder", tmp_path / "modules"
    folder.mkdir()
    modules.mkdir()
    (modules / "kernel.py").write_text(KERNEL)
    (folder / ".numba_config.yaml").write_text("cache_dir: planted\n")
    return folder


def run(folder, first=""):
    code = first + NUMBA.format(modules=str(folder.parent / "modules"))
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(root / 'src')!r})\n" + code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_a_cache_of_compiled_functions_that_the_folder_names_is_not_read(folder, tmp_path):
    mark = tmp_path / "mark"
    assert run(folder).returncode == 0
    planted = list((folder / "planted").rglob("*.nbi"))
    assert len(planted) == 1
    planted[0].write_bytes(pickle.dumps(Mark(str(mark))))
    run(folder)
    assert mark.exists()  # this is what the folder can do to numba alone
    mark.unlink()
    planted[0].write_bytes(pickle.dumps(Mark(str(mark))))
    found = run(folder, first="import maternal_eval\n")
    assert found.returncode == 0, found.stderr
    assert "settings files of this folder are not used: .numba_config.yaml" in found.stderr
    assert "planted" not in found.stdout
    assert not mark.exists()


def test_settings_for_figures_and_intervals_in_the_folder_change_nothing(folder):
    (folder / "matplotlibrc").write_text("figure.dpi: 33\nbackend: module://nothing_of_the_kind\n")
    (folder / "arvizrc").write_text("stats.ci_prob: 0.11\n")
    shutil.rmtree(folder / "planted", ignore_errors=True)
    code = (
        "import maternal_eval, matplotlib, arviz_base\n"
        "print(matplotlib.rcParams['figure.dpi'], arviz_base.rcParams['stats.ci_prob'])\n"
    )
    found = run(folder, first=code)
    assert found.returncode == 0, found.stderr
    dpi, probability = found.stdout.split()[:2]
    assert float(dpi) == 100
    assert float(probability) != 0.11
    assert ".numba_config.yaml, matplotlibrc, arvizrc" in found.stderr
    (folder / ".numba_config.yaml").unlink()
    without = subprocess.run([sys.executable, "-c", "import matplotlib; print(matplotlib.rcParams['figure.dpi'])"],
                             cwd=folder, capture_output=True, text=True)  # fmt: skip
    assert float(without.stdout) == 33
