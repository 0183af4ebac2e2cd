"""kill -9 and Ctrl-C at the file-system changes of check, score, paper and --freeze: nothing lost, same result."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.test_publishing import study
from tests.study.conftest import folder

__all__ = ["folder", "study"]

PROGRAM = Path(__file__).with_name("killing.py")


@pytest.fixture
def work(study, tmp_path_factory):
    """A folder ``before`` with the small study, its texts and its notebook; check and score alone, to be quick."""
    made = tmp_path_factory.mktemp("killed")
    toml = study / "study.toml"
    toml.write_text(toml.read_text().replace('en = "Small study"', 'en = "Small study"\nanalyses = ["check"]'))
    study.parent.rename(made / "before")
    return made


def swept(case, work, by=signal.SIGKILL, step=1, offset=0):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, PROGRAM, case, work, str(int(by)), str(step), str(offset)],
        capture_output=True, text=True, timeout=1800, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(case, signal.Signals(by).name, found)
    assert found["problems"] == []
    assert found["kills"] == -(-(found["changes"] - offset) // step)
    return found


@pytest.mark.parametrize(("case", "step"), [("check", 13), ("score", 31), ("freeze", 97)])
def test_a_killed_run_loses_nothing_and_the_next_one_ends_alike(case, step, work):
    assert swept(case, work, step=step)["changes"] > 10


def test_an_interrupted_run_is_one_line_and_the_next_one_ends_alike(work):
    swept("check", work, by=signal.SIGINT, step=17, offset=1)


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("case", ["check", "score", "paper", "freeze"])
def test_at_every_single_change(case, by, work):
    swept(case, work, by=by)
