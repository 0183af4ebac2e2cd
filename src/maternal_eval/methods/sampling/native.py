"""Handing a density to nutpie as a C function.

nutpie calls models in two ways: a Python function, for which every evaluation of every chain waits for Python's
interpreter lock, or the C functions that it compiles from a PyMC model. A density that numba has compiled by itself
is given to it in the second way here. That costs no compilation of a graph, and chains run at the same time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


@functools.cache
def _identity() -> Any:
    """Return the C function that turns a parameter vector into what is stored of it: the vector."""
    import numba

    number = numba.types.CPointer(numba.types.double)
    signature = numba.types.int64(numba.types.uint64, numba.types.uint64, number, number, numba.types.voidptr)

    def copy(size: int, stored: int, x: Any, out: Any, data: Any) -> int:  # pragma: no cover - compiled
        source, target = numba.carray(x, (size,)), numba.carray(out, (stored,))
        for index in range(size):
            target[index] = source[index]
        return 0

    return numba.cfunc(signature, cache=True)(copy)


def native_model(
    function: Any,
    data: np.ndarray,
    names: Sequence[str],
    start: Callable[[int], np.ndarray],
    variable: str = "parameter",
) -> Any:
    """Return a nutpie model of a C function.

    Parameters
    ----------
    function
        A ``numba.cfunc`` (length of x, x, gradient, value, data) → 0, or another number where the density is not
        finite.
    data
        Contiguous memory, a pointer to which ``function`` gets as its last argument.
    names
        One name per parameter.
    start
        Starting point for a seed.
    variable
        Name of the stored variable; its dimension is ``name``.
    """
    from nutpie.compile_pymc import CompiledPyMCModel

    size = len(names)
    return CompiledPyMCModel(
        dims={variable: ("name",)},
        compiled_logp_func=function,
        compiled_expand_func=_identity(),
        initial_point_func=start,
        shared_data={},
        shared_var_keys={},
        user_data=np.ascontiguousarray(data),
        n_expanded=size,
        shape_info=([variable], [slice(0, size)], [(size,)]),
        logp_func=None,
        expand_func=None,
        _n_dim=size,
        _shapes={variable: (size,)},
        _coords={"name": list(names)},
    )
