"""What answers mean, said in one place: sets of answers, missing codes, numbers as people write them, classes."""

import numpy as np
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study, read_definition
from maternal_eval.study.panel import CountedPanel
from maternal_eval.study.recoding.answer_sets import graded, number_in, scale_of
from maternal_eval.study.recoding.columns import Recoder

HEAD = """[study]
name = "c"
zh = "甲"
en = "Case"
[panel]
file = "panel.csv"
[outcomes]
y = { column = "y", kind = "ordinal", zh = "总体", en = "Overall" }
"""


def study(folder, toml, **columns):
    (folder / "study.toml").write_text(HEAD + toml, encoding="utf-8")
    pd.DataFrame(columns).to_csv(folder / "panel.csv", index=False)
    return Study.read(folder)


def said(found):
    return " ".join(one["en"] for one in found.remarks)


# Answers in words

LADDERS = [
    ["非常不满意", "不满意", "一般", "满意", "非常满意"],
    ["很不满意", "不太满意", "中立", "比较满意", "很满意"],
    ["完全不同意", "不太同意", "说不清", "比较同意", "完全同意"],
    ["非常不符合", "比较不符合", "不确定", "比较符合", "非常符合"],
    ["非常不满意", "不满意", "有点不满意", "一般", "有点满意", "满意", "非常满意"],
    ["不重要", "一般", "比较重要", "重要", "非常重要"],
    ["从不", "很少", "有时", "经常", "总是"],
    ["很差", "差", "一般", "好", "很好"],
    ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"],
    ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
    ["Strongly Disagree", "Disagree", "Somewhat disagree", "Neutral", "Somewhat agree", "Agree", "Strongly Agree"],
    ["Extremely dissatisfied", "Somewhat dissatisfied", "Neither satisfied nor dissatisfied", "Somewhat satisfied",
     "Extremely satisfied"],
    ["Not at all important", "Slightly important", "Moderately important", "Very important", "Extremely important"],
    ["Very unlikely", "Unlikely", "Neutral", "Likely", "Very likely"],
    ["Definitely not", "Probably not", "Might or might not", "Probably", "Definitely"],
    ["Never", "Rarely", "Sometimes", "Often", "Always"],
    ["Poor", "Fair", "Good", "Very good", "Excellent"],
    ["Strongly disagree", "Disagree", "Agree", "Strongly agree"],
    ["1 - Very poor", "2 - Poor", "3 - Fair", "4 - Good", "5 - Very good"],
    ["A.非常不满意", "B.不满意", "C.一般", "D.满意", "E.非常满意"],
]  # fmt: skip


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda ladder: ladder[0])
def test_answers_in_words_are_put_in_their_order(ladder):
    found = scale_of(ladder[::-1])
    assert [found.numbers[label] for label in ladder] == list(range(1, len(ladder) + 1))
    assert (found.low, found.high, found.complete) == (1, len(ladder), True)


@pytest.mark.parametrize(
    ("seen", "numbers", "high"),
    [
        (["满意", "非常满意", "一般"], [4, 5, 3], 5),
        (["Dissatisfied", "Neutral", "Satisfied", "Very satisfied"], [2, 3, 4, 5], 5),
        (["agree", "strongly agree"], [4, 5], 5),
        (["Strongly disagree", "Neutral", "Agree", "Strongly agree"], [1, 3, 4, 5], 5),
    ],
)
def test_what_nobody_answered_keeps_its_place(seen, numbers, high):
    found = scale_of(seen)
    assert ([found.numbers[label] for label in seen], found.high, found.complete) == (numbers, high, False)


@pytest.mark.parametrize(
    "labels", [["北京", "上海"], ["18-25岁", "26-30岁"], ["满意", "同意"], ["Male", "Female"], ["满意"]]
)
def test_what_is_no_scale_gets_no_numbers(labels):
    assert scale_of(labels) is None


def test_yes_no_and_kano_answers():
    assert scale_of(["否", "是"]).numbers == {"否": 0, "是": 1}
    kano = ["我很喜欢", "理所当然", "无所谓", "勉强接受", "很不喜欢"]
    assert [scale_of(kano).numbers[label] for label in kano] == [1, 2, 3, 4, 5]
    assert graded("Beijing") is None
    assert number_in("kano", 5, "I can live with it") == 4


def test_a_built_in_set_gives_several_columns_their_numbers(tmp_path):
    found = (
        study(
            tmp_path,
            '[indicators]\nfile = "i.csv"\n[recode]\nmissing = ["不适用", "(跳过)"]\n'
            '[recode.service]\ncolumns = ["y", "q"]\nanswers = "satisfaction"\n',
            y=["很满意", "不满意", "一般", "(跳过)"],
            q=["满意", "不适用", "很不满意", ""],
        )
        if (tmp_path / "i.csv").write_text("code,column\nQ,q\n", encoding="utf-8")
        else None
    )
    assert found.panel["y"].fillna(-1).tolist() == [5, 2, 3, -1]
    assert found.panel["Q"].fillna(-1).tolist() == [4, -1, 1, -1]
    assert "Answers in column y are recoded: 不满意 = 2, 一般 = 3, 很满意 = 5." in said(found)


def test_an_answer_outside_the_set_is_refused_with_the_line(tmp_path):
    with pytest.raises(InputError, match=r'row 3, column y: the answer has no number.*found gut.*answers = \{ "gut"'):
        study(tmp_path, '[recode.y]\nanswers = "satisfaction"\n', y=["满意", "gut"])


def test_two_answers_of_a_set_with_one_number_are_refused_with_a_table_that_tells_them_apart(tmp_path):
    labels = ["非常不满意", "不满意", "有点不满意", "一般", "有点满意", "满意", "非常满意"]
    with pytest.raises(InputError, match=r"gives two answers one number.*\[recode\.y\]") as caught:
        study(tmp_path, '[recode.y]\nanswers = "satisfaction"\n', y=labels)
    line = str(caught.value).split("[recode.y] ")[1]
    table = "[recode.y]\n" + line.replace(", ", "\n") + "\n"
    ranged = HEAD.replace('kind = "ordinal"', 'kind = "ordinal", range = [1, 7]')
    (tmp_path / "study.toml").write_text(ranged + table, encoding="utf-8")
    assert Study.read(tmp_path).panel["y"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_seven_points_are_said(tmp_path):
    head = '[recode.y]\nanswers = "agreement"\npoints = 7\n'
    with pytest.raises(InputError, match="found 7, expected a whole number from 1 to 5"):
        study(tmp_path, head, y=["Strongly agree", "Somewhat agree", "agree"])


def test_labels_of_the_file_find_their_number_too(tmp_path):
    import pyreadstat

    frame = pd.DataFrame({"y": [1.0, 2.0, 3.0]})
    labels = {"y": {1: "非常满意", 2: "一般", 3: "非常不满意"}}
    pyreadstat.write_sav(frame, str(tmp_path / "p.sav"), variable_value_labels=labels)
    (tmp_path / "study.toml").write_text(HEAD + '[recode.y]\nanswers = "satisfaction"\n', encoding="utf-8")
    assert Study.read(tmp_path, tmp_path / "p.sav").panel["y"].tolist() == [5, 3, 1]


# Numbers


@pytest.mark.parametrize(
    ("toml", "values", "expected"),
    [
        ("[recode]\ndecimal_comma = true\n", ["3,0", "4,0", "5"], [3, 4, 5]),
        ("[recode]\nfullwidth = true\n", ["３", "４", "5"], [3, 4, 5]),
        ("[recode.y]\ncap = [1, 5]\n", ["0", "7", "3"], [1, 5, 3]),
        ("[recode.y]\ncut = [20, 40, 60, 80]\n", ["10", "20", "85"], [1, 2, 5]),
        ("[recode.y]\nmissing = [3]\n", ["3", "4", "5"], [np.nan, 4, 5]),
        ("[recode]\nmissing = [-3, 98, 99]\n", ["-3", "98.0", "5"], [np.nan, np.nan, 5]),
        ("[recode.y]\npercent = \"number\"\ncut = [20, 40, 60, 80]\n", ["10%", "50%", "85%"], [1, 3, 5]),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them_capped_and_cut(tmp_path, toml, values, expected):
    found = study(tmp_path, toml, y=values)
    np.testing.assert_array_equal(found.panel["y"].to_numpy(), expected)
    assert found.remarks


def test_a_number_cut_into_named_classes_is_a_segment(tmp_path):
    toml = (
        '[columns]\nsegments = { group = "age" }\n[recode.age]\ncut = [25, 35]\nlabels = ["young", "middle", "old"]\n'
    )
    found = study(tmp_path, toml, y=[1, 2, 3, 4], age=[20, 25, 34.5, 60])
    assert found.panel["group"].tolist() == ["young", "middle", "middle", "old"]
    assert "Numbers in column age are cut into classes: young 1, middle 2, old 1." in said(found)


REFUSED = {
    "an unknown key": ("[recode]\nmising = [9]\n", "column recode.mising"),
    "an unknown set": ('[recode.y]\nanswers = "gladness"\n', "column recode.y"),
    "too many points": ('[recode.y]\nanswers = "satisfaction"\npoints = 9\n', "column recode.y.points"),
    "cuts that fall": ("[recode.y]\ncut = [3, 2]\n", "cut: numbers that rise"),
    "a label too few": ('[recode.y]\ncut = [3]\nlabels = ["a"]\n', "labels: 2 of them"),
    "a cap upside down": ("[recode.y]\ncap = [5, 1]\n", "cap: a smaller number"),
    "nothing said": ('[recode.r]\ncolumns = ["y"]\n', "what the answers mean"),
    "a text to cut": ("[recode.y]\ncut = [3]\n", "takes numbers.*found good"),
    "said twice": ("[recode]\nmissing = [9]\n[panel2]\n", "panel2"),
}


@pytest.mark.parametrize("slip", REFUSED)
def test_slips_are_told_in_one_sentence(tmp_path, slip):
    toml, sentence = REFUSED[slip]
    with pytest.raises(InputError, match=sentence) as caught:
        study(tmp_path, toml, y=["1", "good"] if "text" in slip else [1, 2])
    assert "\n" not in str(caught.value)


def test_earlier_keys_mean_the_same_and_one_place_is_enough(tmp_path):
    old = HEAD.replace('file = "panel.csv"', 'file = "panel.csv"\nmissing = [9]\nfullwidth = true')
    (tmp_path / "study.toml").write_text(old + "[missing]\ny = [4]\n", encoding="utf-8")
    today = "[recode]\nmissing = [9]\nfullwidth = true\n[recode.y]\nmissing = [4]\n"
    before = read_definition(tmp_path).recode
    (tmp_path / "study.toml").write_text(HEAD + today, encoding="utf-8")
    after = read_definition(tmp_path).recode
    assert before.missing == after.missing == (9,)
    assert before.rules["y"].missing == after.rules["y"].missing == (4,)
    (tmp_path / "study.toml").write_text(old + "[recode]\nmissing = [9]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"missing stands in \[panel\] and in \[recode\]"):
        read_definition(tmp_path)


def test_a_panel_that_is_only_counted_is_recoded_like_one_that_is_read(tmp_path):
    rng = np.random.default_rng(3)
    labels = np.array(["满意", "非常不满意", "一般", "不满意", "非常满意", "不适用"])
    toml = '[recode]\nmissing = ["不适用"]\n[recode.y]\nanswers = "satisfaction"\n'
    found = study(tmp_path, toml, y=labels[rng.integers(0, 6, 500)])
    rules = list(found.rules)
    counted = CountedPanel(
        tmp_path / "panel.csv", recoder=Recoder(tmp_path / "study.toml", found.definition.recode, rules)
    )
    tally = counted.tally(rules).set_index("y")["rows"]
    expected = found.panel["y"].value_counts(dropna=False)
    assert {k: v for k, v in tally.items() if k == k} == {k: v for k, v in expected.items() if k == k}
    assert tally[tally.index.isna()].sum() == found.panel["y"].isna().sum() > 0
