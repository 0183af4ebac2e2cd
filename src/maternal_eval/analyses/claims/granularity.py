r"""Whether a printed mean and standard deviation can come from whole answers at all.

The mean of n people's answers to one item is a whole number divided by n (of the average of several items: by n times
their number): most printed means of small samples are none (GRIM, Brown and Heathers 2017, *Social Psychological and
Personality Science* 8). For a total t the sum of squares :math:`S = (n - 1)s^2 + t^2 / n` is a whole number as well,
odd or even as t is, and the scale bounds it (GRIMMER, Anaya 2016; Allard 2018).

Half of the last digit belongs to both sides: rounding half up and half to even are both in use.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from maternal_eval.core.errors import InputError

MOST_ANSWERS = 1_000_000
"""Beyond so many answers every mean with the digits that are printed is possible."""


@dataclass(frozen=True)
class Possibility:
    """Whether printed figures can come from whole answers.

    Attributes
    ----------
    totals
        Sums of all answers that give the printed figures; empty: impossible.
    reason_en, reason_zh
        Why it is impossible; empty otherwise.
    """

    totals: tuple[int, ...]
    reason_en: str = ""
    reason_zh: str = ""

    @property
    def possible(self) -> bool:
        """Whether any whole answers give the figures."""
        return bool(self.totals)


def possible_mean(mean: str, answers: int, items: int = 1) -> Possibility:
    """Return which totals of whole answers give a mean as it is printed.

    Parameters
    ----------
    mean
        As printed: "5.20" has more digits than "5.2".
    answers
        Number of people.
    items
        Items whose average each person's value is.

    Raises
    ------
    InputError
        If the mean is no decimal number, or a number of people or items is not from 1 to a million.

    Examples
    --------
    >>> possible_mean("5.19", 28).possible
    False
    >>> possible_mean("5.19", 28, items=3).totals
    (436,)
    """
    low, high = _ends(mean, "mean")
    number = _count(_count(answers, "answers") * _count(items, "items"), "answers × items")
    totals = tuple(range(math.ceil(low * number), math.floor(high * number) + 1))
    if totals:
        return Possibility(totals)
    return Possibility(
        (),
        f"no whole total of {number} answers has the mean {mean}",
        f"{number} 个整数答案的总和不可能得出均值 {mean}",
    )


def possible_deviation(mean: str, deviation: str, answers: int, low: int, high: int) -> Possibility:
    """Return which totals of whole answers on a scale give a mean and a standard deviation as they are printed.

    Parameters
    ----------
    mean, deviation
        As printed; the deviation with n - 1.
    answers
        Number of people, at least 2.
    low, high
        Ends of the scale.

    Raises
    ------
    InputError
        If a figure is no decimal number, there are fewer than two answers, or the scale runs backwards.

    Examples
    --------
    >>> possible_deviation("4.80", "1.10", 20, 1, 5).reason_en
    'on 1–5 the standard deviation is at most 0.894'
    """
    n = _count(answers, "answers")
    if n < 2 or low >= high:
        found = f"{n} answers on {low}–{high}"
        raise InputError(
            "no standard deviation can be held against this", found=found, expected="two answers, low < high"
        )
    of_mean = possible_mean(mean, n)
    totals = tuple(total for total in of_mean.totals if n * low <= total <= n * high)
    if not totals:
        beyond = Possibility((), f"no mean of {low}–{high} is {mean}", f"{low}–{high} 的量表不可能有均值 {mean}")
        return beyond if of_mean.totals else of_mean
    ends_of_deviation = _ends(deviation, "deviation")
    least, most = max(ends_of_deviation[0], Fraction(0)) ** 2, max(ends_of_deviation[1], Fraction(0)) ** 2
    bounds = {total: _squares(total, n, low, high) for total in totals}
    possible: list[int] = []
    reached = False
    for total, (smallest, largest) in bounds.items():
        first = max(Fraction(smallest), (n - 1) * least + Fraction(total * total, n))
        last = min(Fraction(largest), (n - 1) * most + Fraction(total * total, n))
        reached |= first <= last
        if any((squares - total) % 2 == 0 for squares in range(math.ceil(first), math.floor(last) + 1)):
            possible.append(total)
    if possible:
        return Possibility(tuple(possible))
    if reached:
        reason_en = "no whole sum of squares, odd or even as the total is, gives the standard deviation"
        return Possibility((), reason_en, "没有与总和奇偶相同的整数平方和能得出该标准差")
    ends = [
        [math.sqrt((squares - Fraction(total * total, n)) / (n - 1)) for squares in pair]
        for total, pair in bounds.items()
    ]
    lowest, highest = min(pair[0] for pair in ends), max(pair[1] for pair in ends)
    above = Fraction(deviation) > Fraction(highest)
    word_en, word_zh, end = ("at most", "至多", highest) if above else ("at least", "至少", lowest)
    return Possibility(
        (),
        f"on {low}–{high} the standard deviation is {word_en} {end:.3f}",
        f"在 {low}–{high} 的量表上标准差{word_zh}为 {end:.3f}",
    )


def _squares(total: int, n: int, low: int, high: int) -> tuple[int, int]:
    """Return the smallest and the largest sum of squares of ``n`` whole answers with a total."""
    level, above = divmod(total, n)
    smallest = (n - above) * level**2 + above * (level + 1) ** 2
    at_top, rest = divmod(total - n * low, high - low)
    if at_top == n:
        return smallest, n * high**2
    return smallest, at_top * high**2 + (low + rest) ** 2 + (n - at_top - 1) * low**2


def _ends(printed: str, name: str) -> tuple[Fraction, Fraction]:
    """Return half a unit of the last printed digit below and above."""
    if not isinstance(printed, str) or not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", printed.strip()):
        raise InputError("the figure is no printed number", column=name, found=printed, expected='text such as "4.80"')
    half = Fraction(1, 2 * 10 ** len(printed.strip().partition(".")[2]))
    return Fraction(printed.strip()) - half, Fraction(printed.strip()) + half


def _count(number: int, name: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MOST_ANSWERS:
        raise InputError("no number of answers", column=name, found=number, expected=f"from 1 to {MOST_ANSWERS:,}")
    return number
