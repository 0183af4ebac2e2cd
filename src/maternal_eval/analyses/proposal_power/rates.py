"""From replicates to rates: false proposals, found changes, coverage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from maternal_eval.core.intervals import PROBABILITY, normal_reach
from maternal_eval.methods.sampling import Replicate

RATES = {
    "any_false": ("Replicates with a false proposal", "出现错误建议的重复占比"),
    "false": ("False proposals per weight", "每个权重的错误建议率"),
    "any_false_kept": (
        "Replicates with a false proposal, held-out respondents too",
        "出现错误建议的重复占比（兼用留出检验）",
    ),
    "found": ("Replicates in which the raised weight is proposed", "提出所升权重的重复占比"),
    "found_kept": ("Raised weight proposed, held-out respondents too", "提出所升权重的重复占比（兼用留出检验）"),
    "held_out": ("Held-out condition holds", "留出条件成立的占比"),
    "coverage": ("Coverage of 90 % intervals", "90%区间覆盖率"),
    "coverage_raised": ("Coverage of the raised weight", "所升权重的区间覆盖率"),
}
"""Name of a rate → its names for readers.

A proposal is FALSE if the true weight has not moved itself beyond the region of practical equivalence of the static one
(:func:`~maternal_eval.methods.simplex_regression.own_change.moved_itself`), or to the other side; ``any_false`` counts
replicates with at least one, ``false`` proposals among all weights that ought not to be proposed. ``found`` is the
raised weight, proposed upwards. ``_kept``: only if the held-out condition holds as well.
"""


def rate_table(
    replicates: Sequence[Replicate],
    static: np.ndarray,
    raised: tuple[int, int],
    credible: float,
    margin: float,
) -> pd.DataFrame:
    """Return one row per rate: ``rate``, ``value``, ``low``, ``high``, ``mcse``.

    Parameters
    ----------
    replicates
        What :func:`~maternal_eval.analyses.proposal_power.replicate.replicate` returned.
    static
        Static weights.
    raised
        Stage and indicator of the weight that may be raised; rates about it are NaN where no truth differs there
        from the static weight by a move of its own beyond the region of practical equivalence.
    credible, margin
        As in the schedule.
    """
    stacked = {name: np.array([one[name] for one in replicates]) for name in replicates[0]}
    moves = stacked["moves"]
    upwards = stacked["mean"] > static
    proposed = stacked["probability"] >= credible
    false = proposed & (moves != np.where(upwards, 1.0, -1.0))
    ought = moves != 0
    holds = stacked["held_out"][:, 2] <= margin * stacked["held_out"][:, 0]
    place = (slice(None), *raised)
    is_raised = moves[place] > 0
    found = (proposed & upwards)[place]
    covered = (stacked["low"] <= stacked["truth"]) & (stacked["truth"] <= stacked["high"])
    any_false = false.any(axis=(1, 2))
    rows = {
        "any_false": _share(any_false),
        "false": _ratio(false.sum(axis=(1, 2)), (~ought).sum(axis=(1, 2))),
        "any_false_kept": _share(any_false & holds),
        "held_out": _share(holds),
        "coverage": _mean(covered.mean(axis=(1, 2))),
    }
    if is_raised.all():
        rows |= {
            "found": _share(found),
            "found_kept": _share(found & holds),
            "coverage_raised": _share(covered[place]),
        }
    absent = dict.fromkeys(("value", "low", "high", "mcse"), np.nan)
    return pd.DataFrame([{"rate": name, **rows.get(name, absent)} for name in RATES])


def _share(events: np.ndarray) -> dict[str, float]:
    """Return a share of replicates with its Clopper–Pearson interval; the error is that of Laplace's estimate."""
    count, size = int(events.sum()), events.size
    bounds = binomtest(count, size).proportion_ci(PROBABILITY, method="exact")
    smooth = (count + 1) / (size + 2)
    error = np.sqrt(smooth * (1 - smooth) / size)
    return {"value": count / size, "low": float(bounds.low), "high": float(bounds.high), "mcse": float(error)}


def _ratio(events: np.ndarray, chances: np.ndarray) -> dict[str, float]:
    """Return events per chance over all replicates; the error is that of the ratio of two means."""
    if not chances.any():
        return dict.fromkeys(("value", "low", "high", "mcse"), np.nan)
    value = events.sum() / chances.sum()
    return _mean(value + (events - value * chances) / chances.mean())


def _mean(values: np.ndarray) -> dict[str, float]:
    """Return a mean over replicates of shares of weights, with a normal interval between 0 and 1."""
    value, count = float(values.mean()), values.size
    error = float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else 1.0
    error = max(error, 1.0 / (count * 100.0))
    half = normal_reach() * error
    low, high = np.clip([value - half, value + half], 0.0, 1.0)
    return {"value": value, "low": float(low), "high": float(high), "mcse": error}
