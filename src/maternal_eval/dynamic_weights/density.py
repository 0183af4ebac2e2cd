"""The log density of the stage weights given quadratic summaries, compiled, with its exact gradient.

All functions are in this one file because numba's cache looks at the file of the function that is called, not at
those it calls; numbers go in as arguments because the cache would not notice a change of a constant.
"""

from __future__ import annotations

import functools
from typing import Any

import numba
import numpy as np

_HEADER = 9
"""Length of the header of a packed model: four sizes, five scales."""


@numba.njit(cache=True, nogil=True, error_model="numpy")
def log_density(  # pragma: no cover - compiled
    x: np.ndarray,
    log_static: np.ndarray,
    basis: np.ndarray,
    shift_scale: float,
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
    indicators = log_static.size
    first_shift, first_step = 1 + stages, 1 + stages + indicators
    gradient = -x
    tau = step_median * np.exp(step_spread * x[0])
    value = 0.0
    for p in range(first_step):
        value -= 0.5 * x[p] * x[p]
    for p in range(first_step, x.size):
        nu = freedom[(p - first_step) // indicators]
        if np.isinf(nu):
            value -= 0.5 * x[p] * x[p]
        else:
            value -= 0.5 * (nu + 1.0) * np.log1p(x[p] * x[p] / nu)
            gradient[p] *= (nu + 1.0) / (nu + x[p] * x[p])
    theta = np.empty(indicators)
    for s in range(stages):
        for j in range(indicators):
            moved = 0.0
            for k in range(step_count):
                moved += basis[s, k] * x[first_step + k * indicators + j]
            theta[j] = log_static[j] + shift_scale * x[first_shift + j] + tau * moved
        theta = np.exp(theta - theta.max())
        weights = theta / theta.sum()
        theta = slope_median * np.exp(slope_spread * x[1 + s]) * weights
        u = theta - theta_0[s]
        fall = _times(curvature[s], u)
        value += ((linear[s] - 0.5 * fall) * u).sum()
        by_log = theta * (linear[s] - fall)
        by_slope = by_log.sum()
        by_log -= weights * by_slope
        gradient[1 + s] += slope_spread * by_slope
        for j in range(indicators):
            gradient[first_shift + j] += shift_scale * by_log[j]
            for k in range(step_count):
                p = first_step + k * indicators + j
                gradient[p] += tau * basis[s, k] * by_log[j]
                gradient[0] += step_spread * tau * basis[s, k] * by_log[j] * x[p]
    return value, gradient


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
        Shift scale, median and spread of tau, median and spread of the slopes.
    prior
        Log static weights, basis, degrees of freedom.
    summaries
        theta_0, linear, curvature, stacked over the stages.
    coordinates
        Origin, root, and 1.0 for centred parameters, else 0.0.
    """
    basis, origin, root = prior[1], coordinates[0], coordinates[1]
    sizes = np.array([*basis.shape, prior[0].size, origin.size], dtype=float)
    parts = [sizes, np.array(scales), *prior, *summaries, origin, root, root.T, coordinates[2]]
    return np.concatenate([np.ascontiguousarray(part, dtype=np.float64).ravel() for part in parts])


@numba.njit(cache=True, nogil=True, error_model="numpy")
def packed_log_density(y: np.ndarray, packed: np.ndarray) -> tuple[float, np.ndarray]:  # pragma: no cover - compiled
    """Return log density and gradient at coordinates ``y``; see StageWeightPosterior for what they mean."""
    stages, steps, indicators, size = int(packed[0]), int(packed[1]), int(packed[2]), int(packed[3])
    at = _HEADER
    log_static = packed[at : at + indicators]
    at += indicators
    basis = packed[at : at + stages * steps].reshape((stages, steps))
    at += stages * steps
    freedom = packed[at : at + steps]
    at += steps
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
    spread = packed[6]
    x = origin + _times(turned, y)
    shrink = np.exp(-spread * x[0])
    for p in range(size):
        if centred[p] > 0.0:
            x[p] *= shrink
    value, gradient = log_density(
        x, log_static, basis, packed[4], packed[5], spread, freedom, packed[7], packed[8], theta_0, linear, curvature
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

    Signature: (length of y, y, gradient, value, packed model) → 0, or 4 where the density is not finite.
    """
    number = numba.types.CPointer(numba.types.double)
    signature = numba.types.int64(numba.types.uint64, number, number, number, numba.types.voidptr)

    def evaluate(size: int, y: Any, gradient: Any, value: Any, packed: Any) -> int:  # pragma: no cover - compiled
        header = numba.carray(packed, (_HEADER,), np.float64)
        stages, steps, indicators = int(header[0]), int(header[1]), int(header[2])
        length = _HEADER + indicators + stages * steps + steps + stages * indicators * (2 + indicators)
        length += 2 * size + 2 * size * size
        found, slope = packed_log_density(numba.carray(y, (size,)), numba.carray(packed, (length,), np.float64))
        numba.carray(value, (1,))[0] = found
        out = numba.carray(gradient, (size,))
        finite = np.isfinite(found)
        for p in range(size):
            out[p] = slope[p]
            finite = finite and np.isfinite(slope[p])
        return 0 if finite else 4

    return numba.cfunc(signature, cache=True)(evaluate)
