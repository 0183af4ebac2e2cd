"""Names broken into lines, so that a title or a tick does not run into its neighbour."""

from __future__ import annotations

import re
import textwrap
import unicodedata

from maternal_eval.core.languages import check_language

BREAKS = (r"(?<=[，：；])|(?=（)", r"(?<!\d) (?!\d)", r"(?<![\x21-\x7e])(?=[^\x00-\x7e])")
"""Where a Chinese name may break, the best first.

After a stop or before a bracket; at a space that belongs to no number; before any Chinese sign that does not follow a
foreign word.
"""


def width(text: str) -> int:
    """Return how wide a text is, in half-widths: a Chinese sign takes two.

    Examples
    --------
    >>> width("NPS 净推荐值")
    12
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def wrapped(text: str, language: str, widest: int, lines: int | None = None) -> str:
    """Return a name on as many lines as it needs.

    Parameters
    ----------
    text, language
        The name, and the language ("en" or "zh") that it is in.
    widest
        Half-widths that a line may have.
    lines
        Most lines, which are made longer where these would not do; None: as many as it takes. A Chinese name has two at
        the most, of about the same width.

    Raises
    ------
    InputError
        If the language is unknown.

    Examples
    --------
    >>> wrapped("Information and communication", "en", 15)
    'Information and\\ncommunication'
    >>> wrapped("线上服务，包括预约与咨询", "zh", 16)
    '线上服务，\\n包括预约与咨询'
    """
    if width(text) <= widest:
        return text
    if check_language(language) == "zh":
        return _halved(text)
    found = _at_spaces(text, widest)
    while lines is not None and len(found) > lines:
        widest += 1
        found = _at_spaces(text, widest)
    return "\n".join(found)


def _at_spaces(text: str, widest: int) -> list[str]:
    return textwrap.wrap(text, widest, break_long_words=False, break_on_hyphens=False)


def _halved(text: str) -> str:
    for pattern in BREAKS:
        places = [match.start() for match in re.finditer(pattern, text) if 0 < match.start() < len(text)]
        if places:
            middle = min(places, key=lambda place: abs(width(text[:place]) - width(text[place:])))
            return f"{text[:middle].rstrip()}\n{text[middle:].lstrip()}"
    return text
