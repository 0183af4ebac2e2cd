"""Which tables of results show cells of respondents, and results in which the small ones are hidden.

:data:`PUBLISHED` is the table: one row per table of a result. :func:`protect` is applied between computing and storing
(:mod:`maternal_eval.app.analysis`), so that what is stored, printed, drawn, written and put into papers holds no small
cell; the analysis itself works on all answers, in memory only.

Posterior means by cell (satisfaction, items) are shown however few answers a cell has: they are drawn towards the other
cells by their prior and do not determine an answer; the observed means and numbers beside them are hidden. Forecasts of
models that count every answer are of this kind; forecasts from cell means are made without cells below the minimum of
the backtest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.core.remarks import Remark, remark
from maternal_eval.methods.disclosure.suppression import suppressed
from maternal_eval.results import Result
from maternal_eval.study import FILE_NAME, Study, aggregated
from maternal_eval.study.small_cells import Key, StudyCells, key_of, relations_of


@dataclass(frozen=True)
class Cells:
    """A table of a result that shows cells of respondents.

    Attributes
    ----------
    table
        Field of the result.
    count
        Column of the number of answers behind a row; None: the row is hidden where the study's cell is.
    totals
        Column of a factor and the value in it that stands for all of its levels.
    by
        Columns that tell apart tables of the same cells.
    hide
        Columns that are emptied in a hidden row; none: the row is left out.
    latest
        Whether rows are of the result's ``period`` and do not say so.
    unit
        Column that names the unit, and the sign between the names of its parts; with the column that says what these
        are, or the field of the result that lists them.
    over_periods
        Whether rows are of all periods or several: then they are hidden where the study's cell is in any of them.
    origins
        Column of the split ("2008-2010 to 2011") that a row is of: a row of all periods is one of those up to the test
        period, and of the cells with at least the ``minimum`` of the analysis; it is made without the others.
    repeated
        Whether a cell stands in several rows (of forecasters, of origins), so that rows do not add up to totals.
    """

    table: str
    count: str | None = None
    totals: tuple[tuple[str, str], ...] = ()
    by: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    latest: bool = False
    unit: tuple[str, str, str] | None = None
    over_periods: bool = False
    origins: str | None = None
    repeated: bool = False


_OBSERVED = ("observed", "answers", "effective")
_PLACE = (("platform", ""), ("stage", ""))
_RANKED = ("unit", " / ", "units")

PUBLISHED: dict[str, tuple[Cells, ...]] = {
    "check": (
        Cells("cells", "answers"),
        Cells("answers", "answered", by=("column",), hide=("smallest", "largest")),
        Cells("columns", "answered", by=("column",), hide=("smallest", "largest", "levels")),
    ),
    "kano": (Cells("elements", "n", by=("element",)), Cells("stages", "n", by=("element",))),
    "scores": (
        Cells("scores", "n"),
        Cells("margins", "n"),
        Cells("stars", "n", totals=(("stage", ""),), by=("indicator",)),
    ),
    "importance": (
        Cells("ranks", unit=_RANKED, latest=True),
        Cells("wins", unit=_RANKED, latest=True),
        Cells("wins", unit=("other", " / ", "units"), latest=True),
    ),
    "backtest": (
        Cells("forecasts", "n", unit=("unit", " × ", "units"), over_periods=True, origins="split", repeated=True),
    ),
    "sensitivity": tuple(
        Cells(table, totals=_PLACE, latest=True) for table in ("indices", "scores", "ranks", "rank_shares")
    ),
    "satisfaction": (
        Cells("scores", "answers", totals=(("stage", "all"),), hide=_OBSERVED),
        Cells("predictive", hide=("observed", "p", "inside", "distance", "distance_p"), over_periods=True),
        Cells(
            "transform",
            "answers",
            totals=(("stage", "all"),),
            by=("at",),
            hide=("share", "answers"),
            over_periods=True,
        ),
        Cells("calibration", "answers", by=("answer", "predicted"), hide=("observed", "answers")),
    ),
    "items": (Cells("scores", "answers", totals=(("stage", "all"),), by=("kind", "name"), hide=_OBSERVED),),
    "stage_weights": (Cells("stages", "respondents", hide=("respondents",), over_periods=True),),
    "whatif": (
        Cells("effects", totals=_PLACE),
        Cells("ranks"),
        Cells("fits", "answers", by=("weights", "outcome", "quantity"), hide=("observed", "error", "answers")),
    ),
    "review": (Cells("standing", "n", by=("indicator",), hide=("mean", "low", "high", "spread")),),
}
"""Analysis → its tables of cells. A new table is one more row."""


ESSENTIAL: dict[str, tuple[str, ...]] = {
    "kano": ("elements",),
    "scores": ("scores", "margins"),
    "backtest": ("forecasts",),
    "sensitivity": ("indices",),
    "whatif": ("effects",),
    "review": ("standing",),
}
"""Analysis → tables without which there is nothing to show."""


def protect(result: Result, analysis: str, study: Study) -> Result:
    """Return a result without small cells, and with a remark on what is not shown.

    Where the rows of the panel are figures of cells and no answers (:func:`~maternal_eval.study.aggregated`), nothing
    is hidden.

    Raises
    ------
    InputError
        If nothing is left of the :data:`ESSENTIAL` tables.
    """
    minimum = study.definition.disclosure.minimum
    tables = PUBLISHED.get(analysis, ())
    if minimum <= 1 or not tables or (study.counted is None and aggregated(study)):
        return result
    cells = StudyCells.of(study, minimum)
    keys = {spec: _keys(result, spec, cells) for spec in tables}
    hidden, small = _hidden(result, tables, keys, cells, study)
    essential = [hidden[spec] for spec in tables if spec.table in ESSENTIAL.get(analysis, ())]
    if essential and sum(map(len, essential)) and all(out.all() for out in essential):
        raise InputError(
            "no cell has enough answers to be shown",
            file=study.folder / FILE_NAME,
            column="disclosure.minimum",
            found=f"fewer than {minimum} answers in every cell, or in one that follows from it",
            expected=f"a cell with at least {minimum} answers",
            mend="coarser cells (without the column of platforms or stages under [columns]), or a smaller minimum "
            "under [disclosure] where nobody has to be protected",
        )
    changed: dict[str, pd.DataFrame] = {}
    numbers: dict[Cells, tuple[int, int]] = {}
    for spec in tables:
        out = hidden[spec]
        if not out.any():
            continue
        # Rows are only left out at the end: the specifications of one table see the same rows.
        table = changed.get(spec.table, getattr(result, spec.table))
        changed[spec.table] = _emptied(table, out, spec.hide) if spec.hide else table
        if spec.count is not None:
            few = int((small[spec] & out).sum())
            numbers[spec] = few, int(out.sum()) - few
    for name in {spec.table for spec in tables if not spec.hide}:
        out = np.any([hidden[spec] for spec in tables if spec.table == name and not spec.hide], axis=0)
        if out.any():
            changed[name] = getattr(result, name)[~out].reset_index(drop=True)
    changed |= _following(analysis, result, changed)
    if not changed:
        return result
    remarks = [*getattr(result, "remarks", []), _said(numbers, sorted(changed), minimum)]
    return dataclasses.replace(cast("Any", result), **changed, remarks=remarks)


def _keys(result: Result, spec: Cells, cells: StudyCells) -> list[Key]:
    """Return the cell of each row; None in the place of a factor stands for all of its levels."""
    table = getattr(result, spec.table)
    latest = getattr(result, "period", None) if spec.latest else None
    if "scenario" in table:
        scenarios: Any = getattr(result, "scenarios")  # noqa: B009 (of the what-if alone)
        table = table.assign(period=table["scenario"].map(scenarios.set_index("scenario")["period"]))
    rows = []
    for row in table.to_dict("records"):
        if spec.unit is not None:
            column, sign, parts = spec.unit
            names = row[parts].split(" × ") if parts in row else list(getattr(result, parts))
            row = {**row, **dict(zip(names, str(row[column]).split(sign), strict=False))}
        if latest is not None:
            row = {**row, "period": latest}
        rows.append(key_of(row, dict(spec.totals), cells.has_periods))
    return rows


def _hidden(
    result: Result, tables: tuple[Cells, ...], keys: dict[Cells, list[Key]], cells: StudyCells, study: Study
) -> tuple[dict[Cells, np.ndarray], dict[Cells, np.ndarray]]:
    """Return which rows are hidden, and which of these have few answers themselves."""
    hidden, small, minimum = {}, {}, study.definition.disclosure.minimum
    for spec in tables:
        until, entering = _made_from(result, spec, study)
        hidden[spec] = np.array(
            [
                cells.hides(key, any_period=spec.over_periods, until=last, entering=entering)
                for key, last in zip(keys[spec], until, strict=True)
            ],
            dtype=bool,
        )
        small[spec] = np.zeros(len(keys[spec]), dtype=bool)
        if spec.count is not None and len(keys[spec]):
            numbers = _numbers(result, spec)
            small[spec] = (numbers > 0) & (numbers < minimum)
            hidden[spec] |= small[spec]
    # Tables of one result that are told apart by the same columns are tied to each other by their totals.
    tied = [spec for spec in tables if spec.count is not None and not spec.repeated and len(keys[spec])]
    for by in dict.fromkeys(spec.by for spec in tied):
        group = [spec for spec in tied if spec.by == by]
        places: list[tuple[Any, Key]] = []
        for spec in group:
            table = getattr(result, spec.table)
            labels = list(zip(*(table[name] for name in by), strict=True)) if by else [()] * len(table)
            places += zip(labels, keys[spec], strict=True)
        numbers = np.concatenate([_numbers(result, spec) for spec in group])
        also = np.concatenate([hidden[spec] for spec in group])
        found = suppressed(numbers, relations_of(places, numbers), minimum, also)
        ends = np.cumsum([len(keys[spec]) for spec in group])
        hidden |= dict(zip(group, np.split(found, ends[:-1]), strict=True))
    return hidden, small


def _made_from(result: Result, spec: Cells, study: Study) -> tuple[list[int | None], float]:
    """Return the last period that each row is made from (None: all of them), and how many answers its cells have."""
    table = getattr(result, spec.table)
    if spec.origins is None:
        return [None] * len(table), 0.0
    periods = {study.timeline.label(period): period for period in study.periods}
    until = [periods.get(str(split).rpartition(" to ")[2]) for split in table[spec.origins]]
    settings: Mapping[str, Any] = getattr(result, "settings", {})
    return until, float(settings.get("minimum", 1))


def _numbers(result: Result, spec: Cells) -> np.ndarray:
    """Return the number of answers behind each row; 0 where it is not known."""
    return np.nan_to_num(getattr(result, spec.table)[spec.count].to_numpy(dtype=float))


def _emptied(table: pd.DataFrame, rows: np.ndarray, columns: tuple[str, ...]) -> pd.DataFrame:
    present = [name for name in columns if name in table]
    emptied = table.copy()
    for name in present:
        emptied[name] = table[name].astype("float64").where(~rows)
    return emptied


def _following(analysis: str, result: Result, changed: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return tables whose rows go with rows that were left out elsewhere."""
    if analysis != "kano" or "elements" not in changed:
        return {}
    shown = set(changed["elements"]["element"])
    tables = {name: changed.get(name, getattr(result, name)) for name in ("stages", "differences", "verdicts")}
    return {name: table[table["element"].isin(shown)].reset_index(drop=True) for name, table in tables.items()}


def _said(numbers: dict[Cells, tuple[int, int]], tables: list[str], minimum: int) -> Remark:
    few, more = (sum(pair[place] for pair in numbers.values()) for place in (0, 1))
    en, zh = f"[disclosure] minimum; tables: {', '.join(tables)}", f"[disclosure] minimum；表：{'、'.join(tables)}"
    if not few + more:
        return remark(
            f"Cells with fewer than {minimum} answers, or from which such a one could be worked out, are left out "
            f"({en}).",
            f"答案不足 {minimum} 份的单元，以及可用以推算此类单元的单元，均不予显示（{zh}）。",
        )
    en = f"{few} cells with fewer than {minimum} answers are not shown ({en})"
    zh = f"{few} 个答案不足 {minimum} 份的单元不予显示（{zh}）"
    if more:
        en += f", and {more} more so that none can be worked out from totals or other tables"
        zh += f"，另有 {more} 个单元一并隐去，以免由合计或其他表推算"
    return remark(en + ".", zh + "。")
