"""Every number of a page opens where it comes from, by keyboard, without a script, and stands in print."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.settings_shown import settings_shown
from maternal_eval.core.languages import LANGUAGES, Language
from maternal_eval.report.number_sources import numbers_marked
from maternal_eval.report.papers import TEMPLATES, _Paper
from maternal_eval.report.prose import Prose
from tests.reporting.conftest import DEMO, REFERENCES, demo_findings

SETTINGS = {
    "backtest.tau": {"en": "draws = 1000, seed 7", "zh": "draws = 1000，种子 7"},
    "panel.answers": {"en": "defaults", "zh": "默认设定"},
}
INTERACTIVE = {"a", "button", "summary", "input", "select"}


class Page(HTMLParser):
    """The page as a tree of tags: what each tag has, the tags around it, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.text: dict[int, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs), [self.tags[at][0] for at in self.open]))
        if tag not in ("meta", "img", "br", "col", "link", "hr"):
            self.open.append(len(self.tags) - 1)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.tags[self.open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for at in self.open:
            self.text[at] = self.text.get(at, "") + data

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [
            self.text.get(at, "")
            for at, (name, found, _) in enumerate(self.tags)
            if name == tag and attributes.items() <= {k.rstrip("_"): v for k, v in found.items()}.items()
        ]


@pytest.fixture(scope="module")
def pages(demo_figures: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Language, str]:
    made: dict[Language, str] = {}
    for language in LANGUAGES:
        prose = Prose.read(DEMO / f"blue-paper.{language}.md")
        # A number in a heading too: the list of contents repeats it, where nothing can be pressed.
        body = prose.body.replace("\n## ", "\n## {{backtest.tau}} ", 1)
        prose = Prose(prose.path, language, prose.header, body, prose.first_line)
        work = tmp_path_factory.mktemp(language)
        paper = _Paper(prose, language, demo_findings(), demo_figures, REFERENCES, work, (), SETTINGS)
        made[language] = paper._html().decode()
    return made


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["23,456", "0.68", "31%", "[28%, 35%]", "−1.2", "Source"]),
        ("zh", ["23,456", "0.68", "31%", "[28%, 35%]", "−1.2", "来源"]),
    ],
)
def test_every_number_is_a_button_that_opens_its_source(
    language: Language, expected: list[str], pages: dict[Language, str]
) -> None:
    page = Page(pages[language])
    assert sorted(page.texts("button", **{"class": "number"})) == sorted(expected)
    targets = {a["popovertarget"] for tag, a, _ in page.tags if tag == "button"}
    opened = {a["id"]: a for _, a, _ in page.tags if "popover" in a}
    assert targets == set(opened)
    names = {a["id"] for _, a, _ in page.tags if "id" in a}
    assert all(a["role"] == "dialog" and a["aria-labelledby"] in names for a in opened.values())
    tau = next(text for text in page.texts("div", **{"class": "source"}) if "backtest.tau" in text)
    for said in ("0.68", "0.61", "0.75", SETTINGS["backtest.tau"][language], "01_demo § Result", "demo"):
        assert said in tau


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stays_one_file_that_a_keyboard_reaches(language: Language, pages: dict[Language, str]) -> None:
    page = Page(pages[language])
    assert [tag for tag, _, _ in page.tags if tag in ("script", "link", "iframe")] == []
    assert not re.search(r"\son[a-z]+=", re.sub(r'"data:[^"]+"', "", pages[language]))
    nested = [(tag, around) for tag, _, around in page.tags if tag in INTERACTIVE and INTERACTIVE & set(around)]
    assert nested == []
    identifiers = [a["id"] for _, a, _ in page.tags if "id" in a]
    assert len(identifiers) == len(set(identifiers))
    assert all(a.get("type") == "button" for tag, a, _ in page.tags if tag == "button")
    assert "\ue000" not in pages[language]


def test_the_same_sources_stand_in_print() -> None:
    css = (TEMPLATES / "blue-paper.css").read_text(encoding="utf-8")
    printed = css[css.index("@media print") :]
    assert ".source { display: block" in printed
    assert css.count("button.number {") == 2  # on the screen and in print, once each


def test_what_is_no_number_is_not_marked(tmp_path: Path) -> None:
    path = tmp_path / "blue-paper.en.md"
    path.write_text(
        "---\ntitle: T\n---\n# {{backtest.tau}}\n\n{{stage.top}} `{{backtest.tau}}` ${{backtest.tau}}$ "
        "{{ backtest.tau | plain }} {{backtest.tau}}\n\n{{table:stages}}\n",
        encoding="utf-8",
    )
    body, keys = numbers_marked(Prose.read(path), demo_findings())
    assert keys == ["backtest.tau"]
    assert re.findall("\ue000(\\d+)\ue001([^\ue002]*)\ue002", body) == [
        ("0", "{{ backtest.tau | plain }}"), ("0", "{{backtest.tau}}"),
    ]  # fmt: skip


def test_settings_are_told_with_seed_and_hash(root: Path) -> None:
    analysis = Analysis.open(root / "data" / "sfo")
    shown = settings_shown([analysis])
    assert set(shown) == {f"sfo.{step}" for step in analysis.possible}
    key = analysis.store.manifest("sfo", "check").key
    assert shown["sfo.check"]["en"].startswith("defaults; ")
    assert shown["sfo.check"]["zh"].endswith(f"；哈希 {key.settings}")
    own = {step: names for step, names in analysis.definition.analysis.items() if f"sfo.{step}" in shown}
    assert all(f"{name} = " in shown[f"sfo.{step}"]["en"] for step, names in own.items() for name in names)
    assert f"seed {analysis.store.manifest('sfo', 'check').seed}; " in shown["sfo.check"]["en"]
