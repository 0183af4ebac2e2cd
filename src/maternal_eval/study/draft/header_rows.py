"""Which of the first rows of a table hold names, which wordings of questions, and where the answers begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from maternal_eval.study.dates import date_in, year_last
from maternal_eval.study.draft.numbers import number_in_words
from maternal_eval.study.recoding.answer_sets import graded, means_no_answer, number_beside

_CODE = re.compile(r"[A-Za-z]{0,12}[_.]?\d{0,4}(?:[_.\-A-Za-z0-9]{0,12})")


class Names(NamedTuple):
    """Which rows hold the names, the row of the first answer if it does not follow, and the rows of wordings."""

    header: tuple[int, ...]
    answers: int | None
    wordings: int | None


def names_in(filled: Sequence[tuple[int, list[str]]], above: int | None = None) -> Names:
    """Return which of the first filled rows of a table hold the names of its columns.

    Parameters
    ----------
    filled
        Row number and cells, empty rows left out.
    above
        How many rows stand above the first answer, if that is known.
    """
    usual = max(sum(bool(cell.strip()) for cell in cells) for _, cells in filled)
    rows = [(number, cells) for number, cells in filled if above is None or number <= above] or list(filled[:1])
    few = max(2, 0.15 * usual)
    start = next(
        (n for n, (_, cells) in enumerate(rows) if len({c.strip() for c in cells if c.strip()}) > min(few, usual - 1)),
        0,
    )
    first = rows[start][0]
    if above is not None:
        numbers = tuple(number for number, _ in rows[start:])
        names = _which(dict(filled), numbers)
        return names if names.answers is not None or names.header[-1] == above else names._replace(answers=above + 1)
    body = [cells for _, cells in filled[start + 1 :]]
    further = [number for number, _ in filled[start + 1 : start + 4]]
    chosen = [first]
    for place, number in enumerate(further):
        below = body[place + 1 :]
        if not below or not _is_header(body[place], below):
            break
        chosen.append(number)
    return _which(dict(filled), tuple(chosen))


def _is_header(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row under the first one holds names or wordings rather than answers."""
    texts = [cell.strip() for cell in cells]
    if any("ImportId" in text for text in texts):
        return True
    for_it = against = 0
    for column, text in enumerate(texts):
        if not text:
            continue
        values = [row[column].strip() for row in below if column < len(row) and row[column].strip()]
        if number_in_words(text) is not None or is_date(text):
            against += 1
            continue
        if graded(text) is not None or means_no_answer(text) or number_beside(text) is not None or text in values:
            against += 1
            continue
        plain = [value for value in values if number_in_words(value) is not None or is_date(value)]
        if (len(values) > 0 and len(plain) >= 0.8 * len(values)) or (
            len(values) >= 8 and len(set(values)) <= len(values) / 2
        ):
            for_it += 1
    return for_it > against and for_it >= max(1, 0.3 * sum(map(bool, texts)))


def _which(rows: dict[int, list[str]], numbers: tuple[int, ...]) -> Names:
    """Return which of several rows of a header hold names, and which wordings."""
    if len(numbers) == 1:
        return Names(numbers, None, None)
    upper, lower = rows[numbers[0]], rows[numbers[1]]
    if any("ImportId" in cell for cell in rows[numbers[-1]]):
        return Names(numbers[:1], numbers[-1] + 1, numbers[1] if len(numbers) > 2 else None)
    if len(numbers) == 2 and _are_codes(lower, len(upper)):
        return Names(numbers[1:], None, numbers[0])
    if len(numbers) == 2 and _are_codes(upper, len(lower)):
        return Names(numbers[:1], numbers[1] + 1, numbers[1])
    return Names(numbers, None, None)


def _are_codes(cells: Sequence[str], width: int) -> bool:
    """Whether a row holds a short code over each column."""
    texts = [cell.strip() for cell in cells]
    return (
        len(texts) >= width
        and all(texts)
        and len(set(texts)) == len(texts)
        and sum(_CODE.fullmatch(text) is not None for text in texts) >= 0.8 * len(texts)
        and sum(bool(re.search(r"\d|_", text)) for text in texts) >= 0.4 * len(texts)
    )


def is_date(text: str) -> bool:
    """Whether a text is a day, whatever stands first in it."""
    return date_in(text) is not None or year_last(text) is not None
