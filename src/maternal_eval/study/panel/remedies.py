"""What a study would have to declare for a value that breaks its contract to be none: the line of study.toml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from maternal_eval.core.printable import quoted

PERCENT = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*[%％]\s*")
"""A percentage as people write it."""

NOT_ANSWERED = frozenset(
    """na;n/a;n.a.;nan;none;null;nil;missing;skip;skipped;-;--;—;/;.;?;？;dk;refused;not applicable;don't know;no answer
    ;not answered;prefer not to say;无;不适用;未作答;未回答;未填;未填写;拒答;拒绝回答;不知道;不清楚;不了解;缺失;空;跳过
    """.replace("\n    ;", ";")
    .strip()
    .split(";")
)
"""Words that usually stand for no answer."""

_FIVE_POINTS = (
    ("非常不满意", "不满意", "一般", "满意", "非常满意"),
    ("很不满意", "不太满意", "中立", "比较满意", "很满意"),
    ("非常不同意", "不同意", "不确定", "同意", "非常同意"),
    ("完全不同意", "不太同意", "说不清", "比较同意", "完全同意"),
    ("非常差", "差", "中等", "好", "非常好"),
    ("从不", "很少", "有时", "经常", "总是"),
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("strongly disagree", "disagree", "undecided", "agree", "strongly agree"),
    ("very poor", "poor", "fair", "good", "very good"),
    ("never", "rarely", "sometimes", "often", "always"),
)
_KNOWN_LABELS = {label: place for scale in _FIVE_POINTS for place, label in enumerate(scale, start=1)}
_YES_NO = {"是": 1, "否": 0, "有": 1, "没有": 0, "yes": 1, "no": 0, "true": 1, "false": 0}

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
    '[panel] percent = "number" (85% is then 85)'
    >>> remedy_for_text("q1", ["满意"], 1, 5)
    '[recode.q1] "满意" = 4'
    """
    texts = [text.strip() for text in texts]
    words = [text for text in texts if text.lower() in NOT_ANSWERED]
    rest = [text for text in texts if text and text not in words and not _is_number(text)]
    numbers = [text for text in texts if _is_number(text)]
    if rest and all(PERCENT.fullmatch(text) for text in rest):
        share = high is not None and high <= 1
        number = float(PERCENT.fullmatch(rest[0])[1])  # type: ignore[index]
        read = number / 100 if share else number
        return f'[panel] percent = "{"share" if share else "number"}" ({rest[0]} is then {read:g})'
    if rest and all(_is_number(unicodedata.normalize("NFKC", text)) for text in rest):
        return "[panel] fullwidth = true (full-width digits are then read as digits)"
    if not rest and not words:
        return ""  # numbers that no column can hold: nothing in study.toml mends them
    if not rest:
        shown = ", ".join(_quoted(word) for word in words[:MOST_SHOWN])
        return f"[panel] missing = [{shown}] if that means not answered"
    listed = [*rest, *numbers]
    line = f"[recode.{_key(column)}] " + ", ".join(_entry(text, low, high) for text in listed[:MOST_LABELS])
    line += ", …" if len(listed) > MOST_LABELS else ""
    if words:
        line += f" and [panel] missing = [{', '.join(_quoted(word) for word in words[:MOST_SHOWN])}]"
    return line


def remedy_for_numbers(values: Sequence[float], low: float | None, high: float | None, scale_line: str = "") -> str:
    """Return the line that would mend numbers off the scale: they mean no answer, or the scale is another one.

    Examples
    --------
    >>> remedy_for_numbers([9.0], 1, 5, "scale = [{low}, {high}] in [indicators]")
    '[panel] missing = [9] if that means not answered, or scale = [1, 9] in [indicators] if it is an answer'
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
    lines = [f"[panel] missing = [{listed}] if that means not answered"]
    if scale_line:
        line = scale_line.format(low=f"{min(low, *beyond):.15g}", high=f"{max(high, *beyond):.15g}")
        lines.append(f"{line} if it is an answer")
    return ", or ".join(lines)


def _entry(text: str, low: float | None, high: float | None) -> str:
    decimal = text.replace(",", ".", 1)
    if _is_number(decimal):
        return f"{_quoted(text)} = {decimal}"
    known = _KNOWN_LABELS if (low, high) == (1, 5) else _YES_NO if (low, high) == (0, 1) else {}
    return f"{_quoted(text)} = {known.get(text.lower(), '?')}"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[-+]?\d+(\.\d+)?", text, re.ASCII) is not None


def _quoted(text: str) -> str:
    return '"' + quoted(text, 30).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)
