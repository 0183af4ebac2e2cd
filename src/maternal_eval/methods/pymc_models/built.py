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


def variables(graph: pymc.Model) -> pd.DataFrame:
    """Return the variables of a PyMC model as a table, in the order in which they were made.

    Returns
    -------
    pandas.DataFrame
        Columns variable, part (prior: a number of ``[model]``; unknown: sampled; derived; observed), distribution (the
        value of a prior), dimensions, size.
    """
    import pandas as pd

    parts = {one.name: "unknown" for one in graph.free_RVs} | {one.name: "observed" for one in graph.observed_RVs}
    parts |= {one.name: "derived" for one in graph.deterministics}
    rows = []
    for name, variable in graph.named_vars.items():
        part = parts.get(name)
        dims = tuple(str(dim) for dim in graph.named_vars_to_dims.get(name, ()) if dim is not None)
        size = 1
        for dim in dims:
            size *= len(graph.coords[dim] or ())
        said = ""
        if part in ("unknown", "observed"):
            said = str(getattr(variable.owner.op, "_print_name", [""])[0])
        elif name in [one.name for one in graph.data_vars]:
            part, said = "prior", f"{float(variable.get_value()):g}"
        if part is not None:
            rows.append((name, part, said, ", ".join(dims), size))
    return pd.DataFrame(rows, columns=["variable", "part", "distribution", "dimensions", "size"])


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
