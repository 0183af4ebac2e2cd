"""Papers from texts: PDF, Word and HTML, in Chinese and English, from the same findings and figures.

A folder of texts holds one paper or several: every pair ``NAME.en.md``, ``NAME.zh.md`` is one, so that what a reader
needs and what an expert wants to check can be two papers with one set of numbers.

The way: text + findings → Markdown without placeholders → pandoc with two filters (cross-references and what
each format needs) and citations → typst → PDF, Word, HTML. All off-line, and the same input gives the same
bytes: the date in the header of the text stands for the time of making.
"""

from __future__ import annotations

import base64
import calendar
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from pathlib import Path

from maternal_eval.core.errors import InputError, MaternalEvalError
from maternal_eval.core.files import write_whole
from maternal_eval.core.hashing import hash_bytes, hash_files
from maternal_eval.core.languages import LANGUAGES, Language, say
from maternal_eval.core.made import is_made, mark_made
from maternal_eval.core.progress import Progress, report
from maternal_eval.report.from_word import was_edited
from maternal_eval.report.number_sources import Settings, numbers_marked, with_sources
from maternal_eval.report.pandoc import run_pandoc, typeset
from maternal_eval.report.prose import IMAGE, REFERENCE, Prose, check_prose, compare_prose, fill, replace_outside_code
from maternal_eval.report.text_units import as_spans, marked
from maternal_eval.report.word_template import write_reference_document
from maternal_eval.report.word_text import remembering
from maternal_eval.results.findings import Findings
from maternal_eval.results.plotting.style import alt_text_of
from maternal_eval.results.provenance import hash_shown

TEMPLATES = Path(__file__).parent / "templates"
NAME = "blue-paper"
"""The paper that every folder of texts holds; others (``technical-annex``) stand beside it."""
_WORKSHOP = ".paper-"
"""How the names of the folders begin in which papers are made."""
READERS: dict[Language, str] = {"en": "markdown+smart", "zh": "markdown+east_asian_line_breaks-smart"}
"""How pandoc reads each language: straight quotes become typographic ones in English only."""

STYLES: dict[Language, str] = {
    "en": "american-statistical-association.csl",
    "zh": "china-national-standard-gb-t-7714-2015-numeric.csl",
}
EDITED = ".edited"
"""How the name of a Word file ends that an author edited and that was to be replaced."""
FORMATS = ("pdf", "docx", "html")
REQUIRED = ("title", "date", "notice")


def build_papers(
    texts: Path,
    findings: Findings,
    figures: Path,
    out: Path,
    *,
    references: Path | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Build the papers and return their paths.

    Parameters
    ----------
    texts
        Folder with ``blue-paper.en.md`` and ``blue-paper.zh.md``, and further pairs if there are more papers. The YAML
        header of each needs ``title``, ``date`` (ISO) and ``notice`` (what a reader must know on every page);
        ``subtitle``, ``short-title``, ``series``, ``author``, ``keywords``, ``literals`` and ``small-print`` (for
        what is looked up rather than read) are optional. The abstract is a division ``::: abstract``.
    findings
        What the placeholders stand for.
    figures
        Folder with ``<name>.<language>.svg`` and ``.png`` for each ``![caption](name){#fig:name}``, written by
        :func:`maternal_eval.results.plotting.save_figure`.
    out
        Folder for ``NAME.{en,zh}.{pdf,docx,html}`` of each paper. A file is replaced only when it is complete, and a
        language is made again only if something that it shows has changed.
    references
        The works cited (BibTeX or CSL JSON); ``references.bib`` beside the texts by default.
    settings
        What each analysis was computed with, which the page shows beside the source of a number.

    Raises
    ------
    InputError
        If a text breaks a rule of :func:`maternal_eval.report.prose.check_prose`, the two texts differ in
        what they use, or a figure is missing.
    MaternalEvalError
        If pandoc or typst fails or warns.
    """
    papers = read_papers(texts)
    if problems := check_papers(papers, findings):
        raise InputError(f"{problems[0]} (problems in the texts: {len(problems)})")
    out.mkdir(parents=True, exist_ok=True)
    bibliography = references if references is not None else texts / "references.bib"
    if not bibliography.is_file():
        raise InputError("the references are missing", file=bibliography)
    # Beside the papers: what a killed run has left is found and removed.
    for left in out.glob(f"{_WORKSHOP}*"):
        shutil.rmtree(left, ignore_errors=True)
    written: list[Path] = []
    cited = [key for both in papers.values() for key in both["en"].keys]
    total = len(FORMATS) * len(LANGUAGES) * len(papers)
    for name, both in papers.items():
        for language, prose in both.items():
            with tempfile.TemporaryDirectory(prefix=_WORKSHOP, dir=out.resolve()) as folder:
                paper = _Paper(prose, language, findings, figures, bibliography, Path(folder), cited, settings)
                targets = [out / f"{name}.{language}.{suffix}" for suffix in FORMATS]
                stamp, key = out / f".{name}.{language}.stamp", paper.key
                made = is_made(stamp, key, targets)
                if not made:
                    keep_edited(targets[FORMATS.index("docx")])
                for target, content in zip(targets, () if made else paper.outputs(), strict=not made):
                    write_whole(target, partial(Path.write_bytes, data=content))
                    report(progress, f"paper {target.name}", len(written) + targets.index(target) + 1, total)
                if not made:
                    mark_made(stamp, key, targets)
                written += targets
    return written


def keep_edited(word: Path) -> Path | None:
    """Put a Word file that an author has edited beside its place; return where, or None if nobody has.

    It would be replaced else: what was written in it is taken back by :mod:`~maternal_eval.report.from_word`.
    """
    if not word.is_file() or not was_edited(word):
        return None
    numbers = (f"-{number}" if number > 1 else "" for number in count(1))
    free = (one for number in numbers if not (one := word.with_name(f"{word.stem}{EDITED}{number}.docx")).exists())
    kept = next(free)
    content = word.read_bytes()
    write_whole(kept, partial(Path.write_bytes, data=content))
    return kept


def paper_names(texts: Path) -> list[str]:
    """Return the names of the papers that a folder of texts holds: the blue paper first, others in their order.

    A text in one language alone counts too: whoever reads it misses the other one and says so.
    """
    names = {path.name.split(".")[0] for language in LANGUAGES for path in texts.glob(f"*.{language}.md")}
    return [NAME, *sorted(names - {NAME})]


def figures_shown(texts: Path) -> set[str]:
    """Return the names of the figures that the texts of the papers show, in either language."""
    return {figure for both in read_papers(texts).values() for prose in both.values() for figure in prose.figures}


def read_papers(texts: Path) -> dict[str, dict[Language, Prose]]:
    """Return the texts of all papers of a folder, by name and language.

    Raises
    ------
    InputError
        If a text is missing in one language, or its header is malformed.
    """
    return {
        name: {language: Prose.read(texts / f"{name}.{language}.md") for language in LANGUAGES}
        for name in paper_names(texts)
    }


def check_papers(papers: Mapping[str, Mapping[Language, Prose]], findings: Findings) -> list[str]:
    """Return what is wrong with the texts of all papers: rules that each breaks, then what the languages differ in."""
    proses = [prose for both in papers.values() for prose in both.values()]
    problems = [problem for prose in proses for problem in check_prose(prose, findings)]
    return problems + [problem for both in papers.values() for problem in compare_prose(both["en"], both["zh"])]


class _Paper:
    """One text on its way into three formats, in a folder of its own."""

    def __init__(
        self,
        prose: Prose,
        language: Language,
        findings: Findings,
        figures: Path,
        bibliography: Path,
        folder: Path,
        cited: Sequence[str] = (),
        settings: Settings | None = None,
    ) -> None:
        self.prose, self.language, self.folder = prose, language, folder
        self.bibliography, self.figures = bibliography.resolve(), figures
        self.date = _date(prose)
        self.timestamp = int(datetime(self.date.year, self.date.month, self.date.day, tzinfo=UTC).timestamp())
        self.metadata = self._write_metadata()
        self.findings, self.cited, self.settings = findings, cited, settings or {}
        self.body = self._filled(prose)

    @property
    def key(self) -> str:
        """Hash of all that the paper is made of: its text with the numbers, figures, works cited, templates, code."""
        pictures = [
            path
            for name in sorted(self.prose.figures)
            for suffix in ("svg", "png")
            if (path := self.figures / f"{name}.{self.language}.{suffix}").is_file()
        ]
        templates = [path for path in TEMPLATES.rglob("*") if path.is_file()]
        parts = [
            self.body,
            self.metadata.read_text(encoding="utf-8"),
            self._with_sources("<main></main>", numbers_marked(self.prose, self.findings)[1]),
            hash_files([*pictures, *templates, self.bibliography]),
            hash_shown(__name__),
        ]
        return hash_bytes("\n".join(parts).encode())

    def outputs(self) -> Iterator[bytes]:
        """Yield the content of each of the :data:`FORMATS`."""
        yield self._pdf()
        yield self._word()
        yield self._html()

    def _filled(self, prose: Prose) -> str:
        return _separate_references(fill(prose, self.findings, self.cited))

    def _pandoc(self, to: str, figure_suffix: str, arguments: Sequence[str], body: str | None = None) -> bytes:
        text = as_spans(self._with_figures(self.body if body is None else body, figure_suffix))
        common = [
            f"--from={READERS[self.language]}", f"--to={to}", "--standalone", f"--metadata-file={self.metadata}",
            f"--lua-filter={TEMPLATES / 'crossref.lua'}", "--citeproc",
            f"--bibliography={self.bibliography}", f"--csl={TEMPLATES / 'csl' / STYLES[self.language]}",
            f"--lua-filter={TEMPLATES / 'formats.lua'}", f"--resource-path={self.folder}",
            f"--data-dir={self.folder}", "--columns=10000",
        ]  # fmt: skip
        try:
            return run_pandoc([*common, *arguments], text, timestamp=self.timestamp)
        except MaternalEvalError as error:
            raise MaternalEvalError(f"{self.prose.path}: {error}") from error

    def _pdf(self) -> bytes:
        # Typst's own citations and quotes are off: citeproc and pandoc make them, the same for all formats.
        source = self.folder / f"{NAME}.typ"
        source.write_bytes(self.typst_source())
        return typeset(source, timestamp=self.timestamp)

    def typst_source(self) -> bytes:
        """Return the paper as typst reads it; the figures that it names lie in the folder then."""
        return self._pandoc("typst-citations-smart", "svg", [f"--template={TEMPLATES / 'blue-paper.typ'}"])

    def _word(self) -> bytes:
        reference = self.folder / "reference.docx"
        header = self.prose.header
        title = str(header.get("short-title", header["title"]))
        write_reference_document(reference, self.language, title=title, notice=str(header["notice"]))
        # No table of contents: Word would ask each reader whether to update it; headings fill its navigation.
        arguments = [f"--reference-doc={reference}", "--output=-"]
        marked_body, units, kept = marked(self.prose)
        word = self._pandoc("docx", "png", arguments, self._filled(replace(self.prose, body=marked_body)))
        name, whole_title = self.prose.path.name.split(".")[0], str(header["title"])
        return remembering(word, name, self.language, whole_title, units, kept)

    def _html(self) -> bytes:
        style = self.folder / "style.html"
        css = (TEMPLATES / "blue-paper.css").read_text(encoding="utf-8")
        style.write_text(f"<style>\n{css}</style>\n", encoding="utf-8")
        arguments = [
            f"--template={TEMPLATES / 'blue-paper.html'}", f"--include-in-header={style}", "--mathml",
            "--section-divs", "--shift-heading-level-by=1", "--toc", "--toc-depth=3",
        ]  # fmt: skip
        marked_body, keys = numbers_marked(self.prose, self.findings)
        body = self._filled(replace(self.prose, body=marked_body))
        page = self._pandoc("html5", "svg", arguments, body).decode()
        page = self._with_sources(page, keys)
        return re.sub(r'(<img\b[^>]*?\bsrc=")([^"]+)(")', self._embedded, page).encode()

    def _with_sources(self, page: str, keys: list[str]) -> str:
        return with_sources(page, keys, self.prose.tables, self.findings, self.settings, self.language)

    def _embedded(self, match: re.Match[str]) -> str:
        """Return the start of an image tag with the picture inside: the page is one file."""
        content = base64.b64encode((self.folder / match.group(2)).read_bytes()).decode()
        return f"{match.group(1)}data:image/svg+xml;base64,{content}{match.group(3)}"

    def _with_figures(self, body: str, suffix: str) -> str:
        """Return a text with each figure's file in the format asked for, and its alternative text."""

        def located(match: re.Match[str]) -> str:
            caption, name, attributes = match.group(1), match.group(2), match.group(3) or "{}"
            stem = f"{name}.{self.language}"
            alt = alt_text_of(self.figures / f"{stem}.svg")
            picture = self.figures / f"{stem}.{suffix}"
            if not picture.is_file():
                raise InputError("the figure is missing", file=picture)
            shutil.copyfile(picture, self.folder / picture.name)
            quoted = alt.replace("&", "&amp;").replace('"', "&quot;").replace("\\", "\\\\")
            return f'![{caption}]({picture.name}){{{attributes[1:-1]} alt="{quoted}"}}'

        return replace_outside_code(body, IMAGE, located)

    def _write_metadata(self) -> Path:
        """Write the header as pandoc reads it, with the words that the templates need."""
        header = self.prose.header
        language = self.language
        if missing := [name for name in REQUIRED if not header.get(name)]:
            raise InputError("the YAML header lacks a field", file=self.prose.path, expected=", ".join(missing))
        authors = header.get("author", [])
        values = {
            **{name: value for name, value in header.items() if name != "literals"},
            "author": [authors] if isinstance(authors, str) else list(authors),
            # zh-Hans, because pandoc does not translate its own words for zh-CN
            "lang": say(language, "en-GB", "zh-Hans"),
            "paper-language": language,
            "chinese": language == "zh",
            "date": _long_date(self.date, language),
            "date-iso": self.date.isoformat(),
            "series": header.get("series", say(language, "Blue paper", "蓝皮书")),
            "small-print": bool(header.get("small-print")),
            "abstract-title": say(language, "Summary", "摘要"),
            "keywords-title": say(language, "Keywords:", "关键词："),
            "toc-title": say(language, "Contents", "目录"),
            "notice-title": say(language, "Notice", "声明"),
            "skip-title": say(language, "Skip to the text", "跳到正文"),
            "reference-section-title": say(language, "References", "参考文献"),
            "link-citations": True,
        }
        path = self.folder / "metadata.json"
        path.write_text(json.dumps(values, ensure_ascii=False, default=str), encoding="utf-8")
        return path


def _date(prose: Prose) -> date:
    value = prose.header.get("date")
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise InputError("malformed date in the header", file=prose.path, found=value, expected="YYYY-MM-DD") from error


def _long_date(day: date, language: str) -> str:
    month = calendar.month_name[day.month]
    return say(language, f"{day.day} {month} {day.year}", f"{day.year}年{day.month}月{day.day}日")


def _separate_references(text: str) -> str:
    """Return the text with each cross-reference in brackets: pandoc sees no ``@`` behind a Chinese character."""
    return replace_outside_code(text, REFERENCE, lambda match: f"[@{match.group(1)}]")
