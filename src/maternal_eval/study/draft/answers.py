"""On which scale a column is answered: numbers, words of a known kind, or labelled codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from maternal_eval.study.draft.profile import ColumnProfile
from maternal_eval.study.recoding.answer_sets import (
    MISSING_NUMBERS,
    graded,
    means_no_answer,
    number_beside,
    plain,
    says_how_much,
    scale_of,
)

HIGHEST = 10
"""Largest end of a scale whose steps are counted."""

FEWEST = 3
"""Columns on one scale that make a battery."""

USUAL_ENDS = (3, 4, 5, 6, 7, 10, 11)
"""Upper ends that scales have."""


@dataclass(frozen=True)
class Answers:
    """How a column is answered.

    Attributes
    ----------
    kind
        "numbers", "score" (a number from 0 to 100), or the name of a set of words.
    low, high
        Ends of the scale.
    numbers
        Value in the file → number, where the file does not hold the number itself.
    missing
        Values that mean no answer, as far as they are numbers.
    downwards
        Whether the larger number says less of what is asked (1 = very satisfied).
    complete
        Whether every step of the scale was seen, or the file labels it.
    unsure
        Answers of which it is not clear whether they are any.
    labels
        Number → what the file calls it.
    """

    kind: str
    low: float
    high: float
    numbers: dict[str, float] = field(default_factory=dict)
    missing: tuple[float, ...] = ()
    downwards: bool = False
    complete: bool = True
    unsure: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def binary(self) -> bool:
        """Whether there are two answers."""
        return self.high - self.low == 1


def answers_of(column: ColumnProfile) -> Answers | None:
    """Return how a column is answered, or None if it is on no scale that is known."""
    if not column.words or column.many:
        return _score(column)
    labelled = {code: label for code, label in column.labels.items() if not means_no_answer(label)}
    if labelled:
        return _labelled(column, labelled)
    if column.numeric:
        return _numbers(column)
    return words_on_scale(column.words)


def words_on_scale(words: Sequence[str]) -> Answers | None:
    """Return the scale of answers in words."""
    ends = _labelled_ends(words)
    if ends is not None:
        return ends
    beside: dict[str, float] = {}
    for word in words:
        number = number_beside(word)
        if number is None and word.isdecimal():
            number = int(word)
        if number is None:
            break
        beside[word] = float(number)
    else:
        numbers = set(beside.values())
        rest = [_without_number(word) for word in beside]
        if any(rest) and not any(says_how_much(one) for one in rest if one):
            return None  # numbered groups: 1 male, 2 female
        if len(numbers) == len(beside) > 1 and max(numbers) <= HIGHEST:
            low, high = min(1.0, *numbers), max(numbers)
            downwards = _falls([(number, _without_number(word)) for word, number in beside.items()])
            complete = len(numbers) == high - low + 1
            return Answers("numbered", low, high, beside, downwards=downwards, complete=complete)
    scale = scale_of(words)
    if scale is None:
        return None
    numbers_of = {word: float(number) for word, number in scale.numbers.items()}
    if len(words) == 2 and scale.name in ("satisfaction", "agreement") and any(" or " in word for word in words):
        # satisfied; neutral or dissatisfied: two answers that leave nothing between them
        low_word = min(numbers_of, key=lambda word: numbers_of[word])
        return Answers("yes_no", 0, 1, {word: float(word != low_word) for word in numbers_of})
    return Answers(scale.name, scale.low, scale.high, numbers_of, complete=scale.complete, unsure=scale.unsure)


def _labelled_ends(words: Sequence[str]) -> Answers | None:
    """Return the scale of which only the ends (and the middle) are in words: 非常不满意, 2, 3, 4, 非常满意."""
    steps = {word: int(word) for word in words if word.isdecimal()}
    told = {word: grade for word in words if word not in steps and (grade := graded(word)) is not None}
    if not steps or len(steps) + len(told) < len(words) or not 1 <= len(told) <= 3:
        return None
    low, high = min(steps.values()), max(steps.values())
    numbers = {word: float(step) for word, step in steps.items()}
    if high > HIGHEST or (set(range(low, high + 1)) - set(steps.values()) and len(told) < 3):
        return None
    for word, (_, strength) in told.items():
        free = sorted(set(range(low, high + 1)) - set(steps.values()))
        place = low - 1 if strength < 0 else high + 1 if strength > 0 else free[0] if len(free) == 1 else -1
        if place < 0 or place in numbers.values():
            return None
        numbers[word] = float(place)
    bottom, top = min(numbers.values()), max(numbers.values())
    if top > HIGHEST or len(numbers) < top - bottom + 1:
        return None
    return Answers("ends", min(1.0, bottom), top, numbers)


def _without_number(word: str) -> str:
    """Return an answer without its number and what only counts it (5分, 4 stars)."""
    word = re.sub(r"[(（\[【]\s*\d+\s*(?:分|星|级|points?|stars?)?\s*[)）\]】]|^\s*\d+\s*(?:分|星|级)(?=\W)", "", word)
    word = re.sub(r"^[一二三四五六七八九十](?=颗?[星分级]$)|\.0(?=\D|$)", "", word)
    signs = "".join(sign for sign in word if not sign.isdigit()).strip(" -–=:：.、()（）[]【】★☆⭐\ufe0f")
    return re.sub(r"^(?:分|星|级|颗星|stars?|points?)$", "", plain(signs))


def _falls(labelled: Iterable[tuple[float, str]]) -> bool:
    """Whether larger numbers have labels that say less."""
    known = [(number, found[1]) for number, label in labelled if (found := graded(label)) is not None]
    pairs = [(b[0] - a[0]) * (b[1] - a[1]) for n, a in enumerate(known) for b in known[n + 1 :]]
    return sum(pair < 0 for pair in pairs) > sum(pair > 0 for pair in pairs)


def _labelled(column: ColumnProfile, labelled: dict[str, str]) -> Answers | None:
    codes: dict[str, float] = {}
    for code in labelled:
        try:
            codes[code] = float(code)
        except ValueError:
            return words_on_scale([labelled.get(word, word) for word in column.words])
    scale = scale_of(list(labelled.values()))
    low, high = min(codes.values()), max(codes.values())
    told = {f"{codes[code]:g}": label for code, label in labelled.items()}
    unlabelled = [number.number for value, number in column.numbers.items() if value not in labelled]
    if scale is not None and scale.name == "yes_no":
        numbers = {code: float(scale.numbers[label]) for code, label in labelled.items()}
        same = all(numbers[code] == codes[code] for code in codes)
        return Answers("yes_no", 0, 1, {} if same else numbers, labels={} if not same else told)
    if scale is not None and high - low + 1 == len(codes):
        falls = [codes[code] for code, _ in sorted(labelled.items(), key=lambda one: scale.numbers[one[1]])]
        downwards = falls == sorted(falls, reverse=True)
        if not downwards and falls != sorted(falls):
            return None
        missing = tuple(number for number in unlabelled if not low <= number <= high)
        return Answers(scale.name, low, high, missing=missing, downwards=downwards, labels=told)
    if len(labelled) == 2 and high - low in (4, 6, 9, 10) and low in (0, 1) and len(unlabelled) >= 2:
        # Labels at both ends and numbers between them: a scale, in whatever language.
        first, last = (graded(label) for _, label in sorted(labelled.items(), key=lambda one: codes[one[0]]))
        drops = first is not None and last is not None and first[1] > last[1]
        missing = tuple(number for number in unlabelled if not low <= number <= high)
        return Answers("numbers", low, high, missing=missing, downwards=drops, labels=told)
    ends = [graded(label) for _, label in sorted(labelled.items(), key=lambda one: codes[one[0]])]
    if len(labelled) in (2, 3) and high - low >= 3 and ends[0] is not None and ends[-1] is not None:
        missing = tuple(number for number in unlabelled if not low <= number <= high)
        return Answers("numbers", low, high, missing=missing, downwards=ends[0][1] > ends[-1][1], labels=told)
    return None


def _numbers(column: ColumnProfile) -> Answers | None:
    values = sorted({written.number for written in column.numbers.values()})
    if any(written.percent for written in column.numbers.values()):
        return _score(column)
    core = [value for value in values if 0 <= value <= HIGHEST]
    missing = [value for value in values if not 0 <= value <= HIGHEST]
    if any(value != round(value) for value in core) or any(value not in MISSING_NUMBERS for value in missing):
        return _score(column)
    # A 7, 8 or 9 far above all others stands for no answer.
    while len(core) > 2 and core[-1] in (7, 8, 9) and core[-1] - core[-2] > 1 and core[-2] <= 7:
        missing.append(core.pop())
    if len(core) > 3 and core[-1] == 9 and core[-2] == 8 and core[-3] <= 5:
        missing += [core.pop(), core.pop()]
    if len(core) < 2:
        return None
    low = 0.0 if core[0] == 0 else 1.0
    return Answers("numbers", low, core[-1], missing=tuple(sorted(missing)), complete=len(core) == core[-1] - low + 1)


def _score(column: ColumnProfile) -> Answers | None:
    numbers = [written.number for written in column.numbers.values()]
    if not column.numeric or len(numbers) < 2:
        return None
    missing = tuple(sorted({n for n in numbers if n in MISSING_NUMBERS and (n < 0 or n > 100)}))
    numbers = [number for number in numbers if number not in missing]
    if not numbers or min(numbers) < 0 or max(numbers) > 100:
        return None
    percent = any(written.percent for written in column.numbers.values())
    high = 100.0 if percent or max(numbers) > HIGHEST else float(max(5, round(max(numbers) + 0.4999)))
    return Answers("score", 0 if min(numbers) < 1 or high == 100 else 1, high, missing=missing, complete=True)


def together(columns: dict[str, ColumnProfile], found: dict[str, Answers]) -> dict[str, Answers]:
    """Return answers in words put on the scales that columns share: what nobody answered here stands elsewhere."""
    groups: list[tuple[str, set[str], list[str]]] = []
    worded = [name for name, answers in found.items() if answers.numbers and not columns[name].labels]
    for name in sorted(worded, key=lambda one: -len(found[one].numbers)):
        kind, words = found[name].kind, set(found[name].numbers)
        for group_kind, group_words, members in groups:
            if group_kind != kind:
                continue
            joined = words_on_scale(sorted(group_words | words))
            before = words_on_scale(sorted(group_words))
            if words <= group_words or (joined is not None and before is not None and joined.high == before.high):
                group_words |= words
                members.append(name)
                break
        else:
            groups.append((kind, words, [name]))
    result = dict(found)
    for _, words, members in groups:
        scale = words_on_scale(sorted(words))
        if scale is not None:
            for name in members:
                result[name] = replace(scale, missing=found[name].missing)
    return result
