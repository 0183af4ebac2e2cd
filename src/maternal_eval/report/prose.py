"""Prose with keys instead of numbers: reading, checking and filling in.

A text is Markdown with a YAML header. ``{{key}}`` stands for a finding, ``{{key|interval}}`` for its interval
(other modifiers: :data:`maternal_eval.results.findings.MODIFIERS`, several are joined by ``|``), and
``{{table:name}}`` on a line of its own for a table. Digits that are no results (the scale 1–5, indicator codes)
are declared in the header under ``literals``; all others are errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES, say
from maternal_eval.report.typed_numbers import numbers_out_of_sight, typed_numbers
from maternal_eval.results.findings import MODIFIERS, Findings
from maternal_eval.results.tables import FindingsTable, escape

PLACEHOLDER = re.compile(r"\{\{\s*([^{}|]*?)\s*((?:\|[^{}|]*)*)\}\}")
REFERENCE = re.compile(r"(?<![\w@])\[?@\{?((?:fig|tbl|sec):[a-z0-9_-]+)\}?\]?", re.ASCII)
CITATION = re.compile(r"@\{?([A-Za-z][A-Za-z0-9_]*)(?![A-Za-z0-9_:])")
IDENTIFIER = re.compile(r"\{[^{}\n]*#((?:fig|tbl|sec):[a-z0-9_-]+)[^{}\n]*\}")
IMAGE = re.compile(r"!\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)(\{[^{}]*\})?")
HEADING = re.compile(r"^(#{1,6})\s+(.*)$", re.MULTILINE)
PROVENANCE = "provenance"

_CODE = (
    re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)"),
)
_MATHEMATICS = (
    re.compile(r"\$\$.+?\$\$", re.DOTALL),
    re.compile(r"(?<![\\$])\$(?![\s$])[^$\n]+?(?<![\s\\])\$(?![\d$])"),
)
# Where digits are no results: names of things, addresses and mark-up.
_NO_RESULT = (
    PLACEHOLDER,
    re.compile(r"\[[^\[\]]*@[^\[\]]*\]"),
    re.compile(r"@\{?[A-Za-z][\w:.-]*\}?", re.ASCII),
    re.compile(r"\]\([^()\s]*(?:\s+\"[^\"]*\")?\)"),
    re.compile(r"https?://[^\s)>，。；、）]+"),
    re.compile(r"\{[^{}\n]*[#.=][^{}\n]*\}"),
    re.compile(r"\[\^[^\]]+\]"),
    re.compile(r"^#{1,6}\s+\d+(?:\.\d+)*\.?(?=\s)", re.MULTILINE),
    re.compile(r"^\s*\d+[.)](?=\s)", re.MULTILINE),
)
_SHOWN_FIELDS = ("title", "subtitle", "short-title", "notice", "keywords")
_RESULT_IN_HEADER = re.compile(r"\d+(?:\.\d+)?\s*[%％‰]|\d+\.\d+")
_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!(]|\)(?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Prose:
    """A text as it was written: header, body, and where the body starts in the file (line, from 1)."""

    path: Path
    language: str
    header: dict[str, Any]
    body: str
    first_line: int

    @classmethod
    def read(cls, path: Path) -> Prose:
        """Read a Markdown file with a YAML header; the language is the suffix of its stem (``name.zh.md``).

        Raises
        ------
        InputError
            If the file, its header or its language is missing or malformed.
        """
        language = path.stem.rpartition(".")[2]
        if language not in LANGUAGES:
            raise InputError("no language in the file name", file=path, expected="name.en.md or name.zh.md")
        try:
            content = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise InputError("the text is missing", file=path) from error
        match = re.match(r"---\n(.*?\n)---\n", content, re.DOTALL)
        if match is None:
            raise InputError("no YAML header", file=path, row=1, expected="a header between two lines ---")
        try:
            header = yaml.safe_load(match.group(1)) or {}
        except yaml.YAMLError as error:
            raise InputError("the YAML header is malformed", file=path, found=str(error)) from error
        if not isinstance(header, dict):
            raise InputError("the YAML header is malformed", file=path, found=type(header).__name__)
        return cls(path, language, header, content[match.end() :], content[: match.end()].count("\n") + 1)

    @cached_property
    def without_code(self) -> str:
        """The body with code and comments blanked out, character for character."""
        return _blank(self.body, _CODE)

    @cached_property
    def placeholders(self) -> list[tuple[int, str, tuple[str, ...]]]:
        """Position, name and modifiers of each placeholder outside of code."""
        return [
            (match.start(), match.group(1), tuple(m.strip() for m in match.group(2).split("|")[1:]))
            for match in PLACEHOLDER.finditer(self.without_code)
        ]

    @property
    def keys(self) -> list[str]:
        """The findings that the text uses, each once, in order."""
        return list(dict.fromkeys(name for _, name, _ in self.placeholders if not name.startswith("table:")))

    @property
    def tables(self) -> list[str]:
        """The tables of findings that the text inserts."""
        names = (name for _, name, _ in self.placeholders)
        return [name.removeprefix("table:") for name in names if name.startswith("table:")]

    @property
    def identifiers(self) -> list[str]:
        """The identifiers of figures, tables and sections that the text defines."""
        return IDENTIFIER.findall(self.without_code) + [f"tbl:{name}" for name in self.tables]

    @property
    def citations(self) -> list[str]:
        """The works that the text cites, each once, in order."""
        return list(dict.fromkeys(CITATION.findall(_blank(self.without_code, _MATHEMATICS))))

    @property
    def figures(self) -> list[str]:
        """The names of the figures that the text shows."""
        return [match.group(2) for match in IMAGE.finditer(self.without_code)]

    def line_of(self, position: int) -> int:
        """Return the line of the file at ``position`` of the body."""
        return self.first_line + self.body.count("\n", 0, position)


def check_prose(prose: Prose, findings: Findings) -> list[str]:
    """Return what is wrong with a text, each with file and row; an empty list is a good text.

    Checked: keys and modifiers exist; no bare digits and no numbers in words
    (:mod:`~maternal_eval.report.typed_numbers`); the word simulated (模拟) in each paragraph that prints a
    simulated finding, or in the caption of a figure or table that the paragraph refers to; references resolve,
    identifiers are used once, and every figure and table is referred to; no half-width punctuation after
    Chinese characters.
    """
    problems = [
        *_key_problems(prose, findings),
        *_digit_problems(prose),
        *_typed_problems(prose),
        *_simulated_problems(prose, findings),
        *_reference_problems(prose),
    ]
    if prose.language == "zh":
        visible = _blank(prose.without_code, (*_MATHEMATICS, *_NO_RESULT))
        problems += [
            (match.start(), f"half-width punctuation in Chinese: found {match.group(0)}")
            for match in _HALF_WIDTH.finditer(visible)
        ]
    ordered = sorted(problems, key=lambda problem: problem[0])
    return [f"{prose.path}, row {prose.line_of(position)}: {problem}" for position, problem in ordered]


def typed_in(prose: Prose) -> list[str]:
    """Return the numbers that stand in a text itself, in digits or in words, where a key should stand."""
    return [problem for _, problem in sorted([*_digit_problems(prose), *_typed_problems(prose)])]


def compare_prose(first: Prose, second: Prose) -> list[str]:
    """Return how two language versions differ in what they must share.

    They must use the same findings, tables, figures, identifiers and citations and the same order of headings.
    """
    differences = []
    for what in ("keys", "tables", "figures", "identifiers", "citations"):
        ours, theirs = set(getattr(first, what)), set(getattr(second, what))
        for only, prose in ((ours - theirs, first), (theirs - ours, second)):
            if only:
                differences.append(f"{what} only in {prose.path.name}: {', '.join(sorted(only))}")
    levels = [[len(marks) for marks, _ in HEADING.findall(prose.without_code)] for prose in (first, second)]
    if levels[0] != levels[1]:
        differences.append(f"levels of headings: {first.path.name} {levels[0]}, {second.path.name} {levels[1]}")
    return differences


def fill(prose: Prose, findings: Findings, cited: Sequence[str] = ()) -> str:
    """Return the body with every placeholder replaced by its finding or table.

    ``{{table:provenance}}`` lists the findings of this text, then those ``cited`` in the papers beside it.

    Raises
    ------
    InputError
        If a key, modifier or table does not exist; names the file and the row.
    """

    def filled(match: re.Match[str]) -> str:
        modifiers = tuple(modifier.strip() for modifier in match.group(2).split("|")[1:])
        try:
            return _replacement(prose, findings, match.group(1), modifiers, cited)
        except InputError as error:
            row = prose.line_of(match.start())
            raise InputError(
                error.problem, file=prose.path, row=row, found=error.found, expected=error.expected
            ) from error

    return replace_outside_code(prose.body, PLACEHOLDER, filled)


def replace_outside_code(text: str, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> str:
    """Return ``text`` with the matches of ``pattern`` replaced, except those inside code and comments."""
    parts, end = [], 0
    for found in pattern.finditer(_blank(text, _CODE)):
        match = pattern.match(text, found.start())  # the same place with code that the match may enclose
        if match is not None:
            parts += [text[end : match.start()], replacement(match)]
            end = match.end()
    return "".join([*parts, text[end:]])


def _replacement(
    prose: Prose, findings: Findings, name: str, modifiers: tuple[str, ...], cited: Sequence[str] = ()
) -> str:
    if name.startswith("table:"):
        return _table(prose, findings, name.removeprefix("table:"), cited).markdown(prose.language)
    return escape(findings.format(name, prose.language, *modifiers))


def _table(prose: Prose, findings: Findings, name: str, cited: Sequence[str] = ()) -> FindingsTable:
    if name == PROVENANCE:
        return findings.provenance(list(dict.fromkeys([*prose.keys, *cited])))
    if name not in findings.tables:
        raise InputError("no such table", found=name, expected="a table of findings.json")
    return findings.tables[name]


def _blank(text: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    """Return ``text`` with all matches replaced by as many spaces, line breaks kept."""
    for pattern in patterns:
        text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)
    return text


def _key_problems(prose: Prose, findings: Findings) -> Iterator[tuple[int, str]]:
    for position, name, modifiers in prose.placeholders:
        try:
            _replacement(prose, findings, name, modifiers)
        except InputError as error:
            yield position, str(error)
            continue
        if name.startswith("table:"):
            start = prose.body.rfind("\n", 0, position) + 1
            stop = prose.body.find("\n", position)
            line = prose.body[start : stop if stop >= 0 else None]
            if not PLACEHOLDER.fullmatch(line.strip()):
                yield position, f"a table needs a line of its own: found {line.strip()}"


def _typed_problems(prose: Prose) -> Iterator[tuple[int, str]]:
    """Numbers that are typed without plain digits, or where nobody reads prose."""
    literals = prose.header.get("literals") or []
    prose_alone = _blank(prose.without_code, (*_MATHEMATICS, *_NO_RESULT))
    for position, found in typed_numbers(prose_alone, prose.language, literals):
        yield position, f"a number in words: found {found}, expected {{{{key}}}} or a literal"
    for position, found in numbers_out_of_sight(_blank(prose.body, _CODE[:2]), literals):
        yield position, f"a number in a formula or in code: found {found}, expected {{{{key}}}} or a literal"
    for name in _SHOWN_FIELDS:
        if match := _RESULT_IN_HEADER.search(str(prose.header.get(name, ""))):
            yield 0, f"a number in the header ({name}): found {match.group(0)}, expected none"


def _digit_problems(prose: Prose) -> Iterator[tuple[int, str]]:
    text = _blank(prose.without_code, (*_MATHEMATICS, *_NO_RESULT))
    literals = prose.header.get("literals") or []
    for literal in sorted(map(str, literals), key=len, reverse=True):
        whole = re.compile(rf"(?<!\d)(?<!\d[.,])(?<![-–−+]){re.escape(literal)}(?!\d|[.,]\d|\s?%)")
        text = _blank(text, (whole,))
    for match in re.finditer(r"\S*\d\S*", text):
        yield match.start(), f"digits in the prose: found {match.group(0)}, expected {{{{key}}}} or a literal"


def _simulated_problems(prose: Prose, findings: Findings) -> Iterator[tuple[int, str]]:
    word = say(prose.language, "simulated", "模拟")
    captions = {f"tbl:{name}": "" for name in prose.tables}
    for name in prose.tables:
        if name in findings.tables:
            table = findings.tables[name]
            captions[f"tbl:{name}"] = table.caption[prose.language]
            if table.evidence == "simulated" and word not in table.caption[prose.language].lower():
                position = prose.without_code.find(f"table:{name}")
                yield position, f"the caption of table {name} must say {word}"
    blocks = list(_blocks(prose.without_code))
    for _, block in blocks:
        for identifier in IDENTIFIER.findall(block):
            captions[identifier] = block
    for position, block in blocks:
        names = [match.group(1) for match in PLACEHOLDER.finditer(block)]
        simulated = [name for name in names if name in findings and findings[name].evidence == "simulated"]
        context = block + "".join(captions.get(name, "") for name in REFERENCE.findall(block))
        if simulated and word not in context.lower():
            yield position, f"prints the simulated finding {simulated[0]} but does not say {word}"


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield position and text of each paragraph; a table and its caption are one."""
    blocks: list[tuple[int, str]] = []
    for match in re.finditer(r"(?:^.*\S.*(?:\n|\Z))+", text, re.MULTILINE):
        is_caption = re.match(r"(:|Table:)\s", match.group(0)) and not match.group(0).startswith(":::")
        if is_caption and blocks and blocks[-1][1].lstrip().startswith("|"):
            blocks[-1] = (blocks[-1][0], blocks[-1][1] + match.group(0))
        else:
            blocks.append((match.start(), match.group(0)))
    yield from blocks


def _reference_problems(prose: Prose) -> Iterator[tuple[int, str]]:
    text = prose.without_code
    defined = prose.identifiers
    for identifier in sorted({name for name in defined if defined.count(name) > 1}):
        yield text.rfind(identifier.removeprefix("tbl:")), f"identifier used twice: found {identifier}"
    used = set()
    for match in REFERENCE.finditer(text):
        used.add(match.group(1))
        if match.group(1) not in defined:
            yield match.start(), f"unresolved reference: found @{match.group(1)}"
    for identifier in defined:
        if identifier not in used and not identifier.startswith("sec:"):
            yield text.find(identifier.removeprefix("tbl:")), f"never referred to: found {identifier}"
    for match in IMAGE.finditer(text):
        if "#fig:" not in (match.group(3) or ""):
            yield match.start(), f"a figure without identifier: found {match.group(2)}, expected {{#fig:name}}"


__all__ = ["MODIFIERS", "Prose", "check_prose", "compare_prose", "fill", "replace_outside_code", "typed_in"]
