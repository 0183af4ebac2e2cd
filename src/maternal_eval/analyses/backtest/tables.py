"""From judged forecasts to tables: scores, differences, calibration, forecasts, answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.analyses.backtest.evaluation import (
    batch_errors,
    cell_scores,
    point_forecast,
    score_table,
)
from maternal_eval.analyses.backtest.forecasters import BATCHES, batch_size
from maternal_eval.analyses.backtest.origin import Judged
from maternal_eval.analyses.backtest.settings import BacktestSettings
from maternal_eval.analyses.backtest.splits import Split
from maternal_eval.core.intervals import interval
from maternal_eval.methods.forecasting.calibration import calibration_table
from maternal_eval.methods.forecasting.comparison import difference_table
from maternal_eval.methods.forecasting.scores import probability_integral_transform

ALL_ORIGINS = "all origins"
"""Name of the row that pools the cells of all origins."""

OTHERS = ("last_value", "local_level", "ahp_weights")
"""Forecasters that all others are compared with: nothing but the last value, all but the indicators, and the
evaluation model as it stands."""

UNIT_JOIN = " × "


@dataclass(frozen=True)
class TargetTables:
    """The tables of one target; see :class:`~maternal_eval.analyses.backtest.result.BacktestResult` for the columns."""

    scores: pd.DataFrame
    comparisons: pd.DataFrame
    calibration: pd.DataFrame
    forecasts: pd.DataFrame
    answers: pd.DataFrame


def target_tables(
    target: str,
    found: Sequence[tuple[Split, dict[str, Judged]]],
    cluster_of: str | None,
    reference: str,
    settings: BacktestSettings,
) -> TargetTables:
    """Return the tables of one target.

    Parameters
    ----------
    target
        Its name.
    found
        By origin, in the order of time: what each forecaster's forecasts came to.
    cluster_of
        Unit column whose levels are the clusters of units; None: every unit is its own. Origins are clusters too.
    reference
        Forecaster that skill is measured against.
    """
    of_cells = [{name: _scores_of(one, settings) for name, one in part.items()} for _, part in found]
    of_batches = [{name: _batch_scores(one, settings) for name, one in part.items()} for _, part in found]
    groups = [(split.name, split.main, [place]) for place, (split, _) in enumerate(found)]
    if len(found) > 1:
        groups.append((ALL_ORIGINS, False, list(range(len(found)))))
    scored, compared, calibrated = [], [], []
    for group, main, places in groups:
        parts = [found[place][1] for place in places]
        labels = np.concatenate([_clusters(part[reference].units, cluster_of) for part in parts])
        clusters, distinct = pd.factorize(labels)
        origin = np.repeat(np.arange(len(parts)), [len(part[reference].observed) for part in parts])
        by_cell = {name: _joined([of_cells[place][name] for place in places]) for name in parts[0]}
        by_batch = {
            name: [_joined(batch) for batch in zip(*(of_batches[place][name] for place in places), strict=True)]
            for name in parts[0]
        }
        shared: dict[str, Any] = {"split": group, "main": main, "target": target}
        for forecaster, own in by_cell.items():
            errors = batch_errors(by_batch[forecaster], by_batch[reference])
            table = score_table(own, by_cell[reference], clusters, origin)
            sizes = {"clusters": len(distinct), "origins": len(parts)}
            scored.append(table.assign(**shared, forecaster=forecaster, mcse=table["score"].map(errors), **sizes))
            for other in OTHERS:
                if other in by_cell and other != forecaster:
                    difference = difference_table(own, by_cell[other], clusters, origin)
                    compared.append(difference.assign(**shared, forecaster=forecaster, other=other))
            if group == groups[-1][0]:
                transform = np.concatenate(
                    [probability_integral_transform(p[forecaster].observed, p[forecaster].draws) for p in parts]
                )
                calibrated.append(calibration_table(transform).assign(target=target, forecaster=forecaster))
    columns = ["split", "main", "target", "forecaster", "score", "better", "value", "low", "high", "mcse"]
    of_comparison = ["split", "main", "target", "forecaster", "other", "score", "difference", "low", "high"]
    return TargetTables(
        scores=pd.concat(scored, ignore_index=True)[[*columns, "cells", "left_out", "reason", "clusters", "origins"]],
        comparisons=pd.concat(compared, ignore_index=True)[
            [
                *of_comparison,
                "statistic",
                "p_value",
                "degrees",
                "dm_statistic",
                "dm_p_value",
                "dm_n",
                "cells",
                "clusters",
            ]
        ]
        if compared
        else pd.DataFrame(),
        calibration=pd.concat(calibrated, ignore_index=True)[
            ["target", "forecaster", "point", "share_below", "low", "high"]
        ],
        forecasts=_forecasts(target, found),
        answers=_answers(target, found),
    )


def _clusters(units: pd.MultiIndex, column: str | None) -> np.ndarray:
    if column is None:
        return np.array([UNIT_JOIN.join(unit) for unit in units], dtype=object)
    return units.get_level_values(column).to_numpy(dtype=object)


def _scores_of(one: Judged, settings: BacktestSettings) -> dict[str, np.ndarray]:
    shares = None if one.share_batches is None else one.share_batches.mean(axis=0)
    return cell_scores(one.observed, one.draws, one.last, settings.tolerance, one.observed_shares, shares)


def _joined(parts: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _batch_scores(one: Judged, settings: BacktestSettings) -> list[dict[str, np.ndarray]]:
    """Return the scores by cell from each batch of draws; none if there are too few draws."""
    size = batch_size(len(one.draws))
    if not size:
        return []
    return [
        cell_scores(
            one.observed,
            one.draws[number * size : (number + 1) * size],
            one.last,
            settings.tolerance,
            one.observed_shares,
            None if one.share_batches is None else one.share_batches[number],
        )
        for number in range(BATCHES)
    ]


def _forecasts(target: str, found: Sequence[tuple[Split, dict[str, Judged]]]) -> pd.DataFrame:
    tables = []
    for split, judged in found:
        for forecaster, one in judged.items():
            low, high = interval(one.draws)
            columns: dict[str, Any] = {
                "split": split.name,
                "main": split.main,
                "target": target,
                "forecaster": forecaster,
                "unit": [UNIT_JOIN.join(unit) for unit in one.units],
                "observed": one.observed,
                "last": one.last,
                "forecast": point_forecast(one.draws),
                "low": low,
                "high": high,
                "pit": probability_integral_transform(one.observed, one.draws),
                "n": one.count.astype(int),
            }
            tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _answers(target: str, found: Sequence[tuple[Split, dict[str, Judged]]]) -> pd.DataFrame:
    """Return the shares of the answers in all cells of the last origin together, observed and forecast."""
    rows = []
    split, judged = found[-1]
    for forecaster, one in judged.items():
        if one.observed_shares is None or one.share_batches is None:
            continue
        weight = one.count / one.count.sum()
        pair = (weight @ one.observed_shares, weight @ one.share_batches.mean(axis=0))
        for place, (observed, forecast) in enumerate(zip(*pair, strict=True)):
            rows.append((split.name, target, forecaster, place, float(observed), float(forecast)))
    return pd.DataFrame(rows, columns=["split", "target", "forecaster", "category", "observed", "forecast"])
