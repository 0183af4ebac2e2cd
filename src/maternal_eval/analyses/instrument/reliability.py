"""Reliability of each dimension, in everybody and in each group."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.analyses.instrument.items import Items, levels_of
from maternal_eval.analyses.instrument.jackknife import jackknife_interval
from maternal_eval.analyses.instrument.settings import InstrumentSettings
from maternal_eval.core.remarks import Remark
from maternal_eval.methods.psychometrics.polychoric import PairTables, pair_tables, polychoric
from maternal_eval.methods.psychometrics.reliability import alpha, omega
from maternal_eval.study import Study

COLUMNS = [
    *("dimension", "column", "group", "items", "n", "observed"),
    *("alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high"),
]
FEWEST_COMMON = 20
"""Respondents who answered both items of a pair, without which there is no correlation of it."""


def reliability_table(study: Study, items: Items, settings: InstrumentSettings) -> tuple[pd.DataFrame, list[Remark]]:
    """Return alpha and omega of the dimensions with intervals, by group, and what could not be computed."""
    rows: list[dict[str, object]] = []
    missing: list[str] = []
    alone = [items.dimensions[at] for at in range(len(items.dimensions)) if len(items.of(at)) < 2]
    grouped = [("", [""], np.zeros(len(items.coded), dtype=np.int64))]
    grouped += [(column, *levels_of(study, column)) for column in settings.group_columns(study)]
    for at, name in enumerate(items.dimensions):
        mine = items.of(at)
        if len(mine) < 2:
            continue
        coded = items.coded[:, mine]
        answered = (coded >= 0).any(axis=1)
        for column, levels, place in grouped:
            known = answered & (place >= 0)
            size = settings.batches
            tables = pair_tables(
                coded[known], items.weights[known], place[known] * size + items.batch[known], len(levels) * size
            )
            number = np.bincount(place[known], minlength=len(levels))
            for level, label in enumerate(levels):
                part = PairTables(tables.counts[level * size : (level + 1) * size], tables.pairs, tables.items)
                both = _common(coded[known][place[known] == level])
                if number[level] < settings.fewest or both < FEWEST_COMMON:
                    missing.append(f"{name}, {column} {label}".replace(",  ", ""))
                    continue
                row = _row(part)
                if row is None:
                    missing.append(f"{name}, {column} {label}".replace(",  ", ""))
                    continue
                rows.append({"dimension": name, "column": column, "group": label, "items": len(mine),
                             "n": int(number[level]), **row})  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS), _remarks(study, alone, missing, settings)


def _common(coded: np.ndarray) -> int:
    """Return the least number of respondents who answered both items of a pair."""
    answered = (coded >= 0).astype(np.int64)
    return int((answered.T @ answered).min()) if len(coded) else 0


def _row(tables: PairTables) -> dict[str, float] | None:
    whole = tables.total()
    found = polychoric(whole)
    if np.isnan(found.rho).any():
        return None
    batches = len(tables.counts)
    without = whole[None] - tables.counts
    start = np.tile(found.rho, batches)
    left = polychoric(np.clip(without, 0.0, None).reshape(-1, *whole.shape[1:]), start, 1e-3).rho.reshape(batches, -1)
    if np.isnan(left).any():
        return None
    row = {"observed": float(alpha(observed_covariance(tables)))}
    for name, of in (("alpha", alpha), ("omega", omega)):
        value, others = float(of(tables.matrix(found.rho))), of(tables.matrix(left))
        # On log(1 - reliability) an interval stays below one.
        low, high = jackknife_interval(np.log1p(-min(value, 0.9999)), np.log1p(-np.clip(others, None, 0.9999)))
        row |= {name: value, f"{name}_low": float(-np.expm1(high)), f"{name}_high": float(-np.expm1(low))}
    return row


def observed_covariance(tables: PairTables) -> np.ndarray:
    """Return the covariances of the answers as numbers, pair by pair; variances are means over the pairs of an item."""
    whole = tables.total()
    mass = whole.sum(axis=(1, 2))
    value = np.arange(whole.shape[1], dtype=float)
    first, second = whole.sum(axis=2) / mass[:, None], whole.sum(axis=1) / mass[:, None]
    means = first @ value, second @ value
    product = np.einsum("pij,i,j->p", whole, value, value) / mass - means[0] * means[1]
    matrix = tables.matrix(product)
    variance, number = np.zeros(tables.items), np.zeros(tables.items)
    for side, part, mean in ((0, first, means[0]), (1, second, means[1])):
        np.add.at(variance, tables.pairs[:, side], part @ value**2 - mean**2)
        np.add.at(number, tables.pairs[:, side], 1)
    np.fill_diagonal(matrix, variance / number)
    return matrix


def _remarks(study: Study, alone: list[str], missing: list[str], settings: InstrumentSettings) -> list[Remark]:
    said = []
    if alone:
        said.append(
            study.words.remark(
                f"{', '.join(alone)}: one item has no reliability that answers of one occasion could tell.",
                f"{'、'.join(alone)}：单一指标的信度无法由一次作答得知。",
            )
        )
    if missing:
        told = "; ".join(missing[:6]) + (f" … ({len(missing)})" if len(missing) > 6 else "")
        said.append(
            study.words.remark(
                f"No reliability with fewer than {settings.fewest} {{respondents}}, {FEWEST_COMMON} who answered both "
                f"items of a pair, or an item that does not vary: {told}.",
                f"{{respondent}}不足 {settings.fewest} 名、同时回答两项者不足 {FEWEST_COMMON} 名，"
                f"或某项没有变化时，不给出信度：{told}。",
            )
        )
    return said
