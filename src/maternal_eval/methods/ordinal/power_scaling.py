"""How much the results owe to the prior and to the answers: power-scaling sensitivity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.methods.ordinal.model import SatisfactionModel

SENSITIVE = 0.05
"""Sensitivity above which a result depends on what was scaled (Kallioinen et al. 2024)."""


def sensitivity_table(model: SatisfactionModel, x: np.ndarray, quantities: xr.Dataset) -> pd.DataFrame:
    """Return the sensitivity of quantities to power-scaling the prior and the likelihood.

    Prior and likelihood are raised to a power near 1; the sensitivity is the speed at which the posterior of a quantity
    moves, in cumulative Jensen-Shannon distance per doubling (Kallioinen et al. 2024, by importance sampling).

    Parameters
    ----------
    x
        Draws (chain, draw, parameter).
    quantities
        Draws of scalar quantities (chain, draw).

    Returns
    -------
    pandas.DataFrame
        Columns quantity, prior, likelihood. A prior sensitivity above 0.05 together with a likelihood sensitivity above
        it speaks of a conflict, without it of answers that say little.
    """
    from arviz_stats import psense

    flat = x.reshape(-1, x.shape[-1])
    log = {"log_prior": model.log_prior, "log_likelihood": model.log_likelihood}
    groups = {
        name: xr.Dataset({"total": (("chain", "draw"), np.array([f(row)[0] for row in flat]).reshape(x.shape[:2]))})
        for name, f in log.items()
    }
    tree = xr.DataTree.from_dict({"posterior": quantities, **groups})
    found = {group: psense(tree, group=group, sample_dims=["chain", "draw"]) for group in ("prior", "likelihood")}
    names = [str(name) for name in quantities.data_vars]
    return pd.DataFrame(
        {"quantity": names, **{group: [float(table[name]) for name in names] for group, table in found.items()}}
    )
