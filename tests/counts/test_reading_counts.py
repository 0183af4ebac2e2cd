"""Counts and shares as files hold them: every form that is read, and every slip, with the line that would mend it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.core.errors import InputError
from maternal_eval.methods.effective_number import effective_number, effective_numbers_of_cells, logit_interval
from maternal_eval.results import ResultStore
from maternal_eval.study import Study
from maternal_eval.study.cells import CellTable
from maternal_eval.study.counts import number_of_rows, tally
from tests.counts.conftest import CELL, CODES, LONG, SHARES, as_counts, as_shares, respondents, write_study

FRAME = respondents()


def said(study: Study) -> str:
    return " ".join(one["en"] for one in study.remarks)


def counted(study: Study, name: str = "overall") -> pd.DataFrame:
    table = tally(study, [*CELL[:1], "period", "stage", name]) if "platform" in study.panel else tally(study, [name])
    return table.astype({"stage": str}) if "stage" in table else table


def test_the_wide_form_is_the_long_one(tmp_path):
    long = as_counts(FRAME)
    wide = long.pivot_table(index=[*CELL, "question"], columns="answer", values="n", fill_value=0)
    wide = wide.rename(columns=lambda answer: f"n{answer}").reset_index()
    more = '[counts]\nquestion = "question"\nanswers = { n1 = 1, n2 = 2, n3 = 3, n4 = 4, n5 = 5 }\n'
    one = Study.read(write_study(tmp_path / "long", long, "counts", LONG))
    other = Study.read(write_study(tmp_path / "wide", wide, "counts", more))
    pd.testing.assert_frame_equal(one.counted.frame, other.counted.frame)
    assert number_of_rows(one) == number_of_rows(other) == len(FRAME)


def test_rows_that_other_columns_tell_apart_are_added_up_where_it_is_said(tmp_path):
    long = as_counts(FRAME)
    half = long.assign(n=long["n"] // 2, channel="web")
    both = pd.concat([half, long.assign(n=long["n"] - half["n"], channel="app")])
    with pytest.raises(InputError, match=r"row \d+.*a cell stands twice.*as in row.*add_over"):
        Study.read(write_study(tmp_path / "a", both, "counts", LONG))
    one = Study.read(write_study(tmp_path / "b", both, "counts", LONG + 'add_over = ["channel"]\n'))
    other = Study.read(write_study(tmp_path / "c", long, "counts", LONG))
    pd.testing.assert_frame_equal(one.counted.frame, other.counted.frame)


def test_questions_may_be_named_by_several_columns_and_others_are_left_out_and_said(tmp_path):
    long = as_counts(FRAME)
    parts = long.assign(group="g", question=long["question"].str.replace("overall", "all"))
    more = LONG.replace('"question"', '["group", "question"]', 1)
    folder = write_study(tmp_path / "a", parts, "counts", more)
    indicators = pd.read_csv(folder / "indicators.csv").assign(column=[f"g / {code}" for code in CODES])
    indicators.to_csv(folder / "indicators.csv", index=False)
    toml = (folder / "study.toml").read_text()
    with pytest.raises(InputError, match=r'no line of the panel is about overall.*column = "g / all" for overall'):
        Study.read(folder)
    (folder / "study.toml").write_text(toml.replace('column = "overall"', 'column = "g / all"'))
    frame = pd.concat([parts, parts[parts["question"] == "all"].assign(question="other")])
    frame.to_csv(folder / "panel.csv", index=False)
    study = Study.read(folder)
    assert "about 1 questions that the study does not use" in said(study)
    assert set(study.counted.frame["[question]"]) == {*CODES, "overall"}


def binary(tmp_path: Path, table: pd.DataFrame, more: str) -> Study:
    """A study of one yes/no outcome by year and platform, given as shares of yes."""
    text = (
        '[study]\nname = "one"\nzh = "一"\nen = "One"\n[panel]\nfile = "panel.csv"\nkind = "shares"\n'
        '[columns]\nperiod = "year"\nplatform = "site"\n'
        '[outcomes]\nyes = { column = "yes", kind = "binary", zh = "是", en = "Yes" }\n[counts]\nshare = "share"\n'
    )
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "study.toml").write_text(text + more, encoding="utf-8")
    table.to_csv(tmp_path / "panel.csv", index=False)
    return Study.read(tmp_path)


def test_intervals_say_how_many_answers_a_share_is_worth(tmp_path):
    number, share = np.array([400.0, 900.0]), np.array([0.127, 0.9])
    low, high = logit_interval(share, number)
    table = pd.DataFrame({"year": 2020, "site": ["a", "b"], "share": share, "low": low, "high": high, "n": [800, 900]})
    study = binary(tmp_path / "a", table, 'number = "n"\nlow = "low"\nhigh = "high"\n')
    cells = CellTable.of(study, ["yes"])
    np.testing.assert_allclose(cells.answers["yes"].effective, number)
    np.testing.assert_allclose(cells.means(["yes"], lambda _, values: values)[:, 0], share)
    assert cells.frame["counted"].tolist() == [800, 900]
    assert "95% interval tells (logit scale)" in said(study)
    assert "0.75 of the number asked" in said(study)
    # Without the number asked the effective one stands for it, and percentages are shares.
    table[["share", "low", "high"]] *= 100
    study = binary(tmp_path / "b", table, 'low = "low"\nhigh = "high"\npercent = true\n')
    assert CellTable.of(study, ["yes"]).frame["counted"].tolist() == [400, 900]
    assert "effective number stands for it" in said(study)
    # Without an interval the number is taken at its word, and that is said.
    study = binary(tmp_path / "c", table, 'number = "n"\npercent = true\n')
    np.testing.assert_allclose(CellTable.of(study, ["yes"]).answers["yes"].effective, [800, 900])
    assert "so many independent answers" in said(study)


def test_the_published_interval_and_its_number_are_a_round_trip():
    random = np.random.default_rng(0)
    share, number = random.uniform(0.01, 0.99, 200), random.uniform(20, 5000, 200)
    low, high = logit_interval(share, number, 0.9)
    np.testing.assert_allclose(effective_number(share, low, high, 0.9), number)
    # An end that is printed as 0 was rounded away: the other one tells the same.
    np.testing.assert_allclose(effective_number(share, np.zeros(200), high, 0.9), number)
    np.testing.assert_allclose(effective_number(share, low, np.ones(200), 0.9), number)
    assert np.isnan(effective_number(np.array([0.5]), np.array([0.5]), np.array([0.5]))).all()


def test_the_number_of_a_question_keeps_the_sum_of_the_variances():
    share, number = np.array([0.1, 0.3, 0.6]), np.array([50.0, 100.0, 200.0])
    variance = share * (1 - share)
    one = np.zeros(3, dtype=int)
    found = effective_numbers_of_cells(share, number, one)
    assert found == pytest.approx(variance.sum() / (variance / number).sum())
    assert effective_numbers_of_cells(share, np.array([80.0, np.nan, 80.0]), one) == pytest.approx(80.0)


def change(table: pd.DataFrame, column: str, value, at: int = 4) -> pd.DataFrame:
    table = table.astype({column: object})
    table.iloc[at, table.columns.get_loc(column)] = value
    return table


COUNTS, PARTS = as_counts(FRAME), as_shares(FRAME)
WITH_ENDS = PARTS.assign(low=PARTS["share"] * 0.9, high=(PARTS["share"] * 1.1).clip(upper=1))
ENDS = SHARES + 'low = "low"\nhigh = "high"\n'
SLIPS = {
    "a negative count": (
        change(COUNTS, "n", -3), "counts", LONG,
        "row 6, column n: a count is below zero: found -3",
    ),
    "half a count": (change(COUNTS, "n", 2.5), "counts", LONG, 'row 6, column n: .*found 2.5.*kind = "shares"'),
    "no count": (change(COUNTS, "n", None), "counts", LONG, "row 6, column n: the count is missing.*write 0"),
    "a count in words": (change(COUNTS, "n", "many"), "counts", LONG, "row 6, column n: not a number: found many"),
    "a category off the scale": (
        change(COUNTS, "answer", 9), "counts", LONG,
        r"row 6, column answer: the answer is off the scale of Q1: found 9.*missing = \[9\].*scale = \[1, 9\]",
    ),
    "a cell twice": (
        pd.concat([COUNTS, COUNTS.iloc[[4]]]), "counts", LONG,
        "a cell stands twice: found year 2021, stage after, platform a.*as in row 6",
    ),
    "no column of counts": (
        COUNTS, "counts", LONG.replace('count = "n"\n', ""),
        'counts.count.*count = "COLUMN" in .counts.',
    ),
    "no column of answers": (
        COUNTS, "counts", LONG.replace('answer = "answer"\n', ""),
        "which answer a count is of",
    ),
    "no column of questions": (
        COUNTS, "counts", LONG.replace('question = "question"\n', ""),
        "which question a line is about",
    ),
    "shares for counts": (PARTS, "counts", SHARES, "holds counts|where the counts stand"),
    "a column that is not there": (COUNTS, "counts", LONG.replace('"n"', '"number"'), "a column is missing"),
    "shares that do not add up": (
        change(PARTS, "share", 0.9), "shares", SHARES,
        r"row \d+, column share: the shares of the answers do not add up: found 1\.\d+ over the \d answers.*a line",
    ),
    "a share beyond 1": (
        change(PARTS, "share", 45), "shares", SHARES,
        "row 6, column share: .*found 45.*percent = true",
    ),
    "a negative share": (change(PARTS, "share", -0.1), "shares", SHARES, "row 6, column share: .*found -0.1"),
    "no number": (
        PARTS, "shares", SHARES.replace('number = "asked"\n', ""),
        'number = "COLUMN" in .counts., or low',
    ),
    "no number in one row": (
        change(PARTS, "asked", None), "shares", SHARES,
        "row 6, column asked: nothing says how many",
    ),
    "a number of 0": (change(PARTS, "asked", 0), "shares", SHARES, "row 6, column asked: no answers stand behind"),
    "numbers by answer": (
        PARTS.assign(asked=PARTS["n"]), "shares", SHARES, 'number of answers differs inside a cell.*kind = "counts"',
    ),
    "an interval beside its share": (
        change(WITH_ENDS, "low", 0.95), "shares", ENDS, "row 6, column low, high: the interval does not hold the share",
    ),
    "one end of an interval": (WITH_ENDS, "shares", SHARES + 'low = "low"\n', "an interval has two ends"),
    "shares that are added up": (PARTS, "shares", SHARES + 'add_over = ["n"]\n', "shares cannot be added up"),
    "counts described and answers said": (FRAME, "answers", LONG, r'kind = "counts" \(or "shares"\) under'),
}  # fmt: skip


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_one_sentence_with_its_place_and_its_remedy(tmp_path, slip):
    table, kind, more, sentence = SLIPS[slip]
    with pytest.raises(InputError, match=sentence) as refusal:
        Study.read(write_study(tmp_path / "s", table, kind, more))
    text = str(refusal.value)
    assert "\n" not in text
    assert len(text) < 600


@pytest.mark.parametrize(("line", "name"), [('respondent = "n"', "respondent"), ('weight = "n"', "weight")])
def test_respondents_and_weights_have_no_place(tmp_path, line, name):
    folder = write_study(tmp_path / "s", COUNTS, "counts", LONG)
    toml = (folder / "study.toml").read_text().replace("[columns]", f"[columns]\n{line}")
    (folder / "study.toml").write_text(toml)
    with pytest.raises(InputError, match=f"has no {name}.*leave {name} out of"):
        Study.read(folder)


def test_a_share_without_an_answer_is_one_of_two(tmp_path):
    table = pd.DataFrame({"year": [2020], "site": ["a"], "share": [0.25], "n": [80]})
    assert tally(binary(tmp_path / "a", table, 'number = "n"\n'), ["yes"])["counted"].tolist() == [60, 20]
    folder = tmp_path / "a"
    toml = (folder / "study.toml").read_text().replace('kind = "binary"', 'kind = "ordinal"')
    (folder / "study.toml").write_text(toml)
    with pytest.raises(InputError, match="a question with two answers, and yes has others: found 1 to 5"):
        Study.read(folder)


def test_answers_declared_missing_are_left_out_and_said(tmp_path):
    more = COUNTS.head(1).assign(answer=9, n=17)
    folder = write_study(tmp_path / "s", pd.concat([COUNTS, more]), "counts", LONG)
    toml = (folder / "study.toml").read_text().replace('kind = "counts"', 'kind = "counts"\nmissing = [9]')
    (folder / "study.toml").write_text(toml)
    study = Study.read(folder)
    assert "1 lines without an answer are left out" in said(study)
    assert counted(study)["counted"].sum() == len(FRAME)


def test_rounded_shares_add_up_within_rounding_and_give_whole_answers(tmp_path):
    study = Study.read(write_study(tmp_path / "s", PARTS.assign(share=PARTS["share"].round(3)), "shares", SHARES))
    assert counted(study)["counted"].sum() == len(FRAME)


def test_small_cells_of_counts_are_hidden(tmp_path):
    few = COUNTS[~((COUNTS["platform"] == "a") & (COUNTS["stage"] == "after"))]
    of_few = as_counts(FRAME[(FRAME["platform"] == "a") & (FRAME["stage"] == "after")].groupby("year").head(4))
    folder = write_study(tmp_path / "s", pd.concat([few, of_few]), "counts", LONG, minimum=10)
    analysis = Analysis.compute(folder, ResultStore(tmp_path / "store"), quick=True)
    scores = analysis.result("scores")
    shown = scores.scores[(scores.scores["platform"] == "a") & (scores.scores["stage"] == "after")]
    assert shown.empty
    assert any("fewer than 10 answers are not shown" in one["en"] for one in scores.remarks)
    assert (analysis.result("check").cells["answers"] >= 10).all()
