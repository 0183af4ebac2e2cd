r"""Which cells of respondents are hidden, so that none with few of them can be worked out.

Cells are tied to each other by relations: a total is the sum of its parts and of what is not shown at all (answers
without a stage). An attacker knows every shown cell and every relation. Hidden are

1. *primary*: cells with 1 … minimum − 1 respondents;
2. *complementary*: in every relation nothing is hidden, or at least two unknowns whose sum is at least the minimum. A
   single hidden cell would be its total less the others, and two of 3 and 4 would be a group of 7 with a known mean;
3. *complementary by audit*: with several relations at once (rows and columns), every primary cell can still be anything
   in an interval of at least the minimum, by linear programming over all that is shown. Where it cannot, another cell
   of its relations is hidden and all is looked at again.

The sum of the answers obeys the same relations as the number of respondents, so a mean is no better known than its
count. Cells are hidden smallest first, totals last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maternal_eval.core.arguments import numbers, whole
from maternal_eval.methods.disclosure.audit import feasible_intervals

MOST_AUDITED = 400
"""Primary cells of one connected part of the tables that are audited one by one; in a larger part the third step hides
every cell of every relation with a hidden one, which needs no audit: only totals are left."""


@dataclass(frozen=True)
class Relation:
    """A total and its parts, as positions of cells; ``rest`` respondents of the total belong to no cell."""

    total: int
    parts: tuple[int, ...]
    rest: float = 0.0


def suppressed(
    counts: np.ndarray, relations: Sequence[Relation], minimum: int, also: np.ndarray | None = None
) -> np.ndarray:
    """Return which cells are hidden.

    Parameters
    ----------
    counts
        ``(cells,)`` respondents of each cell, totals among them.
    relations
        Which cells add up to which.
    minimum
        Fewest respondents of a cell that is shown; 1 hides nothing.
    also
        ``(cells,)``: hidden for another reason, such as in another table of the same respondents.

    Returns
    -------
    numpy.ndarray
        ``(cells,)`` of bool.

    Raises
    ------
    InputError
        If a count is negative or not finite, or the minimum is not a whole number of at least 1.

    Examples
    --------
    >>> suppressed(np.array([115.0, 3.0, 12.0, 100.0]), [Relation(0, (1, 2, 3))], 10).tolist()
    [False, True, True, False]
    """
    counts = numbers(counts, "counts", ndim=1, low=0.0, empty=True)
    whole(minimum, "minimum", low=1)
    small = (counts > 0) & (counts < minimum)
    hidden = small | (np.zeros(len(counts), dtype=bool) if also is None else np.asarray(also, dtype=bool))
    if not hidden.any() and not any(0 < one.rest < minimum for one in relations):
        return hidden
    of_cell: dict[int, list[Relation]] = {}
    for one in relations:
        for cell in (*one.parts, one.total):
            of_cell.setdefault(cell, []).append(one)
    totals = {one.total for one in relations}
    while True:
        _complement(counts, relations, of_cell, minimum, hidden)
        before = int(hidden.sum())
        for cell in _exposed(counts, relations, minimum, hidden, np.flatnonzero(small)):
            known = [at for one in of_cell.get(cell, []) for at in (*one.parts, one.total)]
            shown = [at for at in known if not hidden[at] and counts[at] > 0]
            if shown:
                hidden[min(shown, key=lambda at: (at in totals, counts[at], at))] = True
        # Where nothing is left that could be hidden, no relation of these cells shows anything more.
        if int(hidden.sum()) == before:
            return hidden


def _complement(
    counts: np.ndarray,
    relations: Sequence[Relation],
    of_cell: dict[int, list[Relation]],
    minimum: int,
    hidden: np.ndarray,
) -> None:
    """Hide parts until no relation has one unknown alone, or unknowns with fewer respondents than the minimum.

    The part that mends most relations at once is taken, the smallest of these: in a table of rows and columns that
    closes a rectangle, where the smallest part of each line would open ever more lines.
    """
    waiting = list(relations)
    while waiting:
        one = waiting.pop()
        while _shortfall(one, counts, minimum, hidden) > 0:
            shown = [at for at in one.parts if not hidden[at] and counts[at] > 0]
            if not shown:
                break
            chosen = min(shown, key=lambda at: (*_cost(at, counts, of_cell, minimum, hidden), at))
            hidden[chosen] = True
            waiting += of_cell[chosen]


def _shortfall(one: Relation, counts: np.ndarray, minimum: int, hidden: np.ndarray) -> float:
    """Return how many respondents more have to be unknown in a relation; 0 where it gives nothing away."""
    unknown = [at for at in one.parts if hidden[at] and counts[at] > 0]
    of_total = bool(hidden[one.total])
    number = len(unknown) + (one.rest > 0) + of_total
    if not number or (of_total and counts[one.total] < minimum):
        return 0.0  # of a small total all parts are small
    if number == 1 and not of_total and one.rest >= minimum:
        return 0.0  # those without a level, and they are no small group
    lacking = 0.0 if of_total else minimum - (counts[unknown].sum() + one.rest)
    return max(lacking, 1.0) if number < 2 else max(lacking, 0.0)


def _cost(
    at: int, counts: np.ndarray, of_cell: dict[int, list[Relation]], minimum: int, hidden: np.ndarray
) -> tuple[int, float]:
    """Return how many relations would give something away if a cell were hidden too, and its size."""
    hidden[at] = True
    open_then = sum(_shortfall(one, counts, minimum, hidden) > 0 for one in of_cell[at])
    hidden[at] = False
    return open_then, float(counts[at])


def _exposed(
    counts: np.ndarray, relations: Sequence[Relation], minimum: int, hidden: np.ndarray, small: np.ndarray
) -> np.ndarray:
    """Return the small cells whose feasible interval is narrower than the minimum."""
    # Only tables with hidden cells are audited: the rest does without the solver.
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    unknown = np.flatnonzero(hidden & (counts > 0))
    place = np.full(len(counts), -1)
    place[unknown] = np.arange(len(unknown))
    rows, columns, signs, totals, rests = [], [], [], [], 0
    number = 0
    for one in relations:
        members = [at for at in one.parts if place[at] >= 0]
        if not members and place[one.total] < 0:
            continue
        shown = sum(counts[at] for at in one.parts if place[at] < 0)
        entries = [(place[at], 1.0) for at in members]
        if place[one.total] >= 0:
            entries.append((place[one.total], -1.0))
        if one.rest > 0:
            entries.append((len(unknown) + rests, 1.0))
            rests += 1
        rows += [number] * len(entries)
        columns += [at for at, _ in entries]
        signs += [sign for _, sign in entries]
        totals.append((counts[one.total] if place[one.total] < 0 else 0.0) - shown)
        number += 1
    width = len(unknown) + rests
    matrix = sparse.csr_array((signs, (rows, columns)), shape=(number, width))
    known = np.array(totals, dtype=float)
    _, label = connected_components(sparse.bmat([[None, matrix], [matrix.T, None]]), directed=False)
    of_row, of_cell = label[:number], label[number:]
    exposed: list[int] = []
    for part in np.unique(of_cell[place[small]]):
        inside = np.flatnonzero(of_cell == part)
        wanted = [int(at) for at in small if of_cell[place[at]] == part]
        equations = matrix[of_row == part][:, inside]
        if len(wanted) > MOST_AUDITED:
            _hide_all(counts, relations, hidden, set(unknown[inside[inside < len(unknown)]].tolist()))
            continue
        if not equations.shape[0]:
            continue
        ends = feasible_intervals(
            equations, known[of_row == part], targets=np.searchsorted(inside, place[wanted]).tolist()
        )
        exposed += [at for at, (low, high) in zip(wanted, ends, strict=True) if not high - low >= minimum - 1e-6]
    return np.array(exposed, dtype=int)


def _hide_all(counts: np.ndarray, relations: Sequence[Relation], hidden: np.ndarray, cells: set[int]) -> None:
    for one in relations:
        if cells.intersection(one.parts):
            hidden[list(one.parts)] = True
