"""The guide is followed to the letter: its commands are run, its edits made, on a file made here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.study import Study

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write_survey(path: Path) -> None:
    """Write the file that the guide describes."""
    random = np.random.default_rng(3)
    size = 360
    good = random.normal(size=size)
    survey = pd.DataFrame({"patient": np.arange(size), "year": random.choice([2021, 2022, 2023], size)})
    survey["ward"] = random.choice(["surgery", "medicine"], size)
    survey["hospital"] = random.choice(["north", "south", "east"], size)
    for name in ("wait", "explain", "clean", "overall"):
        survey[name] = np.clip(np.round(3.4 + 0.8 * good + random.normal(0, 0.8, size)), 1, 5).astype(int)
    survey.loc[survey.index % 30 == 0, "clean"] = 99
    survey.to_csv(path, index=False)


def blocks(guide: Path) -> list[tuple[str, str, str]]:
    """Return language, what else is said of it, and text of each block of code."""
    return [(match[1], match[2] or "", match[3]) for match in BLOCK.finditer(guide.read_text(encoding="utf-8"))]


def edited(text: str, difference: str) -> str:
    """Return a text with the lines of a difference replaced; they have to stand there, once and in a row."""
    old = "".join(f"{line[1:]}\n" for line in difference.splitlines() if line.startswith("-"))
    new = "".join(f"{line[1:]}\n" for line in difference.splitlines() if line.startswith("+"))
    assert text.count(old) == 1, old
    return text.replace(old, new)


def run(command: str, folder: Path) -> str:
    """Run a command of the guide in a folder and return what it printed."""
    words = shlex.split(command)
    if words[0] == "cp":
        shutil.copyfile(folder / words[1], folder / words[2])
        return ""
    assert words[0] == "maternal-eval"
    finished = subprocess.run(
        [sys.executable, "-m", "maternal_eval", *words[1:]],
        cwd=folder, env=dict(os.environ), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, f"{command}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


def follow(guide: Path, folder: Path, *, slow: bool) -> dict[str, str]:
    """Do what a guide says in a folder; return what each command printed."""
    write_survey(folder / "survey.csv")
    study, printed = folder / "visits" / "study.toml", {}
    for kind, more, text in blocks(guide):
        if kind == "diff":
            study.write_text(edited(study.read_text(encoding="utf-8"), text), encoding="utf-8")
        elif kind == "csv":
            (folder / more).write_text(text, encoding="utf-8")
        elif kind == "toml":
            (folder / more).write_text((folder / more).read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
        elif kind == "sh" and (slow or more != "slow"):
            for command in text.splitlines():
                printed[command] = run(command, folder)
    return printed


def test_both_languages_tell_the_same_commands_and_edits() -> None:
    assert blocks(GUIDES / "your-survey.en.md") == blocks(GUIDES / "your-survey.zh.md")


def test_the_guide_leads_to_a_checked_study_and_its_first_results(tmp_path: Path) -> None:
    printed = follow(GUIDES / "your-survey.en.md", tmp_path, slow=False)
    study = Study.read(tmp_path / "visits")
    assert study.stages == ("surgery", "medicine")
    assert not study.stages_ordered
    # 99 is no answer: every thirtieth of 360 rows.
    assert int(study.panel["clean"].isna().sum()) == 12
    assert "hospital" in printed["maternal-eval score visits"]
    assert list((tmp_path / "results").glob("visits-satisfaction.*.png"))
    assert (tmp_path / "notebooks" / "07_satisfaction.ipynb").is_file()


@pytest.mark.slow
def test_the_guide_leads_to_both_papers(tmp_path: Path) -> None:
    follow(GUIDES / "your-survey.en.md", tmp_path, slow=True)
    made = sorted(path.suffix for path in (tmp_path / "build" / "reports-visits").glob("blue-paper.*"))
    assert made == [".docx", ".docx", ".html", ".html", ".pdf", ".pdf"]
