"""Ranks of platforms under uncertain weights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from maternal_eval.intervals import PROBABILITY


def ranks_by_run(scores: np.ndarray) -> np.ndarray:
    """Return ranks (runs × platforms; 1 is the highest score) for scores of the same shape; ties by position."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None], axis=1)
    return ranks


def rank_table(units: pd.DataFrame, nominal: np.ndarray, draws: np.ndarray) -> pd.DataFrame:
    """Return the ranks of platforms, over all stages (``stage`` empty) and inside each stage.

    Parameters
    ----------
    units
        ``platform`` and ``stage`` of every score.
    nominal
        Scores under the nominal weights.
    draws
        Draws of the weights × scores.

    Returns
    -------
    pandas.DataFrame
        ``stage``, ``platform``, ``nominal`` rank, ``low`` and ``high`` (the narrowest whole ranks that leave at most
        half of 1 - PROBABILITY at either end), ``share_first``. Empty with fewer than two platforms.
    """
    parts = []
    for stage, rows in units[units["platform"] != ""].groupby("stage", sort=False):
        if len(rows) < 2:
            continue
        columns = rows.index.to_numpy()
        ranks = ranks_by_run(draws[:, columns])
        tail = (1 - PROBABILITY) / 2
        parts.append(
            pd.DataFrame(
                {
                    "stage": stage,
                    "platform": rows["platform"].to_numpy(),
                    "nominal": ranks_by_run(nominal[None, columns])[0],
                    "low": np.quantile(ranks, tail, axis=0, method="inverted_cdf"),
                    "high": np.quantile(ranks, 1 - tail, axis=0, method="inverted_cdf"),
                    "share_first": (ranks == 1).mean(axis=0),
                }
            )
        )
    columns_of_table = ["stage", "platform", "nominal", "low", "high", "share_first"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns_of_table)


def mean_rank_shift(units: pd.DataFrame, nominal: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Return the mean absolute change of rank over platforms, per run (Saisana, Saltelli & Tarantola 2005)."""
    columns = units.index[(units["platform"] != "") & (units["stage"] == "")].to_numpy()
    shift = ranks_by_run(outputs[:, columns]) - ranks_by_run(nominal[None, columns])
    return np.abs(shift).mean(axis=1)
