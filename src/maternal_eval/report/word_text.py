"""What a Word file of a paper says, paragraph by paragraph, as Markdown; and what it remembers of its text.

A file that this package writes carries a part of its own (``customXml``): which paper it is, its units as they were
written and as they read when it was made, and what is kept inside of them (:mod:`~maternal_eval.report.text_units`).
Word and LibreOffice leave such a part where it is.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from maternal_eval.core.errors import InputError
from maternal_eval.report.text_units import Unit
from maternal_eval.report.word_template import FIXED_TIME

NAMESPACE = "urn:maternal-eval:paper"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATHEMATICS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DOCUMENT, _RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
_PART = "customXml/maternal-paper.xml"
_MOST_BYTES = 50_000_000
_SPECIAL = re.compile(r"([\\`*_\[\]<>{}@#|^~$])")
FOREIGN = "\ufffc"
"""Stands for what has no Markdown here: a footnote, a picture, an object, a sign of a symbol font."""
_SIGNS = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "\u2011"} | dict.fromkeys(
    ("footnoteReference", "endnoteReference", "sym", "drawing", "pict", "object"), FOREIGN
)
_BOLD, _ITALIC = ("Strong", "StrongEmphasis"), ("Emphasis",)
_KEPT_TAG, _UNIT_NAME = re.compile(r"maternal-(\d+)"), re.compile(r"_maternal_(\d+)")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a Word file.

    ``text`` is its Markdown with what is kept put back; ``units`` the numbers of the bookmarks in it; ``shown`` what
    each control in it shows, by number; ``style`` and ``listed`` whether it is an item of a list.
    """

    text: str
    units: tuple[int, ...]
    shown: tuple[tuple[int, str], ...]
    style: str
    listed: bool
    in_table: bool


@dataclass
class Memory:
    """What a Word file remembers: which paper it is, and what it was made of.

    ``units`` holds kind and Markdown of each unit; ``read`` how the paragraph of each read when the file was made
    (None if none was found), ``before`` what stands in it before the unit (numbers of headings and captions);
    ``kept`` and ``shown`` what is kept and how it is shown; ``others`` the paragraphs of no unit.
    """

    name: str
    language: str
    title: str
    units: list[tuple[str, str]]
    kept: list[str]
    read: list[str | None] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    shown: list[str | None] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def remembering(word: bytes, name: str, language: str, title: str, units: Sequence[Unit], kept: Sequence[str]) -> bytes:
    """Return a Word file with what it was made of."""
    memory = Memory(name, language, title, [(unit.kind, unit.text) for unit in units], list(kept))
    memory.read, memory.before, memory.shown = [None] * len(units), [""] * len(units), [None] * len(kept)
    parts = _parts(word)
    for paragraph, before in _paragraphs(parts[_DOCUMENT], memory.kept):
        for number, shown in paragraph.shown:
            memory.shown[number] = shown
        if len(paragraph.units) == 1:
            memory.read[paragraph.units[0]] = paragraph.text[len(before) :]
            memory.before[paragraph.units[0]] = before
        elif paragraph.text.strip():
            memory.others.append(paragraph.text)
    content = escape(json.dumps(asdict(memory), ensure_ascii=False))
    parts[_PART] = f'<?xml version="1.0" encoding="UTF-8"?><paper xmlns="{NAMESPACE}">{content}</paper>'.encode()
    relation = f'<Relationship Type="{_RELATION}/customXml" Id="rIdMaternalPaper" Target="../{_PART}"/></Relationships>'
    parts[_RELATIONS] = parts[_RELATIONS].replace(b"</Relationships>", relation.encode())
    return _zipped(word, parts)


def read_word(path: Path) -> tuple[Memory, list[Paragraph]]:
    """Return what a Word file remembers, and its paragraphs as they read now.

    Raises
    ------
    InputError
        If the file is missing or damaged, is no Word file, or was not written by this package.
    """
    expected = "a DOCX that 'maternal-eval paper' wrote and that was edited since"
    try:
        parts = _parts(path.read_bytes())
        document = parts[_DOCUMENT]
        memory = _memory(parts)
        if memory is None:
            raise InputError("it does not say which paper it is", file=path, expected=expected)
        return memory, [paragraph for paragraph, _ in _paragraphs(document, memory.kept)]
    except FileNotFoundError as error:
        raise InputError("there is no such file", file=path, expected=expected) from error
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError("it cannot be read as a Word file", file=path, found=str(error), expected=expected) from error
    except (ElementTree.ParseError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise InputError("the Word file is damaged", file=path, found=str(error), expected=expected) from error


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > 4 * _MOST_BYTES:
            raise ValueError("more than 200 MB")
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _zipped(word: bytes, parts: dict[str, bytes]) -> bytes:
    """Return the parts as a file; those that ``word`` has keep their time."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        times = {entry.filename: entry.date_time for entry in source.infolist()}
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, times.get(name, FIXED_TIME))
            made.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _memory(parts: dict[str, bytes]) -> Memory | None:
    for name, content in sorted(parts.items()):
        if name.startswith("customXml/") and NAMESPACE.encode() in content:
            root = ElementTree.fromstring(content)
            if root.tag == f"{{{NAMESPACE}}}paper":
                values: dict[str, Any] = json.loads(root.text or "")
                values["units"] = [(str(kind), str(text)) for kind, text in values["units"]]
                memory = Memory(**values)
                if not len(memory.units) == len(memory.read) == len(memory.before):
                    raise ValueError("units that do not fit together")
                if len(memory.kept) != len(memory.shown):
                    raise ValueError("keys that do not fit together")
                return memory
    return None


def _paragraphs(document: bytes, kept: Sequence[str]) -> Iterator[tuple[Paragraph, str]]:
    """Yield each paragraph of the body in its order, and what stands in it before its first bookmark."""
    root = ElementTree.fromstring(document)
    in_table = {id(one) for table in root.iter(f"{_WORD}tbl") for one in table.iter(f"{_WORD}p")}
    for element in root.iter(f"{_WORD}p"):
        reader = _Reader(kept)
        reader.read(element)
        style = element.find(f"{_WORD}pPr/{_WORD}pStyle")
        listed = element.find(f"{_WORD}pPr/{_WORD}numPr") is not None
        before = _markdown(reader.pieces[: reader.first]).lstrip() if reader.units else ""
        yield (
            Paragraph(
                (before + _markdown(reader.pieces[reader.first :])).strip(),
                tuple(reader.units),
                tuple(reader.shown),
                "" if style is None else style.get(f"{_WORD}val", ""),
                listed,
                id(element) in in_table,
            ),
            before,
        )


class _Reader:
    """Reads the runs of a paragraph: pieces of text with their emphasis (0 none, 1 italic, 2 bold, 3 both)."""

    def __init__(self, kept: Sequence[str]) -> None:
        self.kept = kept
        self.pieces: list[tuple[str, int]] = []
        self.units: list[int] = []
        self.shown: list[tuple[int, str]] = []
        self.first = 0

    def read(self, element: ElementTree.Element) -> None:
        for child in element:
            tag = child.tag.removeprefix(_WORD)
            if tag == "r":
                self._run(child)
            elif tag == "bookmarkStart":
                self._bookmark(child.get(f"{_WORD}name", ""))
            elif tag == "sdt":
                self._control(child)
            elif child.tag == f"{_MATHEMATICS}oMath":
                self.pieces.append((FOREIGN, 0))
            elif tag in ("hyperlink", "ins", "moveTo", "smartTag", "sdtContent", "fldSimple"):
                self.read(child)

    def _bookmark(self, name: str) -> None:
        if match := _UNIT_NAME.fullmatch(name):
            if not self.units:
                self.first = len(self.pieces)
            self.units.append(int(match.group(1)))

    def _control(self, element: ElementTree.Element) -> None:
        content = element.find(f"{_WORD}sdtContent")
        tag = element.find(f"{_WORD}sdtPr/{_WORD}tag")
        match = _KEPT_TAG.fullmatch("" if tag is None else tag.get(f"{_WORD}val", ""))
        if content is None:
            return
        if match is None or int(match.group(1)) >= len(self.kept):
            self.read(content)
            return
        inside = _Reader(self.kept)
        inside.read(content)
        number = int(match.group(1))
        shown = "".join(text for text, _ in inside.pieces)
        self.shown.append((number, " ".join(content.itertext()) if shown == FOREIGN else shown))
        marks = min((mark for _, mark in inside.pieces), default=0)
        code = self.kept[number].startswith("`")
        self.pieces.append((self.kept[number], 0 if code else marks))

    def _run(self, run: ElementTree.Element) -> None:
        properties = run.find(f"{_WORD}rPr")
        marks = 0 if properties is None else _on(properties, "i") + 2 * _on(properties, "b")
        found = None if properties is None else properties.find(f"{_WORD}rStyle")
        style = "" if found is None else found.get(f"{_WORD}val", "")
        code = style == "VerbatimChar"
        marks |= (style in _ITALIC) + 2 * (style in _BOLD)
        text = ""
        for child in run:
            tag = child.tag.removeprefix(_WORD)
            text += (child.text or "") if tag == "t" else _SIGNS.get(tag, "")
        if text:
            self.pieces.append((f"`{text}`", 0) if code else (_SPECIAL.sub(r"\\\1", text), marks))


def _on(properties: ElementTree.Element, name: str) -> bool:
    found = properties.find(f"{_WORD}{name}")
    return found is not None and found.get(f"{_WORD}val", "true") not in ("0", "false", "off")


def _markdown(pieces: Sequence[tuple[str, int]]) -> str:
    """Return pieces as Markdown, every white space as one blank: emphasis begins and ends at words, never at spaces."""
    parts, open_marks = list[str](), 0
    for text, marks in [*pieces, ("", 0)]:
        if not text.strip() and text:
            parts.append(text)
            continue
        if marks != open_marks:
            trailing = ""
            if open_marks:
                joined = "".join(parts)
                trailing = joined[len(joined.rstrip()) :]
                parts = [joined.rstrip(), "*" * open_marks, trailing]
            leading = text[: len(text) - len(text.lstrip())]
            parts.append(leading + "*" * marks)
            text, open_marks = text.lstrip(), marks
        parts.append(text)
    return re.sub(r"\s+", " ", "".join(parts).replace("\u00a0", " "))
