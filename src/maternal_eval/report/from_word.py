"""What an author changed in the Word file of a paper, written back into the Markdown that it was made of.

Three texts meet: the paragraph as it was when the file was made (the file remembers it), the paragraph as the author
left it, and the Markdown of today. Where the Markdown is still the one that the file was made of, the words that the
author changed are changed in it, and keys, citations and line breaks stay as they were: a number that changes later
changes in the author's sentence too. Everything else is a conflict, which is told with both texts, and changes nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from maternal_eval.core.errors import InputError
from maternal_eval.report.prose import Prose, typed_in
from maternal_eval.report.text_units import KEPT, Unit, units_of
from maternal_eval.report.word_text import FOREIGN, Memory, Paragraph, read_word

SAME_PAPER = 0.25
"""The least share of the units of a file that must be found, in it and in the text, for it to be of this paper."""

ALIKE = 0.5
"""From which share of common words on a paragraph without its bookmark is taken for one that was rewritten."""

_CHINESE = r"\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_TOKEN = re.compile(
    rf"(?P<space>\s*)(?P<word>{KEPT.pattern}|\\.|\*+|[{_CHINESE}]|[^\s\\`*_\[\]<>{{}}@#|^~${_CHINESE}]+|\S)", re.ASCII
)
"""A word, a Chinese sign, a mark of emphasis or what is kept, with the white space before it."""

_ALIKE_SIGNS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " "})


@dataclass(frozen=True)
class Conflict:
    """A change that was not written: where, why, the paragraph in the Word file and the Markdown that stands."""

    row: int | None
    why: str
    in_word: str
    in_text: str


@dataclass
class Merged:
    """What became of a Word file: the new text, what was changed (row and what), and what was not written.

    ``removed`` holds row and Markdown of paragraphs that the author took out.
    """

    prose: Prose
    text: str
    changed: list[tuple[int, str]] = field(default_factory=list)
    removed: list[tuple[int, str]] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def merge_word(path: Path, texts: Path) -> Merged:
    """Return what the text of a paper becomes with what its author changed in a Word file; nothing is written.

    Parameters
    ----------
    path
        The Word file: one that this package wrote, edited since. Tracked changes count as accepted.
    texts
        Folder of the texts that the papers are made of.

    Raises
    ------
    InputError
        If the file cannot be read, was not written by this package, or is of another paper.
    """
    memory, paragraphs = read_word(path)
    name = f"{memory.name}.{memory.language}.md"
    source = texts / name
    # What the file says of itself leads nowhere but into the folder of the texts.
    if not re.fullmatch(r"\w[\w-]*\.[a-z]+\.md", name) or not source.is_file():
        raise InputError("the Word file is of another paper", file=path, found=name, expected=f"a text in {texts}")
    prose = Prose.read(source)
    merge = _Merge(memory, paragraphs, prose)
    if not merge.is_same_paper:
        raise InputError(
            "the Word file is of another paper", file=path, found=memory.title,
            expected=f"a DOCX made of {source}: {prose.header.get('title', '')}",
        )  # fmt: skip
    return merge.merged()


def was_edited(path: Path) -> bool:
    """Return whether a Word file of this package says something else than when it was made; False for other files."""
    try:
        memory, paragraphs = read_word(path)
    except InputError:
        return False
    units = (f"{before}{read}".strip() for before, read in zip(memory.before, memory.read, strict=True) if read)
    shown = [f"{one} {' '.join((text or '').split())}" for one, text in enumerate(memory.shown) if text]
    now = Counter(paragraph.text.strip() for paragraph in paragraphs if paragraph.text.strip())
    now_shown = [f"{one} {' '.join(text.split())}" for p in paragraphs for one, text in p.shown if text]
    return now != Counter([*units, *(text.strip() for text in memory.others)]) or now_shown != shown


def conflicts_as_markdown(merged: Merged, word: Path) -> str:
    """Return what was not written, and what was taken out, as a list that an author can work through."""
    lines = [f"# {word.name} and {merged.prose.path.name}", ""]
    for one in merged.conflicts:
        place = "" if one.row is None else f"Row {one.row}: "
        lines += [f"## {place}{one.why}", ""]
        for said, text in (("In the Word file:", one.in_word), ("In the text, left as it is:", one.in_text)):
            lines += [said, "", *(f"> {line}" for line in (text or "(nothing)").splitlines()), ""]
    for row, text in merged.removed:
        lines += [f"## Row {row}: taken out", "", *(f"> {line}" for line in text.splitlines()), ""]
    return "\n".join(lines)


class _Merge:
    """One Word file and the text that it belongs to."""

    def __init__(self, memory: Memory, paragraphs: Sequence[Paragraph], prose: Prose) -> None:
        self.memory, self.prose = memory, prose
        self.paragraphs = [one for one in paragraphs if one.text.strip() or one.units]
        self.units = units_of(prose)
        self.today = self._today()
        self.place = self._placed()

    @property
    def is_same_paper(self) -> bool:
        known = [number for number, read in enumerate(self.memory.read) if read is not None]
        least = SAME_PAPER * len(known)
        return bool(known) and len(self.today) >= least and len(self.place) >= least

    @property
    def has_bookmarks(self) -> bool:
        """Whether the bookmarks are there by which a paragraph that was taken out can be told from one not found."""
        there = {number for paragraph in self.paragraphs for number in paragraph.units}
        return 2 * len(there) > sum(read is not None for read in self.memory.read)

    def merged(self) -> Merged:
        """Return what the text becomes."""
        into = Merged(self.prose, "")
        edits: list[tuple[int, int, str]] = []
        for number in range(len(self.memory.units)):
            edits += self._of_unit(number, into)
        edits += self._of_new(into)
        body = self.prose.body
        for start, end, text in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            body = body[:start] + text + body[end:]
        whole = self.prose.path.read_text(encoding="utf-8")
        into.text = whole[: len(whole) - len(self.prose.body)] + body
        return into

    def _today(self) -> dict[int, Unit]:
        """Return the units of the file that stand in the text of today as they were."""
        before = [text for _, text in self.memory.units]
        matcher = SequenceMatcher(None, before, [unit.text for unit in self.units], autojunk=False)
        return {a + i: self.units[b + i] for a, b, size in matcher.get_matching_blocks() for i in range(size)}

    def _placed(self) -> dict[int, int]:
        """Return which paragraph each unit is: by its bookmark, else by its words."""
        known = {number for number, read in enumerate(self.memory.read) if read is not None}
        place: dict[int, int] = {}
        for at, paragraph in enumerate(self.paragraphs):
            for number in paragraph.units[:1]:
                if number in known:
                    place.setdefault(number, at)
        others = set(self.memory.others)
        free = [
            at
            for at, paragraph in enumerate(self.paragraphs)
            if at not in place.values() and not paragraph.in_table and paragraph.text not in others
        ]
        for number in sorted(known - set(place)):
            whole = f"{self.memory.before[number]}{self.memory.read[number]}"
            low = max((at for one, at in place.items() if one < number), default=-1)
            high = min((at for one, at in place.items() if one > number), default=len(self.paragraphs))
            scored = [(_likeness(whole, self.paragraphs[at].text), -at) for at in free if low < at < high]
            score, minus_at = max(scored, default=(0.0, 0))
            if score >= ALIKE:
                place[number] = -minus_at
                free.remove(-minus_at)
        return place

    def _of_unit(self, number: int, into: Merged) -> Iterator[tuple[int, int, str]]:
        kind, source = self.memory.units[number]
        read = self.memory.read[number]
        if read is None:
            return
        unit = self.today.get(number)
        row = None if unit is None else self.prose.line_of(unit.start)
        if number not in self.place:
            if unit is not None and not self.has_bookmarks:
                why = "it was not found, and the Word file has lost the marks of its paragraphs"
                into.conflicts.append(Conflict(row, why, "", source))
            elif unit is not None and unit.removable:
                into.removed.append((self.prose.line_of(unit.start), unit.lead.lstrip() + unit.text))
                yield self._without(unit)
            elif unit is not None:
                into.conflicts.append(Conflict(row, f"a {kind} was taken out, which both languages share", "", source))
            return
        paragraph = self.paragraphs[self.place[number]]
        edited = self._text_of(paragraph, number)
        if edited == read and not self._numbers(paragraph):
            return
        conflict = self._numbers(paragraph) or _foreign(edited) or self._unlike(read, source)
        new = "" if conflict else _rewritten(source, read, edited)
        if not conflict and unit is None:
            if any(_plain(one.text) == _plain(new) for one in self.units):
                return  # it was written back before
            conflict = "the text has changed since the Word file was made"
        conflict = conflict or self._typed(new, source)
        if conflict or unit is None:
            standing = source if unit is not None else f"{source}\n\n(as it was when the Word file was made)"
            into.conflicts.append(Conflict(row, conflict, edited, standing))
            return
        into.changed.append((self.prose.line_of(unit.start), new))
        yield unit.start, unit.end, new

    def _text_of(self, paragraph: Paragraph, number: int) -> str:
        """Return what a paragraph says behind its number, with keys put back where their control was lost."""
        before = self.memory.before[number].strip()
        text = paragraph.text
        if before and text.startswith(before):
            text = text[len(before) :].lstrip()
        there = {one for one, _ in paragraph.shown}
        read = self.memory.read[number] or ""
        for one, (markdown, shown) in enumerate(zip(self.memory.kept, self.memory.shown, strict=True)):
            if shown and one not in there and markdown in read and text.count(markdown) < read.count(markdown):
                whole = re.compile(rf"(?<![\w.]){re.escape(' '.join(shown.split()))}(?![\w]|\.\d)")
                parts = whole.split(text)
                text = markdown.join(parts) if len(parts) == 2 else text
        return text

    def _numbers(self, paragraph: Paragraph) -> str:
        """Return which keys the author overwrote, if any."""
        changed = [
            f"{self.memory.kept[one]} shows {_unescaped(shown)}, which was {_unescaped(self.memory.shown[one] or '')}"
            for one, shown in paragraph.shown
            if " ".join(shown.split()) != " ".join((self.memory.shown[one] or "").split())
        ]
        return f"results are not edited by hand: {'; '.join(changed)}" if changed else ""

    def _unlike(self, read: str, source: str) -> str:
        """Return why a paragraph cannot be written back: the Word file does not read as the Markdown does."""
        same = [one.plain for one in _tokens(read)] == [one.plain for one in _tokens(source)]
        return "" if same else "the paragraph holds mark-up that does not come back from Word"

    def _typed(self, new: str, old: str) -> str:
        before = list(typed_in(replace(self.prose, body=old)))
        typed = [one for one in typed_in(replace(self.prose, body=new)) if one not in before]
        return f"a number was typed in: {typed[0]}" if typed else ""

    def _without(self, unit: Unit) -> tuple[int, int, str]:
        """Return the edit that takes a unit out, with the lines that it fills."""
        body = self.prose.body
        start = body.rfind("\n", 0, unit.start) + 1
        end = min(unit.block_end + 1, len(body))
        if (
            unit.kind == "paragraph"
            and body[end : end + 1] == "\n"
            and (start == 0 or body[start - 2 : start] == "\n\n")
        ):
            end += 1
        return start, end, ""

    def _of_new(self, into: Merged) -> Iterator[tuple[int, int, str]]:
        """Yield the paragraphs that are in the Word file alone, each behind the unit that it follows."""
        unit_at = {at: number for number, at in self.place.items()}
        others = Counter(self.memory.others)
        left = list((others - Counter(paragraph.text for paragraph in self.paragraphs)).elements())
        last: Unit | None = None
        for at, paragraph in enumerate(self.paragraphs):
            if at in unit_at:
                last = self.today.get(unit_at[at])
                continue
            if others[paragraph.text]:
                others[paragraph.text] -= 1
                continue
            if paragraph.units:
                continue  # its unit was not found when the file was made
            if any(_plain(paragraph.text) == _plain(unit.text) for unit in self.units):
                continue  # it was written back before
            why = self._refused(paragraph, left)
            if not why and last is None:
                why = "the paragraph before it has changed in the text, or there is none"
            why = why or _foreign(paragraph.text) or self._typed(paragraph.text, "")
            if why or last is None:
                into.conflicts.append(Conflict(None, why, paragraph.text, ""))
                continue
            into.changed.append((self.prose.line_of(last.block_end), paragraph.text))
            yield last.block_end, last.block_end, _inserted(paragraph, last)

    def _refused(self, paragraph: Paragraph, left: Sequence[str]) -> str:
        if paragraph.in_table:
            return "tables are made of results or of the text's own tables, and are not written back"
        if any(_likeness(paragraph.text, one) >= ALIKE for one in left):
            return "this is made by the program (header, title, references, captions of tables) and not written back"
        return ""


def _foreign(text: str) -> str:
    return "it holds a footnote, a picture, a formula or a symbol that is not written back" if FOREIGN in text else ""


def _inserted(paragraph: Paragraph, after: Unit) -> str:
    text = paragraph.text.strip()
    heading = re.fullmatch(r"Heading([1-6])", paragraph.style)
    if heading:
        return f"\n\n{'#' * int(heading.group(1))} {text}"
    if after.kind == "item" and paragraph.listed:
        return f"\n{after.lead}{text}"
    return f"\n\n{text}"


@dataclass(frozen=True)
class _Token:
    space: str
    word: str

    @property
    def plain(self) -> str:
        return _unescaped(" ".join(self.word.split())).translate(_ALIKE_SIGNS)


def _tokens(text: str) -> list[_Token]:
    return [_Token(match["space"], match["word"]) for match in _TOKEN.finditer(text)]


def _plain(text: str) -> list[str]:
    return [token.plain for token in _tokens(text)]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, _plain(one), _plain(other), autojunk=False).ratio()


def _unescaped(text: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", text)


def _rewritten(source: str, read: str, edited: str) -> str:
    """Return ``source`` with the words changed that differ between ``read`` and ``edited``; all else stays."""
    old, new = _tokens(source), _tokens(edited)
    matcher = SequenceMatcher(None, _plain(read), [token.plain for token in new], autojunk=False)
    parts: list[str] = []
    for kind, a1, a2, b1, b2 in matcher.get_opcodes():
        if kind == "equal":
            for ours, theirs in zip(old[a1:a2], new[b1:b2], strict=True):
                both = bool(ours.space) == bool(theirs.space) or (
                    "\n" in ours.space and not theirs.space and ours is not old[a1]
                )
                parts += [ours.space if both else theirs.space, ours.word]
        else:
            words = [token.space + token.word for token in new[b1:b2]]
            if words and a2 > a1 and old[a1].space and new[b1].space:
                words[0] = old[a1].space + new[b1].word  # the line breaks where it broke
            parts += words
    return "".join(parts).strip()


__all__ = ["Conflict", "Merged", "conflicts_as_markdown", "merge_word", "was_edited"]
