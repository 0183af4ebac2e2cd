from __future__ import annotations

from pathlib import Path

import pytest

from maternal_eval.core.errors import InputError
from maternal_eval.report.prose import Prose, check_prose, compare_prose, fill
from maternal_eval.results.findings import Finding, Findings

HEADER = '---\ntitle: A 2025 title\nliterals: ["1–5", "F10", "5"]\n---\n'
FIRST_LINE = HEADER.count("\n") + 1


def prose(folder: Path, body: str, language: str = "en", name: str = "text") -> Prose:
    path = folder / f"{name}.{language}.md"
    path.write_text(HEADER + body, encoding="utf-8")
    return Prose.read(path)


@pytest.mark.parametrize(
    "body",
    [
        "A scale of 1–5 and indicator F10, or 5.",
        "Inline `x = 42` and\n\n```python\nvalue = 7\n```\n",
        "<!-- 42 -->",
        "As shown by [@saaty1980, p. 3] and @kano1984.",
        "## 2.1 A heading\n\nText [link](https://example.org/2024/a) and <https://example.org/9>.",
        "1. First\n2. Second\n",
        "Formula $x^2 + 1$ and\n\n$$ 1 - (1 - x)^{2} $$\n",
        "A footnote.[^1]\n\n[^1]: Its text.",
        "See @fig:plot2.\n\n![Caption.](plot2){#fig:plot2 width=80%}",
    ],
)
def test_digits_that_are_no_results_are_allowed(body: str, findings: Findings, tmp_path: Path) -> None:
    assert check_prose(prose(tmp_path, body), findings) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("A share of 42 was found.", "42"),
        ("First line.\n\nIt rose by 0.5 points.", "0.5"),
        ("Five is 5, but 5% is not.", "5%"),
        ("A fall of −5 points.", "−5"),
        ("A scale of 11–5.", "11–5."),
        ("![Caption with 42.](plot){#fig:plot}\n\n@fig:plot.", "42."),
        ("| A |\n|---|\n| 42 |\n\n: Caption {#tbl:a}\n\n@tbl:a.", "42"),
        ("# A heading with 42", "42"),
        ("Full-width ４２ digits.", "４２"),
        ("模拟结果为42分。", "模拟结果为42分。"),
    ],
)
def test_bare_digits_are_found(body: str, found: str, findings: Findings, tmp_path: Path) -> None:
    problems = check_prose(prose(tmp_path, body), findings)
    assert [problem for problem in problems if f"digits in the prose: found {found}" in problem]
    assert len(problems) == 1


def test_problems_name_file_and_row(findings: Findings, tmp_path: Path) -> None:
    text = prose(tmp_path, "Fine.\n\nA share of 42.\n\n{{no.such}} simulated.\n")
    first, second = check_prose(text, findings)
    assert first.startswith(f"{text.path}, row {FIRST_LINE + 2}: digits in the prose")
    assert second.startswith(f"{text.path}, row {FIRST_LINE + 4}: no such finding: found no.such")


def test_fill_replaces_findings_and_escapes_markdown(findings: Findings, tmp_path: Path) -> None:
    findings.add(Finding(key="name.odd", value="a_b*c", evidence="design", step="demo", source="01_demo"))
    text = prose(tmp_path, "τ = {{backtest.tau}} {{ backtest.tau | interval }}, `{{backtest.tau}}`, {{name.odd}}.")
    assert fill(text, findings) == r"τ = 0.68 \[0.61, 0.75\], `{{backtest.tau}}`, a\_b\*c."


def test_fill_inserts_tables(findings: Findings, tmp_path: Path) -> None:
    text = prose(tmp_path, "Before.\n\n{{table:stages}}\n\nAfter.", "zh")
    filled = fill(text, findings)
    assert "| 孕期 | 12,345 |" in filled
    assert filled.endswith("After.")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("Fine.\n\n{{no.such}}", "no such finding: found no.such"),
        ("Fine.\n\n{{stage.top|percent}}", "a text takes no modifier"),
        ("Fine.\n\n{{table:absent}}", "no such table: found absent"),
    ],
)
def test_fill_names_file_and_row_of_an_unknown_key(body: str, problem: str, findings: Findings, tmp_path: Path) -> None:
    text = prose(tmp_path, body)
    with pytest.raises(InputError) as caught:
        fill(text, findings)
    assert str(caught.value).startswith(f"{text.path}, row {FIRST_LINE + 2}: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("τ is {{backtest.tau}} on simulated data.", "en"),
        ("Simulated data give\n{{backtest.tau}}.", "en"),
        ("τ为{{backtest.tau}}（模拟）。", "zh"),
        ("@fig:a shows {{backtest.tau}}.\n\n![Simulated panel.](a){#fig:a}", "en"),
        ("@tbl:stages: {{backtest.tau}}.\n\n{{table:stages}}", "en"),
        ("| A |\n|---|\n| {{backtest.tau}} |\n\n: On simulated data. {#tbl:a}\n\n@tbl:a.", "en"),
    ],
)
def test_simulated_findings_with_the_word(body: str, language: str, findings: Findings, tmp_path: Path) -> None:
    assert check_prose(prose(tmp_path, body, language), findings) == []


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("τ is {{backtest.tau}}.\n\nSimulated, says the next paragraph.", "en"),
        ("τ为{{backtest.tau}}。", "zh"),
        ("@fig:a shows {{backtest.tau}}.\n\n![A panel.](a){#fig:a}", "en"),
    ],
)
def test_simulated_findings_without_the_word(body: str, language: str, findings: Findings, tmp_path: Path) -> None:
    (problem,) = check_prose(prose(tmp_path, body, language), findings)
    assert "prints the simulated finding backtest.tau but does not say" in problem


def test_published_findings_need_no_such_word(findings: Findings, tmp_path: Path) -> None:
    findings.add(Finding(key="claim.share", value=0.5, evidence="published", step="claims", source="02_claims"))
    assert check_prose(prose(tmp_path, "They print {{claim.share}}."), findings) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("See @fig:absent.", "unresolved reference: found @fig:absent"),
        ("见[@tbl:absent]。", "unresolved reference: found @tbl:absent"),
        ("![Caption.](a){#fig:a}", "never referred to: found fig:a"),
        ("@fig:a ![C.](a){#fig:a}\n\n![D.](b){#fig:a}", "identifier used twice: found fig:a"),
        ("![Caption.](a)", "a figure without identifier: found a"),
        ("See {{table:stages}} here, @tbl:stages.", "a table needs a line of its own"),
    ],
)
def test_references_are_checked(body: str, problem: str, findings: Findings, tmp_path: Path) -> None:
    (found,) = check_prose(prose(tmp_path, body), findings)
    assert problem in found


def test_half_width_punctuation_in_chinese(findings: Findings, tmp_path: Path) -> None:
    problems = check_prose(prose(tmp_path, "权重,得分（F10）。\n\n英文 (brms), 很好。", "zh"), findings)
    assert len(problems) == 1
    assert "half-width punctuation in Chinese: found 重," in problems[0]


def test_equal_texts_do_not_differ(findings: Findings, tmp_path: Path) -> None:
    english = prose(tmp_path, "# A {#sec:a}\n\n{{backtest.tau}} [@saaty1980] ![C.](a){#fig:a}", "en")
    chinese = prose(tmp_path, "# 甲 {#sec:a}\n\n![题。](a){#fig:a} [@saaty1980]{{backtest.tau}}", "zh")
    assert compare_prose(english, chinese) == []


@pytest.mark.parametrize(
    ("body", "difference"),
    [
        ("# A\n\n{{sobol.top}} [@saaty1980]", "keys only in text.en.md: backtest.tau"),
        ("# A\n\n{{backtest.tau}}", "citations only in text.en.md: saaty1980"),
        ("# A\n\n{{backtest.tau}} [@saaty1980] ![C.](a){#fig:a}", "identifiers only in text.zh.md: fig:a"),
        ("# A\n\n{{backtest.tau}} [@saaty1980]\n\n{{table:stages}}", "tables only in text.zh.md: stages"),
        ("## A\n\n{{backtest.tau}} [@saaty1980]", "levels of headings: text.en.md [1], text.zh.md [2]"),
    ],
)
def test_differences_between_languages_are_found(body: str, difference: str, tmp_path: Path) -> None:
    english = prose(tmp_path, "# A\n\n{{backtest.tau}} [@saaty1980]", "en")
    assert difference in compare_prose(english, prose(tmp_path, body, "zh"))


def test_unreadable_texts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the text is missing"):
        Prose.read(tmp_path / "absent.en.md")
    with pytest.raises(InputError, match="no language in the file name"):
        Prose.read(tmp_path / "text.md")
    for content, problem in (("No header", "no YAML header"), ("---\n[\n---\n", "header is malformed")):
        (tmp_path / "text.en.md").write_text(content)
        with pytest.raises(InputError, match=problem):
            Prose.read(tmp_path / "text.en.md")
