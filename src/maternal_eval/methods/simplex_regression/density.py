"""The log density of the stage weights given quadratic summaries, compiled, with its exact gradient.

All functions are in this one file because numba's cache looks at the file of the function that is called, not at
those it calls; numbers go in as arguments because the cache would not notice a change of a constant.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numba
import numpy as np

from maternal_eval.core.errors import DiagnosticsError
from maternal_eval.methods import kernels
from maternal_eval.methods.kernels import Slot

_HEADER = 6
"""Length of the header of a packed posterior: see :func:`maternal_eval.methods.kernels.pack`."""

WHAT = "the stage weights"


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


PRIOR = (
    Slot("log_static", ("elements",)),
    Slot("dimension_start", ("dimensions+1",), np.int64, starts="indicators", filled=True),
    Slot("basis", ("stages", "steps")),
    Slot("freedom", ("steps",), low=1e-300, infinite=True),
    Slot("shift_root", ("elements", "elements")),
)
"""What :func:`log_density` reads of the prior."""

POSTERIOR = (
    *PRIOR,
    Slot("theta_0", ("stages", "indicators")),
    Slot("linear", ("stages", "indicators")),
    Slot("curvature", ("stages", "indicators", "indicators")),
    Slot("origin", ("size",)),
    Slot("root", ("size", "size")),
    Slot("centred", ("size",), low=0.0, high=1.0),
)
"""What :func:`packed_log_density` reads: the summaries stacked over the stages, and the coordinates.

``centred`` is 1 for centred parameters, else 0.
"""

SUMMARIES, COORDINATES = ("theta_0", "linear", "curvature"), ("origin", "root")


def pack(scales: tuple[float, float, float, float], arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a posterior as one block of memory for :func:`packed_log_density`.

    Parameters
    ----------
    scales
        Median and spread of tau, median and spread of the slopes.
    arrays
        Those of :data:`POSTERIOR`.

    Raises
    ------
    InputError
        If the arrays do not belong together: compiled code looks at no length.
    DiagnosticsError
        If a summary is not finite.
    """
    if not all(np.isfinite(arrays[name]).all() for name in SUMMARIES + COORDINATES):
        raise DiagnosticsError("the expansion of the stage weights' likelihood is not finite")
    lengths = _lengths(arrays["log_static"], arrays["dimension_start"])
    stages, steps = arrays["basis"].shape
    size = 1 + stages + lengths["elements"] * (1 + steps)
    entered = kernels.enter(WHAT, POSTERIOR, arrays, lengths | {"stages": stages, "steps": steps, "size": size})
    parts = [entered[slot.name] for slot in POSTERIOR]
    parts.insert(-1, entered["root"].T)
    sizes = (stages, steps, lengths["dimensions"], lengths["elements"])
    return kernels.pack(size, sizes, [np.array(scales, dtype=float), *parts])


def enter_prior(**arrays: np.ndarray) -> None:
    """Refuse arrays of a prior that do not belong together; they are those of :data:`PRIOR`.

    Raises
    ------
    InputError
        Names the array that is wrong.
    """
    lengths = _lengths(arrays["log_static"], arrays["dimension_start"])
    kernels.enter(WHAT, PRIOR, arrays, lengths)


def _lengths(log_static: np.ndarray, starts: np.ndarray) -> dict[str, int]:
    elements, dimensions = np.size(log_static), np.size(starts) - 1
    return {"elements": elements, "dimensions": dimensions, "indicators": elements - dimensions}


@numba.njit(cache=True, nogil=True, error_model="numpy")
def packed_log_density(  # pragma: no cover - compiled
    y: np.ndarray, integers: np.ndarray, floats: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return log density and gradient at coordinates ``y``; see StageWeightPosterior for what they mean.

    The memory of the packed posterior is seen as integers and as floats.
    """
    size, stages, steps, dimensions, elements = integers[1], integers[2], integers[3], integers[4], integers[5]
    indicators = elements - dimensions
    at = _HEADER
    median, spread, slope, slope_spread = floats[at], floats[at + 1], floats[at + 2], floats[at + 3]
    at += 4
    log_static = floats[at : at + elements]
    at += elements
    starts = integers[at : at + dimensions + 1]
    at += dimensions + 1
    basis = floats[at : at + stages * steps].reshape((stages, steps))
    at += stages * steps
    freedom = floats[at : at + steps]
    at += steps
    shift_root = floats[at : at + elements * elements].reshape((elements, elements))
    at += elements * elements
    theta_0 = floats[at : at + stages * indicators].reshape((stages, indicators))
    at += stages * indicators
    linear = floats[at : at + stages * indicators].reshape((stages, indicators))
    at += stages * indicators
    square = indicators * indicators
    curvature = floats[at : at + stages * square].reshape((stages, indicators, indicators))
    at += stages * square
    origin = floats[at : at + size]
    at += size
    root = floats[at : at + size * size].reshape((size, size))
    at += size * size
    turned = floats[at : at + size * size].reshape((size, size))
    at += size * size
    centred = floats[at : at + size]
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
        header = numba.carray(packed, (2,), np.int64)
        if size != header[1]:
            return -1
        found, slope = packed_log_density(
            numba.carray(y, (size,)),
            numba.carray(packed, (header[0],), np.int64),
            numba.carray(packed, (header[0],), np.float64),
        )
        numba.carray(value, (1,))[0] = found
        out = numba.carray(gradient, (size,))
        finite = np.isfinite(found)
        for p in range(size):
            out[p] = slope[p]
            finite = finite and np.isfinite(slope[p])
        return 0 if finite else 4

    return numba.cfunc(signature, cache=True)(evaluate)
