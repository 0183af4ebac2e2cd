"""Papers of a study that has no texts of its own: fits, and both papers by template."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from maternal_eval.app.analysis import Analysis
from maternal_eval.app.collect import collect_figures, collect_findings, remarks_table, stem
from maternal_eval.app.left_out import NotAsked, not_asked
from maternal_eval.app.publishing import edited_papers, kept_remarks
from maternal_eval.app.settings_shown import settings_shown
from maternal_eval.app.side_by_side import compute_what_is_possible
from maternal_eval.app.steps import STEPS
from maternal_eval.core.errors import InputError
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.core.progress import Progress
from maternal_eval.report.displayable import INSTEAD, displayable, make_displayable, undisplayable
from maternal_eval.report.papers import build_papers
from maternal_eval.report.template_paper import CHAPTERS, Section, heading_of, write_texts
from maternal_eval.results.findings import Findings
from maternal_eval.results.marks import simulated_mark
from maternal_eval.results.tables import NAME, FindingsTable, TableColumn

MAIN = {
    "check": {
        "answers": ("{Answers}", "{answer}数"),
        "indicators": ("indicators", "指标数"),
        "dimensions": ("dimensions", "维度数"),
        "platforms": ("{platforms}", "{platform}数"),
    },
    "weights": {"experts": ("Experts", "专家数")},
    "drivers": {
        "explained.all": ("Explained by the indicators", "指标所解释的份额"),
        "first.1.name": ("first indicator", "居首的指标"),
        "first.1.share": ("its share", "其份额"),
    },
    "stage_weights": {
        "weights": ("Weights compared between {stages}", "跨{stage}比较的权重数"),
        "credible": ("of these with a credible difference", "其中差异可信者"),
    },
    "instrument": {"items": ("Items", "题项数"), "redundant": ("pairs that say the same", "彼此重复的题项对数")},
    "shapes": {
        "items": ("Indicators", "指标数"),
        "claimed": ("of these with a class", "其中标明类别者"),
        "as_said": ("as their class says", "与类别相符者"),
    },
    "schedule": {"proposed": ("Weights proposed to be moved", "建议调整的权重数")},
    "sensitivity": {"runs": ("Runs of the whole evaluation", "评价整体重算次数")},
    "satisfaction": {
        "answers": ("{Answers} fitted", "建模所用{answer}数"),
        "effective": ("effective number of {answers}", "有效{answer}数"),
    },
    "whatif": {"scenarios": ("Scenarios", "情景数")},
    "review": {
        "limit": ("Limit", "界限"),
        "lowest.name": ("lowest indicator", "最低的指标"),
        "lowest.mean": ("its mean", "其均值"),
    },
}
"""Analysis → its numbers that open a section, and what they are called (English, Chinese) in the words of the study.

A number that is zero where there is no such thing at all, e.g. of experts, is not shown: see ``NOTHING``.
"""

FURTHER = {"satisfaction": ("answers",)}
"""Analysis → figures that its section shows beside the main one."""

NOTHING = ("indicators", "dimensions", "platforms", "experts")


def publish_by_template(
    analysis: Analysis, out: Path, progress: Progress | None = None, panel: Path | None = None
) -> tuple[list[Path], list[str]]:
    """Compute what the study allows, write the texts and build both papers; return these and what should be said.

    An analysis that refuses, and a figure that cannot be drawn, is left out: the papers and what is returned say which
    and why.

    Parameters
    ----------
    analysis
        The study, open for computing.
    out
        Folder for texts, figures and papers.
    panel
        The panel file that the study was opened with, if not its own.

    Raises
    ------
    InputError
        If the study itself is wrong, or a text breaks a rule of papers.
    """
    compute_what_is_possible(analysis, {} if panel is None else {analysis.name: panel}, progress)
    missing = [one for one in not_asked(analysis) if one.step in CHAPTERS]
    findings = collect_findings([analysis], commands=True)
    remarks = remarks_table([analysis])
    remarks = replace(
        remarks,
        # There is one study: its name in each row says nothing.
        columns=remarks.columns[1:],
        rows=tuple(row[1:] for row in remarks.rows),
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
    if missing:
        left_out = _left_out_table(analysis, missing)
        findings.tables[left_out.name] = left_out
    texts, reports = out / f"texts-{analysis.name}", out / f"reports-{analysis.name}"
    sections = [_section(analysis, step, findings) for step in analysis.possible]
    reports.mkdir(parents=True, exist_ok=True)
    undrawn = _draw(analysis, sections, reports / "figures", progress)
    sections = [replace(one, figures={k: v for k, v in one.figures.items() if k not in undrawn}) for one in sections]
    titles = {language: analysis.definition.title(language) for language in LANGUAGES}
    replaced = "".join(dict.fromkeys(make_displayable(findings) + undisplayable("".join(titles.values()))))
    kept_texts = write_texts(
        texts,
        {language: displayable(title) for language, title in titles.items()},
        sections,
        simulated=analysis.definition.study.simulated,
        words=analysis.definition.called,
        remarks_table=remarks.name,
        day=_today(),
        left_out_table=left_out.name if missing else None,
    )
    findings.write(reports / "findings.json")
    kept_before = edited_papers(reports)
    settings = settings_shown([analysis])
    papers = build_papers(texts, findings, reports / "figures", reports, settings=settings, progress=progress)
    said = [
        f"left out: {STEPS[one.step].verb}: {one.why['en'].removeprefix('Left out: ')}"
        for one in missing
        if one.refused
    ]
    lacking = [f"{STEPS[one.step].verb} ({_end(one.why['en'])})" for one in missing if not one.refused]
    if lacking:
        said.append(f"not asked of this study: {'; '.join(lacking)}")
    if replaced:
        said.append(f"no font of the papers has {' '.join(replaced)}: {INSTEAD} stands instead")
    said += [f"left out: figure {name}: {error}" for name, error in undrawn.items()]
    return papers, [
        *said,
        *(f"{path} was edited and stays as it is; without it, it is written anew by template" for path in kept_texts),
        *kept_remarks(analysis.folder, edited_papers(reports) - kept_before, out),
        f"the texts were written by template into {texts}: go on writing there, or copy them and name their folder in "
        "[paper]",
    ]


def _end(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _left_out_table(analysis: Analysis, missing: Sequence[NotAsked]) -> FindingsTable:
    mark = {language: simulated_mark(analysis.definition.study.simulated, language) for language in LANGUAGES}
    words = analysis.definition.called
    return FindingsTable(
        name=f"{analysis.name}-left-out",
        caption={
            "en": f"Questions without a section, and why{mark['en']}.",
            "zh": f"没有对应章节的问题及其原因{mark['zh']}。",
        },
        columns=(
            TableColumn("Question", "问题", width=30),
            TableColumn("Command", "命令", width=15),
            TableColumn("Why it is not answered", "未回答的原因", width=55),
        ),
        rows=tuple((dict(heading_of(one.step, words)), STEPS[one.step].verb, dict(one.why)) for one in missing),
        evidence="design",
        step="paper",
        source="study.toml",
    )


def _draw(
    analysis: Analysis, sections: Sequence[Section], folder: Path, progress: Progress | None
) -> dict[str, InputError]:
    """Draw the figures of all sections; return those that cannot be drawn, e.g. for a sign that no font has."""
    wanted = [name for section in sections for name in section.figures]
    try:
        collect_figures([analysis], folder, wanted, progress)
    except InputError:
        undrawn: dict[str, InputError] = {}
        for name in wanted:
            try:
                collect_figures([analysis], folder, [name], progress)
            except InputError as error:
                undrawn[name] = error
        return undrawn
    return {}


def _section(analysis: Analysis, step: str, findings: Findings) -> Section:
    result, words = analysis.result(step), analysis.definition.called
    figures = {}
    for name, figure in result.figure_table().items():
        if not name or name in FURTHER.get(step, ()):
            figures[stem(analysis, step, name)] = {
                str(language): figure.alternative_text(result, language) for language in LANGUAGES
            }
    tables = [f"{analysis.name}-{name}" for name in result.reported().tables]
    numbers = {}
    for name, called in MAIN.get(step, {}).items():
        key = f"{analysis.name}.{step}.{name}"
        if key in findings and not (name in NOTHING and findings[key].value == 0):
            numbers[key] = dict(words.remark(*called))
    return Section(step, figures, _known(tables, findings), numbers)


def _known(tables: Sequence[str], findings: Findings) -> list[str]:
    return [name for name in tables if name in findings.tables and NAME.fullmatch(name)]


def _today() -> str:
    """Return the date of the paper: that of ``SOURCE_DATE_EPOCH`` where it is set, so that a rebuild is the same."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.fromtimestamp(int(epoch), UTC) if epoch and epoch.isdigit() else datetime.now(UTC)
    return now.date().isoformat()
