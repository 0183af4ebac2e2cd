"""Texts of others on their way to a terminal, a sentence or a spreadsheet: shown as they are, and never obeyed.

Names, labels, cells and file names come from the user's files, and those may come from anyone. A control sign in them
could clear a terminal, forge a line of output or turn the reading direction round; a cell that begins with ``=`` is a
formula to a spreadsheet. Whatever is printed goes through :func:`visible`, whatever is quoted through :func:`quoted`,
and every text of a table that people open in a spreadsheet through :func:`spreadsheet_text`.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from maternal_eval.core.identifiers import masked

MOST_QUOTED = 80
"""The most signs of somebody's data that a refusal repeats."""

_LONGEST_IDENTIFIER = 64
"""So many signs more are looked at, so that none is cut before it is told."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what moves, hides, reorders or breaks text: controls, format signs, surrogates, separators."""

_JOINERS = frozenset("\u200c\u200d")
"""Format signs that belong to words and emoji; they change the shape of their neighbours and nothing else."""

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠−")
"""What makes a spreadsheet compute a text instead of showing it; some accept the full-width signs and the minus too."""


def visible(text: str) -> str:
    r"""Return ``text`` on one line, every control and format sign written out.

    Examples
    --------
    >>> print(visible("\x1b[31mred\x07, \u202edaer, two\nlines"))
    \x1b[31mred\x07, \u202edaer, two\nlines
    """
    if text.isprintable():
        return text
    return "".join(_shown(sign) for sign in text)


def _shown(sign: str) -> str:
    if sign in _JOINERS or unicodedata.category(sign) not in _HIDDEN:
        return sign
    if sign in _SHORT:
        return _SHORT[sign]
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quoted(value: object, most: int = MOST_QUOTED) -> str:
    """Return ``value`` as a sentence quotes it: control signs written out, at most ``most`` signs of it.

    What names a person (telephone and ID numbers, e-mail addresses, …) is masked.

    Examples
    --------
    >>> quoted("a" * 100, most=5)
    'aaaa…'
    """
    # Only the beginning is looked at: a cell may hold a megabyte.
    text = str(value)
    shown = visible(masked(text[: most + _LONGEST_IDENTIFIER])[: most + 1])
    return shown if len(shown) <= most and len(text) <= most else shown[: most - 1] + "…"


def spreadsheet_text(value: Any) -> Any:
    """Return a cell so that a spreadsheet shows it and does not compute it; what is no text stays as it is.

    A text that begins with ``=``, ``+``, ``-``, ``@``, their full-width forms, a tab or a line break gets an
    apostrophe before it, blanks before such a sign notwithstanding. Control signs are written out.

    Examples
    --------
    >>> spreadsheet_text('=HYPERLINK("http://example.org")'), spreadsheet_text("A-1"), spreadsheet_text(-1.5)
    ('\\'=HYPERLINK("http://example.org")', 'A-1', -1.5)
    """
    if not isinstance(value, str) or not value:
        return value
    # A blank before the sign helps against no spreadsheet, and a tab or line break is such a sign itself.
    beginning = value.lstrip(" \u00a0\u3000\ufeff\u200b")[:1]
    return visible(f"'{value}" if beginning and beginning in _FORMULA_SIGNS else value)


def markdown_text(text: str) -> str:
    """Return prose with names of others in it so that a Markdown viewer makes no tags, links or pictures of them.

    Examples
    --------
    >>> print(markdown_text("<script> and ![](http://example.org/pixel)"))
    \\<script> and ![\\](http://example.org/pixel)
    """
    lines = [visible(line) for line in text.split("\n")]
    return "\n".join(lines).replace("<", "\\<").replace("](", "\\](")
