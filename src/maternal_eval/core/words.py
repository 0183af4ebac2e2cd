"""What a study calls its stages, its platforms and the people it asks: figures, tables and papers take its words.

A text says ``{stage}``, ``{stages}``, ``{Stages}``, ``{a stage}`` or ``{full stage}`` (and the same of the other words)
where the word of the study belongs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from maternal_eval.core.languages import LANGUAGES, check_language
from maternal_eval.core.remarks import Remark

_TOKEN = re.compile(r"\{(full )?(a )?([A-Za-z_]+)\}")

Value = str | int | Mapping[str, str]
"""What stands for a placeholder that is no word: a text, a number, or a text in each language."""


@dataclass(frozen=True)
class Word:
    """One word of a study.

    Attributes
    ----------
    en, zh
        The word in English (singular, lower case unless it is a name) and in Chinese.
    plural
        Its English plural; formed by rule if empty.
    full_en, full_zh
        The word in full, where it first stands; the word itself if empty.
    """

    en: str
    zh: str
    plural: str = ""
    full_en: str = ""
    full_zh: str = ""

    def written(self, language: str, *, many: bool = False, full: bool = False, article: bool = False) -> str:
        """Return the word in ``language``; Chinese has neither number nor article.

        Examples
        --------
        >>> Word("agency", "机构").written("en", many=True)
        'agencies'
        >>> Word("airport", "机场").written("en", article=True)
        'an airport'
        """
        if check_language(language) == "zh":
            return (full and self.full_zh) or self.zh
        word = (full and self.full_en) or self.en
        if many:
            return self.plural if self.plural and not (full and self.full_en) else _plural(word)
        return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}" if article else word


def _plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)$", word) else "s")


@dataclass(frozen=True)
class Words:
    """The words of a study, with what they are where it says nothing.

    Attributes
    ----------
    stage
        What respondents pass through, or the groups that they fall into.
    platform
        Who is judged: a platform, a hospital, an airport, a shop.
    respondent
        Who answers.
    answer
        What one of them gives.
    """

    stage: Word = Word("stage", "阶段")
    platform: Word = Word("provider", "机构")
    respondent: Word = Word("respondent", "受访者")
    answer: Word = Word("answer", "答卷")

    def say(self, language: str, en: str, zh: str, **values: Value) -> str:
        """Return the text in the language asked for, with the words of the study in it.

        ``values`` stand for the other placeholders; what they hold is not read for placeholders again.

        Examples
        --------
        >>> words = Words(platform=Word("hospital", "医院"))
        >>> words.say("en", "Scores of {n} {platforms}", "{n} 家{platform}的得分", n=3)
        'Scores of 3 hospitals'
        """
        return self.fill(en if check_language(language) == "en" else zh, language, **values)

    def fill(self, text: str, language: str, **values: Value) -> str:
        """Return a text with the words of the study, and ``values``, in the place of its placeholders."""

        def found(match: re.Match[str]) -> str:
            full, article, name = match.groups()
            if name in values:
                value = values[name]
                return value[language] if isinstance(value, Mapping) else str(value)
            known = _FORMS.get(name.lower())
            if known is None:
                return match.group(0)
            word: Word = getattr(self, known[0])
            written = word.written(language, many=known[1], full=bool(full), article=bool(article))
            return written[:1].upper() + written[1:] if name[0].isupper() else written

        return _TOKEN.sub(found, text)

    def remark(self, en: str, zh: str, **values: Value) -> Remark:
        """Return a remark with the words of the study in it."""
        return {language: self.say(language, en, zh, **values) for language in LANGUAGES}

    def pair(self, en: str, zh: str) -> tuple[str, str]:
        """Return a text in English and in Chinese with the words of the study in it: the heading of a column."""
        return self.say("en", en, zh), self.say("zh", en, zh)


_FORMS = {one.name: (one.name, False) for one in fields(Words)} | {
    f"{one.name}s": (one.name, True) for one in fields(Words)
}
"""Placeholder → the word it stands for, and whether in the plural."""

DEFAULT_WORDS = Words()
"""The words of a study that says nothing of them."""
