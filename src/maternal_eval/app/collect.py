"""From results to findings and figures: every number and picture that a paper may show, under one name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from maternal_eval.analyses.backtest.report import collect_side_by_side
from maternal_eval.app.analysis import Analysis
from maternal_eval.app.real_evidence import evidence_of, evidence_table
from maternal_eval.app.steps import REAL_DATA_NOTEBOOK, STEPS
from maternal_eval.core.hashing import hash_bytes
from maternal_eval.core.languages import LANGUAGES
from maternal_eval.core.made import is_made, mark_made
from maternal_eval.core.processes import end_with_parent, uninterrupted_children
from maternal_eval.core.progress import Progress, report
from maternal_eval.core.remarks import each_once
from maternal_eval.results.findings import Finding, Findings
from maternal_eval.results.naming import STUDY, words_of
from maternal_eval.results.plotting import save_figure
from maternal_eval.results.provenance import hash_shown
from maternal_eval.results.reported import Reported, key_part
from maternal_eval.results.tables import Cell, Evidence, FindingsTable, TableColumn
from maternal_eval.study.definition import Titles

WORKERS = 2


def collect_findings(analyses: Sequence[Analysis], *, commands: bool = False) -> Findings:
    """Return the findings and tables of all analyses of all studies, in the order of the argument.

    With ``commands`` the source of each is the command that prints it, and not the notebook that derives it: there is
    none for a study that is not built in.
    """
    findings = Findings()
    for analysis in analyses:
        findings.names[analysis.name] = _names(analysis)
        for step in analysis.possible:
            result = analysis.result(step)
            result.require_printable()
            command = f"maternal-eval {STEPS[step].verb}" if commands else None
            add_reported(findings, analysis, step, result.reported(_evidence(analysis)), command)
    with_backtest = [analysis for analysis in analyses if "backtest" in analysis.possible]
    if len(with_backtest) > 1:
        # So that the backtest of the simulated study never stands alone.
        first = with_backtest[0]
        into = Reported(_evidence(first))
        collect_side_by_side(into, [(one.definition.study, one.result("backtest")) for one in with_backtest])
        add_reported(findings, first, "backtest", into)
    titles = {one.name: {"en": one.definition.title("en"), "zh": one.definition.title("zh")} for one in analyses}
    for analysis in analyses:
        if rows := evidence_of(analysis.folder, analysis.definition):
            findings.add_table(evidence_table(rows, findings, titles, f"{analysis.name}-real-evidence"))
    if analyses:
        findings.add_table(remarks_table(analyses))
    return findings


def _names(analysis: Analysis) -> dict[str, dict[str, str]]:
    """Return what the study and its results call the parts of keys; the empty part is the title of the study."""
    names = words_of(analysis.definition.called)
    names |= {STUDY: {str(language): analysis.definition.title(language) for language in LANGUAGES}}
    for step in analysis.possible:
        for code, label in getattr(analysis.result(step), "labels", {}).items():
            names.setdefault(key_part(str(code)), dict(label))
    return names


def remarks_table(analyses: Sequence[Analysis]) -> FindingsTable:
    """Return what was left out, guessed, pooled, merged, turned round or has not converged, of every result.

    It is what ``{{table:STUDY-remarks}}`` inserts, STUDY being the first one.
    """
    rows: list[tuple[Cell, ...]] = [
        (analysis.name, STEPS[step].verb, dict(one))
        for analysis in analyses
        for step in analysis.possible
        for one in each_once(getattr(analysis.result(step), "remarks", []))
    ]
    return FindingsTable(
        name=f"{analyses[0].name}-remarks",
        caption={
            "en": "What was left out, guessed, pooled, merged or turned round, by study and analysis; the built-in "
            "panel is simulated, the others are real data.",
            "zh": "各研究、各分析中未计入、推定、合并或反向处理的内容；内置面板为模拟数据，其余为真实数据。",
        },
        columns=(
            TableColumn("Study", "研究", width=11),
            TableColumn("Analysis", "分析", width=16),
            TableColumn("What has to be known", "须知", width=73),
        ),
        rows=tuple(rows),
        evidence="design",
        step="paper",
        source="findings.json",
    )


def _evidence(analysis: Analysis) -> Evidence:
    return "simulated" if analysis.definition.study.simulated else "replication"


def add_reported(
    findings: Findings, analysis: Analysis, step: str, reported: Reported, source: str | None = None
) -> None:
    """Add what a result reports under ``<study>.<analysis>.<key>``, with what made it and where it is derived."""
    key = analysis.store.manifest(analysis.name, step).key
    add_as_findings(findings, analysis.definition.study, step, reported, hash_bytes(repr(asdict(key)).encode()), source)


def add_as_findings(
    findings: Findings, study: Titles, step: str, reported: Reported, input_hash: str, source: str | None = None
) -> None:
    """Add what a result of a study reports, whatever made it; ``input_hash`` stands for what it depends on.

    ``source`` says where it is derived; the notebook of the analysis without it.
    """
    origin: Mapping[str, Any] = {
        "step": STEPS[step].verb,
        "source": source or (STEPS[step].notebook if study.simulated else REAL_DATA_NOTEBOOK),
        "input_hash": input_hash,
    }
    for quantity in reported.quantities.values():
        findings.add(Finding(**vars(quantity) | {"key": f"{study.name}.{step}.{quantity.key}"}, **origin))
    for table in reported.tables.values():
        findings.add_table(
            FindingsTable.from_frame(
                table.frame,
                name=f"{study.name}-{table.name}",
                caption=table.caption,
                columns=table.columns,
                evidence=table.evidence,
                **origin,
            )
        )


def collect_figures(
    analyses: Sequence[Analysis], folder: Path, wanted: Collection[str], progress: Progress | None = None
) -> list[Path]:
    """Draw the figures that somebody shows, in both languages, as SVG and PNG, in two processes.

    The main figure is ``<study>-<analysis>.<language>``, a further one ``<study>-<analysis>-<figure>.<language>``;
    ``wanted`` holds such names without the language. Results have to be in the analyses' stores: the processes read
    them there. A figure is drawn only if its result, the code that draws it or its files have changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [
        (Analysis(analysis.folder, analysis.definition, analysis.store), step, name, folder)
        for analysis in analyses
        for step in analysis.possible
        for name in analysis.result(step).figure_table()
        if stem(analysis, step, name) in wanted
    ]
    waiting = [task for task in tasks if not _drawn(*task)]
    if len(waiting) < WORKERS:
        # A process of its own takes longer to start than one figure takes to draw.
        for task in waiting:
            _figure(*task)
        return [path for task in tasks for path in _figure_files(*task)]
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=end_with_parent) as pool:
        with uninterrupted_children():
            drawn = pool.map(_figure, *zip(*waiting, strict=True))
        for done, _ in enumerate(drawn, start=1):
            report(progress, "figures", done, len(waiting))
    return [path for task in tasks for path in _figure_files(*task)]


def _figure_files(analysis: Analysis, step: str, name: str, folder: Path) -> list[Path]:
    base = stem(analysis, step, name)
    return [folder / f"{base}.{language}.{suffix}" for language in LANGUAGES for suffix in ("svg", "png")]


def _figure_stamp(analysis: Analysis, step: str, name: str, folder: Path) -> tuple[Path, str]:
    """Return where it is noted what a figure was drawn from, and what it would be drawn from now."""
    shown = [step, *_beside(analysis, step, name)]
    stored = [str(analysis.store.manifest(analysis.name, one).files) for one in shown]
    package = STEPS[step].package
    # The definition too: a figure calls things what the study calls them.
    from_now = [*stored, repr(analysis.definition), hash_shown(f"{package}.result", f"{package}.figures")]
    return folder / f".{stem(analysis, step, name)}.stamp", hash_bytes("\n".join(from_now).encode())


def _drawn(analysis: Analysis, step: str, name: str, folder: Path) -> bool:
    stamp, key = _figure_stamp(analysis, step, name, folder)
    return is_made(stamp, key, _figure_files(analysis, step, name, folder))


def stem(analysis: Analysis, step: str, name: str) -> str:
    """Return the file name of a figure without language and ending."""
    return f"{analysis.name}-{step}" + (f"-{name}" if name else "")


def _figure(analysis: Analysis, step: str, name: str, folder: Path) -> None:
    """Draw one figure in both languages and let go of it."""
    import matplotlib.pyplot as plt

    result = analysis.result(step)
    stamp, key = _figure_stamp(analysis, step, name, folder)
    of_name = result.figure_table()[name]
    beside = [analysis.result(one) for one in _beside(analysis, step, name)]
    more = {key: value for other in beside for key, value in of_name.more(other).items()}
    for language in LANGUAGES:
        figure = result.plot(language, name, **more)
        path = folder / f"{stem(analysis, step, name)}.{language}"
        save_figure(figure, path, of_name.alternative_text(result, language))
        plt.close(figure)
    mark_made(stamp, key, _figure_files(analysis, step, name, folder))


def _beside(analysis: Analysis, step: str, name: str) -> list[str]:
    """Return the other analyses whose results a figure shows something of."""
    beside = analysis.result(step).figure_table()[name].beside
    return [beside] if beside in analysis.possible else []
