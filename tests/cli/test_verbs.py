"""The verbs as a person calls them: what is printed, written, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.study.conftest import folder

__all__ = ["folder"]


def call(*arguments, cwd):
    program = Path(sys.executable).with_name("maternal-eval")
    # The code beside these tests, wherever the program was installed from.
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    return subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, env=environment, timeout=300
    )


def everything_in(path):
    return sorted(str(p.relative_to(path)) for p in path.rglob("*"))


def test_check_says_what_the_study_holds_and_what_is_absent(folder, tmp_path_factory):
    work = tmp_path_factory.mktemp("work")
    run = call("check", folder, "--json", "out.json", cwd=work)
    assert run.returncode == 0, run.stderr
    assert "before, after" in run.stdout
    assert "absent: files.experts: no expert judgements" in run.stdout
    content = json.loads((work / "out.json").read_text())
    assert content["result"]["facts"]["answers"] == 60
    assert content["interval"] == {"probability": 0.9, "kind": "equal-tailed"}


def test_bad_input_is_one_sentence_exit_code_two_and_nothing_written(folder, tmp_path_factory):
    work = tmp_path_factory.mktemp("work")
    panel = folder / "panel.csv"
    panel.write_text(panel.read_text().replace("\n0,2020,", "\n0,2020,x", 1))
    before = everything_in(folder)
    run = call("check", folder, "--json", "out.json", "--out", "tables", cwd=work)
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.strip().splitlines()) == 1
    assert run.stderr.startswith("error: panel.csv, row 2, column stage: the value is unknown")
    assert everything_in(work) == []
    assert everything_in(folder) == before


def test_an_analysis_that_the_study_does_not_allow_says_what_is_lacking(root, tmp_path):
    run = call("score", root / "data" / "gss", cwd=tmp_path)
    assert run.returncode == 2
    assert "expected indicators" in run.stderr
    assert everything_in(tmp_path) == []


def test_a_json_path_without_folder_is_refused(folder, tmp_path_factory):
    work = tmp_path_factory.mktemp("work")
    run = call("check", folder, "--json", "nowhere/out.json", cwd=work)
    assert run.returncode == 2
    assert "no such folder" in run.stderr


def test_new_writes_a_study_to_fill_in(tmp_path):
    assert call("new", "mine", cwd=tmp_path).returncode == 0
    assert everything_in(tmp_path) == ["mine", "mine/indicators.csv", "mine/panel.csv", "mine/study.toml"]
    again = call("new", "mine", cwd=tmp_path)
    assert again.returncode == 2
    assert "not empty" in again.stderr


@pytest.mark.parametrize(
    "verb", ["check", "weights", "score", "backtest", "sensitivity", "satisfaction", "stage-weights", "schedule"]
)
def test_every_verb_explains_itself(verb, tmp_path):
    run = call(verb, "--help", cwd=tmp_path)
    assert run.returncode == 0
    assert "--panel" in run.stdout
    assert "--fresh" in run.stdout
