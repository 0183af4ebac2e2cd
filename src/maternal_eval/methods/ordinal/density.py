r"""Log-likelihood, log prior and log posterior density of the satisfaction model with exact gradients, on plain arrays.

Families (:mod:`maternal_eval.methods.ordinal.families`), with thresholds :math:`c_1 … c_{K-1}`, location
:math:`\eta_i` of cell i, latent scale :math:`\sigma_g` of its group, :math:`z_{ik} = (c_k - \eta_i) / \sigma_g`
and answers 0 … K-1:

- cumulative: :math:`P(y < k) = F(z_{ik})` with F the logistic or the normal distribution function (McCullagh 1980;
  unequal scales: Cox 1995);
- adjacent category: :math:`P(y = k) / P(y = k - 1) = e^{-z_{ik}}` (Goodman 1983).

In the cumulative logit the probability between two thresholds is written as

.. math:: \log P(a < z < b) = \log \operatorname{logit}^{-1}(b) + \log \operatorname{logit}^{-1}(-a)
          + \log(1 - e^{-(b - a)}),

which keeps every digit where the difference of two probabilities would lose them. Its last term depends on the
group alone, and the first two need :math:`e^{-z} = e^{\eta/\sigma} e^{-c/\sigma}`: one exponential per cell,
however many answers it counts.

Written out instead of left to automatic differentiation because compiling the same model through a general
graph takes longer than the whole fit. Loops stand where array expressions would be shorter because numba compiles
them faster: 6.2 s instead of 10.6 s for all families, once (``benchmarks/compile_time.py`` measures what it takes
now). All functions are in this one file because numba's cache looks at the file of the function that is called, not
at those it calls.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numba
import numpy as np

from maternal_eval.core.errors import InputError
from maternal_eval.methods import kernels
from maternal_eval.methods.kernels import Slot

CUMULATIVE_LOGIT, CUMULATIVE_PROBIT, ADJACENT_LOGIT = 0, 1, 2
"""Kernels, as the rows of :data:`maternal_eval.methods.ordinal.families.FAMILIES` name them."""

_LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _inverse_scale(log_scale: np.ndarray) -> np.ndarray:  # pragma: no cover - compiled
    """Return one over the scales."""
    inverse = np.empty(log_scale.size)
    for g in range(log_scale.size):
        inverse[g] = math.exp(-log_scale[g])
    return inverse


@numba.njit(cache=True, nogil=True, error_model="numpy")
def cumulative_logit_log_likelihood(  # pragma: no cover - compiled
    thresholds: np.ndarray,
    location: np.ndarray,
    log_scale: np.ndarray,
    group: np.ndarray,
    counts: np.ndarray,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return the log-likelihood of ``counts`` and its gradient.

    Parameters
    ----------
    thresholds
        K - 1 increasing numbers, in logits.
    location
        One number per cell, in logits; larger locations give higher answers.
    log_scale
        Log of the latent scale, one per group.
    group
        Group of each cell.
    counts
        Cells × K: how often each answer was given, lowest answer first. Fractions (weighted counts) and cells
        without answers are allowed; a respondent is a cell with one answer.

    Returns
    -------
    value
        Sum of counts times log probabilities (without the multinomial coefficient, a constant).
    by_thresholds, by_location, by_log_scale
        Derivatives by the first three arguments.
    """
    cells, last, groups = location.size, thresholds.size, log_scale.size
    value = 0.0
    by_thresholds = np.zeros(last)
    by_location = np.zeros(cells)
    by_log_scale = np.zeros(groups)
    between = np.zeros((groups, last))
    inverse = _inverse_scale(log_scale)
    fall = np.empty((groups, last))
    for g in range(groups):
        for k in range(last):
            fall[g, k] = math.exp(-inverse[g] * thresholds[k])
    for i in range(cells):
        g = group[i]
        rise = np.exp(location[i] * inverse[g])
        for k in range(last):
            below, above = counts[i, k], counts[i, k + 1]
            if below + above == 0.0:
                continue
            if k > 0:
                between[g, k] += below
            z = (thresholds[k] - location[i]) * inverse[g]
            odds = rise * fall[g, k]
            slope = below - (below + above) / (1.0 + odds)
            value -= above * z + (below + above) * (np.log(1.0 + odds) if odds < 1e300 else -z)
            by_thresholds[k] += slope * inverse[g]
            by_location[i] -= slope * inverse[g]
            by_log_scale[g] -= slope * z
    for g in range(groups):
        for k in range(1, last):
            if between[g, k] > 0.0:
                gap = (thresholds[k] - thresholds[k - 1]) * inverse[g]
                value += between[g, k] * np.log(-np.expm1(-gap))
                slope = between[g, k] / np.expm1(gap)
                by_thresholds[k] += slope * inverse[g]
                by_thresholds[k - 1] -= slope * inverse[g]
                by_log_scale[g] -= slope * gap
    return value, by_thresholds, by_location, by_log_scale


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_normal_distribution(z: float) -> float:  # pragma: no cover - compiled
    """Return log Phi(z), the log of the normal distribution function, to full relative precision in the tail."""
    if z > -25.0:
        return (
            math.log1p(-0.5 * math.erfc(z / math.sqrt(2.0)))
            if z > 0.0
            else math.log(0.5 * math.erfc(-z / math.sqrt(2.0)))
        )
    v = 1.0 / (z * z)
    return -0.5 * z * z - math.log(-z) - _LOG_SQRT_2PI + math.log1p(-v * (1.0 - v * (3.0 - v * (15.0 - v * 105.0))))


@numba.njit(cache=True, nogil=True, error_model="numpy")
def cumulative_probit_log_likelihood(  # pragma: no cover - compiled
    thresholds: np.ndarray, location: np.ndarray, log_scale: np.ndarray, group: np.ndarray, counts: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return what :func:`cumulative_logit_log_likelihood` returns, with the normal distribution instead.

    A probability between two thresholds on the upper side is taken in the mirrored tail, where it keeps its digits.
    """
    cells, last = location.size, thresholds.size
    value = 0.0
    by_thresholds, by_location, by_log_scale = np.zeros(last), np.zeros(cells), np.zeros(log_scale.size)
    inverse = _inverse_scale(log_scale)
    for i in range(cells):
        g = group[i]
        for k in range(last + 1):
            n = counts[i, k]
            if n == 0.0:
                continue
            a = (thresholds[k - 1] - location[i]) * inverse[g] if k > 0 else -np.inf
            b = (thresholds[k] - location[i]) * inverse[g] if k < last else np.inf
            if k == 0:
                chance = log_normal_distribution(b)
            elif k == last:
                chance = log_normal_distribution(-a)
            else:
                inner, outer = (-a, -b) if a > 0.0 else (b, a)
                larger = log_normal_distribution(inner)
                chance = larger + math.log(-math.expm1(log_normal_distribution(outer) - larger))
            value += n * chance
            if k > 0:
                slope = -n * math.exp(-0.5 * a * a - _LOG_SQRT_2PI - chance)
                by_thresholds[k - 1] += slope * inverse[g]
                by_location[i] -= slope * inverse[g]
                by_log_scale[g] -= slope * a
            if k < last:
                slope = n * math.exp(-0.5 * b * b - _LOG_SQRT_2PI - chance)
                by_thresholds[k] += slope * inverse[g]
                by_location[i] -= slope * inverse[g]
                by_log_scale[g] -= slope * b
    return value, by_thresholds, by_location, by_log_scale


@numba.njit(cache=True, nogil=True, error_model="numpy")
def adjacent_logit_log_likelihood(  # pragma: no cover - compiled
    thresholds: np.ndarray, location: np.ndarray, log_scale: np.ndarray, group: np.ndarray, counts: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return what :func:`cumulative_logit_log_likelihood` returns for adjacent-category logits.

    The log probability of answer k is, up to its normalisation, the sum of -z over the thresholds below it;
    thresholds need not increase.
    """
    cells, last, groups = location.size, thresholds.size, log_scale.size
    value = 0.0
    by_thresholds, by_location, by_log_scale = np.zeros(last), np.zeros(cells), np.zeros(groups)
    inverse = _inverse_scale(log_scale)
    # One exponential per cell: the chance of answer k is in proportion to rise^k times a number of the group.
    base, fall = np.zeros((groups, last + 1)), np.ones((groups, last + 1))
    highest = np.zeros(groups)
    for g in range(groups):
        for k in range(last):
            base[g, k + 1] = base[g, k] - thresholds[k] * inverse[g]
        for k in range(last + 1):
            highest[g] = max(highest[g], base[g, k])
        for k in range(last + 1):
            fall[g, k] = math.exp(base[g, k] - highest[g])
    chance = np.empty(last + 1)
    for i in range(cells):
        g, total = group[i], 0.0
        for k in range(last + 1):
            total += counts[i, k]
        if total == 0.0:
            continue
        step = location[i] * inverse[g]
        shift, norm = highest[g], 0.0
        if abs(step) * last < 300.0:
            rise, power = np.exp(step), 1.0
            for k in range(last + 1):
                chance[k] = power * fall[g, k]
                power *= rise
                norm += chance[k]
        else:
            shift = base[g, 0]
            for k in range(1, last + 1):
                shift = max(shift, base[g, k] + k * step)
            for k in range(last + 1):
                chance[k] = np.exp(base[g, k] + k * step - shift)
                norm += chance[k]
        normaliser, above = shift + np.log(norm), 0.0
        for k in range(last, -1, -1):
            climb = base[g, k] + k * step
            value += counts[i, k] * (climb - normaliser)
            surplus = counts[i, k] - total * chance[k] / norm
            by_log_scale[g] -= surplus * climb
            above += surplus
            if k > 0:
                by_thresholds[k - 1] -= above * inverse[g]
                by_location[i] += above * inverse[g]
    return value, by_thresholds, by_location, by_log_scale


@numba.njit(cache=True, nogil=True, error_model="numpy")
def cell_log_likelihood(  # pragma: no cover - compiled
    family: int,
    thresholds: np.ndarray,
    location: np.ndarray,
    log_scale: np.ndarray,
    group: np.ndarray,
    counts: np.ndarray,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return the log-likelihood of ``counts`` and its gradient under the family with this kernel."""
    if family == CUMULATIVE_PROBIT:
        return cumulative_probit_log_likelihood(thresholds, location, log_scale, group, counts)
    if family == ADJACENT_LOGIT:
        return adjacent_logit_log_likelihood(thresholds, location, log_scale, group, counts)
    return cumulative_logit_log_likelihood(thresholds, location, log_scale, group, counts)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def thresholds_of(x: np.ndarray, last: int, family: int) -> np.ndarray:  # pragma: no cover - compiled
    """Return thresholds from the first ``last`` entries of ``x``.

    Cumulative families: the first threshold, then log distances; at zero they are centred at zero and 1 apart.
    Adjacent category: the thresholds themselves, which have no order.
    """
    thresholds = np.empty(last)
    for k in range(last):
        thresholds[k] = x[k]
    if family != ADJACENT_LOGIT:
        thresholds[0] = x[0] - 0.5 * (last - 1)
        for k in range(1, last):
            thresholds[k] = thresholds[k - 1] + np.exp(x[k])
    return thresholds


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _through_thresholds(
    x: np.ndarray, by_thresholds: np.ndarray, gradient: np.ndarray, family: int
) -> None:  # pragma: no cover - compiled
    """Add derivatives by the thresholds to ``gradient`` as derivatives by the entries of ``x``."""
    if family == ADJACENT_LOGIT:
        for k in range(by_thresholds.size):
            gradient[k] += by_thresholds[k]
        return
    above = 0.0
    for k in range(by_thresholds.size - 1, 0, -1):
        above += by_thresholds[k]
        gradient[k] += above * np.exp(x[k])
    gradient[0] += above + by_thresholds[0]


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_likelihood(  # pragma: no cover - compiled
    x: np.ndarray,
    basis: np.ndarray,
    level: np.ndarray,
    scale_basis: np.ndarray,
    group: np.ndarray,
    counts: np.ndarray,
    family: int,
) -> tuple[float, np.ndarray]:
    """Return the log-likelihood of a parameter vector and its gradient.

    Parameters
    ----------
    x
        Thresholds as in :func:`thresholds_of` (K - 1), coefficients of the location, coefficients of the log scale.
    basis
        Effects × coefficients: all effects of all factors are ``basis @ coefficients``.
    level
        Cells × factors: which effects add up to the location of a cell.
    scale_basis
        Groups × coefficients of the log scale.
    group, counts
        See :func:`cumulative_logit_log_likelihood`.
    family
        The kernel of the answers.
    """
    last = counts.shape[1] - 1
    effects, coefficients = basis.shape
    effect = np.zeros(effects)
    for e in range(effects):
        for c in range(coefficients):
            effect[e] += basis[e, c] * x[last + c]
    log_scale = np.zeros(scale_basis.shape[0])
    for g in range(log_scale.size):
        for c in range(scale_basis.shape[1]):
            log_scale[g] += scale_basis[g, c] * x[last + coefficients + c]
    location = np.zeros(level.shape[0])
    for i in range(location.size):
        for f in range(level.shape[1]):
            location[i] += effect[level[i, f]]
    value, by_thresholds, by_location, by_log_scale = cell_log_likelihood(
        family, thresholds_of(x, last, family), location, log_scale, group, counts
    )
    by_effect = np.zeros(effects)
    for i in range(location.size):
        for f in range(level.shape[1]):
            by_effect[level[i, f]] += by_location[i]
    gradient = np.zeros(x.size)
    _through_thresholds(x, by_thresholds, gradient, family)
    for e in range(effects):
        for c in range(coefficients):
            gradient[last + c] += basis[e, c] * by_effect[e]
    for g in range(log_scale.size):
        for c in range(scale_basis.shape[1]):
            gradient[last + coefficients + c] += scale_basis[g, c] * by_log_scale[g]
    return value, gradient


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_prior(  # pragma: no cover - compiled
    x: np.ndarray, last: int, block_start: np.ndarray, degrees: float, family: int
) -> tuple[float, np.ndarray]:
    r"""Return the log prior density of a parameter vector (up to a constant) and its gradient.

    Thresholds: uniform on the simplex of the answer probabilities at location 0 and scale 1. For the thresholds that is
    the Jacobian: :math:`\prod_k F'(c_k)` in a cumulative family (times the distances, for log distances) and
    :math:`\prod_k P(y = k)` for adjacent categories. Coefficients: each block a multivariate Student-t with unit scale.

    Parameters
    ----------
    x
        As in :func:`log_likelihood`.
    last
        Number of thresholds.
    block_start
        Where each block of coefficients starts in ``x``, and the length of ``x``.
    degrees
        Degrees of freedom.
    family
        The kernel of the answers.
    """
    gradient = np.zeros(x.size)
    thresholds = thresholds_of(x, last, family)
    by_thresholds = np.empty(last)
    value = 0.0
    if family == ADJACENT_LOGIT:
        # One answer of each kind at location 0: its log-likelihood is the log of the product of all probabilities.
        single = np.zeros(1)
        value, by_thresholds, _, _ = adjacent_logit_log_likelihood(
            thresholds, single, single, np.zeros(1, dtype=np.int64), np.ones((1, last + 1))
        )
    for k in range(last):
        if family == CUMULATIVE_LOGIT:
            t = np.exp(-abs(thresholds[k]))
            value -= abs(thresholds[k]) + 2.0 * np.log(1.0 + t)
            by_thresholds[k] = -np.sign(thresholds[k]) * (1.0 - t) / (1.0 + t)
        elif family == CUMULATIVE_PROBIT:
            value -= 0.5 * thresholds[k] ** 2
            by_thresholds[k] = -thresholds[k]
    _through_thresholds(x, by_thresholds, gradient, family)
    if family != ADJACENT_LOGIT:
        for k in range(1, last):
            value += x[k]
            gradient[k] += 1.0
    for b in range(block_start.size - 1):
        first, end = block_start[b], block_start[b + 1]
        square = 0.0
        for c in range(first, end):
            square += x[c] * x[c]
        total = degrees + (end - first)
        value -= 0.5 * total * np.log(1.0 + square / degrees)
        for c in range(first, end):
            gradient[c] -= total / (degrees + square) * x[c]
    return value, gradient


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_density(  # pragma: no cover - compiled
    x: np.ndarray,
    basis: np.ndarray,
    level: np.ndarray,
    scale_basis: np.ndarray,
    group: np.ndarray,
    counts: np.ndarray,
    block_start: np.ndarray,
    degrees: float,
    family: int,
) -> tuple[float, np.ndarray]:
    """Return log-likelihood plus log prior, and the gradient.

    The arguments are those of :func:`log_likelihood` and :func:`log_prior`.
    """
    value, gradient = log_likelihood(x, basis, level, scale_basis, group, counts, family)
    prior, by_prior = log_prior(x, counts.shape[1] - 1, block_start, degrees, family)
    for c in range(gradient.size):
        gradient[c] += by_prior[c]
    return value + prior, gradient


SLOTS = (
    Slot("basis", ("effects", "coefficients")),
    Slot("level", ("cells", "factors"), np.int64, inside="effects"),
    Slot("scale_basis", ("groups", "scales")),
    Slot("group", ("cells",), np.int64, inside="groups"),
    Slot("counts", ("cells", "answers"), low=0.0),
    Slot("block_start", ("blocks",), np.int64),
)
"""What :func:`log_density` reads beside the vector."""

_HEADER = 11
"""Length of the header of a packed model: see :func:`maternal_eval.methods.kernels.pack`."""


def pack(
    basis: np.ndarray,
    level: np.ndarray,
    scale_basis: np.ndarray,
    group: np.ndarray,
    counts: np.ndarray,
    block_start: np.ndarray,
    degrees: float,
    family: int,
) -> np.ndarray:
    """Return the arguments of :func:`log_density` behind ``x`` as one block of memory, for :func:`native_log_density`.

    Raises
    ------
    InputError
        If the arrays do not belong together: compiled code looks at no length and no position.
    """
    given = (basis, level, scale_basis, group, counts, block_start)
    arrays = kernels.enter("the ordinal model", SLOTS, {slot.name: one for slot, one in zip(SLOTS, given, strict=True)})
    first = counts.shape[1] - 1
    size = first + basis.shape[1] + scale_basis.shape[1]
    starts = arrays["block_start"]
    if first < 1 or (starts.size and (starts[0] < first or starts[-1] > size)) or (np.diff(starts) < 0).any():
        raise InputError(
            "arrays of the ordinal model do not belong together: block_start",
            found=starts.tolist(),
            expected=f"never falling from {first} to {size}, with at least two answers",
        )
    lengths = [*level.shape, *basis.shape, *scale_basis.shape, counts.shape[1], starts.size, family]
    order = ("level", "group", "block_start", "basis", "scale_basis", "counts")
    return kernels.pack(size, lengths, [*(arrays[name] for name in order), np.array([degrees], dtype=float)])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def packed_log_density(  # pragma: no cover - compiled
    x: np.ndarray, integers: np.ndarray, floats: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return :func:`log_density` for a packed model, whose memory is seen as integers and as floats."""
    cells, factors, effects, coefficients = integers[2], integers[3], integers[4], integers[5]
    groups, scales, answers, blocks, family = integers[6], integers[7], integers[8], integers[9], integers[10]
    at = _HEADER
    level = integers[at : at + cells * factors].reshape((cells, factors))
    at += cells * factors
    group = integers[at : at + cells]
    at += cells
    block_start = integers[at : at + blocks]
    at += blocks
    basis = floats[at : at + effects * coefficients].reshape((effects, coefficients))
    at += effects * coefficients
    scale_basis = floats[at : at + groups * scales].reshape((groups, scales))
    at += groups * scales
    counts = floats[at : at + cells * answers].reshape((cells, answers))
    at += cells * answers
    return log_density(x, basis, level, scale_basis, group, counts, block_start, floats[at], family)


@functools.cache
def native_log_density() -> Any:
    """Return the density of a packed model as a C function, which the sampler calls without Python in between.

    Signature: (length of x, x, gradient, value, packed model) → 0, or 4 where the density is not finite, or -1, which
    stops the sampler, where x has another length than the model.
    """
    number = numba.types.CPointer(numba.types.double)
    signature = numba.types.int64(numba.types.uint64, number, number, number, numba.types.voidptr)

    def evaluate(size: int, x: Any, gradient: Any, value: Any, packed: Any) -> int:  # pragma: no cover - compiled
        header = numba.carray(packed, (2,), np.int64)
        if size != header[1]:
            return -1
        found, slope = packed_log_density(
            numba.carray(x, (size,)),
            numba.carray(packed, (header[0],), np.int64),
            numba.carray(packed, (header[0],), np.float64),
        )
        numba.carray(value, (1,))[0] = found
        out = numba.carray(gradient, (size,))
        finite = np.isfinite(found)
        for c in range(out.size):
            out[c] = slope[c]
            finite = finite and np.isfinite(slope[c])
        return 0 if finite else 4

    return numba.cfunc(signature, cache=True)(evaluate)
