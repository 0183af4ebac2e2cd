"""Life stages from two dates: what they are, and what is refused with the line that mends it."""

import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.periods import parse_periods

TOML = """[study]
name = "c"
zh = "甲"
en = "Case"
[panel]
file = "panel.csv"
[columns]
stage = { from = "day", origin = "due_date", cuts = [0, 42], labels = ["pregnancy", "postpartum", "early"] }
[outcomes]
y = { column = "y", kind = "ordinal", zh = "总体", en = "Overall" }
"""
DAYS = ["2024-01-01", "2024/3/1 08:00", "2024年4月11日", "20240412", ""]


def read(folder, old="", new="", **columns):
    assert old in TOML
    (folder / "study.toml").write_text(TOML.replace(old, new) if old else TOML, encoding="utf-8")
    pd.DataFrame({"y": [1, 2, 3, 4, 5], "day": DAYS, "due_date": "2024-03-01"} | columns).to_csv(
        folder / "panel.csv", index=False
    )
    return Study.read(folder)


def test_a_stage_begins_with_its_cut(tmp_path):
    # The 11th of April is the 41st day after the 1st of March, the 12th the 42nd.
    found = read(tmp_path)
    stages = ["pregnancy", "postpartum", "postpartum", "early", ""]
    assert found.panel["stage"].astype(object).fillna("").tolist() == stages
    assert found.stages == ("pregnancy", "postpartum", "early")
    assert found.stages_ordered
    assert "pregnancy 1, postpartum 2, early 1; without a date 1, beyond the limits 0" in found.remarks[0]["en"]
    assert found.remarks[0]["zh"]


@pytest.mark.parametrize(
    ("unit", "cuts", "stages"),
    [
        ("weeks", [0, 6], ["pregnancy", "postpartum", "postpartum", "early"]),
        ("months", [0, 1], ["pregnancy", "postpartum", "early", "early"]),
    ],
)
def test_weeks_and_calendar_months(tmp_path, unit, cuts, stages):
    found = read(tmp_path, "cuts = [0, 42]", f'cuts = {cuts}, unit = "{unit}"')
    assert found.panel["stage"].dropna().tolist() == stages


def test_names_without_labels_and_limits(tmp_path):
    stage = TOML[TOML.index("stage = ") : TOML.index("[outcomes]")]
    new = 'stage = { from = "day", origin = "due_date", cuts = [0], limits = [-280, 42] }\n'
    found = read(tmp_path, stage, new)
    assert found.stages == ("before 0 days", "from 0 days")
    assert found.panel["stage"].isna().sum() == 2
    assert "beyond the limits 1" in found.remarks[0]["en"]


REFUSED = {
    "an empty stage": (
        "cuts = [0, 42]", "cuts = [0, 400]", {}, r"no answer falls into the stage early.*cuts = \[0\]",
    ),
    "a due date after the study": (
        "", "", {"due_date": ["2024-03-01"] * 2 + ["2031-03-01"] + ["2024-03-01"] * 2},
        r"panel\.csv, row 4, column due_date: the origin lies 2,515 days after.*limits = \[",
    ),
    "a birthday after the study": (
        "cuts = [0, 42], labels", "cuts = [30, 60], labels", {}, r"row 2, column due_date: the origin lies 60 days",
    ),
    "no date": ("", "", {"due_date": "soon"}, r"row 2, column due_date: this is no date"),
    "an open order": ("", "", {"due_date": "3/5/2024"}, r'day or its month.*dates = "day first"'),
    "no such column": ('origin = "due_date"', 'origin = "birthday"', {}, r"columns\.stage\.origin.*found birthday"),
    "cuts that fall": ("cuts = [0, 42]", "cuts = [42, 0]", {}, r"columns\.stage.*cuts: numbers that rise"),
    "a label too many": ("cuts = [0, 42]", "cuts = [0]", {}, r"labels: 2 of them"),
    "an unknown key": ("cuts = [0, 42]", "cuts = [0, 42], cut = 1", {}, r"columns\.stage\.cut: unknown key"),
}  # fmt: skip


@pytest.mark.parametrize("slip", REFUSED)
def test_what_cannot_be_is_refused_with_the_line(tmp_path, slip):
    old, new, columns, sentence = REFUSED[slip]
    with pytest.raises(InputError, match=sentence) as caught:
        read(tmp_path, old, new, **columns)
    assert "\n" not in str(caught.value)


def test_limits_mend_an_origin_after_the_study(tmp_path):
    dates = {"due_date": ["2024-03-01"] * 2 + ["2031-03-01"] + ["2024-03-01"] * 2}
    found = read(tmp_path, "cuts = [0, 42]", "limits = [-1000, 1042], cuts = [0, 42]", **dates)
    assert found.panel["stage"].isna().sum() == 2


def test_periods_from_dates_with_the_day_or_the_month_first():
    values = pd.Series(["3/5/2024 14:22", "12/25/2024"])
    assert parse_periods(values, by="month", dates="month first").codes.tolist() == [202403, 202412]
    assert parse_periods(values.head(1), by="month", dates="day first").codes.tolist() == [202405]
    with pytest.raises(InputError, match=r'order of day and month is not known.*dates = "day first"'):
        parse_periods(values, by="month")
    with pytest.raises(InputError, match="this is no date"):
        parse_periods(values, by="month", dates="day first")
    assert parse_periods(pd.Series(["5 Mar 2024", "March 6, 2024"]), by="quarter").codes.tolist() == [20241, 20241]
