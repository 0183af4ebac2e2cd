"""Results by segment: how much of the difference to everybody is another composition, and how much is within."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.instrument.items import Items, levels_of
from maternal_eval.analyses.instrument.jackknife import jackknife_interval
from maternal_eval.analyses.instrument.settings import InstrumentSettings
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.decomposition import mix_and_within
from maternal_eval.study import Study, survey_weights

SCORE = "score"
"""The composite score, beside the outcomes."""

FACTORS = ("stage", "platform", "period")
"""What a composition is made of; the last are left out first where cells become too small."""

_ZH = {"period": "时期"}

FEWEST_IN_CELL = 5
"""Respondents of a level in a cell on average that a composition needs."""

COLUMNS = [
    *("column", "group", "quantity", "n", "mean", "low", "high"),
    *("gap", "gap_low", "gap_high", "mix", "mix_low", "mix_high", "within", "within_low", "within_high"),
]


def segment_table(
    study: Study, items: Items, scores: np.ndarray, settings: InstrumentSettings
) -> tuple[pd.DataFrame, list[Remark]]:
    """Return means by level of each segment, the gap to everybody, and its parts, with intervals."""
    panel = study.panel[survey_weights(study.panel) > 0]
    quantities = {SCORE: scores}
    if study.outcomes:
        quantities[study.primary_outcome.name] = panel[study.primary_outcome.name].to_numpy(dtype=float)
    rows: list[dict[str, object]] = []
    said: list[Remark] = []
    for column in settings.group_columns(study):
        if column not in study.segments:
            continue
        levels, place = levels_of(study, column)
        cell, used = _cells(panel, place, len(levels))
        if used is not None:
            said.append(
                study.words.remark(
                    f"{column}: the mix is that of {' × '.join(map(_in_words, used)) or 'nothing else'}.",
                    f"{column}：构成指{'×'.join(_ZH.get(name, _in_words(name)) for name in used) or '无'}。",
                )
            )
        for name, values in quantities.items():
            rows += _of(column, levels, place, cell, name, values, items, settings)
    return pd.DataFrame(rows, columns=COLUMNS), said


def _in_words(factor: str) -> str:
    """Return the placeholder of a factor for which the study has a word of its own."""
    return factor if factor == "period" else f"{{{factor}}}"


def _cells(panel: pd.DataFrame, place: np.ndarray, levels: int) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """Return the cell of each respondent and the factors that make it; a factor that follows from the level is none."""
    factors = [name for name in FACTORS if name in panel]
    free = []
    for name in factors:
        known = panel[name].notna().to_numpy() & (place >= 0)
        alone = pd.Series(place[known]).groupby(panel.loc[known, name].astype(str).to_numpy()).nunique()
        if len(alone) > 1 and (alone > 1).any():
            free.append(name)
    while free:
        code = panel.groupby(free, observed=True, dropna=False).ngroup().to_numpy()
        if len(panel) >= FEWEST_IN_CELL * levels * (code.max() + 1):
            return code.astype(np.int64), tuple(free)
        free.pop()
    return np.zeros(len(panel), dtype=np.int64), ()


def _of(
    column: str,
    levels: list[str],
    place: np.ndarray,
    cell: np.ndarray,
    name: str,
    values: np.ndarray,
    items: Items,
    settings: InstrumentSettings,
) -> list[dict[str, object]]:
    known = (place >= 0) & np.isfinite(values)
    cells, batches = int(cell.max()) + 1, settings.batches
    shape = (batches, len(levels), cells)
    at = (items.batch[known] * len(levels) + place[known]) * cells + cell[known]
    mass = np.bincount(at, items.weights[known], int(np.prod(shape))).reshape(shape)
    total = np.bincount(at, (items.weights * np.nan_to_num(values))[known], int(np.prod(shape))).reshape(shape)
    number = np.bincount(place[known], minlength=len(levels))
    whole = _parts(mass.sum(axis=0)[None], total.sum(axis=0)[None])[0]
    without = _parts(np.clip(mass.sum(axis=0) - mass, 0.0, None), total.sum(axis=0) - total)
    low, high = jackknife_interval(whole, without)
    rows: list[dict[str, object]] = []
    for level, label in enumerate(levels):
        if number[level] < settings.fewest:
            continue
        row: dict[str, object] = {"column": column, "group": label, "quantity": name, "n": int(number[level])}
        for part, key in enumerate(("mean", "gap", "mix", "within")):
            ends = ("low", "high") if key == "mean" else (f"{key}_low", f"{key}_high")
            row |= {key: whole[part, level], ends[0]: low[part, level], ends[1]: high[part, level]}
        rows.append(row)
    return rows


def _parts(mass: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return mean, gap to everybody, mix and within of each level, ``(…, 4, levels)``, of ``(…, levels, cells)``."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total.sum(axis=-1) / mass.sum(axis=-1)
    everybody, sums = mass.sum(axis=-2, keepdims=True), total.sum(axis=-2, keepdims=True)
    mix, within = mix_and_within(mass, total, everybody, sums)
    gap = mean - (sums.sum(axis=-1) / everybody.sum(axis=-1))
    return np.stack([mean, gap, mix, within], axis=-2)
