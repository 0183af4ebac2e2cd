"""From the long table of expert judgements to matrices, every slip told with expert, round, set and cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from maternal_eval.core.errors import InputError
from maternal_eval.methods.ahp import LARGEST, SMALLEST, complete, is_linked, reciprocal_matrix

RECIPROCAL_TOLERANCE = 0.05
"""How far the product of a judgement and its reverse may lie from 1: 1/7 is written 0.14 and 1/8 0.13."""


@dataclass(frozen=True)
class JudgementRound:
    """What the experts of one round said.

    Attributes
    ----------
    number
        Number of the round.
    experts
        Names of the experts who took part, sorted.
    matrices
        Sibling set → ``(experts, n, n)`` judgement matrices in the order of ``experts`` and of the set; only sets of
        two or more elements. NaN where a pair was not judged.
    """

    number: int
    experts: tuple[str, ...]
    matrices: dict[str, np.ndarray]

    @cached_property
    def completed(self) -> dict[str, np.ndarray]:
        """The matrices with missing judgements filled in (:func:`~maternal_eval.methods.ahp.complete`)."""
        return {name: complete(matrices) for name, matrices in self.matrices.items()}

    @property
    def missing(self) -> dict[str, np.ndarray]:
        """Sibling set → number of judgements each expert did not make."""
        return {name: np.isnan(matrices).sum(axis=(1, 2)) // 2 for name, matrices in self.matrices.items()}


def read_judgements(
    table: pd.DataFrame,
    sibling_sets: Mapping[str, Sequence[str]],
    file: str = "experts",
    *,
    incomplete: bool = False,
    changing_panel: bool = False,
) -> tuple[JudgementRound, ...]:
    """Return the judgement matrices of each round.

    Parameters
    ----------
    table
        Columns ``expert``, ``round``, ``set``, ``row``, ``column``, ``judgement``: how much ``row`` outweighs
        ``column`` (1/9 … 9); each pair once, in either direction, or in both if they are each other's reciprocal.
    sibling_sets
        Set → its elements, in order.
    file
        What error messages call the table.
    incomplete
        Whether an expert may leave out pairs, as long as the others link all elements of the set.
    changing_panel
        Whether an expert may be absent from a round; else a change between rounds could be one of who was asked.

    Raises
    ------
    InputError
        If a judgement is off the scale, compares an element with itself or one that is not of the set, stands
        twice, contradicts its reverse, a pair or an expert is missing: with expert, round, set and cell.
    """
    compared = {name: list(elements) for name, elements in sibling_sets.items() if len(elements) > 1}
    if table.empty:
        raise InputError("there are no judgements", file=file, found="no rows", expected="pairwise judgements")
    judged = _judgements(table, compared, file)
    everyone = sorted({key[1] for key in judged})
    rounds = []
    for number in sorted({key[0] for key in judged}):
        experts = tuple(expert for expert in everyone if any((number, expert, name) in judged for name in compared))
        _check_panel(everyone if not changing_panel else experts, experts, number, compared, file)
        matrices = {}
        for name, elements in compared.items():
            upper = [
                _upper_triangle(
                    judged.get((number, expert, name), {}), elements, (expert, number, name), file, incomplete
                )
                for expert in experts
            ]
            matrices[name] = reciprocal_matrix(np.array(upper), len(elements), incomplete)
        rounds.append(JudgementRound(number, experts, matrices))
    return tuple(rounds)


def _judgements(
    table: pd.DataFrame, compared: Mapping[str, Sequence[str]], file: str
) -> dict[tuple[int, str, str], dict[tuple[int, int], float]]:
    """Return (round, expert, set) → pair of positions, the smaller first → judgement."""
    position = {name: {element: at for at, element in enumerate(found)} for name, found in compared.items()}
    judged: dict[tuple[int, str, str], dict[tuple[int, int], float]] = {}
    written: set[tuple[int, str, str, str, str]] = set()
    columns = [table[column].tolist() for column in ("expert", "round", "set", "row", "column", "judgement")]
    for number, row in enumerate(map(_Row._make, zip(*columns, strict=True))):
        _check_row(row, compared, file, number)
        first, second = position[row.set][row.row], position[row.set][row.column]
        pair, value = ((first, second), row.judgement) if first < second else ((second, first), 1 / row.judgement)
        pairs = judged.setdefault((int(row.round), str(row.expert), row.set), {})
        cell = (int(row.round), str(row.expert), row.set, row.row, row.column)
        if cell in written:
            raise _wrong(row, file, number, "the pair is judged twice", "row", row.cell, "each pair once")
        written.add(cell)
        earlier = pairs.setdefault(pair, float(value))
        if abs(earlier / value - 1) > RECIPROCAL_TOLERANCE:
            reverse = 1 / earlier if first < second else earlier
            found = f"{row.judgement:g} for {row.cell} and {reverse:g} for {row.column} against {row.row}"
            raise _wrong(row, file, number, "the judgements are not reciprocal", "judgement", found, "a product of 1")
    return judged


def _check_panel(
    expected: Sequence[str], experts: Sequence[str], number: int, compared: Mapping[str, Sequence[str]], file: str
) -> None:
    for expert in expected:
        if expert not in experts:
            raise InputError(
                f"an expert is missing (expert {expert}, round {number}, set {next(iter(compared))})",
                file=file,
                found="no judgement in this round",
                expected="the same experts in every round, or changing_panel = true in [analysis.weights]",
            )


class _Row(NamedTuple):
    expert: str
    round: int
    set: str
    row: str
    column: str
    judgement: float

    @property
    def cell(self) -> str:
        return f"{self.row} against {self.column}"


def _wrong(row: _Row, file: str, number: int, problem: str, column: str, found: str, expected: str) -> InputError:
    who = f"expert {row.expert}, round {row.round:g}, set {row.set}"
    return InputError(f"{problem} ({who})", file=file, row=number + 2, column=column, found=found, expected=expected)


def _check_row(row: _Row, compared: Mapping[str, Sequence[str]], file: str, number: int) -> None:
    if row.set not in compared:
        raise _wrong(row, file, number, "the set is unknown", "set", row.set, "one of " + ", ".join(compared))
    elements = compared[row.set]
    for column, element in (("row", row.row), ("column", row.column)):
        if element not in elements:
            expected = "one of " + ", ".join(elements)
            raise _wrong(row, file, number, "the element is not of this set", column, element, expected)
    if row.row == row.column:
        expected = "two different elements"
        raise _wrong(row, file, number, "an element is compared with itself", "column", row.cell, expected)
    if not SMALLEST <= row.judgement <= LARGEST:
        found, expected = f"{row.judgement:g} for {row.cell}", "a number from 1/9 to 9"
        raise _wrong(row, file, number, "the judgement is off the scale", "judgement", found, expected)


def _upper_triangle(
    pairs: Mapping[tuple[int, int], float],
    elements: Sequence[str],
    who: tuple[str, int, str],
    file: str,
    incomplete: bool,
) -> list[float]:
    order = [(first, second) for first in range(len(elements)) for second in range(first + 1, len(elements))]
    names = f"(expert {who[0]}, round {who[1]}, set {who[2]})"
    for first, second in order:
        if not incomplete and (first, second) not in pairs:
            raise InputError(
                f"a judgement is missing {names}",
                file=file,
                found=f"nothing for {elements[first]} against {elements[second]}",
                expected="a judgement of every pair, or incomplete = true in [analysis.weights]",
            )
    upper = [pairs.get(pair, np.nan) for pair in order]
    if not is_linked(reciprocal_matrix(np.array(upper), len(elements), incomplete=True)):
        raise InputError(
            f"the judgements do not link all elements {names}",
            file=file,
            found=f"{len(pairs)} of {len(order)} pairs",
            expected="pairs that lead from every element to every other",
        )
    return upper
