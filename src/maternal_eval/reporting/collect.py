"""From results to findings and figures: every number and picture that a paper may show, under one name."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maternal_eval.analysis import Analysis
from maternal_eval.plotting import LANGUAGES, save_figure
from maternal_eval.processes import end_with_parent, uninterrupted_children
from maternal_eval.reporting.collector import Collector
from maternal_eval.reporting.collectors import COLLECTORS, alt_text
from maternal_eval.reporting.collectors.backtest import collect_side_by_side
from maternal_eval.reporting.findings import Findings
from maternal_eval.reporting.tables import Evidence
from maternal_eval.results import Progress, Result, report

if TYPE_CHECKING:
    from matplotlib.figure import Figure


WORKERS = 2


def collect_findings(analyses: Sequence[Analysis]) -> Findings:
    """Return the findings and tables of all analyses of all studies, in the order of the argument."""
    findings = Findings()
    for analysis in analyses:
        evidence: Evidence = "simulated" if analysis.definition.study.simulated else "replication"
        for step in analysis.possible:
            if step in COLLECTORS:
                COLLECTORS[step](Collector(findings, analysis, step, evidence), analysis.result(step))
    _side_by_side(findings, analyses)
    return findings


def _side_by_side(findings: Findings, analyses: Sequence[Analysis]) -> None:
    """Add the table of the backtests of all studies, so that the simulated one never stands alone."""
    with_backtest = [analysis for analysis in analyses if "backtest" in analysis.possible]
    if len(with_backtest) > 1:
        evidence: Evidence = "simulated" if with_backtest[0].definition.study.simulated else "replication"
        collect_side_by_side(
            Collector(findings, with_backtest[0], "backtest", evidence),
            [(analysis.definition.study, analysis.result("backtest")) for analysis in with_backtest],
        )


def _draw(analysis: Analysis, step: str, language: str) -> Figure:
    """Draw the main figure of an analysis; that of the backtest with the accuracy that was published, if any was."""
    result: Any = analysis.result(step)
    if step != "backtest" or "claims" not in analysis.possible:
        return result.plot(language)
    claims: Any = analysis.result("claims")
    published = claims.key_claims.set_index("number")["right"].get("key:backtest-accuracy")
    return result.plot(language, published=None if published is None else published / 100)


def collect_figures(analyses: Sequence[Analysis], folder: Path, progress: Progress | None = None) -> list[Path]:
    """Draw every figure of every result in both languages, as SVG and PNG, in two processes.

    The main figure is ``<study>-<analysis>.<language>``, a further one ``<study>-<analysis>-<figure>.<language>``.
    Results have to be in the analyses' stores: the processes read them there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [
        (Analysis(analysis.folder, analysis.definition, analysis.store), step, folder)
        for analysis in analyses
        for step in analysis.possible
    ]
    written: list[Path] = []
    if len(tasks) < WORKERS:
        # A process of its own takes longer to start than one result takes to draw.
        return [path for task in tasks for path in _figures_of(*task)]
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), initializer=end_with_parent) as pool:
        with uninterrupted_children():
            drawn = pool.map(_figures_of, *zip(*tasks, strict=True))
        for done, paths in enumerate(drawn, start=1):
            written += paths
            report(progress, "figures", done, len(tasks))
    return written


def _figures_of(analysis: Analysis, step: str, folder: Path) -> list[Path]:
    """Draw the figures of one result."""
    result = analysis.result(step)
    written: list[Path] = []
    for language in LANGUAGES:
        stem = f"{analysis.name}-{step}"
        if type(result).plot is not Result.plot:
            alt = alt_text(step, result, language)
            written += _saved(_draw(analysis, step, language), folder / f"{stem}.{language}", alt)
        for name in result.further_figures():
            alt = alt_text(step, result, language, name)
            written += _saved(result.plot_further(name, language), folder / f"{stem}-{name}.{language}", alt)
    return written


def _saved(figure: Figure, path: Path, alt: str) -> tuple[Path, Path]:
    """Save a figure and let go of it: there are a hundred."""
    import matplotlib.pyplot as plt

    written = save_figure(figure, path, alt)
    plt.close(figure)
    return written
