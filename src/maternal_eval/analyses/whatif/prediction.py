"""The pass over draws and respondents: mean probability of passing each threshold, and what moves change in it.

Single precision: the arithmetic error of a change is a few parts in a hundred thousand of it, where its Monte-Carlo
error is a few parts in a hundred; half the memory traffic and vectors of twice the width make it several times as fast.
All respondents of a draw are passed in loops without branches, which the compiler turns into vector instructions, and
summed by cell afterwards; everything of a draw stays in the processor's cache. The exponential is written out for the
same reason: a call of the library's would keep the loop from being vectorised.
"""

from __future__ import annotations

import numba
import numpy as np

from maternal_eval.core.threads import bound_compiled
from maternal_eval.methods import kernels
from maternal_eval.methods.kernels import Slot

BEFORE = (
    Slot("coefficient", ("draws", "columns"), np.float32),
    Slot("design", ("columns", "rows"), np.float32),
    Slot("odds", ("draws", "thresholds"), np.float32, low=0.0),
    Slot("share", ("draws", "rows"), np.float32),
    Slot("start", ("cells+1",), np.int64, starts="rows"),
    Slot("membership", ("units", "cells")),
)
"""What the pass reads of the respondents before the moves."""

MOVES = (
    Slot("group", ("rows",), np.int64, inside="columns"),
    Slot("gain", ("moves", "rows"), np.float32),
    Slot("column", ("steps",), np.int64, inside="columns"),
    Slot("step", ("steps", "rows"), np.float32),
    Slot("step_start", ("moves+1",), np.int64, starts="steps"),
)
"""What it reads of the moves."""

_FAST = {"reassoc", "contract", "nsz"}

_LOG2_E = np.float32(1.4426950408889634)
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_LARGEST = np.float32(80.0)
_TERMS = tuple(np.float32(1.0 / value) for value in (5040, 720, 120, 24, 6, 2))


@numba.njit(inline="always", fastmath=_FAST, error_model="numpy")
def _expm1(x: np.float32) -> np.float32:
    r"""Return :math:`e^x - 1` to single precision, for x held to [-80, 80].

    With :math:`x = n \ln 2 + r`, :math:`|r| \le \tfrac12 \ln 2`: :math:`2^n (e^r - 1) + (2^n - 1)`, the first by
    Taylor's series, the power of two by its bits; ln 2 in two parts keeps r exact (Cody & Waite 1980).
    """
    x = min(max(x, -_LARGEST), _LARGEST)
    n = np.floor(x * _LOG2_E + np.float32(0.5))
    r = (x - n * _LN_2_HIGH) - n * _LN_2_LOW
    series = _TERMS[0]
    series = series * r + _TERMS[1]
    series = series * r + _TERMS[2]
    series = series * r + _TERMS[3]
    series = series * r + _TERMS[4]
    series = series * r + _TERMS[5]
    series = series * r * r + r
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return power * series + (power - np.float32(1.0))


@numba.njit(fastmath=_FAST, error_model="numpy")
def _exponentials(coefficient: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Return exp(-eta) of every respondent for one draw of the coefficients."""
    rows = design.shape[1]
    result = np.zeros(rows, dtype=np.float32)
    for c in range(coefficient.size):
        for i in range(rows):
            result[i] -= coefficient[c] * design[c, i]
    for i in range(rows):
        result[i] = np.float32(1.0) + _expm1(result[i])
    return result


@numba.njit(fastmath=_FAST, error_model="numpy")
def _sum_by_unit(
    part: np.ndarray, start: np.ndarray, membership: np.ndarray, by_cell: np.ndarray, result: np.ndarray
) -> None:
    """Sum over the respondents of each cell, then over the cells of each unit, into ``result``."""
    for cell in range(by_cell.size):
        total = np.float32(0.0)
        for i in range(start[cell], start[cell + 1]):
            total += part[i]
        by_cell[cell] = total
    for unit in range(result.size):
        result[unit] = (membership[unit] * by_cell).sum()


def probability_changes(
    coefficient: np.ndarray,
    design: np.ndarray,
    odds: np.ndarray,
    share: np.ndarray,
    start: np.ndarray,
    membership: np.ndarray,
    group: np.ndarray,
    gain: np.ndarray,
    column: np.ndarray,
    step: np.ndarray,
    step_start: np.ndarray,
) -> np.ndarray:
    r"""Return :math:`\sum_{i \in unit} s_{di}\,[P(y_i > k \mid \eta_{di} + m_{dij}) - P(y_i > k \mid \eta_{di})]`.

    :math:`\eta_{di} = \sum_c b_{dc} x_{ci}`, and move j is :math:`m_{dij} = b_{d g(i)}\, gain_{ji} + \sum_q
    b_{d\,column(q)}\, step_{qi}` over the steps q of the move.

    Parameters
    ----------
    coefficient
        Draws × columns, float32: b.
    design
        Columns × respondents, float32: x before the moves; respondents sorted by cell.
    odds
        Draws × thresholds, float32: exponentials of the thresholds that are asked for.
    share
        Draws × respondents, float32: what each respondent counts in the draw.
    start
        Cells + 1: where the respondents of each cell begin, and their number.
    membership
        Units × cells, 0 or 1.
    group
        Respondent → column g whose coefficient belongs to her gain.
    gain
        Moves × respondents, float32.
    column, step
        Steps; and steps × respondents, float32: column that a step belongs to, and by how much the column moves.
    step_start
        Moves + 1: where the steps of each move begin, and their number.

    Returns
    -------
    numpy.ndarray
        Moves × draws × units × thresholds; exactly 0 where nobody is moved.

    Raises
    ------
    InputError
        If the arrays do not belong together: the compiled pass takes every one at its word.
    """
    given = (coefficient, design, odds, share, start, membership, group, gain, column, step, step_start)
    arrays = {slot.name: array for slot, array in zip(BEFORE + MOVES, given, strict=True)}
    bound_compiled()
    return _probability_changes(*kernels.enter("the what-if", BEFORE + MOVES, arrays).values())


@numba.njit(cache=True, nogil=True, parallel=True, fastmath=_FAST, error_model="numpy")
def _probability_changes(
    coefficient: np.ndarray,
    design: np.ndarray,
    odds: np.ndarray,
    share: np.ndarray,
    start: np.ndarray,
    membership: np.ndarray,
    group: np.ndarray,
    gain: np.ndarray,
    column: np.ndarray,
    step: np.ndarray,
    step_start: np.ndarray,
) -> np.ndarray:
    """Return what :func:`probability_changes` says, of arrays that it has checked."""
    draws, asked = odds.shape
    moves, rows = gain.shape
    cells, units = start.size - 1, len(membership)
    result = np.empty((moves, draws, asked, units))
    one = np.float32(1.0)
    for d in numba.prange(draws):
        before = _exponentials(coefficient[d], design)
        held = np.empty((asked, rows), dtype=np.float32)
        for k in range(asked):
            for i in range(rows):
                held[k, i] = share[d, i] * before[i] * odds[d, k] / (one + odds[d, k] * before[i])
        by_gain = np.empty(rows, dtype=np.float32)
        for i in range(rows):
            by_gain[i] = coefficient[d, group[i]]
        move, after, part = np.empty(rows, np.float32), np.empty(rows, np.float32), np.empty(rows, np.float32)
        by_cell = np.empty(cells)
        for j in range(moves):
            for i in range(rows):
                move[i] = by_gain[i] * gain[j, i]
            for q in range(step_start[j], step_start[j + 1]):
                b = coefficient[d, column[q]]
                for i in range(rows):
                    move[i] += b * step[q, i]
            for i in range(rows):
                fall = _expm1(-move[i])
                after[i] = before[i] + before[i] * fall
                move[i] = -fall
            for k in range(asked):
                # with b = exp(-eta) and a = exp(-eta - m): 1/(1 + o a) - 1/(1 + o b) = o b / (1 + o b) (1 - a/b) /
                # (1 + o a), without the difference of two close numbers
                for i in range(rows):
                    part[i] = held[k, i] * move[i] / (one + odds[d, k] * after[i])
                _sum_by_unit(part, start, membership, by_cell, result[j, d, k])
    return result.transpose(0, 1, 3, 2)


def probabilities(
    coefficient: np.ndarray,
    design: np.ndarray,
    odds: np.ndarray,
    share: np.ndarray,
    start: np.ndarray,
    membership: np.ndarray,
) -> np.ndarray:
    r"""Return :math:`\sum_{i \in unit} s_{di} P(y_i > k \mid \eta_{di})`, draws × units × thresholds.

    Parameters and errors as :func:`probability_changes`.
    """
    given = (coefficient, design, odds, share, start, membership)
    arrays = {slot.name: array for slot, array in zip(BEFORE, given, strict=True)}
    bound_compiled()
    return _probabilities(*kernels.enter("the what-if", BEFORE, arrays).values())


@numba.njit(cache=True, nogil=True, parallel=True, fastmath=_FAST, error_model="numpy")
def _probabilities(
    coefficient: np.ndarray,
    design: np.ndarray,
    odds: np.ndarray,
    share: np.ndarray,
    start: np.ndarray,
    membership: np.ndarray,
) -> np.ndarray:
    """Return what :func:`probabilities` says, of arrays that it has checked."""
    draws, asked = odds.shape
    result = np.empty((draws, asked, len(membership)))
    one = np.float32(1.0)
    for d in numba.prange(draws):
        before = _exponentials(coefficient[d], design)
        part, by_cell = np.empty(before.size, np.float32), np.empty(start.size - 1)
        for k in range(asked):
            for i in range(before.size):
                part[i] = share[d, i] / (one + odds[d, k] * before[i])
            _sum_by_unit(part, start, membership, by_cell, result[d, k])
    return result.transpose(0, 2, 1)
