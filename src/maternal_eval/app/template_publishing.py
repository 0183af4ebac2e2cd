"""Papers of a study that has no texts of its own: fits, and both papers by template."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.collect import collect_figures, collect_findings, remarks_table, stem
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.core.progress import Progress
from maternal_eval.report.papers import build_papers
from maternal_eval.report.template_paper import Section, write_texts
from maternal_eval.results.findings import Findings
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.tables import NAME

MAIN = {
    "answers": {"en": "{answers}", "zh": "{answer}数"},
    "indicators": {"en": "indicators", "zh": "指标数"},
    "dimensions": {"en": "dimensions", "zh": "维度数"},
    "platforms": {"en": "{platforms}", "zh": "{platform}数"},
}
"""Numbers of the check that open the paper, and what they are called in the words of the study."""


def publish_by_template(
    analysis: Analysis, out: Path, progress: Progress | None = None
) -> tuple[list[Path], list[str]]:
    """Compute what the study allows, write the texts and build both papers; return these and what should be said.

    Parameters
    ----------
    analysis
        The study, open for computing.
    out
        Folder for texts, figures and papers.

    Raises
    ------
    InputError
        If a text breaks a rule of papers, or a figure cannot be drawn.
    DiagnosticsError
        If a fit does not pass its gates: then there is no paper.
    """
    for step in analysis.possible:
        analysis.result(step)
    findings = collect_findings([analysis])
    remarks = dataclasses.replace(
        remarks_table([analysis]),
        caption={
            "en": "What was left out, guessed, pooled, merged or turned round, by analysis"
            + simulated_mark(analysis.definition.study.simulated, "en")
            + ".",
            "zh": "各分析中未计入、推定、合并或反向处理的内容"
            + simulated_mark(analysis.definition.study.simulated, "zh")
            + "。",
        },
    )
    findings.tables[remarks.name] = remarks
    texts, reports = out / f"texts-{analysis.name}", out / f"reports-{analysis.name}"
    sections = [_section(analysis, step, findings) for step in analysis.possible]
    write_texts(
        texts,
        {language: analysis.definition.title(language) for language in LANGUAGES},
        sections,
        simulated=analysis.definition.study.simulated,
        words=analysis.definition.called,
        remarks_table=remarks.name,
        day=_today(),
    )
    reports.mkdir(parents=True, exist_ok=True)
    findings.write(reports / "findings.json")
    wanted = {name for section in sections for name in section.figures}
    collect_figures([analysis], reports / "figures", wanted, progress)
    papers = build_papers(texts, findings, reports / "figures", reports, progress=progress)
    return papers, [
        f"the texts were written by template into {texts}: copy them, go on writing, and name their folder in [paper]"
    ]


def _section(analysis: Analysis, step: str, findings: Findings) -> Section:
    result, words = analysis.result(step), analysis.definition.called
    figures = {}
    for name, figure in result.figure_table().items():
        if not name:
            figures[stem(analysis, step, name)] = {
                str(language): figure.alternative_text(result, language) for language in LANGUAGES
            }
    tables = [f"{analysis.name}-{name}" for name in result.reported().tables]
    numbers = {}
    if step == "check":
        for name, called in MAIN.items():
            key = f"{analysis.name}.check.{name}"
            if key in findings:
                numbers[key] = {str(language): words.fill(called[language], language) for language in LANGUAGES}
    return Section(step, figures, _known(tables, findings), numbers)


def _known(tables: Sequence[str], findings: Findings) -> list[str]:
    return [name for name in tables if name in findings.tables and NAME.fullmatch(name)]


def _today() -> str:
    """Return the date of the paper: that of ``SOURCE_DATE_EPOCH`` where it is set, so that a rebuild is the same."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch and epoch.isdigit() else datetime.now(UTC)
    return now.date().isoformat()
