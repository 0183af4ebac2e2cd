"""What a number is called where readers see it: its key in words, in the words of its study."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.core.words import Words

WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (files("maternal_eval.results") / "number_words.toml").read_text(encoding="utf-8")
)
"""Analysis (``any`` for all, ``analysis`` for their names) → part of a key → name in English, in Chinese."""

Names = Mapping[str, Mapping[str, str]]
"""Part of a key → its name in each language."""

STUDY = ""
"""Under this part stands the title of the study."""


def words_of(called: Words) -> dict[str, dict[str, str]]:
    """Return the entries of the vocabulary that hold words of a study, filled in: ``<analysis>.<part>`` → names."""
    return {
        f"{table}.{part}": dict(zip(map(str, LANGUAGES), called.pair(*pair), strict=True))
        for table, parts in WORDS.items()
        for part, pair in parts.items()
        if "{" in pair[0]
    }


def number_name(key: str, names: Names) -> dict[str, str]:
    """Return the name of a number in each language: its analysis, then the parts of its key in words.

    Parameters
    ----------
    key
        ``<study>.<analysis>.<parts>``.
    names
        What the study calls its stages, indicators, outcomes and the like, by part of a key.

    Examples
    --------
    >>> number_name("mine.backtest.trust.last_value.one_minus_mape", {"trust": {"en": "Trust", "zh": "信任度"}})["en"]
    'Backtest: Trust, last value, one minus mean absolute percentage error'
    """
    step, *parts = key.split(".")[1:]
    named = {}
    for language in LANGUAGES:
        words = [_word(step, part, names, language) for part in parts]
        analysis = _word("analysis", step, names, language)
        listed = say(language, ", ", "，").join(words)
        named[str(language)] = analysis + say(language, ": ", "：") + listed if words else analysis
    return named


def _word(step: str, part: str, names: Names, language: str) -> str:
    for table in (step, "any"):
        if f"{table}.{part}" in names:
            return names[f"{table}.{part}"][language]
        if part in WORDS.get(table, {}) and not (table == "any" and part in names):
            return Words().say(language, *WORDS[table][part])
    if part in names:
        return names[part][language]
    return part.replace("_", " ")
