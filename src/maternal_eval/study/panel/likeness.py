"""Codes that a person would hardly tell apart: kept apart as they are written, and said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from maternal_eval.core.remarks import Remark, remark

_SHOWN = 5
_BETWEEN = re.compile(r"[\s\-_./·,，。、]+")
_POINT = re.compile(r"(\d+)\.0+")


def alike(codes: Iterable[str]) -> list[tuple[str, ...]]:
    """Return groups of codes that differ by case, width, spaces, punctuation, leading zeros or ``.0`` only.

    Examples
    --------
    >>> alike(["001", "01", "1", "2", "App", "app ", "ａｐｐ", "web"])
    [('001', '01', '1'), ('App', 'app ', 'ａｐｐ')]
    """
    groups: dict[str, list[str]] = {}
    for code in dict.fromkeys(codes):
        groups.setdefault(_key(code), []).append(code)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _key(code: str) -> str:
    text = unicodedata.normalize("NFKC", code).casefold().strip()
    text = _POINT.sub(r"\1", text) if _POINT.fullmatch(text) else text
    # Of a code that is nothing but punctuation the punctuation counts.
    bare = _BETWEEN.sub("", text) or text
    return bare.lstrip("0") or "0" if bare.isdecimal() else bare


def alike_remarks(column: str, codes: Iterable[str]) -> list[Remark]:
    """Return the remark on codes of a column that are :func:`alike`, if there are any."""
    groups = alike(codes)
    if not groups:
        return []
    listed = ["/".join(f"“{code}”" for code in group) for group in groups[:_SHOWN]]
    more = len(groups) - _SHOWN
    return [
        remark(
            f"Column {column}: codes that differ little count as different ones: {', '.join(listed)}"
            + (f" and {more} more." if more > 0 else "."),
            f"列 {column}：写法相近的代码按不同取值处理：{'、'.join(listed)}"
            + (f"，另有 {more} 组。" if more > 0 else "。"),
        )
    ]
