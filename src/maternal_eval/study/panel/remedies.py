"""What a study would have to declare for a value that breaks its contract to be none: the line of study.toml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from maternal_eval.core.printable import quoted
from maternal_eval.study.recoding.answer_sets import SETS, means_no_answer, number_in, scale_of

PERCENT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*[%％]\s*")
"""A percentage as people write it."""

_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+")

MOST_SHOWN = 7
MOST_LABELS = 12


def remedy_for_text(column: str, texts: Iterable[str], low: float | None, high: float | None) -> str:
    """Return the line that would mend text in a column of numbers.

    Parameters
    ----------
    column
        What the file calls it.
    texts
        All that stands in it, numbers too: who recodes a column names every answer.
    low, high
        Ends of its scale.

    Examples
    --------
    >>> remedy_for_text("q1", ["85%", "90%"], 0, 100)
    '[recode] percent = "number" (85% is then 85)'
    >>> remedy_for_text("q1", ["满意"], 1, 5)
    '[recode.q1] "满意" = 4'
    """
    texts = [text.strip() for text in texts]
    words = [text for text in texts if means_no_answer(text)]
    rest = [text for text in texts if text and text not in words and not _is_number(text)]
    numbers = [text for text in texts if _is_number(text)]
    if rest and all(PERCENT.fullmatch(text) for text in rest):
        share = high is not None and high <= 1
        number = float(PERCENT.fullmatch(rest[0])[1])  # type: ignore[index]
        read = number / 100 if share else number
        return f'[recode] percent = "{"share" if share else "number"}" ({rest[0]} is then {read:g})'
    if rest and all(_is_number(unicodedata.normalize("NFKC", text)) for text in rest):
        return "[recode] fullwidth = true (full-width digits are then read as digits)"
    if not rest and not words:
        return ""  # numbers that no column can hold: nothing in study.toml mends them
    if not rest:
        shown = ", ".join(_quoted(word) for word in words[:MOST_SHOWN])
        return f"[recode] missing = [{shown}] if that means not answered"
    if rest and all(_COMMA.fullmatch(text) for text in rest):
        with_point = rest[0].replace(".", "").replace(",", ".")
        return f"[recode] decimal_comma = true ({rest[0]} is then {with_point})"
    line = named_answers(column, [*rest, *numbers], low, high)
    if words:
        line += f" and [recode] missing = [{', '.join(_quoted(word) for word in words[:MOST_SHOWN])}]"
    return line


def named_answers(column: str, texts: Sequence[str], low: float | None = None, high: float | None = None) -> str:
    """Return the table of study.toml that gives each answer its number; ``?`` where none suggests itself.

    Examples
    --------
    >>> named_answers("q1", ["满意", "gut"], 1, 5)
    '[recode.q1] "满意" = 4, "gut" = ?'
    """
    scale = scale_of([text for text in texts if not _is_number(text)])
    ends = None if low is None or high is None else (low, high)
    known = scale.numbers if scale is not None and ends in (None, (scale.low, scale.high)) else {}
    line = f"[recode.{_key(column)}] " + ", ".join(_entry(text, ends, known) for text in texts[:MOST_LABELS])
    return line + (", …" if len(texts) > MOST_LABELS else "")


def remedy_for_numbers(values: Sequence[float], low: float | None, high: float | None, scale_line: str = "") -> str:
    """Return the line that would mend numbers off the scale: they mean no answer, or the scale is another one.

    Examples
    --------
    >>> remedy_for_numbers([9.0], 1, 5, "scale = [{low}, {high}] in [indicators]")
    '[recode] missing = [9] if that means not answered, or scale = [1, 9] in [indicators] if it is an answer'
    """
    beyond = sorted(
        value for value in values if (low is not None and value < low) or (high is not None and value > high)
    )
    if low is None or high is None:
        return ""
    if not beyond:
        return "kind = measure for the indicator, or continuous for the outcome, if broken numbers are answers"
    written = [f"{value:.15g}" for value in beyond]
    if any(quoted(number) != number for number in written):
        return ""  # a telephone number or the like: neither a code nor an answer, and not to be repeated
    listed = ", ".join(written[:MOST_SHOWN])
    lines = [f"[recode] missing = [{listed}] if that means not answered"]
    if scale_line:
        line = scale_line.format(low=f"{min(low, *beyond):.15g}", high=f"{max(high, *beyond):.15g}")
        lines.append(f"{line} if it is an answer")
    return ", or ".join(lines)


def _entry(text: str, ends: tuple[float, float] | None, known: Mapping[str, int]) -> str:
    if _is_number(text):
        return f"{_quoted(text)} = {text}"
    number: int | None = known.get(text)
    if number is None and ends in ((0, 1), *((1, points) for points in range(2, 8))):
        points = int(ends[1] - ends[0]) + 1 if ends is not None else 0
        sets = ("yes_no",) if ends == (0, 1) else [name for name in SETS if name not in ("yes_no", "kano")]
        number = next((n for n in (number_in(name, points, text) for name in sets) if n is not None), None)
    return f"{_quoted(text)} = {'?' if number is None else number}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d+)?", text, re.ASCII) is not None


def _quoted(text: str) -> str:
    return '"' + quoted(text, 30).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)
