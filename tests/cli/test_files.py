"""What a verb writes into a folder: CSV, JSON, figures and paragraphs in both languages."""

import dataclasses
import json

import pandas as pd
import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.showing import write_folder
from maternal_eval.app.steps import STEPS


@pytest.fixture(scope="module")
def written(maternal, root, tmp_path_factory):
    analysis = dataclasses.replace(Analysis.open(root / "data" / "maternal"), study=maternal)
    schedule = Analysis.open(root / "data" / "maternal").result("schedule")
    out = tmp_path_factory.mktemp("out")
    write_folder(analysis, STEPS["schedule"], schedule, out)
    return schedule, out


def test_the_schedule_is_written_in_every_form(written):
    schedule, out = written
    stem = f"maternal-{STEPS['schedule'].verb}"
    names = {path.name for path in out.iterdir()}
    assert {f"{stem}.json", f"{stem}.csv"} < names
    assert {f"{stem}.{language}.{form}" for language in ("en", "zh") for form in ("md", "png")} < names
    table = pd.read_csv(out / f"{stem}.csv")
    assert len(table) == len(schedule.table())
    content = json.loads((out / f"{stem}.json").read_text(encoding="utf-8"))
    assert content["simulated"] is True
    assert len(content["result"]["table"]) == len(table)


def test_the_paragraph_says_the_same_in_both_languages(written):
    schedule, out = written
    stem = f"maternal-{STEPS['schedule'].verb}"
    texts = {language: (out / f"{stem}.{language}.md").read_text(encoding="utf-8") for language in ("en", "zh")}
    assert texts == {language: schedule.paragraph(language) + "\n" for language in ("en", "zh")}
    assert "imulated" in texts["en"]
    assert "模拟" in texts["zh"]
    assert "。" in texts["zh"]
    proposed = int(schedule.table()["proposed"].sum())
    assert str(proposed) in texts["en"]
    assert str(proposed) in texts["zh"]
