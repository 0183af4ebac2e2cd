r"""Sobol' indices of groups of independent inputs, with joint bootstrap intervals.

The sample is SALib's (Saltelli's scheme on a scrambled Sobol' sequence); the estimators are those of SALib's
``analyze`` (first order: Saltelli et al. 2010; total: Jansen 1999), on the output standardised over all runs:

.. math:: S_i = \frac{\frac1N \sum f_B (f_{AB_i} - f_A)}{V}, \qquad
          T_i = \frac{\frac1{2N} \sum (f_A - f_{AB_i})^2}{V}, \qquad V = \operatorname{var}(f_A, f_B).

All indices of all outputs are resampled with the same rows at once: one matrix product of the resampling counts
with the terms of the sums. Intervals are percentiles of the resamples (SALib's are normal half-widths).

An input that the model does not use has indices of exactly 0 in this scheme, which says nothing about noise. The
noise floor ("dummy") is therefore estimated from the products of :math:`f_A` and :math:`f_B` alone, which hold
independent inputs (Khorashadi Zadeh et al. 2017; as in the R package sensobol): it costs no run, and an index
inside its interval cannot be told from zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from SALib.sample import sobol as salib_sobol

from maternal_eval.errors import InputError
from maternal_eval.intervals import PROBABILITY, interval
from maternal_eval.randomness import Seed, generator

DUMMY = "dummy"
"""Name of the noise floor among the factors."""

CONSTANT = 1e-12
"""Spread of an output relative to its size below which it counts as constant: rounding, not variation."""


@dataclass(frozen=True)
class SobolSample:
    """Runs of the model that Sobol' indices are computed from.

    Attributes
    ----------
    points
        Runs × inputs, uniform on (0, 1), in SALib's order: A, AB_1 … AB_G, B for each of the N base points.
    groups
        Number of inputs of each factor, by name, in the order of the columns.
    base
        N.
    """

    points: np.ndarray
    groups: dict[str, int]
    base: int

    @property
    def independent(self) -> np.ndarray:
        """Positions of the 2 N runs that are independent draws (A and B)."""
        block = np.arange(self.base)[:, None] * (len(self.groups) + 2)
        return (block + np.array([0, len(self.groups) + 1])).ravel()


def sample_groups(groups: Mapping[str, int], base: int, seed: Seed) -> SobolSample:
    """Return the sample for factors that consist of several inputs each.

    Parameters
    ----------
    groups
        Factor → number of inputs in it. Inputs of different factors are independent.
    base
        N, a power of two; the model runs N × (factors + 2) times.
    seed
        0 is a seed like any other.

    Raises
    ------
    InputError
        If N is not a power of two, or there is no factor.
    """
    if base < 2 or base & (base - 1):
        raise InputError("the size of a Sobol' sample has to be a power of two", found=base, expected="e.g. 1024")
    if not groups or min(groups.values()) < 1:
        raise InputError("Sobol' indices need factors with at least one input each", found=dict(groups))
    members = [name for name, count in groups.items() for _ in range(count)]
    problem = {
        "num_vars": len(members),
        "names": [f"u{position}" for position in range(len(members))],
        "bounds": [[0.0, 1.0]] * len(members),
        "groups": members,
    }
    points = salib_sobol.sample(problem, base, calc_second_order=False, seed=generator(seed))
    if len(groups) == 1:
        # SALib takes a single group for no groups at all; AB of the only factor is B.
        points = points.reshape(base, len(members) + 2, -1)[:, [0, -1, -1]].reshape(3 * base, -1)
    return SobolSample(points, dict(groups), base)


def evaluate(model: Callable[[np.ndarray], np.ndarray], sample: SobolSample) -> np.ndarray:
    """Return the model's outputs (runs × outputs) on the sample.

    Raises
    ------
    InputError
        If the model returns the wrong number of rows or a number that is not finite: names the run.
    """
    outputs = np.asarray(model(sample.points), dtype=float)
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    if outputs.shape[0] != sample.points.shape[0]:
        raise InputError(
            "the model returned the wrong number of runs", found=outputs.shape[0], expected=sample.points.shape[0]
        )
    bad = ~np.isfinite(outputs)
    if bad.any():
        run, output = (int(position[0]) for position in np.nonzero(bad))
        raise InputError(
            "the model returned a number that is not finite",
            row=f"run {run}",
            column=f"output {output}",
            found=outputs[run, output],
        )
    return outputs


def constant_outputs(outputs: np.ndarray) -> np.ndarray:
    """Return which outputs (columns of runs × outputs) do not vary: their indices are undefined."""
    return np.ptp(outputs, axis=0) <= CONSTANT * np.maximum(1.0, np.abs(outputs).max(axis=0))


def sobol_indices(
    sample: SobolSample,
    outputs: np.ndarray,
    *,
    resamples: int = 1000,
    probability: float = PROBABILITY,
    seed: Seed = 0,
) -> pd.DataFrame:
    """Return first and total indices of every factor for every output.

    Parameters
    ----------
    sample
        The sample that the outputs were computed on.
    outputs
        Runs × outputs.
    resamples
        Bootstrap resamples of the N base points; 0 for none (intervals are then empty).
    probability
        Content of the percentile intervals.

    Returns
    -------
    pandas.DataFrame
        One row per output (its position) and factor, the noise floor last: ``first``, ``first_low``,
        ``first_high``, ``total``, ``total_low``, ``total_high``, and their bootstrap standard errors.

    Raises
    ------
    InputError
        If an output does not vary: its indices are undefined.
    """
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    constant = constant_outputs(outputs)
    if constant.any():
        raise InputError(
            "an output does not vary, so its Sobol' indices are undefined",
            column=f"output {int(np.argmax(constant))}",
        )
    standard = (outputs - outputs.mean(axis=0)) / outputs.std(axis=0)
    blocks = standard.reshape(sample.base, len(sample.groups) + 2, -1)
    first, total = _indices(np.full((1, sample.base), 1.0 / sample.base), blocks)
    columns = {"first": first[0], "total": total[0]}
    if resamples:
        random = generator(seed)
        shares = random.multinomial(sample.base, np.full(sample.base, 1.0 / sample.base), size=resamples)
        draws = dict(zip(("first", "total"), _indices(shares / sample.base, blocks), strict=True))
    else:
        draws = {name: np.full((1, *values.shape), np.nan) for name, values in columns.items()}
    table = pd.MultiIndex.from_product(
        [range(outputs.shape[1]), [*sample.groups, DUMMY]], names=["output", "factor"]
    ).to_frame(index=False)
    for name, values in columns.items():
        low, high = interval(draws[name], probability=probability)
        table[name] = values.ravel()
        table[f"{name}_low"], table[f"{name}_high"] = low.ravel(), high.ravel()
        table[f"{name}_error"] = draws[name].std(axis=0).ravel()
    return table


def _indices(shares: np.ndarray, blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return first and total indices (resamples × outputs × factors) for shares of the base points.

    Parameters
    ----------
    shares
        Resamples × base points; every row sums to 1.
    blocks
        Base points × (A, AB_1 … AB_G, B) × outputs.
    """
    base, width, count = blocks.shape
    a, ab, b = blocks[:, :1], blocks[:, 1:-1], blocks[:, -1:]
    terms = np.concatenate(
        [b * (ab - a), 0.5 * (a - ab) ** 2, 0.5 * (a + b), 0.5 * (a**2 + b**2), a * b, a, b, b**2], axis=1
    )
    factors = width - 2
    means = (shares @ terms.reshape(base, -1)).reshape(len(shares), -1, count)
    centre, square, product, mean_a, mean_b, square_b = np.moveaxis(means[:, 2 * factors :], 1, 0)
    variance = square - centre**2
    first = means[:, :factors] / variance[:, None]
    total = means[:, factors : 2 * factors] / variance[:, None]
    floor_first = (product - mean_a * mean_b) / variance
    floor_total = 1.0 - (square_b - mean_a * mean_b) / variance
    first = np.concatenate([first, floor_first[:, None]], axis=1)
    total = np.concatenate([total, floor_total[:, None]], axis=1)
    return first.transpose(0, 2, 1), total.transpose(0, 2, 1)
