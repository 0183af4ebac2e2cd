"""What real data say about published claims: where each answer comes from, and what is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from maternal_eval.analyses.claims.ledger import Ledger
from maternal_eval.app.real_evidence import (
    CLASSES,
    COLUMNS,
    NOT_HERE,
    as_frame,
    evidence_of,
    evidence_table,
    read_real_evidence,
)
from maternal_eval.core.errors import InputError
from maternal_eval.results.findings import Finding, Findings
from maternal_eval.study import read_definition

GOOD = {
    "claim": "s000-4.2-backtest-accuracy",
    "study": "prams",
    "findings": "prams.backtest.depression.last_value.one_minus_mape",
    "class": "mothers",
    "question_en": "How near does last year come?",
    "question_zh": "上一年有多接近？",
    "missing_en": "The answers.",
    "missing_zh": "答卷。",
}
TITLES = {"prams": {"en": "Mothers", "zh": "母亲"}}


@pytest.fixture(scope="module")
def ledger(root: Path) -> Ledger:
    return Ledger.read(root / "data" / "maternal" / "claims.csv")


@pytest.fixture
def read(tmp_path: Path, ledger: Ledger):
    def write_and_read(**changes: str):
        path = tmp_path / "evidence.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerow(GOOD | changes)
        return read_real_evidence(path, ledger, ["prams", "gss"])

    return write_and_read


def findings(*keys: str) -> Findings:
    found = Findings()
    for key in keys:
        found.add(
            Finding(
                key=key,
                value=0.8612,
                low=0.8337,
                high=0.8888,
                probability=0.9,
                kind="clustered",
                unit="share",
                decimals=1,
                evidence="replication",
                step="backtest",
                source="02_real_data",
            )
        )
    return found


def test_the_answer_is_the_finding_with_its_interval(read):
    table = evidence_table(read(), findings(GOOD["findings"]), TITLES, "small-real-evidence")
    english, chinese = (as_frame(table, language).iloc[0].tolist() for language in ("en", "zh"))
    assert english == [
        "Hold-out accuracy of the model on 2024 data: 89%",
        "How near does last year come? Mothers.",
        "86.1% (90% cluster-robust interval [83.4%, 88.9%])",
        "replication on real mothers",
        "The answers.",
    ]
    assert chinese[1] == "上一年有多接近？母亲。"
    assert chinese[2] == "86.1%（90% 聚类稳健区间 [83.4%, 88.9%]）"
    assert "{{" not in table.markdown("zh")


def test_several_answers_stand_beside_each_other(read):
    other = "prams.backtest.breastfeeding.last_value.one_minus_mape"
    rows = read(findings=f"{GOOD['findings']} {other}")
    answer = as_frame(evidence_table(rows, findings(GOOD["findings"], other), TITLES, "t"), "en").iloc[0, 2]
    assert answer.count("[83.4%, 88.9%]") == 2


def test_an_analysis_that_was_not_computed_is_said_to_be_none(read):
    table = evidence_table(read(), findings("prams.importance.units.care.effective"), TITLES, "t")
    assert table.rows[0][2] == NOT_HERE


def test_a_finding_that_does_not_exist_is_refused_with_its_row(read):
    rows = read(findings="prams.backtest.depression.last_value.one_minus_mpae")
    with pytest.raises(InputError) as caught:
        evidence_table(rows, findings(GOOD["findings"]), TITLES, "t")
    assert str(caught.value).endswith(
        "evidence.csv, row 2, column findings: there is no such finding: found "
        "prams.backtest.depression.last_value.one_minus_mpae, expected a known one, such as " + GOOD["findings"]
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"class": "parents"},
            "column class: the class of evidence is unknown: found parents, expected one of mothers",
        ),
        ({"claim": "s000-4.2-backtest"}, "column claim: the ledger has no such claim: found s000-4.2-backtest"),
        ({"findings": ""}, "column findings: a real question has no answer: found nothing"),
        ({"class": "none"}, "column findings: nothing answers a question of class none"),
        ({"study": "gss"}, "column findings: the finding is not one of the study"),
        ({"study": "moon"}, "column study: the study is not beside this one: found moon, expected one of prams, gss"),
        (
            {"findings": "prams.bactest.x"},
            "there is no such analysis: found bactest, expected a known one, such as",
        ),
        ({"findings": "prams.backtest"}, "column findings: the finding is not one of the study"),
        ({"missing_zh": ""}, "column missing_zh: a text is missing"),
    ],
)
def test_slips_are_one_sentence(read, changes, sentence):
    with pytest.raises(InputError) as caught:
        read(**changes)
    assert sentence in str(caught.value)
    assert "row 2" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_built_in_study_asks_for_its_claims_what_is_there(root):
    """Every class stands for something, real mothers answer most, and no number is written into a text."""
    folder = root / "data" / "maternal"
    rows = evidence_of(folder, read_definition(folder))
    assert {one.evidence for one in rows} == set(CLASSES)
    answered = [one for one in rows if one.evidence != "none"]
    assert sum(one.evidence == "mothers" for one in answered) > len(answered) / 2
    assert all((one.claim.note_en, one.claim.note_zh, one.missing["zh"]) for one in rows)
    claims = {one.claim.id for one in rows}
    assert {"s000-4.2-backtest-accuracy", "s000-4.2-weight-functional", "s000-4.2-elasticity-response"} <= claims
    assert {"s001-4.2-nps-case", "s000-3.2-privacy-weight-2024", "s001-4.4-advisor-satisfaction-tier34"} <= claims


def test_a_study_without_companions_says_nothing(root):
    folder = root / "data" / "gss"
    assert evidence_of(folder, read_definition(folder)) == []


def test_a_slip_is_among_what_check_says(root, tmp_path):
    """The table of a study is held to its rules before anything is computed."""
    import shutil

    from maternal_eval.app.inspection import inspect
    from maternal_eval.study import Study

    shutil.copytree(root / "data" / "maternal", tmp_path / "data" / "maternal")
    for name in ("gss", "sfo", "sfo_long", "kiosk", "prams", "babycare", "clinics"):
        shutil.copytree(root / "data" / name, tmp_path / "data" / name)
    for name in ("reports", "notebooks"):
        (tmp_path / name).mkdir()
    path = tmp_path / "data" / "maternal" / "real_evidence.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",mothers,", ",parents,", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"real_evidence.csv, row 2, column class: the class of evidence is unknown"):
        inspect(Study.read(tmp_path / "data" / "maternal"))
