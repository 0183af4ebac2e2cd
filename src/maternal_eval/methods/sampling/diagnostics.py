"""Diagnostics of a fit as check objects, and the gates that fail loudly.

All figures come from arrays (the rank-normalised statistics of Vehtari et al. 2021), never from a formatted
summary, whose values are rounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from maternal_eval.core.checks import Check, at_least, at_most, check_table, short
from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods.sampling.sampling import POSTERIOR, STATISTICS


@dataclass(frozen=True)
class Gates:
    """Limits that a fit has to keep.

    Attributes
    ----------
    rhat
        Largest rank-normalised split R-hat allowed (smaller is better; 1 where chains agree).
    bulk_ess, tail_ess
        Smallest effective sample size allowed in the bulk and in the tails (larger is better).
    divergences
        Largest number of divergent transitions allowed.
    ebfmi
        Smallest E-BFMI allowed in any chain (Betancourt 2016; larger is better).
    """

    rhat: float = 1.01
    bulk_ess: float = 400.0
    tail_ess: float = 400.0
    divergences: int = 0
    ebfmi: float = 0.3


@dataclass(frozen=True)
class Diagnostics:
    """What the chains say about themselves.

    Attributes
    ----------
    rhat
        Largest R-hat of all quantities.
    bulk_ess, tail_ess
        Smallest effective sample sizes of all quantities.
    divergences
        Number of divergent transitions after adaptation.
    ebfmi
        Smallest E-BFMI of all chains.
    worst
        Names of the quantities with the smallest bulk effective sample size, worst first.
    chains, draws
        Number of chains and of draws in each.
    quantities
        Number of quantities looked at.
    """

    rhat: float
    bulk_ess: float
    tail_ess: float
    divergences: int
    ebfmi: float
    worst: tuple[str, ...]
    chains: int
    draws: int
    quantities: int
    gates: Gates = Gates()

    @property
    def passed(self) -> bool:
        """Whether every gate is kept."""
        return all(check.passed for check in self.checks())

    def checks(self) -> tuple[Check, ...]:
        """Return one check per gate, and what else should be known."""
        gates, worst = self.gates, ", ".join(self.worst)
        return (
            at_most("R-hat", self.rhat, gates.rhat, "largest of all quantities; the chains agree if near 1"),
            at_least("bulk ESS", self.bulk_ess, gates.bulk_ess, f"smallest of all quantities (worst: {worst})"),
            at_least("tail ESS", self.tail_ess, gates.tail_ess, "smallest of all quantities"),
            at_most("divergences", self.divergences, gates.divergences, "transitions after adaptation"),
            at_least("E-BFMI", self.ebfmi, gates.ebfmi, "smallest of all chains"),
            Check(
                "draws",
                "informational",
                float(self.chains * self.draws),
                None,
                f"{self.chains} chains of {self.draws} draws, {self.quantities} quantities",
            ),
        )

    def table(self) -> pd.DataFrame:
        """Return the checks, one per row: check, status, value, threshold, text."""
        return check_table(self.checks())


def diagnose(draws: xr.DataTree | xr.Dataset, gates: Gates | None = None, worst: int = 3) -> Diagnostics:
    """Compute the diagnostics of a fit.

    Parameters
    ----------
    draws
        What :func:`maternal_eval.methods.sampling.sample` returned, or a data set of quantities with dimensions
        ``chain`` and ``draw`` (divergences are then 0 and E-BFMI is infinite: nothing is known of them).
        A quantity that is the same number in all draws is fixed by construction and left out.
    gates
        Limits to be kept.
    worst
        How many of the quantities with the fewest effective draws to name.

    Raises
    ------
    DiagnosticsError
        If there are fewer than two chains or four draws, or draws are not finite.
    """
    from arviz_stats.base import array_stats

    data = draws[POSTERIOR].to_dataset() if isinstance(draws, xr.DataTree) else draws
    names, values = _quantities(data)
    chains, count = values.shape[1:]
    if chains < 2 or count < 4:
        raise DiagnosticsError(f"diagnostics need at least 2 chains of 4 draws, found {chains} of {count}")
    if not np.isfinite(values).all():
        bad = names[int(np.argmin(np.isfinite(values).all(axis=(1, 2))))]
        raise DiagnosticsError(f"the draws of {bad} are not finite: the model has no proper posterior there")
    bulk = np.asarray(array_stats.ess(values, chain_axis=1, draw_axis=2, method="bulk"))
    tail = np.asarray(array_stats.ess(values, chain_axis=1, draw_axis=2, method="tail", prob=0.9))
    rhat = np.asarray(array_stats.rhat(values, chain_axis=1, draw_axis=2, method="rank"))
    divergences, ebfmi = _sampler_statistics(draws, array_stats)
    return Diagnostics(
        rhat=float(rhat.max()),
        bulk_ess=float(bulk.min()),
        tail_ess=float(tail.min()),
        divergences=divergences,
        ebfmi=ebfmi,
        # what cannot be computed (a chain that stands still) is worse than any number
        worst=tuple(names[index] for index in np.argsort(np.nan_to_num(bulk, nan=-1.0), kind="stable")[:worst]),
        chains=chains,
        draws=count,
        quantities=len(names),
        gates=gates or Gates(),
    )


def require(diagnostics: Diagnostics, what: str) -> Diagnostics:
    """Return ``diagnostics`` if every gate is kept.

    Raises
    ------
    DiagnosticsError
        Otherwise: one sentence with what failed and what to do about it.
    """
    failed = [check for check in diagnostics.checks() if not check.passed]
    if not failed:
        return diagnostics
    found = ", ".join(f"{check.name} {short(check.value)} (limit {short(check.threshold)})" for check in failed)
    if diagnostics.divergences > diagnostics.gates.divergences:
        remedy = "raise target_accept or tighten the prior scales"
    elif diagnostics.ebfmi < diagnostics.gates.ebfmi:
        remedy = "tighten the prior scales: the data say too little about a scale"
    else:
        remedy = "sample longer (more tune and draws)"
    raise DiagnosticsError(
        f"the fit of {what} must not be used: {found}; worst quantities {', '.join(diagnostics.worst)}; {remedy}"
    )


def _quantities(data: xr.Dataset) -> tuple[list[str], np.ndarray]:
    """Return the names of all scalar quantities and their draws (quantity, chain, draw)."""
    names: list[str] = []
    blocks: list[np.ndarray] = []
    for variable, array in data.data_vars.items():
        rest = [str(dim) for dim in array.dims if dim not in ("chain", "draw")]
        ordered = array.transpose(*rest, "chain", "draw")
        shape = ordered.shape[: len(rest)]
        labels = [[str(label) for label in array[dim].values] for dim in rest]
        for index in np.ndindex(*shape):
            inside = ", ".join(labels[axis][position] for axis, position in enumerate(index))
            names.append(f"{variable}[{inside}]" if rest else str(variable))
        blocks.append(np.asarray(ordered.values, dtype=float).reshape(-1, *ordered.shape[len(rest) :]))
    values = np.concatenate(blocks)
    moving = ~(values == values[:, :1, :1]).all(axis=(1, 2))
    if not moving.any():
        raise DiagnosticsError("no quantity moves: the chains are stuck or nothing was sampled")
    return [name for name, keep in zip(names, moving, strict=True) if keep], values[moving]


def _sampler_statistics(draws: xr.DataTree | xr.Dataset, array_stats: Any) -> tuple[int, float]:
    if not isinstance(draws, xr.DataTree):
        return 0, math.inf
    statistics = draws[STATISTICS]
    energy = np.asarray(statistics["energy"].transpose("chain", "draw").values, dtype=float)
    ebfmi = array_stats.bfmi(energy, chain_axis=0, draw_axis=1)
    return int(statistics["diverging"].sum()), float(np.min(ebfmi))
