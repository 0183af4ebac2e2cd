"""Two languages in one figure or report: English and simplified Chinese."""

from __future__ import annotations

from typing import Literal, get_args

from maternal_eval.core.errors import InputError

Language = Literal["en", "zh"]
"""The languages that figures and papers speak."""

LANGUAGES: tuple[Language, ...] = get_args(Language)


def check_language(language: str) -> Language:
    """Return ``language`` if it is one of :data:`LANGUAGES`.

    Raises
    ------
    InputError
        For any other language.
    """
    for known in LANGUAGES:
        if language == known:
            return known
    raise InputError("unknown language", found=language, expected=" or ".join(LANGUAGES))


def say(language: str, en: str, zh: str) -> str:
    """Return the text in the language asked for.

    Examples
    --------
    >>> say("en", "Life stage", "生命阶段")
    'Life stage'
    """
    return en if check_language(language) == "en" else zh
