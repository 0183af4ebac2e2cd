"""Numbers as people write them: full-width digits, percentages, decimal commas, thousands."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


class Written(NamedTuple):
    """A number and how it was written."""

    number: float
    fullwidth: bool = False
    percent: bool = False
    comma: bool = False


def number_in_words(text: str) -> Written | None:
    """Return the number that a text is, or None.

    Examples
    --------
    >>> [number_in_words(text) for text in ("3.5", "85%", "满意")]
    [Written(number=3.5, fullwidth=False, percent=False, comma=False), \
Written(number=85.0, fullwidth=False, percent=True, comma=False), None]
    >>> number_in_words("３").fullwidth, number_in_words("3,5").number
    (True, 3.5)
    """
    text = text.strip()
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    percent = plain.endswith("%")
    body = plain.removesuffix("%").strip()
    if _NUMBER.fullmatch(body):
        return Written(float(body), fullwidth=plain != text and "％" not in text, percent=percent)
    if _COMMA.fullmatch(body):
        return Written(float(body.replace(".", "").replace(",", ".")), percent=percent, comma=True)
    if _THOUSANDS.fullmatch(body):
        return Written(float(body.replace(",", "")), percent=percent)
    return None
