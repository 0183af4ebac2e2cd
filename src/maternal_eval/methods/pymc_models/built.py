"""A Bayesian model with the data of one study: its PyMC graph, its agreement with the compiled code, its draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import xarray as xr

from maternal_eval.core.progress import Progress
from maternal_eval.methods.pymc_models.changes import NONE, Changes

if TYPE_CHECKING:
    import pandas as pd
    import pymc

GROUPS = {
    "posterior": "draws from the posterior",
    "prior": "draws from the prior",
    "posterior_predictive": "replicated answers",
    "prior_predictive": "replicated answers before the answers speak",
    "log_likelihood": "by cell: leave-one-out on it leaves out a cell, and not a respondent",
    "log_prior": "for power scaling",
    "observed_data": "what was answered",
    "sample_stats": "what the sampler says of each draw",
}
"""Groups of draws, and what they hold."""


class Built(Protocol):
    """A model at one study's data."""

    def graph(self, *, rows: bool = False, changes: Changes = NONE) -> pymc.Model:
        """Return the PyMC model, on counts by cell or on single answers."""

    def agreement(self, points: int = 4, *, rows: bool = False) -> pd.DataFrame:
        """Return log density and gradient of the graph beside those of the compiled code."""

    def draws(self, progress: Progress | None = None) -> xr.DataTree:
        """Return draws of the compiled code under the names of the graph."""


def tidy(tree: xr.DataTree, **attributes: Any) -> xr.DataTree:
    """Return draws without times of making and without what no file format can hold.

    Coordinates of words are text, not objects; ``attributes`` are those of the whole.
    """
    groups = {}
    for name, node in tree.children.items():
        data = node.to_dataset()
        objects = [key for key, one in data.data_vars.items() if one.dtype == object]
        data = data.drop_vars(objects)
        texts = {key: data[key].astype(str) for key in data.coords if data[key].dtype == object}
        data = data.assign_coords(texts)
        data.attrs = {key: value for key, value in data.attrs.items() if key != "created_at"}
        groups[name] = data
    found = xr.DataTree.from_dict(groups)
    found.attrs = attributes
    return found
