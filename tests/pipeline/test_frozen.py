"""The frozen results are whole, current, and what the notebooks and papers show."""

import os
import re
from pathlib import Path

import pytest

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.collect import collect_figures, collect_findings
from maternal_eval.app.settings_shown import settings_shown
from maternal_eval.app.steps import STEPS
from maternal_eval.report.explorer import NAME as EXPLORER
from maternal_eval.report.explorer import write_explorer
from maternal_eval.report.papers import build_papers, check_papers, figures_shown, read_papers
from maternal_eval.results import ResultStore
from maternal_eval.results.findings import Findings
from maternal_eval.study import read_definition

ROOT = Path(__file__).parents[2]
STUDIES = ("maternal", *(Path(path).name for path in read_definition(ROOT / "data" / "maternal").paper.companions))
SHARED = ROOT.parent / "shared" / "data"
AIRPORT = SHARED / "sfo" / "sfo_survey_2010_2017.csv.gz"
PANELS = {
    "sfo": AIRPORT,
    "sfo_long": AIRPORT,
    "kiosk": SHARED / "kiosk" / "kiosk_tidy.csv",
    "prams": SHARED / "prams" / "prams_mch_2016_2021.csv.gz",
    "babycare": SHARED / "babycare" / "babycare_reviews_counts.csv",
    "clinics": SHARED / "clinics" / "clinic_reviews_2006_2021.csv",
}


@pytest.fixture(scope="module")
def frozen():
    assert "MATERNAL_EVAL_RESULTS" not in os.environ
    return {name: Analysis.open(ROOT / "data" / name) for name in STUDIES}


@pytest.mark.parametrize("name", STUDIES)
def test_every_frozen_file_is_the_one_that_was_frozen(frozen, name):
    analysis = frozen[name]
    assert "check" in analysis.possible
    for step in analysis.possible:
        assert not analysis.result(step).table().empty


@pytest.mark.parametrize("name", STUDIES)
def test_the_frozen_results_belong_to_this_code_data_and_packages(frozen, name):
    panel = PANELS.get(name)
    if panel is not None and not panel.exists():
        pytest.skip(f"the panel of {name} is not on this machine, so its hash cannot be held against the manifest")
    computing = Analysis.compute(ROOT / "data" / name, ResultStore(ROOT / "data" / "derived"), panel=panel)
    assert sorted(computing.possible) == computing.store.steps(name)
    stale = {
        step: differences
        for step in computing.possible
        if not STEPS[step].long_running
        and (differences := computing.store.manifest(name, step).key.differences(computing.key(STEPS[step])))
    }
    assert stale == {}, "run 'make freeze'"


def test_the_committed_findings_are_those_of_the_frozen_results(frozen, tmp_path):
    collect_findings(list(frozen.values())).write(tmp_path / "findings.json")
    assert (tmp_path / "findings.json").read_text() == (ROOT / "reports" / "findings.json").read_text()


def test_the_texts_of_the_papers_keep_all_rules():
    findings = Findings.read(ROOT / "reports" / "findings.json")
    papers = read_papers(ROOT / "reports")
    assert list(papers) == ["blue-paper", "technical-annex"]
    assert check_papers(papers, findings) == []
    assert all(len(both["en"].keys) > 50 for both in papers.values())
    # One summary and one page of verdicts in the paper for readers; all numbers with their source in the annex.
    assert papers["blue-paper"]["en"].body.count("::: own-page") == 2
    assert "provenance" in papers["technical-annex"]["en"].tables


def test_the_committed_papers_are_built_from_the_committed_texts_and_findings(frozen, tmp_path):
    reports = ROOT / "reports"
    collect_figures(list(frozen.values()), tmp_path / "figures", figures_shown(reports))
    built = build_papers(
        reports, Findings.read(reports / "findings.json"), tmp_path / "figures", tmp_path / "papers",
        settings=settings_shown(list(frozen.values())),
    )  # fmt: skip
    assert sorted(path.suffix for path in built) == sorted(4 * [".docx", ".html", ".pdf"])
    for page in (path for path in built if path.suffix == ".html"):
        # Pictures aside: the last digit of a coordinate may differ between processors.
        texts = [re.sub(r"data:image/[^\"]+", "", path.read_text()) for path in (page, reports / page.name)]
        assert texts[0] == texts[1], "run 'make freeze'"


def test_the_committed_interactive_page_is_built_from_the_frozen_results(frozen, tmp_path):
    page = write_explorer(frozen["maternal"].result("explorer"), tmp_path / EXPLORER)
    assert page.read_text() == (ROOT / "reports" / EXPLORER).read_text(), "run 'make freeze'"
