from __future__ import annotations

import dataclasses
import io
import re
import shutil
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maternal_eval.core.errors import InputError, MaternalEvalError
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.report.pandoc import run_pandoc, typeset
from maternal_eval.report.papers import TEMPLATES, _Paper, build_papers, read_papers
from maternal_eval.report.word_template import FIXED_TIME
from maternal_eval.results.findings import Findings
from maternal_eval.results.plotting import alt_text_of
from tests.reporting.conftest import ALT_TEXT, DEMO, REFERENCES, demo_findings
from tests.reporting.pdf_text import pdf_text

FORMATS = ("pdf", "docx", "html")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


@pytest.fixture(scope="module")
def papers(demo_figures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("papers")
    build_papers(DEMO, demo_findings(), demo_figures, out, references=REFERENCES)
    return out


class Tags(HTMLParser):
    """Collects the start tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(papers: Path, language: str) -> Tags:
    return Tags((papers / f"blue-paper.{language}.html").read_text(encoding="utf-8"))


def word_part(path: Path, part: str) -> ElementTree.Element:
    with zipfile.ZipFile(path) as archive:
        return ElementTree.fromstring(archive.read(part))


def word_text(path: Path) -> str:
    return "".join(text.text or "" for text in word_part(path, "word/document.xml").iter(f"{WORD}t"))


def plain_text(papers: Path, language: str, suffix: str) -> str:
    """The text of a paper without spaces."""
    path = papers / f"blue-paper.{language}.{suffix}"
    text = {
        "pdf": lambda: pdf_text(path.read_bytes()),
        "docx": lambda: word_text(path),
        "html": lambda: page(papers, language).text,
    }[suffix]()
    return re.sub(r"[\s\u2060\u200b]", "", text)


def test_six_papers_and_nothing_else(papers: Path) -> None:
    expected = {f"blue-paper.{language}.{suffix}" for language in LANGUAGES for suffix in FORMATS}
    assert {path.name for path in papers.iterdir() if not path.name.startswith(".")} == expected
    assert {path.name for path in papers.glob(".*")} == {f".blue-paper.{language}.stamp" for language in LANGUAGES}


def test_only_what_changed_is_made_again(demo_figures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, out, made = tmp_path / "texts", tmp_path / "out", []
    shutil.copytree(DEMO, texts)
    for suffix in ("pdf", "word", "html"):

        def make(paper: _Paper, suffix: str = suffix) -> bytes:
            made.append(f"{paper.language} {suffix}")
            return suffix.encode()

        monkeypatch.setattr(_Paper, f"_{suffix}", make)

    def again() -> list[str]:
        made.clear()
        build_papers(texts, demo_findings(), demo_figures, out, references=REFERENCES)
        return sorted(made)

    whole = sorted(f"{language} {suffix}" for language in LANGUAGES for suffix in ("pdf", "word", "html"))
    of_english = sorted(f"en {suffix}" for suffix in ("pdf", "word", "html"))
    assert again() == whole
    assert again() == []
    text = texts / "blue-paper.en.md"
    text.write_text(text.read_text(encoding="utf-8") + "\nOne sentence more.\n", encoding="utf-8")
    assert again() == of_english
    (out / "blue-paper.en.docx").write_bytes(b"edited by hand")
    assert again() == of_english
    (out / ".blue-paper.en.stamp").write_text("[" * 100_000, encoding="utf-8")
    assert again() == of_english
    assert again() == []


def test_a_folder_of_texts_may_hold_several_papers(
    demo_figures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, out = tmp_path / "texts", tmp_path / "out"
    shutil.copytree(DEMO, texts)
    for suffix in ("pdf", "word", "html"):
        monkeypatch.setattr(_Paper, f"_{suffix}", lambda paper: paper.body.encode())
    header = (texts / "blue-paper.en.md").read_text(encoding="utf-8").split("---\n")[1]
    for language in LANGUAGES:
        annex = f"---\n{header}---\n\n@tbl:provenance\n\n{{{{table:provenance}}}}\n"
        (texts / f"annex.{language}.md").write_text(annex, encoding="utf-8")
    written = build_papers(texts, demo_findings(), demo_figures, out, references=REFERENCES)
    assert [path.name for path in written] == [
        f"{name}.{language}.{suffix}"
        for name in ("blue-paper", "annex")
        for language in LANGUAGES
        for suffix in FORMATS
    ]
    # The annex cites no number itself; it lists those of the paper beside it.
    keys = read_papers(texts)["blue-paper"]["en"].keys
    listed = (out / "annex.en.html").read_text(encoding="utf-8")
    assert len(keys) > 3
    assert sum(line.startswith("| ") for line in listed.splitlines()) == 2 + len(keys) + len(
        {key.split(".")[0] for key in keys}
    )
    (texts / "annex.zh.md").unlink()
    with pytest.raises(InputError, match=r"annex\.zh\.md: the text is missing"):
        build_papers(texts, demo_findings(), demo_figures, out, references=REFERENCES)


def test_same_input_gives_the_same_bytes(papers: Path, demo_figures: Path, tmp_path: Path) -> None:
    news: list[tuple[str, int, int]] = []
    written = build_papers(
        DEMO, demo_findings(), demo_figures, tmp_path / "new", references=REFERENCES,
        progress=lambda task, done, total: news.append((task, done, total)),
    )  # fmt: skip
    for path in written:
        assert path.read_bytes() == (papers / path.name).read_bytes(), path.name
    assert news == [(f"paper {path.name}", done, 6) for done, path in enumerate(written, start=1)]


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["23,456answers", "0.68(90%equal-tailedinterval[0.61,0.75])", "−1.2points", "12,345", "74%",
                "Inthepostpartumstage", "Figure1showsthesimulated", "Section2showsboth", "1.1Whatisasked"]),
        ("zh", ["23,456份答卷", "0.68（90%等尾区间[0.61,0.75]）", "−1.2分", "12,345", "74%", "在产后阶段",
                "图1展示各生命阶段", "第2节同时给出", "1.1研究问题", "“引号”与——破折号"]),
    ],
)  # fmt: skip
def test_findings_stand_in_every_paper(papers: Path, language: str, expected: list[str], suffix: str) -> None:
    text = plain_text(papers, language, suffix)
    assert [words for words in expected if words not in text] == []
    assert "{{" not in text
    assert "@" not in text


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(("language", "notice"), [("en", "Simulateddata:"), ("zh", "模拟数据：")])
def test_notice_stands_in_every_paper(papers: Path, language: str, notice: str, suffix: str) -> None:
    if suffix == "docx":
        header = word_part(papers / f"blue-paper.{language}.docx", "word/header1.xml")
        text = "".join(header.itertext()).replace(" ", "")
    else:
        text = plain_text(papers, language, suffix)
    assert notice in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_citations_agree_in_all_formats(papers: Path, language: str) -> None:
    expected = {
        "en": ["(Saaty1980)", "(Beckeretal.2017;Paruoloetal.2013)", "‘Sobol’indicesandShapleyvalue’"],
        "zh": ["权重[1]", "离散程度[2,3]", "PARUOLOP,SAISANAM,SALTELLIA.Ratings", "BECKERW,SAISANAM,PARUOLOP,etal."],
    }[language]
    for suffix in FORMATS:
        text = plain_text(papers, language, suffix)
        assert [words for words in expected if words not in text] == []
        assert "'" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_stands_alone_and_can_be_read_aloud(papers: Path, language: str) -> None:
    tags = page(papers, language)
    assert tags.named("html") == [{"lang": {"en": "en-GB", "zh": "zh-Hans"}[language]}]
    images = tags.named("img")
    assert [image["alt"] for image in images] == [ALT_TEXT[language]]
    assert all(str(image["src"]).startswith("data:image/svg+xml;base64,") for image in images)
    assert tags.named("link") == tags.named("script") == []
    assert len(tags.named("caption")) == len(tags.named("table")) == 3
    assert len(tags.named("main")) == len(tags.named("h1")) == 1
    identifiers = {attributes["id"] for _, attributes in tags.tags if "id" in attributes}
    links = [str(link["href"]) for link in tags.named("a")]
    assert {link[1:] for link in links if link.startswith("#")} <= identifiers
    assert {"#fig:trend", "#tbl:stages", "#sec:results", "#ref-saaty1980"} <= set(links)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_is_tagged_for_screen_readers(papers: Path, language: str) -> None:
    pdf = (papers / f"blue-paper.{language}.pdf").read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Marked true" in pdf
    assert b"D:20250301000000" in pdf  # the date of the header, not of today
    hexadecimal = ("\ufeff" + ALT_TEXT["zh"]).encode("utf-16-be").hex().upper().encode()
    alternative = {"en": ALT_TEXT["en"].encode(), "zh": hexadecimal}[language]
    assert re.search(rb"/Alt[(<]" + re.escape(alternative) + rb"[)>]", pdf)
    assert rb"/Alt(v\(x\) = x)" in pdf or b"/Alt(v(x) = x)" in pdf


@pytest.mark.parametrize("language", LANGUAGES)
def test_word_file_has_typefaces_page_and_alternative_texts(papers: Path, language: str) -> None:
    path = papers / f"blue-paper.{language}.docx"
    with zipfile.ZipFile(path) as archive:
        theme = archive.read("word/theme/theme1.xml").decode()
        styles = archive.read("word/styles.xml").decode()
        footer = archive.read("word/footer1.xml").decode()
        times = {entry.date_time for entry in archive.infolist()}
    assert '<a:ea typeface="Microsoft YaHei"/>' in theme
    assert '<a:ea typeface="SimSun"/>' in theme
    assert re.search(r'<w:lang [^>]*w:eastAsia="zh-CN"', styles)
    assert "NUMPAGES" in footer
    assert times == {(2025, 3, 1, 0, 0, 0), FIXED_TIME}
    document = word_part(path, "word/document.xml")
    assert [drawing.get("descr") for drawing in document.iter(f"{DRAWING}docPr")] == [ALT_TEXT[language]]
    size = next(document.iter(f"{WORD}pgSz"))
    assert (size.get(f"{WORD}w"), size.get(f"{WORD}h")) == ("11906", "16838")
    used = {style.get(f"{WORD}val") for style in document.iter(f"{WORD}pStyle")}
    assert {"Callout", "Abstract", "TableCaption", "ImageCaption", "Bibliography"} <= used


@pytest.mark.parametrize(
    ("language", "old", "new", "problem"),
    [
        ("en", "{{backtest.tau|full}}", "{{backtest.rho}}", r"en\.md, row \d+: no such finding: found backtest\.rho"),
        ("en", "{{backtest.tau|full}}", "0.68", r"en\.md, row \d+: digits in the prose: found 0\.68"),
        ("zh", "{{backtest.tau|full}}", "很高", r"keys only in blue-paper\.en\.md: backtest\.tau"),
        ("zh", "@fig:trend", "@fig:absent", r"zh\.md, row \d+: unresolved reference: found @fig:absent"),
        ("en", " (simulated)", "", "prints the simulated finding trend.change but does not say"),
        ("en", "date: 2025-03-01", "date: spring", "malformed date in the header: found spring"),
        ("en", "notice:", "note:", "the YAML header lacks a field: expected notice"),
        ("en", "](trend)", "](tendency)", "figures only in blue-paper.en.md: tendency"),
    ],
)
def test_texts_that_break_a_rule_are_refused(
    language: str, old: str, new: str, problem: str, demo_texts: Callable[..., Path], findings: Findings,
    demo_figures: Path, tmp_path: Path,
) -> None:  # fmt: skip
    texts = demo_texts(language, old, new)
    with pytest.raises(InputError, match=problem):
        build_papers(texts, findings, demo_figures, tmp_path / "out", references=REFERENCES)
    assert not list((tmp_path / "out").glob("*"))


def test_missing_figure_and_references(
    demo_texts: Callable[..., Path], findings: Findings, demo_figures: Path, tmp_path: Path
) -> None:
    texts = demo_texts()
    with pytest.raises(InputError, match=r"trend\.en\.svg: cannot read the figure"):
        build_papers(texts, findings, tmp_path, tmp_path / "out", references=REFERENCES)
    with pytest.raises(InputError, match=r"references\.bib: the references are missing"):
        build_papers(texts, findings, demo_figures, tmp_path / "out")


def test_citation_of_an_unknown_work_is_an_error(
    demo_texts: Callable[..., Path], findings: Findings, demo_figures: Path, tmp_path: Path
) -> None:
    texts = demo_texts("en", "@saaty1980", "@nobody1999")
    demo_texts_zh = (texts / "blue-paper.zh.md").read_text(encoding="utf-8").replace("@saaty1980", "@nobody1999")
    (texts / "blue-paper.zh.md").write_text(demo_texts_zh, encoding="utf-8")
    with pytest.raises(MaternalEvalError, match="nobody1999"):
        build_papers(texts, findings, demo_figures, tmp_path / "out", references=REFERENCES)


def test_all_references_of_the_project_can_be_printed(
    demo_texts: Callable[..., Path], findings: Findings, demo_figures: Path, tmp_path: Path
) -> None:
    texts = demo_texts()
    for path in texts.iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("date:", 'nocite: "@*"\ndate:', 1), encoding="utf-8")
    build_papers(texts, findings, demo_figures, tmp_path / "out", references=REFERENCES)
    keys = re.findall(r"^@\w+\{(\w+),", REFERENCES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)) > 20
    for language in LANGUAGES:
        printed = {attributes.get("id") for _, attributes in page(tmp_path / "out", language).tags}
        assert {f"ref-{key}" for key in keys} <= printed


def test_filter_stops_at_an_unresolved_reference() -> None:
    arguments = ["--to=html", "--metadata=paper-language:en", f"--lua-filter={TEMPLATES / 'crossref.lua'}"]
    with pytest.raises(MaternalEvalError, match="unresolved cross-reference: @fig:absent"):
        run_pandoc([*arguments, "--from=markdown"], "See [@fig:absent].")


def test_sign_without_glyph_is_an_error_in_the_pdf(
    demo_texts: Callable[..., Path], findings: Findings, demo_figures: Path, tmp_path: Path
) -> None:
    texts = demo_texts("en", "Is the order", "\U0001f9ff Is the order")
    with pytest.raises(MaternalEvalError, match="typst"):
        build_papers(texts, findings, demo_figures, tmp_path / "out", references=REFERENCES)


def test_typst_warnings_are_errors(tmp_path: Path) -> None:
    source = tmp_path / "paper.typ"
    source.write_text('#set document(title: "T")\n#set text(font: "No Such Font")\nText')
    with pytest.raises(MaternalEvalError, match=r"typst: unknown font family"):
        typeset(source, timestamp=0)


def test_figure_without_alternative_text_does_not_pass_as_accessible(tmp_path: Path, demo_figures: Path) -> None:
    (tmp_path / "trend.svg").write_bytes((demo_figures / "trend.en.svg").read_bytes())
    source = tmp_path / "paper.typ"
    source.write_text('#set document(title: "T")\n#figure(image("trend.svg"))')
    with pytest.raises(MaternalEvalError, match="alt"):
        typeset(source, timestamp=0)
    alternative = alt_text_of(demo_figures / "trend.en.svg").replace('"', "")
    source.write_text(f'#set document(title: "T")\n#figure(image("trend.svg", alt: "{alternative}"), alt: "x")')
    assert typeset(source, timestamp=0).startswith(b"%PDF")


def test_a_changed_finding_changes_only_the_numbers(papers: Path, demo_figures: Path, tmp_path: Path) -> None:
    changed = Findings()
    for key, finding in ((key, demo_findings()[key]) for key in demo_findings()):
        if key == "trend.change":
            finding = dataclasses.replace(finding, value=7.75)
        changed.add(finding)
    changed.add_table(demo_findings().tables["stages"])
    build_papers(DEMO, changed, demo_figures, tmp_path, references=REFERENCES)
    before, after = (plain_text(folder, "en", "html") for folder in (papers, tmp_path))
    assert before.replace("−1.2points", "?") == after.replace("+7.8points", "?").replace("7.8points", "?")


def test_word_file_opens_as_a_package(papers: Path) -> None:
    for language in LANGUAGES:
        content = (papers / f"blue-paper.{language}.docx").read_bytes()
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")):
                    ElementTree.fromstring(archive.read(name))
