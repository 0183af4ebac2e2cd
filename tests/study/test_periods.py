"""Periods: years, quarters, months and waves are steps of time, whatever their numbers look like."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.periods import Timeline, inferred_positions, parse_periods
from tests.study.conftest import INDICATORS, STUDY, answers


def parsed(values, kind=None, by=None):
    return parse_periods(pd.Series(values), kind, by, source="panel.csv", column="when")


def steps(values, kind=None, by=None):
    found = parsed(values, kind, by)
    return np.diff(found.timeline.positions(found.timeline.known)).tolist()


@pytest.mark.parametrize(
    ("values", "kind", "elapsed"),
    [
        ([2019, 2020, 2021], "year", [1, 1]),
        ([1994, 1996, 2000], "year", [2, 4]),
        ([20173, 20174, 20181, 20182], "quarter", [1, 1, 1]),
        ([20174, 20182], "quarter", [2]),
        (["2017Q4", "2018Q1"], "quarter", [1]),
        (["2017-Q4", "2018-Q1"], "quarter", [1]),
        (["Q4 2017", "Q1 2018"], "quarter", [1]),
        (["2017年第4季度", "2018年第1季度"], "quarter", [1]),
        (["2017年四季度", "2018年一季度"], "quarter", [1]),
        ([202011, 202012, 202101], "month", [1, 1]),
        (["2020-12", "2021-01"], "month", [1]),
        (["2020-9", "2020-12", "2021-1"], "month", [3, 1]),
        (["2020M12", "2021M01"], "month", [1]),
        (["2020年12月", "2021年1月"], "month", [1]),
        ([1, 2, 5], "wave", [1, 1]),
        ([2, 4, 6, 8], "wave", [1, 1, 1]),
        (["wave 1", "wave 2", "wave 10"], "wave", [1, 1]),
        (["第1轮", "第2轮", "第10轮"], "wave", [1, 1]),
    ],
)
def test_steps_of_time_whose_kind_is_clear(values, kind, elapsed):
    found = parsed(values)
    assert found.timeline.kind == kind
    assert not found.timeline.declared
    assert np.diff(found.timeline.positions(found.timeline.known)).tolist() == elapsed


def test_declared_kinds():
    assert steps(["2017-1", "2017-4", "2018-1"], "quarter") == [3, 1]
    assert steps(["2017-1", "2017-4", "2018-1"], "month") == [3, 9]
    assert steps([201701, 201704, 201801], "quarter") == [3, 1]
    assert steps([2563, 2565], "year") == [2]  # years of the Buddhist era
    assert steps([1994, 1996, 2000], "wave") == [1, 1]
    assert parsed([2017], "year").timeline.declared


def test_dates_are_grouped_by_what_the_study_says():
    dates = ["2017-12-31", "2018-01-01 08:30:00", "2018-07-01"]
    assert parsed(dates, by="year").codes.tolist() == [2017, 2018, 2018]
    quarters = parsed(dates, by="quarter")
    assert quarters.codes.tolist() == [20174, 20181, 20183]
    assert [quarters.timeline.label(code) for code in quarters.timeline.known] == ["2017Q4", "2018Q1", "2018Q3"]
    months = parsed([*dates, None], by="month")
    assert months.codes.tolist()[:3] == [201712, 201801, 201807]
    assert np.isnan(months.codes.iloc[3])
    assert months.timeline.label(201801) == "2018-01"
    real = [datetime.date(2017, 12, 31), datetime.date(2018, 1, 1)]
    assert parsed(real, by="quarter").codes.tolist() == [20174, 20181]
    assert parsed(pd.to_datetime(pd.Series(real)), by="month").codes.tolist() == [201712, 201801]
    assert parsed([20171231, 20180101], by="month").codes.tolist() == [201712, 201801]
    assert parsed(["2017-11", "2018-02"], by="quarter").codes.tolist() == [20174, 20181]


@pytest.mark.parametrize(
    ("values", "kind", "parts"),
    [
        ([20171, 20175], None, ["row 3", "column when", "there is no quarter 5", "found 20175"]),
        ([202012, 202013], None, ["row 3", "there is no month 13"]),
        (["2020-12", "2021-00"], None, ["row 3", "there is no month 0"]),
        (["2017Q4", "2018-Q1", "2018M2"], None, ["row 4", "periods are written in two forms", "found 2018M2"]),
        ([2017, 20181], None, ["row 3", "periods are written in two forms"]),
        (["2017Q1", "2017"], None, ["row 3", "two forms"]),
        (["2024-03-05 14:02:11", "2024-04-05 14:02:11"], None, ["row 2", "a date is no period", 'by = "month"']),
        ([20240305, 20240405], None, ["a date is no period"]),
        (["05/03/2024"], None, ["the order of day and month is not known"]),
        ([1704067200000000], None, ["it is not clear what these periods are", 'kind = "year"']),
        ([1704067200], None, ["it is not clear what these periods are"]),
        ([44927, 44958], None, ["it is not clear what these periods are"]),
        ([201701, 201704, 201801], None, ["quarters or months", 'kind = "quarter"', 'kind = "month"']),
        (["spring", "autumn"], None, ["row 2", "this is no period", "found spring"]),
        ([2017.5], None, ["this is no period"]),
        (["2017Q1", "2017Q2"], "month", ["this is no month"]),
        ([2017, 2018], "quarter", ["this is no quarter"]),
    ],
)
def test_what_is_no_period_is_refused(values, kind, parts):
    with pytest.raises(InputError) as refusal:
        parsed(values, kind)
    for part in ["panel.csv", *parts]:
        assert part in str(refusal.value)


def test_missing_steps_are_named():
    assert parsed([2010, 2011, 2014, 2016]).timeline.missing() == ["2012 to 2013", "2015"]
    assert parsed([20174, 20182]).timeline.missing() == ["20181"]
    assert parsed([1, 4]).timeline.missing() == []


def test_axes_of_results_are_spaced_by_time():
    assert np.diff(inferred_positions([20173, 20174, 20181])).tolist() == [1, 1]
    assert np.diff(inferred_positions([202012, 202101, 202103])).tolist() == [1, 2]
    assert np.diff(inferred_positions([2010, 2012])).tolist() == [2]


def test_dates_of_other_tables_find_their_period():
    """A log of months is cut where the study's quarters are; a year is no quarter."""
    quarters = Timeline("quarter")
    assert [quarters.of_date(text) for text in ("2017-12", "202001", "2018Q1", "2017", "soon")] == [
        20174, 20201, 20181, None, None,
    ]  # fmt: skip
    assert Timeline("year").of_date("2024-03") == 2024
    assert Timeline("wave", (1, 2)).of_date("2024-03") is None


def write(folder, periods, columns='period = "year"', lines=""):
    frame = answers(60).assign(year=np.resize(np.array(periods, dtype=object), 60))
    frame.to_csv(folder / "panel.csv", index=False)
    text = STUDY.replace('period = "year"', columns)
    (folder / "study.toml").write_text(
        text.replace("train = [2020, 2021]\ntest = 2022", lines or "use = []"), encoding="utf-8"
    )
    (folder / "indicators.csv").write_text(INDICATORS, encoding="utf-8")
    return folder


def test_a_study_of_quarters_written_as_text(tmp_path):
    lines = 'train = ["2017Q3", "2017Q4"]\ntest = "2018Q1"'
    study = Study.read(write(tmp_path, ["2017Q3", "2017Q4", "2018Q1"], lines=lines))
    assert study.periods == (20173, 20174, 20181)
    assert (study.train_periods, study.test_period) == ((20173, 20174), 20181)
    assert study.timeline.elapsed(20174, 20181) == 1
    assert [study.timeline.label(period) for period in study.periods] == ["2017Q3", "2017Q4", "2018Q1"]
    assert set(study.panel["period"]) == set(study.periods)


def test_a_study_of_dates(tmp_path):
    columns = 'period = { column = "year", by = "quarter" }'
    study = Study.read(write(tmp_path, ["2017-08-01", "2017-12-31", "2018-02-03"], columns))
    assert study.periods == (20173, 20174, 20181)
    with pytest.raises(InputError, match=r'a date is no period .*to mend it: period = \{ column = "year"'):
        Study.read(write(tmp_path, ["2017-08-01", "2017-12-31", "2018-02-03"]))


def test_the_test_period_follows_in_time(tmp_path):
    with pytest.raises(
        InputError, match="must come after all training periods: found 2017Q4, expected later than 2018"
    ):
        Study.read(write(tmp_path, ["2017Q4", "2018Q1"], lines='train = ["2018Q1"]\ntest = "2017Q4"'))


def test_check_says_what_the_periods_were_taken_for(tmp_path):
    from maternal_eval.analyses.check.compute import summarise_study
    from maternal_eval.analyses.check.settings import CheckSettings

    facts = summarise_study(Study.read(write(tmp_path, [20171, 20172, 20181])), CheckSettings()).facts
    assert facts["kind of periods"] == (
        'quarters, as they are written (kind = "quarter" under [periods] in study.toml declares it)'
    )
    assert facts["periods without answers"] == "20173 to 20174"
    declared = Study.read(write(tmp_path, [20171, 20172, 20173], lines='kind = "quarter"'))
    facts = summarise_study(declared, CheckSettings()).facts
    assert facts["kind of periods"] == "quarters"
    assert "periods without answers" not in facts
