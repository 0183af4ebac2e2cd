"""How numbers are written in prose, in English and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import check_language, say

MINUS = "−"
GROUPED_FROM = 10_000
"""Thousands are separated from here on: years keep their four digits together."""


@dataclass(frozen=True)
class Unit:
    """What follows a number: ``en`` and ``zh`` as printed, spaces included; ``factor`` multiplies first."""

    en: str = ""
    zh: str = ""
    factor: float = 1.0
    in_interval: bool = False
    """Whether each end of an interval carries the unit (a per cent sign does, a word does not)."""


UNITS: dict[str, Unit] = {
    "": Unit(),
    "share": Unit("%", "%", factor=100.0, in_interval=True),
    "percent": Unit("%", "%", in_interval=True),
    "percentage_points": Unit(" percentage points", " 个百分点"),
    "points": Unit(" points", " 分"),
    "years": Unit(" years", " 年"),
    "months": Unit(" months", " 个月"),
    "days": Unit(" days", " 天"),
    "hours": Unit(" hours", " 小时"),
    "minutes": Unit(" minutes", " 分钟"),
    "seconds": Unit(" seconds", " 秒"),
    "megabytes": Unit(" MB", " MB"),
    "answers": Unit(" answers", " 份答卷"),
    "respondents": Unit(" respondents", " 名受访者"),
    "experts": Unit(" experts", " 位专家"),
    "times": Unit(" times", " 倍"),
}
"""Units by name. ``share`` is a number from 0 to 1 that is shown in per cent."""


def unit_of(name: str) -> Unit:
    """Return the unit of this name; an unknown one is an :class:`InputError`."""
    if name not in UNITS:
        raise InputError("unknown unit", found=name, expected="one of " + ", ".join(filter(None, UNITS)))
    return UNITS[name]


def number(value: float, decimals: int, *, signed: bool = False) -> str:
    """Return ``value`` rounded to ``decimals``, with a true minus sign and grouped thousands.

    A value that rounds to zero has no sign.

    Examples
    --------
    >>> number(-0.456, 2), number(23456, 0), number(2023, 0), number(1.2, 1, signed=True)
    ('−0.46', '23,456', '2023', '+1.2')
    """
    rounded = round(value, decimals)
    size = abs(rounded)
    text = f"{size:,.{decimals}f}" if size >= GROUPED_FROM else f"{size:.{decimals}f}"
    if rounded < 0:
        return MINUS + text
    return "+" + text if signed and rounded > 0 else text


def interval_text(low: float, high: float, decimals: int, *, suffix: str = "", signed: bool = False) -> str:
    """Return an interval in square brackets, e.g. ``[0.61, 0.75]`` or ``[61%, 75%]``."""
    ends = (number(end, decimals, signed=signed) + suffix for end in (low, high))
    return "[" + ", ".join(ends) + "]"


def with_interval(value: str, interval: str, probability: float | None, kind: str | None, language: str) -> str:
    """Return a value and its interval in words, e.g. ``0.68 (90% equal-tailed interval [0.61, 0.75])``."""
    name = interval_name(probability, kind, language)
    return say(language, f"{value} ({name} {interval})", f"{value}（{name} {interval}）")


INTERVAL_KINDS: dict[str, tuple[str, str]] = {
    "equal-tailed": ("equal-tailed interval", "等尾区间"),
    "highest-density": ("highest-density interval", "最高密度区间"),
    "confidence": ("confidence interval", "置信区间"),
    "bootstrap": ("bootstrap interval", "自助法区间"),
    "profile": ("profile-likelihood interval", "剖面似然区间"),
    "clustered": ("cluster-robust interval", "聚类稳健区间"),
    "range": ("range", "取值范围"),
}
"""Kinds of intervals in English and Chinese. A range has no probability: all values lie inside."""


def interval_name(probability: float | None, kind: str | None, language: str) -> str:
    """Return the name of an interval, e.g. ``90% equal-tailed interval`` or ``90% 等尾区间``."""
    check_language(language)
    if kind not in INTERVAL_KINDS:
        raise InputError("unknown kind of interval", found=kind, expected="one of " + ", ".join(INTERVAL_KINDS))
    words = say(language, *INTERVAL_KINDS[kind])
    if probability is None:
        return words
    percent = f"{100 * probability:.10g}%"
    return f"{percent} {words}"
