"""What is imported before anything is computed: the help is shown at once, a small study is checked soon."""

import subprocess
import sys

import pytest

from maternal_eval.study.draft.drafting import draft_study

NUMBERS = {"numpy", "pandas", "scipy", "pyarrow"}
FITS = {"numba", "pymc", "pytensor", "arviz", "nutpie", "sklearn", "matplotlib", "duckdb", "SALib", "openpyxl"}


def loaded(code: str) -> set[str]:
    """Return the packages that a fresh interpreter has imported after ``code``."""
    shown = "import sys; print('\\n', *{name.partition('.')[0] for name in sys.modules})"
    made = subprocess.run([sys.executable, "-c", f"{code}\n{shown}"], capture_output=True, text=True, check=True)
    return set(made.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["paper", "--help"]])
def test_the_help_imports_nothing_that_computes(arguments):
    code = f"import sys; sys.argv[1:] = {arguments}; from maternal_eval.app.cli import app; app(standalone_mode=False)"
    assert not loaded(code) & (NUMBERS | FITS)


def test_the_version_is_read_when_somebody_asks():
    assert "importlib.metadata" not in loaded("import maternal_eval")
    assert loaded("import maternal_eval; assert maternal_eval.__version__")


def test_checking_a_small_study_imports_no_fitting_and_no_drawing(tmp_path):
    """pandera would bring hypothesis along, xarray its coders, and scipy comes with the first fit."""
    rows = "\n".join(f"{place},{2021 + place % 3},{place % 5 + 1},{place % 4 + 1}" for place in range(60))
    (tmp_path / "answers.csv").write_text("id,year,q1,overall\n" + rows + "\n")
    draft_study(tmp_path / "study", tmp_path / "answers.csv", None, None, None)
    code = (
        f"import os, sys; os.chdir({str(tmp_path)!r}); sys.argv[1:] = ['check', 'study']\n"
        "from maternal_eval.app.cli import app; app(standalone_mode=False)"
    )
    assert not loaded(code) & (FITS | {"pandera", "hypothesis", "scipy", "xarray"})
