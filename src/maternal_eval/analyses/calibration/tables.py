"""Verdicts of simulation-based calibration: are ranks uniform, do intervals cover as often as they say?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import binom

from maternal_eval.core.checks import Check, at_least, at_most
from maternal_eval.methods.sampling import rank_p_value

LARGEST_RHAT = 1.03
"""A replicate is sampled longer until its R-hat is at most this."""

COVERAGES = (0.5, 0.9)
"""Probabilities of the intervals whose coverage is counted."""

ALARM = 0.01
"""Probability that the calibration of a right fit is called failed (by ranks; and again by coverage)."""


def group_of(quantity: str) -> str:
    """Return the group that a quantity belongs to: its name without its number."""
    head = quantity.split()[0]
    return head if head in ("score", "change") else quantity.rstrip("0123456789 ")


def uniformity_table(ranks: pd.DataFrame, largest: int) -> pd.DataFrame:
    """Return how far the ranks of each quantity are from uniform.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, group, mean_rank (as a share of the largest; 0.5 if the posterior is neither too high nor too
        low), mcse, p (exact, over all places of the ECDF at once), p_holm (Holm 1979: over all quantities at once).
    """
    names = [str(name) for name in ranks]
    p = np.array([rank_p_value(ranks[name].to_numpy(), largest) for name in names])
    order = np.argsort(p, kind="stable")
    holm = np.empty(len(p))
    holm[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    # Standard deviation of a discrete uniform distribution on 0 … L, as a share of L.
    spread = np.sqrt(((largest + 1) ** 2 - 1) / 12.0) / largest
    return pd.DataFrame(
        {
            "quantity": names,
            "group": [group_of(name) for name in names],
            "mean_rank": ranks.mean().to_numpy() / largest,
            "mcse": spread / np.sqrt(len(ranks)),
            "p": p,
            "p_holm": holm,
        }
    )


def coverage_table(names: list[str], covered: np.ndarray) -> pd.DataFrame:
    """Return how often the intervals of the scores and changes covered the truth.

    Parameters
    ----------
    names
        Names of all quantities.
    covered
        Replicates × probabilities × quantities.

    Returns
    -------
    pandas.DataFrame
        One row per probability and quantity: quantity, group, probability, covered (share of the replicates), mcse,
        low, high (binomial limits that a right fit keeps), inside. The limits hold for all rows at once with
        probability 1 - :data:`ALARM` (Bonferroni).
    """
    size = len(covered)
    of_scores = [number for number, name in enumerate(names) if group_of(name) in ("score", "change")]
    tail = 0.5 * ALARM / (len(of_scores) * len(COVERAGES))
    rows = []
    for row, probability in enumerate(COVERAGES):
        low, high = binom.ppf([tail, 1.0 - tail], size, probability) / size
        mcse = np.sqrt(probability * (1.0 - probability) / size)
        for number in of_scores:
            share = float(covered[:, row, number].mean())
            inside = bool(low <= share <= high)
            rows.append((names[number], group_of(names[number]), probability, share, mcse, low, high, inside))
    return pd.DataFrame(rows, columns=["quantity", "group", "probability", "covered", "mcse", "low", "high", "inside"])


def calibration_checks(
    uniformity: pd.DataFrame, coverage: pd.DataFrame, sampler: pd.DataFrame, ranked_among: int
) -> list[Check]:
    """Return the verdicts: ranks, coverage, and whether the replicates were sampled well enough to judge.

    ``sampler`` has columns rhat, bulk_ess and divergences, a row per replicate.
    """
    worst = uniformity.iloc[int(uniformity["p_holm"].argmin())]
    outside = int((~coverage["inside"]).sum())
    unmixed = ~((sampler["rhat"] <= LARGEST_RHAT) & (sampler["bulk_ess"] >= ranked_among))
    divergent = int((sampler["divergences"] > 0).sum())
    mistake = "look for a mistake in prior, likelihood, gradient or sampler before using any interval of this model"
    return [
        at_least(
            "rank uniformity",
            float(worst["p_holm"]),
            ALARM,
            f"smallest p over {len(uniformity)} quantities, all at once (worst: {worst['quantity']})",
            remedy=mistake,
            table=uniformity,
        ),
        at_most(
            "coverage",
            outside,
            0.0,
            f"of {len(coverage)} coverages of scores and changes outside binomial limits that hold for all at once "
            f"with probability {1 - ALARM:.0%}",
            remedy=mistake,
            table=coverage,
            figure="coverage",
        ),
        at_most(
            "mixing",
            int(unmixed.sum()),
            0.0,
            f"of {len(sampler)} replicates with R-hat above {LARGEST_RHAT} or fewer effective draws than ranks need",
            remedy="sample the replicates longer (more tune and draws)",
            table=sampler,
        ),
        Check("divergences", "informational", float(divergent), None, f"of {len(sampler)} replicates with any"),
    ]
