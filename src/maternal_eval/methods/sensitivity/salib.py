"""SALib both ways: a model's inputs as a SALib problem, and the indices of this package on SALib's samples.

SALib's samplers draw every input uniformly between its bounds. Inputs here are uniform on 0–1 by design, and the
model turns them into weights on simplices and levels of choices; so any method of SALib runs on the model as it is. A
factor of several inputs (a sibling set) is a SALib group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from maternal_eval.core.arguments import numbers
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY
from maternal_eval.methods.sensitivity.design import SobolDesign
from maternal_eval.methods.sensitivity.pawn import SLICES, pawn
from maternal_eval.methods.sensitivity.sobol import SobolEstimates, sobol_indices

Problem = Mapping[str, Any]
"""A problem as SALib takes it: ``num_vars``, ``names``, ``bounds``, and ``groups`` where there are any."""


def salib_problem(factors: Mapping[str, int], *, groups: bool = True) -> dict[str, Any]:
    """Return independent factors of uniforms as a SALib problem.

    Parameters
    ----------
    factors
        Factor → number of its inputs.
    groups
        Whether the inputs of a factor belong together: for Sobol', Morris and the like. Methods on single inputs (PAWN,
        delta, HDMR) take the problem without.

    Examples
    --------
    >>> salib_problem({"weights": 2, "mean": 1})["names"]
    ['weights[0]', 'weights[1]', 'mean']
    """
    names = [name if count == 1 else f"{name}[{place}]" for name, count in factors.items() for place in range(count)]
    problem: dict[str, Any] = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    if groups:
        problem["groups"] = [name for name, count in factors.items() for _ in range(count)]
    return problem


def check_samples(problem: Problem, samples: np.ndarray) -> np.ndarray:
    """Return samples of a problem; refuse those of another.

    Raises
    ------
    InputError
        If they have another number of inputs, or leave the bounds.
    """
    samples = numbers(samples, "samples", ndim=2)
    bounds = np.asarray(problem["bounds"], dtype=float)
    if samples.shape[1] != len(bounds):
        raise InputError(
            "these are samples of another problem",
            found=f"{samples.shape[1]} inputs",
            expected=f"{len(bounds)}: {', '.join(map(str, problem['names']))}",
        )
    outside = (samples < bounds[:, 0]) | (samples > bounds[:, 1])
    if outside.any():
        row, column = (int(place[0]) for place in np.nonzero(outside))
        raise InputError(
            "these are samples of another problem: an input leaves its bounds",
            row=row,
            column=str(problem["names"][column]),
            found=float(samples[row, column]),
            expected=f"{bounds[column, 0]:g} to {bounds[column, 1]:g}",
        )
    return samples


def factors_of(problem: Problem) -> dict[str, int]:
    """Return factor → number of inputs of a problem; without groups every input is a factor.

    Raises
    ------
    InputError
        If the inputs of a group do not stand together.
    """
    groups = list(problem.get("groups") or problem["names"])
    factors: dict[str, int] = {}
    for place, name in enumerate(groups):
        if name in factors and groups[place - 1] != name:
            raise InputError("the inputs of a group have to stand together", found=name)
        factors[name] = factors.get(name, 0) + 1
    return factors


def sobol_of(
    problem: Problem,
    samples: np.ndarray,
    outputs: np.ndarray,
    *,
    second_order: bool = False,
    resamples: int = 1000,
    probability: float = PROBABILITY,
    seed: int | np.random.SeedSequence = 0,
) -> SobolEstimates:
    """Return this package's Sobol' indices of a model that was run on SALib's sample.

    Parameters
    ----------
    problem
        SALib's problem.
    samples
        What ``SALib.sample.sobol.sample`` returned (runs × inputs).
    outputs
        Of the model: runs, or runs × outputs.
    second_order
        ``calc_second_order`` of the sample.
    resamples, probability, seed
        See :func:`~maternal_eval.methods.sensitivity.sobol.analyse`.

    Raises
    ------
    InputError
        If the samples are those of another problem, not a Sobol' sample, or outputs and samples do not agree.
    """
    samples, factors = check_samples(problem, samples), factors_of(problem)
    outputs = _outputs(samples, outputs)
    width = (2 if second_order else 1) * len(factors) + 2
    if len(samples) % width:
        raise InputError(
            "this is no Sobol' sample of the problem",
            found=f"{len(samples)} runs",
            expected=f"a multiple of {width}: {len(factors)} factors, {'with' if second_order else 'without'} pairs",
        )
    points = samples.reshape(-1, width, samples.shape[1])
    of_factor = np.repeat(np.arange(len(factors)), list(factors.values()))
    moved = of_factor == np.arange(len(factors))[:, None]
    expected = np.where(moved, points[:, -1:], points[:, :1])
    if not np.array_equal(points[:, 1 : 1 + len(factors)], expected):
        raise InputError(
            "this is no Sobol' sample of the problem: runs do not exchange one factor after the other",
            expected="what SALib.sample.sobol.sample returned for this problem, in its order",
        )
    return sobol_indices(
        SobolDesign(factors, len(points), second_order),
        outputs,
        resamples=resamples,
        probability=probability,
        seed=seed,
    )


def pawn_of(problem: Problem, samples: np.ndarray, outputs: np.ndarray, slices: int = SLICES) -> pd.DataFrame:
    """Return this package's PAWN indices on any sample of a SALib problem: one row per input and output (position).

    Raises
    ------
    InputError
        If the samples are those of another problem, or outputs and samples do not agree.
    """
    samples = check_samples(problem, samples)
    found = pawn(samples, _outputs(samples, outputs), slices)
    names: Sequence[str] = [str(name) for name in problem["names"]]
    return pd.DataFrame(
        {
            "output": np.tile(np.arange(found.shape[1]), len(names)),
            "input": np.repeat(names, found.shape[1]),
            "pawn": found.ravel(),
        }
    )


def _outputs(samples: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    outputs = np.asarray(outputs, dtype=float)
    outputs = outputs[:, None] if outputs.ndim == 1 else outputs
    return numbers(outputs, "outputs", shape=(len(samples), None))
