"""Rolling origins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maternal_eval.backtest import Split, rolling_splits
from maternal_eval.errors import InputError


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
    ("train", "test", "horizon"), [((2020, 2021), 2022, 1), ((2, 4, 6), 8, 1), ((2020, 2021), 2024, 3), ((2,), 4, 1)]
)
def test_horizon_counts_steps(train, test, horizon):
    """A step is the smallest distance of two periods: study ages 2, 4, 6 are one step apart."""
    assert Split(train, test).horizon == horizon
