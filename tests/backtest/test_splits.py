"""Rolling origins."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from maternal_eval.analyses.backtest.splits import Split, rolling_splits, split_in_words, up_to
from maternal_eval.core.errors import InputError
from maternal_eval.study.periods import Timeline


def test_origins_of_the_built_in_study(maternal):
    splits = rolling_splits(maternal)
    assert [split.name for split in splits] == [
        "2020 to 2021",
        "2020-2021 to 2022",
        "2020-2022 to 2023",
        "2020-2023 to 2024",
    ]
    assert [split.main for split in splits] == [False, False, False, True]
    assert all(split.horizon == 1 for split in splits)


def test_without_named_periods_the_last_one_tests(small):
    periods = small.study.definition.periods.model_copy(update={"train": (), "test": None})
    study = replace(small.study, definition=small.study.definition.model_copy(update={"periods": periods}))
    main = rolling_splits(study)[-1]
    assert (main.train, main.test) == ((2020, 2021, 2022, 2023), 2024)


def test_one_period_cannot_be_backtested(small):
    periods = small.study.definition.periods.model_copy(update={"train": (), "test": None})
    definition = small.study.definition.model_copy(update={"periods": periods})
    with pytest.raises(InputError, match="at least two periods"):
        rolling_splits(replace(small.study, definition=definition, periods=(2024,)))


@pytest.mark.parametrize(
    ("kind", "train", "test", "horizon"),
    [
        ("year", (2020, 2021), 2022, 1),
        ("year", (2020, 2021), 2024, 3),
        ("year", (1994, 1996, 1998), 2000, 2),
        ("wave", (2, 4, 6), 8, 1),
        ("wave", (2,), 4, 1),
        ("wave", (2,), 6, 2),
        ("quarter", (20171, 20172, 20173, 20174), 20181, 1),
        ("quarter", (20174,), 20184, 4),
        ("month", (202011, 202012), 202101, 1),
    ],
)
def test_horizon_counts_elapsed_steps(kind, train, test, horizon):
    """Years 1994 and 1996 are two years apart; waves 2, 4, 6 follow each other; a year ends between quarters."""
    assert Split(train, test, timeline=Timeline(kind, (2, 4, 6, 8))).horizon == horizon


def test_names_of_splits_show_periods_as_the_study_writes_them():
    plain = Split(
        (20173, 20174), 20181, timeline=Timeline("quarter", labels={20181: "2018Q1", 20173: "2017Q3", 20174: "2017Q4"})
    )
    assert plain.name == "2017Q3-2017Q4 to 2018Q1"
    assert split_in_words(plain.name, "en") == "2017Q3–2017Q4 → 2018Q1"
    labels = {202011: "2020-11", 202012: "2020-12", 202101: "2021-01"}
    dashed = Split((202011, 202012), 202101, timeline=Timeline("month", labels=labels))
    assert dashed.name == "2020-11 … 2020-12 to 2021-01"
    assert split_in_words(dashed.name, "zh") == "2020-11 … 2020-12 → 2021-01"
    assert split_in_words(Split((202012,), 202101, timeline=dashed.timeline).name, "en") == "2020-12 → 2021-01"


def test_dated_tables_are_cut_where_the_quarters_are(small):
    """A log of 2018-01 is later than the fourth quarter of 2017, though 2018 is less than 20174."""
    log = pd.DataFrame({"month": ["2017-11", "2017-12", "2018-01", "unknown"], "orders": [1, 2, 3, 4]})
    panel = small.study.panel.assign(period=20174)
    study = replace(small.study, panel=panel, timeline=Timeline("quarter"), tables={"platform_log": log})
    assert up_to(study, 20174).tables["platform_log"]["orders"].tolist() == [1, 2]
