"""Life stages that follow from two dates: how long it is from a due date or birthday to the day of an answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.study.column_roles import StageFromDates
from maternal_eval.study.dates import Order, date_in
from maternal_eval.study.panel.contract import as_text
from maternal_eval.study.panel.raw import RawPanel

LONGEST_BEFORE = 300
"""Days that a due date may lie ahead: no pregnancy is longer."""

_ZH = {"days": "天", "weeks": "周", "months": "月"}


def stages_from_dates(
    path: Path, dates: StageFromDates, raw: RawPanel, frame: pd.DataFrame
) -> tuple[pd.Series, list[Remark]]:
    """Return the stage of each row (missing where a date is, or beyond the limits), and what a person should hear.

    Parameters
    ----------
    path
        The study.toml.
    dates
        What it says.
    raw, frame
        The panel and its rows.

    Raises
    ------
    InputError
        If a column is not there, a text is no date, an origin lies after the study, or a stage gets no row.
    """
    for key, name in (("from", dates.date), ("origin", dates.origin)):
        if name not in frame:
            raise InputError(
                "study.toml names a column that the panel does not have",
                file=path,
                column=f"columns.stage.{key}",
                found=name,
                expected="one of " + ", ".join(raw.columns[:8]) + (" …" if len(raw.columns) > 8 else ""),
            )
    day, origin = (_days(raw, frame[name], name, dates.dates) for name in (dates.date, dates.origin))
    known = ~(np.isnat(day) | np.isnat(origin))
    elapsed = np.full(len(frame), np.nan)
    elapsed[known] = _elapsed(origin[known], day[known], dates.unit)
    low, high = dates.limits or (-np.inf, np.inf)
    beyond = known & ((elapsed < low) | (elapsed >= high))
    before = dates.cuts[0] <= 0  # a stage before the origin
    ahead = (origin - day).astype("timedelta64[D]").astype(float)
    allowed = max(LONGEST_BEFORE, -_as_days(dates.cuts[0], dates.unit)) if before else 0.0
    wrong = known & ~beyond & (np.where(known, ahead, 0.0) > allowed)
    if wrong.any():
        position = int(wrong.argmax())
        least = -LONGEST_BEFORE / {"days": 1, "weeks": 7, "months": 30}[dates.unit] if before else 0.0
        first = f"limits = [{min(least, dates.cuts[0] - 1):.0f}, {dates.cuts[-1] + 1000:g}]"
        raise InputError(
            f"the origin lies {int(ahead[position]):,} days after the day of the answer",
            file=raw.source,
            row=raw.row(position),
            column=dates.origin,
            found=f"{origin[position]} in {dates.origin}, {day[position]} in {dates.date}",
            expected=f"a date at most {allowed:g} days later" if before else "an earlier date",
            mend=f"correct the date, or write {first} in stage under [columns]: rows beyond have no stage then",
        )
    names = np.array([*dates.names, None], dtype=object)
    places = np.searchsorted(dates.cuts, elapsed, side="right")
    places[~known | beyond] = len(dates.names)
    counts = np.bincount(places, minlength=len(names))
    empty = [place for place in range(len(dates.names)) if not counts[place]]
    if empty:
        fewer = [cut for place, cut in enumerate(dates.cuts) if place != max(empty[0] - 1, 0)]
        raise InputError(
            f"no answer falls into the stage {dates.names[empty[0]]}",
            file=path,
            column="columns.stage.cuts",
            found=", ".join(f"{name} {int(n):,}" for name, n in zip(dates.names, counts, strict=False)),
            expected="answers in every stage",
            mend=f"cuts = [{', '.join(f'{cut:g}' for cut in fewer)}]" + (" with one label less" if dates.labels else "")
            if fewer
            else "leave stage out of [columns]",
        )
    listed = [f"{name} {int(n):,}" for name, n in zip(dates.names, counts, strict=False)]
    without, outside = int((~known).sum()), int(beyond.sum())
    said = remark(
        f"Stages follow from the {dates.unit} from {dates.origin} to {dates.date}: rows with {', '.join(listed)}; "
        f"without a date {without:,}, beyond the limits {outside:,}.",
        f"阶段由 {dates.origin} 到 {dates.date} 的间隔（{_ZH[dates.unit]}）推出，各阶段行数：{'，'.join(listed)}；"
        f"缺少日期 {without:,} 行，超出界限 {outside:,} 行。",
    )
    return pd.Series(names[places], index=frame.index, dtype=object), [said]


def _days(raw: RawPanel, column: pd.Series, name: str, order: Order | None) -> np.ndarray:
    """Return a column as days; NaT where nothing stands."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return np.asarray(column.dt.tz_localize(None).to_numpy(), dtype="datetime64[D]")
    text = as_text(column)
    codes, different = pd.factorize(text, use_na_sentinel=True)
    days = np.full(len(different) + 1, np.datetime64("NaT", "D"))
    for place, value in enumerate(different):
        found: date | None = date_in(str(value), order)
        if found is None:
            position = int(np.flatnonzero(codes == place)[0])
            raise InputError(
                "this is no date, or nothing says whether its day or its month comes first",
                file=raw.source,
                row=raw.row(position),
                column=name,
                found=str(value),
                expected="a date such as 2024-03-05",
                mend='dates = "day first" (or "month first") in stage under [columns]',
            )
        days[place] = np.datetime64(found)
    return days[codes]


def _elapsed(origin: np.ndarray, day: np.ndarray, unit: str) -> np.ndarray:
    """Return whole months, or days or weeks as a number, from ``origin`` to ``day``."""
    if unit != "months":
        return (day - origin).astype(float) / (7 if unit == "weeks" else 1)
    months = day.astype("datetime64[M]").astype(int) - origin.astype("datetime64[M]").astype(int)
    in_month = [(one - one.astype("datetime64[M]").astype("datetime64[D]")).astype(int) for one in (origin, day)]
    return np.asarray(months - (in_month[1] < in_month[0]), dtype=float)


def _as_days(number: float, unit: str) -> float:
    return number * {"days": 1, "weeks": 7, "months": 31}[unit]
