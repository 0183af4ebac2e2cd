"""What an author edits in Word comes back into the Markdown, keys and all, and nothing of it is lost."""

from __future__ import annotations

import dataclasses
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES, Language
from maternal_eval.core.words import DEFAULT_WORDS
from maternal_eval.report.from_word import merge_word, was_edited
from maternal_eval.report.papers import _Paper, build_papers
from maternal_eval.report.prose import Prose
from maternal_eval.report.template_paper import write_texts as by_template
from maternal_eval.report.text_units import KEPT, units_of
from maternal_eval.results.findings import Findings
from tests.cli.test_verbs import call
from tests.reporting.conftest import REFERENCES, demo_findings
from tests.study.conftest import answers, folder

__all__ = ["folder"]

BODY = {
    "en": """
# What was asked {#sec:asked}

On a simulated panel of {{panel.answers}} the weights and the outcome agree with a correlation
of {{backtest.tau|full}}, as @saaty1980 would *expect*; see @sec:asked and `code_12`.

- The simulated order of {{stage.top}} is stable.
- Nobody should read it as a cause.

::: callout
**Main result.** The change is {{trend.change|signed}} (simulated).
:::

| Method | What it shows |
|:-------|:--------------|
| Total  | Influence     |

: Methods, see @tbl:methods. {#tbl:methods}

The last paragraph says $v(x) = x$, “quoted”, and 5 \\* 6 \\[no link\\] of <https://example.org/a_b>.
""",
    "zh": """
# 研究问题 {#sec:asked}

在由{{panel.answers}}构成的模拟面板上，权重与结果之间的相关为
{{backtest.tau|full}}，参见[@saaty1980]与@sec:asked，*统计*意义上如此。

- 模拟结果中，{{stage.top}}的排序稳定。
- 不应解读为因果关系。

::: callout
**主要结果。**变化为{{trend.change|signed}}（模拟）。
:::

| 方法 | 含义 |
|:-----|:-----|
| 总效应 | 影响 |

: 各方法，见@tbl:methods。{#tbl:methods}

最后一段写$v(x) = x$与“引号”。
""",
}
HEADER = '---\ntitle: {title}\ndate: 2025-03-01\nnotice: Simulated\nliterals: ["5", "6"]\n---\n'
WITH_KEY = "of {{backtest.tau|full}}, as @saaty1980 would"


def write_texts(target: Path, title: str = "A small paper") -> Path:
    target.mkdir(parents=True)
    for language in LANGUAGES:
        (target / f"blue-paper.{language}.md").write_text(HEADER.format(title=title) + BODY[language], encoding="utf-8")
    shutil.copy(REFERENCES, target / "references.bib")
    return target


def word_of(texts: Path, language: Language, findings: Findings, target: Path) -> Path:
    work = target.parent / f"work-{target.stem}"
    work.mkdir()
    paper = _Paper(
        Prose.read(texts / f"blue-paper.{language}.md"), language, findings, texts, texts / "references.bib", work
    )
    target.write_bytes(paper._word())
    return target


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[Language, Path]:
    out = tmp_path_factory.mktemp("built")
    texts = write_texts(out / "texts")
    return {one: word_of(texts, one, demo_findings(), out / f"{one}.docx") for one in LANGUAGES}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return write_texts(tmp_path / "texts")


Edit = Callable[[str], str]


def edited(source: Path, target: Path, edit: Edit) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                before = content.decode()
                after = edit(before)
                assert after != before, "the edit changed nothing"
                content = after.encode()
            new.writestr(name, content)
    return target


def swap(old: str, new: str) -> Edit:
    def swapped(document: str) -> str:
        assert document.count(old) == 1, (old, document.count(old))
        return document.replace(old, new)

    return swapped


def without_paragraph(words: str) -> Edit:
    def cut(document: str) -> str:
        found = [one for one in re.findall(r"<w:p>.*?</w:p>", document, re.DOTALL) if words in one]
        assert len(found) == 1
        return document.replace(found[0], "")

    return cut


def with_paragraph(after: str, paragraph: str) -> Edit:
    def put(document: str) -> str:
        end = document.index("</w:p>", document.index(after)) + len("</w:p>")
        return document[:end] + paragraph + document[end:]

    return put


def english(texts: Path) -> str:
    return (texts / "blue-paper.en.md").read_text(encoding="utf-8")


def words_of(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return re.sub(r"<[^>]+>", "", archive.read("word/document.xml").decode())


def test_the_authors_sentence_and_a_later_number_both_stay(
    built: dict[Language, Path], texts: Path, tmp_path: Path
) -> None:
    before = english(texts)
    # The author rewrites around two numbers, sets a word in bold, and tracks a change.
    word = edited(
        built["en"], tmp_path / "author.docx",
        lambda document: swap(
            "the weights and the outcome agree with a correlation",
            "weights and outcome go together, which few </w:t></w:r><w:ins><w:r><w:rPr><w:b/></w:rPr><w:t>expected"
            "</w:t></w:r></w:ins><w:del><w:r><w:delText>!</w:delText></w:r></w:del>"
            '<w:r><w:t xml:space="preserve">: a correlation',
        )(document),
    )  # fmt: skip
    merged = merge_word(word, texts)
    assert merged.conflicts == merged.removed == []
    assert len(merged.changed) == 1
    expected = before.replace(
        "the weights and the outcome agree with a correlation\nof {{",
        "weights and outcome go together, which few **expected**: a correlation\nof {{",
    )
    assert merged.text == expected
    (texts / "blue-paper.en.md").write_text(merged.text, encoding="utf-8")
    later = Findings()
    for key in demo_findings():
        finding = demo_findings()[key]
        later.add(dataclasses.replace(finding, value=0.712) if key == "backtest.tau" else finding)
    again = word_of(texts, "en", later, tmp_path / "later.docx")
    said = words_of(again)
    assert "weights and outcome go together, which few expected: a correlation of 0.71 (90% equal-tailed" in said
    assert "0.68" not in said
    # A second time the same file has nothing new, and neither has the paper made of it.
    for file in (word, again):
        repeated = merge_word(file, texts)
        assert (repeated.changed, repeated.conflicts, repeated.text) == ([], [], merged.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_a_text_reads_back_as_it_was_written(
    built: dict[Language, Path], texts: Path, language: Language, tmp_path: Path
) -> None:
    prose = Prose.read(texts / f"blue-paper.{language}.md")
    assert [unit.kind for unit in units_of(prose)] == [
        "heading", "paragraph", "item", "item", "paragraph", "caption", "paragraph",
    ]  # fmt: skip
    assert not was_edited(built[language])
    assert merge_word(built[language], texts).changed == []
    # A sign more at the end of every part: each is written, and nothing else of it changes.
    word = edited(
        built[language], tmp_path / "all.docx",
        lambda document: re.sub(
            r"(<w:p>(?:(?!</w:p>).)*_maternal_\d(?:(?!</w:p>).)*)</w:p>", r"\1<w:r><w:t>!</w:t></w:r></w:p>", document,
            flags=re.DOTALL,
        ),
    )  # fmt: skip
    merged = merge_word(word, texts)
    assert merged.conflicts == []
    expected = prose.path.read_text(encoding="utf-8")
    for unit in reversed(units_of(prose)):
        head = expected[: len(expected) - len(prose.body)]
        body = expected[len(head) :]
        expected = head + body[: unit.end] + "!" + body[unit.end :]
        prose = dataclasses.replace(prose, body=body[: unit.end] + "!" + body[unit.end :])
    assert merged.text == expected
    assert was_edited(word)


def test_chinese_words_change_between_keys(built: dict[Language, Path], texts: Path, tmp_path: Path) -> None:
    word = edited(built["zh"], tmp_path / "author.docx", swap("权重与结果之间的相关为", "权重与结果高度一致，秩相关为"))
    merged = merge_word(word, texts)
    assert merged.conflicts == []
    assert "模拟面板上，权重与结果高度一致，秩相关为\n{{backtest.tau|full}}，参见[@saaty1980]" in merged.text


def test_paragraphs_come_and_go(built: dict[Language, Path], texts: Path, tmp_path: Path) -> None:
    item = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/></w:numPr></w:pPr><w:r><w:t>A new item.</w:t></w:r></w:p>'
    plain = "<w:p><w:r><w:t>A paragraph_more.</w:t></w:r></w:p>"
    word = edited(
        built["en"], tmp_path / "author.docx",
        lambda document: with_paragraph("Nobody should", item)(
            with_paragraph("would", plain)(without_paragraph("The last paragraph")(document))
        ),
    )  # fmt: skip
    merged = merge_word(word, texts)
    assert merged.conflicts == []
    assert "and `code_12`.\n\nA paragraph\\_more.\n\n- The simulated" in merged.text
    assert "- Nobody should read it as a cause.\n- A new item.\n\n:::" in merged.text
    assert "The last paragraph" not in merged.text
    assert [text[:18] for _, text in merged.removed] == ["The last paragraph"]


CONFLICTS: dict[str, tuple[Edit, str]] = {
    "a result overwritten": (swap("0.68 (90%", "0.99 (90%"), "results are not edited by hand: {{backtest.tau|full}}"),
    "a number typed in": (swap("Nobody should", "Some 37% should"), "a number was typed in: digits in the prose"),
    "a number in words": (swap("Nobody should", "Forty-two should"), "a number was typed in: a number in words"),
    "a footnote": (
        swap("Nobody should", 'Nobody</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r><w:r><w:t> should'),
        "it holds a footnote",
    ),
    "a heading taken out": (without_paragraph("What was asked"), "a heading was taken out"),
    "a cell of a table": (swap(">Influence<", ">Much influence<"), "tables are made of results"),
    "the title": (swap(">A small paper<", ">A small paper, revised<"), "this is made by the program"),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_what_conflicts_is_told_and_the_rest_is_written(
    case: str, built: dict[Language, Path], texts: Path, tmp_path: Path
) -> None:
    edit, why = CONFLICTS[case]
    word = edited(
        built["en"], tmp_path / "author.docx",
        lambda document: swap("(simulated)", "(simulated, of course)")(edit(document)),
    )  # fmt: skip
    before = english(texts)
    merged = merge_word(word, texts)
    assert [one.why[: len(why)] for one in merged.conflicts] == [why]
    assert merged.text == before.replace("(simulated)", "(simulated, of course)")


def test_a_text_that_changed_meanwhile_is_not_overwritten(built: dict[Language, Path], folder: Path) -> None:
    texts, study = write_texts(folder / "texts"), folder / "study.toml"
    study.write_text(study.read_text() + '[paper]\ntexts = "texts"\nnotebooks = "notebooks"\n', encoding="utf-8")
    path = texts / "blue-paper.en.md"
    path.write_text(english(texts).replace("Nobody should", "Hardly anybody should"), encoding="utf-8")
    word = edited(
        built["en"], folder / "author.docx",
        lambda document: swap("Nobody should", "No one should")(swap("Main result.", "Result.")(document)),
    )  # fmt: skip
    run = call("paper", folder, "--from-docx", word, "--out", folder / "out", cwd=folder)
    assert (run.returncode, run.stderr) == (1, "")
    assert "Hardly anybody should" in english(texts)
    assert "**Result.**" in english(texts)
    assert "not written: the text has changed since" in run.stdout
    listed = (folder / "out" / "blue-paper.en.not-written.md").read_text(encoding="utf-8")
    assert "> No one should read it as a cause." in listed
    assert "> Nobody should read it as a cause." in listed
    refused = call("paper", folder, "--from-docx", study, "--out", folder / "out", cwd=folder)
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert "study.toml: it cannot be read as a Word file" in refused.stderr
    assert call("paper", folder, "--from-docx", word, "--quick", cwd=folder).returncode == 2


def test_bookmarks_and_controls_that_another_program_dropped_are_found_by_their_words(
    built: dict[Language, Path], texts: Path, tmp_path: Path
) -> None:
    def dropped(document: str) -> str:
        document = re.sub(r"<w:bookmark(Start|End)[^>]*/>", "", document)
        document = re.sub(r"<w:sdt><w:sdtPr>.*?</w:sdtPr><w:sdtContent>", "", document, flags=re.DOTALL)
        return swap("Main result.", "Result.")(document.replace("</w:sdtContent></w:sdt>", ""))

    word = edited(built["en"], tmp_path / "author.docx", dropped)
    merged = merge_word(word, texts)
    assert [text for _, text in merged.changed] == ["**Result.** The change is {{trend.change|signed}} (simulated)."]
    assert merged.removed == []
    # What is not found then is not taken for taken out.
    merged = merge_word(edited(word, tmp_path / "less.docx", without_paragraph("Nobody should")), texts)
    assert merged.removed == []
    whys = [one.why for one in merged.conflicts]
    assert "it was not found, and the Word file has lost the marks of its paragraphs" in whys
    assert len(whys) == 2  # the other: a formula without its control has no Markdown
    assert "Nobody should" in merged.text


def test_a_new_run_keeps_the_word_file_that_an_author_has_edited(
    built: dict[Language, Path], texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for suffix in ("pdf", "html"):
        monkeypatch.setattr(_Paper, f"_{suffix}", lambda paper: b"made")
    out = tmp_path / "out"

    def build() -> None:
        build_papers(texts, demo_findings(), texts, out, references=REFERENCES)

    monkeypatch.setattr(_Paper, "_word", lambda paper: built[paper.language].read_bytes())
    build()
    word = out / "blue-paper.en.docx"
    for count, kept in enumerate(("blue-paper.en.edited.docx", "blue-paper.en.edited-2.docx")):
        edited(built["en"], word, swap("Nobody should", f"{'No' * (count + 1)} one should"))
        content = word.read_bytes()
        build()
        assert (out / kept).read_bytes() == content
        assert word.read_bytes() == built["en"].read_bytes()
    assert len(list(out.glob("*edited*"))) == 2


def test_from_the_command_line_words_of_the_author_and_new_numbers_stay(folder: Path) -> None:
    study = folder / "study.toml"
    study.write_text(study.read_text().replace('en = "Small study"', 'en = "Small study"\nanalyses = ["check"]', 1))
    word = folder / "build" / "reports-small" / "blue-paper.en.docx"
    assert call("paper", folder, "--quick", cwd=folder).returncode == 0
    edited(word, folder / "mine.docx", swap("; indicators:", " from three houses; indicators:"))
    shutil.copy(folder / "mine.docx", word)  # the author saved in place, and the panel grew
    answers(90).to_csv(folder / "panel.csv", index=False)
    again = call("paper", folder, "--quick", cwd=folder)
    kept = word.with_name("blue-paper.en.edited.docx")
    assert f"{kept.name} was edited and kept" in again.stdout
    assert kept.read_bytes() == (folder / "mine.docx").read_bytes()
    assert "Answers: 90; indicators:" in words_of(word)
    taken = call("paper", folder, "--from-docx", kept, cwd=folder)
    assert (taken.returncode, taken.stderr) == (0, "")
    assert "row 18: Answers: {{small.check.answers}} from three houses" in taken.stdout
    assert "blue-paper.en.md was edited and stays" in call("paper", folder, "--quick", cwd=folder).stdout
    assert "Answers: 90 from three houses; indicators:" in words_of(word)


BAD: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "none": (lambda _, target: None, "there is no such file"),
    "no zip": (lambda _, target: target.write_bytes(b"nothing") and None, "it cannot be read as a Word file"),
    "a folder": (lambda _, target: target.mkdir(), "it cannot be read as a Word file"),
    "cut": (lambda source, target: target.write_bytes(source.read_bytes()[:9000]) and None, "cannot be read as a Word"),
    "another file": (lambda _, target: foreign(target), "it does not say which paper it is"),
    "no XML": (lambda source, target: edited(source, target, lambda text: text[:-20]) and None, "the Word file is dam"),
    "a name that leads elsewhere": (
        lambda source, target: renamed(source, target, "../texts/blue-paper"), "the Word file is of another paper",
    ),
    "another paper": (lambda source, target: other_paper(source, target), "the Word file is of another paper"),
}  # fmt: skip


def foreign(target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")


def renamed(source: Path, target: Path, name: str) -> None:
    """A paper that says it is another one."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            if part.startswith("customXml/"):
                assert b'"name": "blue-paper"' in content
                content = content.replace(b'"name": "blue-paper"', f'"name": "{name}"'.encode())
            new.writestr(part, content)


def other_paper(source: Path, target: Path) -> None:
    """A paper of the same name whose sentences are others."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("customXml/"):
                content = content.replace(b'"paragraph", "', b'"paragraph", "Other: ').replace(
                    b'"item", "', b'"item", "?'
                )
                content = content.replace(b'"heading", "', b'"heading", "Of ').replace(
                    b'"caption", "', b'"caption", "A '
                )
            new.writestr(name, content)


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_paper_of_this_study_is_refused(
    case: str, built: dict[Language, Path], texts: Path, tmp_path: Path
) -> None:
    make, problem = BAD[case]
    word = tmp_path / "word.docx"
    make(built["en"], word)
    before = english(texts)
    with pytest.raises(InputError, match=problem) as raised:
        merge_word(word, texts)
    assert "\n" not in str(raised.value)
    assert english(texts) == before


def test_a_text_by_template_that_was_edited_is_not_written_over(tmp_path: Path) -> None:
    def write() -> list[str]:
        title = {"en": "Mine", "zh": "我的"}
        kept = by_template(
            tmp_path, title, [], simulated=False, words=DEFAULT_WORDS, remarks_table="mine-remarks", day="2025-03-01"
        )
        return [path.name for path in kept]

    assert write() == write() == []
    text = tmp_path / "blue-paper.zh.md"
    text.write_text(text.read_text(encoding="utf-8") + "\n再说一句。\n", encoding="utf-8")
    (tmp_path / "references.bib").write_text("@book{a, title={A}}\n", encoding="utf-8")
    assert write() == ["blue-paper.zh.md"]
    assert text.read_text(encoding="utf-8").endswith("再说一句。\n")
    assert (tmp_path / "references.bib").read_text(encoding="utf-8").startswith("@book")
    text.unlink()
    assert write() == []


def test_kept_pieces() -> None:
    text = "{{a.b|full}} `x` $y$ [@a; @b] @fig:one [link](http://x) [^n] [small]{.sc} me@example.org \\[no\\]"
    assert [match.group(0) for match in KEPT.finditer(text)] == [
        "{{a.b|full}}", "`x`", "$y$", "[@a; @b]", "@fig:one", "[link](http://x)", "[^n]", "[small]{.sc}",
    ]  # fmt: skip
