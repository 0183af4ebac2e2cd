"""Numbers that somebody typed without a plain digit: words, percent words, fractions, Chinese numerals, odd signs.

A text of a paper names its numbers by key. Plain digits are easy to see; these are the ways around them, on purpose or
by habit. What is no result is left alone: small counts ("two kinds", 三类) are language, and so are idioms. What a text
may say in words ("ten seconds", 百分之五) stands in its header under ``literals``.

Blind spots, on purpose: single words below eleven without a unit ("three relations"), "half", "twice", "most", and a
result that looks like a declared literal. ``tests/reporting/test_typed_numbers.py`` states how many planted numbers are
missed and how many of the sentences that hold none are wrongly reported.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TEENS = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("hundred", "thousand", "million", "billion")
_ORDINAL_PARTS = ("third", "quarter", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "hundredth")

_ANY = "|".join((*_TEENS, *_TENS, *_SCALES, *_SMALL))
_LARGE = "|".join((*_TEENS, *_TENS, *_SCALES))
_NUMBER = rf"(?:{_ANY})(?:[\s-]+(?:and\s+)?(?:{_ANY}))*"
_PERCENT = r"(?:per\s?cent|percentage\s+points?|percentiles?|%|％|‰)"
_ENGLISH = (
    # A percent word makes any number a result: "eighty-nine per cent", "nearly five per cent".
    rf"\b{_NUMBER}(?:\s+point(?:\s+(?:{_ANY}))+)?[\s-]+{_PERCENT}",
    rf"\b(?:{_ANY})\s+point(?:\s+(?:{_ANY}))+",
    # Fractions and odds: "two thirds", "nine in ten", "three out of four".
    rf"\b(?:an?|{_ANY})[\s-]+(?:{'|'.join(_ORDINAL_PARTS)})s?\b(?=\s+(?:of|more|less|fewer|higher|lower)\b|[.,;:)]|$)"
    r"(?<!\ba quarter)(?<!\bone third party)|\ba\s+quarter\s+of\b",
    rf"\b(?:{_ANY})\s+(?:in|out\s+of)\s+(?:{_ANY})\b",
    # Multiples: "three times as much", "four-fold".
    rf"\b(?:{_ANY})[\s-]+(?:times\s+(?:as|more|larger|higher|the)|fold)\b",
    # From eleven up a number in words is a count that was found.
    rf"\b(?:{_NUMBER}[\s-]+)?(?:{_LARGE})(?:[\s-]+(?:and\s+)?(?:{_ANY}))*\b",
)

_DIGIT = "零〇○一二两三四五六七八九"
_UNIT = "十百千万亿"
_CHINESE_NUMBER = rf"[{_DIGIT}{_UNIT}]+(?:点[{_DIGIT}]+)?"
_CHINESE = (
    rf"[百千万]分之{_CHINESE_NUMBER}",
    rf"{_CHINESE_NUMBER}分之{_CHINESE_NUMBER}",
    rf"[{_DIGIT}十]+[至到、]?[{_DIGIT}十]*成(?:半|[{_DIGIT}])?(?![为立功员本不长熟果分绩套])",
    rf"{_CHINESE_NUMBER}(?:个)?(?:百分点|倍)",
    rf"[{_DIGIT}]点[{_DIGIT}]+",
    # From eleven up: at least two signs, one of them a power of ten; or digit by digit (八九三).
    rf"(?:[{_DIGIT}]+[{_UNIT}]|十)[{_DIGIT}{_UNIT}]+|[{_DIGIT}][{_UNIT}]+",
    r"[零〇○一二三四五六七八九]{3,}",
)
_EXPONENTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_CHINESE_IDIOMS = re.compile(
    "十分之一|万分|千万|万一|百分之百|一百分制|百分制|三三两两|一一|七七八八|三四|两三|五六|万事|千百|一千零一|四十五度|成千上万"
)
_MATHEMATICS = re.compile(r"(?<![\\$])\$\$?(?![\s$])?[^$]+?\$\$?")
_RESULT_IN_FORMULA = re.compile(r"\d+\.\d+|\d{2,}|\d+\s*\\?%")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_ONLY_A_NUMBER = re.compile(r"[−+\-]?\d[\d.,\s–-]*\s*[%％‰]?")


def typed_numbers(text: str, language: str, literals: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield position and wording of each number that is written without plain digits.

    Parameters
    ----------
    text
        Prose without addresses and code blocks; whoever calls blanks these out with spaces.
    language
        "en" or "zh": whose words are looked for. Signs such as ① and ½ are looked for in both.
    literals
        Wordings that the text declares to be no results.

    Examples
    --------
    >>> [found for _, found in typed_numbers("Two thirds of the forty-seven fail; two kinds.", "en")]
    ['Two thirds', 'forty-seven']
    >>> [found for _, found in typed_numbers("准确率为百分之八十九，共四十七项，分三类。", "zh")]
    ['百分之八十九', '四十七']
    """
    for literal in sorted(map(str, literals), key=len, reverse=True):
        text = text.replace(literal, " " * len(literal))
    found: list[tuple[int, int]] = []
    for pattern in _ENGLISH if language == "en" else _CHINESE:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if language == "zh" and _CHINESE_IDIOMS.fullmatch(match.group(0)):
                continue
            if not any(start < match.end() and match.start() < end for start, end in found):
                found.append((match.start(), match.end()))
    for position, sign in enumerate(text):
        if sign in _EXPONENTS and text[:position][-1:].isalpha():
            continue
        if not sign.isdecimal() and sign not in _DIGIT + _UNIT and unicodedata.category(sign) in ("No", "Nl"):
            found.append((position, position + 1))
    yield from ((start, text[start:end]) for start, end in sorted(found))


def numbers_out_of_sight(text: str, literals: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """Yield position and wording of results in places that are not read as prose: formulas, and code that is a number.

    A formula may hold single digits (``1 - x``); two digits, a decimal or a percent sign in it are a result.
    """
    for literal in sorted(map(str, literals), key=len, reverse=True):
        text = text.replace(literal, " " * len(literal))
    for formula in _MATHEMATICS.finditer(text):
        for match in _RESULT_IN_FORMULA.finditer(formula.group(0)):
            yield formula.start() + match.start(), match.group(0)
    for code in _CODE.finditer(text):
        if _ONLY_A_NUMBER.fullmatch(code.group(1).strip()):
            yield code.start(1), code.group(1)
