"""What a number is called in the list of sources."""

from __future__ import annotations

from pathlib import Path

from maternal_eval.core.languages import LANGUAGES
from maternal_eval.core.words import Word, Words
from maternal_eval.report.papers import read_papers
from maternal_eval.results.findings import Findings
from maternal_eval.results.naming import WORDS, number_name, words_of

NAMES = {"trust": {"en": "Trust", "zh": "信任度"}, "social": {"en": "Company", "zh": "陪伴"}}


def test_parts_in_the_words_of_analysis_study_and_vocabulary() -> None:
    assert number_name("mine.backtest.trust.last_value.pooled.crps_skill", NAMES) == {
        "en": "Backtest: Trust, last value, all origins, skill in CRPS",
        "zh": "回测：信任度，上期值，全部起点，CRPS 技巧评分",
    }
    # What the study calls its own things comes before words that hold everywhere.
    assert number_name("mine.importance.social.needed", NAMES)["zh"] == "重要性：陪伴，名副其实所需权重"
    # The same part means other things in other analyses; what nobody named stays as it is.
    assert number_name("mine.review.fall", {})["en"] == "Quarterly review: fall"
    assert number_name("mine.backtest.case.fall", {})["en"] == "Backtest: the hidden cold chain, fall of transparency"
    assert number_name("mine.new_analysis.odd_part", {})["zh"] == "new analysis：odd part"
    clinics = words_of(Words(stage=Word(en="ward", zh="病区")))
    assert number_name("demo.review.usual.stage.delay", clinics)["en"] == (
        "Quarterly review: usual limit, by ward, quarters until noticed"
    )
    assert number_name("demo.top", {}) == {"en": "top", "zh": "top"}


def test_every_word_has_both_languages() -> None:
    assert {len(pair) for table in WORDS.values() for pair in table.values()} == {len(LANGUAGES)}
    assert all(all(pair) for table in WORDS.values() for pair in table.values())


def test_numbers_of_the_papers_are_called_in_words(root: Path) -> None:
    findings = Findings.read(root / "reports" / "findings.json")
    assert set(findings.names) >= {"maternal", "prams"}, "run 'make freeze'"
    keys = {key for both in read_papers(root / "reports").values() for key in both["en"].keys}
    for key in keys:
        study, step, *parts = key.split(".")
        for part in parts:
            known = part.isdigit() or any(part in WORDS.get(table, {}) for table in (step, "any"))
            assert known or part in findings.names.get(study, {}), f"{key}: no words for {part}"


def test_names_are_stored_with_the_findings(tmp_path: Path) -> None:
    findings = Findings()
    findings.names = {"mine": NAMES}
    findings.write(tmp_path / "findings.json")
    assert Findings.read(tmp_path / "findings.json").names == {"mine": NAMES}
