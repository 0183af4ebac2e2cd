"""The main job on a small study: what is made, what is not made again, and what a failure leaves alone."""

import dataclasses

import nbformat
import pytest

from maternal_eval.app.publishing import publish
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.report import papers
from tests.study.conftest import folder

__all__ = ["folder"]

TEXT = """---
title: {title}
date: 2026-01-01
notice: {title}
---

# {title} {{#sec:one}}

{{{{small.check.answers}}}}
"""


@pytest.fixture
def study(folder):
    """The small study without outcomes, with a paper, a notebook and a place for frozen results."""
    path = folder / "study"
    path.mkdir()
    for name in ("indicators.csv", "panel.csv"):
        (folder / name).rename(path / name)
    text = (folder / "study.toml").read_text()
    text = text[: text.index("[outcomes]")] + '[paper]\ntexts = "../reports"\nnotebooks = "../notebooks"\n'
    (path / "study.toml").write_text(text)
    (folder / "reports").mkdir()
    (folder / "reports" / "references.bib").write_text("")
    for language, title in (("en", "A paper"), ("zh", "一份报告")):
        (folder / "reports" / f"blue-paper.{language}.md").write_text(TEXT.format(title=title))
    code = (
        "from maternal_eval.app.analysis import Analysis\n"
        "analysis = Analysis.open('../study')\n"
        "print(analysis.origin, analysis.result('check').facts['answers'])"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (folder / "notebooks").mkdir()
    nbformat.write(notebook, folder / "notebooks" / "01_check.ipynb")
    return path


@pytest.fixture
def stand_in(monkeypatch):
    """Write papers without pandoc and typst, from when it is called: a test of what is made again needs no pages."""

    def begin() -> None:
        def made(*arguments, **more):
            return b"made by a stand-in\n"

        monkeypatch.setattr(papers, "run_pandoc", made)
        monkeypatch.setattr(papers, "typeset", made)
        monkeypatch.setattr(papers, "remembering", lambda word, *_: word)

    return begin


def only_refused(remarks):
    """Hold that nothing is said but that the small study has too few respondents for one analysis."""
    (line,) = remarks
    assert line.startswith("small: 'instrument' is left out, and no text asks for it: ")


def printed(path):
    return nbformat.read(path, as_version=4).cells[0].outputs[0].text


def test_the_main_job_from_study_to_frozen_papers(study, tmp_path, stand_in):
    base, out = study.parent, tmp_path / "out"
    first = publish(study, out, panels={})
    assert len(first.papers) == 6
    assert any("'instrument' is left out, and no text asks for it" in line for line in first.remarks)
    assert not first.agrees  # there is nothing frozen yet, and that is no agreement
    assert set(first.comparison["worst_quantity"]) == {"only fresh"}
    executed = out / "notebooks" / "01_check.ipynb"
    assert "fresh run" in printed(executed)
    assert "60" in printed(executed)
    assert sorted(path.suffix for path in first.papers) == 2 * [".docx"] + 2 * [".html"] + 2 * [".pdf"]
    stand_in()

    before = executed.stat().st_mtime_ns
    frozen = publish(study, out, panels={}, freeze=True)
    assert executed.stat().st_mtime_ns == before  # nothing had changed
    assert "now the frozen ones" in frozen.remarks[-1]
    assert {"numbers.csv", "numbers.xlsx"} <= {path.name for path in (base / "reports").iterdir()}
    assert "frozen ones" in printed(base / "notebooks" / "01_check.ipynb")
    assert (base / "derived" / "small" / "check" / "manifest.json").is_file()

    again = publish(study, out, panels={})
    assert again.agrees
    assert again.comparison["same inputs"].all()

    panel = study / "panel.csv"
    panel.write_text(panel.read_text() + "60,2020,before,1,2,3,4\n")
    changed = publish(study, out, panels={})
    assert "61" in printed(executed)
    assert not changed.agrees
    assert not changed.comparison["same inputs"].any()

    text = base / "reports" / "blue-paper.en.md"
    text.write_text(text.read_text() + "\nIt holds 61 answers.\n")
    old = (base / "derived" / "small" / "check" / "manifest.json").read_bytes()
    with pytest.raises(InputError, match="digits in the prose"):
        publish(study, out, panels={}, freeze=True)
    assert (base / "derived" / "small" / "check" / "manifest.json").read_bytes() == old


def test_a_frozen_result_with_other_columns_does_not_agree_and_stops_nothing(study, tmp_path, stand_in, monkeypatch):
    stand_in()
    publish(study, tmp_path / "out", panels={}, freeze=True)

    def other_columns(self):
        raise ValueError("table stars: points: column_in_schema")

    monkeypatch.setattr(STEPS["scores"].result_class, "check_tables", other_columns)
    again = publish(study, tmp_path / "out", panels={}).comparison.set_index("analysis")
    assert again.loc["scores", "worst_quantity"] == "frozen with other columns"
    assert not again.loc["scores", "agrees"]
    assert again.loc["check", "agrees"]


def test_an_analysis_that_a_text_asks_for_must_not_refuse(study, tmp_path):
    for path in (study.parent / "reports").glob("*.md"):
        path.write_text(path.read_text() + "\n{{small.instrument.respondents}}\n")
    with pytest.raises(InputError, match="too few"):
        publish(study, tmp_path / "out", panels={})
    assert not list((tmp_path / "out").glob("reports/*.pdf"))


def test_quick_results_cannot_be_frozen_and_a_study_needs_a_paper(study, folder, tmp_path):
    with pytest.raises(InputError, match="--quick --freeze"):
        publish(study, tmp_path, panels={}, quick=True, freeze=True)
    toml = study / "study.toml"
    toml.write_text(toml.read_text().partition("[paper]")[0])
    with pytest.raises(InputError, match="no blue paper"):
        publish(study, tmp_path, panels={})


def test_a_simulation_study_over_many_replicates_is_taken_from_the_frozen_edition(
    study, tmp_path, monkeypatch, stand_in
):
    stand_in()
    publish(study, tmp_path / "out", panels={}, freeze=True)
    monkeypatch.setitem(STEPS, "check", dataclasses.replace(STEPS["check"], long_running=True))
    published = publish(study, tmp_path / "other", panels={})
    assert "check" not in set(published.comparison["analysis"])  # not computed, so there is nothing to compare
    only_refused(published.remarks)
    panel = study / "panel.csv"
    panel.write_text(panel.read_text() + "60,2020,before,1,2,3,4\n")
    assert "data changed since" in publish(study, tmp_path / "other", panels={}).remarks[0]
    again = publish(study, tmp_path / "other", panels={}, long_running=True)
    assert "check" in set(again.comparison["analysis"])
    # What was computed here is current, so the next run keeps it.
    only_refused(publish(study, tmp_path / "other", panels={}).remarks)
    assert "61" in printed(tmp_path / "other" / "notebooks" / "01_check.ipynb")
