"""The arguments of mathematical functions, held to what they can be: what cannot be is refused with its name.

Formulas take every number at its word: thresholds that fall give a negative probability, a probability of 1 an interval
without end, and NaN spreads until it looks like a gap in the data. So the doors of the package ask here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from maternal_eval.core.errors import InputError


def numbers(
    value: Any,
    name: str,
    *,
    ndim: int | None = None,
    shape: tuple[int | None, ...] | None = None,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    missing: bool = False,
    empty: bool = False,
) -> np.ndarray:
    """Return ``value`` as an array of floats inside its range.

    Parameters
    ----------
    value, name
        What was given, and what the argument is called.
    ndim, shape
        Number of axes; length of each axis, None for any.
    low, high, above, below
        Range: ``low`` and ``high`` are allowed, ``above`` and ``below`` are not.
    missing
        Whether NaN is allowed (something is not known or not answered); infinity never is.
    empty
        Whether the array may have no element.

    Raises
    ------
    InputError
        Otherwise: names the argument, the first number that is wrong and where it stands.

    Examples
    --------
    >>> numbers([1, 2], "weights", low=0).tolist()
    [1.0, 2.0]
    >>> numbers([1, -2], "weights", low=0)
    Traceback (most recent call last):
    maternal_eval.core.errors.InputError: weights: a number is out of range: found -2 at 1, expected at least 0
    """
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: not numbers", found=_shown(value), expected="numbers") from error
    if ndim is not None and array.ndim != ndim:
        raise InputError(f"{name}: wrong number of axes", found=array.ndim, expected=ndim)
    return held(array, name, shape=shape, low=low, high=high, above=above, below=below, missing=missing, empty=empty)


def held(
    array: np.ndarray,
    name: str,
    *,
    shape: tuple[int | None, ...] | None = None,
    low: float = -math.inf,
    high: float = math.inf,
    above: float = -math.inf,
    below: float = math.inf,
    missing: bool = False,
    infinite: bool = False,
    empty: bool = False,
) -> np.ndarray:
    """Return an array of numbers as it is, in its own precision, if it is inside its range.

    Parameters and errors are those of :func:`numbers`; ``infinite`` allows infinity.
    """
    if shape is not None and not _fits(array.shape, shape):
        raise InputError(f"{name}: wrong shape", found=array.shape, expected=_axes(shape))
    if array.size == 0 and not empty:
        raise InputError(f"{name}: empty", expected="at least one number")
    bad = _not_allowed(array, missing, infinite)
    if bad is not None and bad.any():
        raise InputError(f"{name}: not finite", found=_first(array, bad), expected="finite numbers")
    # Only limits that there are: comparing a large array with infinity takes longer than all the rest.
    with np.errstate(invalid="ignore"):
        outside = [
            outside_of(array, limit)
            for limit, outside_of in (
                (low, np.less),
                (high, np.greater),
                (above, np.less_equal),
                (below, np.greater_equal),
            )
            if math.isfinite(limit)
        ]
    for bad in outside:
        if bad.any():
            raise InputError(
                f"{name}: a number is out of range",
                found=_first(array, np.logical_or.reduce(outside)),
                expected=_range(low, high, above, below),
            )
    return array


def _not_allowed(array: np.ndarray, missing: bool, infinite: bool) -> np.ndarray | None:
    """Return which numbers are neither finite nor of a kind that is allowed; None where nothing can be wrong."""
    if array.dtype.kind in "iub" or (missing and infinite):
        return None
    if infinite:
        return np.isnan(array)
    return np.isinf(array) if missing else ~np.isfinite(array)


def number(value: Any, name: str, **limits: float) -> float:
    """Return one finite number inside its range; ``limits`` and errors are those of :func:`numbers`.

    Examples
    --------
    >>> number(2, "scale", above=0)
    2.0
    """
    return float(numbers(value, name, ndim=0, **limits))  # type: ignore[arg-type]


def probability(value: Any, name: str) -> float:
    """Return a probability strictly between 0 and 1: the content of an interval, a level, a share that is asked for.

    Examples
    --------
    >>> probability(0.9, "probability")
    0.9
    >>> probability(1.0, "probability")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    maternal_eval.core.errors.InputError: probability: a number is out of range: found 1, expected more than 0, ...
    """
    return number(value, name, above=0.0, below=1.0)


def whole(value: Any, name: str, *, low: float = -math.inf, high: float = math.inf) -> int:
    """Return one whole number inside its range.

    Examples
    --------
    >>> whole(3.0, "draws", low=1)
    3
    >>> whole(True, "draws")
    Traceback (most recent call last):
    maternal_eval.core.errors.InputError: draws: not a number: found True, expected a whole number
    """
    if isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name}: not a number", found=value, expected="a whole number")
    found = number(value, name, low=low, high=high)
    if found != round(found):
        raise InputError(f"{name}: not a whole number", found=f"{found:g}", expected="a whole number")
    return int(found)


def whole_numbers(value: Any, name: str, **limits: Any) -> np.ndarray:
    """Return an array of whole numbers (64 bits) inside their range; ``limits`` and errors as for :func:`numbers`."""
    array = numbers(value, name, **limits)
    bad = array != np.round(array)
    if bad.any():
        raise InputError(f"{name}: not a whole number", found=_first(array, bad), expected="whole numbers")
    return array.astype(np.int64)


def increasing(array: np.ndarray, name: str) -> np.ndarray:
    """Return ``array``, whose last axis has to rise.

    Examples
    --------
    >>> increasing(np.array([0.0, -1.0, 0.0]), "thresholds")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    maternal_eval.core.errors.InputError: thresholds: not increasing: found 0 before -1, expected each larger than ...
    """
    fall = ~(np.diff(array, axis=-1) > 0)
    if fall.any():
        place = tuple(np.argwhere(fall)[0])
        after = (*place[:-1], place[-1] + 1)
        raise InputError(
            f"{name}: not increasing",
            found=f"{array[place]:g} before {array[after]:g}",
            expected="each larger than the last",
        )
    return array


def _fits(found: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(found) == len(wanted) and all(two is None or one == two for one, two in zip(found, wanted, strict=True))


def _axes(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if one is None else str(one) for one in shape) + ")"


def _first(array: np.ndarray, bad: np.ndarray) -> str:
    if array.ndim == 0:
        return f"{float(array):g}"
    place = tuple(int(axis) for axis in np.argwhere(bad)[0])
    return f"{array[place]:g} at {place[0] if len(place) == 1 else place}"


def _range(low: float, high: float, above: float, below: float) -> str:
    words = [
        f"{word} {limit:g}"
        for word, limit in (("at least", low), ("more than", above), ("at most", high), ("less than", below))
        if math.isfinite(limit)
    ]
    return ", ".join(words)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
