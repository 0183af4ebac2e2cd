"""What of a change is change: the first and the last period compared in one composition of the respondents.

Where other cities, platforms or stages answer in the last period than in the first, the expected answer moves though
nobody's answer did. Direct standardisation takes that out: both periods are weighed by the shares of the last one
(Kitagawa 1955, *JASA* 50); what is left of the plain change is owed to the composition.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.analyses.satisfaction.poststratification import stage_shares
from maternal_eval.core.intervals import interval
from maternal_eval.methods.ordinal.model import SatisfactionModel

COLUMNS = ["standardised", "standardised_low", "standardised_high", "composition"]


def with_standardised(
    changes: pd.DataFrame, model: SatisfactionModel, x: np.ndarray, cells: xr.Dataset, share: np.ndarray
) -> pd.DataFrame:
    """Return the table of changes with the change in the last period's composition beside each.

    Parameters
    ----------
    changes
        From first to last period, a row per stage and one for all, in the order of the stages.
    model, x
        The model of ``cells`` and draws (chain, draw, parameter).
    cells, share
        Counts by cell, and the share of each in its stage and period.

    Returns
    -------
    pandas.DataFrame
        Further columns ``standardised`` with ``standardised_low`` and ``standardised_high`` (equal-tailed), and
        ``composition`` (plain less standardised change), all on the scale of the answers. For all stages together the
        stages too have the shares of the last period.
    """
    if changes.empty:
        return changes.assign(**dict.fromkeys(COLUMNS, np.array([])))
    periods = cells["period"].to_numpy()
    first, last = (int(np.flatnonzero(periods == changes[name].iloc[0])[0]) for name in ("first", "last"))
    chosen = np.flatnonzero(cells["period_index"].to_numpy() == last)
    answers = cells["answer"].to_numpy().astype(float)
    stage = cells["stage_index"].to_numpy()[chosen]
    flat = x.reshape(-1, x.shape[-1])
    rise = (_at(model, chosen, last, len(periods)).probabilities(flat) @ answers) - (
        _at(model, chosen, first, len(periods)).probabilities(flat) @ answers
    )
    of_stage = np.zeros((len(chosen), cells.sizes["stage"]))
    of_stage[np.arange(len(chosen)), stage] = share[chosen]
    by_stage = rise @ of_stage
    together = by_stage @ stage_shares(cells)[:, last]
    draws = np.column_stack([by_stage, together])
    low, high = interval(draws)
    mean = draws.mean(axis=0)
    parts = dict(zip(COLUMNS, (mean, low, high, changes["change"].to_numpy() - mean), strict=True))
    return changes.assign(**parts)


def _at(model: SatisfactionModel, cells: np.ndarray, period: int, periods: int) -> SatisfactionModel:
    """Return the model of some cells as if they had answered in another period."""
    factors = []
    for factor in model.factors:
        level = factor.level[cells]
        if factor.name == "period":
            level = np.full(len(cells), period, dtype=np.int64)
        elif factor.name == "stage_period":
            level = level // periods * periods + period
        factors.append(replace(factor, level=level))
    return replace(model, counts=model.counts[cells], stage=model.stage[cells], factors=tuple(factors))
