"""Words in the names of columns that tell what they are for (``vocabulary.toml``)."""

from __future__ import annotations

import itertools
import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

from maternal_eval.study.recoding.answer_sets import simplified

_VOCABULARY = tomllib.loads((files("maternal_eval.study.draft") / "vocabulary.toml").read_text(encoding="utf-8"))

LONG = 16
"""A name with more signs (of Chinese; three times as many of other scripts) is a question and no name."""


@cache
def words_of(name: str) -> tuple[str, ...]:
    """Return the English words of a name, lower case, each alone and joined with the next.

    Examples
    --------
    >>> words_of("RecordedDate"), words_of("sq12_per")
    (('recorded', 'date', 'recordeddate'), ('sq', 'per', 'sqper'))
    """
    text = unicodedata.normalize("NFKC", name)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    alone = [word.lower() for word in re.findall(r"[A-Za-z]+", text)]
    pairs = [before + after for before, after in itertools.pairwise(alone)]
    return tuple(dict.fromkeys([*alone, *pairs, *(["".join(alone)] if len(alone) > 2 else [])]))


def tells(name: str, of: str) -> bool:
    """Whether the name of a column tells of a part in ``vocabulary.toml``.

    Examples
    --------
    >>> tells("您目前所处的阶段", "stage"), tells("overall_sat", "overall"), tells("expert", "expectation")
    (True, True, False)
    """
    entry = _VOCABULARY[of]
    text = simplified(name)
    if any(part in text for part in entry["chinese"]):
        return True
    words = words_of(name)
    for wanted in entry["english"]:
        if wanted.endswith("*"):
            if any(word.startswith(wanted[:-1]) for word in words):
                return True
        elif wanted in words:
            return True
    return False


def is_called(name: str, of: str) -> bool:
    """Whether a whole name, its number aside, is one of the words that tell of a part.

    Examples
    --------
    >>> is_called("3、来源", "filling"), is_called("信息来源", "filling"), is_called("UserLanguage", "filling")
    (True, False, True)
    """
    text = re.sub(r"^\W*\d*[\W_]*", "", simplified(name)).strip(" :?")
    return text in _VOCABULARY[of]["chinese"] or (words_of(text) or ("",))[-1] in _VOCABULARY[of]["english"]


def place_in_order(label: str) -> int | None:
    """Return where a life stage usually stands among others, if it is a known one; for suggestions alone."""
    text = simplified(label).lower()
    for words in _VOCABULARY["order"].values():
        for place, word in enumerate(words):
            if word in text:
                return place
    return None


def is_question(name: str) -> bool:
    """Whether a name is the wording of a question rather than a short name."""
    return sum(3 if ord(sign) > 0x2E80 else 1 for sign in name) > 3 * LONG


def stem(name: str) -> tuple[str, tuple[int, ...]]:
    """Return a name with its numbers taken out, and the numbers: what columns of one battery share.

    Examples
    --------
    >>> stem("sq12_per"), stem("Q3_4"), stem("3、服务态度")
    (('sq#_per', (12,)), ('Q#_#', (3, 4)), ('#、服务态度', (3,)))
    """
    return re.sub(r"\d+", "#", name), tuple(int(number) for number in re.findall(r"\d+", name))
