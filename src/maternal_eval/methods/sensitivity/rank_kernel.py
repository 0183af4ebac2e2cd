"""The composite of every respondent in every run, summed up at once: compiled, because it is all that takes time.

Respondents × runs composites are never held: they go straight into the sums that scores and outcomes need. The inner
loops run over a block of runs, whose weights stay in the processor's nearest cache.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from maternal_eval.core.arguments import number, whole
from maternal_eval.core.errors import InputError
from maternal_eval.methods import kernels
from maternal_eval.methods.kernels import Slot

BLOCK = 64
"""Runs of an inner loop."""

SIBLINGS, EVERY = 0, 1
"""What an unanswered item's weight goes to: its answered siblings, or all answered items."""

SLOTS = (
    Slot("values", ("respondents", "indicators"), missing=True),
    Slot("weights", ("runs", "indicators"), low=0.0),
    Slot("dimension", ("indicators",), np.int64, low=0),
    Slot("survey", ("respondents",), low=0.0),
    Slot("link_weights", ("links", "respondents")),
    Slot("link_products", ("links", "respondents")),
)
"""What the sums read, beside the cell of each respondent."""

_SAME, _ROOT, _SQUARE, _POWER = range(4)


@dataclass(frozen=True)
class Sums:
    """Sums over respondents per run.

    Attributes
    ----------
    cells, missing
        Cells × runs: sum of weight × composite, and of the weight of those without any answer that counts.
    first
        2 · links × runs: sums of w c and w c y of each link, in turn.
    second
        Links × runs: sums of w c².
    """

    cells: np.ndarray
    missing: np.ndarray
    first: np.ndarray
    second: np.ndarray


def composite_sums(
    values: np.ndarray,
    weights: np.ndarray,
    dimension: np.ndarray,
    exponent: float,
    how: int,
    cell: np.ndarray,
    survey: np.ndarray,
    cells: int,
    link_weights: np.ndarray,
    link_products: np.ndarray,
) -> Sums:
    r"""Return sums over respondents of their composites, for every run.

    The composite is :math:`c = (\sum_d W_d M_d / \sum_d W_d)^{1/\rho}` with :math:`M_d` the weighted mean of the
    values to the power
    ρ over the answered items of dimension d; :math:`W_d` is the weight of all items of an answered dimension
    (:data:`SIBLINGS`) or of its answered items (:data:`EVERY`).

    Parameters
    ----------
    values
        Respondents × indicators, ALREADY to the power ρ; NaN where not answered.
    weights
        Runs × indicators, not negative.
    dimension
        Position of each indicator's dimension.
    exponent
        ρ, positive.
    how
        :data:`SIBLINGS` or :data:`EVERY`.
    cell
        Cell of each respondent; -1 for none.
    survey
        Survey weight of each respondent in its cell.
    cells
        Number of cells.
    link_weights, link_products
        Links × respondents: w and w·y.

    Raises
    ------
    InputError
        If the arrays do not belong together or hold what the compiled sums would misread.
    """
    number(exponent, "exponent", above=0.0)
    if how not in (SIBLINGS, EVERY):
        raise InputError("how: unknown", found=how, expected=f"{SIBLINGS} or {EVERY}")
    slots = (*SLOTS, Slot("cell", ("respondents",), np.int64, low=-1, high=whole(cells, "cells", low=1) - 1))
    entering = (values, weights, dimension, survey, link_weights, link_products, cell)
    arrays = kernels.enter(
        "the composites", slots, {slot.name: array for slot, array in zip(slots, entering, strict=True)}
    )
    values, weights, dimension, survey, link_weights, link_products, cell = arrays.values()
    if not values.size or np.unique(dimension).size != dimension.max() + 1:
        raise InputError("dimension: a position has no indicator", found=np.unique(dimension).tolist())
    runs, links = len(weights), len(link_weights)
    result = Sums(*(np.zeros((rows, runs)) for rows in (cells, cells, 2 * links, links)))
    root = {1.0: _SAME, 2.0: _ROOT, 0.5: _SQUARE}.get(float(exponent), _POWER)
    together = np.argsort(dimension, kind="stable")  # a dimension's indicators side by side
    columns = np.ascontiguousarray(weights.T[together])
    edges = np.searchsorted(dimension[together], np.arange(int(dimension.max()) + 2))
    heavy = np.add.reduceat(columns, edges[:-1], axis=0)
    given = (np.ascontiguousarray(values[:, together]), columns, heavy, edges, how, root, 1.0 / exponent)
    rest = (cell, survey, link_weights, link_products)

    _accumulate(*given, *rest, result.cells, result.missing, result.first, result.second)
    return result


@njit(cache=True, nogil=True)
def _accumulate(  # type: ignore[no-untyped-def]
    values, weights, heavy, edges, how, root, inverse, cell, survey, link_weights, link_products,
    out_cells, out_missing, out_first, out_second,
):  # fmt: skip  # pragma: no cover
    respondents, indicators = values.shape
    dimensions = len(heavy)
    links = len(link_weights)
    present = np.empty(BLOCK)
    total = np.empty(BLOCK)
    top = np.empty(BLOCK)
    bottom = np.empty(BLOCK)
    block = np.empty((indicators, BLOCK))
    whole = np.empty((dimensions, BLOCK))
    for begin in range(0, weights.shape[1], BLOCK):
        size = min(BLOCK, weights.shape[1] - begin)
        # Places beyond the last run hold zeros, are computed as well and thrown away.
        block[:, :] = 0.0
        block[:, :size] = weights[:, begin : begin + size]
        whole[:, :] = 0.0
        whole[:, :size] = heavy[:, begin : begin + size]
        cells = np.zeros((len(out_cells), BLOCK))
        first = np.zeros((2 * links, BLOCK))
        second = np.zeros((links, BLOCK))
        for r in range(respondents):
            for k in range(BLOCK):
                top[k] = 0.0
                bottom[k] = 0.0
            for d in range(dimensions):
                for k in range(BLOCK):
                    present[k] = 0.0
                    total[k] = 0.0
                for i in range(edges[d], edges[d + 1]):
                    v = values[r, i]
                    if v == v:  # not NaN
                        for k in range(BLOCK):
                            present[k] += block[i, k]
                            total[k] += block[i, k] * v
                if how == SIBLINGS:
                    for k in range(BLOCK):
                        p = present[k]
                        counts = 1.0 if p > 0.0 else 0.0
                        top[k] += whole[d, k] * total[k] / (p + (1.0 - counts))
                        bottom[k] += whole[d, k] * counts
                else:
                    for k in range(BLOCK):
                        top[k] += total[k]
                        bottom[k] += present[k]
            nothing = False
            for k in range(BLOCK):
                counts = 1.0 if bottom[k] > 0.0 else 0.0
                top[k] = top[k] / (bottom[k] + (1.0 - counts))
            for k in range(size):
                nothing = nothing or bottom[k] <= 0.0
            if root == _ROOT:
                for k in range(BLOCK):
                    top[k] = np.sqrt(top[k])
            elif root == _SQUARE:
                for k in range(BLOCK):
                    top[k] = top[k] * top[k]
            elif root == _POWER:
                for k in range(BLOCK):
                    top[k] = top[k] ** inverse
            c = cell[r]
            if c >= 0:
                w = survey[r]
                for k in range(BLOCK):
                    cells[c, k] += w * top[k]
                if nothing:
                    for k in range(size):
                        if bottom[k] <= 0.0:
                            out_missing[c, begin + k] += w
            for one in range(links):
                w = link_weights[one, r]
                if w > 0.0:
                    product = link_products[one, r]
                    for k in range(BLOCK):
                        first[2 * one, k] += w * top[k]
                        first[2 * one + 1, k] += product * top[k]
                        second[one, k] += w * top[k] * top[k]
        out_cells[:, begin : begin + size] = cells[:, :size]
        out_first[:, begin : begin + size] = first[:, :size]
        out_second[:, begin : begin + size] = second[:, :size]
