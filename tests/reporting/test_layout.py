"""Every page of the papers as a reader sees it; and that each fault would be seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maternal_eval.core.languages import LANGUAGES
from maternal_eval.report.pandoc import typeset
from maternal_eval.report.papers import _Paper, read_papers
from maternal_eval.results.findings import Findings
from tests.reporting.pages import pages_of, type_sizes
from tests.reporting.pdf_text import pdf_text

MOST_EMPTY = 1 / 3
SMALLEST = 5.0
"""Points: an index inside the small print."""
PAPERS = ("blue-paper", "technical-annex")


@pytest.fixture(scope="module")
def typeset_papers(root: Path, tmp_path_factory: pytest.TempPathFactory):
    """The typst source of each committed paper, with the committed figures."""
    texts, findings = root / "reports", Findings.read(root / "reports" / "findings.json")
    papers, made = read_papers(texts), {}
    for name in PAPERS:
        for language in LANGUAGES:
            folder = tmp_path_factory.mktemp(f"{name}-{language}")
            paper = _Paper(
                papers[name][language], language, findings, texts / "figures", texts / "references.bib", folder
            )
            source = folder / "paper.typ"
            source.write_bytes(paper.typst_source())
            made[name, language] = source
    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAPERS)
def test_no_page_is_a_third_empty_and_nothing_leaves_the_margins(typeset_papers, name: str, language: str) -> None:
    pages = pages_of(typeset_papers[name, language], small=name == "technical-annex")
    # The cover and the last page, which ends where the text ends, may hold less.
    empty = {place: round(page.emptiness, 2) for place, page in enumerate(pages, start=1) if 1 < place < len(pages)}
    assert {place: share for place, share in empty.items() if share > MOST_EMPTY} == {}
    assert [place for place, page in enumerate(pages, start=1) if place > 1 and page.overflow] == []
    if name == "blue-paper":
        assert len(pages) <= 16


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAPERS)
def test_type_can_be_read(typeset_papers, name: str, language: str) -> None:
    sizes = type_sizes(typeset(typeset_papers[name, language], timestamp=0))
    assert min(sizes) >= SMALLEST
    body = max(sizes, key=lambda size: sizes[size])
    assert body >= (7.0 if name == "technical-annex" else 8.5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_summary_and_verdicts_have_one_page_each(typeset_papers, language: str) -> None:
    pages = pdf_text(typeset(typeset_papers["blue-paper", language], timestamp=0)).split("\n")
    headings = {"en": ("Ataglance", "Verdictsonthekeyclaims"), "zh": ("一页摘要", "关键论断的判定")}[language]
    assert [heading in pages[place] for place, heading in enumerate(headings, start=1)] == [True, True]
    first = {"en": "1Whatcanbechecked", "zh": "1能检验什么"}[language]
    assert first in re.sub(r"[\s\u2002]", "", pages[3])


PAGE = '#set document(title: "T")\n#set page(paper: "a4", margin: (x: 25mm, top: 36mm, bottom: 25mm))\n'


@pytest.mark.parametrize(
    ("body", "emptiness", "overflow"),
    [
        ("#rect(width: 100%, height: 100%, fill: black)", 0.0, False),
        ("#rect(width: 100%, height: 50%, fill: black)", 0.5, False),
        ("#rect(height: 30%, fill: black)#v(1fr)#rect(height: 20%, fill: black)", 0.5, False),
        ("#rect(width: 110%, height: 100%, fill: black)", 0.0, True),
        ("#rect(width: 100%, height: 105%, fill: black)", 0.0, True),
    ],
)
def test_faults_of_a_page_are_seen(tmp_path: Path, body: str, emptiness: float, overflow: bool) -> None:
    source = tmp_path / "page.typ"
    source.write_text(PAGE + body)
    page = pages_of(source, small=False)[0]
    assert page.emptiness == pytest.approx(emptiness, abs=0.03)
    assert page.overflow == overflow


def test_small_type_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "page.typ"
    source.write_text(PAGE + "#text(size: 11pt)[Text that is read] #text(size: 4pt)[and small print]")
    assert min(type_sizes(typeset(source, timestamp=0))) == pytest.approx(4.0)
