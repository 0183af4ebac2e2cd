"""A PyMC model against the compiled density of the same posterior: log density and gradient at some points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import pymc


def agreement(
    graph: pymc.Model,
    density: Callable[[np.ndarray], tuple[float, np.ndarray]],
    point_of: Callable[[np.ndarray], Mapping[str, np.ndarray]],
    points: Sequence[np.ndarray],
    mode: str = "FAST_COMPILE",
) -> pd.DataFrame:
    """Return both log densities and how far their gradients are apart, at each point.

    Densities are known up to a constant, so each is shown less its value at the first point.

    Parameters
    ----------
    graph
        The PyMC model.
    density
        Vector → log density and gradient, of the compiled code.
    point_of
        Vector → the same point in the coordinates of PyMC's transforms, by value variable; it may shift coordinates
        and leaves their order as it is.
    points
        At least two vectors.
    mode
        PyTensor's mode; the default compiles in seconds.

    Returns
    -------
    pandas.DataFrame
        Columns point, compiled, pymc (log density less that of the first point), difference (relative to the larger
        of 1 and the value), gradient (largest difference of a derivative, relative to the longest derivative).
    """
    value, slope = graph.compile_logp(mode=mode), graph.compile_dlogp(mode=mode)
    rows = []
    for x in points:
        ours, by_x = density(x)
        at = dict(point_of(x))
        theirs, by_point = float(value(at)), np.asarray(slope(at))
        rows.append((ours, theirs, float(np.abs(by_x - by_point).max() / max(1.0, np.abs(by_x).max()))))
    base = rows[0]
    table = []
    for number, (ours, theirs, gradient) in enumerate(rows):
        one, other = ours - base[0], theirs - base[1]
        table.append((number, one, other, abs(one - other) / max(1.0, abs(ours)), gradient))
    return pd.DataFrame(table, columns=["point", "compiled", "pymc", "difference", "gradient"])
