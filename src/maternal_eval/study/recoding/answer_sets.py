"""Answers in words: what they say, and which number each has on its scale.

An answer is taken apart into what it speaks of (满意, agree), how strongly (非常, 比较, very, somewhat) and which way
(不, dis-, not): that grades it, and the grades put the answers of one question in order. Frequencies, qualities, yes
and no and the answers to Kano questions are listed. Two uses:

- :func:`scale_of` puts the answers that a file holds in order, and says whether every step of their scale was seen;
- :func:`number_in` reads one answer on a scale of so many points, which is what ``answers = "satisfaction"`` asks for.

Numbers begin with 1 (yes and no: 0), and the largest one is the most of what is spoken of.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import NamedTuple

_WORDS = tomllib.loads((files("maternal_eval.study.recoding") / "answers.toml").read_text(encoding="utf-8"))

NOT_ANSWERED = frozenset(_WORDS["not_answered"]["words"])
"""Words that usually stand for no answer."""

MISSING_NUMBERS = frozenset(_WORDS["not_answered"]["numbers"])
"""Numbers that usually stand for no answer, where no scale holds them."""


def _strengths(table: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Return word → strength of a table strength → words, longer words first."""
    found = {word: float(strength) for strength, words in table.items() for word in words}
    return dict(sorted(found.items(), key=lambda item: -len(item[0])))


_YES_NO = dict.fromkeys(_WORDS["yes_no"]["yes"], 1) | dict.fromkeys(_WORDS["yes_no"]["no"], 0)
_KANO_NUMBERS = {word: number for number, words in enumerate(_WORDS["kano"].values(), start=1) for word in words}
_KANO_ONLY = frozenset(_WORDS["kano"]["expected"] + _WORDS["kano"]["live_with"])
"""Answers that no other question has: expected, and can live with it."""

_FREQUENCY, _QUALITY = (_strengths(_WORDS[name]) for name in ("frequency", "quality"))
_SPEAKS_OF = {stem: name for name, stems in _WORDS["spoken_of"].items() for stem in stems}
_SOFT_MIDDLE = frozenset(_WORDS["middle"]["soft"])
_MIDDLE = _SOFT_MIDDLE | frozenset(_WORDS["middle"]["firm"])
_OPPOSITE_ZH, _OPPOSITE_EN = (_WORDS[language]["opposite"] for language in ("chinese", "english"))
_STRENGTH_ZH, _STRENGTH_EN = (_strengths(_WORDS[language]["strength"]) for language in ("chinese", "english"))
_DENIED_ZH, _DENIED_EN = (_strengths(_WORDS[language]["denied"]) for language in ("chinese", "english"))

_ZH = re.compile(
    f"(?P<before>{'|'.join(filter(None, _STRENGTH_ZH))})?(?P<denied>{'|'.join(_DENIED_ZH)})?"
    f"(?:得|地)?(?P<said>{'|'.join([*_WORDS['chinese']['said'], *_OPPOSITE_ZH])})(?:的|度)?"
)
_EN = re.compile(
    rf"(?P<denied>{'|'.join(_DENIED_EN)})?\s*(?P<before>{'|'.join(filter(None, _STRENGTH_EN))})?\s*(?P<late>not)?\s*"
    r"(?P<against>dis|un|in)?(?P<said>satisf\w*|pleased|happy|agree\w*|important|necessary|essential|likely|willing|"
    r"would|will|true|describes|like me|probabl\w*|easy|helpful|useful|confident|concerned|interested|familiar|clear|"
    r"comfortable|safe|convenient|reliable|trust\w*|friendly|relevant|recommend\w*|difficult|hard|oppose|support)"
    r"(?P<later>\s+not)?(?:\s+(?:to|of|with|me|it|that|recommend|return|buy|use|again|not)\b.*)?"
)

_NUMBERED = re.compile(
    r"[(（\[【]?\s*(?P<first>\d{1,2})(?:\.0)?\s*(?:[)）\]】.:：、=\-–—~,，]|分|星|级|颗星|stars?\b|points?\b|[(（\[【]|\s)\s*(?P<text>.*)"
    r"|(?P<words>.*?\D)\s*[(（\[【:：=\-–—]\s*(?P<last>\d{1,2})\s*(?:分|星|级|stars?|points?)?\s*[)）\]】]?"
)
_LETTERED = re.compile(r"[(（]?[A-Ja-j][)）.、:：．]\s*(?P<text>\S.*)")


_SIMPLIFIED = str.maketrans(_WORDS["signs"]["traditional"], _WORDS["signs"]["simplified"])


class Scale(NamedTuple):
    """Answers in words with their numbers, between the ends of their scale.

    ``complete``: every step of the scale was seen; else its ends rest on those that were. ``unsure`` names answers that
    could as well mean that nothing was answered.
    """

    name: str
    numbers: dict[str, int]
    low: int
    high: int
    complete: bool
    unsure: tuple[str, ...] = ()


def simplified(text: str) -> str:
    """Return a text with signs of usual width, and those of traditional Chinese that matter here in simplified form.

    Examples
    --------
    >>> simplified("非常滿意５")
    '非常满意5'
    """
    return unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED)


def plain(label: str) -> str:
    """Return an answer without what only dresses it: width of its signs, case, brackets around it, a letter before it.

    Examples
    --------
    >>> plain("A. 非常满意"), plain("（跳过）"), plain("Very Satisfied!")
    ('非常满意', '跳过', 'very satisfied')
    """
    text = simplified(label).strip()
    lettered = _LETTERED.fullmatch(text)
    text = (lettered["text"] if lettered else text).strip(" \t\"'!！。，,;；*")
    if len(text) > 2 and text[0] in "([【<《" and text[-1] in ")]】>》":
        text = text[1:-1]
    return re.sub(r"\s+", " ", text.strip("!！。 ")).casefold().replace("’", "'")


def means_no_answer(label: str) -> bool:
    """Whether an answer usually means that there is none.

    Examples
    --------
    >>> means_no_answer("(跳过)"), means_no_answer("N/A"), means_no_answer("一般")
    (True, True, False)
    """
    return label.strip().casefold() in NOT_ANSWERED or plain(label) in NOT_ANSWERED


def number_beside(label: str) -> int | None:
    """Return the number that an answer carries beside its words, if any.

    Examples
    --------
    >>> [number_beside(label) for label in ("5 - Very satisfied", "非常满意（5分）", "4星", "★★★☆☆", "18-25岁")]
    [5, 5, 4, 3, None]
    """
    if re.fullmatch("[★⭐\ufe0f]+☆*", label.strip()):
        return label.count("★") + label.count("⭐")
    counted = re.fullmatch(r"([一二三四五六七八九十])(?:颗?星|分|级)", label.strip())
    if counted is not None:
        return "一二三四五六七八九十".index(counted[1]) + 1
    found = _NUMBERED.fullmatch(unicodedata.normalize("NFKC", label).strip())
    if found is None:
        return None
    if found["first"] is not None:
        # What goes on with a digit is a range or a date, no name of a step.
        return None if re.match(r"\d", found["text"]) else int(found["first"])
    return None if re.search(r"\d", found["words"]) else int(found["last"])


def graded(label: str) -> tuple[str, float] | None:
    """Return what an answer speaks of ("" in the middle of any scale) and how strongly, below 0 where it denies.

    Examples
    --------
    >>> graded("非常不满意"), graded("比较满意"), graded("一般")
    (('satisfaction', -4.0), ('satisfaction', 1.5), ('', 0.0))
    >>> graded("Somewhat disagree"), graded("Neither agree nor disagree"), graded("Beijing")
    (('agreement', -1.2), ('', 0.0), None)
    """
    text = plain(label)
    if text in _MIDDLE or re.fullmatch(r"neither\b.*\bn?or\b.*|既不.*也不.*", text):
        return "", 0.0
    either = re.fullmatch(r"(.+) or (.+)", text)
    if either is not None and (both := (graded(either[1]), graded(either[2]))) and None not in both:
        return _either(both)  # type: ignore[arg-type]
    chinese = _ZH.fullmatch(text.replace(" ", ""))
    if chinese is not None:
        before, denied = chinese["before"] or "", chinese["denied"]
        said, sign = chinese["said"], 1.0
        if said in _OPPOSITE_ZH:
            said, sign = _OPPOSITE_ZH[said], -1.0
        strength = _STRENGTH_ZH[before]
        if denied:
            strength = -_DENIED_ZH[denied] if not before else -strength
        return str(_SPEAKS_OF.get(said, said)), sign * strength
    english = _EN.fullmatch(text.removeprefix("i ").removeprefix("am ").removeprefix("i'm "))
    if english is None:
        short = re.fullmatch(r"(definitely|probably)( not)?", text)
        strength = _STRENGTH_EN[short[1]] if short else 0.0
        return ("likelihood", -strength if short[2] else strength) if short else None
    denied, before, said = english["denied"], english["before"] or "", english["said"]
    against = bool(english["against"]) != (said in _OPPOSITE_EN)
    said = _OPPOSITE_EN.get(said, said)
    named = str(next((name for stem, name in _SPEAKS_OF.items() if stem.isascii() and said.startswith(stem)), said))
    strength = _STRENGTH_EN[before]
    if denied:
        strength = _DENIED_EN[denied]
    if denied or english["late"] or english["later"]:
        against = not against
    return named, -strength if against else strength


def _either(both: tuple[tuple[str, float], tuple[str, float]]) -> tuple[str, float] | None:
    """Return what an answer says that puts two together: neutral or dissatisfied."""
    names = {name for name, _ in both if name}
    strength = (both[0][1] + both[1][1]) / 2
    return (names.pop(), strength) if len(names) == 1 and strength else None


def says_how_much(word: str) -> bool:
    """Whether a word, without a number beside it, stands on a scale of any kind."""
    return graded(word) is not None or plain(word) in _FREQUENCY or plain(word) in _QUALITY


def scale_of(labels: Iterable[str]) -> Scale | None:
    """Return the scale that answers in words are given on, or None if they make no known one.

    Parameters
    ----------
    labels
        Different answers as the file writes them, those that mean no answer left out.

    Examples
    --------
    >>> scale_of(["满意", "非常不满意", "一般", "不满意", "非常满意"]).numbers["满意"]
    4
    >>> found = scale_of(["Agree", "Neutral", "Strongly agree"])
    >>> found.numbers, found.low, found.high, found.complete
    ({'Agree': 4, 'Neutral': 3, 'Strongly agree': 5}, 1, 5, False)
    """
    listed = list(dict.fromkeys(labels))
    if len(listed) < 2:
        return None
    words = {label: plain(label) for label in listed}
    numbered = {label: number_beside(label) for label in listed}
    if all(number is not None for number in numbered.values()):
        numbers = {label: int(number or 0) for label, number in numbered.items()}
        if len(set(numbers.values())) == len(numbers) and max(numbers.values()) <= 10:
            low, high = min(1, *numbers.values()), max(numbers.values())
            return Scale("numbered", numbers, low, high, len(numbers) == high - low + 1)
    if all(word in _YES_NO for word in words.values()):
        numbers = {label: _YES_NO[word] for label, word in words.items()}
        return Scale("yes_no", numbers, 0, 1, True) if len(set(numbers.values())) == len(numbers) else None
    if all(word in _KANO_NUMBERS for word in words.values()) and _KANO_ONLY & set(words.values()):
        numbers = {label: _KANO_NUMBERS[word] for label, word in words.items()}
        return Scale("kano", numbers, 1, 5, len(set(numbers.values())) == 5)
    for name, table, size in (("frequency", _FREQUENCY, 5), ("quality", _QUALITY, 5)):
        if all(word in table for word in words.values()):
            found = _in_order(name, {label: table[word] for label, word in words.items()}, size)
            if found is not None:
                return found
    grades = {label: graded(label) for label in listed}
    known = {label: grade for label, grade in grades.items() if grade is not None}
    spoken = {name for name, _ in known.values() if name}
    if len(known) < len(listed) or len(spoken) != 1:
        return None
    soft = tuple(label for label in listed if words[label] in _SOFT_MIDDLE)
    firm = [label for label in listed if known[label][1] == 0 and label not in soft]
    strengths = {label: strength for label, (_, strength) in known.items() if not (firm and label in soft)}
    found = _on_both_sides(spoken.pop(), strengths)
    return None if found is None else found._replace(unsure=soft if firm else ())


def _in_order(name: str, strengths: dict[str, float], usual: int) -> Scale | None:
    steps = sorted(set(strengths.values()))
    if len(steps) < len(strengths) or len(steps) < 3:
        return None
    numbers = {label: steps.index(strength) + 1 for label, strength in strengths.items()}
    return Scale(name, numbers, 1, len(steps), len(steps) >= usual)


def _on_both_sides(name: str, strengths: dict[str, float]) -> Scale | None:
    """Put graded answers in order; a side with fewer answers than the other has some that nobody gave."""
    if len(set(strengths.values())) < len(strengths):
        return None  # two answers of one strength: nothing says which is more
    sides = [sorted(abs(s) for s in strengths.values() if s * sign > 0) for sign in (-1, 1)]
    middle, most = 0.0 in strengths.values(), max(map(len, sides))
    seen = len(strengths)
    if len(sides[0]) == len(sides[1]) or seen in (5, 7) or (seen > 2 and not middle and min(map(len, sides)) == 1):
        steps = sorted(strengths.values())
        numbers = {label: steps.index(strength) + 1 for label, strength in strengths.items()}
        return Scale(name, numbers, 1, seen, seen > 2)
    # The longer side tells how many steps the shorter one has; each answer there stands at the nearest.
    middle = middle or not min(map(len, sides))
    longer = sides[0] if len(sides[0]) > len(sides[1]) else sides[1]
    numbers = {}
    for label, strength in strengths.items():
        nearest = _nearest(longer, abs(strength))
        numbers[label] = most + 1 if not strength else most - nearest if strength < 0 else most + middle + nearest + 1
    if len(set(numbers.values())) < len(numbers):
        return None
    return Scale(name, numbers, 1, 2 * most + middle, False)


def _nearest(steps: list[float], strength: float) -> int:
    return min(range(len(steps)), key=lambda step: abs(steps[step] - strength))


SETS = ("satisfaction", "agreement", "conformity", "importance", "likelihood", "quality", "frequency", "yes_no", "kano")
"""Answer sets that a study may name; any other word that answers speak of (容易, helpful) is none of these."""


def number_in(name: str, points: int, label: str) -> int | None:
    """Return the number of an answer in a set of so many points, or None if the set does not hold it.

    Parameters
    ----------
    name
        One of :data:`SETS`.
    points
        Steps of the scale, 2 to 7; yes_no has 2 and kano 5 whatever is said.
    label
        The answer.

    Examples
    --------
    >>> [number_in("satisfaction", 5, label) for label in ("很不满意", "一般", "Somewhat satisfied", "always")]
    [1, 3, 4, None]
    >>> number_in("agreement", 7, "Somewhat agree"), number_in("agreement", 4, "agree"), number_in("yes_no", 2, "否")
    (5, 3, 0)
    """
    word = plain(label)
    if name == "yes_no":
        return _YES_NO.get(word)
    if name == "kano":
        return _KANO_NUMBERS.get(word)
    table = {"frequency": {key: value - 2 for key, value in _FREQUENCY.items()}, "quality": _QUALITY}.get(name)
    if table is not None:
        strength = table.get(word)
        if strength is not None and name == "frequency":
            strength *= 2
    else:
        grade = graded(label)
        strength = grade[1] if grade is not None and grade[0] in (name, "") else None
    if strength is None:
        return None
    half, middle = divmod(points, 2)
    if not strength:
        return half + 1 if middle else None
    limits = {1: (), 2: (3.0,), 3: (1.8, 3.0)}[half]
    step = sum(abs(strength) >= limit for limit in limits)
    return half - step if strength < 0 else half + middle + 1 + step
