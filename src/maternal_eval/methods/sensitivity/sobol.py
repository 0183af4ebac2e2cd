"""Sobol' indices of groups of independent inputs, with joint bootstrap intervals: here or on a cluster.

``analyse`` runs a model and gives its indices; ``sobol_indices`` does so for outputs at hand. Both work block by
block within a stated amount of memory, and both give the same numbers with a Dask client as without one and with any
number of threads (:mod:`maternal_eval.core.threads`), to the last bit on processors of one kind with the same packages.
Formulas are in :mod:`~maternal_eval.methods.sensitivity.estimator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.core.arguments import probability as content
from maternal_eval.core.errors import InputError
from maternal_eval.core.intervals import PROBABILITY, interval
from maternal_eval.core.randomness import generator, named, spawn
from maternal_eval.methods.sensitivity.cluster import Workers
from maternal_eval.methods.sensitivity.design import Model, SobolDesign
from maternal_eval.methods.sensitivity.estimator import (
    block_sums,
    indices_from_means,
    pairs,
    resample_counts,
    resample_totals,
    term_count,
)

if TYPE_CHECKING:
    from distributed import Client

DUMMY = "dummy"
"""Name of the noise floor among the factors."""

CONSTANT = 1e-12
"""Spread of an output relative to its size below which it counts as constant: rounding, not variation."""

BLOCK = 1024
"""Base points of a block: large enough for fast matrix products, small enough to be spread over workers."""

MEMORY = 256 * 2**20
"""Bytes that the sums of a group of outputs and their terms in one block may take; more outputs take turns."""


@dataclass(frozen=True)
class SobolEstimates:
    """Sobol' indices of all factors (the noise floor last) for all outputs.

    All resamples draw the same base points for every index of every output, so that what compares indices (which is
    largest, how their order changes) has a distribution too.

    Attributes
    ----------
    factors
        Names, without the noise floor.
    first, total, second
        Statistic ("value", "low", "high", "error") → outputs × factors with the noise floor, or × pairs (j < k).
        Intervals are percentiles of the resamples, ``error`` is their standard deviation. NaN where not defined.
    largest
        Outputs × factors: share of the resamples in which the factor has the largest total index.
    unrest
        Per output: how much the order of the total indices changes between two resamples; see
        :func:`ranking_unrest`.
    defined
        Per output: False where it does not vary, or so rarely that some resample is constant.
    base
        N.
    """

    factors: tuple[str, ...]
    first: dict[str, np.ndarray]
    total: dict[str, np.ndarray]
    second: dict[str, np.ndarray]
    largest: np.ndarray
    unrest: np.ndarray
    defined: np.ndarray
    base: int

    def table(self) -> pd.DataFrame:
        """Return one row per output (its position) and factor, the noise floor last."""
        names = [*self.factors, DUMMY]
        outputs = len(self.defined)
        table = pd.DataFrame({"output": np.repeat(np.arange(outputs), len(names)), "factor": names * outputs})
        for kind, values in (("first", self.first), ("total", self.total)):
            for statistic, suffix in (("value", ""), ("low", "_low"), ("high", "_high"), ("error", "_error")):
                table[kind + suffix] = values[statistic].ravel()
        table["largest"] = np.column_stack([self.largest, np.zeros(outputs)]).ravel()
        table["defined"] = np.repeat(self.defined, len(names))
        return table

    def second_table(self) -> pd.DataFrame:
        """Return one row per output (its position) and pair of factors: ``factor``, ``other``, ``second``, …."""
        one, other = pairs(len(self.factors) if self.second["value"].size else 0)
        names, outputs = np.array(self.factors), len(self.defined)
        table = pd.DataFrame(
            {
                "output": np.repeat(np.arange(outputs), len(one)),
                "factor": np.tile(names[one], outputs),
                "other": np.tile(names[other], outputs),
            }
        )
        for statistic, suffix in (("value", ""), ("low", "_low"), ("high", "_high"), ("error", "_error")):
            table["second" + suffix] = self.second[statistic].ravel()
        return table


def constant_outputs(smallest: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """Return which outputs do not vary, by their smallest and largest value."""
    return largest - smallest <= CONSTANT * np.maximum(1.0, np.maximum(np.abs(smallest), np.abs(largest)))


def analyse(
    model: Model,
    design: SobolDesign,
    *,
    resamples: int = 1000,
    probability: float = PROBABILITY,
    seed: int | np.random.SeedSequence = 0,
    client: Client | None = None,
    memory: int = MEMORY,
) -> SobolEstimates:
    """Run a model on a design and return its Sobol' indices.

    Parameters
    ----------
    model
        From inputs (runs × inputs, uniform on 0–1) to outputs; with a client it has to be picklable.
    design
        The sample.
    resamples
        Bootstrap resamples of the base points; 0 for none (intervals are then empty).
    probability
        Content of the percentile intervals.
    seed
        Of the resampling.
    client
        A Dask client: blocks of runs are then made, run and summed up on its workers, and only sums come back. The
        result is the same as without.
    memory
        Bytes for the sums of a group of outputs; see :data:`MEMORY`.

    Raises
    ------
    InputError
        As :meth:`~maternal_eval.methods.sensitivity.design.SobolDesign.evaluate`.
    """
    workers = Workers(client)
    spans = _spans(0, design.base)
    parts = _run(model, design, spans, workers)
    return _estimate(parts, spans, design, resamples, probability, seed, workers, memory)


def sobol_indices(
    design: SobolDesign,
    outputs: np.ndarray,
    *,
    inputs: np.ndarray | None = None,
    resamples: int = 1000,
    probability: float = PROBABILITY,
    seed: int | np.random.SeedSequence = 0,
    memory: int = MEMORY,
) -> SobolEstimates:
    """Return the Sobol' indices of outputs at hand.

    Parameters
    ----------
    design
        The sample that the model was run on.
    outputs
        Base points × width × outputs, or runs (× outputs), in the order of :meth:`SobolDesign.points
        <maternal_eval.methods.sensitivity.design.SobolDesign.points>`. The first N base points of a larger design may
        be given.
    inputs
        The inputs that were run (runs × inputs), where outputs come from elsewhere: they are held against the design.
        Outputs alone cannot show that their order is another one; indices would be those of noise.
    resamples, probability, seed, memory
        As for :func:`analyse`.

    Raises
    ------
    InputError
        If the number of runs is not that of the sample, an output is not finite, or ``inputs`` are not the points of
        the design in its order.
    """
    outputs = np.asarray(outputs, dtype=float)
    outputs = outputs[..., None] if outputs.ndim == 1 else outputs
    if outputs.ndim == 2:
        if len(outputs) != design.runs:
            raise InputError("the number of runs is not that of the sample", found=len(outputs), expected=design.runs)
        outputs = outputs.reshape(design.base, design.width, -1)
    numbers(outputs, "outputs", shape=(None, design.width, None))
    if len(outputs) > design.base or len(outputs) < 2:
        raise InputError("outputs: wrong number of base points", found=len(outputs), expected=f"2 to {design.base}")
    if inputs is not None:
        _require_order(design, np.asarray(inputs, dtype=float), len(outputs))
    spans = _spans(0, len(outputs))
    parts = [outputs[start:stop] for start, stop in spans]
    return _estimate(parts, spans, design, resamples, probability, seed, Workers(), memory)


def _require_order(design: SobolDesign, inputs: np.ndarray, base: int) -> None:
    """Refuse inputs that are not those of the design, run by run; 1e-9 for what went through a text file."""
    expected = design.points(0, base).reshape(-1, design.inputs)
    if inputs.reshape(-1, inputs.shape[-1]).shape != expected.shape:
        raise InputError("inputs: wrong shape", found=inputs.shape, expected=expected.shape)
    wrong = ~(np.abs(inputs.reshape(expected.shape) - expected) <= 1e-9).all(axis=1)
    if wrong.any():
        raise InputError(
            "inputs: the runs are not those of the design in its order",
            found=f"{int(wrong.sum())} of {len(wrong)} runs elsewhere, run {int(wrong.argmax())} first",
            expected="the order of design.points()",
        )


def evaluate(
    model: Model, design: SobolDesign, start: int = 0, stop: int | None = None, client: Client | None = None
) -> np.ndarray:
    """Return the outputs (base points × width × outputs) of the base points ``start`` to ``stop``, run in blocks.

    Errors are those of :meth:`~maternal_eval.methods.sensitivity.design.SobolDesign.evaluate`.
    """
    workers = Workers(client)
    spans = _spans(start, design.base if stop is None else stop)
    return np.concatenate(workers.gather(_run(model, design, spans, workers)))


def _run(model: Model, design: SobolDesign, spans: Sequence[tuple[int, int]], workers: Workers) -> list[Any]:
    """Return the outputs of each span; with a cluster they stay there."""
    return workers.map(_evaluate, [workers.share(model)] * len(spans), [design] * len(spans), spans)


def _spans(start: int, stop: int) -> list[tuple[int, int]]:
    return [(first, min(first + BLOCK, stop)) for first in range(start, stop, BLOCK)]


def _evaluate(model: Model, design: SobolDesign, span: tuple[int, int]) -> np.ndarray:
    return design.evaluate(model, *span)


def _moments(outputs: np.ndarray) -> np.ndarray:
    """Return smallest, largest, number, mean and sum of squares around it of a block (5 × outputs)."""
    flat = outputs.reshape(-1, outputs.shape[-1])
    mean = flat.mean(axis=0)
    squares = ((flat - mean) ** 2).sum(axis=0)
    return np.stack([flat.min(axis=0), flat.max(axis=0), np.full_like(mean, len(flat)), mean, squares])


def _sums(
    outputs: np.ndarray,
    totals: np.ndarray,
    seed: np.random.SeedSequence,
    centre: np.ndarray,
    scale: np.ndarray,
    columns: slice,
    second_order: bool,
) -> np.ndarray:
    standard = (outputs[..., columns] - centre[columns]) / scale[columns]
    return block_sums(standard, resample_counts(totals, len(outputs), generator(seed)), second_order)


def _estimate(
    parts: list[Any],
    spans: Sequence[tuple[int, int]],
    design: SobolDesign,
    resamples: int,
    probability: float,
    seed: int | np.random.SeedSequence,
    workers: Workers,
    memory: int,
) -> SobolEstimates:
    whole(resamples, "resamples", low=0)
    content(probability, "probability")
    whole(memory, "memory", low=1)
    moments = np.array(workers.gather(workers.map(_moments, parts)))
    smallest, largest = moments[:, 0].min(axis=0), moments[:, 1].max(axis=0)
    number, mean = moments[:, 2], moments[:, 3]
    centre = (number * mean).sum(axis=0) / number.sum(axis=0)
    scale = np.sqrt((moments[:, 4] + number * (mean - centre) ** 2).sum(axis=0) / number.sum(axis=0))
    scale = np.where(constant_outputs(smallest, largest), np.nan, scale)
    sizes = np.array([stop - start for start, stop in spans])
    totals = resample_totals(resamples, sizes, generator(named(seed, "totals"))).T
    seeds = spawn(named(seed, "counts"), len(spans))
    factors, base = len(design.factors), int(sizes.sum())
    each = 8 * (1 + 2 * resamples + sizes.max()) * term_count(factors, design.second_order)
    group = max(1, int(memory // each))
    summaries: list[tuple[Any, ...]] = []
    for start in range(0, centre.size, group):
        columns = slice(start, min(start + group, centre.size))
        same = [[value] * len(parts) for value in (centre, scale, columns, design.second_order)]
        total = sum(workers.gather(workers.map(_sums, parts, totals, seeds, *same)))
        summaries.append(_summary(total / base, factors, probability))
    first, all_orders, second = (
        {name: np.concatenate([one[kind][name] for one in summaries]) for name in summaries[0][kind]}
        for kind in range(3)
    )
    largest, unrest, defined = (np.concatenate([one[kind] for one in summaries]) for kind in range(3, 6))
    return SobolEstimates(tuple(design.factors), first, all_orders, second, largest, unrest, defined, base)


def _summary(means: np.ndarray, factors: int, probability: float) -> tuple[Any, ...]:
    """Return what :class:`SobolEstimates` holds of a group of outputs; row 0 of the means is the data."""
    found = indices_from_means(means, factors)
    defined = np.isfinite(found.variance).all(axis=0)
    undefined = np.where(defined, 1.0, np.nan)[:, None]
    statistics = []
    for draws in (found.first, found.total, found.second):
        # Resamples in rows of memory: quantiles along the first axis are several times slower.
        of_index = np.ascontiguousarray(np.moveaxis(draws[1:], 0, -1))
        if of_index.shape[-1]:
            low, high = interval(of_index, axis=-1, probability=probability)
            error = of_index.std(axis=-1)
        else:
            low = high = error = np.full(draws.shape[1:], np.nan)
        values = {"value": draws[0], "low": low, "high": high, "error": error}
        statistics.append({name: part * undefined for name, part in values.items()})
    totals = found.total[1:, :, :factors]
    if len(totals):
        winner = totals.argmax(axis=2)
        largest = (winner[..., None] == np.arange(factors)).mean(axis=0) * undefined
    else:
        largest = np.full(totals.shape[1:], np.nan)
    return (*statistics, largest, ranking_unrest(totals) * undefined[:, 0], defined)


def ranking_unrest(totals: np.ndarray) -> np.ndarray:
    r"""Return how unsettled the order of the factors is, per output (Sarrazin, Pianosi & Wagener 2016).

    For pairs of resamples r, s:
    :math:`\rho = \sum_j |R_j^r - R_j^s| \max(T_j^r, T_j^s)^2 / \sum_j \max(T_j^r, T_j^s)^2`
    with R the ranks of the total indices: exchanges among factors that hardly matter count little. Returned is the
    95 % quantile over pairs; below 1 the order counts as settled.

    Parameters
    ----------
    totals
        Resamples × outputs × factors; NaN with fewer than two resamples.

    Raises
    ------
    InputError
        If the totals are not resamples × outputs × factors.
    """
    totals = np.asarray(totals, dtype=float)
    if totals.ndim != 3:
        raise InputError("totals: wrong number of axes", found=totals.ndim, expected="resamples × outputs × factors")
    half = len(totals) // 2
    if not half:
        return np.full(totals.shape[1], np.nan)
    ranks = totals.argsort(axis=2).argsort(axis=2)
    weight = np.maximum(totals[:half], totals[half : 2 * half]) ** 2
    moved = np.abs(ranks[:half] - ranks[half : 2 * half])
    summed = weight.sum(axis=2)
    unrest = np.divide((moved * weight).sum(axis=2), summed, out=np.zeros_like(summed), where=summed > 0)
    return np.quantile(unrest, 0.95, axis=0)
