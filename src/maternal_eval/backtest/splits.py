"""Rolling origins: what a forecaster may see, and the period it is judged on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.study import Study

DATED = {"platform_log": "month", "triangulation": "period"}
"""Tables whose records were made in the period that they name, with the column that names it."""


@dataclass(frozen=True)
class Split:
    """Periods to learn from and the period to forecast.

    ``main`` marks the split that the study itself names.
    """

    train: tuple[int, ...]
    test: int
    main: bool = False

    @property
    def name(self) -> str:
        """The split in words, e.g. ``2020-2023 to 2024``."""
        first, last = self.train[0], self.train[-1]
        return f"{first}-{last} to {self.test}" if first != last else f"{first} to {self.test}"

    @property
    def horizon(self) -> int:
        """How many steps the forecast reaches ahead; a step is the smallest distance of two periods in a row."""
        steps = np.diff((*self.train, self.test))
        return round((self.test - self.train[-1]) / int(steps.min()))


def rolling_splits(study: Study) -> tuple[Split, ...]:
    """Return the splits with growing training periods; the last is the main one.

    The study's training and test periods are used; without them all periods, the last one to test. Every training
    period but the first is forecast once from those before it.

    Raises
    ------
    InputError
        With fewer than two periods.
    """
    test = study.test_period if study.test_period is not None else max(study.periods, default=None)
    train = study.train_periods or tuple(period for period in study.periods if test and period < test)
    if test is None or not train:
        raise InputError(
            "a backtest needs a period to learn from and a later one to forecast",
            file=study.folder,
            found=f"periods {', '.join(map(str, study.periods)) or 'none'}",
            expected="at least two periods",
        )
    periods = (*sorted(train), test)
    return tuple(Split(periods[:at], periods[at], main=at == len(periods) - 1) for at in range(1, len(periods)))


def up_to(study: Study, period: int) -> Study:
    """Return the study as it stood at the end of ``period``: the only thing a forecaster ever receives.

    The panel and the dated records (:data:`DATED`) are cut at the period. Everything else is withheld: published
    figures appeared after the periods that they are about, and nothing shows that undated answers are not from later.
    Expert judgements, which say what should count and hold no answer of a respondent, are kept.
    """
    panel = study.panel[study.panel["period"] <= period].reset_index(drop=True)
    tables = {}
    for name, table in study.tables.items():
        if name == "experts":
            tables[name] = table
        elif DATED.get(name) in table:
            tables[name] = table[_periods_of(table[DATED[name]]) <= period].reset_index(drop=True)
    periods = tuple(known for known in study.periods if known <= period)
    return replace(study, panel=panel, periods=periods, tables=tables)


def _periods_of(dates: pd.Series) -> pd.Series:
    """Return the period of each date: the number itself, or the year that a text such as 2024-03 begins with."""
    if pd.api.types.is_numeric_dtype(dates):
        return dates
    return pd.to_numeric(dates.astype("str").str.extract(r"^(\d+)")[0])


def on_train_periods(study: Study, split: Split) -> Study:
    """Return the study at the split's origin, without periods that the split does not train on."""
    seen = up_to(study, split.train[-1])
    panel = seen.panel[seen.panel["period"].isin(split.train)].reset_index(drop=True)
    return replace(seen, panel=panel, periods=split.train)
