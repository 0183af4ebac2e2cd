"""What real data say about published claims: the nearest real question of each, its answer, and what is missing.

A study that is published beside others (``[paper] companions``) may name a table ``[paper] evidence``. Each row says
which claim it is about, which finding of which study answers the nearest real question, and what it would take to judge
the claim itself. Numbers are never written there: they come from the findings by their keys.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from maternal_eval.analyses.claims.ledger import Claim, Ledger, read_rows
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.results.findings import Findings
from maternal_eval.results.tables import Cell, FindingsTable, TableColumn
from maternal_eval.study import FILE_NAME, StudyDefinition, read_definition

COLUMNS = ("claim", "study", "findings", "class", "question_en", "question_zh", "missing_en", "missing_zh")

CLASSES: dict[str, tuple[str, str]] = {
    "mothers": ("replication on real mothers", "真实母亲的复现"),
    "customers": ("replication on real customers", "真实顾客的复现"),
    "other": ("replication on other real people", "其他真实人群的复现"),
    "none": ("no real question at hand", "没有可用的真实问题"),
}
"""Class of evidence → its name in English and Chinese. ``none``: nobody's answer comes near."""

NOT_HERE = {"en": "not computed here", "zh": "本次未计算"}
"""What stands for an answer whose study has no result at hand."""

_UNITS = {"percent": "%"}


@dataclass(frozen=True)
class RealEvidence:
    """One row: a published claim and the nearest real question.

    Attributes
    ----------
    claim
        The published figure.
    study, findings
        Study that was asked, and keys of its findings; nothing in class "none".
    evidence
        A row of :data:`CLASSES`.
    question, missing
        The real question, and what is missing to judge the claim itself: ``en`` and ``zh``.
    file, row
        Where it stands.
    """

    claim: Claim
    study: str
    findings: tuple[str, ...]
    evidence: str
    question: dict[str, str]
    missing: dict[str, str]
    file: Path
    row: int


def evidence_of(folder: Path, definition: StudyDefinition) -> list[RealEvidence]:
    """Return what a study says on real evidence; nothing without ``[paper] evidence`` or a ledger.

    Raises
    ------
    InputError
        If a companion is not there; and as :func:`read_real_evidence`.
    """
    paper, claims = definition.paper, definition.files.claims
    if paper is None or paper.evidence is None or claims is None:
        return []
    for companion in paper.companions:
        if not (folder / companion / FILE_NAME).is_file():
            raise InputError(
                "there is no such study", file=folder / FILE_NAME, column="paper.companions", found=companion
            )
    beside = [read_definition(folder / companion).study.name for companion in paper.companions]
    return read_real_evidence(folder / paper.evidence, Ledger.read(folder / claims), [*beside, definition.study.name])


def read_real_evidence(path: Path, ledger: Ledger, studies: Sequence[str]) -> list[RealEvidence]:
    """Read and check a table of real evidence (CSV, UTF-8).

    Parameters
    ----------
    path
        The table.
    ledger
        The published figures.
    studies
        Names of the studies that may be asked.

    Raises
    ------
    InputError
        At the first slip: a claim that is not in the ledger, an unknown class or study, a finding that is not one of
        the study or of an analysis, a finding in class "none" or none in another class, or an empty text.
    """
    found = []
    for row, entry in read_rows(path, COLUMNS):
        keys = tuple(entry["findings"].split())
        parts = [key.split(".") for key in keys]
        astray = [key for key, part in zip(keys, parts, strict=True) if part[0] != entry["study"] or len(part) < 3]
        unknown = [part[1] for part in parts if len(part) > 1 and part[1] not in STEPS]
        wrong: tuple[str, str, str, str] | None = None
        if entry["claim"] not in ledger:
            wrong = "the ledger has no such claim", "claim", entry["claim"], _near(entry["claim"], ledger)
        elif entry["class"] not in CLASSES:
            wrong = "the class of evidence is unknown", "class", entry["class"], "one of " + ", ".join(CLASSES)
        elif entry["class"] == "none" and (keys or entry["study"]):
            wrong = "nothing answers a question of class none", "findings", " ".join(keys) or entry["study"], "nothing"
        elif entry["class"] != "none" and not keys:
            wrong = "a real question has no answer", "findings", "nothing", "a key such as STUDY.ANALYSIS.KEY"
        elif entry["class"] != "none" and entry["study"] not in studies:
            wrong = "the study is not beside this one", "study", entry["study"], "one of " + ", ".join(studies)
        elif astray:
            wrong = "the finding is not one of the study", "findings", astray[0], f"{entry['study']}.ANALYSIS.KEY"
        elif unknown:
            wrong = "there is no such analysis", "findings", unknown[0], _near(unknown[0], STEPS)
        elif empty := [name for name in COLUMNS[4:] if not entry[name]]:
            wrong = "a text is missing", empty[0], "nothing", "a text in both languages"
        if wrong is not None:
            problem, column, seen, expected = wrong
            raise InputError(problem, file=path, row=row, column=column, found=seen, expected=expected)
        question, missing = ({"en": entry[f"{name}_en"], "zh": entry[f"{name}_zh"]} for name in ("question", "missing"))
        claim = ledger[entry["claim"]]
        found.append(RealEvidence(claim, entry["study"], keys, entry["class"], question, missing, path, row))
    return found


def evidence_table(
    rows: Sequence[RealEvidence], findings: Findings, titles: Mapping[str, Mapping[str, str]], name: str
) -> FindingsTable:
    """Return the table for papers and notebooks: claim, nearest real question, answer, class, what is missing.

    Parameters
    ----------
    rows
        What the study says.
    findings
        The findings of all studies at hand. An answer of an analysis without any finding is said to be not computed.
    titles
        Study → its title in both languages.
    name
        Of the table.

    Raises
    ------
    InputError
        If an analysis has findings and none of the key that a row names.
    """
    computed = {_analysis_of(key) for key in findings}
    cells: list[tuple[Cell, ...]] = [
        (
            _claim_text(one.claim),
            _question_text(one, titles),
            _answer(one, findings, computed),
            {"en": CLASSES[one.evidence][0], "zh": CLASSES[one.evidence][1]},
            one.missing,
        )
        for one in rows
    ]
    return FindingsTable(
        name=name,
        caption={
            "en": "What real data say about published claims: the nearest real question, its answer with its interval, "
            "and what is missing to judge the claim itself. No answer here is one on the published figure.",
            "zh": "真实数据对已发表论断的回答：最相近的真实问题、答案及其区间，以及判定该论断本身还缺什么。"
            "此处没有一个答案是对已发表数字本身的回答。",
        },
        columns=(
            TableColumn("Published claim", "已发表的论断", width=18),
            TableColumn("Nearest real question", "最相近的真实问题", width=27),
            TableColumn("Answer", "答案", width=21),
            TableColumn("Evidence", "证据类别", width=11),
            TableColumn("Missing to judge the claim", "判定该论断所缺", width=23),
        ),
        rows=tuple(cells),
        evidence="replication",
        step="paper",
        source="findings.json",
    )


def as_frame(table: FindingsTable, language: str) -> pd.DataFrame:
    """Return the table as text in one language, for a notebook."""
    headings = [getattr(column, language) for column in table.columns]
    cells = [[cell[language] if isinstance(cell, dict) else cell for cell in row] for row in table.rows]
    return pd.DataFrame(cells, columns=headings)


def _claim_text(claim: Claim) -> dict[str, str]:
    number = claim.printed or f"{float(claim.published_range.low):g}–{float(claim.published_range.high):g}"
    number += _UNITS.get(claim.unit, "")
    return {"en": f"{claim.note_en.rstrip('.')}: {number}", "zh": f"{claim.note_zh.rstrip('。')}：{number}"}


def _question_text(one: RealEvidence, titles: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    title = titles.get(one.study)
    if title is None:
        return one.question
    return {"en": f"{one.question['en']} {title['en']}.", "zh": f"{one.question['zh']}{title['zh']}。"}


def _analysis_of(key: str) -> str:
    return ".".join(key.split(".")[:2])


def _answer(one: RealEvidence, findings: Findings, computed: set[str]) -> dict[str, str]:
    if one.evidence == "none":
        return {"en": "–", "zh": "–"}
    parts: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for key in one.findings:
        if _analysis_of(key) not in computed:
            return dict(NOT_HERE)
        if key not in findings:
            raise InputError(
                "there is no such finding",
                file=one.file,
                row=one.row,
                column="findings",
                found=key,
                expected=_near(key, findings),
            )
        finding = findings[key]
        more = ("full",) if finding.low is not None else ()
        for language in LANGUAGES:
            parts[language].append(finding.format(language, *more))
    return {"en": "; ".join(parts["en"]), "zh": "；".join(parts["zh"])}


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f"a known one, such as {close[0]}" if close else "a known one"
