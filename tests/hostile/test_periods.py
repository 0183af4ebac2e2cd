"""Periods that are none, that mix kinds, or that train on what they should predict."""

import pytest

from tests.hostile.tiny import Case, judge


def _period(value, row=0):
    return lambda s: s.cell("year", value, row)


def _every(first, second, third):
    """Name the three years otherwise, in the panel and in study.toml."""
    named = dict(zip(("2020", "2021", "2022"), (first, second, third), strict=True))
    quoted = [f'"{name}"' for name in named.values()]
    return lambda s: (
        s.column("year", lambda n, row: named[row["year"]])
        .toml("train = [2020, 2021]", f"train = [{', '.join(quoted[:2])}]")
        .toml("test = 2022", f"test = {quoted[2]}")
    )


CASES = [
    Case("a period in words", _period("last year"), no="row 2, column year"),
    Case("a blank period", _period(""), no="column year"),
    Case("year 0", _period("0"), no="year"),
    Case("a negative year", _period("-2020"), no="column year"),
    Case("year 99999", _period("99999"), no="year"),
    Case("a broken year", _period("2020.5"), no="row 2, column year"),
    Case("an endless year", _period("inf"), no="row 2, column year"),
    Case("a year of full width", _period("２０２０"), no="row 2, column year"),
    Case("quarter 5", _period("2020Q5"), no="year"),
    Case("quarter 0", _period("2020Q0"), no="year"),
    Case("month 13", _period("2020-13"), no="year"),
    Case("month 0", _period("2020-00"), no="year"),
    Case("week 54", _period("2020-W54"), no="year"),
    Case("a day", _period("2020-05-17"), no="year"),
    Case("a date of Excel", _period("43831"), no="year"),
    Case("a time stamp", _period("2020-05-17T10:00:00Z"), no="year"),
    Case("seconds since 1970", _period("1589709600"), no="year"),
    Case("a quarter among years", _period("2020Q1"), no="year"),
    Case("a month among years", _period("2020-01"), no="year"),
    Case("month 13 everywhere", _every("202013", "202113", "202213"), no="year"),
    Case("quarter 5 everywhere", _every("2020Q5", "2021Q5", "2022Q5"), no="year"),
    Case("dates everywhere", _every("2020-01-01", "2021-01-01", "2022-01-01"), no="dates are grouped by"),
    Case("quarters over the new year", _every("2021Q3", "2021Q4", "2022Q1"), yes="2021Q3, 2021Q4, 2022Q1"),
    Case("months over the new year", _every("202111", "202112", "202201"), yes="202111, 202112, 202201"),
    Case("a test before the training", lambda s: s.toml("test = 2022", "test = 2019"), no="found 2019"),
    Case("a test among the training", lambda s: s.toml("test = 2022", "test = 2021"), no="periods"),
    Case("a test inside the training", lambda s: s.toml("train = [2020, 2021]", "train = [2020, 2022]").toml("test = 2022", "test = 2021"),
         no="periods"),
    Case("a test nobody answered", lambda s: s.toml("test = 2022", "test = 2030"), no="2030"),
    Case("training nobody answered", lambda s: s.toml("train = [2020, 2021]", "train = [1990, 1991]"), no="1990"),
    Case("training twice the same", lambda s: s.toml("train = [2020, 2021]", "train = [2020, 2020]"),
         no="periods.train"),
    Case("training in words", lambda s: s.toml("train = [2020, 2021]", 'train = ["early", "late"]'),
         no="no period: found early"),
    Case("training as a number", lambda s: s.toml("train = [2020, 2021]", "train = 2020"), no="periods.train"),
    Case("training of 2020.5", lambda s: s.toml("train = [2020, 2021]", "train = [2020.5, 2021]"), no="periods.train"),
    Case("training of true", lambda s: s.toml("train = [2020, 2021]", "train = [true, 2021]"), no="periods.train"),
    Case("an unknown kind", lambda s: s.toml("[periods]", '[periods]\nkind = "decade"'), no="periods.kind"),
    Case("years called months", lambda s: s.toml("[periods]", '[periods]\nkind = "month"'), no="month"),
    Case("years called quarters", lambda s: s.toml("[periods]", '[periods]\nkind = "quarter"'), no="quarter"),
    Case("periods used that are not there", lambda s: s.toml("[periods]", "[periods]\nuse = [1999]"), no="1999"),
    Case("the test is not used", lambda s: s.toml("[periods]", "[periods]\nuse = [2020, 2021]"), no="2022"),
    Case("periods without column", lambda s: s.toml('period = "year"\n', ""), no="periods"),
    Case("one period only", lambda s: s.column("year", "2020"), no="2021"),
    Case("a gap of a thousand years", lambda s: s.column("year", lambda n, row: "1020" if row["year"] == "2020" else row["year"]).toml(
        "train = [2020, 2021]", "train = [1020, 2021]"), no="1020"),
    Case("a quarter column that is not there",
         lambda s: s.toml('period = "year"', 'period = "year"\nquarter = "q"'), no="column q"),
    Case("quarter 5 in its column", lambda s: s.column("qu", "5").toml('period = "year"', 'period = "year"\nquarter = "qu"'), no="column qu"),
    Case("a backtest without test", lambda s: s.toml("test = 2022\n", ""), no="a test period", verb="backtest --quick"),
    Case("a backtest of too few", lambda s: s.setting("backtest", "minimum = 1000"),
         no="enough answers", verb="backtest --quick"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_periods(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    judge(case, tmp_path)
