"""From answer probabilities of cells to those of stages and periods."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.margins import margin_arrays, rake
from maternal_eval.core.intervals import interval
from maternal_eval.methods.ordinal.leave_one_out import cell_probabilities
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.ordinal.summaries import monte_carlo_error

_CHUNK = 2_000_000
"""Number of cell probabilities computed at once: bounds the memory, whatever the number of cells."""


def cell_shares(cells: xr.Dataset, margins: Mapping[str, Mapping[str, float]]) -> np.ndarray:
    """Return the share of each cell in its stage and period, raked to ``margins`` if there are any.

    Cells without answers take part with the share of their level (``cell_counts`` makes them when it is given the
    margins).
    """
    if not margins:
        return cells["share"].to_numpy()
    share = cells["start" if "start" in cells else "share"].to_numpy()
    domain = cells["stage_index"].to_numpy() * cells.sizes["period"] + cells["period_index"].to_numpy()
    return rake(share, domain, margin_arrays(cells, margins))


def composition_table(
    model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset, margins: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Return the expected answer of each stage in the last period under each composition of the respondents.

    Returns
    -------
    pandas.DataFrame
        Columns composition (``answers``: as they answered; ``weights``: by survey weights; ``margins``: raked to the
        stated margins), stage, period, score, low, high, mcse.
    """
    last = cells.isel(cell=cells["period_index"].to_numpy() == cells.sizes["period"] - 1)
    counts = last["answers"].sum("answer").to_numpy().astype(float)
    stage = last["stage_index"].to_numpy()
    total = np.bincount(stage, counts, minlength=cells.sizes["stage"])[stage]
    weights = last["share"].to_numpy()
    compositions = {"answers": np.divide(counts, total, out=weights.copy(), where=total > 0), "weights": weights}
    if margins:
        compositions["margins"] = cell_shares(last, margins)
    inside = np.flatnonzero(cells["period_index"].to_numpy() == cells.sizes["period"] - 1)
    chance = cell_probabilities(model, x.reshape(-1, x.shape[-1]), inside) @ cells["answer"].to_numpy().astype(float)
    rows = []
    for name, share in compositions.items():
        for number, level in enumerate(cells["stage"].values):
            score = (chance[:, stage == number] @ share[stage == number]).reshape(x.shape[:2])
            low, high = interval(score, axis=(0, 1))
            period = int(cells["period"].values[-1])
            error = float(monte_carlo_error(score))
            rows.append((name, str(level), period, float(score.mean()), float(low), float(high), error))
    return pd.DataFrame(rows, columns=["composition", "stage", "period", "score", "low", "high", "mcse"])


def stage_shares(cells: xr.Dataset) -> np.ndarray:
    """Return the weighted share of each stage in each period (stages × periods).

    A period without answers gets the shares of all other periods together.
    """
    weight = np.zeros((cells.sizes["stage"], cells.sizes["period"]))
    np.add.at(
        weight,
        (cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()),
        cells["weighted"].sum("answer").to_numpy(),
    )
    weight[:, weight.sum(axis=0) == 0] = weight.sum(axis=1, keepdims=True)
    return weight / weight.sum(axis=0)


def predicted_share(cells: xr.Dataset, share: np.ndarray) -> np.ndarray:
    """Return which share of the population nobody answered for, by stage and period, then by period over all stages.

    Parameters
    ----------
    cells
        Counts by cell, with margins.
    share
        Share of each cell in its stage and period.
    """
    by_stage = np.zeros((cells.sizes["stage"], cells.sizes["period"]))
    place = cells["stage_index"].to_numpy(), cells["period_index"].to_numpy()
    np.add.at(by_stage, place, np.where(cells["stratum"].to_numpy() > 0, share, 0.0))
    return np.concatenate([by_stage.ravel(), (by_stage * stage_shares(cells)).sum(axis=0)])


def pooled_probabilities(model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset, share: np.ndarray) -> xr.Dataset:
    """Average the answer probabilities of cells over stages and periods.

    Parameters
    ----------
    model
        The model of ``cells``.
    x
        Draws (chain, draw, parameter).
    cells
        Counts by cell.
    share
        Share of each cell in its stage and period; adds up to 1 there.

    Returns
    -------
    xarray.Dataset
        ``by_stage`` (chain, draw, stage, period, answer) and ``overall`` (chain, draw, period, answer), the latter
        averaged over the stages as they share the weighted sample of the period.
    """
    chains, draws, _ = x.shape
    stages, periods, answers = cells.sizes["stage"], cells.sizes["period"], cells.sizes["answer"]
    domain = cells["stage_index"].to_numpy() * periods + cells["period_index"].to_numpy()
    averaging = np.zeros((stages * periods, len(domain)))
    averaging[domain, np.arange(len(domain))] = share
    flat = x.reshape(chains * draws, -1)
    pooled = np.empty((chains * draws, stages * periods, answers))
    step = max(1, _CHUNK // max(1, len(domain) * answers))
    for first in range(0, len(flat), step):
        pooled[first : first + step] = averaging @ model.probabilities(flat[first : first + step])
    by_stage = pooled.reshape(chains, draws, stages, periods, answers)
    overall = np.einsum("cdspk,sp->cdpk", by_stage, stage_shares(cells))
    coordinates = {name: cells[name].to_numpy() for name in ("stage", "period", "answer")}
    return xr.Dataset(
        {
            "by_stage": (("chain", "draw", "stage", "period", "answer"), by_stage),
            "overall": (("chain", "draw", "period", "answer"), overall),
        },
        coords={name: (name, values) for name, values in coordinates.items()},
    )
