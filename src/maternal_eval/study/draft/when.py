"""When answers were given: days that are grouped, years, quarters, months, waves; two columns that could be it."""

from __future__ import annotations

import re
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.core.printable import quoted
from maternal_eval.study.draft.profile import ColumnProfile, Profile
from maternal_eval.study.draft.proposal import Proposal
from maternal_eval.study.draft.words import is_question, tells
from maternal_eval.study.period_forms import YEARS, code_of, grouped, read_period
from maternal_eval.study.periods import labels_of

_OF_FILLING = re.compile(
    r"start|begin|end|submit|record|开始|结束|提交|完成|答卷时间|填写时间|created|modified", re.IGNORECASE
)
_END = re.compile(r"end|submit|record|结束|提交|完成|答卷时间|填写时间", re.IGNORECASE)


def find_period(rest: list[ColumnProfile], draft: Proposal) -> None:
    """Find when it was answered: days that are grouped, or years, quarters, months, waves."""
    dated = [one for one in rest if one.dates[0]]
    for one in list(dated):
        if tells(one.told, "origin"):
            dated.remove(one)
            rest.remove(one)
            draft.dropped[one.name] = "a day from which stages may follow"
            draft.origins.append(one.name)
    written = [one for one in rest if one not in dated and _are_periods(one)]
    quarter = next((one for one in rest if _is_quarter(one)), None)
    candidates = written or dated
    chosen: ColumnProfile | None = None
    if len(candidates) == 1:
        chosen = candidates[0]
    elif written:
        years = [one for one in written if tells(one.name, "period") and _is_year(one)]
        finer = [one for one in written if not _is_year(one)]
        chosen = years[0] if len(years) == 1 and all(_within(years[0], one) for one in finer) else None
        if chosen is not None and finer:
            draft.doubt(
                f"{chosen.name} is the period; {', '.join(one.name for one in finer)} would be a finer one: "
                f'period = "{finer[0].name}" under [columns].',
                f"以 {chosen.name} 为时期；{'、'.join(one.name for one in finer)} 更细："
                f'可在 [columns] 写 period = "{finer[0].name}"。',
            )
    elif all(_OF_FILLING.search(one.name) for one in dated):
        chosen = next((one for one in dated if _END.search(one.name)), None)
    for one in {id(c): c for c in (*dated, *written)}.values():
        rest.remove(one)
        if one is not chosen:
            draft.dropped[one.name] = "a date that is not the period" if one in dated else "a period that is not used"
    if chosen is None:
        if not candidates:
            _say_unread(rest, draft)
        if candidates:
            lines = [_line(one) for one in candidates]
            draft.choices += lines
            names = [one.name for one in candidates]
            draft.doubt(
                f"{' and '.join(names)} could each be the period, and none is taken: write one of "
                f"{'; or '.join(lines)} under [columns].",
                f"{'、'.join(names)} 都可能是时期，均未采用：请在 [columns] 写其中之一：{'；或 '.join(lines)}。",
            )
        return
    draft.parts["period"] = chosen.name
    if chosen in dated:
        _, order, is_open = chosen.dates
        draft.period_by, draft.period_dates = _grouping(chosen, order), order
        draft.why["period"] = f"days; grouped by {draft.period_by}"
        if is_open:
            draft.doubt(
                f'Nothing in {chosen.name} says whether 3/5 is in March or in May; "{order}" is taken: dates = '
                '"day first" otherwise.',
                f'{chosen.name} 中无法判断 3/5 是三月还是五月；按“月在前”处理，否则请写 dates = "day first"。',
            )
    else:
        draft.why["period"] = "its name and values"
        draft.period_kind = _kind(chosen)
    draft.known_periods = _known_periods(chosen, draft)
    if chosen.filled < chosen.rows:
        draft.filled.append(chosen.name)
        draft.doubt(
            f"{chosen.rows - chosen.filled:,} rows have nothing in {chosen.name} and are left out ([panel] filled).",
            f"{chosen.name} 有 {chosen.rows - chosen.filled:,} 行为空，已排除（[panel] 的 filled）。",
        )
    if quarter is not None and quarter in rest and _is_year(chosen):
        rest.remove(quarter)
        draft.parts["quarter"], draft.why["quarter"] = quarter.name, "its name, and 1 to 4"


def _known_periods(column: ColumnProfile, draft: Proposal) -> list[int | str]:
    """Return the periods of a column in order: a year or another number as it is, else as the study writes them."""
    readings = {value: read_period(value, draft.period_dates) for value in column.words}  # type: ignore[arg-type]
    found: dict[int, int | str] = {}
    for value, reading in readings.items():
        if reading is None:
            return []
        try:
            if draft.period_by is not None:
                code = grouped(reading, draft.period_by)
                found[code] = labels_of({value: code}, draft.period_by).get(code, code)
            else:
                whole = value.removesuffix(".0")
                code = code_of(reading, draft.period_kind or reading.form)
                found[code] = int(whole) if whole.isdigit() else value
        except ValueError:
            return []
    return [found[code] for code in sorted(found)]


def refuse_side_by_side(file: Path, found: Profile) -> None:
    """Refuse a table whose periods stand beside each other: Region, 2019, 2020, 2021.

    Raises
    ------
    InputError
        With how such a table is put into rows.
    """
    named = {one.name: read_period(one.name) for one in found.columns if one.numeric}
    years = [name for name, reading in named.items() if reading is not None and (
        reading.form in ("quarter", "month", "year") or (reading.form == "digits" and name.isdigit() and len(name) == 4
                                                         and int(name) in YEARS))]  # fmt: skip
    if len(years) < 3 or len(years) < 0.5 * len(named):
        return
    others = [one.name for one in found.columns if one.name not in years][:3]
    raise InputError(
        "periods stand beside each other in columns",
        file=file,
        found=f"columns {years[0]} to {years[-1]}",
        expected="a row for each unit and period",
        mend="put them below each other (unpivot in a spreadsheet, melt in pandas, pivot_longer in R): columns "
        + ", ".join([*others, "period", "value"])
        + "; of shares the number of answers behind each as well",
    )


def _say_unread(rest: list[ColumnProfile], draft: Proposal) -> None:
    """Name a column that is called a time and cannot be read as one."""
    for one in rest:
        readings = {value: read_period(value) for value in one.words}
        unread = [value for value, found in readings.items() if found is None or found.form == "day first"]
        if tells(one.name, "period") and not is_question(one.name) and len(unread) > 0.5 * len(readings):
            draft.doubt(
                f"{one.name} is called a time, and {quoted(unread[0], 30)} cannot be read as one: years (2023), "
                "quarters (2023Q2), months (2023-05) and dates with a year of four digits can.",
                f"{one.name} 的名称像时间，但 {quoted(unread[0], 30)} 无法读作时期；可读的写法：年（2023）、季度"
                "（2023Q2）、月（2023-05）及四位年份的日期。",
            )
            return


def _line(column: ColumnProfile) -> str:
    name = column.name.replace('"', '\\"')
    if column.dates[0]:
        order = f', dates = "{column.dates[1]}"' if column.dates[1] else ""
        return f'period = {{ column = "{name}", by = "{_grouping(column, column.dates[1])}"{order} }}'
    return f'period = "{name}"'


def _grouping(column: ColumnProfile, order: str | None) -> str:
    """Return what days are grouped by: years where there are three, else quarters if three, else months."""
    months = set()
    for value in column.words:
        reading = read_period(value, order)  # type: ignore[arg-type]
        if reading is not None:
            months.add((reading.year, reading.part))
    if len({year for year, _ in months}) >= 3:
        return "year"
    quarters = {(year, (month - 1) // 3) for year, month in months}
    return "quarter" if len(quarters) >= 3 and len(months) > 4 else "month"


def _are_periods(column: ColumnProfile) -> bool:
    if column.many or not column.words or tells(column.told, "origin") or len(column.words) > 400:
        return False
    readings = [read_period(value) for value in column.words]
    if any(reading is None for reading in readings):
        return False
    forms = {reading.form for reading in readings if reading is not None}
    if forms <= {"quarter", "month", "two numbers"}:
        return not tells(column.name, "group")
    if forms == {"year"}:
        return True
    if forms != {"digits"}:
        return forms == {"wave"} and tells(column.name, "period") and not is_question(column.name)
    return _is_year(column) or (not is_question(column.name) and tells(column.name, "period") and _coded(column) != "")


def _is_year(column: ColumnProfile) -> bool:
    values = column.words
    is_year = all(value.removesuffix(".0").isdigit() and int(float(value)) in YEARS for value in values)
    return is_year and len(values) <= 60 and tells(column.name, "period") and min(float(v) for v in values) >= 1950


def _coded(column: ColumnProfile) -> str:
    """Return the kind of periods that whole numbers are, empty if none."""
    values = [value.removesuffix(".0") for value in column.words]
    if not all(value.isdigit() for value in values):
        return ""
    widths = {len(value) for value in values}
    if widths == {6} and all(1 <= int(value[4:]) <= 12 and int(value[:4]) in YEARS for value in values):
        return "month" if any(int(value[4:]) > 4 for value in values) else "month or quarter"
    if widths == {5} and all(1 <= int(value[4:]) <= 4 and int(value[:4]) in YEARS for value in values):
        return "quarter"
    if (
        tells(column.name, "period")
        and max(map(int, values)) <= 99
        and ("wave" in column.name.lower() or "round" in column.name.lower() or re.search("轮|波|期", column.name))
    ):
        return "wave"
    return ""


def _kind(column: ColumnProfile) -> str | None:
    if _is_year(column):
        return "year"
    kind = _coded(column)
    return kind if kind in ("month", "quarter", "wave") else None


def _is_quarter(column: ColumnProfile) -> bool:
    named = "quarter" in column.name.lower() or "季度" in column.name
    return named and {value.removesuffix(".0") for value in column.words} <= {"1", "2", "3", "4"}


def _within(years: ColumnProfile, finer: ColumnProfile) -> bool:
    readings = [read_period(value) for value in finer.words]
    own = {int(float(value)) for value in years.words}
    return all(reading is not None and (reading.year or int(reading.text[:4] or 0)) in own for reading in readings)
