"""The log density of the stage weights given quadratic summaries, compiled, with its exact gradient.

All functions are in this one file because numba's cache looks at the file of the function that is called, not at
those it calls; numbers go in as arguments because the cache would not notice a change of a constant.
"""

from __future__ import annotations

import functools
from typing import Any

import numba
import numpy as np

from maternal_eval.core.errors import DiagnosticsError

_HEADER = 9
"""Length of the header of a packed model: five sizes, four scales."""


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_density(  # pragma: no cover - compiled
    x: np.ndarray,
    log_static: np.ndarray,
    dimension_start: np.ndarray,
    basis: np.ndarray,
    shift_root: np.ndarray,
    step_median: float,
    step_spread: float,
    freedom: np.ndarray,
    slope_median: float,
    slope_spread: float,
    theta_0: np.ndarray,
    linear: np.ndarray,
    curvature: np.ndarray,
) -> tuple[float, np.ndarray]:
    """Log prior plus quadratic log-likelihoods, and the gradient; see StagePrior for the parameters."""
    stages, step_count = basis.shape
    elements, dimensions = log_static.size, dimension_start.size - 1
    first_shift, first_step = 1 + stages, 1 + stages + elements
    gradient = -x
    tau = step_median * np.exp(step_spread * x[0])
    value = 0.0
    for p in range(first_step):
        value -= 0.5 * x[p] * x[p]
    for p in range(first_step, x.size):
        nu = freedom[(p - first_step) // elements]
        if np.isinf(nu):
            value -= 0.5 * x[p] * x[p]
        else:
            value -= 0.5 * (nu + 1.0) * np.log1p(x[p] * x[p] / nu)
            gradient[p] *= (nu + 1.0) / (nu + x[p] * x[p])
    shared = log_static.copy()
    for e in range(elements):
        for f in range(elements):
            shared[e] += shift_root[e, f] * x[first_shift + f]
    by_shared = np.zeros(elements)
    weight = np.empty(elements)
    by_log = np.empty(elements)
    for s in range(stages):
        for e in range(elements):
            moved = 0.0
            for k in range(step_count):
                moved += basis[s, k] * x[first_step + k * elements + e]
            weight[e] = shared[e] + tau * moved
        _softmax(weight[:dimensions])
        theta = weight[dimensions:].copy()
        slope = slope_median * np.exp(slope_spread * x[1 + s])
        for d in range(dimensions):
            start, stop = dimension_start[d], dimension_start[d + 1]
            _softmax(weight[dimensions + start : dimensions + stop])
            theta[start:stop] = slope * weight[d] * weight[dimensions + start : dimensions + stop]
        u = theta - theta_0[s]
        fall = _times(curvature[s], u)
        value += ((linear[s] - 0.5 * fall) * u).sum()
        by_theta = theta * (linear[s] - fall)  # by the logarithm of theta
        by_slope = by_theta.sum()
        gradient[1 + s] += slope_spread * by_slope
        for d in range(dimensions):
            start, stop = dimension_start[d], dimension_start[d + 1]
            of_set = by_theta[start:stop].sum()
            by_log[d] = of_set - weight[d] * by_slope
            for j in range(start, stop):
                by_log[dimensions + j] = by_theta[j] - weight[dimensions + j] * of_set
        for e in range(elements):
            by_shared[e] += by_log[e]
            for k in range(step_count):
                p = first_step + k * elements + e
                gradient[p] += tau * basis[s, k] * by_log[e]
                gradient[0] += step_spread * tau * basis[s, k] * by_log[e] * x[p]
    gradient[first_shift:first_step] += _times(shift_root, by_shared)
    return value, gradient


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _softmax(logs: np.ndarray) -> None:  # pragma: no cover - compiled
    """Turn logs into weights that sum to 1, in place."""
    logs[:] = np.exp(logs - logs.max())
    logs /= logs.sum()


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _times(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:  # pragma: no cover - compiled
    """Return ``matrix.T @ vector``, row by row: small products that would only set BLAS threads against chains."""
    result = np.zeros(matrix.shape[1])
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            result[j] += vector[i] * matrix[i, j]
    return result


def pack(
    scales: tuple[float, ...],
    prior: tuple[np.ndarray, ...],
    summaries: tuple[np.ndarray, ...],
    coordinates: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> np.ndarray:
    """Return a posterior as one block of memory for :func:`packed_log_density`.

    Parameters
    ----------
    scales
        Median and spread of tau, median and spread of the slopes.
    prior
        Log static weights, starts of the dimensions, basis, degrees of freedom, root of the shift.
    summaries
        theta_0, linear, curvature, stacked over the stages.
    coordinates
        Origin, root, and 1.0 for centred parameters, else 0.0.

    Raises
    ------
    ValueError
        If the arrays do not belong together: compiled code looks at no length.
    DiagnosticsError
        If a summary is not finite.
    """
    check_prior(*prior)
    _check_rest(prior, summaries, coordinates)
    log_static, starts, basis = prior[:3]
    origin, root = coordinates[:2]
    sizes = np.array([*basis.shape, starts.size - 1, log_static.size, origin.size], dtype=float)
    parts = [sizes, np.array(scales), *prior, *summaries, origin, root, root.T, coordinates[2]]
    return np.concatenate([np.ascontiguousarray(part, dtype=np.float64).ravel() for part in parts])


def check_prior(
    log_static: np.ndarray, starts: np.ndarray, basis: np.ndarray, freedom: np.ndarray, shift_root: np.ndarray
) -> None:
    """Refuse arrays of a prior that do not belong together; the arguments are those of :func:`log_density`.

    Raises
    ------
    ValueError
        Names the arrays that are wrong.
    """
    elements, dimensions = log_static.size, starts.size - 1
    right = {
        "log_static": log_static.ndim == 1 and bool(np.isfinite(log_static).all()),
        "dimension_start": starts.ndim == 1
        and dimensions >= 1
        and int(starts[0]) == 0
        and int(starts[-1]) == elements - dimensions
        and bool((np.diff(starts) > 0).all()),
        "basis": basis.ndim == 2 and bool(np.isfinite(basis).all()),
        "freedom": freedom.shape == basis.shape[1:] and bool((freedom > 0).all()),
        "shift_root": shift_root.shape == (elements, elements) and bool(np.isfinite(shift_root).all()),
    }
    _refuse(right)


def _check_rest(
    prior: tuple[np.ndarray, ...],
    summaries: tuple[np.ndarray, ...],
    coordinates: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    elements, dimensions, (stages, steps) = prior[0].size, prior[1].size - 1, prior[2].shape
    indicators, size = elements - dimensions, 1 + stages + elements * (1 + steps)
    shapes: dict[str, tuple[int, ...]] = {"theta_0": (stages, indicators), "linear": (stages, indicators)}
    shapes |= {"curvature": (stages, indicators, indicators)}
    shapes |= {"origin": (size,), "root": (size, size), "centred": (size,)}
    found = (*summaries, *coordinates)
    _refuse({name: part.shape == shape for (name, shape), part in zip(shapes.items(), found, strict=True)})
    if not all(np.isfinite(part).all() for part in found):
        raise DiagnosticsError("the expansion of the stage weights' likelihood is not finite")


def _refuse(right: dict[str, bool]) -> None:
    wrong = [name for name, fits in right.items() if not fits]
    if wrong:
        raise ValueError(f"arrays of the stage weights do not belong together: {', '.join(wrong)}")


@numba.njit(cache=True, nogil=True, error_model="numpy")
def packed_log_density(y: np.ndarray, packed: np.ndarray) -> tuple[float, np.ndarray]:  # pragma: no cover - compiled
    """Return log density and gradient at coordinates ``y``; see StageWeightPosterior for what they mean."""
    stages, steps, dimensions = int(packed[0]), int(packed[1]), int(packed[2])
    elements, size = int(packed[3]), int(packed[4])
    indicators = elements - dimensions
    at = _HEADER
    log_static = packed[at : at + elements]
    at += elements
    starts = packed[at : at + dimensions + 1].astype(np.int64)
    at += dimensions + 1
    basis = packed[at : at + stages * steps].reshape((stages, steps))
    at += stages * steps
    freedom = packed[at : at + steps]
    at += steps
    shift_root = packed[at : at + elements * elements].reshape((elements, elements))
    at += elements * elements
    theta_0 = packed[at : at + stages * indicators].reshape((stages, indicators))
    at += stages * indicators
    linear = packed[at : at + stages * indicators].reshape((stages, indicators))
    at += stages * indicators
    square = indicators * indicators
    curvature = packed[at : at + stages * square].reshape((stages, indicators, indicators))
    at += stages * square
    origin = packed[at : at + size]
    at += size
    root = packed[at : at + size * size].reshape((size, size))
    at += size * size
    turned = packed[at : at + size * size].reshape((size, size))
    at += size * size
    centred = packed[at : at + size]
    median, spread, slope, slope_spread = packed[5], packed[6], packed[7], packed[8]
    x = origin + _times(turned, y)
    shrink = np.exp(-spread * x[0])
    for p in range(size):
        if centred[p] > 0.0:
            x[p] *= shrink
    value, gradient = log_density(
        x,
        log_static,
        starts,
        basis,
        shift_root,
        median,
        spread,
        freedom,
        slope,
        slope_spread,
        theta_0,
        linear,
        curvature,
    )
    for p in range(size):
        if centred[p] > 0.0:
            gradient[0] -= spread * (1.0 + gradient[p] * x[p])
            gradient[p] *= shrink
            value -= spread * x[0]
    return value, _times(root, gradient)


@functools.cache
def native_log_density() -> Any:
    """Return :func:`packed_log_density` as a C function, which the sampler calls without Python in between.

    Signature: (length of y, y, gradient, value, packed model) → 0, or 4 where the density is not finite, or -1, which
    stops the sampler, where y has another length than the model.
    """
    number = numba.types.CPointer(numba.types.double)
    signature = numba.types.int64(numba.types.uint64, number, number, number, numba.types.voidptr)

    def evaluate(size: int, y: Any, gradient: Any, value: Any, packed: Any) -> int:  # pragma: no cover - compiled
        header = numba.carray(packed, (_HEADER,), np.float64)
        stages, steps, dimensions, elements = int(header[0]), int(header[1]), int(header[2]), int(header[3])
        indicators = elements - dimensions
        length = _HEADER + elements + dimensions + 1 + stages * steps + steps + elements * elements
        length += stages * indicators * (2 + indicators)
        length += 2 * size + 2 * size * size
        if size != int(header[4]):
            return -1
        found, slope = packed_log_density(numba.carray(y, (size,)), numba.carray(packed, (length,), np.float64))
        numba.carray(value, (1,))[0] = found
        out = numba.carray(gradient, (size,))
        finite = np.isfinite(found)
        for p in range(size):
            out[p] = slope[p]
            finite = finite and np.isfinite(slope[p])
        return 0 if finite else 4

    return numba.cfunc(signature, cache=True)(evaluate)
