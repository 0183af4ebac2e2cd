"""The parts of a text that an author may rewrite in Word, and the marks that let them be found again.

A unit is a paragraph, a heading, an item of a list or a caption. Inside of it, whatever a reader sees in another form
than it was written (a number for its key, a label for a reference, the name of a work for its citation, a formula,
code, a link) is *kept*: it is one piece that can be moved or left out and whose Markdown comes back as it was.

Marks are signs of the private use area, so that a text goes through filling in and the search for figures with them;
:func:`as_spans` turns them into spans for pandoc at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from maternal_eval.report.prose import CITATION, IMAGE, Prose

KEPT = re.compile(
    "|".join(
        (
            r"\{\{[^{}]*\}\}",
            r"(?<!`)(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)(?:\{[^{}]*\})?",
            r"(?<![\\$])\$(?![\s$])[^$\n]+?(?<![\s\\])\$(?![\d$])",
            r"\[\^[^\]\s]+\]",
            r"\[[^\[\]]*@[^\[\]]*\]",
            r"(?<!\\)\[[^\[\]]*\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\{[^{}]*\})",
            r"(?<![\w@\\])@\{?(?:fig|tbl|sec):[a-z0-9_-]+\}?",
            r"(?<![\w\\])" + CITATION.pattern,
            r"<https?://[^<>\s]+>",
        )
    ),
    re.ASCII,
)
"""What is one piece inside of a unit."""

OPEN, NUMBERED, CLOSE, UNIT = "\ue000", "\ue001", "\ue002", "\ue003"
_KEPT_MARK = re.compile(f"{OPEN}(\\d+){NUMBERED}([^{OPEN}{CLOSE}]*){CLOSE}")
_UNIT_MARK = re.compile(f"{UNIT}(\\d+){CLOSE}")

_ITEM = re.compile(r"(?P<indent> *)(?P<marker>[-*+]|\d+[.)]|#\.)(?P<space>\s+)")
_HEADING = re.compile(r"(#{1,6}\s+)(.*?)(\s*\{[^{}]*\}|\s+#+)?\s*")
_CAPTION = re.compile(r"(?::|Table:)\s+(?=\S)")
_ATTRIBUTES = re.compile(r"\s*\{[^{}]*[#.=][^{}]*\}\s*\Z")
_NO_TEXT = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*[ \t]*$|^<!--.*?-->", re.MULTILINE | re.DOTALL)
_NO_UNIT = re.compile(r":::|\||\+[-=]|>|\$\$|<(?!https?:)|\[\^[^\]]+\]:|\{\{\s*table:|(?:[-*_]\s*){3,}\Z")


@dataclass(frozen=True)
class Unit:
    """One part of a text: where it stands in the body, ``[start, end)``, and where the block ends that holds it.

    ``kind`` is ``paragraph``, ``heading``, ``item`` or ``caption``; ``lead`` what stands before it on its first line
    (the marks of a heading, the marker of a list item).
    """

    kind: str
    start: int
    end: int
    block_end: int
    text: str
    lead: str = ""

    @property
    def removable(self) -> bool:
        """Whether nothing else falls with it: both languages share headings and captions."""
        return self.kind in ("paragraph", "item")


def units_of(prose: Prose) -> list[Unit]:
    """Return the units of a text in their order; tables, formulas that stand alone, code and comments hold none."""
    body = prose.body
    return [
        Unit(kind, start, end, block_end, body[start:end], body[body.rfind("\n", 0, start) + 1 : start])
        for block in _blocks(body)
        for kind, start, end, block_end in _in_block(body, *block)
        if body[start:end].strip()
    ]


def _blocks(body: str) -> Iterator[tuple[int, int]]:
    """Yield where each block begins and ends: lines without an empty one, fence or heading between them."""
    no_text = [match.span() for match in _NO_TEXT.finditer(body)]
    opened, position = -1, 0
    for line in [*body.split("\n"), ""]:
        hidden = any(start <= position < end for start, end in no_text)
        alone = re.match(r":::|#{1,6}\s", line) is not None
        if opened >= 0 and (not line.strip() or alone or hidden):
            yield opened, position - 1
            opened = -1
        if line.strip() and not hidden:
            if alone:
                yield position, position + len(line)
            elif opened < 0:
                opened = position
        position += len(line) + 1


def _in_block(body: str, start: int, end: int) -> Iterator[tuple[str, int, int, int]]:
    block = body[start:end]
    if heading := _HEADING.fullmatch(block):
        yield "heading", start + heading.start(2), start + heading.end(2), end
    elif (image := IMAGE.match(block)) and not block[image.end() :].strip():
        yield "caption", start + image.start(1), start + image.end(1), end
    elif caption := _CAPTION.match(block):
        attributes = _ATTRIBUTES.search(block)
        yield "caption", start + caption.end(), start + (attributes.start() if attributes else len(block)), end
    elif _ITEM.match(block):
        yield from _items(block, start)
    elif not _NO_UNIT.match(block.lstrip()) and not block.startswith("    "):
        yield "paragraph", start + len(block) - len(block.lstrip()), start + len(block.rstrip()), end


def _items(block: str, start: int) -> Iterator[tuple[str, int, int, int]]:
    begun: int | None = None
    position = 0
    for line in [*block.split("\n"), None]:
        item = None if line is None else _ITEM.match(line)
        if begun is not None and (item or line is None):
            end = len(block[: max(position - 1, begun)].rstrip())
            yield "item", start + begun, start + end, start + end
        if line is not None and item is not None:
            begun = position + item.end()
        position += 0 if line is None else len(line) + 1


def marked(prose: Prose) -> tuple[str, list[Unit], list[str]]:
    """Return the body with a mark before each unit and around all that is kept, the units, and what is kept."""
    units, kept = units_of(prose), list[str]()
    parts, position = list[str](), 0
    for number, unit in enumerate(units):
        parts += [prose.body[position : unit.start], f"{UNIT}{number}{CLOSE}"]
        position = unit.start
        for match in KEPT.finditer(unit.text):
            parts += [prose.body[position : unit.start + match.start()]]
            parts += [f"{OPEN}{len(kept)}{NUMBERED}", match.group(0), CLOSE]
            kept.append(match.group(0))
            position = unit.start + match.end()
        parts.append(prose.body[position : unit.end])
        position = unit.end
    return "".join([*parts, prose.body[position:]]), units, kept


def as_spans(text: str) -> str:
    """Return ``text`` with marks as spans that pandoc reads: ``unit`` (empty) and ``kept``, each with its number."""
    text = _KEPT_MARK.sub(r'<span class="kept" number="\1">\2</span>', text)
    return _UNIT_MARK.sub(r'<span class="unit" number="\1"></span>', text)
