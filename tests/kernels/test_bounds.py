"""All compiled code run with its indices checked, in a process of its own; and who guards each piece of it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "maternal_eval"

DOORS = {
    "methods/simplex_regression/likelihood.py": "StageAnswers; log_likelihood holds the length of the vector",
    "methods/simplex_regression/density.py": "StagePrior and pack; StageWeightPosterior holds the length of the vector",
    "methods/ordinal/density.py": "SatisfactionModel and pack; the model holds the length of the vector",
    "methods/sensitivity/rank_kernel.py": "composite_sums",
    "analyses/whatif/prediction.py": "probabilities and probability_changes",
}
"""Where compiled code is, and who lets arrays in: through ``maternal_eval.methods.kernels.enter``, all of them."""

COPIES = "methods/sampling/native.py"
"""Compiled too, but it reads no array of ours: it copies a vector whose length the densities check."""


PLUGINS = ("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "tests.kernels.bounds")


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGINS, "tests/kernels/run_small.py"],
        cwd=ROOT,
        env=os.environ | {"NUMBA_CACHE_DIR": str(folder), "OMP_NUM_THREADS": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def held(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "not run: none" in done.stdout
    # an error inside a C function cannot be raised: it is printed and forgotten
    assert "Exception ignored" not in done.stdout + done.stderr


def test_every_kernel_stays_inside_its_arrays(tmp_path):
    held(run(tmp_path, KERNELS_IN_PYTHON="1"))


@pytest.mark.slow
def test_every_kernel_stays_inside_its_arrays_compiled(tmp_path):
    held(run(tmp_path, NUMBA_BOUNDSCHECK="1"))


def test_every_file_with_compiled_code_has_a_door():
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if re.search(r"@(numba\.)?njit|numba\.(cfunc|vectorize|guvectorize)\(", path.read_text(encoding="utf-8"))
    }
    assert found == {*DOORS, COPIES}
    assert [name for name in DOORS if "kernels.enter(" not in (SOURCES / name).read_text(encoding="utf-8")] == []
