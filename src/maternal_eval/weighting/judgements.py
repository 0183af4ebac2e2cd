"""From the long table of expert judgements to matrices, every slip told with expert, round, set and cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from maternal_eval.errors import InputError
from maternal_eval.weighting.ahp import LARGEST, SMALLEST, reciprocal_matrix


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
        two or more elements.
    """

    number: int
    experts: tuple[str, ...]
    matrices: dict[str, np.ndarray]


def read_judgements(
    table: pd.DataFrame, sibling_sets: Mapping[str, Sequence[str]], file: str = "experts"
) -> tuple[JudgementRound, ...]:
    """Return the judgement matrices of each round.

    Parameters
    ----------
    table
        Columns ``expert``, ``round``, ``set``, ``row``, ``column``, ``judgement``: how much ``row`` outweighs
        ``column`` (1/9 … 9); each pair once, in either direction. An expert may leave between two rounds, but who
        takes part in a round judges every pair.
    sibling_sets
        Set → its elements, in order.
    file
        What error messages call the table.

    Raises
    ------
    InputError
        If a judgement is off the scale, compares an element with itself or one that is not of the set, stands
        twice, or a pair is missing: with expert, round, set and cell.
    """
    compared = {name: list(elements) for name, elements in sibling_sets.items() if len(elements) > 1}
    if table.empty:
        raise InputError("there are no judgements", file=file, found="no rows", expected="pairwise judgements")
    position = {name: {element: at for at, element in enumerate(found)} for name, found in compared.items()}
    judged: dict[tuple[int, str, str], dict[tuple[int, int], float]] = {}
    columns = [table[column].tolist() for column in ("expert", "round", "set", "row", "column", "judgement")]
    for number, row in enumerate(map(_Row._make, zip(*columns, strict=True))):
        _check_row(row, compared, file, number)
        first, second = position[row.set][row.row], position[row.set][row.column]
        pair, value = ((first, second), row.judgement) if first < second else ((second, first), 1 / row.judgement)
        pairs = judged.setdefault((int(row.round), str(row.expert), row.set), {})
        if pair in pairs:
            raise _wrong(row, file, number, "the pair is judged twice", "row", row.cell, "each pair once")
        pairs[pair] = float(value)
    rounds = []
    for number in sorted({key[0] for key in judged}):
        experts = tuple(sorted({key[1] for key in judged if key[0] == number}))
        matrices = {}
        for name, elements in compared.items():
            upper = [
                _upper_triangle(judged.get((number, expert, name), {}), elements, (expert, number, name), file)
                for expert in experts
            ]
            matrices[name] = reciprocal_matrix(np.array(upper), len(elements))
        rounds.append(JudgementRound(number, experts, matrices))
    return tuple(rounds)


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
    pairs: Mapping[tuple[int, int], float], elements: Sequence[str], who: tuple[str, int, str], file: str
) -> list[float]:
    order = [(first, second) for first in range(len(elements)) for second in range(first + 1, len(elements))]
    for first, second in order:
        if (first, second) not in pairs:
            raise InputError(
                f"a judgement is missing (expert {who[0]}, round {who[1]}, set {who[2]})",
                file=file,
                found=f"nothing for {elements[first]} against {elements[second]}",
                expected="a judgement of every pair",
            )
    return [pairs[pair] for pair in order]
