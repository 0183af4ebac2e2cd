"""The one door of compiled code: arrays that belong together, in the layout that it reads.

A compiled function takes every array at its word: it reads past the end of a short one, and a position outside of its
array is another array's memory. So each kernel has a table of what it reads (:class:`Slot`), every array goes through
:func:`enter` once, before the first call, and :func:`pack` puts them side by side for a sampler that hands on a single
pointer. ``tests/kernels`` runs all kernels with every index checked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from maternal_eval.core.arguments import held
from maternal_eval.core.errors import InputError


@dataclass(frozen=True)
class Slot:
    """An array that a kernel reads.

    Attributes
    ----------
    name
        Name of the array.
    axes
        Name of each axis. Axes of the same name have the same length; ``"dimensions+1"`` is one longer than
        ``"dimensions"``.
    kind
        Type of its numbers: float64, float32, or int64 for positions and whole numbers.
    low, high
        Smallest and largest number allowed.
    inside
        Name of an axis whose positions these are: 0 up to its length less one.
    starts
        Name of an axis: where each of its parts begins, from 0, and its length at the end; never falling.
    filled
        Whether each of these parts has something in it; then there is at least one.
    missing, infinite
        Whether NaN, whether infinity may stand in it.
    """

    name: str
    axes: tuple[str, ...]
    kind: type = np.float64
    low: float = -math.inf
    high: float = math.inf
    inside: str | None = None
    starts: str | None = None
    filled: bool = False
    missing: bool = False
    infinite: bool = False


def enter(
    what: str, slots: Sequence[Slot], arrays: Mapping[str, Any], lengths: Mapping[str, int] | None = None
) -> dict[str, np.ndarray]:
    """Return arrays as a kernel reads them: of its type, contiguous, in range, and belonging together.

    Parameters
    ----------
    what
        What the arrays are of, for the sentence of a refusal.
    slots
        What the kernel reads.
    arrays
        One array for each slot.
    lengths
        Axis → length, where it is known; the others are those of the first array that has them.

    Raises
    ------
    InputError
        Names the array, what was found and what was expected.

    Examples
    --------
    >>> slots = (Slot("values", ("cells", "answers"), low=0.0), Slot("group", ("cells",), np.int64, inside="groups"))
    >>> enter("the model", slots, {"values": [[1, 2]], "group": [0]}, {"groups": 1})["group"]
    array([0])
    >>> enter("the model", slots, {"values": [[1, 2]], "group": [1]}, {"groups": 1})
    Traceback (most recent call last):
    maternal_eval.core.errors.InputError: arrays of the model do not belong together: group: a number is out of range: \
found 1 at 0, expected at least 0, at most 0
    """
    known = dict(lengths or {})
    found: dict[str, np.ndarray] = {}
    try:
        for slot in slots:
            array = _numbers(arrays[slot.name], slot)
            if array.ndim == len(slot.axes):
                for axis, length in zip(slot.axes, array.shape, strict=True):
                    name, _, more = axis.partition("+")
                    known.setdefault(name, length - int(more or 0))
            found[slot.name] = array
        for slot in slots:
            held(found[slot.name], slot.name, shape=_shape(slot, known), infinite=True, missing=True, empty=True)
        for slot in slots:
            found[slot.name] = np.ascontiguousarray(_in_range(found[slot.name], slot, known), dtype=slot.kind)
    except InputError as error:
        raise InputError(
            f"arrays of {what} do not belong together: {error.problem}", found=error.found, expected=error.expected
        ) from None
    return found


def _numbers(value: Any, slot: Slot) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.kind not in ("iu" if slot.kind is np.int64 else "fiub"):
        raise InputError(f"{slot.name}: not of its type", found=array.dtype, expected=np.dtype(slot.kind))
    return array


def _shape(slot: Slot, known: Mapping[str, int]) -> tuple[int | None, ...]:
    parts = [axis.partition("+") for axis in slot.axes]
    return tuple(known[name] + int(more or 0) if name in known else None for name, _, more in parts)


def _in_range(array: np.ndarray, slot: Slot, known: Mapping[str, int]) -> np.ndarray:
    low, high = (slot.low, slot.high) if slot.inside is None else (0, known[slot.inside] - 1)
    held(
        array,
        slot.name,
        low=low,
        high=high,
        missing=slot.missing,
        infinite=slot.infinite,
        empty=True,
    )
    if slot.starts is not None:
        end, least = known[slot.starts], int(slot.filled)
        if array.size < 1 + least or array[0] != 0 or array[-1] != end or (np.diff(array) < least).any():
            how = "rising" if slot.filled else "never falling"
            raise InputError(f"{slot.name}: no starts", found=array.tolist(), expected=f"from 0 to {end} and {how}")
    return array


def pack(size: int, lengths: Iterable[int], arrays: Iterable[np.ndarray]) -> np.ndarray:
    """Return arrays as one block of memory, in words of 8 bytes.

    A header of whole numbers: how many words there are, how long the vector of parameters is, and ``lengths``; then the
    arrays, row by row, whole numbers as int64 and all others as float64.

    Examples
    --------
    >>> block = pack(3, [2], [np.array([0.5, 1.5]), np.array([7])])
    >>> block[:3].tolist(), block.view(np.float64)[3:5].tolist(), block[5].item()
    ([6, 3, 2], [0.5, 1.5], 7)
    """
    parts = [np.array([0, size, *lengths], dtype=np.int64)]
    for array in arrays:
        words = np.ascontiguousarray(array, dtype=np.int64 if array.dtype.kind in "iu" else np.float64)
        parts.append(words.ravel().view(np.int64))
    block = np.concatenate(parts)
    block[0] = block.size
    return block
