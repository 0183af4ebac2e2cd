"""Whether items mean the same in every group, and what correcting for it does to scores and ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from maternal_eval.analyses.instrument.composites import scores_of
from maternal_eval.analyses.instrument.items import Items, levels_of
from maternal_eval.analyses.instrument.names import column_name
from maternal_eval.analyses.instrument.settings import InstrumentSettings
from maternal_eval.core.errors import DiagnosticsError, InputError
from maternal_eval.core.remarks import Remark, each_once, remark
from maternal_eval.methods.psychometrics.anchor import Anchors
from maternal_eval.methods.psychometrics.differential import (
    CLASSES,
    R2_CLASSES,
    Differential,
    differential,
    size_class,
)
from maternal_eval.methods.ranks import ranks_by_run
from maternal_eval.study import Study, survey_weights

ITEM_COLUMNS = [
    *("column", "indicator", "dimension", "n", "anchor", "spread", "size", "r2_change", "r2_size"),
    *("statistic", "freedom", "p_value", "q_value", "slope_p", "slope_q", "flagged"),
]
GROUP_COLUMNS = ["column", "indicator", "group", "n", "effect", "low", "high", "shift"]
CORRECTED_COLUMNS = ["column", "units", "unit", "before", "after", "change", "rank_before", "rank_after"]


@dataclass(frozen=True)
class Meaning:
    """Tables: items by column of groups, effects by group, scores before and after correction; and remarks."""

    items: pd.DataFrame
    groups: pd.DataFrame
    corrected: pd.DataFrame
    remarks: list[Remark]


@dataclass(frozen=True)
class _Column:
    """A column of groups: levels, place of each respondent (-1: none, or a level of too few)."""

    name: str
    levels: list[str]
    place: np.ndarray


def meaning_tables(study: Study, items: Items, scores: np.ndarray, settings: InstrumentSettings) -> Meaning:
    """Compare items between the levels of every column of groups, at the same anchor; ``scores`` are composites."""
    said: list[Remark] = []
    parts: list[pd.DataFrame] = []
    effects: list[pd.DataFrame] = []
    corrected: list[pd.DataFrame] = []
    for name in settings.group_columns(study):
        column = _column(study, name, settings, said)
        if column is None:
            continue
        found = _purified(items, column, settings, said)
        if not found:
            continue
        table = _item_table(items, column, found, settings)
        parts.append(table)
        effects.append(_group_table(items, column, found, study.definition.disclosure.minimum))
        flagged = table.loc[table["flagged"], "indicator"].tolist()
        if flagged:
            shifts = {code: found[code][0].shift for code in flagged}
            corrected.append(_corrected(study, items, column, scores, shifts))

    def joined(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
        return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)

    return Meaning(
        items=joined(parts, ITEM_COLUMNS),
        groups=joined(effects, GROUP_COLUMNS),
        corrected=joined(corrected, CORRECTED_COLUMNS),
        remarks=each_once(said),
    )


def _column(study: Study, name: str, settings: InstrumentSettings, said: list[Remark]) -> _Column | None:
    levels, place = levels_of(study, name)
    number = np.bincount(place[place >= 0], minlength=len(levels))
    few = [level for level, one in zip(levels, number, strict=True) if one < settings.fewest]
    if few:
        said.append(
            study.words.remark(
                f"{column_name(name, study.words, 'en')}: {', '.join(few)} with fewer than {settings.fewest} "
                "{respondents} is not compared.",
                f"{column_name(name, study.words, 'zh')}：{'、'.join(few)} 的{{respondent}}不足 "
                f"{settings.fewest} 名，不作比较。",
            )
        )
    kept = np.flatnonzero(number >= settings.fewest)
    if len(kept) < 2:
        return None
    renumbered = np.full(len(levels) + 1, -1, dtype=np.int64)
    renumbered[kept] = np.arange(len(kept))
    return _Column(name, [levels[at] for at in kept], renumbered[place])


def _purified(
    items: Items, column: _Column, settings: InstrumentSettings, said: list[Remark]
) -> dict[str, tuple[Differential, int]]:
    """Return what each item shows, with anchors that leave out those that differ by more than a negligible size.

    Every item is compared twice: with all others as its anchor, and then without those that differed. Where too few
    would be left the anchor holds them all.
    """
    found: dict[str, tuple[Differential, int]] = {}
    every = np.arange(len(items.codes))
    wide: Anchors | None = None
    for dimension in range(len(items.dimensions)):
        mine = items.of(dimension)
        narrow = len(mine) > settings.anchor
        scope = mine if narrow else every
        if not narrow and len(every) <= settings.anchor:
            continue
        if not narrow:
            said.append(
                remark(
                    f"{items.dimensions[dimension]}: fewer than {settings.anchor} other items: those of all "
                    "dimensions are the anchor.",
                    f"{items.dimensions[dimension]}：同维度其他指标不足 {settings.anchor} 个，以全部维度的指标作锚。",
                )
            )
            wide = wide or Anchors(items.answers, column.place)
        anchors = Anchors(items.answers[:, mine], column.place) if narrow else wide
        assert anchors is not None
        first = {int(item): _compare(items, column, anchors, scope, int(item), (), said) for item in mine}
        known = {item: one for item, one in first.items() if one is not None}
        strange = [
            item
            for item, one in known.items()
            if one.p_value < settings.false_discoveries and size_class(one.spread) != CLASSES[0]
        ]
        for item, one in known.items():
            out = [other for other in strange if other != item]
            if out and len(scope) - 1 - len(out) >= settings.anchor:
                again = _compare(items, column, anchors, scope, item, out, said) or one
                found[items.codes[item]] = again, len(scope) - 1 - len(out)
            else:
                found[items.codes[item]] = one, len(scope) - 1
    return found


def _compare(
    items: Items,
    column: _Column,
    anchors: Anchors,
    scope: np.ndarray,
    item: int,
    out: list[int] | tuple[int, ...],
    said: list[Remark],
) -> Differential | None:
    inside = {int(one): at for at, one in enumerate(scope)}
    anchor = anchors.of(inside[item], [inside[one] for one in out])
    try:
        return differential(items.coded[:, item], anchor, column.place, len(column.levels))
    except (InputError, DiagnosticsError) as error:
        code = items.codes[item]
        said.append(
            remark(
                f"{code} by {column.name} is not compared: {error}.",
                f"{code} 未按 {column.name} 比较：答案或分组不足以拟合（{error}）。",
            )
        )
        return None


def _item_table(
    items: Items, column: _Column, found: dict[str, tuple[Differential, int]], settings: InstrumentSettings
) -> pd.DataFrame:
    rows = []
    for code, (one, anchor) in found.items():
        rows.append(
            {
                "column": column.name,
                "indicator": code,
                "dimension": items.dimensions[items.dimension[items.codes.index(code)]],
                "n": one.answers,
                "anchor": anchor,
                "spread": one.spread,
                "size": size_class(one.spread),
                "r2_change": one.r2_change,
                "r2_size": size_class(one.r2_change, R2_CLASSES),
                "statistic": one.statistic,
                "freedom": one.freedom,
                "p_value": one.p_value,
                "slope_p": one.slope_p_value,
            }
        )
    table = pd.DataFrame(rows)
    table["q_value"] = false_discovery_control(table["p_value"])
    table["slope_q"] = false_discovery_control(table["slope_p"])
    table["flagged"] = table["q_value"] <= settings.false_discoveries
    # What chance explains is of no size.
    table.loc[~table["flagged"], ["size", "r2_size"]] = CLASSES[0]
    return table


def _group_table(
    items: Items, column: _Column, found: dict[str, tuple[Differential, int]], minimum: int
) -> pd.DataFrame:
    """Return the effects of the groups; one with fewer answers than may be shown is left out."""
    rows = []
    for code, (one, _) in found.items():
        answered = items.coded[:, items.codes.index(code)] >= 0
        number = np.bincount(column.place[answered & (column.place >= 0)], minlength=len(column.levels))
        low, high = one.interval()
        rows += [
            (column.name, code, level, int(number[at]), one.effect[at], low[at], high[at], one.shift[at])
            for at, level in enumerate(column.levels)
            if np.isfinite(one.effect[at]) and number[at] >= minimum
        ]
    return pd.DataFrame(rows, columns=GROUP_COLUMNS)


def _corrected(
    study: Study, items: Items, column: _Column, before: np.ndarray, shifts: dict[str, np.ndarray]
) -> pd.DataFrame:
    """Return scores before and after the shift of each flagged item is taken from the answers of its group."""
    counts = survey_weights(study.panel) > 0
    panel = study.panel[counts]
    answers = study.oriented(panel=panel).to_numpy(dtype=float)
    moved = answers.copy()
    for code, shift in shifts.items():
        at, one = study.model.codes.index(code), study.model.indicator(code)
        by_row = np.where(column.place >= 0, np.nan_to_num(np.append(shift, 0.0))[column.place], 0.0)
        moved[:, at] = np.clip(moved[:, at] - by_row, one.low, one.high)
    after = scores_of(study, panel, moved)
    rows = _ranked(column.name, column.name, column.levels, column.place, before, after, items.weights)
    if "platform" in panel:
        names, place = np.unique(panel["platform"].dropna().astype(str), return_inverse=True)
        full = np.full(len(panel), -1)
        full[panel["platform"].notna().to_numpy()] = place
        rows += _ranked(column.name, "platform", names.tolist(), full, before, after, items.weights)
    return pd.DataFrame(rows, columns=CORRECTED_COLUMNS)


def _ranked(
    column: str,
    units: str,
    names: list[str],
    place: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    weights: np.ndarray,
) -> list[tuple[object, ...]]:
    known = (place >= 0) & np.isfinite(before) & np.isfinite(after)
    mass = np.bincount(place[known], weights[known], len(names))
    held = np.flatnonzero(mass > 0)
    first, second = (
        np.bincount(place[known], weights[known] * score[known], len(names))[held] / mass[held]
        for score in (before, after)
    )
    ranks = [ranks_by_run(one[None])[0] for one in (first, second)]
    return [
        (
            column,
            units,
            names[unit],
            first[at],
            second[at],
            second[at] - first[at],
            int(ranks[0][at]),
            int(ranks[1][at]),
        )
        for at, unit in enumerate(held)
    ]
