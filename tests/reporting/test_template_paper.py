"""Papers of any study by template: built from its own results, in its own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.template_publishing import publish_by_template
from maternal_eval.report.prose import Prose
from maternal_eval.results import ResultStore
from tests.words.hospital import write_study

FOREIGN = re.compile(r"\b(mothers?|life stages?|stages?|platforms?|providers?)\b|母亲|孕|平台|阶段", re.IGNORECASE)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("template")
    study = write_study(folder / "clinics")
    text = (study / "study.toml").read_text(encoding="utf-8")
    # A title with signs that mean something in YAML and Markdown, and four analyses that sample nothing.
    text = text.replace('en = "Survey of clinics"\n', 'en = "Clinics: *all* of them #1"\nanalyses = ["check", "weights", "scores", "importance"]\n', 1)  # fmt: skip  # noqa: E501
    (study / "study.toml").write_text(text, encoding="utf-8")
    analysis = Analysis.compute(study, ResultStore(folder / "results"), quick=True)
    papers, remarks = publish_by_template(analysis, folder / "out")
    assert len(remarks) == 1
    return {path.name: path for path in papers} | {"texts": folder / "out" / "texts-clinics"}


def test_both_papers_are_built_in_three_formats(built: dict[str, Path]) -> None:
    names = {f"blue-paper.{language}.{suffix}" for language in ("en", "zh") for suffix in ("pdf", "docx", "html")}
    assert names <= set(built)


def test_sections_appear_where_their_analysis_ran(built: dict[str, Path]) -> None:
    for language in ("en", "zh"):
        prose = Prose.read(built["texts"] / f"blue-paper.{language}.md")
        sections = re.findall(r"\{#sec:([a-z-]+)\}", prose.body)
        assert sections == ["check", "weights", "scores", "importance", "known", "sources"]
        assert "clinics.check.answers" in prose.keys
        assert "clinics-importance" in prose.figures


def test_the_papers_speak_the_words_of_the_study(built: dict[str, Path]) -> None:
    for language, word in (("en", "hospital"), ("zh", "医院")):
        page = built[f"blue-paper.{language}.html"].read_text(encoding="utf-8")
        body = re.sub(r"<style.*?</style>|<code>.*?</code>|data:image[^\"]+|<[^>]+>", " ", page, flags=re.DOTALL)
        assert word in body
        assert FOREIGN.findall(body) == []
        assert "Clinics: *all* of them #1" in body if language == "en" else "门诊调查" in body
