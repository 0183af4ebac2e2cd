"""`new --from` on files in the habits of many makers: what was once read wrongly is read right, or refused in words."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from maternal_eval.app.drafts import show_draft
from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.draft.drafting import draft_study
from maternal_eval.study.draft.reasons import reason

from . import habits
from .shapes import chinese_platform, stata, utf16, write_rows
from .test_new import SHAPES, doubts, drafted

DAY = pd.Timestamp("1899-12-30")
HABITS = {
    habits.totals_at_the_foot: (3, ["satisfaction"], "respondent period platform"),
    habits.total_at_the_head: (3, ["satisfaction"], ""),
    habits.notes_and_gaps: (3, ["satisfaction"], "respondent"),
    habits.matrix_questions: (3, ["satisfaction"], "respondent period"),
    habits.points_with_labels: (3, ["satisfaction", "recommend"], "respondent period"),
    habits.mixed_labels: (3, ["satisfaction"], "platform"),
    habits.grid_under_its_question: (3, ["satisfaction"], "respondent period"),
    habits.german: (3, ["satisfaction"], "respondent period platform weight"),
    habits.recommendation_in_groups: (3, ["satisfaction", "recommend"], "respondent period"),
    habits.passengers: (6, ["satisfaction"], "respondent"),
    habits.stars_in_words: (3, ["satisfaction"], "period platform"),
    habits.ends_labelled: (3, ["satisfaction"], "respondent period"),
    habits.churn: (0, ["satisfaction", "again"], "respondent"),
}


@pytest.mark.parametrize("make", HABITS, ids=lambda make: make.__name__)
def test_a_file_becomes_a_valid_study_without_an_edit(tmp_path, make):
    indicators, outcomes, parts = HABITS[make]
    found, study = drafted(tmp_path, make)
    assert len(study.model.indicators) == indicators
    assert list(study.outcomes) == outcomes
    assert set(found.proposal.parts) == set(parts.split())
    assert len(study.panel) == habits.ROWS
    assert (study.panel[[*study.model.codes, *study.outcomes]].notna().mean() > 0.8).all()
    assert all(one["en"] and one["zh"] for one in found.proposal.doubts)


def test_satisfied_and_all_others_are_two_answers_and_churn_is_the_worse_one(tmp_path):
    _, study = drafted(tmp_path, habits.passengers)
    latent = habits.Simulated(61, habits.ROWS).latent
    assert study.outcomes["satisfaction"].kind == "binary"
    np.testing.assert_array_equal(study.panel["satisfaction"], latent > 0)
    (tmp_path / "b").mkdir()
    found, study = drafted(tmp_path / "b", habits.churn)
    assert study.outcomes["again"].reversed
    assert 'write platform = "Product ID" under [columns] instead of respondent' in doubts(found)


def test_totals_and_notes_are_left_out_and_named(tmp_path):
    found, study = drafted(tmp_path, habits.totals_at_the_foot)
    assert "totals or notes are left out ([panel] leave_out): 序号: 合计, 平均" in doubts(found)
    assert study.panel["satisfaction"].max() == 5
    (tmp_path / "b").mkdir()
    found, study = drafted(tmp_path / "b", habits.notes_and_gaps)
    assert "15 rows in which nothing stands are left out" in doubts(found)
    assert "Source: own survey" in doubts(found)
    assert any("rows of gaps.csv are left out (ID is Note: 1 = poor" in one["en"] for one in study.remarks)


QUARTERS = {
    "days of a workbook": lambda day: (day - DAY).days,
    "days and hours of a workbook": lambda day: (day - DAY).days + 0.25,
    "seconds": lambda day: int(day.timestamp()),
    "milliseconds": lambda day: int(day.timestamp()) * 1000,
    "a day in Chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "a quarter": lambda day: f"{day.year}Q{day.quarter}",
    "a quarter in Chinese": lambda day: f"{day.year}年第{'一二三四'[day.quarter - 1]}季度",
    "a quarter without 年": lambda day: f"{day.year}第{day.quarter}季度",
    "the quarter first": lambda day: f"Q{day.quarter} {day.year}",
    "a day with the name of its month": lambda day: day.strftime("%d %B %Y"),
    "a day with its zone": lambda day: day.strftime("%Y-%m-%dT08:00:00+08:00"),
}
MONTHS = {
    "a month in Chinese": lambda day: f"{day.year}年{day.month}月",
    "a month of a workbook": lambda day: day.strftime("%b-%y"),
    "a month in full": lambda day: day.strftime("%B %Y"),
}


@pytest.mark.parametrize("write", [*QUARTERS, *MONTHS])
def test_periods_are_read_however_they_are_written(tmp_path, write):
    found, study = drafted(tmp_path, habits.periods((QUARTERS | MONTHS)[write]))
    days = habits.Simulated(37, habits.ROWS).days
    if write in QUARTERS:
        codes = days.year * 10 + days.quarter
        assert study.timeline.kind == "quarter"
    else:
        codes = days.year * 100 + days.month
        assert study.timeline.kind == "month"
    np.testing.assert_array_equal(study.panel["period"], codes)
    assert {"版本", "备用"} <= set(found.proposal.dropped)


UNREAD = {
    "half years": lambda day: f"{day.year}年{'上' if day.month < 7 else '下'}半年",
    "years of two digits": lambda day: f"{day:%y}/{day.month}/{day.day}",
}


@pytest.mark.parametrize("write", UNREAD)
def test_a_time_that_cannot_be_read_is_a_doubt(tmp_path, write):
    found, study = drafted(tmp_path, habits.periods(UNREAD[write]))
    assert not study.periods
    assert "调查时间 is called a time, and" in doubts(found)


def test_ends_in_words_are_the_ends_of_the_scale(tmp_path):
    found, study = drafted(tmp_path, habits.mixed_labels)
    _, answers = habits._answers(41)
    np.testing.assert_array_equal(study.panel["satisfaction"], answers[3])
    assert "Only the ends of the scale of 总体评价 are in words" in doubts(found)


def test_several_answers_in_a_cell_and_groups_of_the_recommendation_are_no_segments(tmp_path):
    found, _ = drafted(tmp_path, habits.matrix_questions)
    several = [name for name, why in found.proposal.dropped.items() if why == "several answers in one cell"]
    assert several == ["2、您使用过哪些服务？【多选题】", "6、您认为哪些需要改进"]
    (tmp_path / "b").mkdir()
    found, _ = drafted(tmp_path / "b", habits.recommendation_in_groups)
    assert found.proposal.dropped["NPS_NPS_GROUP"] == "made from the recommendation"
    (tmp_path / "c").mkdir()
    found, _ = drafted(tmp_path / "c", habits.grid_under_its_question)
    assert found.proposal.dropped["App"] == "ticked or empty (App)"


def test_shares_and_counts_beside_each_other_are_told(tmp_path):
    found = draft_study(tmp_path / "a", habits.shares_in_columns(tmp_path))
    assert found.refusals == ()
    study = Study.read(tmp_path / "a")
    assert study.definition.panel.kind == "shares"
    assert study.counted.rows == 3 * sum(500 + 10 * n for n in range(8))
    assert "很满意（%） = 4, 满意（%） = 3, 一般（%） = 2, 不满意（%） = 1" in doubts(found)
    found = draft_study(tmp_path / "b", habits.counts_in_columns(tmp_path))
    assert found.refusals == ()
    study = Study.read(tmp_path / "b")
    assert study.definition.panel.kind == "counts"
    assert study.counted.rows == 3 * sum(100 + 2 * n for n in range(6))


def test_the_age_of_a_baby_in_months_is_offered_for_stages(tmp_path):
    _, a = habits._answers(81)
    rows = range(habits.ROWS)
    frame = pd.DataFrame({"问卷ID": [f"W{n}" for n in rows], "宝宝月龄": [n % 36 for n in rows]})
    frame = frame.assign(**dict(zip(("内容质量", "客服响应", "隐私保护", "综合满意度"), a, strict=True)))
    frame.to_csv(tmp_path / "age.csv", index=False)
    found, study = drafted(tmp_path, tmp_path / "age.csv")
    assert not study.stages
    lines = r'(stage = "宝宝月龄") under \[columns\], and (\[recode."宝宝月龄"\]) with (cut = .*) and (labels = .*?\])'
    said = re.search(lines, doubts(found))
    assert said is not None
    path = tmp_path / "study" / "study.toml"
    text = path.read_text(encoding="utf-8").replace("[columns]", f"[columns]\n{said[1]}")
    path.write_text(f"{text}\n{said[2]}\n{said[3]}\n{said[4]}\n", encoding="utf-8")
    study = Study.read(tmp_path / "study")
    assert set(study.stages) == {"0–5", "6–11", "12–23", "24+"}
    assert (study.panel["stage"] == "6–11").sum() == sum(6 <= n % 36 < 12 for n in range(habits.ROWS))


@pytest.mark.parametrize(("make", "test"), [(stata, 2022), (chinese_platform, 20243), (utf16, 20233)])
def test_the_lines_for_the_backtest_are_there_to_be_uncommented(tmp_path, make, test):
    _, study = drafted(tmp_path, make)
    assert study.test_period is None
    path = tmp_path / "study" / "study.toml"
    text = path.read_text(encoding="utf-8").replace("# train = ", "train = ").replace("# test = ", "test = ")
    path.write_text(text, encoding="utf-8")
    study = Study.read(tmp_path / "study")
    assert study.test_period == test
    assert [*study.train_periods, test] == list(study.periods)


@pytest.mark.parametrize("make", [*HABITS, *SHAPES], ids=lambda make: make.__name__)
def test_every_reason_is_said_in_chinese_too(tmp_path, make, capsys):
    found = draft_study(tmp_path / "study", make(tmp_path))
    draft = found.proposal
    for text in [*draft.why.values(), *draft.dropped.values()]:
        said = reason(text, "zh")
        assert re.search("[\u4e00-\u9fff]", said.split("（")[0]), text
        assert reason(text, "en") == text
    show_draft(found, "zh")
    lines = capsys.readouterr().out.splitlines()
    assert not [line for line in lines if line.startswith(("doubt", "not used", "wrote", "look at"))]
    assert sum(line.startswith("存疑：") for line in lines) == len(draft.doubts)


REFUSED = {
    "periods.csv": (
        [["Region", 2019, 2020, 2021], *[[f"R{n}", 60 + n, 61.5, 62.5] for n in range(9)]],
        r"periods stand beside each other in columns: found columns 2019 to 2021.*columns Region, period, value",
    ),
    "no_size.csv": (
        [["Region", "satisfied", "neutral", "dissatisfied"], *[[f"R{n}", 60 + n, 30 - n, 10] for n in range(9)]],
        "shares, and no column says of how many answers.*to mend it: add a column n",
    ),
    "doubled.csv": (
        [["id", "rate", "rate", "sat"], *[[n, 1, 2, 3] for n in range(9)]],
        "the column stands twice.*rename or remove one of them",
    ),
    "uneven.csv": (
        [["id", "q1", "sat"], *[[n, 1 + n % 5, 3] for n in range(20)], [20, 2]],
        "row 22: the row is not whole",
    ),
    "open.csv": ([["id", "sat"], *[[n, 1 + n % 5] for n in range(20)], ["OPEN", 2]], "row 22: a quotation mark is not"),
    "old.xls": ([["a"]], "save it as .xlsx"),
    "packed.zip": ([["a"]], "unpack it and give the file inside"),
    "lines.jsonl": ([["a"]], "lines=True"),
    "paper.pdf": ([["a"]], "a document is no table"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(tmp_path, name):
    rows, sentence = REFUSED[name]
    file = write_rows(tmp_path / name, rows)
    file.write_text(file.read_text(encoding="utf-8").replace("OPEN", '"open'), encoding="utf-8")
    with pytest.raises(InputError, match=sentence) as caught:
        draft_study(tmp_path / "study", file)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "study").exists()
