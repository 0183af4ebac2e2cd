"""Rolling origins: what a forecaster may see, and the period it is judged on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.study import Study
from maternal_eval.study.periods import NUMBERS, Timeline

DATED = {"platform_log": "month", "triangulation": "period"}
"""Tables whose records were made in the period that they name, with the column that names it."""

FROM_TO = " … "
"""Between the first and the last training period where the periods themselves hold a dash."""


@dataclass(frozen=True)
class Split:
    """Periods to learn from and the period to forecast.

    ``main`` marks the split that the study itself names; ``timeline`` is that of the study.
    """

    train: tuple[int, ...]
    test: int
    main: bool = False
    timeline: Timeline = field(default=NUMBERS, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The split in words: ``2020-2023 to 2024``, or ``2020-11 … 2020-12 to 2021-01`` where periods hold a dash."""
        first, last, test = map(self.timeline.label, (self.train[0], self.train[-1], self.test))
        between = FROM_TO if "-" in first + last + test else "-"
        return f"{first}{between}{last} to {test}" if first != last else f"{first} to {test}"

    @property
    def horizon(self) -> int:
        """How many steps of time the forecast reaches ahead: 1 from a fourth quarter to the first of the next year."""
        return self.timeline.elapsed(self.train[-1], self.test)


def split_in_words(name: str, language: str) -> str:
    """Return the name of a split as a reader writes it."""
    arrow = name.replace(" to ", " → ")
    # Periods such as 2020-12 hold a dash of their own.
    if FROM_TO in name or name.count("-") > 1:
        return arrow
    return arrow.replace("-", "–" if language == "en" else "—")


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
    train = study.train_periods
    if not train and test is not None:
        train = tuple(period for period in study.periods if period < test)
    if test is None or not train:
        raise InputError(
            "a backtest needs a period to learn from and a later one to forecast",
            file=study.folder,
            found=f"periods {', '.join(map(study.timeline.label, study.periods)) or 'none'}",
            expected="at least two periods",
        )
    periods = (*sorted(train), test)
    last = len(periods) - 1
    return tuple(Split(periods[:at], periods[at], at == last, study.timeline) for at in range(1, len(periods)))


def up_to(study: Study, period: int) -> Study:
    """Return the study as it stood at the end of ``period``: the only thing a forecaster ever receives.

    The panel and the dated records (:data:`DATED`) are cut at the period. Everything else is withheld: published
    figures appeared after the periods that they are about, and nothing shows that undated answers are not from later.
    Expert judgements, which say what should count and hold no answer of a respondent, are kept.
    """
    tables = {}
    for name, table in study.tables.items():
        if name == "experts":
            tables[name] = table
        elif DATED.get(name) in table:
            tables[name] = table[_periods_of(table[DATED[name]], study.timeline) <= period].reset_index(drop=True)
    return replace(in_periods(study, [known for known in study.periods if known <= period]), tables=tables)


def in_periods(study: Study, periods: Sequence[int]) -> Study:
    """Return the study with the answers of the given periods alone."""
    cut = replace(study, periods=tuple(periods))
    if study.counted is not None:
        return replace(cut, counted=study.counted.within(periods))
    return replace(cut, panel=study.panel[study.panel["period"].isin(periods)].reset_index(drop=True))


def _periods_of(dates: pd.Series, timeline: Timeline) -> pd.Series:
    """Return the period of each date of a table, in the study's codes; NaN, and so withheld, where it is not known."""
    return dates.map(lambda date: timeline.of_date(f"{date:.0f}" if isinstance(date, float) else str(date))).astype(
        "float64"
    )


def on_train_periods(study: Study, split: Split) -> Study:
    """Return the study at the split's origin, without periods that the split does not train on."""
    return in_periods(up_to(study, split.train[-1]), split.train)
