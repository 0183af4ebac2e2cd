"""Draws of the compiled satisfaction model under the names of its PyMC model, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from maternal_eval.core.errors import InputError
from maternal_eval.methods.ordinal.model import SatisfactionModel
from maternal_eval.methods.pymc_models.ordinal import LATENT, coords_of, dims_of

CHAIN_DRAW = ("chain", "draw")


def named_draws(model: SatisfactionModel, x: np.ndarray, coords: Mapping[str, Sequence[Any]]) -> xr.Dataset:
    """Return draws as named variables: thresholds, coefficients, effects and latent spread.

    Parameters
    ----------
    model
        The model of counts.
    x
        Draws (chain, draw, parameter).
    coords
        Dimension → its levels, as for :func:`~maternal_eval.methods.pymc_models.ordinal.ordinal_model`.

    Returns
    -------
    xarray.Dataset
        In logits (standard deviations for probit), except ``latent_spread``, a ratio to the average stage.
    """
    levels = coords_of(model, coords)
    natural = model.parameters(x)
    found: dict[str, tuple[tuple[str, ...], np.ndarray]] = {"threshold": ((*CHAIN_DRAW, "cut"), natural.thresholds)}
    for factor in model.factors:
        dims = dims_of(factor.name)
        effects = model.effects(x, factor.name).reshape(*x.shape[:2], *(len(levels[dim]) for dim in dims))
        found[f"{factor.name}_coefficient"] = ((*CHAIN_DRAW, f"{factor.name}_step"), x[..., model.blocks[factor.name]])
        found[f"{factor.name}_effect"] = ((*CHAIN_DRAW, *dims), effects)
    if model.scale_basis.shape[1]:
        found[f"{LATENT}_coefficient"] = ((*CHAIN_DRAW, f"{LATENT}_step"), x[..., model.blocks["log_scale"]])
        found["latent_spread"] = ((*CHAIN_DRAW, "stage"), np.exp(natural.log_scale))
    used = {dim for dims, _ in found.values() for dim in dims}
    return xr.Dataset(found, coords={name: values for name, values in levels.items() if name in used})


def vectors(model: SatisfactionModel, posterior: xr.Dataset) -> np.ndarray:
    """Return draws of the PyMC model as vectors of the compiled one (chain, draw, parameter).

    Raises
    ------
    InputError
        If a variable is missing: these are draws of another model.
    """
    x = np.empty((posterior.sizes["chain"], posterior.sizes["draw"], len(model.names)))
    for name, block in model.blocks.items():
        if block.start == block.stop:
            continue
        variable = {"threshold": "threshold", "log_scale": f"{LATENT}_coefficient"}.get(name, f"{name}_coefficient")
        if variable not in posterior:
            raise InputError(
                "these are draws of another model", found=", ".join(map(str, posterior)), expected=variable
            )
        x[..., block] = posterior[variable].transpose(*CHAIN_DRAW, ...).to_numpy()
    if model.family.ordered_thresholds:
        last = model.thresholds
        x[..., 1:last] = np.log(np.diff(x[..., :last], axis=-1))
        x[..., 0] += 0.5 * (last - 1)
    return x
